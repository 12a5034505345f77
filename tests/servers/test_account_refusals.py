"""X refuses the account: it rests, nothing of the pick is refused, and what is due goes out when it is over."""

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta

import pytest

import json_views as views
from bot.curation.context import Account
from bot.domain.errors import AccountError, TransientError
from bot.domain.posts import Platform
from bot.domain.states import DeliveryState
from bot.platforms.memory import Moment
from bot.publishing.circuit_breaker import PERSON_AFTER
from bot.store.database import Database
from fault_scene import Scene, Shown
from harness_x import publisher_for
from publishing_stage import CHANNEL, Stage, approved_stage
from x_http import Trick
from x_standin import Endpoint, Fault, XStandin

KINDS: dict[str, tuple[Fault, bool]] = {
    **{
        name: (Fault(Trick.REFUSE, error=name), needs_person)
        for name, needs_person in {
            "locked": True,
            "suspended": True,
            "suspended-old": True,
            "automated": False,
            "daily-limit": False,
            "permissions": True,
            "read-only": True,
            "not-enrolled": True,
            "app-only": True,
            "usage-capped": True,
            "credits": True,
            "unauthorized": True,
            "not-found": True,
        }.items()
    },
    "a page of a firewall": (Fault(Trick.PAGE), False),
    "a redirect": (Fault(Trick.REDIRECT, location="https://elsewhere.test/"), True),
}
DAYS = 26
"""More tries than a delivery has by itself."""


@pytest.fixture
def scene(sqlite_database: Database, x_standin: XStandin) -> Iterator[Scene]:
    """Return a pick that is due on X."""

    def truth() -> list[Shown]:
        return [Shown(post.id, post.text, post.in_reply_to) for post in x_standin.live]

    with closing(publisher_for(x_standin)) as publisher:
        yield Scene(sqlite_database, publisher, truth)


@pytest.mark.parametrize("at", [0, 2])
@pytest.mark.parametrize("kind", KINDS)
def test_what_x_refuses_the_account_goes_out_when_it_is_over(
    scene: Scene, x_standin: XStandin, kind: str, at: int
) -> None:
    fault, _ = KINDS[kind]
    for number in range(DAYS):
        x_standin.order(fault, at=at + number)
    for _ in range(DAYS):
        assert scene.tick() is DeliveryState.PLANNED
        assert len(scene.truth()) == at
        scene.now += timedelta(days=1)
    assert scene.delivery["attempts"] == 0
    assert _needs_person(scene) == (True, True)  # for so many days a person should look, whatever it is
    assert scene.tick() is DeliveryState.SENT
    assert [shown.text for shown in scene.truth()] == scene.approved
    assert _needs_person(scene) == (False, False)


@pytest.mark.parametrize("kind", KINDS)
def test_a_person_is_asked_at_once_where_only_a_person_helps(scene: Scene, x_standin: XStandin, kind: str) -> None:
    fault, needs_person = KINDS[kind]
    x_standin.order(fault)
    scene.tick()
    assert _needs_person(scene) == (needs_person, needs_person)


def _needs_person(scene: Scene) -> tuple[bool, bool]:
    """Return whether the platform says so, and whether the list of what needs a person has the account."""
    accounts = {Platform.X: Account(scene.publisher.account)}
    shown = views.status(scene.database, scene.channel, accounts=accounts, now=scene.now)
    cases = [item for item in shown["attention"] if item["platform"] == "x"]
    assert all(item["arxiv_id"] is None and item["why"] == item["error"] for item in cases)
    return bool(shown["platforms"][0]["needs_person"]), bool(cases)


@pytest.mark.parametrize("look", [Fault(Trick.PAGE), Fault(Trick.REFUSE, error="locked"), KINDS["a redirect"][0]])
def test_a_look_for_a_lost_post_waits_for_the_account_too(scene: Scene, x_standin: XStandin, look: Fault) -> None:
    x_standin.order(Fault(Trick.DROP, carried_out=True), at=1)
    x_standin.order(look, endpoint=Endpoint.TIMELINE, times=DAYS)
    for _ in range(DAYS):
        assert scene.tick() is DeliveryState.UNKNOWN
        scene.now += timedelta(days=1)
    assert scene.tick() is DeliveryState.SENT
    assert [shown.text for shown in scene.truth()] == scene.approved


def test_what_refuses_the_words_is_still_a_refusal_of_the_pick(scene: Scene, x_standin: XStandin) -> None:
    x_standin.order(Fault(Trick.REFUSE, error="not-permitted"))
    assert scene.tick() is DeliveryState.REFUSED


def test_the_other_platform_goes_on_and_a_person_overrides_the_rest(sqlite_database: Database) -> None:
    stage = approved_stage(sqlite_database)
    stage.publishers[Platform.X].fail(Moment.BEFORE, AccountError("X has locked the account"))
    assert stage.tick() == {"bluesky": DeliveryState.SENT, "x": DeliveryState.PLANNED}
    assert stage.tick() == {}
    assert stage.tick(arxiv_id="2602.00001") == {"x": DeliveryState.SENT}


@pytest.mark.parametrize(("failures", "asked"), [(PERSON_AFTER - 1, False), (PERSON_AFTER, True)])
def test_an_account_that_fails_for_half_a_day_asks_for_a_person(
    sqlite_database: Database, failures: int, *, asked: bool
) -> None:
    stage = approved_stage(sqlite_database)
    stage.publishers[Platform.X].fail(Moment.BEFORE, *(_pause() for _ in range(failures)))
    for _ in range(failures):
        stage.tick()
        stage.now += timedelta(hours=1)
    assert bool(_x_cases(stage)) is asked


def _pause() -> TransientError:
    return AccountError("X takes nothing from the account for now", needs_person=False)


def _x_cases(stage: Stage) -> list[views.Json]:
    accounts = {Platform.X: Account(stage.publishers[Platform.X].account)}
    cases: list[views.Json] = views.status(stage.database, CHANNEL, accounts=accounts, now=stage.now)["attention"]
    return cases
