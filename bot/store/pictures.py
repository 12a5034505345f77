"""The rows of pictures: the only code that keeps or changes one. It works inside the caller's transaction."""

from datetime import datetime

from sqlmodel import Session

from bot.domain.posts import content_id
from bot.store.picture_tables import PictureRow


def keep(session: Session, pick_id: int, content: bytes, *, now: datetime) -> None:
    """Keep the picture that is approved with a pick, in place of an earlier one; the same one stays as it is."""
    cid = content_id(content)
    row = session.get(PictureRow, pick_id)
    if row is None:
        session.add(PictureRow(pick_id=pick_id, cid=cid, content=content, drawn_at=now))
    elif row.cid != cid:
        row.cid, row.content, row.drawn_at, row.brought_to = cid, content, now, None
        session.add(row)


def find(session: Session, pick_id: int, cid: str) -> PictureRow | None:
    """Return a pick's picture of that name, None where it is not kept, or where its bytes are not what they were."""
    row = session.get(PictureRow, pick_id)
    return row if row is not None and row.cid == cid == content_id(row.content) else None
