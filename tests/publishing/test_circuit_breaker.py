"""An account that keeps failing rests alone: the others go on, and its deliveries keep their tries."""

from datetime import timedelta

import pytest

import json_views as views
from bot.curation import decisions
from bot.curation.context import Account, Edits
from bot.domain.errors import AccountError, TransientError, UnknownOutcomeError
from bot.domain.posts import Platform
from bot.domain.states import DeliveryState
from bot.intake.ingest import Capture, ingest
from bot.platforms.memory import Moment
from bot.publishing.circuit_breaker import FAILURES
from bot.publishing.sender import deliver_due
from bot.store.database import Database
from publishing_stage import CHANNEL, PAPER, Stage, approved_stage
from samples import NOON, announcement, batch

OTHERS = tuple(f"2602.0000{number}" for number in range(2, 7))
BUSY = TransientError("X is busy")


@pytest.fixture
def stage(database: Database) -> Stage:
    """Return a stage with six picks that are due on both platforms; the fakes post as the approved account."""
    stage = approved_stage(database)
    for publisher in stage.publishers.values():
        publisher.account = "an account"
    papers = [announcement(other, "Probing") for other in OTHERS]
    ingest(database, [Capture(batch(*papers, feed="cs.LG"), "test")], channels=[CHANNEL], now=NOON)
    for other in OTHERS:
        decisions.approve(stage.context(), other, Edits(note=f"About {other}."), at=NOON)
    return stage


def _x(stage: Stage) -> views.Json:
    accounts = {Platform.X: Account("an account")}
    shown = views.status(stage.database, CHANNEL, accounts=accounts, now=stage.now)["platforms"]
    platform: views.Json = shown[0]
    return platform


def _tick(stage: Stage) -> dict[str, list[DeliveryState]]:
    reports = deliver_due(stage.outbox(), channels=["sample"])
    return {platform: [item.state for item in reports if item.platform == platform] for platform in ("bluesky", "x")}


def test_after_failures_in_a_row_the_account_rests_and_the_other_platform_goes_on(stage: Stage) -> None:
    stage.publishers[Platform.X].fail(Moment.BEFORE, *[BUSY] * 10)
    states = _tick(stage)
    assert states == {"bluesky": [DeliveryState.SENT] * 6, "x": [DeliveryState.PLANNED] * FAILURES}
    assert stage.publishers[Platform.X].send_count == FAILURES
    assert (_x(stage)["failures"], _x(stage)["rests_until"]) == (FAILURES, "2026-02-17T12:01:00Z")
    assert _x(stage)["rests_because"] == "X is busy"


def test_what_waits_for_a_rest_loses_no_tries(stage: Stage) -> None:
    stage.publishers[Platform.X].fail(Moment.BEFORE, *[BUSY] * 3)
    _tick(stage)
    stage.now += timedelta(seconds=30)
    assert _tick(stage) == {"bluesky": [], "x": []}
    last = views.show(stage.database, CHANNEL, OTHERS[-1])["deliveries"]
    assert [item["attempts"] for item in last if item["platform"] == "x"] == [0]


def test_after_the_rest_everything_goes_out_and_the_failures_are_forgotten(stage: Stage) -> None:
    stage.publishers[Platform.X].fail(Moment.BEFORE, *[BUSY] * 3)
    _tick(stage)
    stage.now += timedelta(minutes=2)
    assert _tick(stage) == {"bluesky": [], "x": [DeliveryState.SENT] * 6}
    assert (_x(stage)["failures"], _x(stage)["rests_until"]) == (0, None)


def test_one_more_failure_after_the_rest_makes_the_next_one_longer(stage: Stage) -> None:
    stage.publishers[Platform.X].fail(Moment.BEFORE, *[BUSY] * 4)
    _tick(stage)
    stage.now += timedelta(minutes=2)
    assert _tick(stage)["x"] == [DeliveryState.PLANNED]
    assert _x(stage)["rests_until"] == "2026-02-17T12:04:00Z"


def test_a_rate_limit_is_waited_for_by_every_delivery_of_the_account(stage: Stage) -> None:
    stage.publishers[Platform.X].fail(Moment.BEFORE, TransientError("too many", retry_after=900))
    assert _tick(stage)["x"] == [DeliveryState.PLANNED]
    assert stage.publishers[Platform.X].send_count == 1
    assert _x(stage)["rests_until"] == "2026-02-17T12:15:00Z"


def test_a_withdrawn_key_is_tried_once_a_quarter_of_an_hour_and_not_by_every_pick(stage: Stage) -> None:
    stage.publishers[Platform.X].fail(Moment.BEFORE, AccountError("X does not accept the credentials"))
    assert _tick(stage)["x"] == [DeliveryState.PLANNED]
    assert _x(stage)["rests_because"] == "X does not accept the credentials"


def test_lost_answers_count_too(stage: Stage) -> None:
    stage.publishers[Platform.X].fail(Moment.BEFORE, *[UnknownOutcomeError("no answer")] * 9)
    assert _tick(stage)["x"] == [DeliveryState.UNKNOWN] * FAILURES


def test_a_person_who_names_a_paper_overrides_the_rest(stage: Stage) -> None:
    stage.publishers[Platform.X].fail(Moment.BEFORE, *[BUSY] * 3)
    _tick(stage)
    reports = deliver_due(stage.outbox(), channels=["sample"], arxiv_id=PAPER)
    assert [item.state for item in reports] == [DeliveryState.SENT]


def test_a_post_that_cannot_be_answered_is_no_failure_of_its_account(stage: Stage) -> None:
    unseen = TransientError("X does not see the post that is replied to", retry_after=5.0, of_account=False)
    stage.publishers[Platform.X].fail(Moment.BEFORE, *[unseen] * 5)
    assert _tick(stage)["x"] == [*[DeliveryState.PLANNED] * 5, DeliveryState.SENT]
    assert _x(stage)["failures"] == 0


def test_a_single_failure_makes_nobody_rest(stage: Stage) -> None:
    stage.publishers[Platform.X].fail(Moment.BEFORE, BUSY)
    assert _tick(stage)["x"] == [DeliveryState.PLANNED, *[DeliveryState.SENT] * 5]
