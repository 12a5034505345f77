"""The picks of a channel as the public sees them: what everything in the archive reads.

A pick is in the archive once a whole thread of it went out somewhere, or once it was taken over from elsewhere. Only
words that were approved appear: a pick that was taken down and reopened stays a notice until it is out again. Texts
are cleaned here, once. This module reads the store and never writes.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from bot.archive.topics import Topics
from bot.archive.words import line, prose
from bot.domain.channels import Channel
from bot.domain.states import CandidateState, DeliveryAction, DeliveryState
from bot.platforms.bluesky.standard_site import publication_of
from bot.store.corrections import corrections_of
from bot.store.database import Database
from bot.store.learning_tables import KnownPick
from bot.store.tables import Candidate, Delivery, DeliveryChange, FrozenPost, PaperRow, Pick

_OVER: Final = (DeliveryState.RETRACTED, DeliveryState.GIVEN_UP)
_ON_THE_WAY: Final = (CandidateState.PUBLISHING, CandidateState.PUBLISHED, CandidateState.ATTENTION)
"""A pick in one of these states that was corrected stands in the archive, also while its thread is posted anew."""

_NOON: Final = time(12)
_NAMED: Final = 30
"""Authors of a paper that its page names and that have pages for it: large collaborations sign with thousands."""
_CENTURY: Final = 90  # arXiv opened in August 1991


@dataclass(frozen=True, slots=True)
class LivePost:
    """The first post of a thread that is up; ``platform`` is one of ``Platform``, or the name of another place."""

    platform: str
    url: str


@dataclass(frozen=True, slots=True)
class OurDocument:
    """The at:// URIs of a document on Bluesky, and of the publication that it names."""

    uri: str
    publication: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One pick of one channel, in words that are safe to show as text.

    ``picked_at`` is when a curator approved it, ``published_at`` when its first thread was out: the archive is ordered
    by that. Both are aware; ``day`` is the day of publication in the channel's zone. ``tags`` are the ``topics`` that
    the channel file gives it and arXiv's ``categories``. Addresses are as somebody wrote them: ask ``words.is_web``
    before one becomes a link. With ``retracted_at`` it is a notice only: note and links are empty. ``withdrawn`` says
    that the authors have withdrawn the paper. ``pick_id`` is None where it was taken over from ``elsewhere``.
    ``document`` is the standard.site document that is out beside its thread. ``updated_at`` is when a thread of it last
    came or went, None where that is not known. ``corrected_at`` is when the note was corrected last after it was
    published; the day of publication stays.
    """

    channel: str
    arxiv_id: str
    title: str
    authors: tuple[str, ...]
    abstract: str
    categories: tuple[str, ...]
    topics: tuple[str, ...]
    note: str
    picked_at: datetime
    published_at: datetime
    day: date
    announced: date | None
    thread_url: str | None
    code_url: str | None
    posts: tuple[LivePost, ...]
    retracted_at: datetime | None
    withdrawn: bool
    pick_id: int | None
    document: OurDocument | None = None
    updated_at: datetime | None = None
    corrected_at: datetime | None = None

    @property
    def tags(self) -> tuple[str, ...]:
        """Return by what it is found: its topics, then its categories."""
        return (*self.topics, *(name for name in self.categories if name not in self.topics))

    @property
    def named(self) -> tuple[str, ...]:
        """Return the authors who are named one by one, and have pages of their own: all, but for very many."""
        return self.authors[:_NAMED]

    @property
    def live(self) -> bool:
        """Say whether it stands in lists and feeds."""
        return self.retracted_at is None

    @property
    def changed_at(self) -> datetime:
        """Return when it changed last, as far as that is known."""
        return max(filter(None, (self.published_at, self.updated_at, self.corrected_at, self.retracted_at)))

    @property
    def elsewhere(self) -> bool:
        """Say whether it was published before this program did it."""
        return self.pick_id is None


def entries(database: Database, channel: Channel) -> list[Entry]:
    """Return the picks of a channel that were published, the newest first, also those that were retracted since."""
    with database.reading() as session:
        own = {entry.arxiv_id: entry for entry in _own(session, channel)}
        known = [entry for entry in _known(session, channel) if entry.arxiv_id not in own]
    return sorted([*own.values(), *known], key=lambda entry: (entry.published_at, entry.arxiv_id), reverse=True)


def _own(session: Session, channel: Channel) -> Iterator[Entry]:
    """Yield the picks that this program published."""
    sent, urls, down = _sent(session, channel), _urls(session, channel), _taken_down(session, channel)
    documents, corrected = _documents(session, channel), {row.pick_id: row for row in corrections_of(session)}
    topics = Topics(channel.archive.topics)
    query = (
        select(Pick, PaperRow, Candidate.state)
        .join(Candidate, col(Candidate.id) == col(Pick.candidate_id))
        .join(PaperRow, col(PaperRow.arxiv_id) == col(Candidate.arxiv_id))
        .where(Candidate.channel == channel.name)
    )
    for pick, paper, state in session.exec(query):
        deliveries = sent.get(pick.id, [])
        if not deliveries:
            continue
        live = [item for item in deliveries if item.state not in _OVER and not item.former]
        correction = corrected.get(pick.id) if state in _ON_THE_WAY else None
        present = [item for item in deliveries if not item.former] or deliveries
        published_at = correction.published_at if correction else min(map(_sent_at, present))
        moments = [*map(_sent_at, present), *(down[item.id] for item in deliveries if item.id in down)]
        retracted_at = None if live or correction else max(down.get(item.id, _sent_at(item)) for item in deliveries)
        yield _entry(
            channel,
            topics,
            _Words(paper.title, tuple(paper.authors), paper.abstract, tuple(paper.categories), pick.note),
            arxiv_id=paper.arxiv_id,
            picked_at=pick.approved_at or published_at,
            published_at=published_at,
            announced=paper.announced,
            thread_url=pick.thread_url,
            code_url=pick.code_url,
            posts=tuple(LivePost(item.platform, url) for item in live if (url := urls.get((item.id, item.single)))),
            retracted_at=retracted_at,
            withdrawn=paper.withdrawn,
            pick_id=pick.id,
            document=next((documents[item.id] for item in live if item.id in documents), None),
            updated_at=max(moments),
            corrected_at=correction.started_at if correction else None,
        )


def _known(session: Session, channel: Channel) -> Iterator[Entry]:
    """Yield the picks that were taken over from elsewhere; a text that is stored counts more than what came along."""
    topics = Topics(channel.archive.topics)
    query = (
        select(KnownPick, PaperRow)
        .outerjoin(PaperRow, col(PaperRow.arxiv_id) == col(KnownPick.arxiv_id))
        .where(KnownPick.channel == channel.name)
    )
    for known, paper in session.exec(query):
        announced = known.day or (paper.announced if paper else None)
        published_at = known.published_at or known.picked_at or _noon(announced or _month_of(known.arxiv_id), channel)
        yield _entry(
            channel,
            topics,
            _known_words(known, paper),
            arxiv_id=known.arxiv_id,
            picked_at=known.picked_at or published_at,
            published_at=published_at,
            announced=announced,
            thread_url=known.thread_url,
            code_url=known.code_url,
            posts=tuple(LivePost(post["platform"], post["url"]) for post in known.posts),
            retracted_at=known.retracted_at,
            withdrawn=paper.withdrawn if paper else known.withdrawn,
            pick_id=None,
            corrected_at=known.corrected_at,
        )


class _Words(NamedTuple):
    """What people wrote, uncleaned."""

    title: str
    authors: tuple[str, ...]
    abstract: str
    categories: tuple[str, ...]
    note: str


def _known_words(known: KnownPick, paper: PaperRow | None) -> _Words:
    if paper is None:
        return _Words(known.title, tuple(known.authors), known.abstract, tuple(known.categories), known.note)
    return _Words(paper.title, tuple(paper.authors), paper.abstract, tuple(paper.categories), known.note)


def _entry(
    channel: Channel,
    topics: Topics,
    words: _Words,
    *,
    arxiv_id: str,
    picked_at: datetime,
    published_at: datetime,
    announced: date | None,
    thread_url: str | None,
    code_url: str | None,
    posts: tuple[LivePost, ...],
    retracted_at: datetime | None,
    withdrawn: bool,
    pick_id: int | None,
    document: OurDocument | None = None,
    updated_at: datetime | None = None,
    corrected_at: datetime | None = None,
) -> Entry:
    """Clean the words of a pick; of one that was retracted none of the curator's are kept."""
    gone = retracted_at is not None
    title, abstract = line(words.title) or f"arXiv:{arxiv_id}", prose(words.abstract)
    note = "" if gone else prose(words.note)
    return Entry(
        channel=channel.name,
        arxiv_id=arxiv_id,
        title=title,
        authors=tuple(filter(None, map(line, words.authors))),
        abstract=abstract,
        categories=tuple(filter(None, map(line, words.categories))),
        topics=() if gone else topics.of(f"{title}\n{abstract}\n{note}"),
        note=note,
        picked_at=picked_at,
        published_at=published_at,
        day=published_at.astimezone(channel.posting.zone).date(),
        announced=announced,
        thread_url=None if gone else _address(thread_url),
        code_url=None if gone else _address(code_url),
        posts=() if gone else posts,
        retracted_at=retracted_at,
        withdrawn=withdrawn,
        pick_id=pick_id,
        document=document,
        updated_at=updated_at,
        corrected_at=corrected_at,
    )


def _address(url: str | None) -> str | None:
    return line(url) or None if url else None


def _sent(session: Session, channel: Channel) -> Mapping[int, Sequence[Delivery]]:
    """Return the deliveries that went out whole, by pick, in the order in which they were planned."""
    query = (
        select(Delivery)
        .join(Pick, col(Pick.id) == col(Delivery.pick_id))
        .join(Candidate, col(Candidate.id) == col(Pick.candidate_id))
        .where(Candidate.channel == channel.name, col(Delivery.sent_at).is_not(None))
        .order_by(col(Delivery.id))
    )
    found: dict[int, list[Delivery]] = defaultdict(list)
    for delivery in session.exec(query):
        found[delivery.pick_id].append(delivery)
    return found


def _sent_at(delivery: Delivery) -> datetime:
    if delivery.sent_at is None:
        raise ValueError(f"delivery {delivery.id} was not sent")
    return delivery.sent_at


def _urls(session: Session, channel: Channel) -> Mapping[tuple[int, bool], str]:
    """Return the address of the first post that is up, by delivery and form."""
    posts = _posts_up(session, channel, FrozenPost.single, FrozenPost.url, which=col(FrozenPost.url).is_not(None))
    return {(delivery_id, single): url for delivery_id, single, url in reversed(posts) if url}


def _documents(session: Session, channel: Channel) -> Mapping[int, OurDocument]:
    """Return the document beside each thread that is up, by delivery."""
    has_one = col(FrozenPost.document).is_not(None)
    return {
        delivery_id: OurDocument(uri, publication_of(uri, approved["lasting"]))
        for delivery_id, uri, content in _posts_up(
            session, channel, FrozenPost.document, FrozenPost.content, which=has_one
        )
        if uri and (approved := content.get("document"))
    }


def _posts_up(session: Session, channel: Channel, *columns: Any, which: ColumnElement[bool]) -> Sequence[Any]:
    """Return the delivery and these columns of posts that are up, of threads that are out, in the order of places."""
    query = (
        select(FrozenPost.delivery_id, *columns)
        .join(Delivery, col(Delivery.id) == col(FrozenPost.delivery_id))
        .join(Pick, col(Pick.id) == col(Delivery.pick_id))
        .join(Candidate, col(Candidate.id) == col(Pick.candidate_id))
        .where(
            Candidate.channel == channel.name,
            col(Delivery.sent_at).is_not(None),
            col(Delivery.state).not_in(_OVER),
            which,
            col(FrozenPost.removed_at).is_(None),
        )
        .order_by(col(FrozenPost.position))
    )
    return list(session.exec(query))


def _taken_down(session: Session, channel: Channel) -> Mapping[int, datetime]:
    """Return when a thread that was out was retracted, by delivery."""
    query = (
        select(DeliveryChange.delivery_id, DeliveryChange.at)
        .join(Delivery, col(Delivery.id) == col(DeliveryChange.delivery_id))
        .join(Pick, col(Pick.id) == col(Delivery.pick_id))
        .join(Candidate, col(Candidate.id) == col(Pick.candidate_id))
        .where(
            Candidate.channel == channel.name,
            DeliveryChange.action == DeliveryAction.RETRACT,
            DeliveryChange.before == DeliveryState.SENT,
        )
    )
    return dict(session.exec(query).all())


def _noon(day: date, channel: Channel) -> datetime:
    return datetime.combine(day, _NOON, channel.posting.zone).astimezone(UTC)


def _month_of(arxiv_id: str) -> date:
    """Return the first day of the month that an id names: the paper's, where no better day is known."""
    digits = arxiv_id.rpartition("/")[2]
    year, month = int(digits[:2]), int(digits[2:4])
    return date(year + (1900 if year > _CENTURY else 2000), month, 1)
