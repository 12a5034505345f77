"""Turn what a channel's curators have decided into examples to learn from.

The tables are read a portion at a time and little of them is kept: a year of papers must not make the worker grow. A
paper has the text with which it was announced, so that what is learned fits what will be scored.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import func
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from bot.domain.actors import WORKER
from bot.domain.channels import Channel
from bot.domain.papers import AnnounceType, ArxivId
from bot.domain.states import Action, CandidateState
from bot.intake.listings import from_lists
from bot.intake.versions import first_texts
from bot.ranking.examples import Example, Label, Named
from bot.store.learning_tables import KnownPick, TrainingState, still_picks
from bot.store.tables import (
    AnnouncementRow,
    BatchRow,
    Candidate,
    Decision,
    PaperRow,
)

MEMORY: Final = timedelta(days=400)
"""How far back from the newest the papers go that nobody named; what somebody decided is never forgotten."""

_PORTION: Final = 500
_LATELY: Final = timedelta(days=1)
_WORDS: Final = (Action.APPROVE, Action.REJECT, Action.EXPIRE, Action.UNDO, Action.RETRACT)
_S = CandidateState
_MEANING: Final = {
    **dict.fromkeys((_S.APPROVED, _S.PUBLISHING, _S.PUBLISHED, _S.ATTENTION), (Action.APPROVE, Label.APPROVED)),
    _S.REJECTED: (Action.REJECT, Label.REJECTED),
    _S.EXPIRED: (Action.EXPIRE, Label.EXPIRED),
}
"""Which decision gives a state its meaning, and which. Any other, such as a withdrawal, says nothing of the paper."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a paper in a channel."""

    label: Label
    decided: date | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """How much there is to learn from: the id of people's newest decision, and how many picks are known.

    Expired candidates do not count: they are learned from only together with what people decided meanwhile.
    """

    decision_id: int
    known_picks: int


@dataclass(frozen=True, slots=True)
class Taught:
    """How many papers were approved and rejected in the decisions that a training learned anew ``at`` that time."""

    at: datetime
    approved: int
    rejected: int


def seen_now(session: Session, channel: str) -> Seen:
    """Return how much there is to learn from."""
    newest = (
        select(func.max(Decision.id))
        .join(Candidate, col(Candidate.id) == col(Decision.candidate_id))
        .where(Candidate.channel == channel, col(Decision.action).in_(_WORDS), Decision.mouth != WORKER.mouth)
    )
    known = select(func.count()).select_from(KnownPick).where(KnownPick.channel == channel)
    return Seen(session.exec(newest).one() or 0, session.exec(known).one())


def taught_lately(session: Session, channel: Channel, *, now: datetime) -> Taught | None:
    """Return what a training of the last day learned anew: it has changed the order of the queue.

    What counts of a paper is the last word on it that the training knew.
    """
    lesson = session.get(TrainingState, channel.name)
    if lesson is None or lesson.taught_at is None or now - lesson.taught_at > _LATELY:
        return None
    last = (
        select(func.max(Decision.id))
        .join(Candidate, col(Candidate.id) == col(Decision.candidate_id))
        .where(
            Candidate.channel == channel.name,
            col(Decision.action).in_(_WORDS),
            col(Decision.id) <= lesson.decision_id,
            Decision.mouth != WORKER.mouth,
        )
        .group_by(col(Decision.candidate_id))
    )
    query = select(Decision.action).where(col(Decision.id).in_(last), col(Decision.id) > lesson.previous_decision_id)
    said = Counter(session.exec(query))
    approved, rejected = said[Action.APPROVE], said[Action.REJECT]
    return Taught(lesson.taught_at, approved, rejected) if approved or rejected else None


def examples(session: Session, channel: Channel, *, now: datetime) -> Iterator[Example]:
    """Yield the papers that the channel's feeds announced, and all that were named, with what became of them."""
    verdicts, today = all_verdicts(session, channel), now.date()
    since = _newest(session, today) - MEMORY
    for rows in _portions(session, channel, named=list(verdicts), since=since):
        for row, paper in zip(rows, first_texts(session, rows), strict=True):
            verdict = verdicts.get(row.arxiv_id, Verdict(Label.UNLABELLED))
            day = row.announced or verdict.decided or row.text_day
            yield Example(paper, min(day, today), verdict.label, verdict.decided, verdict.reason)
        session.expunge_all()
    for example in from_lists((), picks=_known_elsewhere(session, channel)):
        yield replace(example, day=min(example.day, today))  # a file's own date may lie ahead, and age all others


def _newest(session: Session, today: date) -> date:
    """Return the last day that announced papers; it counts as today, so that old captures can be learned from too."""
    newest = select(func.max(PaperRow.announced)).where(col(PaperRow.announced) <= today)
    return session.exec(newest).one() or today


def all_verdicts(session: Session, channel: Channel) -> dict[str, Verdict]:
    """Return the verdict on each paper, by id: what people decided counts more than that a pick is known.

    A known pick that was left to expire is still a pick: nobody turned it down.
    """
    query = select(KnownPick.arxiv_id).where(KnownPick.channel == channel.name, still_picks())
    known = dict.fromkeys(session.exec(query), Verdict(Label.PICK))
    decided = _decided(session, channel)
    left = {name for name, verdict in decided.items() if verdict.label is Label.EXPIRED}
    return {**decided, **known, **{name: verdict for name, verdict in decided.items() if name not in left}}


def _decided(session: Session, channel: Channel) -> dict[str, Verdict]:
    """Return what people decided, and what they left to expire while they decided about others."""
    query = (
        select(Decision, Candidate)
        .join(Candidate, col(Candidate.id) == col(Decision.candidate_id))
        .where(Candidate.channel == channel.name)
        .order_by(col(Decision.id))
    )
    people_at, last = list[datetime](), dict[str, tuple[Decision, Candidate]]()
    for decision, candidate in session.exec(query):
        if decision.mouth != WORKER.mouth:
            people_at.append(decision.at)
        if decision.action in _WORDS:
            last[candidate.arxiv_id] = (decision, candidate)
    people_at.sort()
    found = {name: _verdict(decision, candidate, people_at) for name, (decision, candidate) in last.items()}
    return {name: verdict for name, verdict in found.items() if verdict}


def _verdict(decision: Decision, candidate: Candidate, people_at: Sequence[datetime]) -> Verdict | None:
    action, label = _MEANING.get(candidate.state, (None, Label.UNLABELLED))
    if decision.action is not action:
        return None
    if action is Action.EXPIRE and not _somebody_looked(people_at, candidate.queued_at, decision.at):
        return None
    reason = decision.detail or None if action is Action.REJECT else None
    return Verdict(label, decision.at.date(), reason)


def _somebody_looked(people_at: Sequence[datetime], start: datetime, end: datetime) -> bool:
    """Say whether anybody decided about anything meanwhile. If not, what expired was not turned down."""
    place = bisect_left(people_at, start)
    return place < len(people_at) and people_at[place] <= end


def _known_elsewhere(session: Session, channel: Channel) -> list[Named]:
    """Return the known picks of which no text is stored; they teach by their titles."""
    query = select(KnownPick).where(
        KnownPick.channel == channel.name,
        still_picks(),
        col(KnownPick.arxiv_id).not_in(select(PaperRow.arxiv_id)),
    )
    return [Named(ArxivId(row.arxiv_id), row.title, row.day) for row in session.exec(query)]


def _portions(session: Session, channel: Channel, *, named: Sequence[str], since: date) -> Iterator[Sequence[PaperRow]]:
    """Yield the named papers and then the other recent ones, one portion a query.

    So no cursor stays open, no list grows, and no query holds more values than PostgreSQL's 65,535.
    """
    for start in range(0, len(named), _PORTION):
        portion = named[start : start + _PORTION]
        yield session.exec(select(PaperRow).where(col(PaperRow.arxiv_id).in_(portion))).all()
    query, last, seen = _recent(channel, since=since), "", frozenset(named)
    while rows := session.exec(query.where(col(PaperRow.arxiv_id) > last).limit(_PORTION)).all():
        last = rows[-1].arxiv_id
        yield [row for row in rows if row.arxiv_id not in seen]


def _recent(channel: Channel, *, since: date) -> SelectOfScalar[PaperRow]:
    """Select what the channel's feeds announced since a day, in order of the ids."""
    listed = (
        select(AnnouncementRow.arxiv_id)
        .join(BatchRow, col(BatchRow.id) == col(AnnouncementRow.batch_id))
        .where(
            AnnouncementRow.arxiv_id == PaperRow.arxiv_id,
            col(BatchRow.feed).in_(channel.feeds.categories),
            col(AnnouncementRow.type).in_([item for item in AnnounceType if item.first_seen]),
        )
    )
    recent = (col(PaperRow.announced) >= since, ~col(PaperRow.withdrawn), listed.exists())
    return select(PaperRow).where(*recent).order_by(col(PaperRow.arxiv_id))
