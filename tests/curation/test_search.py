"""Search and likeness over stored papers, on both databases."""

from pathlib import Path
from typing import Any

import pytest

from bot.curation.context import UnknownPaperError
from bot.domain.errors import PicksError
from bot.domain.states import CandidateState
from bot.intake.listings import read_listings
from bot.store.database import Database
from bot.store.learning_tables import KnownPick
from bot.store.tables import Candidate, PaperRow
from json_views import search, similar
from samples import NOON, TUESDAY, WEDNESDAY, channel

SAMPLE = channel()
SPARSE = "Sparse autoencoders find monosemantic features in the residual stream."


def _paper(arxiv_id: str, title: str, abstract: str = "", **changes: Any) -> PaperRow:
    kept = {"authors": ["A. One"], "categories": ["cs.CL"], "announced": TUESDAY, "text_day": TUESDAY, **changes}
    return PaperRow(arxiv_id=arxiv_id, version=1, title=title, abstract=abstract, first_seen_at=NOON, **kept)


def _candidate(arxiv_id: str, state: CandidateState = CandidateState.QUEUED) -> Candidate:
    return Candidate(channel=SAMPLE.name, arxiv_id=arxiv_id, score=0.5, reasons=[], state=state, queued_at=NOON)


@pytest.fixture
def stored(database: Database) -> Database:
    """Return a database with a few papers, of which one is a candidate."""
    with database.transaction() as session:
        session.add(_paper("2602.00001", "Probing the Residual Stream", "We find features."))
        session.add(_paper("2602.00002", "Steering", "Probing comes first.", announced=WEDNESDAY))
        session.add(_paper("2602.00003", "PROBING TOO", "100% of improbable_things", authors=["Zoë Łuk Ångström"]))
        session.add(_paper("2601.00009", "Probing, never listed", announced=None, withdrawn=True))
        session.flush()
        session.add(_candidate("2602.00002"))
    return database


def _found(database: Database, *words: str, limit: int = 10) -> list[str]:
    return [item["arxiv_id"] for item in search(database, SAMPLE, words, limit=limit)]


def test_titles_come_first_then_the_newest(stored: Database) -> None:
    assert _found(stored, "probing") == ["2602.00003", "2602.00001", "2601.00009", "2602.00002"]
    assert _found(stored, "probing", limit=2) == ["2602.00003", "2602.00001"]


@pytest.mark.parametrize(
    ("words", "papers"),
    [
        (["probing", "stream"], ["2602.00001"]),
        (["probing stream"], ["2602.00001"]),
        (["RESIDUAL", "prob"], ["2602.00001"]),
        (["bing"], []),
        (["improbable"], ["2602.00003"]),
        (["zoe", "angstrom"], ["2602.00003"]),
        (["ZOË", "luk"], ["2602.00003"]),
        (["one", "steering"], ["2602.00002"]),
        (["2602.00002"], ["2602.00002"]),
        (["arXiv:2602.00002v1", "[cs.CL]"], ["2602.00002"]),
        (["https://arxiv.org/pdf/2602.00002v3.pdf"], ["2602.00002"]),
        (["100%"], ["2602.00003"]),
        (["%"], ["2602.00003"]),
        (["_"], ["2602.00003"]),
        (["'; drop table papers; --"], []),
        (["\x00", "probing"], []),
        (["\u200bprobing", "stream"], ["2602.00001"]),
        (["ﷺ" * 1000], []),
    ],
)
def test_all_words_must_begin_a_word_whatever_case_and_accents(
    stored: Database, words: list[str], papers: list[str]
) -> None:
    assert _found(stored, *words) == papers


def test_what_is_found_has_the_fields_that_scripts_rely_on(stored: Database) -> None:
    [item] = search(stored, SAMPLE, ["steering"], limit=5)
    assert item == {
        "id": 1,
        "arxiv_id": "2602.00002",
        "title": "Steering",
        "authors": ["A. One"],
        "announced": "2026-02-18",
        "categories": ["cs.CL"],
        "state": "queued",
        "withdrawn": False,
    }
    [other] = search(stored, SAMPLE, ["never"], limit=5)
    assert (other["id"], other["state"], other["announced"], other["withdrawn"]) == (None, None, None, True)


@pytest.mark.parametrize("words", [[], [""], [" ", "\t"]])
def test_nothing_to_look_for_is_said(stored: Database, words: list[str]) -> None:
    with pytest.raises(PicksError, match="nothing to look for"):
        search(stored, SAMPLE, words, limit=5)


@pytest.fixture
def library(database: Database) -> Database:
    """Return a database with two papers of one kind among many of another, some of them picked."""
    with database.transaction() as session:
        session.add(_paper("2602.00001", "Sparse Autoencoders", SPARSE))
        session.add(_paper("2602.00002", "Gated Sparse Autoencoders", f"{SPARSE} We gate them."))
        session.add(_paper("2602.00003", "Features of the stream", "Features in the residual stream of models."))
        for number in range(10, 40):
            session.add(_paper(f"2602.000{number}", f"Grasping {number}", "Robots grasp things in the kitchen."))
        session.flush()
        for number, state in ((3, CandidateState.PUBLISHED), (10, CandidateState.REJECTED)):
            session.add(_candidate(f"2602.000{number:02}", state))
        session.add(KnownPick(channel=SAMPLE.name, arxiv_id="2602.00011", imported_at=NOON))
        session.add(KnownPick(channel="other", arxiv_id="2602.00012", imported_at=NOON))
    return database


def test_the_paper_most_like_another_comes_first(library: Database) -> None:
    data = similar(library, SAMPLE, "arXiv:2602.00001v1", limit=5)
    assert (data["arxiv_id"], data["title"]) == ("2602.00001", "Sparse Autoencoders")
    assert [item["arxiv_id"] for item in data["similar"]][:2] == ["2602.00002", "2602.00003"]
    first = data["similar"][0]
    assert first["likeness"] > 2 * data["similar"][1]["likeness"] > 0
    assert {"sparse", "autoencoders"} <= {word for phrase in first["shared"] for word in phrase.split()}


def test_picks_are_compared_by_themselves(library: Database) -> None:
    data = similar(library, SAMPLE, "2602.00001", limit=5)
    assert [(item["arxiv_id"], item["state"]) for item in data["picks"]] == [
        ("2602.00003", "published"),
        ("2602.00011", None),
    ]
    assert [item["arxiv_id"] for item in similar(library, SAMPLE, "1", limit=5)["picks"]] == ["2602.00011"]


def test_imported_picks_whose_papers_are_not_stored_are_counted(library: Database) -> None:
    assert similar(library, SAMPLE, "2602.00001", limit=5)["picks_not_stored"] == 0
    with library.transaction() as session:
        session.add(KnownPick(channel=SAMPLE.name, arxiv_id="2401.00001", title="Before", imported_at=NOON))
    data = similar(library, SAMPLE, "2602.00001", limit=5)
    assert (len(data["picks"]), data["picks_not_stored"]) == (2, 1)


def test_the_same_text_under_another_id_is_as_like_as_can_be(library: Database) -> None:
    with library.transaction() as session:
        session.add(_paper("2602.00099", "Sparse Autoencoders", SPARSE))
    assert similar(library, SAMPLE, "2602.00001", limit=1)["similar"][0]["likeness"] == 1.0


@pytest.mark.parametrize("text", ["", "...", "\ufffd", "the"])
def test_a_paper_of_no_words_is_like_nothing(library: Database, text: str) -> None:
    with library.transaction() as session:
        session.add(_paper("2602.00099", text, text))
    assert all(item["likeness"] < 0.5 for item in similar(library, SAMPLE, "2602.00099", limit=3)["similar"])


def test_a_paper_that_is_not_stored_is_said(library: Database) -> None:
    with pytest.raises(UnknownPaperError, match="is not stored"):
        similar(library, SAMPLE, "2602.77777", limit=1)


@pytest.mark.slow
def test_real_papers_of_one_kind_are_found_by_one_of_them(shared_data: Path, sqlite_database: Database) -> None:
    listing = shared_data / "arxiv" / "listings" / "2024-06.jsonl.gz"
    papers = {item.paper.arxiv_id: (item.paper, item.day) for item in read_listings([listing])}
    with sqlite_database.transaction() as session:
        for paper, day in papers.values():
            authors = list(paper.authors)
            session.add(
                _paper(str(paper.arxiv_id), paper.title, paper.abstract, authors=authors, announced=day, text_day=day)
            )
    found = similar(sqlite_database, SAMPLE, "2406.04093", limit=5)["similar"]
    assert sum("Sparse Autoencoders" in item["title"] for item in found) >= 3
    assert "2406.04093" in _found(sqlite_database, "sparse", "autoencoders", "scaling")
