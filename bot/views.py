"""What people ask to see, read straight from the tables as plain JSON data.

Reads only. The fields that scripts rely on are listed in docs/commands.md; fields may be added, never renamed.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import func
from sqlmodel import Session, col, select

from bot.backfill import BackfillReport
from bot.channels import Channel
from bot.desk import Account, locate
from bot.feed_views import feed
from bot.heartbeat import Pulse, read_pulse
from bot.ingest import BatchReport
from bot.moments import iso
from bot.picks import CandidateState, DeliveryState
from bot.posts import Platform, Thread, post_to_json
from bot.publishing import Report
from bot.retracting import Retraction
from bot.spending import month_of, spent_on_x
from bot.store.database import Database
from bot.store.tables import Candidate, Decision, Delivery, FrozenPost, PaperRow, Pick
from bot.threads.prices import X_DELETE

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
        return [_candidate(candidate, paper) for candidate, paper in session.exec(query)]


def show(database: Database, channel: Channel, text: str) -> Json:
    """Return one candidate whole; raise UnknownPaperError when the ID names nothing."""
    with database.reading() as session:
        paper, candidate = locate(session, channel, text)
        if candidate is None:
            return {**_paper(paper), "id": None, "score": None, "reasons": [], "state": None, **_nothing_written()}
        pick = session.exec(select(Pick).where(Pick.candidate_id == candidate.id)).first()
        return {
            **_candidate(candidate, paper),
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
            "remarks": list(thread.remarks),
        }
        for platform, thread in threads.items()
    }


def intake(
    batches: Iterable[BatchReport],
    *,
    queued: Mapping[str, int],
    errors: Sequence[str] = (),
    backfilled: Iterable[BackfillReport] = (),
) -> Json:
    """Return what came in: a row a batch, a row a day asked of the API, and how many papers joined each queue."""
    rows = [{**asdict(batch), "day": batch.day.isoformat()} for batch in batches]
    days = [{**asdict(item), "day": item.day.isoformat(), "queued": dict(item.queued)} for item in backfilled]
    return {"batches": rows, "backfilled": days, "queued": dict(queued), "errors": list(errors)}


def outgoing(reports: Iterable[Report]) -> list[Json]:
    """Return what publishing did: a row a delivery."""
    return [{**asdict(report), "urls": list(report.urls), "next_try_at": iso(report.next_try_at)} for report in reports]


def retractions(done: Iterable[Retraction]) -> list[Json]:
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


def status(database: Database, channel: Channel, *, accounts: Mapping[Platform, Account], now: datetime) -> Json:
    """Return what is going on in a channel."""
    pulse = read_pulse(database, now=now)
    with database.reading() as session:
        return {
            "channel": channel.name,
            "database": database.display,
            "now": iso(now),
            "queue": _counts(session, channel),
            "upcoming": _upcoming(session, channel),
            "platforms": [_platform(session, channel, item, account) for item, account in accounts.items()],
            "attention": _attention(session, channel),
            "x_spending": _spending(session, channel, now=now),
            "feeds": [feed(session, category) for category in channel.feeds.categories],
            "worker": worker(pulse),
        }


def worker(pulse: Pulse) -> Json:
    """Return how the worker is doing."""
    return {
        "alive": pulse.alive,
        "worker": pulse.worker,
        "beat_at": iso(pulse.beat_at),
        "failing": pulse.failing.split(", ") if pulse.failing else [],
    }


def _candidate(candidate: Candidate, paper: PaperRow) -> Json:
    return {
        "id": candidate.id,
        "arxiv_id": candidate.arxiv_id,
        "title": paper.title,
        "score": candidate.score,
        "reasons": list(candidate.reasons),
        "state": candidate.state,
        "announced": _day(candidate.announced),
        "categories": list(paper.categories),
    }


def _paper(paper: PaperRow) -> Json:
    return {
        "arxiv_id": paper.arxiv_id,
        "version": paper.version,
        "title": paper.title,
        "abstract": paper.abstract,
        "authors": list(paper.authors),
        "announced": _day(paper.announced),
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
        "held_until": _day(candidate.held_until),
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
    posts = session.exec(
        select(FrozenPost).where(FrozenPost.delivery_id == row.id).order_by(col(FrozenPost.position))
    ).all()
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
        **_money(posts),
        "posts": [_frozen_post(post) for post in posts],
    }


def _money(posts: Sequence[FrozenPost]) -> Json:
    """Return the price of the whole thread and what was spent on it so far."""
    spent = sum((post.price_usd for post in posts if post.sent_at), Decimal(0))
    spent += sum((X_DELETE for post in posts if post.removed_at and post.price_usd), Decimal(0))
    return {"cost_usd": float(sum((post.price_usd for post in posts), Decimal(0))), "spent_usd": float(spent)}


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
    return {"frozen": True, "posts": posts, **price, "remarks": delivery["remarks"]}


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


def _counts(session: Session, channel: Channel) -> dict[str, int]:
    rows = session.exec(
        select(Candidate.state, func.count()).where(Candidate.channel == channel.name).group_by(col(Candidate.state))
    )
    found = {str(state): count for state, count in rows}
    return {str(state): found.get(state, 0) for state in CandidateState}


def _upcoming(session: Session, channel: Channel) -> list[Json]:
    rows = session.exec(
        select(Candidate, PaperRow, Pick)
        .join(PaperRow, col(PaperRow.arxiv_id) == col(Candidate.arxiv_id))
        .join(Pick, col(Pick.candidate_id) == col(Candidate.id))
        .where(Candidate.channel == channel.name, Candidate.state == CandidateState.APPROVED)
        .order_by(col(Pick.slot_at))
    )
    return [
        {"id": candidate.id, "arxiv_id": candidate.arxiv_id, "title": paper.title, "slot": iso(pick.slot_at)}
        for candidate, paper, pick in rows
    ]


def _in_channel(session: Session, channel: Channel, *states: DeliveryState) -> Sequence[tuple[Delivery, str]]:
    return session.exec(
        select(Delivery, Candidate.arxiv_id)
        .join(Pick, col(Pick.id) == col(Delivery.pick_id))
        .join(Candidate, col(Candidate.id) == col(Pick.candidate_id))
        .where(Candidate.channel == channel.name, col(Delivery.state).in_(states))
        .order_by(col(Delivery.due_at))
    ).all()


def _platform(session: Session, channel: Channel, platform: Platform, account: Account) -> Json:
    waiting = [row for row, _ in _in_channel(session, channel, DeliveryState.PLANNED) if row.platform is platform]
    failing = [row for row in waiting if row.error]
    return {
        "platform": str(platform),
        "on": account.on,
        "account": account.name,
        "problem": account.problem or None,
        "waiting": len(waiting),
        "failing": len(failing),
        "error": failing[0].error if failing else None,
        "next_try_at": iso(failing[0].next_try_at) if failing else None,
    }


def _attention(session: Session, channel: Channel) -> list[Json]:
    rows = _in_channel(session, channel, DeliveryState.REFUSED, DeliveryState.UNKNOWN)
    return [
        {
            "arxiv_id": arxiv_id,
            "platform": str(row.platform),
            "state": row.state,
            "error": row.error,
            "next_look_at": iso(row.next_try_at),
            "commands": _ways_out(arxiv_id, row),
        }
        for row, arxiv_id in rows
    ]


def _ways_out(arxiv_id: str, delivery: Delivery) -> list[str]:
    """Return the commands that solve it; none while the bot itself will look again."""
    if delivery.next_try_at is not None:
        return []
    decide = f"picks resolve {arxiv_id} --platform {delivery.platform}"
    if delivery.state is DeliveryState.REFUSED:
        return [f"picks publish {arxiv_id}", f"{decide} --give-up"]
    found = [f"{decide} --sent URL"] if delivery.platform is Platform.X else []
    return [*found, f"{decide} --resend", f"{decide} --give-up"]


def _spending(session: Session, channel: Channel, *, now: datetime) -> Json:
    """Return what the posts of this calendar month (UTC) cost on X, against the channel's budget."""
    spent = spent_on_x(session, channel.name, now=now)
    budget = float(channel.x.monthly_budget_usd)
    return {"month": f"{month_of(now):%Y-%m}", "usd": float(spent), "budget_usd": budget}


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
