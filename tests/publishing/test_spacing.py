"""A platform that was out for days, and a budget that begins anew: one thread an account now, the rest in its slots."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from sqlmodel import select

import json_views as views
from bot.curation import decisions
from bot.curation.context import Account, Context, Edits
from bot.domain.channel_sections import Weekday, XRules
from bot.domain.channels import Channel
from bot.domain.errors import AccountError, PicksError, TransientError, UnknownOutcomeError
from bot.domain.posts import Platform
from bot.domain.states import DeliveryState
from bot.intake.ingest import Capture, ingest
from bot.platforms.memory import MemoryPublisher, Moment
from bot.publishing.outbox import due_deliveries
from bot.publishing.resolve import Verdict, resolve
from bot.publishing.rounds import send_due, would_be_sent
from bot.publishing.sender import Outbox
from bot.store.database import Database
from bot.store.tables import Delivery
from publishing_stage import CHANNEL as WEEKDAYS
from publishing_stage import Stage
from samples import NOON, announcement, batch

PAPERS = tuple(f"2602.0000{number}" for number in range(1, 7))
CHANNEL = WEEKDAYS.model_copy(update={"posting": WEEKDAYS.posting.model_copy(update={"days": tuple(Weekday)})})
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
MORNING = NOON.replace(hour=10)
"""The channel's slot, a day before the first one that is free."""


@dataclass
class Life:
    """Days of a worker; ``begun`` tells when each thread of a platform began to go out."""

    stage: Stage
    channels: Sequence[Channel] = (CHANNEL,)
    begun: dict[Platform, list[datetime]] = field(default_factory=lambda: {Platform.BLUESKY: [], Platform.X: []})

    def until(self, end: datetime, *, step: timedelta = HOUR) -> None:
        """Let the worker tick until the moment, and once then; where all is out, nothing happens in between."""
        while self.stage.now < end:
            self.tick()
            self.stage.now = end if self._all_is_out() else min(self.stage.now + step, end)
        self.tick()

    def _all_is_out(self) -> bool:
        with self.stage.database.reading() as session:
            open_ones = select(Delivery.id).where(Delivery.state != DeliveryState.SENT)
            return session.exec(open_ones).first() is None

    def tick(self) -> dict[Platform, int]:
        """Do what the worker does; return how many threads began on each platform."""
        before = self._heads()
        send_due(self.outbox(), self.channels)
        began = {platform: count - before[platform] for platform, count in self._heads().items()}
        for platform, count in began.items():
            self.begun[platform] += [self.stage.now] * count
        return began

    def outbox(self) -> Outbox:
        return self.stage.outbox()

    def _heads(self) -> dict[Platform, int]:
        return {
            platform: sum(item.parent is None for item in publisher.timeline.posts)
            for platform, publisher in self.stage.publishers.items()
        }


def _breaks(publisher: MemoryPublisher, moment: Moment, make: Callable[[], PicksError]) -> None:
    publisher.fail(moment, *(make() for _ in range(5000)))


def _is_mended(publisher: MemoryPublisher) -> None:
    for failures in publisher._failures.values():
        failures.clear()


@pytest.fixture
def life(sqlite_database: Database) -> Life:
    """Return a life of six picks, one a day from tomorrow on, on both platforms."""
    stage = Stage(sqlite_database)
    papers = [announcement(paper, f"Probing {paper}") for paper in PAPERS]
    ingest(sqlite_database, [Capture(batch(*papers), "test")], channels=[CHANNEL], now=NOON)
    for paper in PAPERS:
        decisions.approve(replace(stage.context(), channel=CHANNEL), paper, Edits(note=f"About {paper}."))
    return Life(stage)


OUTAGES: dict[str, tuple[Platform, Moment, Callable[[], PicksError]]] = {
    "X does not accept the keys": (Platform.X, Moment.BEFORE, lambda: AccountError("401")),
    "X wants credits": (Platform.X, Moment.BEFORE, lambda: AccountError("402", retry_after=900)),
    "a wrong Bluesky password": (Platform.BLUESKY, Moment.PREPARE, lambda: AccountError("no sign-in")),
    "X is not reached": (Platform.X, Moment.BEFORE, lambda: TransientError("no connection")),
    "X fails without an answer": (Platform.X, Moment.BEFORE, lambda: UnknownOutcomeError("503")),
}
HOURS_OUT = {"X is not reached": 18, "X fails without an answer": 18}
"""A delivery comes to a person after so many tries where nobody knows that it is the account's; others outlast days."""


@pytest.mark.parametrize("kind", OUTAGES)
def test_after_an_outage_of_one_platform_one_thread_goes_out_at_once_and_one_a_slot(life: Life, kind: str) -> None:
    platform, moment, make = OUTAGES[kind]
    other = next(item for item in life.begun if item is not platform)
    _breaks(life.stage.publishers[platform], moment, make)
    if kind == "X fails without an answer":
        _breaks(life.stage.publishers[platform], Moment.FIND, lambda: TransientError("503"))
    mended = MORNING + DAY + timedelta(hours=HOURS_OUT.get(kind, 3 * 24 + 5))
    life.until(mended)
    assert life.begun[platform] == []
    _is_mended(life.stage.publishers[platform])
    life.until(mended + 10 * DAY)
    assert life.begun[other] == [MORNING + number * DAY for number in range(1, 7)]
    assert len(life.begun[platform]) == len(PAPERS)
    assert mended <= life.begun[platform][0] <= mended + 2 * HOUR
    _assert_one_a_slot(life.begun[platform])
    assert set(_states(life)) == {DeliveryState.SENT}


def _assert_one_a_slot(moments: Sequence[datetime]) -> None:
    first, *others = moments
    assert all((moment.hour, moment.minute) == (10, 0) for moment in others), moments
    assert len(set(moments)) == len(moments), moments
    assert first != others[0]


def _states(life: Life) -> Iterator[DeliveryState]:
    with life.stage.database.reading() as session:
        yield from (DeliveryState(state) for state in session.exec(select(Delivery.state)))


def test_the_burst_after_a_worker_that_was_down_too_counts_both_platforms_apart(life: Life) -> None:
    x = life.stage.publishers.pop(Platform.X)
    life.until(MORNING + 2 * DAY)
    life.stage.publishers[Platform.X] = x
    life.stage.now = MORNING + 5 * DAY + 2 * HOUR
    assert life.tick() == {Platform.BLUESKY: 1, Platform.X: 1}
    life.until(MORNING + 14 * DAY)
    for platform in life.begun:
        assert len(life.begun[platform]) == len(PAPERS)
        _assert_at_least(DAY - 3 * HOUR, life.begun[platform])


def _assert_at_least(pause: timedelta, moments: Sequence[datetime]) -> None:
    assert min(later - earlier for earlier, later in pairwise(moments)) >= pause, list(map(str, moments))


@dataclass
class WithoutX(Life):
    """A life in which X is off until the keys are set."""

    off: bool = True

    def outbox(self) -> Outbox:
        outbox = self.stage.outbox()
        return replace(
            outbox,
            publisher_for=lambda name, platform: (
                None if self._is_off(name, platform) else outbox.publisher_for("", platform)
            ),
            is_off=self._is_off,
        )

    def _is_off(self, _: str, platform: Platform) -> bool:
        return self.off and platform is Platform.X


def test_what_waits_for_a_platform_without_an_account_is_not_moved_about(life: Life) -> None:
    without = WithoutX(life.stage)
    approved = {row.id: row.due_at for row in _rows(life, Platform.X)}
    without.until(MORNING + 9 * DAY)
    assert without.begun[Platform.BLUESKY] == [MORNING + number * DAY for number in range(1, 7)]
    assert {row.id: row.due_at for row in _rows(life, Platform.X)} == approved
    logs = [
        item["changes"] for paper in PAPERS for item in views.show(life.stage.database, CHANNEL, paper)["deliveries"]
    ]
    assert not any(entry["action"] == "move" for log in logs for entry in log)
    without.off = False
    mended = without.stage.now
    without.until(mended + 8 * DAY)
    assert len(without.begun[Platform.X]) == len(PAPERS)
    assert without.begun[Platform.X][0] == mended
    _assert_one_a_slot(without.begun[Platform.X])


def test_a_pick_that_missed_its_slot_has_a_new_one_though_one_of_its_platforms_is_off(life: Life) -> None:
    without = WithoutX(life.stage)
    without.stage.now = MORNING + 5 * DAY + 2 * HOUR
    assert without.tick() == {Platform.BLUESKY: 1, Platform.X: 0}
    shown = views.show(life.stage.database, CHANNEL, PAPERS[1])
    assert shown["slot"] == shown["deliveries"][0]["due_at"] > without.stage.now.isoformat()
    assert [item["action"] for item in shown["decisions"]][-1] == "move"


def _with_budget(budget: str) -> Channel:
    return CHANNEL.model_copy(update={"x": XRules(monthly_budget_usd=Decimal(budget))})


@dataclass
class Thrifty(Life):
    """A life with a budget for X."""

    def outbox(self) -> Outbox:
        outbox = self.stage.outbox()
        return Outbox(
            database=outbox.database,
            publisher_for=outbox.publisher_for,
            clock=outbox.clock,
            sleep=outbox.sleep,
            worker=outbox.worker,
            channels={channel.name: channel for channel in self.channels},
            jitter=outbox.jitter,
        )


def test_a_budget_that_begins_anew_is_spread_over_the_slots(life: Life) -> None:
    thrifty = Thrifty(life.stage, [_with_budget("0.50")])  # for two threads of $0.23
    thrifty.until(NOON.replace(month=2, day=28, hour=22), step=6 * HOUR)  # from ten o'clock on
    assert len(thrifty.begun[Platform.X]) == 2
    thrifty.until(NOON.replace(month=3, day=2))
    thrifty.until(NOON.replace(month=3, day=20), step=11 * HOUR)
    new = thrifty.begun[Platform.X][2:]
    first = NOON.replace(month=3, day=1, hour=0)
    assert first <= new[0] <= first + HOUR
    assert new[1:] == [MORNING.replace(month=3, day=1)]


def test_what_was_raised_in_the_channel_file_is_spread_too(life: Life) -> None:
    thrifty = Thrifty(life.stage, [_with_budget("0.50")])
    thrifty.until(MORNING + 8 * DAY + HOUR)
    thrifty.channels = [_with_budget("20")]
    thrifty.until(MORNING + 20 * DAY)
    assert len(thrifty.begun[Platform.X]) == len(PAPERS)
    _assert_at_least(HOUR, thrifty.begun[Platform.X])
    _assert_one_a_slot(thrifty.begun[Platform.X][2:])


def test_a_lost_post_that_is_out_goes_on_at_once_though_its_account_has_others_to_send(life: Life) -> None:
    x = life.stage.publishers[Platform.X]
    x.fail(Moment.AFTER, UnknownOutcomeError("no answer"))
    _breaks(x, Moment.FIND, lambda: TransientError("the timeline is busy"))
    life.until(MORNING + DAY + 5 * HOUR)
    assert life.begun[Platform.X] == [MORNING + DAY]
    _is_mended(x)
    life.until(MORNING + DAY + 7 * HOUR)
    [first] = [row for row in _rows(life, Platform.X) if row.sent_at]
    assert first.sent_at is not None
    assert first.sent_at < MORNING + DAY + 7 * HOUR


def _rows(life: Life, platform: Platform) -> list[Delivery]:
    with life.stage.database.reading() as session:
        return list(session.exec(select(Delivery).where(Delivery.platform == platform)).all())


def test_what_is_on_time_keeps_its_time_and_what_missed_its_slot_makes_room(life: Life) -> None:
    x = life.stage.publishers[Platform.X]
    _breaks(x, Moment.BEFORE, lambda: AccountError("401"))
    life.until(MORNING + 2 * DAY - HOUR)
    _is_mended(x)
    life.stage.now = MORNING + 2 * DAY
    assert life.tick() == {Platform.BLUESKY: 1, Platform.X: 1}
    assert x.timeline.posts[0].post.text.startswith(f"Probing {PAPERS[1]}")


def test_a_moved_delivery_says_so_in_its_log_and_its_pick_keeps_the_slot_of_the_other_platform(life: Life) -> None:
    _breaks(life.stage.publishers[Platform.X], Moment.BEFORE, lambda: AccountError("401"))
    life.until(MORNING + 2 * DAY + HOUR)
    shown = views.show(life.stage.database, CHANNEL, PAPERS[0])
    bluesky, x = shown["deliveries"]
    assert (bluesky["state"], bluesky["due_at"]) == ("sent", "2026-02-18T10:00:00Z")
    assert x["due_at"] == "2026-02-24T10:00:00Z"
    assert [item["detail"] for item in x["changes"] if item["action"] == "move"] == [
        "missed its slot; 2026-02-24 10:00Z instead"
    ]
    assert shown["slot"] == "2026-02-18T10:00:00Z"


def test_a_new_pick_takes_no_slot_that_a_moved_delivery_has(life: Life) -> None:
    _breaks(life.stage.publishers[Platform.X], Moment.BEFORE, lambda: AccountError("401"))
    life.until(MORNING + 2 * DAY + HOUR)
    ingest(
        life.stage.database,
        [Capture(batch(announcement("2602.00009", "Probing"), feed="cs.LG"), "test")],
        channels=[CHANNEL],
        now=life.stage.now,
    )
    slot = decisions.approve(_context(life), "2602.00009", Edits(note="Late.")).slot
    taken = {row.due_at for row in _rows(life, Platform.X)}
    assert slot in taken  # its own
    assert Counter(row.due_at for row in _rows(life, Platform.X))[slot] == 1


def test_status_shows_the_coming_times_of_each_platform(life: Life) -> None:
    _breaks(life.stage.publishers[Platform.X], Moment.BEFORE, lambda: AccountError("401", retry_after=900))
    life.until(MORNING + 2 * DAY + HOUR)
    accounts = {platform: Account("an account") for platform in life.begun}
    shown = views.status(life.stage.database, CHANNEL, accounts=accounts, now=life.stage.now)["platforms"]
    bluesky, x = ([(item["arxiv_id"], item["at"][:16]) for item in platform["coming"]] for platform in shown)
    assert bluesky == [(PAPERS[number], f"2026-02-{18 + number}T10:00") for number in range(2, 6)]
    tries = [(PAPERS[1], "2026-02-19T11:15")]  # its turn: it is tried again, and the first makes room for it
    assert x == [*tries, *bluesky, (PAPERS[0], "2026-02-24T10:00")]


def test_a_rehearsal_shows_what_would_go_out_after_an_outage_and_no_more(life: Life) -> None:
    now = MORNING + 5 * DAY + HOUR
    due = due_deliveries(life.stage.database, now=now, channels=[CHANNEL.name])
    would = would_be_sent(life.stage.database, [CHANNEL.name], now=now)
    assert len(due) > len(would) == len(life.begun)


def test_what_a_person_sends_again_goes_out_now_though_others_wait(life: Life) -> None:
    x = life.stage.publishers[Platform.X]
    _breaks(x, Moment.BEFORE, lambda: UnknownOutcomeError("no answer"))
    _breaks(x, Moment.FIND, lambda: UnknownOutcomeError("X cannot tell"))
    life.until(MORNING + 3 * DAY + HOUR)
    _is_mended(x)
    actor = life.stage.context().actor
    resolve(life.stage.database, CHANNEL, PAPERS[1], Verdict(resend=True), actor=actor, now=life.stage.now)
    life.until(life.stage.now + HOUR)
    assert x.timeline.posts[0].post.text.startswith(f"Probing {PAPERS[1]}")


def test_an_account_that_rests_for_days_costs_no_delivery_a_try(life: Life) -> None:
    _breaks(life.stage.publishers[Platform.X], Moment.BEFORE, lambda: AccountError("401"))
    life.until(MORNING + 5 * DAY)
    assert {row.state for row in _rows(life, Platform.X)} == {DeliveryState.PLANNED}
    assert {row.attempts for row in _rows(life, Platform.X)} == {0}


def test_channels_on_one_account_are_spread_together(life: Life) -> None:
    other = CHANNEL.model_copy(update={"name": "other"})
    papers = [f"2602.0010{number}" for number in range(3)]
    ingest(
        life.stage.database,
        [Capture(batch(*(announcement(paper, f"Probing {paper}") for paper in papers), feed="cs.LG"), "test")],
        channels=[other],
        now=NOON,
    )
    for paper in papers:
        decisions.approve(_context(life, other), paper, Edits(note=f"About {paper}."), at=NOON + 2 * HOUR)
    both = Life(life.stage, [CHANNEL, other])
    x = life.stage.publishers[Platform.X]
    _breaks(x, Moment.BEFORE, lambda: AccountError("401"))
    both.until(MORNING + 4 * DAY + 5 * HOUR)
    _is_mended(x)
    both.until(MORNING + 14 * DAY)
    assert len(both.begun[Platform.X]) == len(PAPERS) + len(papers)
    _assert_one_a_slot(both.begun[Platform.X])


def _context(life: Life, channel: Channel = CHANNEL) -> Context:
    return replace(life.stage.context(), channel=channel)
