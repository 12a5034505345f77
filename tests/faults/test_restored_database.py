"""A backup from any moment of a delivery is put back when all is out: nothing goes out again, and nothing is lost."""

import signal
from collections.abc import Iterator

import pytest

from backups import Backup
from bot.domain.posts import Platform
from bot.publishing.outbox import LEASE
from harness_faults import Lab, Plan
from killable_worker import Death, Side, Step
from platform_truth import Outcome

PAST_THE_LEASE = LEASE.total_seconds() + 1
POSTS = {Platform.BLUESKY: 5, Platform.X: 5, Platform.MASTODON: 3}
REQUESTS = {**POSTS, Platform.BLUESKY: 1}
KINDS = ("sqlite", "postgres")


def _moments(platform: Platform) -> Iterator[Death | None]:
    """Yield the moments of which there is a backup: before anything, and on either side of every step."""
    yield None
    for side in Side:
        yield Death(side, Step.CLAIM)
        yield from (
            Death(side, step, request)
            for request in range(1, REQUESTS[platform] + 1)
            for step in (Step.STORE, Step.SEND, Step.RECORD)
        )
        yield Death(side, Step.FINISH)


def _in_the_sample(platform: Platform, kind: str, moment: Death | None) -> bool:
    """Say whether a case runs in the normal suite: on SQLite the middle of a thread, on PostgreSQL the beginning.

    Of Mastodon, whose account is read as X's is, the worst moment is enough.
    """
    if platform is Platform.MASTODON:
        return kind == "sqlite" and moment == Death(Side.AFTER, Step.SEND, 2)
    if moment is None:
        return True
    return kind == "sqlite" and moment.crossing == (REQUESTS[platform] + 1) // 2 and moment.step is not Step.CLAIM


def _case(platform: Platform, kind: str, moment: Death | None) -> object:
    marks = [pytest.mark.node, *([pytest.mark.postgres] if kind == "postgres" else [])]
    return pytest.param(platform, kind, moment, marks=marks, id=f"{platform}-{kind}-{moment or 'before-all'}")


MATRIX = [(platform, kind, moment) for platform in REQUESTS for kind in KINDS for moment in _moments(platform)]


@pytest.mark.parametrize(("platform", "kind", "moment"), [_case(*it) for it in MATRIX if _in_the_sample(*it)])
def test_a_backup_that_is_put_back_posts_nothing_again(
    lab: Lab, platform: Platform, kind: str, moment: Death | None
) -> None:
    scene = lab.scene(Plan(kind, (platform,)))
    if moment is not None:
        assert lab.nursery.run(scene.job(death=moment, behind=2 * PAST_THE_LEASE)) == -signal.SIGKILL
    backup = Backup.of(scene.app.database)
    assert lab.nursery.run(scene.job(patient=True)) == 0
    backup.put_back()
    assert lab.nursery.run(scene.job(patient=True)) == 0
    outcome = lab.tally.add(f"restored database, {platform}", scene, kills=int(moment is not None))
    assert outcome == Outcome(posts=POSTS[platform], sent=1)


@pytest.mark.faults
@pytest.mark.parametrize(("platform", "kind", "moment"), [_case(*it) for it in MATRIX])
def test_a_backup_of_any_moment_that_is_put_back_posts_nothing_again(
    lab: Lab, platform: Platform, kind: str, moment: Death | None
) -> None:
    test_a_backup_that_is_put_back_posts_nothing_again(lab, platform, kind, moment)


@pytest.mark.node
@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_a_backup_of_many_picks_that_is_put_back_twice_posts_nothing_again(lab: Lab, kind: str) -> None:
    scene = lab.scene(Plan(kind, tuple(POSTS), picks=4))
    backup = Backup.of(scene.app.database)
    for _ in range(3):
        assert lab.nursery.run(scene.job(patient=True)) == 0
        backup.put_back()
    assert lab.nursery.run(scene.job(patient=True)) == 0
    outcome = lab.tally.add("restored database three times, 4 picks", scene, kills=0)
    assert outcome == Outcome(posts=4 * sum(POSTS.values()), sent=4 * len(POSTS))
