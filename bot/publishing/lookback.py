"""A look back before a post: what is out of a thread although this database knows nothing of it.

A database that was put back from a backup has forgotten what went out since. Where posts have keys, the platform is
asked for those of the thread; elsewhere the account's own timeline is read down to a post that is known, and compared
by its words. What is found is taken over as if it had just been sent. This module never sends anything.
"""

from collections.abc import Container, Sequence
from datetime import datetime, timedelta
from functools import cached_property, partial
from typing import Final

import structlog

from bot.domain.errors import PermanentError, TransientError, UnknownOutcomeError
from bot.domain.posts import Platform
from bot.domain.waiting import CLOCKS_APART, meant
from bot.platforms.publisher import Publisher, Receipt, Stray
from bot.publishing.claims import Claim
from bot.publishing.outbox import has_begun
from bot.store.database import Database
from bot.store.strays import keep_strays, kept_strays, known_ids
from bot.store.tables import Delivery

_WORD_HOLDS: Final = timedelta(days=1)
"""So long a person's word that nothing of a delivery is out is believed: longer, and it may be older than a backup."""

_FORMS: Final = (False, True)
"""The thread, and the single post in its place."""

_log = structlog.get_logger(__name__)


def take_over_what_is_out(database: Database, claim: Claim, publisher: Publisher) -> None:
    """Store the receipts of what is out of a claimed delivery, beyond what is known to be out.

    1. Believe a person who has just said that nothing is, where a look costs money: ``_is_vouched_for``.
    2. Remember the posts on the account that nobody here knows: ``_survey``.
    3. Look for the rest of the thread, or, where nothing of it is known, also for the single post in its place:
       ``take_over``.

    Raises TransientError when the platform cannot tell now, PermanentError when other words stand in its place.
    """
    with database.reading() as session:
        delivery = session.get_one(Delivery, claim.delivery_id)
        if _is_vouched_for(delivery, now=claim.clock()) and not publisher.idempotent:
            return
        begun, single = has_begun(session, delivery), delivery.single
    try:
        strays = () if publisher.idempotent else _survey(database, claim, publisher)
        forms = (single,) if begun or single or not claim.has_single() else _FORMS
        _take_over_either(claim, publisher, strays, forms=forms)
    except UnknownOutcomeError as error:  # nothing was sent, so nothing is in doubt
        raise TransientError(str(error)) from error


def _take_over_either(claim: Claim, publisher: Publisher, strays: Sequence[Stray], *, forms: Sequence[bool]) -> None:
    """Store what is out of the first of the forms of which something is.

    Raises PermanentError when it is none of them, and other words stand in their place.
    """
    others: PermanentError | None = None
    for single in forms:
        try:
            if take_over(claim, publisher, strays, single=single):
                return
        except PermanentError as error:
            others = others or error
    if others is not None:
        raise others


def take_over(claim: Claim, publisher: Publisher, strays: Sequence[Stray], *, single: bool) -> bool:
    """Store what is out of one form of a claimed delivery; say whether anything was found."""
    found, unquoted = recognised(claim, publisher, strays, single=single)
    if not found:
        return False
    if unquoted:
        claim.become_unquoted("Found on the account with a plain link instead of the quote.")
    if single and not claim.is_single():
        claim.become_single("Found on the account as a single post.")
    many = len(claim.progress_of(single=single)[0])
    claim.remark(f"{len(found)} of {many} posts were on the account already: taken over, not sent again.")
    claim.record(found, single=single)
    _log.warning("out already, and forgotten", account=claim.account.name, posts=len(found))
    return True


def recognised(
    claim: Claim, publisher: Publisher, strays: Sequence[Stray], *, single: bool
) -> tuple[tuple[Receipt, ...], bool]:
    """Return what is out of one form of a delivery beyond what is known, and whether without its quote.

    Changes nothing, so the delivery need not be claimed. Raises as ``Publisher.recognise`` does.
    """
    posts, sent = claim.progress_of(single=single)
    plain = [post.reduced(unquoted=True, unpictured=False) for post in posts]
    recognise = partial(publisher.recognise, sent=sent, name=claim.thread_name(), strays=strays)
    try:
        found = recognise(posts)
    except PermanentError:  # other words: perhaps those that go out where the quote is no longer welcome
        if plain == posts:
            raise
        return recognise(plain), True
    if plain == posts or publisher.idempotent or len(sent) + len(found) == len(posts):
        return found, False
    unquoted = recognise(plain)  # where words alone tell posts apart, nobody objects to those without the quote
    return (unquoted, True) if len(unquoted) > len(found) else (found, False)


def _is_vouched_for(delivery: Delivery, *, now: datetime) -> bool:
    said_at = meant(delivery.not_out_at, now=now, longest=CLOCKS_APART)
    return said_at is not None and now - said_at < _WORD_HOLDS


class _Known(Container[str]):
    """The posts that the database has heard of when one is asked about first: others send while an account is read."""

    def __init__(self, database: Database, platform: Platform) -> None:
        self._database = database
        self._platform = platform

    def __contains__(self, remote_id: object) -> bool:
        return remote_id in self._ids

    @cached_property
    def _ids(self) -> set[str]:
        with self._database.reading() as session:
            return known_ids(session, self._platform)


def _survey(database: Database, claim: Claim, publisher: Publisher) -> list[Stray]:
    """Store what is new on the account, and return all of its posts that no delivery has."""
    platform, account_id = claim.platform, claim.account.key
    if new := publisher.survey(_Known(database, platform)):
        with database.transaction() as session:
            keep_strays(session, new, platform=platform, account_id=account_id, now=claim.clock())
    with database.reading() as session:
        return kept_strays(session, platform, account_id)
