"""What it saves to post a thread on Bluesky in one batch: against a real server, beside the same posts one by one.

Both ways go through the publisher and one session that is signed in already; one by one means a request a post, each a
reply to the one before it. Seconds are wall seconds, requests are counted at the transport. The server runs on this
machine: where it is far away, every request saved saves a round trip besides.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from bot.domain.posts import Post
from bot.platforms.bluesky.publisher import BlueskyPublisher
from bot.platforms.publisher import Receipt
from harness_pds import Account, Pds, Wire, bluesky_publisher, missing_for_pds, running_pds
from platform_truth import records
from platform_truth import threads as threads_of

POSTS: Final = 5
ROUNDS: Final = 10

Way = Callable[[BlueskyPublisher, Sequence[Post]], list[Receipt]]


@dataclass(frozen=True)
class Cost:
    """What a thread cost: seconds of the fastest round, requests of each."""

    seconds: float
    requests: int


def report() -> None:
    """Measure and print two lines of the table, or what is missing."""
    missing = missing_for_pds()
    if missing:
        print(f"a thread on Bluesky is not measured: it {missing}")
        return
    with running_pds() as pds:
        batch, single = _measure(pds)
    what, yardstick = f"a thread of {POSTS} in one batch", "the same posts one by one"
    print(f"on Bluesky, against a real server: wall seconds, best of {ROUNDS}; then requests")
    for mine, other, form in ((batch.seconds, single.seconds, ".3f"), (batch.requests, single.requests, "d")):
        print(f"{what:<40} {mine:8{form}}  {mine / other:5.2f}x  {yardstick} ({other:{form}})")


def in_one_batch(publisher: BlueskyPublisher, posts: Sequence[Post]) -> list[Receipt]:
    """Send the thread as the program does."""
    return list(publisher.send(publisher.prepare(posts, sent=(), name="a thread", now=datetime.now(UTC))))


def one_by_one(publisher: BlueskyPublisher, posts: Sequence[Post]) -> list[Receipt]:
    """Send a request a post."""
    sent: list[Receipt] = []
    for end in range(1, len(posts) + 1):
        sent += publisher.send(publisher.prepare(posts[:end], sent=sent, name="a thread", now=datetime.now(UTC)))
    return sent


def _measure(pds: Pds) -> tuple[Cost, Cost]:
    """Measure both ways in turn, round by round, after one thread of each that does not count."""
    account, wire = pds.create_account(), Wire()
    publisher = bluesky_publisher(pds, account, wire=wire)
    ways = (in_one_batch, one_by_one)
    rounds = [
        [_time(way, publisher, wire, name=f"{number} {way.__name__}") for way in ways] for number in range(ROUNDS + 1)
    ]
    publisher.close()
    _check(pds, account, threads=len(ways) * len(rounds))
    batch, single = zip(*rounds[1:], strict=True)
    return _best(batch), _best(single)


def _time(way: Way, publisher: BlueskyPublisher, wire: Wire, *, name: str) -> Cost:
    posts = [_post(f"{name}, post {number} of a thread") for number in range(1, POSTS + 1)]
    asked, begun = len(wire.calls), time.perf_counter()
    way(publisher, posts)
    return Cost(time.perf_counter() - begun, len(wire.calls) - asked)


def _post(words: str) -> Post:
    text = f"{words} {'x' * 200}"
    return Post(text=text, length=len(text), limit=300, langs=("en",))


def _best(costs: Sequence[Cost]) -> Cost:
    [requests] = {cost.requests for cost in costs}
    return Cost(min(cost.seconds for cost in costs), requests)


def _check(pds: Pds, account: Account, *, threads: int) -> None:
    """Make sure that both ways made whole threads: else a comparison of their costs says nothing."""
    shown = threads_of(list(records(pds, account)))
    if [len(thread) for thread in shown] != [POSTS] * threads:
        raise RuntimeError(f"{threads} threads of {POSTS} posts were sent, and the server shows others")
