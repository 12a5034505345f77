"""The worker and a collection: pushed after a publication, tried again after a failure, told to a person."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from pydantic import SecretStr

from bot.archive.collection_job import push_due, state_of
from bot.archive.collection_push import Pushed
from bot.archive.hub import Hub
from bot.curation.context import Account
from bot.domain.collection_section import CollectionSection
from bot.interfaces.views.attention import attention
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
        state = state_of(here.stage.database, CHANNEL.name)
        assert state is not None
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


def test_two_workers_do_not_push_at_once(here: Place) -> None:
    here.stage.tick()
    found: list[Pushed | None] = []

    class Meanwhile(Hub):
        def __enter__(self):  # type: ignore[no-untyped-def]
            found.append(here.run())
            return super().__enter__()

    done = push_due(
        here.stage.database,
        COLLECTED,
        lambda: Meanwhile(here.hub.url, token=SecretStr(WRITE)),
        clock=lambda: here.stage.now,
        sleep=lambda _: False,
    )
    assert found == [None]
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
