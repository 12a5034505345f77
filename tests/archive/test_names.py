"""The parts of names, as bibliographies want them."""

import pytest

from bot.archive.names import Name, split_name


@pytest.mark.parametrize(
    ("name", "given", "particle", "family", "suffix"),
    [
        ("Ana Müller", "Ana", "", "Müller", ""),
        ("Ludwig van Beethoven", "Ludwig", "van", "Beethoven", ""),
        ("Juan de la Cruz Garcia", "Juan", "de la", "Cruz Garcia", ""),
        ("Laurens van der Maaten", "Laurens", "van der", "Maaten", ""),
        ("Jean-Baptiste d'Alembert", "Jean-Baptiste", "", "d'Alembert", ""),
        ("John W. Smith Jr.", "John W.", "", "Smith", "Jr."),
        ("John Smith, Jr.", "John", "", "Smith", "Jr."),
        ("Henry Louis Gates III", "Henry Louis", "", "Gates", "III"),
        ("Smith, John", "John", "", "Smith", ""),
        ("van Gogh, Vincent", "Vincent", "van", "Gogh", ""),
        ("Ngô Bảo Châu", "Ngô Bảo", "", "Châu", ""),
        ("Qingyao Ai", "Qingyao", "", "Ai", ""),
        ("bell hooks", "bell", "", "hooks", ""),
        ("Иван Петров", "Иван", "", "Петров", ""),
        ("  Ana   Müller ", "Ana", "", "Müller", ""),
    ],
)
def test_a_persons_name_has_parts(name: str, given: str, particle: str, family: str, suffix: str) -> None:
    found = split_name(name)
    assert (found.given, found.particle, found.family, found.suffix) == (given, particle, family, suffix)
    assert found.is_person


@pytest.mark.parametrize(
    "name",
    [
        "Gemma Team",
        "The ATLAS Collaboration",
        "DeepSeek-AI",
        "Mistral AI",
        "OpenAI",
        "李伟",
        "Plato",
        "Wei Li (李伟)",
        "BigScience Workshop",
        "Smith and Jones",
        "University of Somewhere",
        "3M",
        "{x}",
        "",
    ],
)
def test_a_team_and_a_single_name_stay_whole(name: str) -> None:
    assert split_name(name) == Name(name)
    assert split_name(name).sorted == name


def test_the_family_name_stands_first_in_a_catalogue() -> None:
    assert split_name("Ludwig van Beethoven").sorted == "van Beethoven, Ludwig"
    assert split_name("John Smith Jr.").sorted == "Smith, Jr., John"
