"""One platform out for days: the other keeps its slots, and afterwards one thread goes out at once and one a slot.

The outage is a wrong secret, or an address at which nobody answers. The story lies in the past, so that X, whose clock
is the real one, never sees a post from the future. Which posts are out is read at the platforms; when they went out is
what the worker's clock showed.
"""

import signal
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from bot.domain.posts import Platform
from harness_faults import Lab, Plan, Scene
from killable_worker import Death, Errand, Job, Side, Step
from platform_truth import Outcome, threads

POSTS = {Platform.BLUESKY: 5, Platform.X: 5, Platform.MASTODON: 3}
PICKS = 5
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
NOWHERE = "http://127.0.0.1:9"

OUTAGES: Mapping[str, tuple[Platform, Mapping[str, str], int]] = {
    "X does not accept the secret": (Platform.X, {"X_ACCESS_TOKEN_SECRET": "another"}, 3 * 24 + 5),
    "Bluesky does not accept the password": (Platform.BLUESKY, {"BLUESKY_APP_PASSWORD": "another"}, 3 * 24 + 5),
    "Mastodon does not accept the token": (Platform.MASTODON, {"MASTODON_ACCESS_TOKEN": "another"}, 3 * 24 + 5),
    # Nobody knows that this is the account's: a delivery comes to a person after so many tries, here not yet.
    "X is not reached": (Platform.X, {"X_API_URL": NOWHERE}, 18),
    "Mastodon is not reached": (Platform.MASTODON, {"MASTODON_URL": NOWHERE}, 18),
    "Bluesky is not reached": (Platform.BLUESKY, {"BLUESKY_SERVICE": NOWHERE}, 18),
}


def _params(kinds: Sequence[str], outages: Sequence[str]) -> list[object]:
    return [_param(kind, outage) for kind in kinds for outage in outages]


def _param(kind: str, outage: str) -> object:
    marks = [pytest.mark.node, *([pytest.mark.postgres] if kind == "postgres" else [])]
    return pytest.param(kind, outage, marks=marks, id=f"{kind}-{outage}")


def _platforms(outage: str) -> tuple[Platform, Platform]:
    """Return the one that is out and another that is not."""
    platform = OUTAGES[outage][0]
    return platform, Platform.X if platform is Platform.BLUESKY else Platform.BLUESKY


def _all_out(outage: str) -> Outcome:
    return Outcome(posts=PICKS * sum(POSTS[platform] for platform in _platforms(outage)), sent=2 * PICKS)


def _begun(scene: Scene, platform: Platform) -> list[datetime]:
    """Return the hours in which the threads began to go out."""
    sent_at = scene.sent_at()
    heads = [sent_at[thread[0].id] for thread in threads(scene.up(platform))]
    return sorted(moment.replace(minute=0, second=0, microsecond=0) for moment in heads)


def _hours(scene: Scene, now: datetime, hours: int, **environ: str) -> Job:
    """Return the life of a worker that ticks once an hour from a moment on."""
    job = scene.job(errand=Errand.TICK, behind=(datetime.now(UTC) - now).total_seconds())
    return replace(job, hours=hours, environ={**job.environ, **environ})


def _story(lab: Lab, kind: str, outage: str) -> tuple[Scene, datetime]:
    """Return picks for one slot a day, and the first of these."""
    noon = datetime.combine(datetime.now(UTC).date() - 40 * DAY, time(12), UTC)
    return lab.scene(
        Plan(kind, _platforms(outage), picks=PICKS, limited=False, approved_at=noon)
    ), noon + DAY - 2 * HOUR


@pytest.mark.parametrize(("kind", "outage"), _params(["sqlite"], ["X does not accept the secret"]))
def test_after_days_without_one_platform_its_threads_go_out_one_a_slot(lab: Lab, kind: str, outage: str) -> None:
    scene, first_slot = _story(lab, kind, outage)
    platform, environ, hours = OUTAGES[outage]
    assert lab.nursery.run(_hours(scene, first_slot, hours, **environ)) == 0
    assert scene.up(platform) == []
    mended = first_slot + hours * HOUR
    assert lab.nursery.run(_hours(scene, mended, (PICKS + 3) * 24)) == 0
    assert lab.tally.add(f"out for {hours} hours", scene, kills=0) == _all_out(outage)
    _assert_spread(scene, outage, first_slot=first_slot, mended=mended)


def _assert_spread(scene: Scene, outage: str, *, first_slot: datetime, mended: datetime) -> None:
    platform, other = _platforms(outage)
    assert _begun(scene, other) == [first_slot + number * DAY for number in range(PICKS)]
    head, *rest = _begun(scene, platform)
    assert mended <= head <= mended + 2 * HOUR
    assert [moment.hour for moment in rest] == [first_slot.hour] * (PICKS - 1)
    assert len({moment.date() for moment in rest}) == PICKS - 1


@pytest.mark.faults
@pytest.mark.parametrize(("kind", "outage"), _params(["sqlite", "postgres"], list(OUTAGES)))
def test_after_every_outage_of_one_platform_its_threads_go_out_one_a_slot(lab: Lab, kind: str, outage: str) -> None:
    test_after_days_without_one_platform_its_threads_go_out_one_a_slot(lab, kind, outage)


MOMENTS = ((Step.MOVE, 30), (Step.CLAIM, 6), (Step.FINISH, 2))
"""Where a worker dies within the outage: at a tick of the second day, a vain try, the end of a thread elsewhere."""


@pytest.mark.faults
@pytest.mark.parametrize(("kind", "outage"), _params(["sqlite", "postgres"], list(OUTAGES)[:3]))
@pytest.mark.parametrize("death", [Death(side, *where) for side in Side for where in MOMENTS], ids=str)
def test_a_worker_that_is_killed_in_the_middle_of_an_outage_changes_nothing(
    lab: Lab, kind: str, outage: str, death: Death
) -> None:
    scene, first_slot = _story(lab, kind, outage)
    platform, environ, hours = OUTAGES[outage]
    deadly = replace(_hours(scene, first_slot, hours, **environ), death=death)
    assert lab.nursery.run(deadly) == -signal.SIGKILL
    assert lab.nursery.run(_hours(scene, first_slot + 2 * DAY + HOUR, hours - 49, **environ)) == 0
    mended = first_slot + hours * HOUR
    assert lab.nursery.run(_hours(scene, mended, (PICKS + 5) * 24)) == 0
    assert lab.tally.add("killed while a platform was out", scene, kills=1) == _all_out(outage)
    begun = _begun(scene, platform)
    assert len(set(begun)) == PICKS
    assert all(moment.hour == first_slot.hour for moment in begun[1:])
