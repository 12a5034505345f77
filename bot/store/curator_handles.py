"""Whom the handles of a channel file stand for: the only code that writes these rows.

A handle is bound to the account that had it when it was first asked. Whoever has it later gets no rights by it.
Works inside the caller's transaction, and never asks the network.
"""

from collections.abc import Iterable
from datetime import datetime

from sqlmodel import Session, col, select

from bot.domain.curators import Curator
from bot.store.chat_tables import CuratorHandle


def note_holder(session: Session, handle: str, holder: str | None, *, now: datetime) -> None:
    """Store whose a handle is at this moment, None where it is nobody's; the first holder is kept for good."""
    row = session.get(CuratorHandle, handle)
    if row is None:
        row = CuratorHandle(handle=handle, checked_at=now)
        session.add(row)
    row.holder, row.checked_at = holder, now
    if row.did is None and holder is not None:
        row.did, row.learned_at = holder, now


def note_failed_check(session: Session, handle: str, *, now: datetime) -> None:
    """Store that nobody could say whose a handle is; what is known of it stays."""
    row = session.get(CuratorHandle, handle)
    if row is None:
        session.add(CuratorHandle(handle=handle, checked_at=now))
    else:
        row.checked_at = now


def rows_of(session: Session, curators: Iterable[Curator]) -> dict[str, CuratorHandle]:
    """Return what is known of the handles that the curators are listed by."""
    handles = [curator.account for curator in curators if not curator.account.startswith("did:")]
    rows = session.exec(select(CuratorHandle).where(col(CuratorHandle.handle).in_(handles)))
    return {row.handle: row for row in rows}


def did_of(row: CuratorHandle | None) -> str | None:
    """Return whose rights a handle gives: nobody's while it belongs to somebody else than at first.

    A handle that is nobody's keeps its rights: people change their names.
    """
    if row is None or row.did is None:
        return None
    return row.did if row.holder in {None, row.did} else None
