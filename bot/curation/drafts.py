"""A paper and the curator's words become threads, and approved threads become frozen rows.

What is frozen here is what ``publishing`` sends, word for word. This module never changes a candidate's state.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session, col, select

from bot.curation.context import Context, Edits, find_pick, locate
from bot.curation.duplicates import duplicates
from bot.curation.mentions import Mentioned, mentions_of
from bot.curation.repeats import with_repeats
from bot.curation.words import edit
from bot.domain.accounts import Identity
from bot.domain.channels import Channel
from bot.domain.errors import PicksError
from bot.domain.papers import ArxivId
from bot.domain.post_limits import PostLimits
from bot.domain.posts import Platform, Quote, Thread, post_to_json
from bot.domain.states import DeliveryAction, DeliveryState, TransitionError
from bot.platforms.registry import TRAITS, is_post
from bot.platforms.traits import Traits
from bot.store import corrections
from bot.store.accounts import identity_of
from bot.store.deliveries import change, deliveries_of, drop, is_up, plan
from bot.store.tables import Candidate, Delivery, FrozenPost, PaperRow, Pick
from bot.threads.cards.alternative import alt_text
from bot.threads.cards.words import Card, CardWords
from bot.threads.draft import Draft
from bot.threads.languages import langs_of
from bot.threads.validation import LinkError, check_link, check_note


def compose_threads(context: Context, text: str, edits: Edits) -> dict[Platform, Thread]:
    """Compose what would go out with these edits, asking the network for a quote and for handles; change nothing.

    Raises NoteError or LinkError when the edits cannot be.
    """
    draft = current_draft(context, text, checked(context, edits))
    quote, failure = resolve(context, draft)
    ready = replace(draft, quote=quote)
    card, asked = drawn(context, draft), ask(context, draft)
    threads = compose_all(context.channel, ready, failure=failure, card=card, asked=asked)
    with context.database.reading() as session:
        _, candidate = locate(session, context.channel, text)
        return with_repeats(session, context, candidate, threads)


def checked(context: Context, edits: Edits) -> Edits:
    """Return the edits tidied; raise NoteError or LinkError when they cannot be."""
    return Edits(
        note=None if edits.note is None else check_note(edits.note, context.channel.thread),
        thread_url=_checked_thread(edits.thread_url) if edits.thread_url else edits.thread_url,
        code_url=_link(edits.code_url) if edits.code_url else edits.code_url,
    )


def _link(url: str) -> str:
    pages = (traits.web_address(url.strip()) for traits in TRAITS.values())
    return check_link(next(filter(None, pages), url))


def _checked_thread(url: str) -> str:
    """Return the address of the authors' thread tidied; raise LinkError when it is no link, or no post."""
    link = _link(url)
    if not is_post(link):
        raise LinkError(
            f"{link!r} is no post, so it cannot be the authors' thread; give the address of their first post, such as "
            "https://bsky.app/profile/NAME/post/KEY or https://x.com/NAME/status/123, and --code for a page"
        )
    return link


def current_draft(context: Context, text: str, edits: Edits) -> Draft:
    """Return what would be composed, with the edits taken over; store nothing."""
    with context.database.reading() as session:
        paper, candidate = locate(session, context.channel, text)
        pick = find_pick(session, candidate) or Pick(candidate_id=0)
        edit(pick, edits)
        return draft_of(paper, pick)


def draft_of(paper: PaperRow, pick: Pick) -> Draft:
    """Return what a thread is made of; a quote is looked up apart from it."""
    return Draft(
        arxiv_id=ArxivId(paper.arxiv_id),
        title=paper.title,
        abstract=paper.abstract,
        authors=tuple(paper.authors),
        note=pick.note,
        thread_url=pick.thread_url,
        code_url=pick.code_url,
    )


def resolve(context: Context, draft: Draft) -> tuple[Quote | None, str | None]:
    """Return the quote behind an authors' thread, where a platform can embed it, or the reason why there is none."""
    if draft.thread_url is None or not any(TRAITS[item].can_quote(draft.thread_url) for item in context.accounts):
        return None, None
    try:
        return context.resolve_quote(draft.thread_url), None
    except PicksError as error:
        return None, str(error)


def drawn(context: Context, draft: Draft) -> Card | None:
    """Draw the picture of a pick, where one of the channel's platforms shows it."""
    channel = context.channel
    if context.draw is None or not any(TRAITS[item].shows_picture(channel) for item in channel.posting.platforms):
        return None
    return context.draw(CardWords.of_draft(draft, channel=channel.title, colour=channel.card.colour))


@dataclass(frozen=True, slots=True)
class Asked:
    """What takes its time to learn: who is mentioned where, and how long a post may be where each server says so."""

    mentions: Mapping[Platform, Mentioned]
    limits: Mapping[Platform, PostLimits]


def ask(context: Context, draft: Draft) -> Asked:
    """Look up the handles of people who are mentioned, and ask servers that say themselves how long a post may be."""
    channels = [item for item in context.channel.posting.platforms if TRAITS[item].limits_are_the_servers]
    limits = {platform: context.post_limits(platform) for platform in channels}
    known = {platform: found for platform, found in limits.items() if found is not None}
    return Asked(mentions_of(context, draft), known)


def compose_all(
    channel: Channel,
    draft: Draft,
    *,
    failure: str | None,
    card: Card | None,
    asked: Asked,
) -> dict[Platform, Thread]:
    """Compose the thread of each of the channel's platforms.

    A quote's ``failure`` becomes a remark, and so does what the picture cannot show, and who is mentioned. The posts
    are marked as being in the note's language where it is surely not one of the channel's, with a remark, too.
    """
    spoken = speaking(channel, draft.note)
    language = spoken.thread.langs[0] if spoken.thread.langs != channel.thread.langs else None
    return {
        platform: _composed(
            TRAITS[platform],
            spoken,
            replace(draft, limits=asked.limits.get(platform)),
            failure=failure,
            card=card,
            told=asked.mentions.get(platform),
            language=language,
        )
        for platform in channel.posting.platforms
    }


def speaking(channel: Channel, note: str) -> Channel:
    """Return the channel with the language of the note, where that is surely not one of the channel's."""
    langs = langs_of(note, channel.thread.langs)
    return channel.model_copy(update={"thread": channel.thread.model_copy(update={"langs": langs})})


def _composed(
    traits: Traits,
    channel: Channel,
    draft: Draft,
    *,
    failure: str | None,
    card: Card | None,
    told: Mentioned | None,
    language: str | None,
) -> Thread:
    shown = card if card and traits.shows_picture(channel) else None
    draft = replace(draft, picture=replace(shown.picture, alt=alt_text(draft)) if shown else None)
    people = told.people if told else ()
    thread = (
        traits.mentioning.compose(draft, channel, people)
        if traits.mentioning and people
        else traits.compose(draft, channel)
    )
    remarks = [failure] if failure and draft.thread_url and traits.can_quote(draft.thread_url) else []
    if shown and shown.replaced:
        remarks.append(f"The picture shows {', '.join(shown.replaced)}: no font has these characters.")
    if language and traits.marks_language:
        remarks.append(f"The posts are marked as being in the language of the note, {language}.")
    return replace(thread, remarks=(*thread.remarks, *remarks, *(told.remarks if told else ())))


def freeze(
    session: Session, context: Context, pick: Pick, threads: Mapping[Platform, Thread], *, due_at: datetime
) -> dict[Platform, str]:
    """Store the exact posts, as one planned delivery for each platform that the channel names.

    Whether a platform is switched on here says nothing: the worker has the accounts, and the curator's shell may not.
    Where another channel has the same paper for the same account none is planned: returned is which platforms those
    are, and by which channel. Raises PicksError when that leaves none.
    """
    session.add(pick)
    session.flush()
    taken = _taken_by_others(session, context, pick)
    if len(taken) == len(threads):
        others = ", ".join(f"{platform} by {channel}" for platform, channel in taken.items())
        raise PicksError(f"this paper is approved for the same account already ({others}); nothing is posted twice")
    for platform, thread in threads.items():
        if platform not in taken:
            _freeze_one(session, context, pick, thread, due_at=due_at)
    return taken


def _freeze_one(session: Session, context: Context, pick: Pick, thread: Thread, *, due_at: datetime) -> None:
    """Plan the delivery of one thread and store its posts, and the single post that may stand in for it."""
    delivery = plan(
        session,
        pick.id,
        thread.platform,
        fingerprint=thread.fingerprint,
        remarks=thread.remarks,
        account=account_on(session, context, thread.platform),
        due_at=due_at,
        by=context.actor,
        now=context.now,
    )
    posts = [(False, position, post) for position, post in enumerate(thread.posts)]
    posts += [(True, 0, thread.single)] if thread.single else []
    session.add_all(
        FrozenPost(
            delivery_id=delivery.id,
            single=single,
            position=position,
            content=post_to_json(post),
            price_usd=TRAITS[thread.platform].price([post]),
        )
        for single, position, post in posts
    )


def _taken_by_others(session: Session, context: Context, pick: Pick) -> dict[Platform, str]:
    """Return where other channels post the paper on the same account, as far as the accounts are known here."""
    candidate, taken = session.get_one(Candidate, pick.candidate_id), dict[Platform, str]()
    for platform in context.accounts:
        account = account_on(session, context, platform)
        others = duplicates(session, candidate, platform=platform, account=account) if account else ()
        if others:
            taken[platform] = others[0].channel
    return taken


def account_on(session: Session, context: Context, platform: Platform) -> Identity | None:
    """Return who posts on a platform as far as it is known, None while it is switched off."""
    name = context.accounts[platform].name
    return identity_of(session, platform, name) if name else None


def thaw(session: Session, pick: Pick) -> None:
    """Drop the frozen posts, and keep the slot in mind for the next approval.

    Raises TransitionError once any of the posts is out, or may be.
    """
    unfreeze(session, pick)
    corrections.forget(session, pick.id)
    pick.former_slot_at = pick.slot_at or pick.former_slot_at
    pick.slot_at = pick.approved_at = pick.approved_by = None


def unfreeze(session: Session, pick: Pick) -> None:
    """Drop the frozen posts; raise TransitionError once any of them is out, or may be."""
    deliveries = deliveries_of(session, pick.id) if pick.id else ()
    for delivery in deliveries:
        if begun(session, delivery):
            name = session.get_one(Candidate, pick.candidate_id).arxiv_id
            raise TransitionError(
                f"too late: posts are out, or may be, on {delivery.platform}; picks retract {name} takes them down"
            )
    drop(session, deliveries)


def set_aside(session: Session, context: Context, candidate: Candidate, pick: Pick) -> None:
    """Make the deliveries of a retracted pick former ones; raise PicksError while anything of them may be up."""
    for delivery in deliveries_of(session, pick.id):
        make_former(session, context, candidate, delivery, way_down=f"picks retract {candidate.arxiv_id}")
    corrections.forget(session, pick.id)
    pick.slot_at = pick.approved_at = pick.approved_by = pick.former_slot_at = None
    pick.slot_chosen = False


def make_former(session: Session, context: Context, candidate: Candidate, delivery: Delivery, *, way_down: str) -> None:
    """Make a delivery a former one; raise PicksError, naming the ``way_down``, while anything of it may be up."""
    up = select(FrozenPost.id).where(FrozenPost.delivery_id == delivery.id, is_up())
    if delivery.request is not None or session.exec(up).first() is not None:
        raise PicksError(
            f"posts of {candidate.arxiv_id} are still up on {delivery.platform}, or may be; "
            f"take them down first: {way_down}"
        )
    change(session, delivery, DeliveryAction.UPDATE, by=context.actor, now=context.now, former=True)


def begun(session: Session, delivery: Delivery) -> bool:
    """Say whether anything of a delivery is out, or may be: a stored request is one whose fate is open."""
    if delivery.state is DeliveryState.SENDING or delivery.request is not None:
        return True
    out = select(FrozenPost.id).where(FrozenPost.delivery_id == delivery.id, col(FrozenPost.remote_id).is_not(None))
    return session.exec(out).first() is not None
