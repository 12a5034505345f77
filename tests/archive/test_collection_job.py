"""The worker and a collection: pushed after a publication, tried again after a failure, told to a person."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from pydantic import SecretStr

from bot.archive.collection_job import push_due, push_now, state_of
from bot.archive.collection_push import Pushed
from bot.archive.hub import Hub
from bot.curation.context import Account
from bot.domain.collection_section import CollectionSection, CollectionSlug
from bot.interfaces.views.attention import attention
from bot.publishing.retract import retract
from bot.store.collection_tables import CollectionState
from bot.store.collections import CollectionBusyError, CollectionClaim
from bot.store.database import Database
from hub_standin import KEY, OWNER, READ, WRITE, Fault, HubStandin, Kind, running_hub
from publishing_stage import CHANNEL, PAPER, Stage, approved_stage

pytestmark = pytest.mark.network

COLLECTED = CHANNEL.model_copy(update={"collection": CollectionSection(slug=f"{OWNER}/daily-picks-{KEY}")})


@dataclass
class Place:
    """A channel with one published pick, and the Hub."""

    stage: Stage
    hub: HubStandin
    token: str = WRITE

    def run(self) -> Pushed | None:
        return push_due(
            self.stage.database,
            COLLECTED,
            lambda: Hub(self.hub.url, token=SecretStr(self.token)),
            clock=lambda: self.stage.now,
            sleep=lambda _: False,
        )

    def by_hand(self) -> Pushed:
        slug = COLLECTED.collection.target
        assert slug is not None
        with Hub(self.hub.url, token=SecretStr(self.token)) as hub:
            return push_now(
                self.stage.database, COLLECTED, slug, hub, clock=lambda: self.stage.now, sleep=lambda _: False
            )

    def state(self) -> CollectionState:
        found = state_of(self.stage.database, CHANNEL.name, CollectionSlug(COLLECTED.collection.slug or "", KEY))
        assert found is not None
        return found

    def later(self, **delta: int) -> datetime:
        self.stage.now += timedelta(**delta)
        return self.stage.now

    def cases(self) -> list[str]:
        with self.stage.database.reading() as session:
            found = attention(session, COLLECTED, dict.fromkeys(COLLECTED.posting.platforms, Account("a")))
        return [case.what for case in found]


@pytest.fixture
def here(sqlite_database: Database) -> Iterator[Place]:
    with running_hub() as hub:
        hub.state.papers.add(PAPER)
        yield Place(approved_stage(sqlite_database), hub)


def test_a_pick_goes_into_the_collection_once_it_is_published(here: Place) -> None:
    assert here.run() == Pushed(COLLECTED.collection.slug or "")
    here.stage.tick()
    done = here.run()
    assert done is not None
    assert done.add == [PAPER]
    assert here.hub.state.notes()[PAPER].startswith("This is sentence number 1")


def test_where_nothing_is_new_the_hub_is_not_asked(here: Place) -> None:
    here.stage.tick()
    here.run()
    here.hub.state.log.clear()
    assert here.run() is None
    assert here.hub.state.log == []


def test_a_paper_that_the_hub_did_not_know_comes_in_soon(here: Place) -> None:
    here.hub.state.papers.clear()
    here.stage.tick()
    assert [done.index for done in [here.run()] if done] == [[PAPER]]
    assert here.run() is None
    here.later(minutes=6)
    assert [done.add for done in [here.run()] if done] == [[PAPER]]
    assert here.run() is None


def test_a_failure_is_tried_again_later_and_later(here: Place) -> None:
    here.stage.tick()
    here.hub.state.faults = [Fault("GET /collection", Kind.BROKEN_BEFORE, 1, 99)]
    pauses = []
    for _ in range(3):
        assert here.run() is not None
        state = here.state()
        assert state.next_try_at is not None
        pauses.append(state.next_try_at - here.stage.now)
        assert here.run() is None
        here.later(seconds=int(pauses[-1].total_seconds()) + 1)
    assert pauses == [timedelta(minutes=5), timedelta(minutes=10), timedelta(minutes=20)]
    assert here.cases() == []
    here.hub.state.faults = []
    assert [done.add for done in [here.run()] if done] == [[PAPER]]


def test_a_token_that_may_not_write_is_told_to_a_person_and_posting_goes_on(here: Place) -> None:
    here.stage.tick()
    here.token = READ
    here.run()
    assert here.cases() == [f"the collection {COLLECTED.collection.slug}"]
    here.token = WRITE
    here.later(minutes=6)
    here.run()
    assert here.cases() == []
    assert PAPER in here.hub.state.notes()


def test_a_paper_that_the_hub_never_gets_to_know_is_asked_for_more_and_more_rarely_and_told_after_a_day(
    here: Place,
) -> None:
    here.hub.state.papers.clear()
    here.hub.state.learns = False
    here.stage.tick()
    told: list[datetime] = []
    begun = here.stage.now
    while here.stage.now < begun + timedelta(hours=25):
        done = here.run()
        told += [here.stage.now] if done and done.index else []
        here.later(minutes=5)
    assert [int((moment - begun).total_seconds() // 60) for moment in told][:6] == [0, 5, 15, 35, 75, 155]
    assert len(told) == 10
    assert here.cases() == [f"the collection {COLLECTED.collection.slug}"]
    assert PAPER in (here.state().error or "")
    here.hub.state.papers.add(PAPER)
    here.later(hours=7)
    here.run()
    assert here.cases() == []
    assert PAPER in here.hub.state.notes()


def test_a_pick_that_was_retracted_before_the_hub_knew_it_leaves_the_collection_alone(here: Place) -> None:
    here.hub.state.papers.clear()
    here.hub.state.learns = False
    here.stage.tick()
    here.run()
    retract(here.stage.outbox(), COLLECTED, PAPER, actor=here.stage.context().actor)
    here.later(minutes=6)
    assert here.run() is not None
    here.later(hours=1)
    assert here.run() is None


def test_a_push_by_hand_waits_for_no_worker_and_takes_nothing_from_one(here: Place) -> None:
    here.stage.tick()
    claim = CollectionClaim(here.stage.database, CHANNEL.name, KEY, lambda: here.stage.now)
    claim.take()
    with pytest.raises(CollectionBusyError, match="another process brings this collection in step"):
        here.by_hand()
    assert here.run() is None
    here.later(minutes=16)
    assert here.by_hand().add == [PAPER]
    with pytest.raises(CollectionBusyError, match="took the collection over"):
        claim.keep()
    assert here.run() is None


def test_a_push_by_hand_clears_what_a_person_was_told(here: Place) -> None:
    here.stage.tick()
    here.token = READ
    here.run()
    assert here.cases()
    here.token = WRITE
    assert here.by_hand().add == [PAPER]
    assert here.cases() == []


def test_two_workers_do_not_push_at_once(here: Place) -> None:
    here.stage.tick()
    found: list[Pushed | None] = []

    class Meanwhile(Hub):
        def read(self, slug: CollectionSlug):  # type: ignore[no-untyped-def]
            found.append(here.run())
            return super().read(slug)

    done = push_due(
        here.stage.database,
        COLLECTED,
        lambda: Meanwhile(here.hub.url, token=SecretStr(WRITE)),
        clock=lambda: here.stage.now,
        sleep=lambda _: False,
    )
    assert set(found) == {None}
    assert done is not None
    assert done.add == [PAPER]


def test_another_collection_gets_everything(here: Place) -> None:
    here.stage.tick()
    here.run()
    other = CollectionSection(slug=f"{OWNER}/other-{'1' * 24}")
    moved = COLLECTED.model_copy(update={"collection": other})
    done = push_due(
        here.stage.database,
        moved,
        lambda: Hub(here.hub.url, token=SecretStr(WRITE)),
        clock=lambda: here.stage.now,
        sleep=lambda _: False,
    )
    assert done is not None
    assert "HTTP 404" in str(done.stopped)
