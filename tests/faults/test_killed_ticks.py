"""A worker killed at a tick with missed slots, and started again: no pick is lost, none is out twice, none in a burst.

The story lies in the past, so that X, whose clock is the real one, never sees a post from the future. Picks are
approved for one slot a day; all slots pass without a worker; then one comes back, and dies. Which posts are out is read
at the platforms; when they went out is what the worker's clock showed.
"""

import signal
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise

import pytest

from bot.domain.posts import Platform
from bot.publishing.outbox import LEASE
from harness_faults import Lab, Nursery, Plan, Scene
from killable_worker import Death, Errand, Side, Step
from platform_truth import Outcome, threads

POSTS = {Platform.BLUESKY: 5, Platform.X: 5, Platform.MASTODON: 3}
PICKS = 4
ALL_OUT = Outcome(posts=PICKS * sum(POSTS.values()), sent=PICKS * len(POSTS))
DAY = timedelta(days=1)
AT_ONCE = timedelta(seconds=30)
PAST_THE_LEASE = LEASE + timedelta(seconds=1)
KINDS = ("sqlite", "postgres")
ONE_A_DAY = DAY - timedelta(hours=4)
"""Slots are a day apart; the first thread after a pause goes out between two of them."""

MOVED = [Death(side, Step.MOVE) for side in Side]
REQUESTS = {Platform.BLUESKY: 1, Platform.X: 4, Platform.MASTODON: 8}
"""The number of a request within a tick: Bluesky's only one, and one in the middle of the other threads."""


@dataclass
class Story:
    """Days of one scene; the worker is back at noon of the second day after the last slot."""

    scene: Scene
    nursery: Nursery
    now: datetime = field(init=False)

    def __post_init__(self) -> None:
        approved_at = self.scene.plan.approved_at
        assert approved_at is not None
        self.now = self.back = approved_at + (PICKS + 2) * DAY

    def die(self, death: Death, *, then: timedelta) -> None:
        """Start a worker that dies at its first tick; the next one comes so much later."""
        behind = (datetime.now(UTC) - self.now).total_seconds()
        assert self.nursery.run(self.scene.job(errand=Errand.TICK, death=death, behind=behind)) == -signal.SIGKILL
        self.now += then

    def live(self) -> None:
        """Start a worker that ticks until nothing is left to send."""
        behind = (datetime.now(UTC) - self.now).total_seconds()
        assert self.nursery.run(self.scene.job(errand=Errand.TICK, behind=behind, patient=True)) == 0

    def times(self, platform: Platform) -> list[datetime]:
        """Return the hours in which the threads went out."""
        sent_at = self.scene.sent_at()
        heads = [sent_at[thread[0].id] for thread in threads(self.scene.up(platform))]
        return sorted(moment.replace(minute=0, second=0, microsecond=0) for moment in heads)

    def order(self, platform: Platform) -> list[str]:
        """Return the papers in the order in which their threads went out."""
        papers = {texts[0]: paper for (paper, where), texts in self.scene.approved.items() if where is platform}
        return [papers[thread[0].text] for thread in threads(self.scene.up(platform))]


def _story(lab: Lab, kind: str) -> Story:
    noon = datetime.combine(datetime.now(UTC).date() - 30 * DAY, time(12), UTC)
    return Story(lab.scene(Plan(kind, tuple(POSTS), picks=PICKS, approved_at=noon)), lab.nursery)


def _deaths() -> Iterator[Death]:
    """Yield the steps of the first tick: new slots, one pick on all platforms, and nothing else."""
    for side in Side:
        yield Death(side, Step.MOVE)
        yield from (Death(side, step, number) for step in (Step.CLAIM, Step.FINISH) for number in (1, 2, 3))
        yield from (
            Death(side, step, number) for step in (Step.STORE, Step.SEND, Step.RECORD) for number in REQUESTS.values()
        )


def _params(stories: Sequence[tuple[Sequence[Death], timedelta]], kinds: Sequence[str] = KINDS) -> list[object]:
    return [_param(kind, deaths, then) for kind in kinds for deaths, then in stories]


def _param(kind: str, deaths: Sequence[Death], then: timedelta) -> object:
    marks = [pytest.mark.node, *([pytest.mark.postgres] if kind == "postgres" else [])]
    name = "-".join([kind, *map(str, deaths), f"back-after-{then.total_seconds():.0f}-s"])
    return pytest.param(kind, deaths, then, marks=marks, id=name)


LOOP = [
    *MOVED,
    Death(Side.BEFORE, Step.CLAIM),
    Death(Side.AFTER, Step.CLAIM),
    Death(Side.AFTER, Step.SEND),
    Death(Side.BEFORE, Step.RECORD),
    Death(Side.AFTER, Step.SEND),
]
"""One death after the other; the last is on X, because Bluesky's thread is found and recorded on the way to it."""

SAMPLE = [
    *(([death], AT_ONCE) for death in MOVED),
    ([Death(Side.AFTER, Step.CLAIM)], AT_ONCE),
    ([Death(Side.AFTER, Step.SEND)], PAST_THE_LEASE),
    (LOOP, PAST_THE_LEASE),
]
WHOLE = [*(([death], then) for death in _deaths() for then in (AT_ONCE, PAST_THE_LEASE)), (LOOP, PAST_THE_LEASE)]


@pytest.mark.parametrize(
    ("kind", "deaths", "then"), [*_params(SAMPLE, ["sqlite"]), *_params(SAMPLE[1:2], ["postgres"])]
)
def test_after_a_killed_tick_missed_picks_go_out_one_a_slot(
    lab: Lab, kind: str, deaths: Sequence[Death], then: timedelta
) -> None:
    story = _story(lab, kind)
    for death in deaths:
        story.die(death, then=then)
    story.live()
    outcome = lab.tally.add("tick killed", story.scene, kills=len(deaths))
    assert outcome == ALL_OUT
    slots = [story.back.replace(hour=10) + number * DAY for number in range(1, PICKS)]
    for platform in POSTS:
        assert story.times(platform) == [story.back, *slots]
        assert story.order(platform) == story.scene.papers


@pytest.mark.faults
@pytest.mark.parametrize(("kind", "deaths", "then"), _params(WHOLE))
def test_after_a_tick_killed_anywhere_missed_picks_go_out_one_a_slot(
    lab: Lab, kind: str, deaths: Sequence[Death], then: timedelta
) -> None:
    test_after_a_killed_tick_missed_picks_go_out_one_a_slot(lab, kind, deaths, then)


BETWEEN_TWO_PAUSES = [
    *MOVED,
    Death(Side.BEFORE, Step.CLAIM),
    Death(Side.AFTER, Step.CLAIM),
    Death(Side.AFTER, Step.SEND),
    *(Death(Side.AFTER, Step.SEND, REQUESTS[platform]) for platform in (Platform.X, Platform.MASTODON)),
    Death(Side.AFTER, Step.FINISH, 2),
]


@pytest.mark.faults
@pytest.mark.parametrize(("kind", "deaths", "then"), _params([([death], 2 * DAY) for death in BETWEEN_TWO_PAUSES]))
def test_when_the_killed_worker_is_away_for_days_again_there_is_still_no_burst(
    lab: Lab, kind: str, deaths: Sequence[Death], then: timedelta
) -> None:
    story = _story(lab, kind)
    for death in deaths:
        story.die(death, then=then)
    story.live()
    outcome = lab.tally.add("tick killed, then days without a worker", story.scene, kills=len(deaths))
    assert outcome == ALL_OUT
    for platform in POSTS:
        _assert_no_burst(story.times(platform))


def _assert_no_burst(times: Sequence[datetime]) -> None:
    assert min(later - earlier for earlier, later in pairwise(times)) >= ONE_A_DAY, list(map(str, times))
