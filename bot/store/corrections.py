"""The rows of corrections: the only code that makes or changes one, and how their posts are kept.

Works inside the caller's transaction, and never decides what should happen.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final

from sqlmodel import Session, col, select

from bot.domain.actors import Actor
from bot.domain.corrections import OPEN, CorrectionForm, CorrectionState
from bot.domain.json import Json
from bot.domain.posts import Platform, Post, post_to_json
from bot.store.correction_tables import Correction
from bot.store.tables import Candidate, FrozenPost, Pick

_COUNTS: Final = (CorrectionState.UNDERWAY, CorrectionState.DONE)


def thread_to_json(
    posts: Sequence[Post], single: Post | None, *, prices: Sequence[Decimal], fingerprint: str, remarks: Sequence[str]
) -> Json:
    """Return posts that were approved as plain JSON data; ``prices`` are those of the posts, then of the single one."""
    rows = [*posts, *([single] if single else [])]
    return {
        "fingerprint": fingerprint,
        "remarks": list(remarks),
        "posts": [
            {"single": place == len(posts), "content": post_to_json(post), "price_usd": str(price)}
            for place, (post, price) in enumerate(zip(rows, prices, strict=True))
        ],
    }


def add_posts(session: Session, delivery_id: int, thread: Json, *, single: bool, first: int = 0) -> None:
    """Freeze the posts of ``thread_to_json`` for a delivery, from the place ``first`` on.

    ``single`` says that the delivery goes out as its single post, and that its posts go below that one.
    """
    place = first
    for item in thread["posts"]:
        alone = bool(item["single"])
        session.add(
            FrozenPost(
                delivery_id=delivery_id,
                single=single or alone,
                position=0 if alone else place,
                content=item["content"],
                price_usd=Decimal(item["price_usd"]),
            )
        )
        place += not alone


def plan(
    session: Session,
    pick_id: int,
    *,
    form: CorrectionForm,
    before: str,
    note: str,
    threads: Mapping[Platform, Json],
    picture: bytes | None,
    by: Actor,
    now: datetime,
    due_at: datetime,
    published_at: datetime,
) -> Correction:
    """Keep a correction that was approved."""
    row = Correction(
        pick_id=pick_id,
        form=form,
        state=CorrectionState.PLANNED,
        before=before,
        note=note,
        picture=picture,
        threads={str(platform): thread for platform, thread in threads.items()},
        by=by.name,
        at=now,
        due_at=due_at,
        published_at=published_at,
    )
    session.add(row)
    session.flush()
    return row


def open_correction(session: Session, pick_id: int | None) -> Correction | None:
    """Return the correction of a pick of which something is still to be done."""
    query = select(Correction).where(Correction.pick_id == pick_id, col(Correction.state).in_(OPEN))
    return session.exec(query).first()


def open_corrections(session: Session, channels: Collection[str]) -> list[tuple[Correction, Candidate]]:
    """Return the corrections of some channels of which something is still to be done, with their candidates.

    The corrections are asked for first: few are open, and a channel has the candidates of years.
    """
    rows = session.exec(select(Correction).where(col(Correction.state).in_(OPEN)).order_by(col(Correction.id))).all()
    found = [(row, session.get_one(Candidate, session.get_one(Pick, row.pick_id).candidate_id)) for row in rows]
    return [(row, candidate) for row, candidate in found if candidate.channel in channels]


def platforms_to_come(session: Session, channel: str) -> set[Platform]:
    """Return the platforms on which corrections of a channel have something still to be done."""
    return {Platform(name) for row, _ in open_corrections(session, [channel]) for name in row.threads}


def corrections_of(session: Session, pick_ids: Collection[int] | None = None) -> Sequence[Correction]:
    """Return the corrections that have begun and count, the oldest first."""
    query = select(Correction).where(col(Correction.state).in_(_COUNTS)).order_by(col(Correction.id))
    return session.exec(query if pick_ids is None else query.where(col(Correction.pick_id).in_(pick_ids))).all()


def take_out(session: Session, row: Correction, platform: Platform) -> None:
    """Note that a platform's part of a correction is in the outbox, or fell away; the last one ends it."""
    row.threads = {name: thread for name, thread in row.threads.items() if name != platform}
    if not row.threads:
        row.state = CorrectionState.DONE
    session.add(row)


def drop_open(session: Session, pick_id: int, platforms: Collection[Platform] | None = None) -> None:
    """Drop what is still to be done of a pick's correction, on some platforms or on all."""
    row = open_correction(session, pick_id)
    if row is None:
        return
    if platforms is None:
        row.state = CorrectionState.DROPPED
        session.add(row)
        return
    before = row.state
    for platform in platforms:
        take_out(session, row, platform)
    if not row.threads and before is CorrectionState.PLANNED:
        row.state = CorrectionState.DROPPED


def forget(session: Session, pick_id: int) -> None:
    """Let all corrections of a pick be of the past: it is approved anew, with words of its own."""
    query = select(Correction).where(Correction.pick_id == pick_id, Correction.state != CorrectionState.DROPPED)
    for row in session.exec(query).all():
        row.state = CorrectionState.DROPPED
        session.add(row)
