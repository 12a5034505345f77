"""What people are told: what an empty queue needs on a day without feeds, and what an approval should make known."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.curation import decisions
from bot.curation.context import Context, Edits
from bot.domain.actors import Actor
from bot.domain.posts import Quote
from bot.domain.states import CandidateState
from bot.interfaces.commands.answers import approved, empty_queue
from bot.interfaces.views.candidates import show
from bot.store.database import Database
from publishing_stage import PAPER, approved_stage
from samples import NOON, channel


def _no_quote(url: str) -> Quote:
    raise AssertionError(url)


WEEKEND = "arXiv announces nothing at weekends"


@pytest.mark.parametrize(
    ("now", "why", "since"),
    [
        ("2026-02-21 17:00", WEEKEND, "2026-02-20"),
        ("2026-02-23 03:00", WEEKEND, "2026-02-20"),  # in Europe it is Monday, at arXiv still Sunday
        ("2026-11-27 17:00", "arXiv sent no mailing on 2026-11-26 (Thanksgiving)", "2026-11-26"),
    ],
)
def test_an_empty_queue_names_the_command_that_fills_it_on_that_day(
    sqlite_database: Database, now: str, why: str, since: str
) -> None:
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)
    context = Context(sqlite_database, channel(), {}, _no_quote, Actor("ada", "test"), moment)
    assert empty_queue(context, CandidateState.QUEUED) == (
        f"no candidates are queued; {why}, so picks fetch --since {since} asks for the last day that had papers"
    )


def test_what_is_said_of_one_platform_alone_names_it_after_an_approval(sqlite_database: Database) -> None:
    stage = approved_stage(sqlite_database)
    context = stage.context()
    approval = decisions.approve(context, PAPER, Edits(note="See example.com/tool now."), at=NOON)
    shown = show(sqlite_database, stage.channel, PAPER)
    said = approved(context, shown, approval).splitlines()
    assert [line for line in said if line.startswith("x: X does not link example.com/tool")] != []
    both = tuple(replace(item, remarks=("The same.",)) for item in shown.deliveries)
    assert "The same." in approved(context, replace(shown, deliveries=both), approval).splitlines()


def test_on_any_other_day_the_feeds_are_asked(sqlite_database: Database) -> None:
    moment = datetime(2026, 2, 17, 17, tzinfo=UTC)
    context = Context(sqlite_database, channel(), {}, _no_quote, Actor("ada", "test"), moment)
    assert empty_queue(context, CandidateState.QUEUED) == ("no candidates are queued; new papers come with picks fetch")


def test_a_state_that_nothing_is_in_does_not_hint_at_feeds(sqlite_database: Database) -> None:
    moment = datetime(2026, 2, 21, 17, tzinfo=UTC)
    context = Context(sqlite_database, channel(), {}, _no_quote, Actor("ada", "test"), moment)
    assert empty_queue(context, CandidateState.HELD) == "no candidates are held; picks queue lists those that wait"
