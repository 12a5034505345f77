"""Decide whether a batch is what it says it is, from the batch, those before it and arXiv's calendar.

Pure: this module never fetches and never stores. It relies on two facts, both measured on real feeds:

- A feed that repeats an earlier batch repeats nearly all of it, version by version; otherwise not one version of a
  paper stands in a feed on two days. The dates and the status of a repeated feed show nothing.
- arXiv numbers papers as it announces them: of 20,847 papers of March to August 2024, not one that was new on a day had
  a lower number than any that was new on a day before.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final, Self

from bot.arxiv.calendar import EASTERN, MAILING_HOUR, Calendar, weekday_before
from bot.domain.papers import AnnounceType, Batch

FEED_CAP: Final = 2000
"""arXiv's server cuts a feed at this many items, so one that holds them all has probably lost some."""

MEMORY: Final = timedelta(days=10)
"""How far back the batches lie that a batch is compared with: longer than any run of days without papers."""

_MOST: Final = 0.5
_FEW: Final = 5
_NAMED: Final = 3  # odd entries that are named; of the others their number says enough
_ENOUGH_DAYS: Final = 3


class Health(StrEnum):
    """What became of one feed on one day."""

    FRESH = "fresh"
    QUIET = "quiet"
    EMPTY = "empty"
    STALE = "stale"
    DOUBLE = "double"
    DELAYED = "delayed"
    LATE = "late"
    TRUNCATED = "truncated"
    PARTIAL = "partial"
    BROKEN = "broken"
    MISSING = "missing"

    @property
    def needs_repair(self) -> bool:
        """Say whether papers of that day may be missing; a late batch has all papers of its day."""
        return self not in {Health.FRESH, Health.QUIET, Health.DOUBLE, Health.LATE}


@dataclass(frozen=True, slots=True)
class Verdict:
    """A batch's health, and why in words; ``brings`` is the day whose papers a delayed one has."""

    health: Health
    reason: str
    brings: date | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """What of a batch decides its health.

    ``listed`` are ids and versions. ``numbers`` are the ids whose first version is new, as far as they are of the
    present scheme: these sort in the order in which they were given out. ``highest`` is the highest of them, None where
    there is none or where it must not count. ``odd`` says of each entry that could not be read which it is and why.
    ``from_api`` marks what the API said of the feed's day.
    """

    feed: str
    day: date
    built_at: datetime
    listed: frozenset[tuple[str, int]] = frozenset()
    numbers: tuple[str, ...] = ()
    highest: str | None = None
    cut_off: bool = False
    odd: tuple[str, ...] = ()
    from_api: bool = False

    @classmethod
    def of(cls, batch: Batch) -> Self:
        """Return what counts of a batch."""
        listed = frozenset((str(item.arxiv_id), item.version) for item in batch.announcements)
        new = {str(item.arxiv_id) for item in batch.announcements if item.type is AnnounceType.NEW}
        numbers = tuple(name for name, version in listed if version == 1 and name in new and "/" not in name)
        odd = tuple(item.why for item in batch.odd)
        found = cls(batch.feed, batch.day, batch.built_at, listed, numbers, cut_off=batch.cut_off, odd=odd)
        # A feed that was built late may state the wrong day: its numbers must not make others look outdated.
        return found if found.built_late else replace(found, highest=max(numbers, default=None))

    @property
    def built_late(self) -> bool:
        """Say whether it was built when the papers of the next day were public already, and yet has papers."""
        mailing = datetime.combine(self.day, time(MAILING_HOUR), EASTERN)
        return bool(self.listed) and self.built_at >= mailing


def judge(batch: Listing, earlier: Iterable[Listing], calendar: Calendar) -> Verdict:
    """Return the health of a batch.

    The first of these that holds decides:

    1. Most of its entries stand in an earlier batch of its feed: stale. This and the next two come first, because such
       a batch says nothing of its own day.
    2. Most of its new papers belong to an earlier day on which its own feed did not have them: delayed.
    3. Most of its new papers have numbers that were announced before: stale.
    4. It broke off on its way: truncated.
    5. An entry could not be read: partial.
    6. It has no papers: quiet where none were due, else empty.
    7. It was built when the next day's papers were public already: late.
    8. It has as many entries as arXiv's server sends at most: truncated.
    9. The weekday before had no papers: double, because it covers that day too.
    10. Otherwise it is fresh.

    ``earlier`` are batches of any feed, in any order, and what the API said of its own feed's days. Those of its own
    feed and of the last ten days before it are compared with it; those of other feeds tell which numbers were announced
    before.
    """
    past = [item for item in earlier if batch.day - MEMORY <= item.day < batch.day]
    own = _own(batch, past)
    old = _repeated(batch, own) or _delayed(batch, past, calendar) or _outdated(batch, past)
    if old is not None:
        return old if calendar.announces(batch.day) else replace(old, reason=f"{old.reason}; nothing was due")
    if batch.cut_off:
        odd = f"; {_said_odd(batch)}" if batch.odd else ""
        return Verdict(Health.TRUNCATED, f"cut off after {_count(batch)}; what arrived is kept{odd}")
    if batch.odd:
        kept = "the others are kept" if batch.listed else "nothing else was in it"
        return Verdict(Health.PARTIAL, f"{_said_odd(batch)}; {kept}")
    if not batch.listed:
        return _without_papers(batch, own, calendar)
    if batch.built_late:
        built = batch.built_at.astimezone(EASTERN)
        return Verdict(
            Health.LATE, f"built at {built:%H:%M:%S on %Y-%m-%d}, so it carries {batch.day} and not the day after"
        )
    return _capped(batch) or _full(batch, own, calendar)


def _without_papers(batch: Listing, own: Sequence[Listing], calendar: Calendar) -> Verdict:
    """Return the health of a batch without papers: quiet where none were due, or where they are rare anyway."""
    why = calendar.why_quiet(batch.day)
    if why is None and _is_small(own, calendar):
        why = f"a feed of few papers: never more than {_FEW} on the days before"
    if why is None:
        return Verdict(Health.EMPTY, f"no papers, though arXiv should announce some on {batch.day:%A} {batch.day}")
    return Verdict(Health.QUIET, why)


def _is_small(own: Sequence[Listing], calendar: Calendar) -> bool:
    """Say whether a day without papers is nothing unusual for the feed."""
    regular = [item for item in own if calendar.announces(item.day)]
    return len(regular) >= _ENOUGH_DAYS and all(len(item.listed) <= _FEW for item in regular)


def _repeated(batch: Listing, own: Sequence[Listing]) -> Verdict | None:
    for item in own:
        common = len(batch.listed & item.listed)
        # Of a batch that was cut off only a part is known, and it is that part that would be repeated.
        whole = min(len(batch.listed), len(item.listed)) if item.cut_off else len(batch.listed)
        if common > whole * _MOST:
            return Verdict(
                Health.STALE, f"repeats {item.day}: {common:,} of {len(batch.listed):,} entries are the same"
            )
    return None


def _own(batch: Listing, past: Iterable[Listing]) -> list[Listing]:
    """Return what its feed sent on the days before a batch, the newest first."""
    found = (item for item in past if item.feed == batch.feed and item.day < batch.day and not item.from_api)
    return sorted(found, key=lambda item: item.day, reverse=True)


def _delayed(batch: Listing, past: Sequence[Listing], calendar: Calendar) -> Verdict | None:
    """Return what a batch is that brings, days later, what its feed lacked on the day of another's: delayed.

    Numbers say which day they belong to where another feed told the truth on that day, else the API's answer does. Of a
    batch that did not arrive whole nobody knows whether it brings all.
    """
    if batch.cut_off or len(batch.listed) >= FEED_CAP:
        return None
    for day in dict.fromkeys(item.day for item in _own(batch, past)):
        count = sum(map(_belongs_to(day, batch.feed, past), batch.numbers))
        if count > len(batch.numbers) * _MOST and _is_lost(batch.feed, day, past, calendar):
            reason = f"brings the papers of {day}, which this feed did not have then"
            return Verdict(Health.DELAYED, reason, brings=day)
    return None


def _belongs_to(day: date, feed: str, past: Sequence[Listing]) -> Callable[[str], bool]:
    """Return what says of a number whether it was announced on a day.

    Where the feed came empty the API's answer says nothing: on a day off that nobody named, it has papers of the next.
    """
    before, until = (_highest(past, before=moment)[0] for moment in (day, day + timedelta(days=1)))
    of_day = [item for item in past if item.day == day and item.feed == feed]
    lied = any(item.listed for item in of_day if not item.from_api)
    found = {number for item in of_day if item.from_api and lied for number in item.numbers}
    return lambda number: before < number <= until or number in found


def _is_lost(feed: str, day: date, past: Sequence[Listing], calendar: Calendar) -> bool:
    """Say whether nothing that a feed sent on a day was of that day."""
    sent = [item for item in past if item.feed == feed and item.day == day and not item.from_api]
    return all(_is_of_another_day(item, past, calendar) for item in sent)


def _is_of_another_day(item: Listing, past: Sequence[Listing], calendar: Calendar) -> bool:
    if not item.listed:
        return calendar.announces(item.day)
    return bool(_repeated(item, _own(item, past)) or _outdated(item, past))


def _highest(past: Iterable[Listing], *, before: date) -> tuple[str, date]:
    """Return the highest number that any feed announced before a day, and when that was."""
    known = ((item.highest, item.day) for item in past if item.highest and item.day < before and not item.from_api)
    return max(known, default=("", before))


def _outdated(batch: Listing, past: Sequence[Listing]) -> Verdict | None:
    highest, day = _highest(past, before=batch.day)
    if sum(number <= highest for number in batch.numbers) <= len(batch.numbers) * _MOST:
        return None
    return Verdict(Health.STALE, f"its new papers have lower numbers than those announced by {day} already")


def _capped(batch: Listing) -> Verdict | None:
    if len(batch.listed) < FEED_CAP:
        return None
    return Verdict(Health.TRUNCATED, f"{_count(batch)}: arXiv cuts a feed at {FEED_CAP:,}")


def _full(batch: Listing, own: Sequence[Listing], calendar: Calendar) -> Verdict:
    before = weekday_before(batch.day)
    found = [item for item in own if item.day == before]
    came_empty = bool(found) and not any(item.listed for item in found)
    if (came_empty and not _is_small(own, calendar)) or not calendar.announces(before):
        return Verdict(Health.DOUBLE, f"covers {before} too, which had no papers")
    return Verdict(Health.FRESH, "")


def _count(batch: Listing) -> str:
    return f"{len(batch.listed):,} {'entry' if len(batch.listed) == 1 else 'entries'}"


def _said_odd(batch: Listing) -> str:
    """Return which entries could not be read, and why; of many the first ones and how many more."""
    more = len(batch.odd) - _NAMED
    return "; ".join([*batch.odd[:_NAMED], *([f"and {more:,} more"] if more > 0 else [])])
