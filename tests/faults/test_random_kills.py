"""Workers under load, killed from outside at random moments: nothing is lost, nothing is out twice."""

import os
import random
import secrets
import signal
import time
from collections import Counter

import pytest

from bot.domain.posts import Platform
from harness_faults import Lab, Nursery, Plan, Scene

SEED = "FAULTS_SEED"
FEW, MANY = 6, 120
WORKERS = 3
LONGEST_LIFE = 0.4
SETTLED = 0.5
"""Seconds after which the servers are done with the last request of a dead worker: a lease is 600 times that."""


class Massacre:
    """Kills workers of a scene, and starts others in their place."""

    def __init__(self, nursery: Nursery, scene: Scene, *, chance: random.Random) -> None:
        self.kills = 0
        self.left_behind: Counter[str] = Counter()
        self._nursery = nursery
        self._scene = scene
        self._chance = chance
        self._alive = [nursery.start(scene.job()) for _ in range(WORKERS)]
        self._dead: list[tuple[float, int]] = []

    def run(self, most: int) -> None:
        """Kill up to so many workers while there is work; then let the work be finished."""
        while self.kills < most and self._scene.open():
            time.sleep(self._chance.uniform(0, LONGEST_LIFE))
            self._end(self._alive.pop(self._chance.randrange(WORKERS)))
            self._lapse()
            self._alive.append(self._nursery.start(self._scene.job()))
        assert [self._nursery.wait(pid) for pid in self._alive] == [0] * WORKERS
        time.sleep(SETTLED)
        self._lapse()
        assert self._nursery.run(self._scene.job(patient=True)) == 0

    def _end(self, pid: int) -> None:
        status = self._nursery.poll(pid)
        if status is None:
            os.kill(pid, signal.SIGKILL)
            status = self._nursery.wait(pid)
        assert status in {0, -signal.SIGKILL}
        if status:
            self.kills += 1
            self._dead.append((time.monotonic(), pid))

    def _lapse(self) -> None:
        settled = [pid for died, pid in self._dead if time.monotonic() - died >= SETTLED]
        self._dead = [(died, pid) for died, pid in self._dead if pid not in settled]
        for pid in settled:
            left = self._scene.lapse(pid)
            self.left_behind.update(left or ["nothing"])


def _kill_workers(lab: Lab, kind: str, *, kills: int, picks: int) -> tuple[int, Counter[str]]:
    seed = int(os.environ.get(SEED) or secrets.randbelow(1_000_000))
    print(f"{SEED}={seed}")
    chance = random.Random(seed)
    name = "killed at random moments" if kills > FEW else "killed at a few random moments"
    done, left_behind = 0, Counter[str]()
    while done < kills:
        scene = lab.scene(Plan(kind, (Platform.BLUESKY, Platform.X, Platform.MASTODON), picks))
        massacre = Massacre(lab.nursery, scene, chance=chance)
        massacre.run(kills - done)
        done += massacre.kills
        left_behind += massacre.left_behind
        for server, requests in (("X", scene.requests_to_x()), ("Mastodon", scene.requests_to_mastodon())):
            left_behind[f"half a request to {server}"] += sum(request["status"] == 400 for request in requests)
        remark = f"{SEED}={seed}; left behind: " + ", ".join(f"{what} {n}" for what, n in sorted(left_behind.items()))
        outcome = lab.tally.add(name, scene, kills=massacre.kills, remark=remark)
        assert (outcome.doubled, outcome.lost, outcome.wrong) == (0, 0, 0)
        assert outcome.sent + outcome.waiting == len(scene.approved)
        assert scene.outcome_on(Platform.BLUESKY).sent == picks  # only X and Mastodon may leave a doubt
    return done, left_behind


@pytest.mark.node
def test_workers_killed_at_a_few_random_moments_lose_and_double_nothing(lab: Lab) -> None:
    done, _ = _kill_workers(lab, "sqlite", kills=FEW, picks=6)
    assert done == FEW


@pytest.mark.faults
@pytest.mark.node
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_workers_killed_at_many_random_moments_lose_and_double_nothing(lab: Lab, kind: str) -> None:
    done, left_behind = _kill_workers(lab, kind, kills=MANY, picks=12)
    assert done == MANY
    assert min(
        left_behind[what] for what in ("nothing", "a claim", "a request")
    )  # else the kills hit idle workers and prove little
