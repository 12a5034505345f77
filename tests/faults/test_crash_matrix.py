"""A worker killed on either side of every step of every post: the next one finishes the thread, once and in order."""

import signal
from collections.abc import Iterator, Sequence
from decimal import Decimal

import pytest

from bot.domain.posts import Platform
from bot.platforms.registry import TRAITS
from bot.platforms.x.prices import x_price
from bot.publishing.outbox import LEASE
from harness_faults import Lab, Nursery, Plan, Scene
from killable_worker import Death, Side, Step
from platform_truth import Outcome

PAST_THE_LEASE = LEASE.total_seconds() + 1
POSTS = {Platform.BLUESKY: 5, Platform.X: 5, Platform.MASTODON: 3}
REQUESTS = {**POSTS, Platform.BLUESKY: 1}
KINDS = ("sqlite", "postgres")
ONCE = (Step.CLAIM, Step.FINISH)
EACH = (Step.STORE, Step.SEND, Step.RECORD)


def _deaths(platform: Platform) -> Iterator[Death]:
    for side in Side:
        yield from (Death(side, step) for step in ONCE)
        for request in range(1, REQUESTS[platform] + 1):
            yield from (Death(side, step, request) for step in EACH)


def _in_the_sample(platform: Platform, kind: str, death: Death) -> bool:
    """Say whether a case runs in the normal suite: on SQLite every kind of step, on PostgreSQL the worst moment."""
    middle = 1 if death.step in ONCE else (REQUESTS[platform] + 1) // 2
    worst = (death.side, death.step) == (Side.AFTER, Step.SEND)
    return death.crossing == middle and (kind == "sqlite" or worst)


def _case(platform: Platform, kind: str, *deaths: Death) -> object:
    marks = [pytest.mark.node, *([pytest.mark.postgres] if kind == "postgres" else [])]
    return pytest.param(platform, kind, deaths, marks=marks, id="-".join([platform, kind, *map(str, deaths)]))


MATRIX = [(platform, kind, death) for platform in POSTS for kind in KINDS for death in _deaths(platform)]


@pytest.mark.parametrize(("platform", "kind", "deaths"), [_case(*it) for it in MATRIX if _in_the_sample(*it)])
def test_a_killed_worker_leaves_a_thread_that_the_next_one_finishes(
    lab: Lab, platform: Platform, kind: str, deaths: Sequence[Death]
) -> None:
    scene = lab.scene(Plan(kind, (platform,)))
    _live_and_die(lab.nursery, scene, deaths)
    assert lab.tally.add(f"killed once, {platform}", scene, kills=1) == Outcome(posts=POSTS[platform], sent=1)


@pytest.mark.faults
@pytest.mark.parametrize(("platform", "kind", "deaths"), [_case(*it) for it in MATRIX])
def test_a_worker_killed_anywhere_leaves_a_thread_that_the_next_one_finishes(
    lab: Lab, platform: Platform, kind: str, deaths: Sequence[Death]
) -> None:
    test_a_killed_worker_leaves_a_thread_that_the_next_one_finishes(lab, platform, kind, deaths)


def _relapses(platform: Platform) -> Iterator[tuple[Death, Death]]:
    """Yield a death that leaves a request of unknown fate, and one on the way back from it."""
    last = REQUESTS[platform]
    for request in sorted({1, (last + 1) // 2, last}):
        for side in Side:
            found, more = side is Side.AFTER, request < last
            steps = [Step.CLAIM, Step.FIND, Step.RECORD, *([Step.STORE, Step.SEND] if more or not found else [])]
            yield from ((Death(side, Step.SEND, request), Death(other, step)) for other in Side for step in steps)


RELAPSES = [_case(platform, kind, *deaths) for platform in POSTS for kind in KINDS for deaths in _relapses(platform)]


@pytest.mark.faults
@pytest.mark.parametrize(("platform", "kind", "deaths"), RELAPSES)
def test_a_worker_killed_on_the_way_back_from_a_crash_changes_nothing(
    lab: Lab, platform: Platform, kind: str, deaths: tuple[Death, Death]
) -> None:
    scene = lab.scene(Plan(kind, (platform,)))
    _live_and_die(lab.nursery, scene, deaths)
    outcome = lab.tally.add(f"killed twice, {platform}", scene, kills=2)
    if _beyond_knowledge(platform, *deaths):
        assert outcome == Outcome(posts=deaths[0].crossing - 1, waiting=1)
    else:
        assert outcome == Outcome(posts=POSTS[platform], sent=1)


def _beyond_knowledge(platform: Platform, first: Death, second: Death) -> bool:
    """Say whether a platform without keys was twice about to be asked for a post and shows none: a person looks."""
    about_to_ask = second in {Death(Side.AFTER, Step.STORE), Death(Side.BEFORE, Step.SEND)}
    return not TRAITS[platform].idempotent and first.side is Side.BEFORE and about_to_ask


def _live_and_die(nursery: Nursery, scene: Scene, deaths: Sequence[Death]) -> None:
    """Let a worker die each of the deaths, each after the lease of the one before, and a last one live."""
    for left, death in zip(range(len(deaths), 0, -1), deaths, strict=True):
        assert nursery.run(scene.job(death=death, behind=left * PAST_THE_LEASE)) == -signal.SIGKILL
    assert nursery.run(scene.job(patient=True)) == 0


@pytest.mark.node
def test_a_thread_that_was_claimed_by_a_worker_that_died_still_fits_into_the_budget(lab: Lab) -> None:
    scene = lab.scene(Plan("sqlite", (Platform.X,), budget=0.4))
    [thread] = scene.approved.values()
    assert Decimal("0.2") < x_price(thread) < Decimal("0.4")  # the budget is enough for one and not for two
    _live_and_die(lab.nursery, scene, [Death(Side.AFTER, Step.CLAIM)])
    assert scene.outcome() == Outcome(posts=POSTS[Platform.X], sent=1)
