"""Candidates that are much like a pick of the last weeks are marked, and no others."""

from datetime import date, timedelta
from typing import Any

from rich.console import Console

import json_views as views
from bot.curation import decisions
from bot.curation.context import Account, Context, Edits
from bot.domain.actors import Actor
from bot.domain.papers import AnnounceType
from bot.domain.posts import Quote
from bot.domain.states import CandidateState
from bot.intake.ingest import Capture, ingest
from bot.interfaces.display import VIEWS
from bot.interfaces.views import candidates
from bot.store.database import Database
from bot.store.learning_tables import KnownPick
from samples import NOON, TUESDAY, WEDNESDAY, announcement, batch, channel

TEXT = "Probing finds plural nouns in two attention heads of the middle layers, and one induction head copies them."
OTHER = "Steering vectors fade over long outputs; a nudge at every token keeps the model on its course for longer."


def _no_quote(url: str) -> Quote:
    raise AssertionError(url)


def _context(database: Database) -> Context:
    accounts = dict.fromkeys(channel().posting.platforms, Account("an account"))
    return Context(database, channel(), accounts, _no_quote, Actor("ada", "test"), NOON)


def _ingest(database: Database, day: date, **papers: str) -> None:
    found = [announcement(f"2602.0000{name[1:]}", "Probing", abstract=text) for name, text in papers.items()]
    ingest(database, [Capture(batch(*found, day=day), "test")], channels=[channel()], now=NOON)


def _queue(database: Database) -> dict[str, Any]:
    rows = views.queue(database, channel(), state=CandidateState.QUEUED, limit=None)
    return {row["arxiv_id"][-1]: row["like"] for row in rows}


def test_a_paper_like_a_pick_is_marked_and_another_is_not(database: Database) -> None:
    _ingest(database, TUESDAY, p1=TEXT, p2=f"Again: {TEXT}", p3=OTHER)
    assert _queue(database) == {"1": None, "2": None, "3": None}
    decisions.approve(_context(database), "2602.00001", Edits())
    marked = _queue(database)
    assert marked["3"] is None
    assert {key: marked["2"][key] for key in ("id", "arxiv_id", "picked")} == {
        "id": 1,
        "arxiv_id": "2602.00001",
        "picked": "2026-02-17",
    }
    assert views.show(database, channel(), "2602.00002")["like"] == marked["2"]
    assert views.show(database, channel(), "2602.00001")["like"] is None


def test_a_pick_that_was_known_before_is_remembered_for_eight_weeks(database: Database) -> None:
    _ingest(database, TUESDAY, p1=TEXT)
    for weeks, remembered in ((9, False), (7, True)):
        with database.transaction() as session:
            session.merge(
                KnownPick(
                    channel="sample", arxiv_id="2602.00001", day=TUESDAY - timedelta(weeks=weeks), imported_at=NOON
                )
            )
        _ingest(database, TUESDAY, p2=f"Again: {TEXT}")
        assert (_queue(database)["2"] is not None) is remembered


def test_the_mark_reads_as_people_say_it(database: Database) -> None:
    _ingest(database, TUESDAY, p1=TEXT, p2=f"Again: {TEXT}")
    decisions.approve(_context(database), "2602.00001", Edits())
    console = Console(width=80, no_color=True)
    with console.capture() as shown:
        rows = candidates.queue(database, channel(), state=CandidateState.QUEUED, limit=None)
        console.print(VIEWS["queue"](rows, channel().posting.zone))
    assert "like #1, picked 17 February: Probing" in shown.get()


def test_papers_of_long_ago_do_not_say_what_is_rare(database: Database) -> None:
    _ingest(database, TUESDAY, p1=TEXT, p2=f"Again: {TEXT}", p3=OTHER)
    decisions.approve(_context(database), "2602.00001", Edits())
    before = _queue(database)
    old = [
        announcement(f"hep-th/9901{number:03}", f"Probing {number}", abstract=TEXT, type=AnnounceType.REPLACE)
        for number in range(300)
    ]
    ingest(database, [Capture(batch(*old, day=WEDNESDAY), "test")], channels=[channel()], now=NOON)
    assert before["2"] is not None
    assert _queue(database) == before
