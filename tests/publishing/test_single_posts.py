"""Where X refuses the replies of a thread: a person is asked, or the approved single post goes out instead."""

from dataclasses import replace
from decimal import Decimal

import pytest
from sqlmodel import select

import json_views as views
from bot.curation import decisions
from bot.curation.context import Edits
from bot.domain.channel_sections import WhenReplyRefused, XRules
from bot.domain.errors import PermanentError, PicksError, TransientError, UnknownOutcomeError
from bot.domain.posts import Platform
from bot.domain.states import CandidateState, DeliveryState
from bot.platforms.memory import MemoryPublisher, Moment
from bot.platforms.publisher import ReplyRefusedError
from bot.publishing.budget import spent
from bot.publishing.endings import GRACE
from bot.publishing.resolve import Verdict, resolve
from bot.publishing.retract import retract
from bot.publishing.sender import Outbox, deliver, deliver_due
from bot.store.database import Database
from bot.store.tables import Candidate, Delivery
from publishing_stage import CHANNEL, NOTE, PAPER, KilledError, Stage, approved_stage, with_rules
from samples import NOON

REFUSED = ReplyRefusedError("X does not let the account reply")
AT_ONCE = with_rules(XRules(when_reply_refused=WhenReplyRefused.SINGLE))


@pytest.fixture
def stage(database: Database) -> Stage:
    """Return a stage on which X refuses the first reply of the approved thread."""
    stage = approved_stage(database)
    del stage.publishers[Platform.BLUESKY]
    stage.publishers[Platform.X].fail(Moment.BEFORE, None, REFUSED)
    return stage


def _at_once(stage: Stage, worker: str = "w1") -> Outbox:
    return replace(stage.outbox(worker), channels=AT_ONCE)


def _x(stage: Stage) -> views.Json:
    delivery: views.Json = next(item for item in stage.shown()["deliveries"] if item["platform"] == "x")
    return delivery


def _commands(stage: Stage) -> list[str]:
    [item] = views.status(stage.database, CHANNEL, accounts={}, now=stage.now)["attention"]
    return list(item["commands"])


def test_a_refused_reply_waits_for_a_person_who_is_offered_the_single_post(stage: Stage) -> None:
    assert stage.tick() == {"x": DeliveryState.REFUSED}
    assert stage.out(Platform.X) == stage.approved(Platform.X)[:1]
    assert stage.shown()["state"] == "attention"
    assert f"picks publish {PAPER} --single sends the approved single post instead" in _x(stage)["error"]
    assert _commands(stage) == [
        f"picks publish {PAPER} --single",
        f"picks publish {PAPER}",
        f"picks resolve {PAPER} --platform x --give-up",
    ]


def test_a_person_sends_the_single_post_and_the_half_thread_comes_down(stage: Stage) -> None:
    stage.tick()
    single = _x(stage)["single"]["text"]
    reports = deliver_due(stage.outbox(), channels=["sample"], arxiv_id=PAPER, single=True)
    assert [(item.platform, item.state) for item in reports] == [(Platform.X, DeliveryState.SENT)]
    assert stage.out(Platform.X) == [single]
    assert [post["text"] for post in _x(stage)["posts"]] == [single]
    assert _x(stage)["remarks"][-1] == "Sent as a single post, as a person decided."


def test_a_channel_that_wants_it_sends_the_single_post_at_once(stage: Stage) -> None:
    single = _x(stage)["single"]["text"]
    [report] = deliver_due(_at_once(stage), channels=["sample"])
    assert report.state is DeliveryState.SENT
    assert stage.out(Platform.X) == [single]
    assert _x(stage)["remarks"][-1].startswith("Sent as a single post: X does not let the account reply")


def test_the_single_post_was_frozen_at_approval(stage: Stage) -> None:
    frozen = views.frozen_threads(stage.database, CHANNEL, PAPER)["x"]["single"]
    assert "Probing" in frozen["text"]
    assert f"https://arxiv.org/abs/{PAPER}" in frozen["text"]
    assert frozen["cost_usd"] == pytest.approx(0.2)


def test_root_delete_and_single_post_are_booked(stage: Stage) -> None:
    deliver_due(_at_once(stage), channels=["sample"])
    assert _x(stage)["spent_usd"] == pytest.approx(0.015 + 0.010 + 0.200)
    with stage.database.reading() as session:
        assert spent(session, "sample", Platform.X, now=NOON) == Decimal("0.2250")


@pytest.mark.parametrize("moment", [Moment.REMOVE, Moment.REMOVED])
def test_a_delete_that_fails_for_now_is_tried_again_before_the_single_post(stage: Stage, moment: Moment) -> None:
    stage.publishers[Platform.X].fail(moment, TransientError("busy"))
    single = _x(stage)["single"]["text"]
    [first] = deliver_due(_at_once(stage), channels=["sample"])
    assert first.state is DeliveryState.PLANNED
    stage.now += GRACE
    [second] = deliver_due(_at_once(stage), channels=["sample"])
    assert second.state is DeliveryState.SENT
    assert stage.out(Platform.X) == [single]


@pytest.mark.parametrize("moment", [Moment.REMOVE, Moment.REMOVED, Moment.BEFORE, Moment.AFTER])
def test_a_crash_on_the_way_to_the_single_post_ends_with_it_alone(stage: Stage, moment: Moment) -> None:
    publisher, single = stage.publishers[Platform.X], _x(stage)["single"]["text"]
    earlier = [None] if moment is Moment.AFTER else []  # the first post of the thread
    publisher.fail(moment, *earlier, KilledError())  # type: ignore[arg-type]  # plays a kill
    with pytest.raises(KilledError):
        deliver_due(_at_once(stage), channels=["sample"])
    stage.now += GRACE * 10
    deliver_due(_at_once(stage, "w2"), channels=["sample"])
    assert stage.out(Platform.X) == [single]
    assert _x(stage)["state"] == "sent"


def test_no_single_post_goes_out_while_the_fate_of_a_reply_is_open(database: Database) -> None:
    stage = approved_stage(database)
    stage.publishers[Platform.X].fail(Moment.BEFORE, None, UnknownOutcomeError("no answer"), REFUSED)
    states = []
    for _ in range(2):
        states += [item.state for item in deliver_due(_at_once(stage), channels=["sample"]) if item.platform == "x"]
        stage.now += GRACE
    assert states == [DeliveryState.UNKNOWN, DeliveryState.REFUSED]
    assert stage.out(Platform.X) == stage.approved(Platform.X)[:1]


def test_a_first_post_with_the_same_words_becomes_the_single_one(database: Database) -> None:
    stage = approved_stage(database)
    first = CHANNEL.model_copy(update={"x": XRules.model_validate({"links": "first"})})
    decisions.approve(replace(stage.context(), channel=first), PAPER, Edits(note=NOTE), at=NOON)
    publisher = stage.publishers[Platform.X]
    publisher.fail(Moment.BEFORE, None, REFUSED)
    deliver_due(_at_once(stage), channels=["sample"])
    assert _x(stage)["state"] == "sent"
    assert stage.out(Platform.X) == [_x(stage)["single"]["text"]]
    assert publisher.send_count == 2
    assert _x(stage)["spent_usd"] == pytest.approx(0.2)


def test_a_thread_of_one_post_has_no_single_post_and_says_so(database: Database) -> None:
    stage = approved_stage(database)
    first = CHANNEL.model_copy(update={"x": XRules.model_validate({"links": "first"})})
    decisions.approve(replace(stage.context(), channel=first), PAPER, Edits(note=""), at=NOON)
    assert _x(stage)["single"] is None
    with pytest.raises(PicksError, match=f"{PAPER} has no single post"):
        deliver_due(stage.outbox(), channels=["sample"], arxiv_id=PAPER, single=True)
    assert _x(stage)["state"] == "planned"


def test_retract_takes_the_single_post_down(stage: Stage) -> None:
    deliver_due(_at_once(stage), channels=["sample"])
    done = retract(stage.outbox(), CHANNEL, PAPER, actor=stage.context().actor)
    assert [(item.platform, item.removed, item.left) for item in done if item.removed] == [(Platform.X, 1, 0)]
    assert stage.out(Platform.X) == []


def test_an_old_worker_cannot_send_what_became_single_meanwhile(stage: Stage) -> None:
    deliver_due(_at_once(stage), channels=["sample"])
    single = _x(stage)["single"]["text"]
    assert deliver(stage.outbox("w2"), 2) is None
    assert stage.out(Platform.X) == [single]


def test_what_a_person_found_of_the_thread_is_no_single_post(database: Database) -> None:
    stage = approved_stage(database)
    x = stage.publishers[Platform.X]
    x.fail(Moment.BEFORE, None, UnknownOutcomeError("no answer"))
    stage.tick()
    stage.now += GRACE
    x.fail(Moment.FIND, UnknownOutcomeError("X cannot tell"))
    deliver_due(stage.outbox(), channels=["sample"], arxiv_id=PAPER, single=True)
    stage.put_up(Platform.X, "777", stage.approved(Platform.X)[1], parent="x:1")
    _say_it_is_out(stage, "777")
    assert [post["remote_id"] for post in _x(stage)["posts"]] == ["x:1", "777", None, None]
    deliver_due(stage.outbox(), channels=["sample"], arxiv_id=PAPER, single=True)
    assert (_x(stage)["state"], stage.out(Platform.X)) == ("sent", [_x(stage)["single"]["text"]])


def _say_it_is_out(stage: Stage, remote_id: str) -> None:
    found = Verdict(sent_url=f"https://x.com/picks/status/{remote_id}")
    resolve(
        stage.database,
        CHANNEL,
        PAPER,
        found,
        actor=stage.context().actor,
        now=stage.now,
        publisher_for=stage.outbox().publisher_for,
    )


def test_a_lost_last_post_that_is_found_makes_the_thread_whole_and_no_single_post(database: Database) -> None:
    stage = approved_stage(database)
    x = stage.publishers[Platform.X]
    x.fail(Moment.AFTER, None, None, None, UnknownOutcomeError("no answer"))
    x.fail(Moment.FIND, TransientError("the timeline is busy"))
    stage.tick()
    stage.now += GRACE
    [report] = deliver_due(stage.outbox(), channels=["sample"], arxiv_id=PAPER, single=True)
    assert (report.state, stage.out(Platform.X)) == (DeliveryState.SENT, stage.approved(Platform.X))


def test_the_budget_is_asked_for_the_price_of_the_single_post(stage: Stage) -> None:
    enough = with_rules(XRules(monthly_budget_usd=Decimal("0.21")))
    outbox = replace(stage.outbox(), channels=enough)
    assert deliver_due(outbox, channels=["sample"], arxiv_id=PAPER) == []
    stage.publishers[Platform.X] = MemoryPublisher(Platform.X)
    [report] = deliver_due(outbox, channels=["sample"], arxiv_id=PAPER, single=True)
    assert report.state is DeliveryState.SENT


def test_a_single_post_that_a_person_found_is_not_sent_while_its_thread_is_up(stage: Stage) -> None:
    stage.publishers[Platform.X].fail(Moment.REMOVE, PermanentError("X refuses the delete"))
    deliver_due(_at_once(stage), channels=["sample"])
    stage.put_up(Platform.X, "777", _x(stage)["single"]["text"])
    _say_it_is_out(stage, "777")
    assert _x(stage)["state"] == "planned"
    stage.tick()
    assert (_x(stage)["state"], _x(stage)["replaced"]) == ("sent", [])


def test_a_root_that_holds_the_links_stays_when_its_replies_come_down(database: Database) -> None:
    stage = approved_stage(database)
    first = CHANNEL.model_copy(update={"x": XRules.model_validate({"links": "first"})})
    decisions.approve(replace(stage.context(), channel=first), PAPER, Edits(note=NOTE), at=NOON)
    publisher = stage.publishers[Platform.X]
    publisher.fail(Moment.BEFORE, None, None, REFUSED)
    deliver_due(_at_once(stage), channels=["sample"])
    assert stage.out(Platform.X) == [_x(stage)["single"]["text"]]
    assert (_x(stage)["state"], publisher.send_count) == ("sent", 3)


def test_a_thread_that_is_out_whole_is_not_replaced(stage: Stage) -> None:
    del stage.publishers[Platform.X]
    stage.publishers[Platform.X] = MemoryPublisher(Platform.X)
    stage.tick()
    with stage.database.transaction() as session:  # plays a kill between the last post and the end
        delivery = session.exec(select(Delivery).where(Delivery.platform == Platform.X)).one()
        delivery.state, delivery.lease_until = DeliveryState.SENDING, stage.now - GRACE
        session.exec(select(Candidate)).one().state = CandidateState.PUBLISHING
    [report] = deliver_due(stage.outbox(), channels=["sample"], arxiv_id=PAPER, single=True)
    assert (report.state, _x(stage)["as_single"]) == (DeliveryState.SENT, False)
    assert stage.out(Platform.X) == stage.approved(Platform.X)


def test_what_the_single_post_replaces_is_shown_until_it_is_down(stage: Stage) -> None:
    stage.publishers[Platform.X].fail(Moment.REMOVE, PermanentError("X refuses the delete"))
    deliver_due(_at_once(stage), channels=["sample"])
    assert (_x(stage)["state"], _x(stage)["replaced"]) == ("refused", ["https://memory.test/x:1"])
    deliver_due(_at_once(stage), channels=["sample"], arxiv_id=PAPER)
    assert (_x(stage)["state"], _x(stage)["replaced"]) == ("sent", [])
