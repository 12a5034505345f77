"""One approved pick behind a fault proxy: sent by the real code and a clock set by hand, compared with the truth.

Shared by the tests of the platforms. A platform brings its publisher and a way to read its truth; the scene plays the
worker, and the tally counts what came of all runs of the full matrix and prints it at the end. A plugin: it has the
fixture of the tally.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

import pytest

import json_views as views
from bot.curation import decisions
from bot.curation.context import Account, Context, Edits
from bot.domain.actors import Actor
from bot.domain.post_limits import PostLimits
from bot.domain.posts import Quote
from bot.domain.states import DeliveryState
from bot.intake.ingest import Capture, ingest
from bot.platforms.publisher import Publisher
from bot.publishing.endings import GRACE
from bot.publishing.sender import Outbox, deliver_due
from bot.store.database import Database
from fault_proxy import Fault, FaultProxy, Harm
from harness_tally import tally_of
from samples import NOON, announcement, batch, channel

PAPER: Final = "2602.00001"
NOTE: Final = " ".join(
    f"Sentence {number} has <angles>, an ampersand & nothing new: https://example.org/{number}?a=1&b=2 says it."
    for number in range(1, 11)
)
"""Makes several posts on every platform, with what some show in other words than were sent."""

SHORT: Final = PostLimits(characters=220, per_address=23)
"""What servers take that say so themselves."""

UNHURRIED: Final = 30.0
HURRIED: Final = 1.5
"""Seconds of a publisher's patience: where no answer will come, only this ends the wait."""

States = tuple[DeliveryState, ...]
AT_ONCE: Final = (DeliveryState.SENT,)
SECOND_LOOK: Final = (DeliveryState.UNKNOWN, DeliveryState.SENT)
TRIED_LATER: Final = (DeliveryState.PLANNED, DeliveryState.SENT)
THIRD_LOOK: Final = (DeliveryState.UNKNOWN, DeliveryState.UNKNOWN, DeliveryState.SENT)
NEEDS_PERSON: Final = (DeliveryState.UNKNOWN,)
NEEDS_PERSON_AFTER_A_REPEAT: Final = (DeliveryState.UNKNOWN, DeliveryState.UNKNOWN, DeliveryState.UNKNOWN)

SLOW_DRIP: Final = Fault("answer-drips-slowly", Harm.DRIP, forwarded=True, pause=HURRIED / 60)
"""Each byte comes well within a publisher's patience, the whole answer only after many times as long."""

_ROUNDS: Final = 6


@dataclass(frozen=True)
class Shown:
    """One post as the platform has it; ``parent`` is the id of the post that it answers."""

    remote_id: str
    text: str
    parent: str | None


@dataclass
class Scene:
    """A pick approved for now on one platform; ``truth`` reads what the platform has, in the order in which it came."""

    database: Database
    publisher: Publisher
    truth: Callable[[], list[Shown]]
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __post_init__(self) -> None:
        platform = self.publisher.platform
        self.channel = channel(
            posting={"platforms": [platform], "time_zone": "UTC", "times": ["10:00"]}, thread={"note_limit": 2000}
        )
        ingest(
            self.database, [Capture(batch(announcement(PAPER, "Probing")), "test")], channels=[self.channel], now=NOON
        )
        accounts = {platform: Account("an account")}
        context = Context(
            self.database,
            self.channel,
            accounts,
            _no_quote,
            Actor("ada", "test"),
            self.now,
            post_limits=lambda _: SHORT,
        )
        decisions.approve(context, PAPER, Edits(note=NOTE), at=self.now)

    def tick(self) -> DeliveryState | None:
        """Send what is due; return the state in which that left the delivery, None when it was not due."""
        reports = deliver_due(self.outbox(), channels=["sample"])
        return reports[0].state if reports else None

    def outbox(self) -> Outbox:
        """Return what a worker sends with."""
        return Outbox(
            database=self.database,
            publisher_for=lambda _, platform: self.publisher if platform is self.publisher.platform else None,
            clock=lambda: self.now,
            sleep=lambda _: False,
            worker="w1",
        )

    def run(self) -> States:
        """Let time pass until nothing is due any more; return the states that the delivery went through."""
        states: list[DeliveryState] = []
        for _ in range(_ROUNDS):
            state = self.tick()
            if state is None:
                return tuple(states)
            states.append(state)
            self.wait()
        raise AssertionError(f"no end of it: {states}")

    def wait(self) -> None:
        """Let time pass until the next look is due, and no less than lies between the first two."""
        next_try_at = self.delivery["next_try_at"]
        planned = datetime.fromisoformat(next_try_at) + timedelta(seconds=1) if next_try_at else self.now
        self.now = max(self.now + GRACE, planned)

    @property
    def delivery(self) -> views.Json:
        [delivery] = views.show(self.database, self.channel, PAPER)["deliveries"]
        return dict(delivery)

    @property
    def candidate_state(self) -> str:
        return str(views.show(self.database, self.channel, PAPER)["state"])

    @property
    def approved(self) -> list[str]:
        return [post["text"] for post in self.delivery["posts"]]

    @property
    def recorded(self) -> list[str | None]:
        return [post["remote_id"] for post in self.delivery["posts"]]


class MakeScene(Protocol):
    """Makes a scene whose publisher is as patient as the faults to come allow, on SQLite if not said."""

    def __call__(self, *faults: Fault, database: Database | None = None) -> Scene: ...


@contextmanager
def scenes(
    request: pytest.FixtureRequest,
    *,
    publisher_for: Callable[[float, float], Publisher],
    truth: Callable[[], list[Shown]],
) -> Iterator[MakeScene]:
    """Make scenes on one platform; ``publisher_for`` gets a time-out and a deadline, in seconds."""
    with ExitStack() as stack:

        def make(*faults: Fault, database: Database | None = None) -> Scene:
            patience = HURRIED if any(fault.keeps_waiting for fault in faults) else UNHURRIED
            publisher = stack.enter_context(closing(publisher_for(patience, 2 * patience)))
            return Scene(database or request.getfixturevalue("sqlite_database"), publisher, truth)

        yield make


def course_of_a_spoilt_write(fault: Fault) -> States:
    """What was carried out is found at once; what was not is sent again after the second look."""
    return AT_ONCE if fault.forwarded else SECOND_LOOK


def run_with_a_late_request(scene: Scene, proxy: FaultProxy) -> States:
    """Let the late request arrive between the first look and the second; return the delivery's states."""
    first = scene.tick()
    assert first is DeliveryState.UNKNOWN
    proxy.deliver_late()
    scene.wait()
    return (first, *scene.run())


@dataclass
class Tally:
    """What came of every run of the full matrix."""

    rows: dict[str, Counter[str]] = field(default_factory=dict)

    def run(self, row: str, scene: Scene) -> States:
        """Let a scene run to its end, and count what came of it; return the delivery's states."""
        states = scene.run()
        self._add(row, scene, states)
        return states

    def _add(self, row: str, scene: Scene, states: States) -> None:
        texts = Counter(shown.text for shown in scene.truth())
        approved = scene.approved
        counted = self.rows.setdefault(row, Counter())
        counted["runs"] += 1
        counted[_kind(states)] += 1
        counted["posts doubled"] += sum(count - 1 for count in texts.values())
        if states[-1] is DeliveryState.SENT:
            counted["posts lost"] += sum(text not in texts for text in approved)
        counted["posts nobody approved"] += sum(text not in approved for text in texts)

    def merge(self, other: "Tally") -> None:
        """Add what another process has counted."""
        for row, counted in other.rows.items():
            self.rows.setdefault(row, Counter()).update(counted)

    def write(self, terminal: pytest.TerminalReporter) -> None:
        """Print the table, in the form of the documentation."""
        if not self.rows:
            return
        terminal.section("what came of the faults")
        terminal.write_line("| fault at | " + " | ".join(_COLUMNS) + " |")
        terminal.write_line("| --- " * (len(_COLUMNS) + 1) + "|")
        for row, counted in sorted(self.rows.items()):
            terminal.write_line(f"| {row} | " + " | ".join(str(counted[name]) for name in _COLUMNS) + " |")


_COLUMNS: Final = (
    "runs",
    "sent at once",
    "sent after another look",
    "sent at a later try",
    "left to a person",
    "posts doubled",
    "posts lost",
    "posts nobody approved",
)


@pytest.fixture
def tally(request: pytest.FixtureRequest) -> Tally:
    """Return the one tally of this test run."""
    return tally_of(request.config, "faults", Tally)


def assert_came_out(scene: Scene, states: Sequence[DeliveryState], expected: Sequence[DeliveryState]) -> None:
    """Check the truth: the approved thread once, whole and in order; or a beginning of it, and a person is asked.

    ``states`` are those that the delivery went through, and must be the expected ones.
    """
    assert states == expected
    shown = scene.truth()
    recorded = scene.recorded
    if states[-1] is DeliveryState.SENT:
        assert [post.text for post in shown] == scene.approved
        assert recorded == [post.remote_id for post in shown]
        assert (scene.delivery["state"], scene.candidate_state) == ("sent", "published")
    else:
        assert [post.text for post in shown] == scene.approved[: len(shown)]
        assert (scene.delivery["state"], scene.candidate_state) == (states[-1], "attention")
        assert scene.delivery["error"]
    assert [post.parent for post in shown] == [None, *(post.remote_id for post in shown)][: len(shown)]
    scene.now += timedelta(days=1)
    assert scene.tick() is None
    assert scene.truth() == shown


def _kind(states: Sequence[DeliveryState]) -> str:
    if states[-1] is not DeliveryState.SENT:
        return "left to a person"
    if DeliveryState.UNKNOWN in states:
        return "sent after another look"
    return "sent at a later try" if DeliveryState.PLANNED in states else "sent at once"


def _no_quote(url: str) -> Quote:
    raise AssertionError(url)
