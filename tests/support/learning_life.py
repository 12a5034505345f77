"""One night of a worker's learning, in a process that ends itself by SIGKILL where its order says.

``run`` is a fork of the warm process, which learns for the channel ``TAUGHT``. A death is named after what has just
happened; with ``never`` the process learns to the end, and says which heavy libraries it has loaded.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from time import sleep
from typing import Final

from sqlmodel import Session

import warm_process
from bot.curation.training_job import train_nightly
from bot.domain.papers import Batch
from bot.store.database import Database
from ranking_samples import KINDS, paper
from samples import TUESDAY, announcement, batch, channel

TAUGHT: Final = channel(ranking={"words": {"patients": 0.1}}, queue={"size": 4, "threshold": 0.0})
TONIGHT: Final = datetime(2026, 2, 18, 9, tzinfo=UTC)
TOMORROW: Final = TONIGHT + timedelta(days=1)


class Death(StrEnum):
    """What has just happened when the process ends."""

    CLAIMED = "claimed"
    TELLING = "telling"
    TRAINING = "training"
    WRITTEN = "written"  # and not committed
    LEARNED = "learned"
    CHOOSING = "choosing"
    NEVER = "never"


_AFTER: Final = {1: Death.CLAIMED, 2: Death.LEARNED, 4: Death.CHOOSING}
"""By the number of transactions: the first claims, the second keeps the weights, the others choose the queues."""


def day_of_kinds(number: int, *, each: int = 2, day: date | None = None) -> Batch:
    """Return a batch of papers of every kind, ``number`` days before the sample's Tuesday, with ids of their own."""
    kinds = list(KINDS)
    found = (paper(kinds[place % len(kinds)], number * 100 + place) for place in range(each * len(kinds)))
    return batch(
        *(
            announcement(str(item.arxiv_id), item.title, abstract=item.abstract, authors=(f"A. {item.arxiv_id}",))
            for item in found
        ),
        day=day or TUESDAY - timedelta(days=number),
    )


def kind_of(arxiv_id: str) -> str:
    """Return the kind of one of these papers."""
    return list(KINDS)[int(arxiv_id[-2:]) % len(KINDS)]


class _Dying(Database):
    """A database whose user dies at the end of a transaction."""

    def __init__(self, address: str, death: Death) -> None:
        super().__init__(address)
        self._death = death
        self._committed = 0

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        with super().transaction() as session:
            yield session
            session.flush()
            if self._death is Death.WRITTEN and self._committed == 1:
                _die()
        self._committed += 1
        if self._death is _AFTER.get(self._committed):
            _die()


def _waiting(death: Death) -> Callable[[float], bool]:
    def wait(seconds: float) -> bool:
        if death is (Death.TRAINING if seconds else Death.TELLING):
            _die()
        sleep(seconds)
        return False

    return wait


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def run(address: str, death: Death) -> subprocess.CompletedProcess[str]:
    """Let a process learn tonight, and die as ordered."""
    folder, env = Path(__file__).parent, {"PATH": os.environ["PATH"]}
    return warm_process.run([address, death], entry="learning_life", cwd=folder, env=env, timeout=120)


def main() -> None:
    """Be that process."""
    address, death = sys.argv[1], Death(sys.argv[2])
    train_nightly(_Dying(address, death), TAUGHT, worker="mortal", now=TONIGHT, wait=_waiting(death))
    print(sorted({"numpy", "scipy", "sklearn"} & set(sys.modules)))
