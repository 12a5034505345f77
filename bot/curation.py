"""The curators' decisions: the only code that changes a candidate's state, and every change is logged.

Decisions are made in one short transaction each. What needs the network (a quote's record) is asked before it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlmodel import Session, col, delete, select

from bot.channels import Channel
from bot.errors import PicksError
from bot.ingest import offer, to_paper
from bot.papers import ArxivId
from bot.picks import Action, CandidateState, DeliveryState, TransitionError, next_state
from bot.posts import Platform, Quote, Thread, post_to_json
from bot.ranking.words import WordRanker
from bot.slots import next_free_slot
from bot.store.database import Database
from bot.store.tables import Candidate, Decision, Delivery, FrozenPost, PaperRow, Pick
from bot.threads.checks import check_link, check_note
from bot.threads.compose import compose
from bot.threads.draft import Draft


class UnknownPaperError(PicksError):
    """The ID names nothing that is stored."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who decides, and through which mouth: ``shell``, ``chat``, or ``worker`` for the machine itself."""

    name: str
    mouth: str


@dataclass(frozen=True, slots=True)
class Edits:
    """What a curator wrote; None leaves what is there, an empty string removes it."""

    note: str | None = None
    thread_url: str | None = None
    code_url: str | None = None

    def __bool__(self) -> bool:
        return any(value is not None for value in (self.note, self.thread_url, self.code_url))


@dataclass(frozen=True, slots=True)
class Desk:
    """What a curator works with: one channel's queue, at one moment.

    ``resolve_quote`` finds the record behind an address on bsky.app and raises PicksError when it cannot;
    ``accounts`` maps the channel's platforms to the account that posts there, None where none is set.
    """

    database: Database
    channel: Channel
    accounts: Mapping[Platform, str | None]
    resolve_quote: Callable[[str], Quote]
    actor: Actor
    now: datetime

    @property
    def platforms(self) -> dict[Platform, bool]:
        """Return the channel's platforms with whether they are switched on."""
        return {platform: account is not None for platform, account in self.accounts.items()}


def parse_id(text: str) -> int | ArxivId:
    """Read what people type for a paper: a queue number, or an arXiv id in any form; raise UnknownPaperError."""
    if text.isascii() and text.lstrip("#").isdigit():
        return int(text.lstrip("#"))
    try:
        return ArxivId.parse(text)
    except ValueError:
        raise UnknownPaperError(
            f"{text!r} is neither a queue number nor an arXiv id; see picks queue for both"
        ) from None


def locate(session: Session, channel: Channel, text: str) -> tuple[PaperRow, Candidate | None]:
    """Return the paper that an ID names, and its candidate if it is in the channel's queue."""
    wanted = parse_id(text)
    match = Candidate.id == wanted if isinstance(wanted, int) else Candidate.arxiv_id == str(wanted)
    candidate = session.exec(select(Candidate).where(Candidate.channel == channel.name, match)).first()
    if isinstance(wanted, int) and candidate is None:
        raise UnknownPaperError(f"nothing in the queue has the number {wanted}; see picks queue")
    arxiv_id = candidate.arxiv_id if candidate else str(wanted)
    paper = session.get(PaperRow, arxiv_id)
    if paper is None:
        raise UnknownPaperError(f"the paper {arxiv_id} is not stored; it comes in with picks fetch")
    return paper, candidate


def _take(session: Session, desk: Desk, text: str) -> tuple[PaperRow, Candidate]:
    """Return the paper and its candidate; a stored paper that nobody offered joins the queue by hand."""
    paper, candidate = locate(session, desk.channel, text)
    if candidate is None:
        score = WordRanker(desk.channel.ranking).score(to_paper(paper))
        candidate = offer(
            session, desk.channel, paper.arxiv_id, score=score, announced=paper.announced, now=desk.now, by_hand=True
        )
        _log(session, candidate, Action.OFFER, before=None, actor=desk.actor, now=desk.now, detail="chosen by hand")
    return paper, candidate


def apply(
    session: Session, candidate: Candidate, action: Action, *, actor: Actor, now: datetime, detail: str = ""
) -> None:
    """Change a candidate's state as the transition table says, and log it.

    Raises TransitionError when the action does not fit the state.
    """
    before = candidate.state
    candidate.state = next_state(before, action, name=candidate.arxiv_id)
    session.add(candidate)
    _log(session, candidate, action, before=before, actor=actor, now=now, detail=detail)


def _log(
    session: Session,
    candidate: Candidate,
    action: Action,
    *,
    before: CandidateState | None,
    actor: Actor,
    now: datetime,
    detail: str,
) -> None:
    session.add(
        Decision(
            candidate_id=candidate.id,
            at=now,
            action=action,
            before=before,
            after=candidate.state,
            by=actor.name,
            mouth=actor.mouth,
            detail=detail,
        )
    )


def note(desk: Desk, text: str, edits: Edits) -> str:
    """Set a pick's note and links and return its arXiv id; an approved pick goes back to the queue."""
    edits = _checked(desk, edits)
    with desk.database.transaction() as session:
        _, candidate = _take(session, desk, text)
        pick = _pick(session, candidate)
        if not _edit(pick, edits):
            return candidate.arxiv_id
        apply(session, candidate, Action.NOTE, actor=desk.actor, now=desk.now, detail=_summary(edits))
        _thaw(session, pick)
        session.add(pick)
        return candidate.arxiv_id


def draft_note(desk: Desk, text: str) -> str:
    """Return the note as it stands, empty when there is none."""
    with desk.database.reading() as session:
        _, candidate = locate(session, desk.channel, text)
        pick = _find_pick(session, candidate)
        return pick.note if pick else ""


def compose_threads(desk: Desk, text: str) -> dict[Platform, Thread]:
    """Compose what would go out, asking the network only for a quote's record; change nothing."""
    draft = _current_draft(desk, text, Edits())
    quote, failure = _resolve(desk, draft)
    return _compose(desk.channel, replace(draft, quote=quote), failure=failure)


def approve(desk: Desk, text: str, edits: Edits, *, at: datetime | None = None) -> tuple[str, datetime]:
    """Approve a pick: freeze its exact posts and give it a slot; return its arXiv id and the slot.

    ``at`` overrides the next free slot. A pick that is approved already keeps its slot and takes over the edits.
    """
    edits = _checked(desk, edits)
    expected = _current_draft(desk, text, edits)
    quote, failure = _resolve(desk, expected)
    with desk.database.transaction() as session:
        paper, candidate = _take(session, desk, text)
        pick = _pick(session, candidate)
        _edit(pick, edits)
        draft = _draft(paper, pick)
        if draft.thread_url != expected.thread_url:
            raise PicksError(f"the links of {candidate.arxiv_id} were changed meanwhile; look again: picks preview")
        kept = pick.slot_at if candidate.state is CandidateState.APPROVED else None
        slot = at or kept or _free_slot(session, desk)
        threads = _compose(desk.channel, replace(draft, quote=quote), failure=failure)
        apply(session, candidate, Action.APPROVE, actor=desk.actor, now=desk.now, detail=_frozen_as(slot, threads))
        _thaw(session, pick)
        pick.slot_at, pick.approved_at, pick.approved_by = slot, desk.now, desk.actor.name
        candidate.held_until = None
        _freeze(session, desk, pick, threads, due_at=slot)
        return candidate.arxiv_id, slot


def reject(desk: Desk, text: str, *, reason: str = "") -> str:
    """Reject a candidate and return its arXiv id."""
    with desk.database.transaction() as session:
        _, candidate = _take(session, desk, text)
        apply(session, candidate, Action.REJECT, actor=desk.actor, now=desk.now, detail=reason)
        candidate.held_until = None
        return candidate.arxiv_id


def hold(desk: Desk, text: str, *, until: date) -> str:
    """Put a candidate aside until a date and return its arXiv id."""
    if until <= desk.now.astimezone(desk.channel.posting.zone).date():
        raise PicksError(f"cannot hold until {until}: the date must lie ahead")
    with desk.database.transaction() as session:
        _, candidate = _take(session, desk, text)
        apply(session, candidate, Action.HOLD, actor=desk.actor, now=desk.now, detail=f"until {until}")
        candidate.held_until = until
        return candidate.arxiv_id


def undo(desk: Desk, text: str) -> tuple[str, CandidateState]:
    """Take the last decision back, so that the candidate waits again; return its arXiv id and its earlier state.

    Raises TransitionError once anything of an approved pick is being sent.
    """
    with desk.database.transaction() as session:
        _, candidate = locate(session, desk.channel, text)
        if candidate is None:
            raise UnknownPaperError(f"nothing has been decided about {text}; see picks queue")
        before = candidate.state
        apply(session, candidate, Action.UNDO, actor=desk.actor, now=desk.now)
        candidate.held_until = None
        candidate.queued_at = desk.now
        pick = _find_pick(session, candidate)
        if pick:
            _thaw(session, pick)
            session.add(pick)
        return candidate.arxiv_id, before


def expire_candidates(database: Database, channel: Channel, *, now: datetime) -> int:
    """Expire the candidates that nobody decided about in the channel's time; return how many."""
    worker = Actor("worker", "worker")
    with database.transaction() as session:
        waiting = session.exec(
            select(Candidate).where(Candidate.channel == channel.name, Candidate.state == CandidateState.QUEUED)
        )
        old = [item for item in waiting if (now - item.queued_at).days >= channel.queue.expire_after_days]
        for candidate in old:
            apply(session, candidate, Action.EXPIRE, actor=worker, now=now)
        return len(old)


def release_held(database: Database, channel: Channel, *, now: datetime) -> int:
    """Return held candidates whose date has come to the queue; return how many."""
    worker = Actor("worker", "worker")
    today = now.astimezone(channel.posting.zone).date()
    with database.transaction() as session:
        due = session.exec(
            select(Candidate).where(
                Candidate.channel == channel.name,
                Candidate.state == CandidateState.HELD,
                col(Candidate.held_until) <= today,
            )
        ).all()
        for candidate in due:
            apply(session, candidate, Action.RELEASE, actor=worker, now=now)
            candidate.held_until, candidate.queued_at = None, now
        return len(due)


def _checked(desk: Desk, edits: Edits) -> Edits:
    return Edits(
        note=None if edits.note is None else check_note(edits.note, desk.channel.thread),
        thread_url=check_link(edits.thread_url) if edits.thread_url else edits.thread_url,
        code_url=check_link(edits.code_url) if edits.code_url else edits.code_url,
    )


def _find_pick(session: Session, candidate: Candidate | None) -> Pick | None:
    if candidate is None:
        return None
    return session.exec(select(Pick).where(Pick.candidate_id == candidate.id)).first()


def _pick(session: Session, candidate: Candidate) -> Pick:
    return _find_pick(session, candidate) or Pick(candidate_id=candidate.id)


def _edit(pick: Pick, edits: Edits) -> bool:
    """Take the edits over; say whether anything changed."""
    before = (pick.note, pick.thread_url, pick.code_url)
    if edits.note is not None:
        pick.note = edits.note
    if edits.thread_url is not None:
        pick.thread_url = edits.thread_url or None
    if edits.code_url is not None:
        pick.code_url = edits.code_url or None
    return before != (pick.note, pick.thread_url, pick.code_url)


def _summary(edits: Edits) -> str:
    parts = [
        f"note: {edits.note}" if edits.note is not None else "",
        f"thread: {edits.thread_url}" if edits.thread_url is not None else "",
        f"code: {edits.code_url}" if edits.code_url is not None else "",
    ]
    return "; ".join(part for part in parts if part)


def _current_draft(desk: Desk, text: str, edits: Edits) -> Draft:
    """Return what would be composed, with the edits taken over; store nothing."""
    with desk.database.reading() as session:
        paper, candidate = locate(session, desk.channel, text)
        pick = _find_pick(session, candidate) or Pick(candidate_id=0)
        _edit(pick, edits)
        return _draft(paper, pick)


def _draft(paper: PaperRow, pick: Pick) -> Draft:
    return Draft(
        arxiv_id=ArxivId(paper.arxiv_id),
        title=paper.title,
        abstract=paper.abstract,
        authors=tuple(paper.authors),
        note=pick.note,
        thread_url=pick.thread_url,
        code_url=pick.code_url,
    )


def _resolve(desk: Desk, draft: Draft) -> tuple[Quote | None, str | None]:
    """Return the quote behind an authors' thread on Bluesky, or the reason why there is none."""
    if not draft.quotable or draft.thread_url is None or Platform.BLUESKY not in desk.accounts:
        return None, None
    try:
        return desk.resolve_quote(draft.thread_url), None
    except PicksError as error:
        return None, str(error)


def _compose(channel: Channel, draft: Draft, *, failure: str | None) -> dict[Platform, Thread]:
    threads = {
        platform: compose(draft, platform, style=channel.thread, x_rules=channel.x)
        for platform in channel.posting.platforms
    }
    if failure and Platform.BLUESKY in threads:
        thread = threads[Platform.BLUESKY]
        threads[Platform.BLUESKY] = replace(thread, remarks=(*thread.remarks, failure))
    return threads


def _frozen_as(slot: datetime, threads: Mapping[Platform, Thread]) -> str:
    prints = ", ".join(f"{platform} {thread.fingerprint[:12]}" for platform, thread in threads.items())
    return f"slot {slot:%Y-%m-%d %H:%M}Z; posts {prints}"


def _free_slot(session: Session, desk: Desk) -> datetime:
    taken = session.exec(
        select(Pick.slot_at)
        .join(Candidate, col(Candidate.id) == col(Pick.candidate_id))
        .where(Candidate.channel == desk.channel.name, col(Pick.slot_at).is_not(None))
    ).all()
    return next_free_slot(desk.channel.posting, taken=[slot for slot in taken if slot], after=desk.now)


def _freeze(session: Session, desk: Desk, pick: Pick, threads: Mapping[Platform, Thread], *, due_at: datetime) -> None:
    session.add(pick)
    session.flush()
    for platform in _destinations(desk.platforms):
        thread = threads[platform]
        delivery = Delivery(
            pick_id=pick.id,
            platform=platform,
            state=DeliveryState.PLANNED,
            fingerprint=thread.fingerprint,
            remarks=list(thread.remarks),
            price_usd=thread.cost_usd,
            due_at=due_at,
        )
        session.add(delivery)
        session.flush()
        session.add_all(
            FrozenPost(delivery_id=delivery.id, position=position, content=post_to_json(post))
            for position, post in enumerate(thread.posts)
        )


def _destinations(platforms: Mapping[Platform, bool]) -> list[Platform]:
    """Return the platforms that are switched on, or all of the channel's when none is: those wait until one is."""
    switched_on = [platform for platform, on in platforms.items() if on]
    return switched_on or list(platforms)


def _thaw(session: Session, pick: Pick) -> None:
    """Drop the frozen posts and the slot; raise TransitionError once anything of them is being sent."""
    deliveries = session.exec(select(Delivery).where(Delivery.pick_id == pick.id)).all() if pick.id else []
    begun = [item for item in deliveries if item.state is not DeliveryState.PLANNED or item.attempts]
    if begun:
        raise TransitionError(f"too late: the thread has begun to go out on {begun[0].platform}; see picks history")
    session.execute(delete(Delivery).where(col(Delivery.id).in_([item.id for item in deliveries])))
    pick.slot_at = pick.approved_at = pick.approved_by = None
