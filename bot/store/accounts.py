"""Which account is behind a name: learned when somebody signs in, and told to the rows that knew only the name.

Works inside the caller's transaction, and never asks a platform.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, func
from sqlmodel import Session, and_, col, or_

from bot.domain.accounts import Identity
from bot.domain.posts import Platform
from bot.store.account_tables import AccountName, AccountState
from bot.store.deliveries import name_account
from bot.store.tables import Delivery


def identity_of(session: Session, platform: Platform, name: str) -> Identity:
    """Return the account of that name as far as it is known: with its id, once somebody has signed in with the name."""
    known = session.get(AccountName, (platform, name))
    return Identity(name, known.account_id if known else None)


def learn(session: Session, platform: Platform, identity: Identity, *, now: datetime) -> None:
    """Store which account a name stands for, and tell the rows that knew the name alone."""
    if identity.id is None or identity_of(session, platform, identity.name) == identity:
        return
    session.merge(AccountName(platform=platform, name=identity.name, account_id=identity.id, learned_at=now))
    name_account(session, platform, identity)
    _move_rest(session, platform, identity)


def posts_as(identity: Identity) -> ColumnElement[bool]:
    """Match the deliveries of an account, whatever it was called: what ``Identity.is_same_as`` says of two accounts."""
    named = col(Delivery.account) == identity.name
    if identity.id is None:
        return named
    return or_(col(Delivery.account_id) == identity.id, and_(col(Delivery.account_id).is_(None), named))


def account_key() -> ColumnElement[str | None]:
    """Return what tells a delivery's account from others in SQL: ``Identity.key``."""
    return func.coalesce(col(Delivery.account_id), col(Delivery.account))


def _move_rest(session: Session, platform: Platform, identity: Identity) -> None:
    """Let what was counted under the name count for the account."""
    named = session.get(AccountState, (platform, identity.name))
    if named is None or identity.key == identity.name:
        return
    if session.get(AccountState, (platform, identity.key)) is None:
        session.add(
            AccountState(
                platform=platform,
                account=identity.key,
                failures=named.failures,
                rests_until=named.rests_until,
                error=named.error,
                needs_person=named.needs_person,
                sign_in=named.sign_in,
            )
        )
    session.delete(named)
