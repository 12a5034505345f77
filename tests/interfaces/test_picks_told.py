"""Curators hear of their picks: that one is out, with its addresses, or that it needs a person; each once."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import col, select

from bot.curation import decisions
from bot.curation.context import Edits
from bot.curation.housekeeping import retire_withdrawn
from bot.domain.channels import Channel
from bot.domain.errors import PermanentError, TransientError, UnknownOutcomeError
from bot.domain.papers import AnnounceType
from bot.domain.posts import Platform
from bot.intake.ingest import Capture, ingest
from bot.interfaces.notices import plan_notices
from bot.platforms.memory import Moment
from bot.publishing.retract import retract
from bot.store.database import Database
from bot.store.message_tables import Message
from morning import ANA, OLA
from publishing_stage import CHANNEL, PAPER, Stage, approved_stage
from samples import NOON, WEDNESDAY, announcement, batch

ADA = {"account": ANA, "name": "Ada"}
"""Of that name is who approves on the stage, whatever the case."""

OPERATOR = {"account": OLA, "name": "Ola", "role": "operator"}


def _channel(*people: dict[str, str], picks: bool = True) -> Channel:
    given = CHANNEL.model_dump()
    return Channel.model_validate({**given, "curators": people, "notices": {"digest": False, "picks": picks}})


BOTH = _channel(ADA, OPERATOR)


@pytest.fixture
def stage(sqlite_database: Database) -> Stage:
    """Return a stage on which one pick is approved for now."""
    return approved_stage(sqlite_database)


def _tell(stage: Stage, channel: Channel = BOTH, *, addresses: tuple[str, ...] = ()) -> int:
    return plan_notices(replace(stage.context(), channel=channel), dids={}, addresses=addresses)


def _told(stage: Stage) -> list[tuple[str, str]]:
    """Return who was told what of the pick; that a slot is empty is another matter."""
    of_picks = ~col(Message.key).startswith("reminder")
    with stage.database.reading() as session:
        rows = session.exec(select(Message).where(of_picks).order_by(col(Message.id)))
        return [(row.recipient, row.text) for row in rows]


def test_a_curator_hears_once_where_their_pick_is(stage: Stage) -> None:
    assert _tell(stage) == 0
    assert stage.tick() == {"bluesky": "sent", "x": "sent"}
    assert [_tell(stage), _tell(stage)] == [1, 0]
    assert _told(stage) == [
        (ANA, "out: #1 Probing\nbluesky: https://memory.test/bluesky:1\nx: https://memory.test/x:1")
    ]


def test_two_workers_tell_it_once(stage: Stage) -> None:
    stage.tick()
    other = Stage(stage.database, now=stage.now, publishers=stage.publishers)
    assert [_tell(stage), _tell(other)] == [1, 0]


def test_a_pick_that_waits_on_one_platform_is_told_after_half_an_hour_and_whole_when_it_is_out(stage: Stage) -> None:
    stage.publishers[Platform.X].fail(Moment.BEFORE, TransientError("not now", retry_after=7200))
    assert stage.tick() == {"bluesky": "sent", "x": "planned"}
    assert _tell(stage) == 0
    stage.now += timedelta(minutes=31)
    assert [_tell(stage), _tell(stage)] == [1, 0]
    stage.now += timedelta(minutes=90)
    assert stage.tick() == {"x": "sent"}
    assert [_tell(stage), _tell(stage)] == [1, 0]
    first, second = (text.splitlines() for _, text in _told(stage))
    assert first[1:] == ["bluesky: https://memory.test/bluesky:1", "x: not before Tue 17 Feb 14:00 UTC, not now"]
    assert second[1:] == ["bluesky: https://memory.test/bluesky:1", "x: https://memory.test/x:2"]


def test_a_pick_that_is_refused_is_told_at_once_with_the_way_out(stage: Stage) -> None:
    stage.publishers[Platform.X].fail(Moment.BEFORE, PermanentError("X said no"))
    assert stage.tick() == {"bluesky": "sent", "x": "refused"}
    assert [_tell(stage), _tell(stage)] == [1, 0]
    [(name, text)] = _told(stage)
    assert name == ANA
    assert text.splitlines()[:2] == ["needs a person: #1 Probing", "x: refused: X said no"]
    assert f"picks publish {PAPER}" in text.splitlines()[2]


def test_a_refusal_after_another_try_is_news(stage: Stage) -> None:
    for _ in range(2):
        stage.publishers[Platform.X].fail(Moment.BEFORE, PermanentError("X said no"))
        assert stage.tick(arxiv_id=PAPER)["x"] == "refused"
        assert [_tell(stage), _tell(stage)] == [1, 0]


def test_what_the_bot_looks_for_by_itself_is_told_only_when_it_found_nothing(stage: Stage) -> None:
    x = stage.publishers[Platform.X]
    x.fail(Moment.BEFORE, UnknownOutcomeError("no answer"))
    x.fail(Moment.FIND, UnknownOutcomeError("cannot tell"))
    while stage.states()["x"] != "unknown" or stage.shown()["deliveries"][1]["next_try_at"]:
        stage.tick()
        assert _tell(stage) == 0 or stage.shown()["deliveries"][1]["next_try_at"] is None
        stage.now += timedelta(minutes=3)
    _tell(stage)
    assert [text.splitlines()[0] for _, text in _told(stage)] == ["needs a person: #1 Probing"]


def test_an_approval_that_a_withdrawal_took_back_is_told(stage: Stage) -> None:
    notice = announcement(PAPER, "Probing", version=2, type=AnnounceType.REPLACE, withdrawn=True)
    ingest(stage.database, [Capture(batch(notice, day=WEDNESDAY), "test")], channels=[CHANNEL], now=stage.now)
    retire_withdrawn(stage.database, CHANNEL, now=stage.now)
    assert [_tell(stage), _tell(stage)] == [1, 0]
    [(name, text)] = _told(stage)
    assert name == ANA
    assert text.splitlines()[0] == "not approved any more: #1 Probing"
    assert "version 2 is a notice of withdrawal" in text


def test_where_nobody_of_that_name_can_be_told_trouble_goes_to_the_operators_and_news_to_nobody(stage: Stage) -> None:
    others = _channel({"account": ANA, "name": "Ana"}, OPERATOR)
    stage.publishers[Platform.X].fail(Moment.BEFORE, PermanentError("X said no"))
    stage.tick()
    stage.now += timedelta(hours=1)
    assert _tell(stage, others) == 1
    assert [name for name, _ in _told(stage)] == [OLA]


def test_where_there_is_no_operator_either_trouble_goes_to_whoever_decides_or_to_the_addresses(stage: Stage) -> None:
    stage.publishers[Platform.X].fail(Moment.BEFORE, PermanentError("X said no"))
    stage.tick()
    viewer = {"account": OLA, "name": "Vi", "role": "viewer"}
    assert _tell(stage, _channel({"account": ANA, "name": "Ana"}, viewer), addresses=("json",)) == 1
    assert _tell(stage, _channel(), addresses=("json",)) == 1
    assert [name for name, _ in _told(stage)] == [ANA, "json"]


def test_old_news_are_told_to_nobody(stage: Stage) -> None:
    stage.tick()
    stage.now += timedelta(days=2, minutes=1)
    _tell(stage)
    assert _told(stage) == []


def test_a_pick_that_was_taken_down_is_no_news(stage: Stage) -> None:
    stage.tick()
    retract(stage.outbox(), CHANNEL, PAPER, actor=stage.context().actor)
    assert _tell(stage) == 0


def test_a_pick_that_is_posted_anew_is_told_anew(stage: Stage) -> None:
    stage.tick()
    _tell(stage)
    retract(stage.outbox(), CHANNEL, PAPER, actor=stage.context().actor)
    decisions.reopen(stage.context(), PAPER)
    decisions.approve(stage.context(), PAPER, Edits(), at=stage.now)
    stage.tick()
    assert [_tell(stage), _tell(stage)] == [1, 0]
    assert len(_told(stage)) == 2


def test_a_channel_may_want_none_of_it(stage: Stage) -> None:
    stage.tick()
    assert _tell(stage, _channel(ADA, picks=False)) == 0


def test_a_title_mentions_nobody_in_a_conversation(sqlite_database: Database) -> None:
    stage = approved_stage(sqlite_database)
    newer = announcement(PAPER, "@ben.example.com\nprobes", version=2, type=AnnounceType.REPLACE)
    ingest(stage.database, [Capture(batch(newer, day=WEDNESDAY), "test")], channels=[CHANNEL], now=NOON)
    stage.tick()
    _tell(stage)
    [(_, text)] = _told(stage)
    assert text.splitlines()[0] == "out: #1 @\u2060ben.example.com probes"
