"""A clock that was ahead for one tick: what it stored holds nothing back afterwards, and doubles nothing."""

from datetime import datetime, timedelta

import pytest
from sqlmodel import col, select

from bot.curation import decisions
from bot.curation.context import Edits
from bot.curation.housekeeping import expire_candidates
from bot.domain.errors import TransientError, UnknownOutcomeError
from bot.domain.posts import Platform
from bot.domain.states import DeliveryState
from bot.intake.ingest import Capture, ingest
from bot.platforms.memory import Moment
from bot.publishing.lookback import _is_vouched_for
from bot.publishing.retract import retract
from bot.publishing.rounds import send_due
from bot.store.account_tables import AccountState
from bot.store.database import Database
from bot.store.tables import Delivery, DeliveryChange, Pick
from publishing_stage import CHANNEL, PAPER, KilledError, Stage, approved_stage
from samples import NOON, announcement, batch

AHEAD = timedelta(days=60)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def stage(database: Database) -> Stage:
    """Return a stage on which one pick is approved for now, and whose clock is two months ahead."""
    stage = approved_stage(database)
    stage.now += AHEAD
    return stage


def _tick(stage: Stage) -> None:
    send_due(stage.outbox(), [CHANNEL])


def _delivery(stage: Stage, platform: Platform = Platform.X) -> Delivery:
    with stage.database.reading() as session:
        return session.exec(select(Delivery).where(col(Delivery.platform) == platform)).one()


def test_a_failure_noted_by_a_clock_that_was_ahead_holds_nothing_back(stage: Stage) -> None:
    stage.publishers[Platform.X].fail(Moment.BEFORE, TransientError("the server is busy", retry_after=3600))
    stage.tick()
    stage.now -= AHEAD
    with stage.database.reading() as session:
        assert session.exec(select(AccountState.rests_until)).one() is not None
    assert stage.tick() == {"x": DeliveryState.SENT}


def test_a_second_look_planned_by_a_clock_that_was_ahead_comes_soon_and_not_at_once(stage: Stage) -> None:
    stage.publishers[Platform.X].fail(Moment.BEFORE, UnknownOutcomeError("no answer"))
    stage.tick()
    assert _delivery(stage).awaits_second_look
    stage.now -= AHEAD
    assert stage.tick() == {}  # how long ago the first look was nobody knows: the post may not show up yet
    stage.now += 2 * MINUTE
    assert stage.tick() == {"x": DeliveryState.SENT}
    assert stage.out(Platform.X) == stage.approved(Platform.X)


def test_a_delivery_that_a_clock_ahead_had_in_hand_is_taken_over(stage: Stage) -> None:
    stage.publishers[Platform.X].fail(Moment.AFTER, KilledError())  # type: ignore[arg-type]
    with pytest.raises(KilledError):
        stage.tick()
    assert _delivery(stage).state is DeliveryState.SENDING
    stage.now -= AHEAD
    assert not _delivery(stage).is_being_sent(stage.now)
    assert stage.tick("w2") == {"x": DeliveryState.SENT}
    assert stage.out(Platform.X) == stage.approved(Platform.X)


def test_a_worker_whose_clock_is_a_little_ahead_keeps_what_it_has_in_hand(stage: Stage) -> None:
    stage.now -= AHEAD - timedelta(minutes=50)
    stage.publishers[Platform.X].fail(Moment.AFTER, KilledError())  # type: ignore[arg-type]
    with pytest.raises(KilledError):
        stage.tick()
    stage.now = NOON
    assert stage.tick("w2") == {}


def test_a_retraction_is_not_refused_for_a_lease_of_a_clock_that_was_ahead(stage: Stage) -> None:
    stage.publishers[Platform.X].fail(Moment.AFTER, KilledError())  # type: ignore[arg-type]
    with pytest.raises(KilledError):
        stage.tick()
    stage.now -= AHEAD
    retract(stage.outbox(), CHANNEL, PAPER, actor=stage.context().actor)
    stage.now += 5 * MINUTE
    retract(stage.outbox(), CHANNEL, PAPER, actor=stage.context().actor)
    assert (stage.out(Platform.BLUESKY), stage.out(Platform.X)) == ([], [])


SECOND_PAPER, THIRD_PAPER = "2602.00002", "2602.00003"


def _approve_more(stage: Stage, *, at: datetime | None = None) -> None:
    papers = [announcement(name, "Probing", authors=(name,)) for name in (SECOND_PAPER, THIRD_PAPER)]
    ingest(stage.database, [Capture(batch(*papers), "test")], channels=[CHANNEL], now=stage.now)
    for name in (SECOND_PAPER, THIRD_PAPER):
        decisions.approve(stage.context(), name, Edits(note=f"Worth reading: {name}."), at=at)


def _slots(stage: Stage) -> list[datetime]:
    with stage.database.reading() as session:
        picks = session.exec(select(Pick.slot_at).order_by(col(Pick.id))).all()
        due = session.exec(select(Delivery.due_at).order_by(col(Delivery.due_at))).all()
    assert {slot for slot in picks if slot} == set(due)
    return [slot for slot in picks if slot]


def test_slots_that_a_tick_of_a_clock_ahead_gave_are_given_anew(database: Database) -> None:
    stage = approved_stage(database)
    _approve_more(stage)
    before = _slots(stage)
    for platform in stage.publishers.values():
        platform.fail(Moment.BEFORE, *(TransientError("no network") for _ in range(9)))
    stage.now += AHEAD
    _tick(stage)  # everything missed its slot by two months, and all but one move on
    assert max(_slots(stage)) > NOON + AHEAD
    stage.now -= AHEAD
    _tick(stage)
    assert sorted(_slots(stage)[1:]) == sorted(before[1:])
    with database.reading() as session:
        details = session.exec(select(DeliveryChange.detail).where(col(DeliveryChange.at) == NOON)).all()
    assert sum("was given its slot by a clock that was ahead; 2026-02-18" in detail for detail in details) == 2
    _tick(stage)
    assert sorted(_slots(stage)[1:]) == sorted(before[1:])  # once, and not at every tick


def test_an_approval_by_a_clock_ahead_gets_a_slot_that_is_near_and_a_chosen_time_stays(stage: Stage) -> None:
    _approve_more(stage)
    chosen = NOON + timedelta(days=200)
    decisions.approve(stage.context(), THIRD_PAPER, Edits(), at=chosen)
    stage.now -= AHEAD
    _tick(stage)
    assert _slots(stage)[1:] == [NOON.replace(day=18, hour=10), chosen]


def test_now_by_a_clock_ahead_is_no_time_that_a_person_chose(stage: Stage) -> None:
    _approve_more(stage, at=stage.now)
    stage.now -= AHEAD
    _tick(stage)
    assert max(_slots(stage)) < NOON + timedelta(days=4)


@pytest.mark.parametrize(
    ("said", "believed"),
    [(timedelta(hours=-23), True), (timedelta(hours=-25), False), (30 * MINUTE, True), (AHEAD, False)],
)
def test_a_persons_word_holds_for_a_day_and_not_for_as_long_as_a_clock_was_ahead(
    said: timedelta, believed: bool
) -> None:
    row = Delivery.model_construct(due_at=NOON, not_out_at=NOON + said)
    assert _is_vouched_for(row, now=NOON) is believed


def test_a_candidate_of_a_tick_ahead_expires_in_its_time(sqlite_database: Database) -> None:
    papers = batch(announcement(PAPER, "Probing"))
    ingest(sqlite_database, [Capture(papers, "test")], channels=[CHANNEL], now=NOON + AHEAD)
    expired = [expire_candidates(sqlite_database, CHANNEL, now=NOON + timedelta(days=days)) for days in (0, 6, 7)]
    assert expired == [0, 0, 1]
