"""What a curator works with: one channel's queue at one moment, and the ways to name what lies in it."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlmodel import Session, select

from bot.domain.actors import Actor
from bot.domain.channels import Channel
from bot.domain.errors import PicksError, UsageError
from bot.domain.papers import ArxivId
from bot.domain.people import Person
from bot.domain.post_limits import PostLimits
from bot.domain.posts import Platform, Quote
from bot.store.database import Database
from bot.store.tables import Candidate, PaperRow, Pick
from bot.threads.cards.words import Card, CardWords


class UnknownPaperError(PicksError):
    """The ID names nothing that is stored."""


@dataclass(frozen=True, slots=True)
class Edits:
    """What a curator wrote; None leaves what is there, an empty string removes it."""

    note: str | None = None
    thread_url: str | None = None
    code_url: str | None = None

    def __bool__(self) -> bool:
        return any(value is not None for value in (self.note, self.thread_url, self.code_url))


@dataclass(frozen=True, slots=True)
class Account:
    """Who posts on a platform: a public name, or the reason why the platform is off.

    ``problem`` is why this process has no keys, empty where it has. ``workers_lack`` is why no worker has keys, empty
    where one has, and None where no worker is known.
    """

    name: str | None
    problem: str = ""
    workers_lack: str | None = None

    @property
    def on(self) -> bool:
        """Say whether the platform is switched on: whether this process or a worker has keys."""
        return self.name is not None

    @property
    def here(self) -> bool:
        """Say whether this process has the keys."""
        return self.on and not self.problem


def _knows_nobody(handle: str) -> str:
    raise PicksError(f"nobody can be asked whose {handle} is")


@dataclass(frozen=True, slots=True)
class Acquaintances:
    """Whom the bot may mention: ``listed`` reads the people, ``resolve`` returns whose a handle on Bluesky is.

    Both raise PicksError where they cannot.
    """

    listed: Callable[[], Sequence[Person]] = tuple
    resolve: Callable[[str], str] = _knows_nobody


@dataclass(frozen=True, slots=True)
class Context:
    """What a curator works with: one channel's queue, at one moment.

    ``resolve_quote`` finds the record behind an address on bsky.app and raises PicksError when it cannot;
    ``accounts`` maps the channel's platforms to the accounts that post there. ``draw`` makes the picture of a pick,
    None where none is wanted. ``acquaintances`` are the people whom it may mention. ``post_limits`` says how long a
    post may be on a platform where each server says so itself; it may ask that server.
    """

    database: Database
    channel: Channel
    accounts: Mapping[Platform, Account]
    resolve_quote: Callable[[str], Quote]
    actor: Actor
    now: datetime
    draw: Callable[[CardWords], Card] | None = None
    acquaintances: Acquaintances = Acquaintances()
    post_limits: Callable[[Platform], PostLimits | None] = lambda _: None

    @property
    def platforms(self) -> dict[Platform, bool]:
        """Return the channel's platforms with whether they are switched on."""
        return {platform: account.on for platform, account in self.accounts.items()}


class UnreadableIdError(UnknownPaperError, UsageError):
    """The words are no ID in any form."""


_NUMBER: Final = re.compile(r"#?0{0,9}[1-9][0-9]{0,8}")  # more would not fit into a column; they begin with 1


def parse_id(text: str) -> int | ArxivId:
    """Read what people type for a paper: a queue number, or an arXiv id in any form; raise UnreadableIdError."""
    if _NUMBER.fullmatch(text):
        return int(text.lstrip("#"))
    try:
        return ArxivId.parse(text)
    except ValueError:
        raise UnreadableIdError(
            f"{text!r} is neither a queue number nor an arXiv id; see picks queue for both"
        ) from None


def locate(session: Session, channel: Channel, text: str) -> tuple[PaperRow, Candidate | None]:
    """Return the paper that an ID names, and its candidate if it is in the channel's queue."""
    wanted = parse_id(text)
    match = Candidate.id == wanted if isinstance(wanted, int) else Candidate.arxiv_id == str(wanted)
    candidate = session.exec(select(Candidate).where(Candidate.channel == channel.name, match)).first()
    if isinstance(wanted, int) and candidate is None:
        raise UnknownPaperError(f"nothing in the queue has the number {wanted}; see picks queue")
    arxiv_id = candidate.arxiv_id if candidate else str(wanted)
    paper = session.get(PaperRow, arxiv_id)
    if paper is None:
        raise UnknownPaperError(f"the paper {arxiv_id} is not stored; it comes in with picks fetch")
    return paper, candidate


def find_pick(session: Session, candidate: Candidate | None) -> Pick | None:
    """Return what the curator wrote about a candidate, None while nothing is written."""
    if candidate is None:
        return None
    return session.exec(select(Pick).where(Pick.candidate_id == candidate.id)).first()
