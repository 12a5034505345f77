"""The digest of a day, and the reminder of a slot that is still empty.

Both are once a key: the digest's is its announcement day, whatever comes in later, the reminder's is its slot. What was
planned and not sent while it was news is dropped, so that nobody gets a week of them after an outage.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlmodel import Session

from bot.curation.context import Context
from bot.curation.digest import day_due, waiting
from bot.curation.slots import empty_slots
from bot.interfaces.notices.recipients import Recipient, not_told, plan
from bot.interfaces.views import digest as views
from bot.interfaces.views.percent import percent
from bot.store import messages
from bot.threads.measure import DIRECT_MESSAGE

DIGEST: Final = "digest"
REMINDER: Final = "reminder"
_TITLE_LENGTH: Final = 150


def plan_digest(session: Session, context: Context, people: Sequence[Recipient]) -> int:
    """Plan the digest that is due for everybody who has none of its day; return how many that are."""
    day = day_due(session, context.channel, now=context.now)
    if day is None:
        return 0
    key = f"{DIGEST} {day}"
    missing = not_told(session, context, key, people)
    if not missing:
        return 0
    shown = views.digest(session, context, day)
    if not shown.candidates:
        return 0
    messages.drop_stale(session, channel=context.channel.name, kind=DIGEST, keep=[key])
    return sum(_digest(session, context, person, shown, key=key) for person in missing)


def plan_reminders(session: Session, context: Context, people: Sequence[Recipient]) -> int:
    """Plan a reminder of each slot of today that comes soon and is empty, for everybody who can fill it.

    There is none while nothing waits. Who got the digest since the slot came near needs none: it names the empty slots.
    """
    notice = timedelta(hours=context.channel.notices.reminder_hours)
    slots = {_key(slot): slot for slot in empty_slots(session, context, within=notice)}
    messages.drop_stale(session, channel=context.channel.name, kind=REMINDER, keep=list(slots))
    told = 0
    for key, slot in slots.items():
        deciding = [person for person in people if person.decides]
        fresh = _told_by_digest(session, context, since=slot - notice)
        asked = [item for item in not_told(session, context, key, deciding) if (item.service, item.name) not in fresh]
        told += _remind(session, context, slot, asked) if asked else 0
    return told


def _digest(session: Session, context: Context, person: Recipient, shown: views.Digest, *, key: str) -> bool:
    only = shown.candidates[0].arxiv_id if len(shown.candidates) == 1 else None
    text = views.as_message(shown, person.way, clean=person.clean)
    if only and person.curator and person.decides:
        today = context.now.astimezone(context.channel.posting.zone).date()
        text = _with(text, context.channel.chat.hint(today))
    return plan(session, context, person, key=key, text=text, about=only)


def _with(text: str, hint: str) -> str:
    """Return a message with a line about reactions, which a digest of one paper takes, where there is room for it."""
    longer = f"{text}\n{hint}"
    return longer if hint and DIRECT_MESSAGE.fits(longer) else text


def _remind(session: Session, context: Context, slot: datetime, people: Sequence[Recipient]) -> int:
    found = waiting(session, context.channel, None, most=1)
    if not found.best:
        return 0
    best, zone = views.row(*found.best[0]), context.channel.posting.zone
    many = "1 candidate waits" if found.in_all == 1 else f"{found.in_all} candidates wait, the best one"
    told = 0
    for person in people:
        title = views.shortened(person.clean(best.title), _TITLE_LENGTH)
        lines = [
            f"{context.channel.name}: the slot at {slot.astimezone(zone):%H:%M %Z} today is empty",
            f"{many}: #{best.id} · {percent(best.score)} · {title}",
            best.url,
            person.way(best),
        ]
        told += plan(session, context, person, key=_key(slot), text="\n".join(lines))
    return told


def _told_by_digest(session: Session, context: Context, *, since: datetime) -> set[tuple[str, str]]:
    """Return who was told of the empty slots by a digest since then, as service and recipient."""
    day = day_due(session, context.channel, now=context.now)
    if day is None:
        return set()
    return messages.planned_for(session, channel=context.channel.name, key=f"{DIGEST} {day}", since=since)


def _key(slot: datetime) -> str:
    return f"{REMINDER} {slot.astimezone(UTC):%Y-%m-%dT%H:%MZ}"
