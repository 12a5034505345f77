"""A correction as people see it: what changes in the note, and the exact posts.

Reads only. The fields that scripts rely on are listed in docs/commands.md; fields may be added, never renamed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from sqlmodel import Session, col, select

from bot.domain.corrections import CorrectionForm, CorrectionState
from bot.domain.posts import Platform
from bot.interfaces.views.deliveries import words_of
from bot.interfaces.views.threads import ThreadView, composed_threads
from bot.store.correction_tables import Correction

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
    """A correction of a pick, and how far it has come; ``before`` is the note that it replaces."""

    form: CorrectionForm
    state: CorrectionState
    by: str
    at: datetime
    due_at: datetime
    started_at: datetime | None
    before: str
    note: str
    error: str | None


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
        )
        for row in session.exec(query.order_by(col(Correction.id)))
    )
