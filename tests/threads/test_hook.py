"""The form that begins with the hook, on a platform that is none of ours: 500 characters, and 23 for any address."""

import re
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.channel_sections import ThreadStyle
from bot.domain.posts import FacetKind
from bot.threads.addresses import find_links
from bot.threads.arranging import GAP
from bot.threads.draft import Draft
from bot.threads.hook import Hook, Manner, PaperPlace, compose_hook, single_post
from bot.threads.links import Link
from bot.threads.measure import Measure, grapheme_length
from bot.threads.rich import Mark, Words, joined, marks_within
from composing import sample_draft

LIMIT = 500
STYLE = ThreadStyle(hashtags=("interpretability", "NLP"))
PAPER = "https://arxiv.org/abs/2406.16254"
CODE = "https://example.org/" + "code/" * 40
ARCHIVE = "https://picks.example.org/"
SENTENCE = "It finds neurons that know what the model does not know, and it names every one of them."


def _length(text: str) -> int:
    return grapheme_length(text) - sum(grapheme_length(link.url) - 23 for link in find_links(text))


def _closing(links: Any, tags: Any) -> Words:
    lines = "\n".join(f"{link.label}: {link.url}" for link in links)
    return joined((Words(lines), Words(" ".join(f"#{tag}" for tag in tags))), gap=GAP)


def _defused(text: str) -> str:
    return text.replace("@", "@\u200a")


MANNER = Manner(measure=Measure(_length, LIMIT), closing=_closing, strangers=_defused, curators=_defused)
TAGS_FIRST = replace(MANNER, tags_first=True)


draft = partial(sample_draft, note=SENTENCE)


def texts(hook: Hook) -> list[str]:
    return [words.text for words in hook.posts]


def compose(pick: Draft, style: ThreadStyle = STYLE, *, manner: Manner = MANNER, archive: str | None = None) -> Hook:
    return compose_hook(pick, style=style, manner=manner, all_picks=archive)


def test_title_authors_note_and_links_are_one_post_where_they_have_room() -> None:
    opening = "Neurons That Know\nA. One, B. Two, C. Three et al."
    ending = f"Paper: {PAPER}\nCode: {CODE}\n\n#interpretability #NLP"
    assert texts(compose(draft(code_url=CODE))) == [f"{opening}\n\n{SENTENCE}\n\n{ending}"]


def test_the_first_post_has_as_many_whole_sentences_as_have_room_and_the_links_stand_with_the_last_words() -> None:
    first, last = texts(compose(draft(note=" ".join([SENTENCE] * 8))))
    assert first == f"Neurons That Know\nA. One, B. Two, C. Three et al.\n\n{' '.join([SENTENCE] * 5)}"
    assert last == f"{' '.join([SENTENCE] * 3)}\n\nPaper: {PAPER}\n\n#interpretability #NLP"


def test_posts_after_the_first_are_even() -> None:
    posts = compose(draft(note=" ".join([SENTENCE] * 13))).posts
    assert [words.text.count(SENTENCE) for words in posts] == [5, 4, 4]


def test_links_have_a_post_of_their_own_only_where_they_do_not_fit_below_the_last_words() -> None:
    long = "It finds neurons" + " that know neurons" * 24 + "."
    assert texts(compose(draft(note=long, authors=("A. One",)))) == [
        f"Neurons That Know\nA. One\n\n{long}",
        f"Paper: {PAPER}\n\n#interpretability #NLP",
    ]


def test_names_are_shortened_where_that_brings_the_note_into_the_first_post() -> None:
    names = tuple(f"{letter}. " + "Name" * 33 for letter in "ABC")
    first = texts(compose(draft(note=" ".join([SENTENCE] * 7), authors=names)))[0]
    assert first.startswith(f"Neurons That Know\n{names[0]} et al.\n\n{SENTENCE}")


def test_names_stay_whole_where_nothing_is_won_by_less() -> None:
    names = tuple(f"{letter}. " + "Name" * 8 for letter in "ABC")
    assert ", ".join(names) in texts(compose(draft(authors=names)))[0]


@pytest.mark.parametrize("manner", [MANNER, TAGS_FIRST])
def test_a_first_sentence_without_room_is_named_with_the_most_room_that_there_is(manner: Manner) -> None:
    style = ThreadStyle(hashtags=("NLP",), heading="Today's pick")
    long = "It finds neurons" + " that know neurons" * 25 + "."
    hook = compose(draft(note=f"{long} {SENTENCE}", title="Neurons That Know Neurons"), style, manner=manner)
    assert texts(hook)[0].startswith("Today's pick\n\nNeurons That Know Neurons\nA. One, B. Two, C. Three et al.")
    assert hook.remarks == ("The first post has room for 459 characters of the note; its first sentence has 467.",)
    shorter = long[len("It finds ") :]
    fitting = compose(draft(note=f"{shorter} {SENTENCE}", title="Neurons That Know Neurons"), style, manner=manner)
    assert texts(fitting)[0] == f"Neurons That Know Neurons\nA. One et al.\n\n{shorter}"
    assert fitting.remarks == ()


def test_no_post_has_a_few_words_alone() -> None:
    note = " ".join([*[SENTENCE] * 5, "It works."])
    hook = compose(draft(note=note), replace_tags(()), manner=replace(MANNER, paper=PaperPlace.CARD))
    assert min(len(text) for text in texts(hook)) >= 40
    assert "".join("".join(texts(hook)).split()).endswith("".join(note.split()))


def replace_tags(tags: tuple[str, ...]) -> ThreadStyle:
    return ThreadStyle(hashtags=tags)


def test_hashtags_alone_are_no_post() -> None:
    long = "It finds neurons" + " that know neurons" * 24 + "."
    manner = replace(MANNER, paper=PaperPlace.CARD)
    hook = compose(draft(note=long, authors=("A. One",)), ThreadStyle(hashtags=("a" * 20, "b" * 20)), manner=manner)
    assert texts(hook) == [f"Neurons That Know\nA. One\n\n{long}\n\n#{'a' * 20}"]
    assert hook.left_out == (f"#{'b' * 20}",)


def test_hashtags_are_left_out_and_named_where_the_links_have_room_below_the_last_words_without_them() -> None:
    long = "It finds neurons" + " that know neurons" * 22 + "."
    style = ThreadStyle(hashtags=("a" * 20, "b" * 20))
    whole = compose(draft(note=long, authors=("A. One",)), style)
    assert texts(whole) == [f"Neurons That Know\nA. One\n\n{long}\n\nPaper: {PAPER}\n\n#{'a' * 20}"]
    assert whole.left_out == (f"#{'b' * 20}",)


def test_hashtags_are_left_out_where_they_would_take_the_note_out_of_the_first_post() -> None:
    long = "It finds neurons" + " that know neurons" * 21 + "."
    hook = compose(draft(note=f"{long} {long}", title="Neurons That Know " * 4), manner=TAGS_FIRST)
    assert long in texts(hook)[0]
    assert hook.left_out == ("#interpretability", "#NLP")


def test_hashtags_may_stand_in_the_first_post_and_the_links_below_the_last_words() -> None:
    first, last = texts(compose(draft(note=" ".join([SENTENCE] * 8), code_url=CODE), manner=TAGS_FIRST))
    opening = "Neurons That Know\nA. One, B. Two, C. Three et al."
    assert first == f"{opening}\n\n{' '.join([SENTENCE] * 4)}\n\n#interpretability #NLP"
    assert last == f"{' '.join([SENTENCE] * 4)}\n\nPaper: {PAPER}\nCode: {CODE}"
    [alone] = texts(compose(draft(code_url=CODE), manner=TAGS_FIRST))
    assert alone == texts(compose(draft(code_url=CODE)))[0]


def test_hashtags_in_the_first_post_leave_room_for_title_and_authors() -> None:
    tags = tuple(letter * 64 for letter in "abcdefgh")
    hook = compose(draft(), replace_tags(tags), manner=TAGS_FIRST)
    assert "A. One" in texts(hook)[0]
    assert hook.left_out == tuple(f"#{tag}" for tag in tags[5:])


def test_the_channels_line_stands_above_the_title() -> None:
    hook = compose(draft(), ThreadStyle(heading="Today's pick, @all"))
    assert texts(hook)[0].startswith("Today's pick, @\u200aall\n\nNeurons That Know\nA. One")
    assert hook.left_out == ()


def test_a_line_that_is_left_out_is_named_although_the_title_begins_with_its_words() -> None:
    hook = compose(draft(title="Word " * 96), ThreadStyle(heading="Word Word"))
    assert hook.left_out == ("the channel's line: Word Word",)
    assert hook.title == texts(hook)[0].partition("\n")[0]


def test_the_channels_line_gives_way_to_title_and_authors_and_is_named() -> None:
    hook = compose(draft(title="Word " * 96), ThreadStyle(heading="Today's pick"))
    assert texts(hook)[0].startswith("Word Word")
    assert hook.left_out == ("the channel's line: Today's pick",)


@pytest.mark.parametrize(
    ("place", "wanted"),
    [
        (PaperPlace.WITH_LINKS, f"{SENTENCE}\n\nPaper: {PAPER}\nCode: {CODE}"),
        (PaperPlace.FIRST_POST, f"{PAPER}\n\n{SENTENCE}\n\nCode: {CODE}"),
        (PaperPlace.CARD, f"{SENTENCE}\n\nCode: {CODE}"),
    ],
)
def test_the_papers_address_stands_where_the_platform_needs_it(place: PaperPlace, wanted: str) -> None:
    hook = compose(draft(code_url=CODE), ThreadStyle(), manner=replace(MANNER, paper=place))
    assert texts(hook) == [f"Neurons That Know\nA. One, B. Two, C. Three et al.\n\n{wanted}"]


def test_all_picks_are_linked_last_unless_that_costs_a_post() -> None:
    assert texts(compose(draft(), archive=ARCHIVE))[0].split(GAP)[2] == f"Paper: {PAPER}\nAll picks: {ARCHIVE}"
    full = "It finds neurons" + " that know neurons" * 21 + "."
    without = compose(draft(note=full))
    assert len(without.posts) == 1
    assert compose(draft(note=full), archive=ARCHIVE) == without


def test_all_picks_are_not_linked_where_that_would_shorten_title_or_names() -> None:
    long = "Neurons that know neurons " * 12
    first_links = replace(MANNER, links_first=True)
    for size in range(200, 320, 5):
        pick = draft(title=long[:size].strip(), authors=tuple(f"{letter}. " + "Name" * 8 for letter in "ABC"))
        without, hook = compose(pick, manner=first_links), compose(pick, manner=first_links, archive=ARCHIVE)
        assert texts(hook)[0].split(GAP)[0] == texts(without)[0].split(GAP)[0]


def test_what_is_quoted_is_no_link_and_the_same_words_fit_with_one() -> None:
    quoting = replace(MANNER, quotes=True)
    url = "https://example.social/@one/109"
    pick = draft(thread_url=url, quote=object(), note=" ".join([SENTENCE] * 4))
    hook = compose(pick, manner=quoting)
    assert hook.unquoted is not None
    assert hook.unquoted.text.replace(f"\nAuthors' thread: {url}", "") == texts(hook)[-1]
    assert compose(pick).unquoted is None
    assert f"Authors' thread: {url}" in texts(compose(pick))[-1]


def test_the_post_of_a_quote_alone_has_words() -> None:
    long = "It finds neurons" + " that know neurons" * 24 + "."
    quoting = replace(MANNER, quotes=True, paper=PaperPlace.CARD)
    pick = draft(note=long, authors=("A. One",), thread_url="https://example.social/@one/109", quote=object())
    assert texts(compose(pick, ThreadStyle(), manner=quoting))[1:] == [
        "Authors' thread: https://example.social/@one/109"
    ]


def test_the_single_post_has_as_many_whole_sentences_as_have_room() -> None:
    hook = single_post(draft(note=" ".join([SENTENCE] * 8)), style=STYLE, manner=MANNER)
    opening = "Neurons That Know\nA. One, B. Two, C. Three et al."
    assert texts(hook) == [
        f"{opening}\n\n{' '.join([SENTENCE] * 4)}\n\nPaper: {PAPER}\n\n#interpretability #NLP",
    ]


def test_the_single_post_shortens_names_where_that_brings_a_sentence_into_it() -> None:
    names = tuple(f"{letter}. " + "Name" * 30 for letter in "ABC")
    hook = single_post(draft(authors=names), style=STYLE, manner=MANNER)
    assert texts(hook)[0].startswith(f"Neurons That Know\n{names[0]} et al.\n\n{SENTENCE}")


def test_marks_move_with_their_words_and_may_be_of_any_kind() -> None:
    kinds = [Mark(0, 3, kind, str(kind)) for kind in FacetKind]
    whole = joined([Words("abc"), Words(""), *(Words("def", (mark,)) for mark in kinds)], gap="--")
    assert [(whole.text[mark.start : mark.end], mark.kind) for mark in whole.marks] == [
        ("def", kind) for kind in FacetKind
    ]
    assert marks_within([Mark(2, 9, FacetKind.LINK, "all")], 4, 7) == (Mark(0, 3, FacetKind.LINK, "all"),)


WORDS = st.sampled_from(
    ["probe", "works.", "e.g.", "@one", "https://example.org/a?b=c", "然后。", "\n\n", "ก" * 90, "x" * 600]
)
NOTES = st.lists(WORDS, max_size=20).map(" ".join)
LINKS = st.none() | st.sampled_from(["https://example.org/" + "a" * 500, "https://example.social/@one/1"])
DRAFTS = st.builds(draft, note=NOTES, title=NOTES, authors=st.lists(NOTES, max_size=3).map(tuple), code_url=LINKS)
STYLES = st.builds(ThreadStyle, hashtags=st.just(("NLP",)), heading=st.none() | st.just("Today's pick"))
PLACES = [{}, {"links_first": True}, {"tags_first": True}]
MANNERS = st.builds(
    lambda paper, places: replace(MANNER, paper=paper, **places), st.sampled_from(PaperPlace), st.sampled_from(PLACES)
)


@given(DRAFTS, STYLES, MANNERS, st.none() | st.just(ARCHIVE))
@settings(deadline=None, max_examples=40)
def test_whatever_comes_each_post_fits_and_nothing_of_the_note_is_lost(
    pick: Draft, style: ThreadStyle, manner: Manner, archive: str | None
) -> None:
    hook = compose(pick, style, manner=manner, archive=archive)
    assert all(text.strip() and _length(text) <= LIMIT for text in texts(hook))
    assert "".join(_defused(pick.note).split()) in "".join("".join(_without_links(texts(hook), hook.links)).split())
    assert hook == compose(pick, style, manner=manner, archive=archive)


def _without_links(posts: list[str], links: tuple[Link, ...]) -> list[str]:
    """Return the posts without closing words, which stand between two parts of a note where links come first."""
    closing = [f"{link.label}: {link.url}" for link in links]
    return ["\n".join(line for line in re.split("\n+", post) if line not in (*closing, "#NLP")) for post in posts]
