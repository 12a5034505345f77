"""Two channels on one account: no paper twice, no slot twice, no burst after downtime."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import col, select

import json_views as views
from bot.curation import decisions, slots
from bot.curation.context import Account, Context, Edits
from bot.curation.duplicates import duplicates
from bot.domain.accounts import Identity
from bot.domain.errors import PermanentError, PicksError, TransientError, UnknownOutcomeError
from bot.domain.posts import Platform
from bot.domain.states import DeliveryState
from bot.intake.ingest import Capture, ingest
from bot.interfaces import commands
from bot.platforms.memory import Moment
from bot.publishing.endings import GRACE
from bot.publishing.resolve import Verdict, resolve
from bot.publishing.retract import retract
from bot.publishing.sender import deliver_due
from bot.store.database import Database
from bot.store.tables import Candidate, Delivery
from publishing_stage import CHANNEL, PAPER, Stage, approved_stage
from samples import NOON, announcement, batch

OTHER = CHANNEL.model_copy(update={"name": "other"})
SECOND = "2602.00002"


@pytest.fixture
def stage(database: Database) -> Stage:
    """Return a stage whose paper is approved in one channel and queued in another one."""
    stage = approved_stage(database)
    for publisher in stage.publishers.values():
        publisher.account = "an account"
    papers = [announcement(item, "Probing") for item in (PAPER, SECOND)]
    ingest(database, [Capture(batch(*papers, feed="cs.LG"), "test")], channels=[CHANNEL, OTHER], now=NOON)
    return stage


def _other_context(stage: Stage, **accounts: str | None) -> Context:
    names = {Platform(name): Account(account) for name, account in accounts.items()}
    return replace(stage.context(), channel=OTHER, accounts={**stage.context().accounts, **names})


def _states(stage: Stage, channel: str) -> list[tuple[Platform, DeliveryState, str | None]]:
    reports = deliver_due(stage.outbox(), channels=[channel])
    return [(item.platform, item.state, item.error) for item in reports]


def test_a_paper_that_another_channel_posts_there_is_not_approved_again(stage: Stage) -> None:
    with pytest.raises(PicksError, match=r"approved for the same account already \(bluesky by sample, x by sample\)"):
        decisions.approve(_other_context(stage), PAPER, Edits())
    assert views.show(stage.database, OTHER, PAPER)["state"] == "queued"


def test_the_platform_with_an_account_of_its_own_still_gets_it(stage: Stage) -> None:
    context = _other_context(stage, x="another account")
    call = commands.Call(choose=lambda: context, every=lambda: [context], outbox=stage.outbox)
    reply = commands.VERBS["approve"].run(call, PAPER)
    assert [item.platform for item in reply.data.deliveries] == ["x"]
    assert "left out: bluesky: the channel sample posts it there" in reply.summary


def test_once_the_other_channel_has_taken_it_back_it_may_be_approved(stage: Stage) -> None:
    decisions.undo(stage.context(), PAPER)
    approval = decisions.approve(_other_context(stage), PAPER, Edits())
    assert approval.taken == {}


def _approve_for_accounts_that_turn_out_the_same(stage: Stage) -> None:
    context = _other_context(stage, bluesky="old name", x="old name")
    decisions.approve(context, PAPER, Edits(), at=NOON)


def test_what_turns_out_to_be_the_same_account_when_it_is_sent_is_refused(stage: Stage) -> None:
    _approve_for_accounts_that_turn_out_the_same(stage)
    stage.tick()
    reason = "the channel sample has this paper out on an account already; nothing is posted twice, so give it up here"
    assert _states(stage, "other") == [
        (Platform.BLUESKY, DeliveryState.REFUSED, reason),
        (Platform.X, DeliveryState.REFUSED, reason),
    ]
    assert len(stage.out(Platform.BLUESKY)) == len(stage.approved(Platform.BLUESKY))


def test_while_the_other_channels_fate_is_open_it_waits(stage: Stage) -> None:
    _approve_for_accounts_that_turn_out_the_same(stage)
    stage.publishers[Platform.X].fail(Moment.BEFORE, UnknownOutcomeError("no answer"))
    stage.tick()
    assert stage.states()["x"] == "unknown"
    assert [platform for platform, _, _ in _states(stage, "other")] == [Platform.BLUESKY]


def test_what_keeps_it_waiting_is_said(stage: Stage) -> None:
    _approve_for_accounts_that_turn_out_the_same(stage)
    stage.publishers[Platform.X].fail(Moment.BEFORE, UnknownOutcomeError("no answer"))
    stage.tick()
    _states(stage, "other")
    reasons = {item["platform"]: item["error"] for item in views.show(stage.database, OTHER, PAPER)["deliveries"]}
    assert reasons["x"].startswith("waits for the channel sample, which is sending this paper to an account")


def test_a_lost_post_is_looked_up_whatever_the_other_channel_does(stage: Stage) -> None:
    _approve_for_accounts_that_turn_out_the_same(stage)
    stage.publishers[Platform.X].fail(Moment.AFTER, UnknownOutcomeError("no answer"))
    stage.publishers[Platform.X].fail(Moment.FIND, TransientError("the timeline is busy"))
    stage.tick()
    with stage.database.transaction() as session:  # plays a version that did not ask about other channels
        mine, other = session.exec(select(Delivery).where(Delivery.platform == Platform.X).order_by(col(Delivery.id)))
        other.state, other.request, other.next_try_at = mine.state, mine.request, mine.next_try_at
        other.account = mine.account
    stage.now += GRACE
    stage.tick()
    [x] = [item for item in stage.shown()["deliveries"] if item["platform"] == "x"]
    assert [post["remote_id"] for post in x["posts"]] == ["x:1", None, None, None]
    assert "waits for the channel other" in x["error"]


def test_half_a_thread_that_was_given_up_still_counts(stage: Stage) -> None:
    stage.publishers[Platform.X].fail(Moment.BEFORE, None, PermanentError("X refused the words"))
    stage.tick()
    resolve(stage.database, CHANNEL, PAPER, Verdict(give_up=True), actor=stage.context().actor, now=stage.now)
    assert _taken(stage) == {Platform.BLUESKY: "sample", Platform.X: "sample"}


def test_a_post_that_may_be_out_still_counts_when_it_was_given_up(stage: Stage) -> None:
    stage.publishers[Platform.X].fail(Moment.AFTER, UnknownOutcomeError("no answer"))
    stage.publishers[Platform.X].fail(Moment.FIND, UnknownOutcomeError("X cannot tell"))
    stage.tick()
    resolve(stage.database, CHANNEL, PAPER, Verdict(give_up=True), actor=stage.context().actor, now=stage.now)
    assert _taken(stage) == {Platform.BLUESKY: "sample", Platform.X: "sample"}


def test_a_retraction_counts_once_everything_is_down(stage: Stage) -> None:
    stage.tick()
    stage.publishers[Platform.X].fail(Moment.REMOVE, PermanentError("not now"))
    retract(stage.outbox(), CHANNEL, PAPER, actor=stage.context().actor)
    assert _taken(stage) == {Platform.X: "sample"}
    retract(stage.outbox(), CHANNEL, PAPER, actor=stage.context().actor)
    assert _taken(stage) == {}


def _taken(stage: Stage) -> dict[Platform, str]:
    with stage.database.reading() as session:
        candidate = session.exec(
            select(Candidate).where(Candidate.channel == "other", Candidate.arxiv_id == PAPER)
        ).one()
        found = {
            platform: duplicates(session, candidate, platform=platform, account=Identity("an account"))
            for platform in stage.publishers
        }
    return {platform: others[0].channel for platform, others in found.items() if others}


def test_what_has_begun_under_another_account_goes_on_under_that_one_only(stage: Stage) -> None:
    x = stage.publishers[Platform.X]
    stage.stopping = True
    stage.tick()
    stage.stopping, x.account = False, "a new account"
    [(platform, state, reason)] = _states(stage, "sample")
    assert (platform, state) == (Platform.X, DeliveryState.REFUSED)
    assert reason is not None
    assert reason.startswith("it has begun to go out as an account, and x is a new account now")
    x.account = "an account"
    deliver_due(stage.outbox(), channels=["sample"], arxiv_id=PAPER)
    assert stage.out(Platform.X) == stage.approved(Platform.X)


def test_a_slot_of_another_channel_on_the_same_account_is_taken(stage: Stage) -> None:
    first = decisions.approve(stage.context(), SECOND, Edits()).slot
    ours = decisions.approve(_other_context(stage, bluesky="another account"), PAPER, Edits(), at=None)
    assert (ours.taken, ours.slot) == ({Platform.X: "sample"}, first + timedelta(days=1))


def test_a_slot_of_another_channel_on_another_account_is_free(stage: Stage) -> None:
    first = decisions.approve(stage.context(), SECOND, Edits()).slot
    apart = _other_context(stage, bluesky="another account", x="a third one")
    assert decisions.approve(apart, PAPER, Edits()).slot == first


def test_after_downtime_channels_that_share_an_account_do_not_burst_together(stage: Stage) -> None:
    later = NOON + timedelta(hours=1)
    decisions.approve(_other_context(stage), SECOND, Edits(), at=later)
    back = later + timedelta(hours=1)
    assert slots.space_out(stage.database, [CHANNEL, OTHER], now=back) == [SECOND]


def test_after_downtime_channels_with_accounts_of_their_own_both_go_on_at_once(stage: Stage) -> None:
    later = NOON + timedelta(hours=1)
    decisions.approve(_other_context(stage, bluesky="b", x="c"), SECOND, Edits(), at=later)
    assert slots.space_out(stage.database, [CHANNEL, OTHER], now=later + timedelta(hours=1)) == []
