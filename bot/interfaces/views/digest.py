"""The morning's digest: the best candidates of a day, each with the one reason that matters, and its words.

One message holds it, whatever the titles: every message rings at the curators', so one is better than six. A reaction
decides about the paper that a message is about, so only a digest of a single candidate is about a paper; of several,
``show`` brings the card that can be reacted to.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from sqlmodel import Session

from bot.curation.context import Context
from bot.curation.digest import BEST, missing_feeds, waiting
from bot.curation.slots import empty_slots
from bot.domain.curators import Role
from bot.domain.markdown import escaped
from bot.domain.text import sanitize
from bot.intake.schedule import calendar_of
from bot.interfaces.views.candidates import doubt_of
from bot.interfaces.views.percent import percent
from bot.store.tables import Candidate, PaperRow
from bot.threads.measure import DIRECT_MESSAGE, graphemes

_LENGTHS: Final = (*((title, 60) for title in range(150, 9, -5)), (10, 10))
"""How long titles and reasons may be, until the message fits; the last fits whatever else it says."""

_AGAINST: Final = re.compile(r" -\d+\.\d$")  # how a reason ends that speaks against the paper
_CHANNEL_LENGTH: Final = 80
_NAMED: Final = 5  # feeds and slots; of others their number says enough
_BYTES_A_GRAPHEME: Final = 8
"""As many as a shortened text may have on average: a stack of accents is one grapheme, whatever its size."""

Decide = Callable[["DigestRow"], str]
"""Says how to decide about a candidate, in the words of one mouth."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestRow:
    """A candidate in a digest; ``reason`` is the one that matters: a doubt before what speaks for it."""

    id: int
    arxiv_id: str
    title: str
    score: float
    reason: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """The best candidates of a day, of the ``waiting`` ones that nobody has decided about; ``queued`` are of all days.

    ``missing`` are the feeds of which papers may still come, ``empty_slots`` those of today that a pick could have.
    """

    channel: str
    title: str
    time_zone: str
    day: date
    waiting: int
    queued: int
    missing: tuple[str, ...]
    empty_slots: tuple[datetime, ...]
    candidates: tuple[DigestRow, ...]
    decide: str


def digest(session: Session, context: Context, day: date, *, most: int = BEST) -> Digest:
    """Return what the digest of a day says at this moment."""
    channel = context.channel
    found = waiting(session, channel, day, most=most)
    rows = tuple(row(candidate, paper) for candidate, paper in found.best)
    return Digest(
        channel=channel.name,
        title=channel.title,
        time_zone=channel.posting.time_zone,
        day=day,
        waiting=found.of_day,
        queued=found.in_all,
        missing=() if calendar_of([channel]).why_quiet(day) else tuple(missing_feeds(session, channel, day)),
        empty_slots=tuple(empty_slots(session, context)),
        candidates=rows,
        decide=by_command(rows[0]) if rows else "",
    )


def as_message(shown: Digest, decide: Decide, *, clean: Callable[[str], str] = sanitize) -> str:
    """Return the digest as one message: its first line is its title, and longer titles are shortened until it fits.

    ``clean`` makes strangers' words harmless where the message goes.
    """
    texts = (_message(shown, decide, clean, title_length=title, reason_length=reason) for title, reason in _LENGTHS)
    return next(text for text in texts if DIRECT_MESSAGE.fits(text))


def as_markdown(shown: Digest) -> str:
    """Return the digest in Markdown; strangers' words are escaped."""
    lines = [f"## {escaped(headline(shown))}", ""]
    for number, row in enumerate(shown.candidates, 1):
        lines.append(f"{number}. **[{escaped(row.title)}]({row.url})**  ")
        lines.append(f"   \\#{row.id}, {percent(row.score)}: {escaped(row.reason)}")
    lines += ["", *(f"{escaped(line)}  " for line in remarks(shown)), f"`{shown.decide}`"]
    return "\n".join(lines) + "\n"


def headline(shown: Digest) -> str:
    """Return what the digest is about."""
    many = "1 candidate" if shown.waiting == 1 else f"{shown.waiting} candidates"
    best = f", the best {len(shown.candidates)}" if len(shown.candidates) < shown.waiting else ""
    return f"{shortened(shown.title, _CHANNEL_LENGTH)}, {shown.day:%a} {shown.day.day} {shown.day:%b %Y}: {many}{best}"


def remarks(shown: Digest) -> Iterator[str]:
    """Yield what else a curator should know in the morning, a line each."""
    if shown.missing:
        yield f"not in yet: {_first(shown.missing)}"
    older = shown.queued - shown.waiting
    if older:
        yield f"of other days {older} {'waits' if older == 1 else 'wait'}"
    if shown.empty_slots:
        zone = ZoneInfo(shown.time_zone)
        slots = [f"{slot.astimezone(zone):%H:%M}" for slot in shown.empty_slots]
        yield f"empty today: {_first(slots)} ({shown.empty_slots[0].astimezone(zone):%Z})"


def by_command(row: DigestRow) -> str:
    """Say how to decide in the shell."""
    name = row.id
    return (
        f"picks show {name}; picks note {name}; picks approve {name}; picks reject {name} --reason WHY; "
        f"picks hold {name} --until DATE"
    )


def by_answer(role: Role) -> Decide:
    """Return what says how a person of a role decides by answering the message."""

    def decide(row: DigestRow) -> str:
        name = row.id
        if not role.includes(Role.CURATOR):
            return f"answer: show {name} · queue · help"
        return f"answer: show {name} · note {name} WORDS · approve {name} · reject {name} WHY · hold {name} DATE · help"

    return decide


def shortened(text: str, most: int) -> str:
    """Return the text in one line with at most so many graphemes, and none of them of many bytes for nothing."""
    line = " ".join(text.split())
    cut = graphemes(line)[:most]
    while len("".join(cut).encode()) > most * _BYTES_A_GRAPHEME:
        cut.pop()
    short = "".join(cut)
    return short if short == line else f"{short[: len(short) - len(cut[-1]) if cut else 0].rstrip()}…"


def row(candidate: Candidate, paper: PaperRow) -> DigestRow:
    """Return a candidate as the digest shows it."""
    return DigestRow(
        id=candidate.id,
        arxiv_id=candidate.arxiv_id,
        title=paper.title,
        score=candidate.score,
        reason=_reason(candidate, paper),
        url=f"https://arxiv.org/abs/{paper.arxiv_id}",
    )


def _reason(candidate: Candidate, paper: PaperRow) -> str:
    """Return the one reason that matters: a doubt, else the weightiest of those that speak for the paper."""
    doubt, reasons = doubt_of(paper), candidate.reasons
    if doubt:
        return f"may be withdrawn: “{doubt}”"
    speaking_for_it = [reason for reason in reasons if not _AGAINST.search(reason)]
    return (speaking_for_it or reasons or ["no single word stands out"])[0]


def _first(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def _message(
    shown: Digest, decide: Decide, clean: Callable[[str], str], *, title_length: int, reason_length: int
) -> str:
    blocks = [
        f"#{row.id} · {percent(row.score)} · {shortened(clean(row.title), title_length)}\n"
        f"{shortened(clean(row.reason), reason_length)}\n{row.url}"
        for row in shown.candidates
    ]
    last: Sequence[str] = [*remarks(shown), decide(shown.candidates[0])]
    return "\n\n".join([headline(shown), *blocks, "\n".join(last)])
