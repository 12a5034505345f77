"""Picks out, on both databases, with a platform in memory that fails on demand."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlmodel import select

import json_views as status_view
from bot.curation import decisions
from bot.curation.context import Edits
from bot.domain.channel_sections import XRules
from bot.domain.errors import PermanentError, PicksError, TransientError, UnknownOutcomeError
from bot.domain.posts import Platform
from bot.domain.states import DeliveryState
from bot.platforms.memory import MemoryPublisher, Moment
from bot.publishing.budget import spent
from bot.publishing.endings import GRACE, MOST_TRIES
from bot.publishing.outbox import LEASE, due_deliveries
from bot.publishing.rounds import approved_paper
from bot.publishing.sender import deliver, deliver_due
from bot.settings import SettingsError
from bot.store.database import Database
from bot.store.tables import Delivery
from publishing_stage import CHANNEL, PAPER, KilledError, Stage, approved_stage, with_rules
from samples import NOON


@pytest.fixture
def stage(database: Database) -> Stage:
    """Return a stage on which one pick is approved for now."""
    return approved_stage(database)


def test_a_due_pick_goes_out_on_both_platforms_in_the_approved_words(stage: Stage) -> None:
    assert stage.tick() == {"bluesky": DeliveryState.SENT, "x": DeliveryState.SENT}
    assert stage.shown()["state"] == "published"
    for platform in stage.publishers:
        assert stage.out(platform) == stage.approved(platform)


def test_nothing_goes_out_before_its_slot(stage: Stage) -> None:
    stage.now = NOON - timedelta(minutes=1)
    assert stage.tick() == {}
    assert stage.out(Platform.BLUESKY) == []


def test_a_pick_named_by_a_person_goes_out_whatever_its_slot(stage: Stage) -> None:
    stage.now = NOON - timedelta(minutes=1)
    assert stage.tick(arxiv_id=PAPER) == {"bluesky": DeliveryState.SENT, "x": DeliveryState.SENT}


def test_nothing_goes_out_twice(stage: Stage) -> None:
    stage.tick()
    stage.now += timedelta(days=1)
    assert stage.tick() == {}
    assert [publisher.send_count for publisher in stage.publishers.values()] == [1, len(stage.approved(Platform.X))]


def test_a_pick_that_nobody_approved_never_goes_out(stage: Stage) -> None:
    decisions.undo(stage.context(), PAPER)
    assert stage.tick() == {}


def test_one_platforms_refusal_leaves_the_other_alone_and_asks_a_person(stage: Stage) -> None:
    stage.publishers[Platform.BLUESKY].fail(Moment.BEFORE, PermanentError("too long"))
    assert stage.tick() == {"bluesky": DeliveryState.REFUSED, "x": DeliveryState.SENT}
    assert stage.shown()["state"] == "attention"
    assert stage.out(Platform.X) == stage.approved(Platform.X)


def test_a_transient_failure_is_tried_again_later_and_not_before(stage: Stage) -> None:
    stage.publishers[Platform.X].fail(Moment.BEFORE, TransientError("not now"))
    assert stage.tick() == {"bluesky": DeliveryState.SENT, "x": DeliveryState.PLANNED}
    assert stage.tick() == {}
    stage.now += timedelta(minutes=1)
    assert stage.tick() == {"x": DeliveryState.SENT}
    assert stage.shown()["state"] == "published"


def test_the_other_sides_wish_for_a_pause_is_respected(stage: Stage) -> None:
    stage.publishers[Platform.X].fail(Moment.BEFORE, TransientError("too many", retry_after=900))
    stage.tick()
    stage.now += timedelta(seconds=899)
    assert stage.tick() == {}
    stage.now += timedelta(seconds=1)
    assert stage.tick() == {"x": DeliveryState.SENT}


def test_an_endless_transient_failure_comes_to_a_person_in_the_end(stage: Stage) -> None:
    stage.publishers[Platform.X].fail(Moment.BEFORE, *(TransientError("not now") for _ in range(MOST_TRIES)))
    for _ in range(MOST_TRIES):
        stage.tick()
        stage.now += timedelta(hours=1)
    assert stage.states() == {"bluesky": "sent", "x": "refused"}
    assert stage.shown()["state"] == "attention"


def test_a_thread_interrupted_between_two_posts_is_continued_not_repeated(stage: Stage) -> None:
    stage.stopping = True
    assert stage.tick()["x"] is DeliveryState.PLANNED
    assert stage.out(Platform.X) == stage.approved(Platform.X)[:1]
    stage.stopping = False
    assert stage.tick() == {"x": DeliveryState.SENT}
    assert stage.out(Platform.X) == stage.approved(Platform.X)


@pytest.mark.parametrize("platform", [Platform.BLUESKY, Platform.X])
def test_a_lost_answer_to_a_request_that_was_carried_out_is_found_at_once(stage: Stage, platform: Platform) -> None:
    stage.publishers[platform].fail(Moment.AFTER, UnknownOutcomeError("no answer"))
    assert stage.tick()[platform] is DeliveryState.SENT
    assert stage.out(platform) == stage.approved(platform)


@pytest.mark.parametrize("platform", [Platform.BLUESKY, Platform.X])
def test_a_lost_request_is_sent_again_after_a_second_look(stage: Stage, platform: Platform) -> None:
    stage.publishers[platform].fail(Moment.BEFORE, UnknownOutcomeError("no answer"))
    assert stage.tick()[platform] is DeliveryState.UNKNOWN
    assert stage.shown()["state"] == "publishing"
    assert stage.tick() == {}
    stage.now += GRACE
    assert stage.tick() == {str(platform): DeliveryState.SENT}
    assert stage.out(platform) == stage.approved(platform)


def test_on_x_a_request_lost_twice_comes_to_a_person(stage: Stage) -> None:
    stage.publishers[Platform.X].fail(Moment.BEFORE, *(UnknownOutcomeError("no answer") for _ in range(2)))
    for _ in range(3):
        stage.tick()
        stage.now += GRACE
    assert stage.states()["x"] == "unknown"
    assert stage.shown()["state"] == "attention"
    assert stage.publishers[Platform.X].send_count == 2


def test_a_look_that_fails_for_the_moment_is_not_taken_for_an_answer(stage: Stage) -> None:
    publisher = stage.publishers[Platform.X]
    publisher.fail(Moment.AFTER, UnknownOutcomeError("no answer"))
    publisher.fail(Moment.FIND, TransientError("the timeline is busy"))
    assert stage.tick()["x"] is DeliveryState.UNKNOWN
    assert stage.tick(arxiv_id=PAPER) == {}
    stage.now += GRACE
    assert stage.tick() == {"x": DeliveryState.SENT}
    assert stage.out(Platform.X) == stage.approved(Platform.X)


def test_when_the_platform_cannot_tell_nothing_is_sent_again(stage: Stage) -> None:
    publisher = stage.publishers[Platform.X]
    publisher.fail(Moment.BEFORE, UnknownOutcomeError("no answer"))
    publisher.fail(Moment.FIND, UnknownOutcomeError("the timeline cannot be read"))
    assert stage.tick()["x"] is DeliveryState.UNKNOWN
    stage.now += timedelta(days=1)
    assert stage.tick() == {}
    assert (stage.shown()["state"], publisher.send_count) == ("attention", 1)


@pytest.mark.parametrize("platform", [Platform.BLUESKY, Platform.X])
@pytest.mark.parametrize("moment", [Moment.PREPARE, Moment.BEFORE, Moment.AFTER])
def test_a_crash_at_any_step_neither_loses_nor_doubles_a_post(stage: Stage, platform: Platform, moment: Moment) -> None:
    publisher = stage.publishers[platform]
    publisher.fail(moment, KilledError())  # type: ignore[arg-type]
    with pytest.raises(KilledError):
        stage.tick()
    assert stage.states()[platform] == "sending"
    stage.now += LEASE + timedelta(seconds=1)
    stage.tick("w2")
    assert stage.states() == {"bluesky": "sent", "x": "sent"}
    for name in stage.publishers:
        assert stage.out(name) == stage.approved(name)


def test_a_claimed_delivery_is_not_taken_by_another_worker_while_the_lease_lasts(stage: Stage) -> None:
    publisher = stage.publishers[Platform.BLUESKY]
    publisher.fail(Moment.BEFORE, KilledError())  # type: ignore[arg-type]
    with pytest.raises(KilledError):
        stage.tick("w1")
    assert stage.tick("w2") == {"x": DeliveryState.SENT}
    assert publisher.send_count == 1


def test_a_platform_that_is_off_waits_and_goes_out_once_it_is_on(stage: Stage) -> None:
    x = stage.publishers.pop(Platform.X)
    assert stage.tick() == {"bluesky": DeliveryState.SENT}
    assert stage.shown()["state"] == "publishing"
    stage.publishers[Platform.X] = x
    assert stage.tick() == {"x": DeliveryState.SENT}


def test_undo_is_refused_once_a_post_is_out_anywhere(stage: Stage) -> None:
    stage.publishers[Platform.X].fail(Moment.BEFORE, TransientError("not now"))
    stage.tick()
    with pytest.raises(PicksError, match="posts are out, or may be, on bluesky"):
        decisions.undo(stage.context(), PAPER)


def test_undo_stops_a_pick_during_an_outage(stage: Stage) -> None:
    for publisher in stage.publishers.values():
        publisher.fail(Moment.BEFORE, TransientError("not now"))
    stage.tick()
    decisions.undo(stage.context(), PAPER)
    stage.now += timedelta(days=1)
    assert stage.tick() == {}
    assert stage.shown()["state"] == "queued"


def test_undo_is_refused_while_a_request_may_have_been_carried_out(stage: Stage) -> None:
    stage.publishers.pop(Platform.BLUESKY)
    stage.publishers[Platform.X].fail(Moment.BEFORE, UnknownOutcomeError("no answer"))
    stage.tick()
    with pytest.raises(PicksError, match="posts are out, or may be, on x"):
        decisions.undo(stage.context(), PAPER)


def test_what_was_refused_goes_out_when_a_person_names_it_again(stage: Stage) -> None:
    stage.publishers[Platform.X].fail(Moment.BEFORE, PermanentError("no"))
    stage.tick()
    stage.now += timedelta(days=1)
    assert stage.tick() == {}
    assert stage.tick(arxiv_id=PAPER) == {"x": DeliveryState.SENT}
    assert stage.shown()["state"] == "published"
    assert stage.out(Platform.X) == stage.approved(Platform.X)


def test_a_refused_pick_of_which_nothing_is_out_can_be_taken_back(stage: Stage) -> None:
    for publisher in stage.publishers.values():
        publisher.fail(Moment.BEFORE, PermanentError("no"))
    stage.tick()
    assert stage.shown()["state"] == "attention"
    decisions.undo(stage.context(), PAPER)
    assert stage.shown()["state"] == "queued"


def test_an_old_list_of_what_is_due_never_posts_another_pick(stage: Stage) -> None:
    old_list = due_deliveries(stage.database, now=NOON, channels=["sample"])
    decisions.undo(stage.context(), PAPER)
    decisions.approve(stage.context(), PAPER, Edits(note="Other words."), at=NOON + timedelta(days=3))
    reports = [deliver(stage.outbox(), delivery_id) for delivery_id in old_list]
    assert reports == [None, None]
    assert stage.out(Platform.BLUESKY) == []


def test_a_pause_that_another_worker_noted_is_respected_by_an_old_list(stage: Stage) -> None:
    old_list = due_deliveries(stage.database, now=NOON, channels=["sample"])
    stage.publishers[Platform.X].fail(Moment.BEFORE, TransientError("too many", retry_after=900))
    stage.tick("w1")
    assert [deliver(stage.outbox("w2"), delivery_id) for delivery_id in old_list] == [None, None]


@pytest.mark.parametrize("platform", [Platform.BLUESKY, Platform.X])
def test_a_repeat_that_never_left_does_not_forget_the_first_request(stage: Stage, platform: Platform) -> None:
    publisher = stage.publishers[platform]
    publisher.fail(Moment.BEFORE, UnknownOutcomeError("no answer"))
    stage.tick()
    before = _request(stage, platform)
    stage.now += GRACE
    publisher.fail(Moment.BEFORE, TransientError("no connection"))
    stage.tick()
    assert _request(stage, platform) == before
    stage.now += GRACE
    stage.tick()
    assert stage.out(platform) == stage.approved(platform)


def test_half_an_account_on_one_platform_leaves_the_other_alone(stage: Stage) -> None:
    def publisher_for(_: str, platform: Platform) -> MemoryPublisher:
        if platform is Platform.BLUESKY:
            raise SettingsError("half an account")
        return stage.publishers[platform]

    outbox = replace(stage.outbox(), publisher_for=publisher_for)
    reports = deliver_due(outbox, channels=["sample"])
    assert [(report.platform, report.state) for report in reports] == [(Platform.X, DeliveryState.SENT)]


def test_a_thread_that_would_exceed_the_budget_waits_and_does_not_hold_bluesky_back(stage: Stage) -> None:
    poor = replace(
        stage.outbox(),
        channels=with_rules(XRules(monthly_budget_usd=Decimal("0.20"))),
    )
    reports = deliver_due(poor, channels=["sample"])
    assert [(report.platform, report.state) for report in reports] == [(Platform.BLUESKY, DeliveryState.SENT)]
    [x] = [item for item in stage.shown()["deliveries"] if item["platform"] == "x"]
    assert (x["state"], x["attempts"]) == ("planned", 0)
    assert "would exceed the channel's budget for X, $0.20 a month" in x["error"]
    stage.now += timedelta(hours=1)
    rich = replace(stage.outbox(), channels=with_rules(XRules(monthly_budget_usd=Decimal(20))))
    assert [report.state for report in deliver_due(rich, channels=["sample"])] == [DeliveryState.SENT]


def test_a_thread_that_a_killed_worker_left_waits_for_the_budget_like_any_other(stage: Stage) -> None:
    stage.publishers[Platform.X].fail(Moment.PREPARE, KilledError())  # type: ignore[arg-type]
    with pytest.raises(KilledError):
        stage.tick()
    stage.now += LEASE * 2
    poor = replace(
        stage.outbox("w2"),
        channels=with_rules(XRules(monthly_budget_usd=Decimal("0.20"))),
    )
    assert deliver_due(poor, channels=["sample"]) == []
    [x] = [item for item in stage.shown()["deliveries"] if item["platform"] == "x"]
    assert (x["state"], x["error"][:39]) == ("planned", "would exceed the channel's budget for X")


def test_a_refused_thread_that_a_person_wants_and_nobody_can_pay_waits_for_the_budget(stage: Stage) -> None:
    stage.publishers[Platform.X].fail(Moment.BEFORE, PermanentError("X refused the words"))
    stage.tick()
    poor = replace(
        stage.outbox(),
        channels=with_rules(XRules(monthly_budget_usd=Decimal("0.20"))),
    )
    assert deliver_due(poor, channels=["sample"], arxiv_id=PAPER) == []
    assert (stage.states()["x"], stage.shown()["state"]) == ("planned", "publishing")
    stage.now += timedelta(hours=1)
    assert stage.tick() == {"x": DeliveryState.SENT}


def test_whoever_asks_for_years_is_asked_again_tomorrow(stage: Stage) -> None:
    stage.publishers[Platform.X].fail(Moment.BEFORE, TransientError("too many", retry_after=1e12))
    stage.tick()
    [x] = [item for item in stage.shown()["deliveries"] if item["platform"] == "x"]
    assert x["next_try_at"] == "2026-02-18T12:00:00Z"


def test_a_new_month_has_a_new_budget(stage: Stage) -> None:
    [price] = [item["cost_usd"] for item in stage.shown()["deliveries"] if item["platform"] == "x"]
    stage.tick()
    with stage.database.reading() as session:
        assert float(spent(session, "sample", Platform.X, now=stage.now)) == pytest.approx(price)
        assert spent(session, "sample", Platform.X, now=stage.now + timedelta(days=14)) == 0


def test_a_thread_that_has_begun_is_finished_whatever_the_budget(stage: Stage) -> None:
    stage.stopping = True
    stage.tick()
    stage.stopping = False
    poor = replace(stage.outbox(), channels=with_rules(XRules(monthly_budget_usd=Decimal(0))))
    assert [report.state for report in deliver_due(poor, channels=["sample"])] == [DeliveryState.SENT]


def test_what_was_spent_counts_the_posts_that_are_out(stage: Stage) -> None:
    stage.stopping = True
    stage.tick()
    [x] = [item for item in stage.shown()["deliveries"] if item["platform"] == "x"]
    status = status_view.status(stage.database, CHANNEL, accounts={}, now=NOON)
    assert (x["spent_usd"], status["x_spending"]["usd"]) == (0.015, 0.015)
    assert x["cost_usd"] > x["spent_usd"]


def _request(stage: Stage, platform: Platform) -> object:
    with stage.database.reading() as session:
        return session.exec(select(Delivery.request).where(Delivery.platform == platform)).one()


def test_publishing_by_name_refuses_what_is_not_approved(stage: Stage) -> None:
    decisions.undo(stage.context(), PAPER)
    with pytest.raises(PicksError, match="is not approved \\(queued\\); approve it first"):
        approved_paper(stage.database, CHANNEL, PAPER)


def test_what_is_due_lists_the_oldest_first(stage: Stage) -> None:
    ids = due_deliveries(stage.database, now=NOON, channels=["sample"])
    assert ids == sorted(ids)
    assert len(ids) == 2
