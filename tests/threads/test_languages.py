"""In which language a note is: never a wrong one, and mostly the right one."""

import json
from pathlib import Path

import pytest

from bot.threads.languages import langs_of, language_of

LINES = (Path(__file__).parent / "notes" / "languages.tsv").read_text("utf-8").splitlines()
NOTES = [tuple(line.split("\t")) for line in LINES]


def test_no_note_is_taken_for_one_in_another_language() -> None:
    wrong = [(language, note) for language, note in NOTES if language_of(note) not in {language, None}]
    assert wrong == []


def test_nearly_every_note_has_its_language() -> None:
    undecided = [(language, note) for language, note in NOTES if language_of(note) is None]
    assert len(NOTES) == 71
    assert len({language for language, _ in NOTES}) == 32
    assert len(undecided) <= 5


def test_the_real_notes_are_all_in_the_channels_language(shared_data: Path) -> None:
    lines = (shared_data / "picks" / "collection.jsonl").read_text("utf-8").splitlines()
    notes = [note for note in (json.loads(line)["note"] for line in lines) if note]
    assert len(notes) == 54
    assert {langs_of(note, ("en",)) for note in notes} == {("en",)}
    sentences = [sentence for note in notes for sentence in note.split(". ")]
    assert {language_of(sentence) for sentence in sentences} <= {"en", None}


@pytest.mark.parametrize(
    ("note", "wanted"),
    [
        ("Die Arbeit zeigt, was die Neuronen wissen, und wie sie es sagen.", ("de",)),
        ("The paper shows what the neurons know, and how they say it.", ("en-GB", "fr")),
        ("SAEs, probes, LLMs.", ("en-GB", "fr")),
        ("", ("en-GB", "fr")),
        ("Les auteurs montrent que les neurones suffisent pour la tâche.", ("en-GB", "fr")),
        ("See https://example.org/der/die/das/und/ist and #und #das #der.", ("en-GB", "fr")),
        ("The α and β of the model are set as in the work on 人工知能.", ("en-GB", "fr")),
    ],
)
def test_the_channels_languages_stay_unless_the_note_is_surely_in_another(note: str, wanted: tuple[str, ...]) -> None:
    assert langs_of(note, ("en-GB", "fr")) == wanted


@pytest.mark.parametrize(
    "note",
    [
        "Interpretability is a hard problem.",
        "A novel probe is proposed.",
        "Is a circuit a circuit?",
        "Pre-training matters, e.g. for pre-trained probes.",
        "A probe (e.g. a linear one) as a tool for everybody.",
        "A 3D map of the 2D features of a 4D model.",
        "AI agents as a community: COM and DES, LAS and SER.",
        "A survey of circuits, i.e. of heads et al. in a model.",
        "A good idea on 思维链推理 by the team.",
    ],
)
def test_a_short_note_in_english_is_taken_for_no_other_language(note: str) -> None:
    assert language_of(note) in {"en", None}
