"""Several workers on one database: every pick goes out once, and what that costs is said."""

import time
from collections import Counter

import pytest

from bot.domain.posts import Platform
from harness_faults import Lab, Plan
from killable_worker import Step
from platform_truth import Outcome

POSTS = 5
KINDS = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
WRITES = set(Step) - {Step.FIND, Step.SEND}


def _publish(lab: Lab, kind: str, *, workers: int, picks: int, limited: bool) -> None:
    """Let so many workers publish so many picks, and count what came of it and what it cost."""
    scene = lab.scene(Plan(kind, (Platform.BLUESKY, Platform.X), picks, limited=limited))
    start = time.monotonic()
    pids = [lab.nursery.start(scene.job()) for _ in range(workers)]
    assert [lab.nursery.wait(pid) for pid in pids] == [0] * workers
    seconds = time.monotonic() - start
    taken, methods = scene.counts(), Counter(request["method"] for request in scene.requests_to_x())
    requests, looks = methods["POST"], methods["GET"]
    remark = (
        f"{seconds:.1f} s; {requests} posts to X after {looks} looks, "
        f"{taken[Step.SEND] - requests} batches to Bluesky; "
        f"{sum(taken[step] for step in WRITES)} writes, of which {taken[Step.CLAIM] - len(scene.approved)} vain claims"
    )
    name = f"{workers} worker{'s' if workers > 1 else ''}, {picks} picks"
    outcome = lab.tally.add(name, scene, kills=0, remark=remark)
    assert outcome == Outcome(posts=2 * POSTS * picks, sent=2 * picks)
    assert (requests, taken[Step.SEND], taken[Step.FIND]) == (POSTS * picks, (POSTS + 1) * picks, 0)
    assert looks == picks  # one before each thread, and none with more than a page: what others send is soon known


@pytest.mark.node
@pytest.mark.parametrize("kind", KINDS)
def test_four_workers_send_a_few_picks_once_each(lab: Lab, kind: str) -> None:
    _publish(lab, kind, workers=4, picks=6, limited=True)


@pytest.mark.faults
@pytest.mark.node
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("workers", [1, 4])
@pytest.mark.parametrize("kind", KINDS)
def test_two_hundred_picks_go_out_once_each(lab: Lab, kind: str, workers: int) -> None:
    _publish(lab, kind, workers=workers, picks=200, limited=False)
