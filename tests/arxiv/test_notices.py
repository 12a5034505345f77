"""Notices of withdrawal, and what only looks like one: in titles, abstracts and comments.

``data/notices.json`` has them by what they are and where they stand; the version of each is 2.
"""

import gzip
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.arxiv.entries import plain
from bot.arxiv.withdrawals import Notice, Place, find_notice, read

KNOWN: Final = json.loads((Path(__file__).parent / "data" / "notices.json").read_text("utf-8"))
WORDS: Final = sorted(
    {word for kinds in KNOWN.values() for texts in kinds.values() for text in texts for word in text.split()}
)


def cases(kind: str) -> Iterator[tuple[str, Place]]:
    for place, texts in KNOWN[kind].items():
        for text in texts:
            yield text, Place[place.upper()]


def verdict(text: str, place: Place) -> str:
    found = read(text, place, version=2)
    if found is None:
        return "alive"
    return "withdrawn" if found.certain else "in doubt"


@pytest.mark.parametrize("kind", KNOWN)
def test_what_is_known_of_a_text_is_found_again(kind: str) -> None:
    assert [(text, verdict(text, place)) for text, place in cases(kind) if verdict(text, place) != kind] == []


@pytest.mark.parametrize("place", [Place.ABSTRACT, Place.COMMENT])
def test_the_shared_cases_are_told_apart(shared_data: Path, place: Place) -> None:
    texts = json.loads((shared_data.parent / "cases" / "withdrawals.json").read_text("utf-8"))
    assert {verdict(text, place) for text in texts["withdrawn"]} == {"withdrawn"}
    assert {verdict(text, place) for text in texts["alive"]} == {"alive"}


@pytest.mark.parametrize(("version", "wanted"), [(1, "in doubt"), (2, "withdrawn"), (3, "alive"), (None, "in doubt")])
def test_a_version_that_is_named_is_this_one_or_history(version: int | None, wanted: str) -> None:
    found = read("Version 2 has been withdrawn by the authors", Place.COMMENT, version=version)
    assert ("alive" if found is None else "withdrawn" if found.certain else "in doubt") == wanted


def test_a_certain_notice_counts_before_a_doubtful_one_wherever_it_stands() -> None:
    doubtful = "This paper has been withdrawn by the authors. We probe attention heads."
    assert find_notice(title="Probing", abstract=doubtful) == Notice(
        "This paper has been withdrawn by the authors.", certain=False
    )
    found = find_notice(title="Probing", abstract=doubtful, comment="9 pages; withdrawn due to an error")
    assert found == Notice("withdrawn due to an error", certain=True)
    assert find_notice(title="Probing", abstract="We probe.", comment="9 pages") is None


def test_an_abbreviation_ends_no_sentence() -> None:
    said = "We withdraw this paper because Eq. (3), i.e. Thm. 2 of J. Doe, is wrong."
    assert read(said, Place.ABSTRACT) == Notice(said, certain=True)


@given(st.lists(st.sampled_from(WORDS), max_size=60).map(" ".join), st.sampled_from(Place))
@settings(max_examples=300, deadline=None)
def test_any_words_are_read(text: str, place: Place) -> None:
    assert verdict(text, place) in KNOWN


HOSTILE: Final = (
    *(
        "this paper ",
        "withdrawn ",
        "ams,",
        "note: ",
        "to be ",
        "we have to ",
        "arxiv:(",
        "[(",
        "withdrawn by the ",
        "(((",
    ),
    *("this paper, error and ", "version 2 of this paper ", "12 pages, ", "this paper (", "because of an error, "),
)


@pytest.mark.parametrize("piece", HOSTILE)
def test_no_text_takes_long(piece: str) -> None:
    begin = time.process_time()
    for place in Place:
        read((piece * 2_000)[:4_000] + "withdrawn", place)
    assert time.process_time() - begin < 2


@pytest.mark.slow
def test_no_paper_of_eight_months_is_taken_for_withdrawn(shared_data: Path) -> None:
    alarms = []
    for file in sorted((shared_data / "arxiv" / "listings").glob("*.jsonl.gz")):
        for line in gzip.decompress(file.read_bytes()).decode("utf-8").splitlines():
            paper = json.loads(line)
            title, abstract = plain(paper["title"]), plain(paper["abstract"])
            if found := find_notice(title=title, abstract=abstract, comment=paper.get("comment") or "", version=1):
                alarms.append((paper["arxiv_id"], found))
    assert alarms == []
