"""Corrections of picks that are out: what would change, and the approval of exactly that.

A correction is approved like a pick: its posts are composed and shown, frozen by the approval, and go out at their
time. Until then it can be taken back, and what is out stays as it is. ``publishing.corrections`` carries it out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlmodel import Session, col, select

from bot.curation import drafts
from bot.curation.context import Context, Edits, find_pick, locate
from bot.curation.repeats import with_repeats
from bot.curation.slots import destinations, free_slot
from bot.domain.corrections import CorrectionForm, CorrectionState
from bot.domain.errors import PicksError
from bot.domain.json import Json
from bot.domain.posts import Platform, Post, Thread
from bot.domain.states import Action, CandidateState, DeliveryState, next_state
from bot.platforms.registry import TRAITS
from bot.store import corrections
from bot.store.candidates import change
from bot.store.deliveries import deliveries_of, is_up
from bot.store.tables import Candidate, Delivery, FrozenPost, Pick
from bot.threads.cards.words import Card
from bot.threads.draft import Draft

_WORDS: Final = "Correction: {note}"
"""What a correcting reply says."""

_STALE: Final = (
    "The document beside the thread keeps the former note: the channel wants no documents any more. "
    "--form anew removes it."
)
_SETTLED: Final = (DeliveryState.SENT, DeliveryState.RETRACTED, DeliveryState.GIVEN_UP)


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a correction would change: the note, and the posts that go out on each platform where the pick is out.

    ``left_out`` says of other platforms why nothing changes there.
    """

    arxiv_id: str
    form: CorrectionForm
    before: str
    note: str
    threads: Mapping[Platform, Thread]
    left_out: Mapping[Platform, str]
    card: Card | None = None


@dataclass(frozen=True, slots=True)
class ApprovedCorrection:
    """A correction that was approved, and when it goes out."""

    proposal: Proposal
    due_at: datetime


def propose(context: Context, text: str, note: str, *, form: CorrectionForm | None = None) -> Proposal:
    """Compose what a correction would change, asking the network as an approval does; store nothing.

    ``form`` is the channel's where nothing is said. Raises PicksError where the pick is not out, or the note says that
    already, NoteError where the note cannot be.
    """
    edits = drafts.checked(context, Edits(note=note))
    wanted = form or context.channel.thread.corrections
    with context.database.reading() as session:
        candidate, pick, out = _out(session, context, text)
        before, arxiv_id = pick.note, candidate.arxiv_id
        left_out = _left_out(session, pick)
        documents = [item.platform for item in out if _has_document(session, item)]
        published_at = _first_published(session, pick, out)
    corrected = edits.note or ""
    if corrected == before:
        raise PicksError(f"nothing to correct: the note of {arxiv_id} says that already")
    platforms = [item.platform for item in out]
    if wanted is CorrectionForm.REPLY:
        draft = drafts.current_draft(context, text, edits)
        threads, card = _replies(context, draft, platforms, documents), None
    else:
        threads, card = _anew(context, text, edits, platforms)
    threads = {platform: _dated(thread, published_at) for platform, thread in threads.items()}
    with context.database.reading() as session:
        found, _, out = _out(session, context, text)
        stays_up = wanted is CorrectionForm.REPLY  # then the pick's own posts may have the same words, too
        threads = with_repeats(session, context, None if stays_up else found, threads)
        if wanted is CorrectionForm.ANEW:
            threads = {platform: _priced(session, thread, out) for platform, thread in threads.items()}
    return Proposal(arxiv_id, wanted, before, corrected, threads, left_out, card)


def approve(
    context: Context, text: str, note: str, *, form: CorrectionForm | None = None, at: datetime | None = None
) -> ApprovedCorrection:
    """Approve a correction: freeze its exact posts and give it a time, ``at`` or else the next free slot.

    1. Compose it: ``propose``.
    2. Refuse it where the note, or where the pick is out, was changed meanwhile.
    3. Keep the posts and the picture with it, and log the approval. What is out stays as it is until its time.
    """
    proposal = propose(context, text, note, form=form)
    with context.database.transaction() as session:
        candidate, pick, out = _out(session, context, text)
        if pick.note != proposal.before or [item.platform for item in out] != list(proposal.threads):
            raise PicksError(f"{candidate.arxiv_id} was changed meanwhile; look again: picks correct")
        due_at = at or free_slot(session, context.channel, destinations(session, context), now=context.now)
        detail = f"{proposal.form}, slot {due_at:%Y-%m-%d %H:%M}Z; note: {proposal.note}; posts {_prints(proposal)}"
        change(session, candidate, Action.CORRECT, actor=context.actor, now=context.now, detail=detail)
        corrections.plan(
            session,
            pick.id,
            form=proposal.form,
            before=proposal.before,
            note=proposal.note,
            threads={platform: _frozen(thread) for platform, thread in proposal.threads.items()},
            picture=proposal.card.png if proposal.card else None,
            by=context.actor,
            now=context.now,
            due_at=due_at,
            published_at=_first_published(session, pick, out),
        )
        return ApprovedCorrection(proposal, due_at)


def take_back(session: Session, context: Context, candidate: Candidate) -> datetime | None:
    """Take a correction back that has not begun; return the time that it had, None where none waits.

    Raises PicksError once it has begun.
    """
    pick = find_pick(session, candidate)
    row = corrections.open_correction(session, pick.id) if pick else None
    if pick is None or row is None:
        return None
    if row.state is not CorrectionState.PLANNED:
        name = candidate.arxiv_id
        raise PicksError(f"too late: the correction of {name} has begun; once it is out picks correct {name} goes on")
    corrections.drop_open(session, pick.id)
    change(session, candidate, Action.UNCORRECT, actor=context.actor, now=context.now)
    return row.due_at


def _out(session: Session, context: Context, text: str) -> tuple[Candidate, Pick, list[Delivery]]:
    """Return a pick that is out and the deliveries that are; raise PicksError, naming the way, where it is not."""
    paper, candidate = locate(session, context.channel, text)
    pick = find_pick(session, candidate)
    name = paper.arxiv_id
    if candidate is None or pick is None:
        raise PicksError(f"nothing of {name} is out; see picks history")
    if candidate.state in {CandidateState.QUEUED, CandidateState.HELD, CandidateState.APPROVED}:
        raise PicksError(f"nothing of {name} is out yet; picks note {name} changes its note")
    if row := corrections.open_correction(session, pick.id):
        waits = row.state is CorrectionState.PLANNED
        way = (
            f"waits already; picks undo {name} takes it back" if waits else "is on its way; correct it again after that"
        )
        raise PicksError(f"a correction of {name} {way}")
    every = deliveries_of(session, pick.id)
    if candidate.state in {CandidateState.PUBLISHING, CandidateState.ATTENTION}:
        raise PicksError(_on_its_way(name, every))
    next_state(candidate.state, Action.CORRECT, name=name)
    out = [item for item in every if item.state is DeliveryState.SENT]
    if not out:
        raise PicksError(f"nothing of {name} is out; see picks show {name}")
    for delivery in out:
        if delivery.request is not None:
            raise PicksError(
                f"whether all of the last correction of {name} is out on {delivery.platform} is not known; "
                f"picks retract {name} takes everything down"
            )
    return candidate, pick, out


def _on_its_way(name: str, deliveries: Sequence[Delivery]) -> str:
    """Say on which platform a pick is not out yet, and the ways on."""
    late = [item for item in deliveries if item.state not in _SETTLED]
    if not late:
        return f"{name} is still on its way; correct it once it is out: picks status"
    where, first = ", ".join(f"{item.platform} ({item.state})" for item in late), late[0].platform
    if all(item.state is DeliveryState.REFUSED for item in late):
        return (
            f"{name} was refused by {', '.join(item.platform for item in late)}; correct it once it is out there "
            f"(picks publish {name} tries again), or given up: picks resolve {name} --platform {first} --give-up"
        )
    return (
        f"{name} is still on its way to {where}; correct it once it is out there, or given up: "
        f"picks resolve {name} --platform {first} --give-up"
    )


def _left_out(session: Session, pick: Pick) -> dict[Platform, str]:
    return {
        item.platform: f"it is {item.state} there"
        for item in deliveries_of(session, pick.id)
        if item.state is not DeliveryState.SENT
    }


def _has_document(session: Session, delivery: Delivery) -> bool:
    query = select(FrozenPost.id).where(FrozenPost.delivery_id == delivery.id, col(FrozenPost.document).is_not(None))
    return session.exec(query).first() is not None


def _replies(
    context: Context, draft: Draft, platforms: Sequence[Platform], documents: Sequence[Platform]
) -> dict[Platform, Thread]:
    arxiv_id, channel = draft.arxiv_id, drafts.speaking(context.channel, draft.note)
    if not draft.note:
        raise PicksError(
            f"a correcting reply needs a note; --form anew posts {arxiv_id} without one, "
            f"picks retract {arxiv_id} takes it down"
        )
    found = {}
    for platform in platforms:
        reply = TRAITS[platform].reply
        if reply is None:
            raise PicksError(f"{platform} knows no correcting reply; --form anew posts the thread anew")
        posts = reply(_WORDS.format(note=draft.note), channel, context.post_limits(platform))
        remarks: tuple[str, ...] = ()
        if platform in documents:
            document = TRAITS[platform].document(draft, channel)
            posts = (replace(posts[0], document=document), *posts[1:])
            remarks = () if document else (_STALE,)
        found[platform] = Thread(platform, posts, TRAITS[platform].price(posts), remarks)
    return found


def _anew(
    context: Context, text: str, edits: Edits, platforms: Sequence[Platform]
) -> tuple[dict[Platform, Thread], Card | None]:
    draft = drafts.current_draft(context, text, edits)
    quote, failure = drafts.resolve(context, draft)
    ready, card = replace(draft, quote=quote), drafts.drawn(context, draft)
    asked = drafts.ask(context, draft)
    composed = drafts.compose_all(context.channel, ready, failure=failure, card=card, asked=asked)
    missing = [platform for platform in platforms if platform not in composed]
    if missing:
        raise PicksError(f"the channel file no longer names {missing[0]}; add it, or correct by --form reply")
    return {platform: composed[platform] for platform in platforms}, card


def _dated(thread: Thread, published_at: datetime) -> Thread:
    """Return a thread whose document keeps the day on which readers saw the pick first, as the archive does."""
    first, *rest = thread.posts
    return replace(thread, posts=(_with_date(first, published_at), *rest))


def _with_date(post: Post, published_at: datetime) -> Post:
    document = replace(post.document, published_at=published_at) if post.document else None
    instead = _with_date(post.instead, published_at) if post.instead else None
    return replace(post, document=document, instead=instead)


def _priced(session: Session, thread: Thread, out: Sequence[Delivery]) -> Thread:
    """Return a thread that is posted anew with a remark on what it costs to take the present one down."""
    prices = TRAITS[thread.platform].prices
    ids = [item.id for item in out if item.platform is thread.platform]
    up = session.exec(select(FrozenPost.id).where(col(FrozenPost.delivery_id).in_(ids), is_up())).all()
    if prices is None:
        return thread
    line = f"Taking the present thread down costs ${prices.delete * len(up):.3f} besides."
    return replace(thread, remarks=(*thread.remarks, line))


def _frozen(thread: Thread) -> Json:
    posts = [*thread.posts, *([thread.single] if thread.single else [])]
    prices = [TRAITS[thread.platform].price([post]) for post in posts]
    return corrections.thread_to_json(
        thread.posts, thread.single, prices=prices, fingerprint=thread.fingerprint, remarks=thread.remarks
    )


def _prints(proposal: Proposal) -> str:
    return ", ".join(f"{platform} {thread.fingerprint[:12]}" for platform, thread in proposal.threads.items())


def _first_published(session: Session, pick: Pick, out: Sequence[Delivery]) -> datetime:
    """Return when readers saw the pick first: an earlier correction may have posted it anew since."""
    earlier = [row.published_at for row in corrections.corrections_of(session, [pick.id])]
    return min([*earlier, *(item.sent_at for item in out if item.sent_at)])
