"""A correction as people see it: what changes in the note, and the exact posts.

Reads only. The fields that scripts rely on are listed in docs/commands.md; fields may be added, never renamed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlmodel import Session, col, select

from bot.domain.corrections import OPEN, CorrectionForm, CorrectionState
from bot.domain.json import Json
from bot.domain.posts import Platform, Thread, post_from_json
from bot.interfaces.views.deliveries import words_of
from bot.interfaces.views.threads import DueThread, ThreadView, composed_threads
from bot.store.correction_tables import Correction
from bot.store.database import Database
from bot.store.tables import Candidate, Pick

if TYPE_CHECKING:  # a queue has no correction to make
    from bot.curation.corrections import Proposal


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedCorrection:
    """What a correction changes; ``due_at`` is when it goes out, None while it is not ``approved``."""

    arxiv_id: str
    title: str
    form: CorrectionForm
    approved: bool
    due_at: datetime | None
    before: str
    note: str
    platforms: Mapping[Platform, ThreadView]
    left_out: Mapping[Platform, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionView:
    """A correction of a pick, and how far it has come; ``before`` is the note that it replaces.

    ``waiting`` are the platforms of which nothing is in the outbox yet.
    """

    form: CorrectionForm
    state: CorrectionState
    by: str
    at: datetime
    due_at: datetime
    started_at: datetime | None
    before: str
    note: str
    error: str | None
    waiting: tuple[Platform, ...] = ()

    @property
    def is_open(self) -> bool:
        """Say whether something of it is still to be done."""
        return self.state in OPEN


def proposed(proposal: "Proposal", *, title: str, due_at: datetime | None = None) -> ProposedCorrection:
    """Return what a proposal shows; ``due_at`` is its time where it was approved."""
    threads = composed_threads(proposal.threads, words=words_of(proposal.note))
    return ProposedCorrection(
        arxiv_id=proposal.arxiv_id,
        title=title,
        form=proposal.form,
        approved=due_at is not None,
        due_at=due_at,
        before=proposal.before,
        note=proposal.note,
        platforms={platform: replace(thread, frozen=due_at is not None) for platform, thread in threads.items()},
        left_out=proposal.left_out,
    )


def corrections_of(session: Session, pick_id: int | None) -> tuple[CorrectionView, ...]:
    """Return the corrections of a pick that were not dropped, the oldest first."""
    query = select(Correction).where(Correction.pick_id == pick_id, col(Correction.state) != CorrectionState.DROPPED)
    return tuple(
        CorrectionView(
            form=row.form,
            state=row.state,
            by=row.by,
            at=row.at,
            due_at=row.due_at,
            started_at=row.started_at,
            before=row.before,
            note=row.note,
            error=row.error,
            waiting=tuple(map(Platform, row.threads)),
        )
        for row in session.exec(query.order_by(col(Correction.id)))
    )


def threads_of(database: Database, row_ids: Sequence[int]) -> list[DueThread]:
    """Return the approved threads of some corrections, as far as they are not in the outbox yet."""
    with database.reading() as session:
        return [thread for row_id in row_ids for thread in _threads(session, session.get_one(Correction, row_id))]


def _threads(session: Session, row: Correction) -> Iterator[DueThread]:
    candidate = session.get_one(Candidate, session.get_one(Pick, row.pick_id).candidate_id)
    threads = {Platform(name): _thread(Platform(name), thread) for name, thread in row.threads.items()}
    for platform, view in composed_threads(threads, words=words_of(row.note)).items():
        yield DueThread(candidate.arxiv_id, platform, replace(view, frozen=True), row.form)


def _thread(platform: Platform, stored: Json) -> Thread:
    """Read the thread that ``store.corrections.thread_to_json`` wrote."""
    posts = [(post_from_json(item["content"]), item["single"]) for item in stored["posts"]]
    cost = sum((Decimal(item["price_usd"]) for item in stored["posts"] if not item["single"]), Decimal(0))
    single = next((post for post, alone in posts if alone), None)
    thread = tuple(post for post, alone in posts if not alone)
    return Thread(platform, thread, cost, tuple(stored["remarks"]), single)
