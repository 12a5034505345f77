"""When a channel posts: its slots, and the next free one.

Pure: the clock is an argument. A slot is a local time of the channel; a time that daylight saving skips is posted at
the moment the clock would have shown it. So two times may mean one moment on such a day: it is one slot then.
"""

from collections import Counter
from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import count

from bot.domain.channel_sections import Posting, Weekday


def slots_after(posting: Posting, moment: datetime) -> Iterator[datetime]:
    """Yield the channel's slots after the moment, in order, in UTC, without end."""
    first_day = moment.astimezone(posting.zone).date()
    for offset in count():
        yield from (slot for slot in _slots_of_day(posting, first_day + timedelta(days=offset)) if slot > moment)


def _slots_of_day(posting: Posting, day: date) -> list[datetime]:
    """Return the slots that fall on a local day, in order, each once.

    A time that is skipped at the end of a day falls on the next one.
    """
    weekdays = list(Weekday)
    meant = [item for item in (day - timedelta(days=1), day) if weekdays[item.weekday()] in posting.days]
    moments = {datetime.combine(item, time, posting.zone).astimezone(UTC) for item in meant for time in posting.times}
    return sorted(slot for slot in moments if slot.astimezone(posting.zone).date() == day)


def next_free_slot(
    posting: Posting, *, taken: Collection[datetime], after: datetime, shared: Collection[datetime] = ()
) -> datetime:
    """Return the first slot after the moment that no other pick has, on a day below the daily cap.

    ``taken`` are the times of all of the channel's picks that are planned or out, in any zone; ``shared`` are those of
    other channels on the same accounts, which the cap does not count.
    """
    busy = {moment.astimezone(UTC) for moment in (*taken, *shared)}
    per_day: Counter[date] = Counter(moment.astimezone(posting.zone).date() for moment in taken)
    for slot in slots_after(posting, after):
        if slot not in busy and per_day[slot.astimezone(posting.zone).date()] < posting.daily_cap:
            return slot
    raise AssertionError("slots never end")
