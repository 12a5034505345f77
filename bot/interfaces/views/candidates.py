"""What people ask to see, read straight from the tables as plain JSON data.

Reads only. The fields that scripts rely on are listed in docs/commands.md; fields may be added, never renamed.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from sqlmodel import Session, col, select

from bot.curation.context import locate
from bot.curation.similar_picks import Likeness, likenesses
from bot.domain.channels import Channel
from bot.domain.posts import Platform, Thread, post_to_json
from bot.domain.states import CandidateState
from bot.interfaces.views.values import iso
from bot.platforms.x.prices import X_DELETE, x_price
from bot.store.database import Database
from bot.store.tables import (
    Candidate,
    Decision,
    Delivery,
    FrozenPost,
    PaperRow,
    Pick,
)

if TYPE_CHECKING:
    from bot.intake.backfill import BackfillReport
    from bot.intake.ingest import BatchReport
    from bot.publishing.retract import Retraction
    from bot.publishing.sender import Report

Json = dict[str, Any]

_POST_KEYS: Final = ("text", "length", "limit", "card", "quote")


def queue(database: Database, channel: Channel, *, state: CandidateState, limit: int | None) -> list[Json]:
    """Return the candidates in one state, best first."""
    query = (
        select(Candidate, PaperRow)
        .join(PaperRow, col(PaperRow.arxiv_id) == col(Candidate.arxiv_id))
        .where(Candidate.channel == channel.name, Candidate.state == state)
        .order_by(col(Candidate.score).desc(), col(Candidate.arxiv_id).desc())
        .limit(limit)
    )
    with database.reading() as session:
        rows = session.exec(query).all()
        alike = likenesses(session, channel, [paper for _, paper in rows])
        return [{**_candidate(candidate, paper), **_like(alike.get(paper.arxiv_id))} for candidate, paper in rows]


def show(database: Database, channel: Channel, text: str) -> Json:
    """Return one candidate whole; raise UnknownPaperError when the ID names nothing."""
    with database.reading() as session:
        paper, candidate = locate(session, channel, text)
        like = _like(likenesses(session, channel, [paper]).get(paper.arxiv_id))
        if candidate is None:
            nothing: Json = {"id": None, "score": None, "reasons": [], "state": None}
            return {**_paper(paper), **nothing, **like, **_nothing_written()}
        pick = session.exec(select(Pick).where(Pick.candidate_id == candidate.id)).first()
        return {
            **_candidate(candidate, paper),
            **like,
            **_paper(paper),
            **_written(candidate, pick),
            "decisions": _decisions(session, candidate),
            "deliveries": _deliveries(session, pick),
        }


def frozen_threads(database: Database, channel: Channel, text: str) -> Json:
    """Return the approved posts of a candidate, per platform in the form of ``composed_threads``."""
    with database.reading() as session:
        _, candidate = locate(session, channel, text)
        pick = session.exec(select(Pick).where(Pick.candidate_id == candidate.id)).first() if candidate else None
        return {item["platform"]: _frozen(item) for item in _deliveries(session, pick)}


def composed_threads(threads: Mapping[Platform, Thread]) -> Json:
    """Return per platform the composed posts with their lengths, and on X the price."""
    return {
        str(platform): {
            "frozen": False,
            "posts": [_post(post_to_json(post)) for post in thread.posts],
            **_price(platform, thread.cost_usd),
            **_composed_single(thread),
            "remarks": list(thread.remarks),
        }
        for platform, thread in threads.items()
    }


def intake(
    batches: "Iterable[BatchReport]",
    *,
    queued: Mapping[str, int],
    errors: Sequence[str] = (),
    backfilled: "Iterable[BackfillReport]" = (),
) -> Json:
    """Return what came in: a row a batch, a row a day asked of the API, and how many papers joined each queue."""
    rows = [{**asdict(batch), "day": batch.day.isoformat()} for batch in batches]
    days = [{**asdict(item), "day": item.day.isoformat(), "queued": dict(item.queued)} for item in backfilled]
    return {"batches": rows, "backfilled": days, "queued": dict(queued), "errors": list(errors)}


def outgoing(reports: "Iterable[Report]") -> list[Json]:
    """Return what publishing did: a row a delivery."""
    return [{**asdict(report), "urls": list(report.urls), "next_try_at": iso(report.next_try_at)} for report in reports]


def retractions(done: "Iterable[Retraction]") -> list[Json]:
    """Return what came of taking threads down: a row a platform."""
    return [asdict(item) for item in done]


def frozen_deliveries(database: Database, delivery_ids: Sequence[int]) -> list[Json]:
    """Return the exact posts of some deliveries, in the order of their ids given."""
    with database.reading() as session:
        found = []
        for delivery_id in delivery_ids:
            row = session.get_one(Delivery, delivery_id)
            pick = session.get_one(Pick, row.pick_id)
            candidate = session.get_one(Candidate, pick.candidate_id)
            item = _delivery(session, row)
            found.append({"arxiv_id": candidate.arxiv_id, "platform": item["platform"], **_frozen(item)})
        return found


def history(database: Database, channel: Channel, *, limit: int | None) -> list[Json]:
    """Return the picks of which anything went out, the newest first."""
    sent = (
        select(Delivery.pick_id)
        .join(FrozenPost, col(FrozenPost.delivery_id) == col(Delivery.id))
        .where(col(FrozenPost.sent_at).is_not(None))
    )
    query = (
        select(Candidate, PaperRow, Pick)
        .join(PaperRow, col(PaperRow.arxiv_id) == col(Candidate.arxiv_id))
        .join(Pick, col(Pick.candidate_id) == col(Candidate.id))
        .where(Candidate.channel == channel.name, col(Pick.id).in_(sent))
        .order_by(col(Pick.slot_at).desc(), col(Pick.id).desc())
        .limit(limit)
    )
    with database.reading() as session:
        return [
            {
                "id": candidate.id,
                "arxiv_id": candidate.arxiv_id,
                "title": paper.title,
                "state": candidate.state,
                "slot": iso(pick.slot_at),
                "approved_by": pick.approved_by,
                "deliveries": [_summary(item) for item in _deliveries(session, pick)],
            }
            for candidate, paper, pick in session.exec(query).all()
        ]


def _candidate(candidate: Candidate, paper: PaperRow) -> Json:
    return {
        "id": candidate.id,
        "arxiv_id": candidate.arxiv_id,
        "title": paper.title,
        "score": candidate.score,
        "reasons": list(candidate.reasons),
        "state": candidate.state,
        "announced": day_of(candidate.announced),
        "categories": list(paper.categories),
    }


def _like(likeness: Likeness | None) -> Json:
    return {"like": {**asdict(likeness), "picked": likeness.picked.isoformat()} if likeness else None}


def _paper(paper: PaperRow) -> Json:
    return {
        "arxiv_id": paper.arxiv_id,
        "version": paper.version,
        "title": paper.title,
        "abstract": paper.abstract,
        "authors": list(paper.authors),
        "announced": day_of(paper.announced),
        "categories": list(paper.categories),
        "url": f"https://arxiv.org/abs/{paper.arxiv_id}",
        "withdrawn": paper.withdrawn,
        "backfilled": paper.backfilled,
    }


def _nothing_written() -> Json:
    empty: Json = dict.fromkeys(("thread_url", "code_url", "slot", "approved_by", "held_until"))
    return {"note": "", **empty, "decisions": [], "deliveries": []}


def _written(candidate: Candidate, pick: Pick | None) -> Json:
    return {
        "note": pick.note if pick else "",
        "thread_url": pick.thread_url if pick else None,
        "code_url": pick.code_url if pick else None,
        "slot": iso(pick.slot_at) if pick else None,
        "approved_by": pick.approved_by if pick else None,
        "held_until": day_of(candidate.held_until),
    }


def _decisions(session: Session, candidate: Candidate) -> list[Json]:
    rows = session.exec(
        select(Decision).where(Decision.candidate_id == candidate.id).order_by(col(Decision.at), col(Decision.id))
    )
    fields = ("action", "before", "after", "by", "mouth", "detail")
    return [{"at": iso(row.at), **{field: getattr(row, field) for field in fields}} for row in rows]


def _deliveries(session: Session, pick: Pick | None) -> list[Json]:
    if pick is None:
        return []
    rows = session.exec(select(Delivery).where(Delivery.pick_id == pick.id).order_by(col(Delivery.id))).all()
    return [_delivery(session, row) for row in rows]


def _delivery(session: Session, row: Delivery) -> Json:
    every = session.exec(
        select(FrozenPost).where(FrozenPost.delivery_id == row.id).order_by(col(FrozenPost.position))
    ).all()
    posts = [post for post in every if post.single == row.single]
    return {
        "platform": str(row.platform),
        "state": row.state,
        "account": row.account,
        "due_at": iso(row.due_at),
        "sent_at": iso(row.sent_at),
        "attempts": row.attempts,
        "next_try_at": iso(row.next_try_at),
        "error": row.error,
        "remarks": list(row.remarks),
        "as_single": row.single,
        "cost_usd": float(sum((post.price_usd for post in posts), Decimal(0))),
        "spent_usd": float(_spent(every)),
        "posts": [_frozen_post(post) for post in posts],
        "replaced": [post.url for post in every if post.single != row.single and post.url and not post.removed_at],
        "single": next((_single(post.content, post.price_usd) for post in every if post.single), None),
    }


def _spent(posts: Sequence[FrozenPost]) -> Decimal:
    """Return what the posts that are out cost, and the deletes of those that were taken down."""
    spent = sum((post.price_usd for post in posts if post.sent_at), Decimal(0))
    return spent + sum((X_DELETE for post in posts if post.removed_at and post.price_usd), Decimal(0))


def _single(content: Mapping[str, Any], price: Decimal) -> Json:
    return {**_post(content), "cost_usd": float(price)}


def _composed_single(thread: Thread) -> Json:
    """Return the single post that stands in for a thread on X where replies are refused."""
    if thread.platform is not Platform.X:
        return {}
    post = thread.single
    return {"single": _single(post_to_json(post), x_price([post.text])) if post else None}


def _frozen_post(row: FrozenPost) -> Json:
    removed = {"removed_at": iso(row.removed_at)}
    return {"position": row.position, "remote_id": row.remote_id, "url": row.url, **removed, **_post(row.content)}


def _post(content: Mapping[str, Any]) -> Json:
    """Return what people see of a post: words, lengths, and the addresses that are embedded below it."""
    card, quote = content["card"], content["quote"]
    return {
        **{key: content[key] for key in ("text", "length", "limit")},
        "card": card["url"] if card else None,
        "quote": quote["url"] if quote else None,
    }


def _price(platform: Platform, price: Decimal) -> Json:
    return {"cost_usd": float(price)} if platform is Platform.X else {}


def _frozen(delivery: Json) -> Json:
    posts = [{key: post[key] for key in _POST_KEYS} for post in delivery["posts"]]
    platform = Platform(delivery["platform"])
    price = _price(platform, Decimal(str(delivery["cost_usd"])))
    single = {"single": delivery["single"]} if platform is Platform.X else {}
    return {"frozen": True, "posts": posts, **price, **single, "remarks": delivery["remarks"]}


def _summary(delivery: Json) -> Json:
    sent = [post for post in delivery["posts"] if post["url"]]
    return {
        **{key: delivery[key] for key in ("platform", "state", "account", "sent_at", "next_try_at", "error")},
        "posts": len(delivery["posts"]),
        "posts_sent": len(sent),
        "url": sent[0]["url"] if sent else None,
        "cost_usd": delivery["cost_usd"],
        "spent_usd": delivery["spent_usd"],
    }


def day_of(day: date | None) -> str | None:
    """Return a date as scripts read it."""
    return day.isoformat() if day else None
