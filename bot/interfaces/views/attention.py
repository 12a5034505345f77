"""What only a person can mend, with the commands that do it.

Reads only. The fields that scripts rely on are listed in docs/commands.md; fields may be added, never renamed.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import ColumnElement, exists, or_, true
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from bot.curation.context import Account
from bot.domain.channels import Channel
from bot.domain.posts import Platform
from bot.domain.states import CandidateState, DeliveryState
from bot.interfaces.views.chat import ChatStatus, cases
from bot.platforms.registry import TRAITS
from bot.publishing.outbox import candidate_of
from bot.store.account_tables import AccountState
from bot.store.accounts import identity_of
from bot.store.collection_tables import CollectionState
from bot.store.corrections import open_correction, platforms_to_come
from bot.store.deliveries import is_up
from bot.store.plans import checked_last
from bot.store.strays import why_waiting
from bot.store.tables import AnnouncementRow, BatchRow, Candidate, Delivery, FrozenPost, PaperRow, Pick


class AttentionKind(StrEnum):
    """What kind of thing needs a person; ``SIGN_IN`` is an account whose credentials were not accepted."""

    RECONCILE = "reconcile"
    SIGN_IN = "sign-in"
    ACCOUNT = "account"
    KEYS = "keys"
    COLLECTION = "collection"
    WITHDRAWN = "withdrawn"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    NOT_DOWN = "not down"
    MESSAGES = "messages"
    FEED = "feed"
    ADDRESS = "address"


@dataclass(frozen=True, slots=True, kw_only=True)
class AttentionCase:
    """A delivery that needs a person, with the commands that solve it.

    Or an account, then without paper and state; or an approved paper that may be withdrawn, then without platform; or
    a collection, then without any of them.
    ``what`` needs a person, ``why``, and what to do ``next``.
    """

    arxiv_id: str | None
    platform: Platform | None
    state: DeliveryState | None
    error: str | None
    next_look_at: datetime | None
    commands: tuple[str, ...]
    what: str
    why: str
    next: str
    kind: AttentionKind


_KINDS: Final = {
    DeliveryState.REFUSED: AttentionKind.REFUSED,
    DeliveryState.UNKNOWN: AttentionKind.UNKNOWN,
    DeliveryState.RETRACTED: AttentionKind.NOT_DOWN,
}
_MEND: Final = "mend it as the reason says; what is due then goes out by itself"
_PAGES: Final = {
    Platform.BLUESKY: "; the account's settings: https://bsky.app/settings/account",
    Platform.X: "; keys, permissions and credits: https://console.x.com",
    Platform.MASTODON: "; what its server tells it: sign in there as the account; tokens: Preferences, Development",
}
_MEND_SIGN_IN: Final = {
    Platform.BLUESKY: (
        "see what https://bsky.app tells the account; where it lets it in, make an app password at "
        "https://bsky.app/settings/app-passwords, set BLUESKY_APP_PASSWORD where the worker runs and start it again; "
        "picks doctor tries it"
    ),
    Platform.X: (
        "make keys and tokens with permission to write at https://console.x.com, set the four variables X_… where the "
        "worker runs and start it again; picks doctor tries them"
    ),
    Platform.MASTODON: (
        "make a token with the scopes read and write on the account's server (Preferences, Development), set "
        "MASTODON_ACCESS_TOKEN where the worker runs and start it again; picks doctor tries it"
    ),
}


def attention(session: Session, channel: Channel, accounts: Mapping[Platform, Account]) -> tuple[AttentionCase, ...]:
    """Return what needs a person.

    Accounts, a collection, approved papers that may be withdrawn, deliveries that were refused or are in doubt, posts
    that are not down.
    """
    waiting = deliveries_in(session, channel, DeliveryState.REFUSED, DeliveryState.UNKNOWN)
    halves = _half_out(session, waiting)
    found = _unreconciled(session, accounts) + _accounts(session, accounts) + _without_keys(session, channel, accounts)
    found += _collection(session, channel)
    found += _perhaps_withdrawn(session, channel)
    found += [_case(arxiv_id, row, _ways_out(arxiv_id, row, halves=halves)) for row, arxiv_id in waiting]
    found += [
        _case(arxiv_id, row, _ways_down(session, arxiv_id, row, accounts.get(row.platform)))
        for row, arxiv_id in _not_down(session, channel)
    ]
    return tuple(found)


def chat_attention(chat: ChatStatus) -> tuple[AttentionCase, ...]:
    """Return what needs a person so that curators can be talked with."""
    return tuple(
        AttentionCase(
            arxiv_id=None,
            platform=Platform.BLUESKY,
            state=None,
            error=why,
            next_look_at=None,
            commands=(),
            what=what,
            why=why,
            next=then,
            kind=AttentionKind.MESSAGES,
        )
        for what, why, then in cases(chat)
    )


def account_state(session: Session, platform: Platform, account: Account) -> AccountState | None:
    """Return how an account has failed, None when its last post went well or nobody knows who it is."""
    if account.name is None:
        return None
    return session.get(AccountState, (platform, identity_of(session, platform, account.name).key))


def _unreconciled(session: Session, accounts: Mapping[Platform, Account]) -> list[AttentionCase]:
    """Return the accounts as which nothing is posted until somebody has compared them with the database."""
    found: list[AttentionCase] = []
    for platform, account in accounts.items():
        if account.name is None:
            continue
        why = why_waiting(session, platform, identity_of(session, platform, account.name))
        if why is not None:
            found.append(_unreconciled_case(platform, account.name, why))
    return found


def _unreconciled_case(platform: Platform, name: str, why: str) -> AttentionCase:
    return AttentionCase(
        arxiv_id=None,
        platform=platform,
        state=None,
        error=why,
        next_look_at=None,
        commands=("picks reconcile",),
        what=f"{_called(name)} on {platform} waits",
        why=why,
        next="picks reconcile adopts what is out already and lets the account post again; --dry-run shows it first",
        kind=AttentionKind.RECONCILE,
    )


def _called(account: str | None) -> str:
    """Name an account; one whose server was not asked for its name is called "the account on HOST" already."""
    return account if account and account.startswith("the account ") else f"the account {account}"


def _accounts(session: Session, accounts: Mapping[Platform, Account]) -> list[AttentionCase]:
    """Return the accounts that cannot post until a person mends something; what is due then goes out by itself."""
    found: list[AttentionCase] = []
    for platform, account in accounts.items():
        state = account_state(session, platform, account)
        if state is not None and state.needs_person:
            found.append(_account_case(platform, account, state))
    return found


def _account_case(platform: Platform, account: Account, state: AccountState) -> AttentionCase:
    return AttentionCase(
        arxiv_id=None,
        platform=platform,
        state=None,
        error=state.error,
        next_look_at=state.rests_until,
        commands=(),
        what=f"{_called(account.name)} on {platform}",
        why=state.error,
        next=_MEND_SIGN_IN.get(platform, _MEND) if state.sign_in else f"{_MEND}{_PAGES.get(platform, '')}",
        kind=AttentionKind.SIGN_IN if state.sign_in else AttentionKind.ACCOUNT,
    )


def _without_keys(session: Session, channel: Channel, accounts: Mapping[Platform, Account]) -> list[AttentionCase]:
    """Return the platforms for which something waits and no worker has keys: it would wait for ever."""
    waiting = {row.platform for row, _ in deliveries_in(session, channel, DeliveryState.PLANNED)}
    waiting |= platforms_to_come(session, channel.name)
    return [
        AttentionCase(
            arxiv_id=None,
            platform=platform,
            state=None,
            error=None,
            next_look_at=None,
            commands=(),
            what=f"no worker has keys for {platform}",
            why=f"{account.workers_lack}; what is approved for it waits",
            next=(
                "give the worker its credentials and start it again (picks doctor there tries them), "
                "or take the platform out of the channel file"
            ),
            kind=AttentionKind.KEYS,
        )
        for platform, account in accounts.items()
        if account.workers_lack and platform in waiting
    ]


def _collection(session: Session, channel: Channel) -> list[AttentionCase]:
    """Return the collection that cannot be pushed to until a person mends something."""
    target = channel.collection.target
    state = session.get(CollectionState, (channel.name, target.key)) if target else None
    if target is None or state is None or not state.needs_person:
        return []
    return [
        AttentionCase(
            arxiv_id=None,
            platform=None,
            state=None,
            error=state.error,
            next_look_at=state.next_try_at,
            commands=("picks collection push",),
            what=f"the collection {target}",
            why=state.error or "no reason recorded",
            next=(
                "mend it as the reason says (tokens and their rights: https://huggingface.co/settings/tokens), "
                "then picks collection push, or wait for the worker"
            ),
            kind=AttentionKind.COLLECTION,
        )
    ]


def _perhaps_withdrawn(session: Session, channel: Channel) -> list[AttentionCase]:
    """Return the approved papers of which a version came after the approval that may be a notice of withdrawal."""
    known_then = exists().where(
        col(AnnouncementRow.arxiv_id) == col(PaperRow.arxiv_id),
        col(AnnouncementRow.version) == col(PaperRow.version),
        col(BatchRow.id) == col(AnnouncementRow.batch_id),
        col(BatchRow.ingested_at) <= col(Pick.approved_at),
    )
    query = (
        select(PaperRow)
        .join(Candidate, col(Candidate.arxiv_id) == col(PaperRow.arxiv_id))
        .join(Pick, col(Pick.candidate_id) == col(Candidate.id))
        .where(
            Candidate.channel == channel.name,
            Candidate.state == CandidateState.APPROVED,
            ~col(PaperRow.withdrawn),
            col(PaperRow.notice).is_not(None),
            ~known_then,
        )
        .order_by(col(Pick.slot_at))
    )
    return [_doubtful_case(paper) for paper in session.exec(query)]


def _doubtful_case(paper: PaperRow) -> AttentionCase:
    why = f"version {paper.version}, which came after the approval, may be a notice of withdrawal: “{paper.notice}”"
    commands = (f"picks undo {paper.arxiv_id}", f"picks approve {paper.arxiv_id}")
    return AttentionCase(
        arxiv_id=paper.arxiv_id,
        platform=None,
        state=None,
        error=None,
        next_look_at=None,
        commands=commands,
        what=f"the approved paper {paper.arxiv_id}",
        why=why,
        next=f"{commands[0]} takes the approval back, {commands[1]} keeps it",
        kind=AttentionKind.WITHDRAWN,
    )


def deliveries_in(
    session: Session, channel: Channel, *states: DeliveryState, condition: ColumnElement[bool] | None = None
) -> Sequence[tuple[Delivery, str]]:
    """Return a channel's deliveries in some states with their papers' ids, in the order in which they are due."""
    return session.exec(
        select(Delivery, Candidate.arxiv_id)
        .join(Pick, col(Pick.id) == col(Delivery.pick_id))
        .join(Candidate, col(Candidate.id) == col(Pick.candidate_id))
        .where(
            checked_last(col(Candidate.channel)) == channel.name,
            col(Delivery.state).in_(states),
            true() if condition is None else condition,
        )
        .order_by(col(Delivery.due_at), col(Delivery.id))
    ).all()


def _not_down(session: Session, channel: Channel) -> Sequence[tuple[Delivery, str]]:
    """Return the retracted deliveries of which something is up, or may be."""
    up = exists().where(col(FrozenPost.delivery_id) == col(Delivery.id), is_up())
    unsettled = or_(col(Delivery.request).is_not(None), up)
    return deliveries_in(session, channel, DeliveryState.RETRACTED, condition=unsettled)


def _ways_down(session: Session, arxiv_id: str, delivery: Delivery, account: Account | None) -> list[str]:
    """Return the commands that end a retraction; where one platform alone was meant, nothing else may come down.

    What comes down to be posted anew with a corrected note is tried again by publishing it.
    A person may say that nothing is left where the fate of a post is open, or another account is signed in.
    """
    whole = candidate_of(session, delivery).state is CandidateState.RETRACTED
    alone = "" if whole else f" --platform {delivery.platform}"
    unclear = delivery.request is not None or _is_elsewhere(session, delivery, account)
    close = [f"picks resolve {arxiv_id} --platform {delivery.platform} --give-up"] if unclear else []
    correction = open_correction(session, delivery.pick_id)
    again = [f"picks publish {arxiv_id}"] if correction and delivery.platform in correction.threads else []
    return [*again, f"picks retract {arxiv_id}{alone}", *close]


def _is_elsewhere(session: Session, delivery: Delivery, account: Account | None) -> bool:
    if delivery.poster is None or account is None or account.name is None:
        return False
    return not delivery.poster.is_same_as(identity_of(session, delivery.platform, account.name))


def _case(arxiv_id: str, row: Delivery, commands: Sequence[str]) -> AttentionCase:
    broke_off = row.state is DeliveryState.RETRACTED and row.error is None
    error = "the retraction broke off: posts are still up, or may be" if broke_off else row.error
    return AttentionCase(
        arxiv_id=arxiv_id,
        platform=row.platform,
        state=row.state,
        error=error,
        next_look_at=row.next_try_at if row.state is not DeliveryState.RETRACTED else None,
        commands=tuple(commands),
        what=f"{arxiv_id} on {row.platform}: {row.state}",
        why=error or "no reason recorded",
        next=", or ".join(commands) or "nothing yet: the bot looks again by itself",
        kind=_KINDS[row.state],
    )


def _half_out(session: Session, waiting: Sequence[tuple[Delivery, str]]) -> set[int]:
    """Return those of the deliveries that began and could go on as their single post."""
    whole = [delivery.id for delivery, _ in waiting if not delivery.single]
    begun = aliased(FrozenPost)
    query = select(FrozenPost.delivery_id).where(
        col(FrozenPost.delivery_id).in_(whole),
        col(FrozenPost.single).is_(True),
        exists().where(
            col(begun.delivery_id) == col(FrozenPost.delivery_id),
            col(begun.single).is_(False),
            col(begun.remote_id).is_not(None),
        ),
    )
    return set(session.exec(query))


def _ways_out(arxiv_id: str, delivery: Delivery, *, halves: Collection[int]) -> list[str]:
    """Return the commands that solve it; none while the bot itself will look again."""
    if delivery.awaits_second_look:
        return []
    decide = f"picks resolve {arxiv_id} --platform {delivery.platform}"
    if delivery.state is DeliveryState.REFUSED:
        single = [f"picks publish {arxiv_id} --single"] if delivery.id in halves else []
        return [*single, f"picks publish {arxiv_id}", f"{decide} --give-up"]
    found = [f"{decide} --sent URL"] if TRAITS[delivery.platform].named_by_address else []
    return [*found, f"{decide} --resend", f"{decide} --give-up"]
