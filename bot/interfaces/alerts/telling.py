"""Tell what is wrong once when it begins and once when it is over: plan the messages to the operator's addresses.

1. Note what is seen now: what is new gets a row, which says since when it lasts.
2. What has lasted long enough, and was not told, is told as begun.
3. What nobody has seen for some minutes is told as over, if its beginning was told. So is, after a day, what nobody
   looks at any more.
4. Six messages an hour are planned at most. Where there is more to tell, the last of them counts the rest.

The rows outlive every worker, so a restart repeats nothing, and of several workers one tells. What cannot be told this
hour is told later, unless it is over by then. An address that was down the whole time hears neither beginning nor end.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session

from bot.domain.redaction import redact
from bot.interfaces.alerts.conditions import Condition
from bot.interfaces.views.digest import shortened
from bot.platforms.alerts import harmless
from bot.publishing.alerts import HOURLY
from bot.store import alerts, messages
from bot.store.alert_tables import Alert
from bot.store.message_tables import OPERATOR, MessageService

CALM: Final = timedelta(minutes=5)
"""What nobody has seen for so long is over: clocks differ, and a job that fails may seem well while it runs."""

ABANDONED: Final = timedelta(days=1)
"""What nobody has seen for so long is over, whosever it is: the channel was removed or renamed, the machine is gone."""

_HOUR: Final = timedelta(hours=1)
_SUBJECT_LENGTH: Final = 150
_TEXT_LENGTH: Final = 600


@dataclass(frozen=True, slots=True)
class _Event:
    """Something to tell of a row; without a condition that it is over."""

    row: Alert
    condition: Condition | None

    @property
    def kind(self) -> str:
        return self.row.kind if self.condition else "over"

    @property
    def key(self) -> str:
        return _key("begun" if self.condition else "over", self.row)


def tell(
    session: Session, found: Sequence[Condition], *, places: Collection[str], addresses: Collection[str], now: datetime
) -> int:
    """Plan what should be told by now; return how many messages that are to each address.

    ``places`` are those whose conditions the caller sees. Works inside the caller's writing transaction.
    """
    events = [*_begun(session, found, now=now), *_over(session, places=places, now=now)]
    left = HOURLY - alerts.planned_since(session, now - _HOUR, now=now)
    if not events or left <= 0:
        return 0
    alone = events if len(events) <= left else events[: left - 1]
    rest = events[len(alone) :]
    for event in alone:
        unaware = _take_back(session, event)
        aware = [name for name in addresses if name not in unaware]
        _plan(session, event.key, _text(event, now=now), addresses=aware, now=now)
    if rest:
        _plan(session, f"rest {now:%Y-%m-%dT%H:%M:%SZ}", _count(rest), addresses=addresses, now=now)
    for event in events:
        _settle(session, event, now=now)
    return len(alone) + bool(rest)


def _begun(session: Session, found: Sequence[Condition], *, now: datetime) -> list[_Event]:
    events: list[_Event] = []
    for item in found:
        row = alerts.see(session, kind=item.kind, subject=item.subject, place=item.place, now=now)
        if row.told_at is None and now - row.began_at >= item.patience:
            events.append(_Event(row, item))
    return events


def _over(session: Session, *, places: Collection[str], now: datetime) -> list[_Event]:
    """Return what was told and is over; forget what is over and was not told."""
    events: list[_Event] = []
    for row in alerts.over(session, places=places, calm=CALM, abandoned=ABANDONED, now=now):
        if row.told_at is None:
            alerts.forget(session, row)
        else:
            events.append(_Event(row, None))
    return events


def _take_back(session: Session, event: _Event) -> set[str]:
    """Take back what was not sent of the beginning of what is over; return the addresses that never heard of it."""
    if event.condition is not None:
        return set()
    return messages.take_back(session, channel=OPERATOR, key=_key("begun", event.row))


def _settle(session: Session, event: _Event, *, now: datetime) -> None:
    if event.condition is None:
        _take_back(session, event)
        alerts.forget(session, event.row)
        return
    event.row.told_at = now
    session.add(event.row)


def _plan(session: Session, key: str, text: str, *, addresses: Collection[str], now: datetime) -> None:
    for name in addresses:
        messages.plan(
            session,
            channel=OPERATOR,
            service=MessageService.APPRISE,
            recipient=name,
            key=key,
            parts=[text],
            now=now,
        )


def _key(what: str, row: Alert) -> str:
    return f"{what} {row.id} {row.began_at:%Y-%m-%dT%H:%M:%SZ}"


def _text(event: _Event, *, now: datetime) -> str:
    """Return a message whose first line is its title; strangers' words and addresses are made harmless."""
    row, condition = event.row, event.condition
    name = f"{row.kind}: {shortened(_clean(row.subject), _SUBJECT_LENGTH)}"
    if condition is None:
        hours = (now - row.began_at).total_seconds() / 3600
        lasted = f"It lasted from {row.began_at:%Y-%m-%d %H:%M} UTC on, {hours:.1f} hours."
        if now - row.seen_at >= ABANDONED:
            lasted = f"{lasted} For a day no worker has looked at it: its channel, or its machine, is no more."
        return f"Daily Picks: over: {name}\n{lasted}"
    lines = [shortened(_clean(condition.text), _TEXT_LENGTH), f"Next: {shortened(condition.next, _TEXT_LENGTH)}"]
    return "\n".join([f"Daily Picks: {name}", *lines])


def _count(rest: Sequence[_Event]) -> str:
    kinds = Counter(event.kind for event in rest)
    counted = ", ".join(f"{many} {kind}" for kind, many in kinds.items())
    return f"Daily Picks: {len(rest)} more in this hour\n{counted}. picks status lists what stands."


def _clean(text: str) -> str:
    return harmless(redact(text))
