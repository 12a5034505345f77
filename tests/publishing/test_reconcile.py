"""An account that knows more than the database: nothing is posted as it until the two were compared."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

import json_views as views
from backups import Backup
from bot.curation import decisions
from bot.curation.context import Account, Edits
from bot.domain.actors import Actor
from bot.domain.errors import TransientError, UnknownOutcomeError
from bot.domain.posts import LinkCard, Platform, Post
from bot.domain.states import DeliveryState
from bot.intake.ingest import Capture, ingest
from bot.platforms.memory import Moment, PublishedPost
from bot.publishing.reconcile import Reconciled, reconcile
from bot.publishing.sender import Outbox
from bot.publishing.waiting_mode import FirstLooks
from bot.store.database import Database
from bot.store.tables import METADATA
from publishing_stage import CHANNEL, NOTE, PAPER, Stage, approved_stage
from samples import NOON, announcement, batch

SECOND = "2602.00002"
SENT = {"bluesky": DeliveryState.SENT, "x": DeliveryState.SENT}
WAITS = {"bluesky": DeliveryState.PLANNED, "x": DeliveryState.PLANNED}


@pytest.fixture
def stage(database: Database) -> Stage:
    """Return a stage on which one pick is approved for now, and another paper is queued."""
    stage = approved_stage(database, account="picks.test")
    paper = announcement(SECOND, "Steering")
    ingest(database, [Capture(batch(paper, feed="cs.LG"), "test")], channels=[CHANNEL], now=NOON)
    return stage


def _outbox(stage: Stage) -> Outbox:
    return replace(stage.outbox(), channels={CHANNEL.name: CHANNEL}, actor=Actor("ada", "test"))


def _start(stage: Stage) -> FirstLooks:
    """Play the start of a worker."""
    looks = FirstLooks(_outbox(stage))
    looks.take([CHANNEL])
    return looks


def _reconcile(stage: Stage, *, dry_run: bool = False) -> Reconciled:
    return reconcile(_outbox(stage), [CHANNEL.name], dry_run=dry_run)


def _out(stage: Stage) -> dict[Platform, list[str]]:
    return {platform: stage.out(platform) for platform in stage.publishers}


def _waiting(stage: Stage) -> list[str]:
    accounts = dict.fromkeys(stage.publishers, Account("picks.test"))
    found = views.status(stage.database, CHANNEL, accounts=accounts, now=stage.now)["attention"]
    return [item["what"] for item in found if item["commands"] == ["picks reconcile"]]


def _restored_of_before_the_approval(stage: Stage) -> None:
    """Post the pick, and put back a database in which it is not approved; the second one is approved instead."""
    decisions.undo(stage.context(), PAPER)
    backup = Backup.of(stage.database)
    decisions.approve(stage.context(), PAPER, Edits(note=NOTE), at=stage.now)
    stage.tick()
    backup.put_back()
    decisions.approve(stage.context(), SECOND, Edits(note="Another one."), at=stage.now)


def test_a_worker_that_starts_on_an_old_database_posts_nothing_until_it_is_reconciled(stage: Stage) -> None:
    _restored_of_before_the_approval(stage)
    before = _out(stage)
    _start(stage)
    assert stage.tick() == {}
    assert _out(stage) == before
    assert _waiting(stage) == ["the account picks.test on bluesky waits", "the account picks.test on x waits"]
    for delivery in views.show(stage.database, CHANNEL, SECOND)["deliveries"]:
        assert "picks reconcile" in delivery["error"]

    found = _reconcile(stage)
    assert [(item.arxiv_id, item.state) for item in found.unknown] == [(PAPER, "queued")] * 2
    assert [item.posts for item in found.unknown] == [len(posts) for posts in before.values()]
    assert _waiting(stage) == []
    _start(stage)
    assert _waiting(stage) == []
    stage.now += timedelta(minutes=2)
    assert stage.tick() == SENT
    for platform, posts in _out(stage).items():
        assert len(posts) > len(before[platform])
        assert len(set(posts)) == len(posts)


def test_what_is_out_is_adopted_and_a_second_run_changes_nothing(stage: Stage) -> None:
    backup = Backup.of(stage.database)
    stage.tick()
    before = _out(stage)
    backup.put_back()
    _start(stage)
    assert stage.tick() == {}
    found = _reconcile(stage)
    assert [(item.platform, item.posts, item.whole) for item in found.adopted] == [
        (platform, len(posts), True) for platform, posts in before.items()
    ]
    assert (found.unknown, [item.problem for item in found.accounts]) == ([], [None, None])
    assert stage.states() == {"bluesky": "sent", "x": "sent"}
    assert stage.shown()["state"] == "published"

    rows = Backup.of(stage.database).rows
    stage.now += timedelta(minutes=5)
    again = _reconcile(stage)
    assert (again.adopted, again.unknown) == ([], [])
    looks = {"account_looks"}  # when it looked last is all that is new
    after = Backup.of(stage.database).rows
    assert {name: table for name, table in after.items() if name not in looks} == {
        name: table for name, table in rows.items() if name not in looks
    }
    assert _out(stage) == before


def test_a_dry_run_says_the_same_and_changes_nothing(stage: Stage) -> None:
    backup = Backup.of(stage.database)
    stage.tick()
    backup.put_back()
    _start(stage)
    rows = Backup.of(stage.database).rows
    planned = _reconcile(stage, dry_run=True)
    assert Backup.of(stage.database).rows == rows
    assert len(planned.adopted) == 2
    assert [item.waited for item in planned.accounts] == [True, True]
    assert _reconcile(stage).adopted == planned.adopted


def test_half_a_thread_is_adopted_and_the_rest_goes_out_once(stage: Stage) -> None:
    backup = Backup.of(stage.database)
    stage.stopping = True
    stage.tick()
    stage.stopping = False
    backup.put_back()
    found = _reconcile(stage)
    assert [(item.platform, item.whole) for item in found.adopted] == [("bluesky", True), ("x", False)]
    stage.now += timedelta(minutes=2)
    stage.tick()
    for platform in stage.publishers:
        assert stage.out(platform) == stage.approved(platform)


def test_a_thread_under_other_keys_is_adopted_by_its_words(stage: Stage) -> None:
    backup = Backup.of(stage.database)
    stage.tick()
    timeline = stage.publishers[Platform.BLUESKY].timeline
    timeline.named_keys.clear()  # plays an older version, whose keys were made otherwise
    backup.put_back()
    before = stage.out(Platform.BLUESKY)
    found = _reconcile(stage)
    assert [item.platform for item in found.adopted] == ["bluesky", "x"]
    stage.tick()
    assert stage.out(Platform.BLUESKY) == before


def test_other_words_about_an_approved_paper_are_listed_and_not_adopted(stage: Stage) -> None:
    backup = Backup.of(stage.database)
    stage.tick()
    backup.put_back()
    decisions.note(stage.context(), PAPER, Edits(note="Other words."))
    decisions.approve(stage.context(), PAPER, Edits(), at=stage.now)
    found = _reconcile(stage)
    assert (found.adopted, {item.state for item in found.unknown}) == ([], {"approved"})


def test_a_database_that_knows_everything_does_not_wait(stage: Stage) -> None:
    stage.tick()
    _start(stage)
    assert _waiting(stage) == []


def test_posts_by_hand_without_a_paper_do_not_make_it_wait(stage: Stage) -> None:
    for platform in stage.publishers:
        stage.put_up(platform, "77", "Hello from the operator, see https://example.org")
    _start(stage)
    assert _waiting(stage) == []
    assert stage.tick() == SENT
    assert [item.other_posts for item in _reconcile(stage).accounts] == [1, 1]


def test_one_platform_waits_and_the_other_posts(stage: Stage) -> None:
    card = LinkCard(f"https://arxiv.org/abs/{SECOND}", "Steering", "A paper")
    post = Post(text="Steering", length=8, limit=300, card=card)
    stage.publishers[Platform.BLUESKY].timeline.posts.append(PublishedPost("forgotten", post, None))
    _start(stage)
    assert stage.tick() == {"x": DeliveryState.SENT}
    assert stage.states() == {"bluesky": "planned", "x": "sent"}
    stage.now += timedelta(hours=1)
    assert stage.tick(arxiv_id=PAPER) == {}  # nor by name
    _reconcile(stage)
    stage.now += timedelta(minutes=2)
    assert stage.tick() == {"bluesky": DeliveryState.SENT}


@pytest.mark.parametrize("moment", [Moment.AFTER, Moment.BEFORE])
def test_a_request_that_was_interrupted_is_no_discovery(stage: Stage, moment: Moment) -> None:
    for publisher in stage.publishers.values():
        publisher.fail(moment, UnknownOutcomeError("no answer"))
        publisher.fail(Moment.FIND, UnknownOutcomeError("no answer either"))
    stage.tick()
    with stage.database.connection() as connection:
        requests = connection.execute(select(METADATA.tables["deliveries"].c.request)).scalars().all()
    assert all(requests)
    _start(stage)
    assert _waiting(stage) == []


def test_an_account_that_cannot_be_asked_is_asked_again_after_a_while_and_posting_goes_on(stage: Stage) -> None:
    bluesky = stage.publishers[Platform.BLUESKY]
    bluesky.fail(Moment.SURVEY, TransientError("Bluesky is busy"))
    looks = _start(stage)
    bluesky.fail(Moment.SURVEY, TransientError("must not be asked so soon"))
    stage.now += timedelta(minutes=1)
    looks.take([CHANNEL])
    assert len(bluesky._failures[Moment.SURVEY]) == 1
    stage.now += timedelta(minutes=30)
    looks.take([CHANNEL])
    assert len(bluesky._failures[Moment.SURVEY]) == 0


def test_an_account_that_cannot_be_compared_stops_no_other_and_waits_on(stage: Stage) -> None:
    backup = Backup.of(stage.database)
    stage.tick()
    backup.put_back()
    _start(stage)
    stage.publishers[Platform.BLUESKY].fail(Moment.SURVEY, TransientError("Bluesky is busy"))
    found = _reconcile(stage)
    assert {item.platform: item.problem for item in found.accounts} == {"bluesky": "Bluesky is busy", "x": None}
    assert _waiting(stage) == ["the account picks.test on bluesky waits"]


def test_a_look_reads_no_post_on_x_twice(stage: Stage) -> None:
    stage.put_up(Platform.X, "77", "Hello from the operator")
    _start(stage)
    with stage.database.connection() as connection:
        strays = METADATA.tables["stray_posts"]
        assert connection.execute(select(strays.c.remote_id)).scalars().all() == ["77"]
