"""An account is the same under every handle, and a handle is not the same for ever."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlmodel import select

import json_views as views
from bot.curation import decisions
from bot.curation.context import Account, Context, Edits
from bot.domain.accounts import Identity
from bot.domain.errors import AccountError, PicksError, TransientError, UnknownOutcomeError
from bot.domain.posts import Platform, Post
from bot.domain.states import DeliveryState
from bot.intake.ingest import Capture, ingest
from bot.platforms.memory import MemoryPublisher, Moment, Timeline
from bot.platforms.publisher import Receipt, Request
from bot.publishing.resolve import Verdict, resolve
from bot.publishing.retract import Retraction, retract
from bot.publishing.sender import Report, deliver_due
from bot.store.account_tables import AccountState
from bot.store.accounts import identity_of, learn
from bot.store.database import Database
from bot.store.tables import Delivery
from publishing_stage import CHANNEL, PAPER, Stage, approved_stage
from samples import NOON, announcement, batch

OTHER = CHANNEL.model_copy(update={"name": "other"})
SECOND = "2602.00002"
OLD, NEW = "picks.example.social", "picks.example.org"
DID, OTHER_DID = "did:plc:one", "did:plc:two"
BOTH = (Platform.BLUESKY, Platform.X)


@pytest.fixture
def stage(database: Database) -> Stage:
    """Return a stage whose account has a handle and an id, and whose paper is queued in another channel too."""
    stage = approved_stage(database, account=OLD)
    _call_it(stage, OLD)
    papers = [announcement(item, "Probing") for item in (PAPER, SECOND)]
    ingest(database, [Capture(batch(*papers, feed="cs.LG"), "test")], channels=[CHANNEL, OTHER], now=NOON)
    return stage


def _call_it(stage: Stage, handle: str, account_id: str = DID) -> None:
    """Let the account be called otherwise, as after a change of its handle; or let the handle be another account's."""
    for platform, known in stage.publishers.items():
        timeline = known.timeline if account_id == DID else Timeline()
        stage.publishers[platform] = MemoryPublisher(platform, account=handle, account_id=account_id, timeline=timeline)


def _other(stage: Stage, handle: str = NEW) -> Context:
    return replace(stage.context(), channel=OTHER, accounts=dict.fromkeys(BOTH, Account(handle)))


def _posts(stage: Stage) -> dict[Platform, int]:
    return {platform: len(stage.out(platform)) for platform in BOTH}


def _send_other(stage: Stage) -> list[tuple[DeliveryState, str | None]]:
    return [(item.state, item.error) for item in deliver_due(stage.outbox(), channels=["other"])]


def _learned(stage: Stage, handle: str) -> None:
    with stage.database.transaction() as session:
        for platform in BOTH:
            learn(session, platform, Identity(handle, DID), now=stage.now)


def test_a_paper_does_not_go_out_twice_when_the_handle_moves_between_two_channels(stage: Stage) -> None:
    stage.tick()
    posts = _posts(stage)
    _call_it(stage, NEW)
    decisions.approve(_other(stage), PAPER, Edits(), at=NOON)
    reason = f"the channel sample has this paper out on {NEW} already; nothing is posted twice, so give it up here"
    assert _send_other(stage) == [(DeliveryState.REFUSED, reason)] * 2
    assert _posts(stage) == posts


def test_once_somebody_has_signed_in_with_the_new_handle_it_is_not_even_approved(stage: Stage) -> None:
    stage.tick()
    _learned(stage, NEW)
    with pytest.raises(PicksError, match=r"approved for the same account already \(bluesky by sample, x by sample\)"):
        decisions.approve(_other(stage), PAPER, Edits())


def test_two_names_of_one_account_that_meet_while_both_are_sent_make_one_thread(stage: Stage) -> None:
    decisions.approve(_other(stage), PAPER, Edits(), at=NOON)
    renamed = {
        platform: MemoryPublisher(platform, account=NEW, account_id=DID, timeline=known.timeline)
        for platform, known in stage.publishers.items()
    }
    other = replace(stage.outbox("w2"), publisher_for=lambda _, platform: renamed[platform])
    reports: list[Report] = []
    for platform, known in stage.publishers.items():
        stage.publishers[platform] = _Interrupted(known, lambda: reports.extend(deliver_due(other, channels=["other"])))
    stage.tick()
    assert [item.state for item in reports if item.platform is Platform.BLUESKY] == [DeliveryState.PLANNED]
    first_posts = {item: [it for it in stage.publishers[item].timeline.posts if it.parent is None] for item in BOTH}
    assert {platform: len(posts) for platform, posts in first_posts.items()} == dict.fromkeys(BOTH, 1)


class _Interrupted(MemoryPublisher):
    """Lets something happen between the moment at which a worker knows its account, and its first post."""

    def __init__(self, known: MemoryPublisher, act: Callable[[], None]) -> None:
        super().__init__(known.platform, account=OLD, account_id=DID, timeline=known.timeline)
        self._act = act

    def prepare(self, posts: Sequence[Post], *, sent: Sequence[Receipt], name: str, now: datetime) -> Request:
        """Let it happen, then prepare."""
        self._act()
        return super().prepare(posts, sent=sent, name=name, now=now)


def test_a_handle_that_has_come_to_another_account_is_another_account(stage: Stage) -> None:
    stage.tick()
    _call_it(stage, OLD, OTHER_DID)
    _learned_as(stage, OLD, OTHER_DID)
    assert decisions.approve(_other(stage, OLD), PAPER, Edits(), at=NOON).taken == {}
    assert [state for state, _ in _send_other(stage)] == [DeliveryState.SENT] * 2


def _learned_as(stage: Stage, handle: str, account_id: str) -> None:
    with stage.database.transaction() as session:
        for platform in BOTH:
            learn(session, platform, Identity(handle, account_id), now=stage.now)


def test_half_a_thread_goes_on_under_the_new_handle_of_its_account(stage: Stage) -> None:
    stage.stopping = True
    stage.tick()
    stage.stopping = False
    _call_it(stage, NEW)
    assert stage.tick() == {"x": DeliveryState.SENT}
    assert stage.out(Platform.X) == stage.approved(Platform.X)


def test_half_a_thread_does_not_go_on_when_its_handle_has_come_to_another_account(stage: Stage) -> None:
    stage.stopping = True
    stage.tick()
    stage.stopping = False
    _call_it(stage, OLD, OTHER_DID)
    [report] = deliver_due(stage.outbox(), channels=["sample"])
    assert report.state is DeliveryState.REFUSED
    assert report.error is not None
    assert report.error.startswith(f"it has begun to go out as {OLD} ({DID}), and x is {OLD} ({OTHER_DID}) now")
    assert stage.out(Platform.X) == []


def test_a_lost_post_is_not_forgotten_because_another_account_does_not_show_it(stage: Stage) -> None:
    x = stage.publishers[Platform.X]
    x.fail(Moment.AFTER, UnknownOutcomeError("no answer"))
    x.fail(Moment.FIND, TransientError("the timeline is busy"))
    stage.tick()
    mine = dict(stage.publishers)
    _call_it(stage, OLD, OTHER_DID)
    deliver_due(stage.outbox(), channels=["sample"], arxiv_id=PAPER)
    stage.now += timedelta(hours=1)
    deliver_due(stage.outbox(), channels=["sample"], arxiv_id=PAPER, single=True)
    assert stage.out(Platform.X) == []
    stage.publishers = mine
    deliver_due(stage.outbox(), channels=["sample"], arxiv_id=PAPER)
    assert stage.out(Platform.X) == stage.approved(Platform.X)


def test_a_slot_that_the_account_has_under_another_name_is_taken(stage: Stage) -> None:
    stage.tick()
    first = decisions.approve(stage.context(account=OLD), SECOND, Edits()).slot
    _learned(stage, NEW)
    ingest(
        stage.database,
        [Capture(batch(announcement("2602.00003", "Probing"), feed="cs.LG"), "test")],
        channels=[OTHER],
        now=NOON,
    )
    assert decisions.approve(_other(stage), "2602.00003", Edits()).slot == first + timedelta(days=1)


def test_an_account_rests_under_every_name(stage: Stage) -> None:
    stage.tick()
    decisions.approve(stage.context(account=OLD), SECOND, Edits(), at=NOON)
    for publisher in stage.publishers.values():
        publisher.fail(Moment.BEFORE, AccountError("locked"))
    stage.tick()
    _call_it(stage, NEW)
    _learned(stage, NEW)
    stage.now += timedelta(minutes=2)
    assert stage.tick() == {}
    with stage.database.reading() as session:
        assert {row.account for row in session.exec(select(AccountState))} == {DID}


def test_what_was_counted_under_a_name_counts_for_the_account_that_it_turns_out_to_be(stage: Stage) -> None:
    for publisher in stage.publishers.values():
        publisher.fail(Moment.IDENTIFY, AccountError("the password is wrong"))
    assert stage.tick() == {"bluesky": DeliveryState.PLANNED, "x": DeliveryState.PLANNED}
    with stage.database.reading() as session:
        assert {row.account for row in session.exec(select(AccountState))} == {OLD}
    _learned(stage, OLD)
    with stage.database.reading() as session:
        assert {(row.account, row.failures) for row in session.exec(select(AccountState))} == {(DID, 1)}
        assert {row.account_id for row in session.exec(select(Delivery))} == {DID}


def test_a_sign_in_teaches_old_rows_who_they_were(stage: Stage) -> None:
    stage.tick()
    with stage.database.reading() as session:
        assert identity_of(session, Platform.X, OLD) == Identity(OLD, DID)
        assert {row.account_id for row in session.exec(select(Delivery))} == {DID}


def _retract(stage: Stage) -> list[Retraction]:
    return retract(stage.outbox(), CHANNEL, PAPER, actor=stage.context().actor)


def test_a_retraction_as_another_account_takes_nothing_down_and_names_the_account(stage: Stage) -> None:
    stage.tick()
    mine, posts = dict(stage.publishers), _posts(stage)
    _call_it(stage, NEW, OTHER_DID)
    done = _retract(stage)
    assert [(item.removed, item.left) for item in done] == [(0, posts[item.platform]) for item in done]
    for item in done:
        assert item.error is not None
        assert f"it is on the account {OLD} ({DID}), and {NEW} ({OTHER_DID}) is signed in" in item.error
    stage.publishers = mine
    assert _posts(stage) == posts
    assert [(item.left, item.error) for item in _retract(stage)] == [(0, None), (0, None)]
    assert _posts(stage) == dict.fromkeys(BOTH, 0)


def test_what_is_down_on_an_account_that_is_gone_a_person_may_say(stage: Stage) -> None:
    stage.tick()
    _call_it(stage, NEW, OTHER_DID)
    _retract(stage)
    accounts = dict.fromkeys(BOTH, Account(NEW))
    with stage.database.transaction() as session:
        for platform in BOTH:
            learn(session, platform, Identity(NEW, OTHER_DID), now=stage.now)

    def commands() -> list[list[str]]:
        found = views.status(stage.database, CHANNEL, accounts=accounts, now=stage.now)["attention"]
        return [item["commands"] for item in found if item["arxiv_id"]]

    way = f"picks resolve {PAPER} --platform x --give-up"
    assert commands()[1] == [f"picks retract {PAPER}", way]
    for platform in BOTH:
        verdict = Verdict(give_up=True)
        resolve(stage.database, CHANNEL, PAPER, verdict, actor=stage.context().actor, now=stage.now, platform=platform)
    assert commands() == []
    decisions.reopen(stage.context(), PAPER)


def test_a_retraction_under_a_new_handle_of_the_same_account_takes_down(stage: Stage) -> None:
    stage.tick()
    _call_it(stage, NEW)
    assert [(item.left, item.error) for item in _retract(stage)] == [(0, None), (0, None)]
    assert _posts(stage) == dict.fromkeys(BOTH, 0)


def test_a_retraction_as_another_account_does_not_settle_a_lost_answer(stage: Stage) -> None:
    x = stage.publishers[Platform.X]
    x.fail(Moment.AFTER, UnknownOutcomeError("no answer"))
    x.fail(Moment.FIND, TransientError("the timeline is busy"))
    stage.tick()
    mine = dict(stage.publishers)
    _call_it(stage, NEW, OTHER_DID)
    _retract(stage)
    stage.now += timedelta(hours=1)
    [error] = [item.error for item in _retract(stage) if item.platform is Platform.X]
    assert error is not None
    assert error.startswith(f"cannot look for a post whose answer was lost: it is on the account {OLD}")
    stage.publishers = mine
    _retract(stage)
    assert stage.out(Platform.X) == []


def test_what_is_shown_of_an_account_is_its_name(stage: Stage) -> None:
    stage.tick()
    shown = views.show(stage.database, CHANNEL, PAPER)["deliveries"]
    assert {item["account"] for item in shown} == {OLD}
