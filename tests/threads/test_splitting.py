"""A note becomes posts that fit, read well and lose nothing."""

import json
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.platforms.bluesky.thread import BLUESKY
from bot.threads.measure import Measure, grapheme_length, graphemes
from bot.threads.splitting import split

WORDS = st.sampled_from(
    [
        "probe",
        "layers,",
        "works.",
        "e.g.",
        "Fig.",
        "3",
        "70",
        "B",
        "(see",
        "it)",
        "—",
        "然后",
        "。",
        "👩‍👩‍👧‍👦",
        "e\u0301\u0323",
        "https://example.org/a",
        "cs.CL",
        "\n\n",
        "\n",
        "1)",
        "interpretability;",
        "\u00a0",
        "ก" * 50,
        "x" * 70,
    ]
)
TEXTS = st.lists(WORDS, max_size=60).map(" ".join) | st.text(max_size=400)


def posts(text: str, measure: Measure = BLUESKY) -> list[str]:
    return [text[stretch.start : stretch.end] for stretch in split(text, measure)]


def measure(limit: int) -> Measure:
    return Measure(grapheme_length, limit, max_bytes=10 * limit)


def sentence(length: int, *, mark: str = ".") -> str:
    """Return a sentence of so many characters without a clause in it."""
    words = ("Word " + "wordy " * length)[: length - 1]
    return words.rstrip().ljust(length - 1, "y") + mark


def bare(text: str) -> str:
    return "".join(text.split())


def test_a_note_that_fits_is_one_post() -> None:
    assert posts("  It works.\n\nIt scales.  ") == ["It works.\n\nIt scales."]


def test_a_blank_note_gives_no_post() -> None:
    assert posts(" \n\u00a0 ") == []


def test_sentences_are_shared_out_evenly_over_the_fewest_posts() -> None:
    a, b, c = sentence(100), sentence(150), sentence(130)
    assert posts(f"{a} {b} {c}") == [f"{a} {b}", c]


def test_a_paragraph_break_is_the_best_place() -> None:
    a, b, c = sentence(100), sentence(100), sentence(101)
    assert posts(f"{a} {b}\n\n{c}") == [f"{a} {b}", c]
    assert posts(f"{a}\n\n{b} {c}") == [a, f"{b} {c}"]


def test_sentences_that_fit_stay_whole_although_more_posts_are_needed() -> None:
    a, b, c = sentence(200), sentence(200), sentence(190)
    assert posts(f"{a} {b} {c}") == [a, b, c]


def test_a_sentence_too_long_is_broken_at_a_clause() -> None:
    a, b = sentence(170, mark=","), "which " + sentence(160)
    assert posts(f"{a} {b}") == [a, b]


def test_a_clause_too_long_is_broken_at_words_into_even_posts() -> None:
    first, second = posts(sentence(400))
    assert abs(len(first) - len(second)) < 12


def test_the_last_post_is_not_just_a_few_words() -> None:
    long = sentence(180, mark=",") + " and " + sentence(100)
    assert posts(f"{long} It works well.")[-1].endswith(" It works well.")
    assert min(map(len, posts(f"{long} It works well."))) >= 40


def test_a_short_sentence_stands_alone_where_the_other_has_no_clause() -> None:
    long = sentence(295)
    assert posts(f"{long} It works.") == [long, "It works."]


def test_a_list_is_broken_before_its_numbers() -> None:
    head, one, two = sentence(100, mark=" are"), "1) " + sentence(80, mark=" and"), "2) " + sentence(140)
    assert posts(f"{head} {one} {two}") == [f"{head} {one}", two]


@pytest.mark.parametrize(
    "unit",
    [
        "70 B",
        "10 %",
        "3 ms",
        "Fig. 3",
        "Table 2",
        "Section 4.1",
        "One et al.",
        "A. One",
        "$x + y$",
        "e.g. probes",
        "👩‍👩‍👧‍👦",
        "https://example.org/a,b;c-d",
        "interpretability",
        "e\u0301\u0323\u0301",
        "arXiv:2406.16254v1",
        "p < 0.05",
    ],
)
def test_a_unit_is_never_broken_wherever_it_stands(unit: str) -> None:
    for before in range(50):
        text = "ab " * (before // 3) + "c" * (before % 3) + f" {unit} " + "ab " * 12
        assert any(unit in post for post in posts(text, measure(45))), text


def test_a_unit_longer_than_a_post_is_broken_at_its_spaces() -> None:
    assert posts("Smithsonianists et al. (2024)", measure(15)) == ["Smithsonianists", "et al. (2024)"]


def test_a_word_longer_than_a_post_is_broken_between_graphemes_into_even_posts() -> None:
    family = "👩‍👩‍👧‍👦"
    text = family * 301
    assert "".join(posts(text)) == text
    assert [post.count(family) for post in posts(text)] == [len(post) // len(family) for post in posts(text)]
    assert min(map(grapheme_length, posts(text))) > 80


def test_a_grapheme_longer_than_a_post_is_broken_between_code_points() -> None:
    text = "a" + "\u0301" * 4000
    assert "".join(posts(text)) == text
    assert all(BLUESKY.fits(post) for post in posts(text))


def test_chinese_without_spaces_is_broken_at_its_own_sentence_ends() -> None:
    text = ("这项工作研究了语言模型中的注意力头" + "。") * 20
    assert all(post.endswith("。") for post in posts(text))


@pytest.mark.parametrize(
    ("text", "length"),
    [("", 0), ("plain words", 11), ("a\r\nb", 3), ("\n\r", 2), ("\x00\x1f", 2), ("e\u0301", 1), ("👩‍👩‍👧‍👦!", 2)],
)
def test_readers_count_graphemes(text: str, length: int) -> None:
    assert grapheme_length(text) == length == len(graphemes(text))


@given(TEXTS, st.integers(5, 300))
@example("ก" * 2000, 300)
@example("x" * 2000 + " y", 280)
@settings(deadline=None)
def test_every_post_fits_and_is_not_empty(text: str, limit: int) -> None:
    for post in posts(text, measure(limit)):
        assert post.strip()
        assert grapheme_length(post) <= limit
        assert len(post.encode()) <= 10 * limit


@given(TEXTS, st.integers(5, 300))
@settings(deadline=None)
def test_nothing_but_white_space_is_lost(text: str, limit: int) -> None:
    assert bare("".join(posts(text, measure(limit)))) == bare(text)


@pytest.mark.parametrize("limit", [280, 300])
def test_real_notes_are_broken_at_sentence_ends_and_leave_no_crumbs(shared_data: Path, limit: int) -> None:
    lines = (shared_data / "picks" / "collection.jsonl").read_text("utf-8").splitlines()
    notes = [note for note in (json.loads(line)["note"] for line in lines) if note]
    threads = [posts(note, measure(limit)) for note in notes]
    inner = [post for thread in threads for post in thread[:-1]]
    assert len(notes) == 54
    assert sum(post.endswith((".", "?", "!")) for post in inner) / len(inner) > 0.9
    assert [post for post in inner if not post.endswith((".", "?", "!", ",", ";", ":"))] == []
    assert min(len(thread[-1]) for thread in threads) >= 40
