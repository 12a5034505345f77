"""Yesterday's database on three platforms: the worker waits, ``picks reconcile`` is killed, and nothing is doubled."""

import signal
from collections.abc import Collection
from dataclasses import replace

import pytest

from backups import Backup
from bot.domain.posts import Platform
from bot.publishing.outbox import LEASE
from harness_faults import Lab, Plan, Scene
from killable_worker import Death, Errand, Side, Step
from platform_truth import Outcome

PAST_THE_LEASE = LEASE.total_seconds() + 1
POSTS = {Platform.BLUESKY: 5, Platform.X: 5, Platform.MASTODON: 3}
DEATHS = [
    pytest.param(None, None, id="unharmed"),
    pytest.param(Death(Side.AFTER, Step.SEND, 3), Death(Side.BEFORE, Step.RECORD), id="mid-thread-then-before-record"),
    pytest.param(
        Death(Side.AFTER, Step.SEND, 8),
        Death(Side.BEFORE, Step.RECORD, 6),
        id="mid-thread-on-mastodon-then-there",
        marks=pytest.mark.faults,
    ),
    pytest.param(None, Death(Side.AFTER, Step.RECORD), id="whole-then-after-record"),
]


def _up(scene: Scene, platforms: Collection[Platform]) -> list[int]:
    return [len(scene.up(platform)) for platform in platforms]


@pytest.mark.node
@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
@pytest.mark.parametrize(("first", "second"), DEATHS)
def test_an_old_database_waits_is_reconciled_and_doubles_nothing(
    lab: Lab, kind: str, first: Death | None, second: Death | None
) -> None:
    """A worker posts and may be killed; the backup is put back; the next one waits; reconciling may be killed too.

    An account waits where something is out of which the database knows nothing.
    """
    scene = lab.scene(Plan(kind, tuple(POSTS), picks=2))
    backup = Backup.of(scene.app.database)
    lived = lab.nursery.run(scene.job(death=first, patient=first is None))
    assert lived == (-signal.SIGKILL if first else 0)
    backup.put_back()
    waits = [platform for platform in POSTS if scene.up(platform)]
    before = _up(scene, waits)
    waiting = replace(scene.job(errand=Errand.TICK), hours=1)
    assert lab.nursery.run(waiting) == 0
    assert _up(scene, waits) == before
    if second is not None:
        job = scene.job(death=second, behind=2 * PAST_THE_LEASE, errand=Errand.RECONCILE)
        assert lab.nursery.run(job) == -signal.SIGKILL
        assert lab.nursery.run(waiting) == 0
        assert _up(scene, waits) == before
    assert lab.nursery.run(scene.job(errand=Errand.RECONCILE)) == 0
    assert _up(scene, waits) == before
    assert lab.nursery.run(scene.job(patient=True)) == 0
    outcome = lab.tally.add("reconciled database, 2 picks", scene, kills=sum(map(bool, (first, second))))
    assert outcome == Outcome(posts=2 * sum(POSTS.values()), sent=2 * len(POSTS))
