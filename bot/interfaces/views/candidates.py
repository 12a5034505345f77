"""The queue, and one candidate whole with its decisions and deliveries.

Reads only. The fields that scripts rely on are listed in docs/commands.md; fields may be added, never renamed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from bot.curation.context import locate
from bot.curation.similar_picks import Likeness, likenesses
from bot.domain.channels import Channel
from bot.domain.folding import begins_a_word, folded
from bot.domain.listing import Listing
from bot.domain.states import Action, CandidateState
from bot.interfaces.views.corrections import CorrectionView, corrections_of
from bot.interfaces.views.deliveries import DeliveryView, deliveries_of, former_deliveries_of
from bot.store.database import Database
from bot.store.tables import Candidate, Decision, PaperRow, Pick


@dataclass(frozen=True, slots=True, kw_only=True)
class _Candidate:
    """What is always known of a candidate; ``like`` is the pick of the weeks before it that it is much like.

    ``perhaps_withdrawn`` is the sentence of its newest version that may be a notice of withdrawal: people decide.
    """

    id: int
    arxiv_id: str
    title: str
    score: float
    reasons: tuple[str, ...]
    state: CandidateState
    announced: date | None
    categories: tuple[str, ...]
    like: Likeness | None
    perhaps_withdrawn: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueRow(_Candidate):
    """A candidate in short."""

    authors: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionView:
    """Who did what to a candidate, when, through which mouth, and why."""

    at: datetime
    action: Action
    before: CandidateState | None
    after: CandidateState
    by: str
    mouth: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateView(_Candidate):
    """A candidate whole; ``links`` stand in its abstract, ``code_found`` is the one that leads to code."""

    version: int
    abstract: str
    authors: tuple[str, ...]
    url: str
    links: tuple[str, ...]
    code_found: str | None
    withdrawn: bool
    backfilled: bool
    note: str
    thread_url: str | None
    code_url: str | None
    slot: datetime | None
    approved_by: str | None
    held_until: date | None
    decisions: tuple[DecisionView, ...]
    deliveries: tuple[DeliveryView, ...]
    former_deliveries: tuple[DeliveryView, ...]
    corrections: tuple[CorrectionView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperView:
    """A stored paper that is in no queue; what only a candidate has is empty."""

    arxiv_id: str
    version: int
    title: str
    abstract: str
    authors: tuple[str, ...]
    announced: date | None
    categories: tuple[str, ...]
    url: str
    links: tuple[str, ...]
    code_found: str | None
    withdrawn: bool
    backfilled: bool
    id: None = None
    score: None = None
    reasons: tuple[str, ...] = ()
    state: None = None
    like: Likeness | None
    perhaps_withdrawn: str | None
    note: str = ""
    thread_url: None = None
    code_url: None = None
    slot: None = None
    approved_by: None = None
    held_until: None = None
    decisions: tuple[DecisionView, ...] = ()
    deliveries: tuple[DeliveryView, ...] = ()
    former_deliveries: tuple[DeliveryView, ...] = ()
    corrections: tuple[CorrectionView, ...] = ()


Shown = CandidateView | PaperView


@dataclass(frozen=True, slots=True, kw_only=True)
class PageView:
    """Where a paper can be read."""

    arxiv_id: str
    title: str
    url: str


def queue(
    database: Database,
    channel: Channel,
    *,
    state: CandidateState,
    limit: int | None,
    day: date | None = None,
    by: str = "",
) -> Listing[QueueRow]:
    """Return the candidates in one state, best first, all or those of one day, and of one author.

    ``by`` is a name or a part of one: each of its words begins one of the author's names, whatever case and accents.
    """
    query = (
        select(Candidate, PaperRow)
        .join(PaperRow, col(PaperRow.arxiv_id) == col(Candidate.arxiv_id))
        .where(Candidate.channel == channel.name, Candidate.state == state)
        .order_by(col(Candidate.score).desc(), col(Candidate.arxiv_id).desc())
    )
    if day is not None:
        query = query.where(Candidate.announced == day)
    names = folded(by).split()
    with database.reading() as session:
        if names:
            found = [row for row in session.exec(query) if _is_by(row[1], names)]
            rows, total = found[:limit], len(found)
        else:
            rows = list(session.exec(query.limit(limit)))
            total = session.exec(select(func.count()).select_from(query.order_by(None).subquery())).one()
        alike = likenesses(session, channel, [paper for _, paper in rows])
        shown = [_queue_row(candidate, paper, alike.get(paper.arxiv_id)) for candidate, paper in rows]
        return Listing(shown, total=total)


def newest_day(database: Database, channel: Channel) -> date | None:
    """Return the newest day of which anything was ever queued, None where nothing was."""
    with database.reading() as session:
        return session.exec(select(func.max(Candidate.announced)).where(Candidate.channel == channel.name)).one()


def _is_by(paper: PaperRow, names: Sequence[str]) -> bool:
    """Say whether one person who wrote the paper has all these names, or names that begin so."""
    return any(all(begins_a_word(person, name) for name in names) for person in map(folded, paper.authors))


def show(database: Database, channel: Channel, text: str) -> Shown:
    """Return one paper whole; raise UnknownPaperError when the ID names nothing."""
    with database.reading() as session:
        paper, candidate = locate(session, channel, text)
        like = likenesses(session, channel, [paper]).get(paper.arxiv_id)
        if candidate is None:
            return _paper(paper, like)
        return _candidate(session, candidate, paper, like)


def page(database: Database, channel: Channel, text: str) -> PageView:
    """Return where a paper can be read; raise UnknownPaperError when the ID names nothing."""
    with database.reading() as session:
        paper, _ = locate(session, channel, text)
        return PageView(arxiv_id=paper.arxiv_id, title=paper.title, url=_address(paper))


def _queue_row(candidate: Candidate, paper: PaperRow, like: Likeness | None) -> QueueRow:
    return QueueRow(
        id=candidate.id,
        arxiv_id=candidate.arxiv_id,
        title=paper.title,
        score=candidate.score,
        reasons=tuple(candidate.reasons),
        state=candidate.state,
        announced=candidate.announced,
        categories=tuple(paper.categories),
        like=like,
        perhaps_withdrawn=doubt_of(paper),
        authors=tuple(paper.authors),
    )


def _candidate(session: Session, candidate: Candidate, paper: PaperRow, like: Likeness | None) -> CandidateView:
    """Return a candidate whole, as its rows say."""
    pick = session.exec(select(Pick).where(Pick.candidate_id == candidate.id)).first()
    links, code = _links(paper)
    return CandidateView(
        id=candidate.id,
        arxiv_id=paper.arxiv_id,
        title=paper.title,
        score=candidate.score,
        reasons=tuple(candidate.reasons),
        state=candidate.state,
        announced=paper.announced,
        categories=tuple(paper.categories),
        like=like,
        perhaps_withdrawn=doubt_of(paper),
        version=paper.version,
        abstract=paper.abstract,
        authors=tuple(paper.authors),
        url=_address(paper),
        links=links,
        code_found=code,
        withdrawn=paper.withdrawn,
        backfilled=paper.backfilled,
        note=pick.note if pick else "",
        thread_url=pick.thread_url if pick else None,
        code_url=pick.code_url if pick else None,
        slot=pick.slot_at if pick else None,
        approved_by=pick.approved_by if pick else None,
        held_until=candidate.held_until if candidate.state is CandidateState.HELD else None,
        decisions=_decisions(session, candidate),
        deliveries=deliveries_of(session, pick),
        former_deliveries=former_deliveries_of(session, pick),
        corrections=corrections_of(session, pick.id if pick else None),
    )


def _paper(paper: PaperRow, like: Likeness | None) -> PaperView:
    """Return a paper that is in no queue."""
    links, code = _links(paper)
    return PaperView(
        arxiv_id=paper.arxiv_id,
        version=paper.version,
        title=paper.title,
        abstract=paper.abstract,
        authors=tuple(paper.authors),
        announced=paper.announced,
        categories=tuple(paper.categories),
        url=_address(paper),
        links=links,
        code_found=code,
        withdrawn=paper.withdrawn,
        backfilled=paper.backfilled,
        like=like,
        perhaps_withdrawn=doubt_of(paper),
    )


def doubt_of(paper: PaperRow) -> str | None:
    """Return the sentence by which a paper that counts as alive may be withdrawn."""
    return None if paper.withdrawn else paper.notice


def _address(paper: PaperRow) -> str:
    return f"https://arxiv.org/abs/{paper.arxiv_id}"


def _links(paper: PaperRow) -> tuple[tuple[str, ...], str | None]:
    from bot.curation.found_links import code_among, links_in  # noqa: PLC0415  # lists do not need them

    links = links_in(paper.abstract)
    return links, code_among(links)


def decision_view(row: Decision) -> DecisionView:
    """Return one entry of a candidate's log."""
    return DecisionView(
        at=row.at,
        action=row.action,
        before=row.before,
        after=row.after,
        by=row.by,
        mouth=row.mouth,
        detail=row.detail,
    )


def _decisions(session: Session, candidate: Candidate) -> tuple[DecisionView, ...]:
    """Return the log of a candidate, the oldest first."""
    rows = session.exec(
        select(Decision).where(Decision.candidate_id == candidate.id).order_by(col(Decision.at), col(Decision.id))
    )
    return tuple(decision_view(row) for row in rows)
