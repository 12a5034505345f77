"""A delivery's rows have one owner, which logs every change of state; on both databases."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import col, select

from bot.domain.actors import Actor
from bot.domain.errors import PermanentError, TransientError, UnknownOutcomeError
from bot.domain.posts import Platform
from bot.domain.states import DeliveryAction, DeliveryState, TransitionError
from bot.platforms.memory import Moment
from bot.publishing.retract import retract
from bot.store.database import Database
from bot.store.deliveries import change, second_look_planned
from bot.store.tables import Delivery, DeliveryChange
from publishing_stage import CHANNEL, PAPER, Stage, approved_stage

ADA = Actor("ada", "test")
SOURCE = Path(__file__).resolve().parents[2] / "bot"


@pytest.fixture
def stage(database: Database) -> Stage:
    return approved_stage(database)


def logged(stage: Stage, platform: Platform) -> list[tuple[str, str | None, str, str]]:
    """Return what the log says of the delivery on a platform: action, before, after, by whom."""
    query = (
        select(DeliveryChange)
        .join(Delivery, col(Delivery.id) == col(DeliveryChange.delivery_id))
        .where(Delivery.platform == platform)
        .order_by(col(DeliveryChange.id))
    )
    with stage.database.reading() as session:
        return [(row.action, row.before, row.after, f"{row.by} ({row.mouth})") for row in session.exec(query)]


def test_the_way_of_a_delivery_stands_in_its_log(stage: Stage) -> None:
    stage.publishers[Platform.BLUESKY].fail(Moment.BEFORE, TransientError("Bluesky is busy"))
    stage.tick()
    stage.now += timedelta(hours=1)
    stage.tick()
    assert logged(stage, Platform.BLUESKY) == [
        ("plan", None, "planned", "ada (test)"),
        ("claim", "planned", "sending", "worker (worker)"),
        ("postpone", "sending", "planned", "worker (worker)"),
        ("claim", "planned", "sending", "worker (worker)"),
        ("finish", "sending", "sent", "worker (worker)"),
    ]
    retract(stage.outbox(), CHANNEL, PAPER, actor=ADA)
    assert logged(stage, Platform.X)[-1] == ("retract", "sent", "retracted", "ada (test)")


def test_the_log_keeps_what_went_wrong(stage: Stage) -> None:
    stage.publishers[Platform.X].fail(Moment.BEFORE, PermanentError("X refused the words"))
    stage.tick()
    with stage.database.reading() as session:
        refusals = select(DeliveryChange.detail).where(DeliveryChange.action == DeliveryAction.REFUSE)
        assert session.exec(refusals).all() == ["X refused the words"]


def test_an_unknown_outcome_awaits_a_second_look_until_that_was_in_vain(stage: Stage) -> None:
    x = stage.publishers[Platform.X]
    x.fail(Moment.BEFORE, UnknownOutcomeError("no answer"))
    stage.tick()
    assert awaiting(stage) == [Platform.X]
    assert stage.shown()["state"] == "publishing"  # no person is needed yet
    x.fail(Moment.BEFORE, UnknownOutcomeError("no answer"))
    for _ in range(3):
        stage.now += timedelta(hours=1)
        x.fail(Moment.BEFORE, UnknownOutcomeError("no answer"))
        stage.tick()
    assert (stage.states()["x"], awaiting(stage)) == ("unknown", [])
    assert stage.shown()["state"] == "attention"


def awaiting(stage: Stage) -> list[Platform]:
    """Return the platforms whose delivery awaits a second look, asked as a query and as a property."""
    with stage.database.reading() as session:
        asked = session.exec(select(Delivery).where(second_look_planned())).all()
        assert asked == [row for row in session.exec(select(Delivery)) if row.awaits_second_look]
        return [row.platform for row in asked]


def test_an_action_that_does_not_fit_changes_and_logs_nothing(stage: Stage) -> None:
    stage.tick()
    before = logged(stage, Platform.X)
    with stage.database.transaction() as session:
        delivery = session.exec(select(Delivery).where(Delivery.platform == Platform.X)).one()
        with pytest.raises(TransitionError, match="cannot refuse a delivery that is sent; see picks status"):
            change(session, delivery, DeliveryAction.REFUSE, by=ADA, now=stage.now)
    assert (stage.states()["x"], logged(stage, Platform.X)) == (DeliveryState.SENT, before)


def test_a_row_that_changed_meanwhile_is_left_alone(stage: Stage) -> None:
    with stage.database.transaction() as session:
        delivery = session.exec(select(Delivery).where(Delivery.platform == Platform.X)).one()
        never = [col(Delivery.attempts) > 0]
        assert not change(session, delivery, DeliveryAction.CLAIM, by=ADA, now=stage.now, where=never)
    assert stage.states()["x"] == DeliveryState.PLANNED
    assert [action for action, *_ in logged(stage, Platform.X)] == ["plan"]


def test_what_is_undone_leaves_neither_delivery_nor_log(stage: Stage) -> None:
    from bot.curation import decisions

    decisions.undo(stage.context(), PAPER)
    assert logged(stage, Platform.X) == []


def test_no_other_module_writes_a_delivery() -> None:
    writes = re.compile(r"(?:update|delete|insert)\(Delivery\)|\bDelivery\(\s*\w+=|\bdelivery\.\w+ = ")
    writing = [file.relative_to(SOURCE) for file in SOURCE.rglob("*.py") if writes.search(file.read_text("utf-8"))]
    assert writing == [Path("store/deliveries.py")]
