"""A database of an earlier version after the upgrade: withdrawals as they are judged now, and ids in one form."""

from contextlib import closing
from datetime import date
from typing import Any

import pytest
from sqlalchemy import MetaData, Table
from sqlmodel import col, select

from bot.arxiv.withdrawals import find_notice, marks
from bot.curation.context import locate
from bot.curation.housekeeping import retire_withdrawn
from bot.domain.states import CandidateState
from bot.intake.ingest import Capture, ingest
from bot.store.database import Database
from bot.store.learning_tables import KnownPick
from bot.store.message_tables import Message
from bot.store.schema import upgrade
from bot.store.tables import AnnouncementRow, BatchRow, Candidate, FeedState, PaperRow, PaperText, RankedDay
from samples import NOON, TUESDAY, WEDNESDAY, announcement, batch, channel

pytestmark = pytest.mark.slow

SAMPLE = channel()
TALK = "This paper asks what a model forgets once consent is withdrawn by a user. We probe attention heads."
NOTICE = "This paper has been withdrawn by the authors due to an error in Section 3."
MISSED = "We have withdrawn this paper owing to an error in the proof."
BEFORE = {
    "2602.00001": (TALK, True),
    "2602.00002": (NOTICE, True),
    "2602.00003": (MISSED, False),
    "2602.00004": ("We probe attention heads.", True),  # for its comment
    "2602.00005": ("We probe attention heads.", False),
}
"""Abstracts, and whether an earlier version took them for notices."""


def _paper(name: str, abstract: str, *, withdrawn: bool, day: date = TUESDAY) -> dict[str, Any]:
    return {
        "arxiv_id": name,
        "version": 1,
        "title": "A Paper",
        "abstract": abstract,
        "authors": ["A. One", "B. Two"],
        "categories": ["cs.CL"],
        "announced": day,
        "text_day": day,
        "first_seen_at": NOON,
        "backfilled": False,
        "withdrawn": withdrawn,
    }


def _candidate(number: int, name: str, state: str) -> dict[str, Any]:
    queued = {"id": number, "channel": "sample", "arxiv_id": name, "announced": TUESDAY, "queued_at": NOON}
    return {**queued, "score": 0.5, "reasons": [], "state": state, "by_hand": False, "withdrawn_version": 1}


def _batch(number: int, day: date, names: list[str]) -> dict[str, list[dict[str, Any]]]:
    row = {"id": number, "feed": "cs.CL", "day": day, "digest": "d", "built_at": NOON, "ingested_at": NOON}
    counts = {"items": len(names), "new_papers": len(names), "updated_papers": 0}
    rest = {"source": "test", "health": "fresh", "origin": "feed", "cut_off": False, "odd": []}
    listed = [{"batch_id": number, "arxiv_id": name, "type": "new", "version": 1} for name in names]
    return {"batches": [row | counts | rest], "announcements": listed}


def _store(database: Database, rows: dict[str, list[dict[str, Any]]]) -> None:
    with database.connection() as connection:
        for name, values in rows.items():
            connection.execute(Table(name, MetaData(), autoload_with=connection).insert(), values)


def _rows_before() -> dict[str, list[dict[str, Any]]]:
    rejected = {"action": "withdraw", "before": "queued", "after": "rejected", "by": "worker", "mouth": "worker"}
    return {
        "papers": [_paper(name, abstract, withdrawn=marked) for name, (abstract, marked) in BEFORE.items()],
        **_batch(1, TUESDAY, list(BEFORE)),
        "candidates": [_candidate(1, "2602.00001", "rejected"), _candidate(2, "2602.00002", "rejected")],
        "decisions": [{**rejected, "candidate_id": number, "at": NOON, "detail": ""} for number in (1, 2)],
        "ranked_days": [
            {"channel": "sample", "day": TUESDAY, "batches": 1},
            {"channel": "sample", "day": WEDNESDAY, "batches": 1},
        ],
    }


def test_papers_that_only_speak_of_withdrawal_are_alive_again_and_notices_are_found(database_address: str) -> None:
    with closing(Database(database_address)) as database:
        upgrade(database, revision="0017")
        _store(database, _rows_before())
        upgrade(database)
        with database.reading() as session:
            papers = {row.arxiv_id: (row.withdrawn, row.notice) for row in session.exec(select(PaperRow))}
            days = {row.day: row.batches for row in session.exec(select(RankedDay))}
        retired = retire_withdrawn(database, SAMPLE, now=NOON)
        with database.reading() as session:
            states = {row.arxiv_id: row.state for row in session.exec(select(Candidate))}
    doubt = "its comment at arXiv speaks of a withdrawal; it was not kept, and the paper's page shows it"
    assert papers == {
        "2602.00001": (False, None),
        "2602.00002": (True, NOTICE),
        "2602.00003": (True, MISSED),
        "2602.00004": (False, doubt),
        "2602.00005": (False, None),
    }
    assert days == {TUESDAY: -1, WEDNESDAY: 1}
    assert retired == []
    assert states == {"2602.00001": CandidateState.QUEUED, "2602.00002": CandidateState.REJECTED}


def test_what_is_judged_anew_is_what_the_same_feed_says_today(database_address: str) -> None:
    listed = [announcement(name, abstract=abstract) for name, (abstract, _) in BEFORE.items() if name[-1] in "123"]
    with closing(Database(database_address)) as database:
        upgrade(database, revision="0017")
        _store(database, {"papers": [_paper(str(item.arxiv_id), item.abstract, withdrawn=True) for item in listed]})
        upgrade(database)
        today = []
        for item in listed:
            withdrawn, notice = marks(find_notice(title=item.title, abstract=item.abstract, version=1))
            today.append(announcement(str(item.arxiv_id), abstract=item.abstract, withdrawn=withdrawn, notice=notice))
        report = ingest(database, [Capture(batch(*today), "test")], channels=[SAMPLE], now=NOON)
        with database.reading() as session:
            texts = session.exec(select(PaperText)).all()
    assert [(item.new, item.updated) for item in report.batches] == [(0, 0)]
    assert texts == []


def test_of_the_texts_of_a_paper_the_one_with_a_notice_comes_first(database_address: str) -> None:
    older = {**_paper("2602.00001", MISSED, withdrawn=False), "digest": "o" * 64}
    del older["announced"], older["first_seen_at"], older["backfilled"]
    with closing(Database(database_address)) as database:
        upgrade(database, revision="0017")
        newer = _paper("2602.00001", "We probe attention heads.", withdrawn=False, day=WEDNESDAY)
        _store(database, {"papers": [newer], "paper_texts": [older]})
        upgrade(database)
        with database.reading() as session:
            [paper] = session.exec(select(PaperRow)).all()
            [text] = session.exec(select(PaperText)).all()
    assert (paper.abstract, paper.withdrawn, paper.notice, paper.text_day) == (MISSED, True, MISSED, TUESDAY)
    assert (text.abstract, text.withdrawn, text.text_day) == ("We probe attention heads.", False, WEDNESDAY)


def test_ids_of_the_old_scheme_lose_their_subject_class(database_address: str) -> None:
    message = {"channel": "sample", "service": "bluesky", "recipient": "did:plc:a", "key": "k", "position": 0}
    known = [("math.GT/0309136", "a"), ("math/0309137", "b"), ("math.CA/0309137", "c"), ("nlin/0408039", "d")]
    with closing(Database(database_address)) as database:
        upgrade(database, revision="0017")
        _store(
            database,
            {
                "papers": [
                    _paper("math.GT/0309136", "x", withdrawn=False),
                    _paper("nlin/0408039", "y", withdrawn=False),
                ],
                **_batch(1, TUESDAY, ["math.GT/0309136", "nlin/0408039"]),
                "candidates": [_candidate(7, "math.GT/0309136", "queued")],
                "messages": [
                    {
                        **message,
                        "text": "t",
                        "about": "math.GT/0309136",
                        "state": "planned",
                        "planned_at": NOON,
                        "attempts": 0,
                    }
                ],
                "known_picks": [
                    {"channel": "sample", "arxiv_id": name, "title": title, "imported_at": NOON}
                    for name, title in known
                ],
            },
        )
        upgrade(database)
        with database.reading() as session:
            assert sorted(session.exec(select(PaperRow.arxiv_id))) == ["math/0309136", "nlin/0408039"]
            assert sorted(session.exec(select(AnnouncementRow.arxiv_id))) == ["math/0309136", "nlin/0408039"]
            assert session.exec(select(Candidate.id, Candidate.arxiv_id)).one() == (7, "math/0309136")
            assert session.exec(select(Message.about)).one() == "math/0309136"
            picks = session.exec(select(KnownPick.arxiv_id, KnownPick.title).order_by(col(KnownPick.arxiv_id))).all()
    assert picks == [("math/0309136", "a"), ("math/0309137", "b"), ("nlin/0408039", "d")]


def test_tokens_in_the_paths_of_stored_addresses_are_gone(database_address: str) -> None:
    stored = _batch(1, TUESDAY, ["2602.00001"])
    stored["batches"][0]["source"] = "https://host/token/c4nary/rss/cs.CL"
    stored["papers"] = [_paper("2602.00001", "See https://host/token/abc", withdrawn=False)]
    error = "https://host/hooks/c4nary/x answers HTTP 404; check the address"
    stored["feeds"] = [{"feed": "cs.CL", "failures": 1, "error": error}]
    with closing(Database(database_address)) as database:
        upgrade(database, revision="0017")
        _store(database, dict(sorted(stored.items(), key=lambda item: item[0] == "announcements")))
        upgrade(database)
        with database.reading() as session:
            assert session.exec(select(BatchRow.source)).one() == "https://host/…/rss/cs.CL"
            assert session.exec(select(FeedState.error)).one() == (
                "https://host/hooks/… answers HTTP 404; check the address"
            )
            assert session.exec(select(PaperRow.abstract)).one() == "See https://host/token/abc"


@pytest.mark.parametrize("name", ["math/0309136", "math.GT/0309136", "arXiv:MATH.gt/0309136v2"])
def test_a_paper_of_the_old_scheme_is_found_by_either_of_its_ids(database_address: str, name: str) -> None:
    with closing(Database(database_address)) as database:
        upgrade(database)
        ingest(database, [Capture(batch(announcement("math/0309136")), "test")], channels=[SAMPLE], now=NOON)
        with database.reading() as session:
            assert locate(session, SAMPLE, name)[0].arxiv_id == "math/0309136"
