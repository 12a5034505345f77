"""Many workers as processes of their own on one database, each with publishers that write down what they send."""

import multiprocessing
import os
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from sqlmodel import select

from bot.curation import decisions
from bot.curation.context import Account, Context, Edits
from bot.domain.actors import Actor
from bot.domain.channel_sections import XRules
from bot.domain.posts import Platform
from bot.intake.ingest import Capture, ingest
from bot.platforms.memory import MemoryPublisher
from bot.platforms.publisher import Receipt, Request
from bot.publishing.sender import Outbox, deliver_due
from bot.store.database import Database
from bot.store.tables import Delivery
from publishing_stage import CHANNEL, no_quote, with_rules
from samples import NOON, announcement, batch

LATER = NOON + timedelta(hours=1)


@dataclass(frozen=True)
class Sent:
    """What came of it: how often each thread went out, the states of all deliveries, and the seconds."""

    threads: Counter[str]
    states: Counter[str]
    seconds: float


class _Noted(MemoryPublisher):
    """A publisher that writes each thread into a file that all processes share; a short line is written whole."""

    def __init__(self, platform: Platform, file: Path) -> None:
        super().__init__(platform, account=f"account-{platform}")
        self._handle = os.open(file, os.O_APPEND | os.O_CREAT | os.O_WRONLY)

    def send(self, request: Request) -> tuple[Receipt, ...]:
        receipts = super().send(request)
        for receipt in receipts:
            posted = self.timeline.post_at(receipt.remote_id)
            if receipt.position == 0 and posted is not None:
                os.write(self._handle, f"{self.platform} {' '.join(posted.post.text.split())}\n".encode())
        return receipts


def approve_many(database: Database, picks: int) -> None:
    """Approve so many picks for two platforms, all due at once."""
    papers = [announcement(f"2602.{number:05}", f"Probing Number {number}") for number in range(1, picks + 1)]
    ingest(database, [Capture(batch(*papers), "test")], channels=[CHANNEL], now=NOON)
    accounts = {item: Account(f"account-{item}") for item in CHANNEL.posting.platforms}
    context = Context(database, CHANNEL, accounts, no_quote, Actor("ada", "test"), NOON)
    for paper in papers:
        decisions.approve(context, str(paper.arxiv_id), Edits(note=f"About {paper.arxiv_id}."), at=NOON)


def send_all(database: Database, folder: Path, *, workers: int) -> Sent:
    """Let so many workers send all that is due, and count what went out."""
    database.close()  # no connection is shared with a fork
    address = database.url.render_as_string(hide_password=False)
    fork = multiprocessing.get_context("fork")
    begun = time.monotonic()
    processes = [fork.Process(target=_work, args=(address, folder, f"w{number}")) for number in range(workers)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    seconds = time.monotonic() - begun
    codes = [process.exitcode for process in processes]
    if any(codes):
        raise RuntimeError(f"workers ended with {codes}")
    with database.reading() as session:
        states = Counter(map(str, session.exec(select(Delivery.state))))
    return Sent(Counter(_lines(folder)), states, seconds)


def _lines(folder: Path) -> Sequence[str]:
    return (folder / "sent").read_text("utf-8").splitlines()


def _work(address: str, folder: Path, name: str) -> None:
    database = Database(address)
    publishers = {platform: _Noted(platform, folder / "sent") for platform in CHANNEL.posting.platforms}
    outbox = Outbox(
        database=database,
        publisher_for=lambda _, platform: publishers[platform],
        clock=lambda: LATER,
        sleep=lambda _: False,
        worker=name,
        channels=with_rules(XRules(monthly_budget_usd=Decimal(100_000))),
        jitter=lambda: 1.0,
    )
    while deliver_due(outbox, channels=[CHANNEL.name]):
        pass
    database.close()
