"""Mastodon: one account, one post a request, each under a key of its own.

The key makes a repeat of a request harmless for an hour, and no longer; some servers fail at a repeat. So a lost answer
may be a post, and ``find`` reads the account's own posts to tell. This module never waits and never repeats a write.
"""

import re
import uuid
from collections.abc import Collection, Container, Sequence
from datetime import UTC, datetime
from typing import Final

import requests
from pydantic import SecretStr, ValidationError

from bot.domain.accounts import Identity
from bot.domain.errors import PermanentError, PicksError, TransientError, UnknownOutcomeError
from bot.domain.posts import Picture, Platform, Post
from bot.platforms.mastodon.client import FAILURES, MastodonClient, answer_of, behind
from bot.platforms.mastodon.errors import key_used_up, not_removed, parent_missing, refused, unanswered, unasked
from bot.platforms.mastodon.matching import (
    ADDRESS,
    Draft,
    OwnStatus,
    begins_with,
    in_words,
    is_draft,
    may_be_draft,
    same_words,
)
from bot.platforms.publisher import Receipt, Request, ShownPost, Stray, WrongAccountError
from bot.platforms.recognition import Look, recognise_by_words

MAX_PAGES: Final = 25
"""How far back a look goes: the wanted post is nearly always among the newest."""

INVENTORY_PAGES: Final = 125
"""How far back a list of the whole account goes: 5000 posts, with less than half of the requests of five minutes."""

_KEYS: Final = uuid.UUID("5f3c9a0e-6a59-5d0c-9a0b-2f6f3f1f9f7e")


class MastodonPublisher:
    """One account on a Mastodon server, behind the ``Publisher`` protocol.

    ``account`` is its name before it was asked. ``timeout`` (to connect, to read on) bounds each step of a request and
    ``deadline`` the whole of it, in seconds.
    """

    platform: Final = Platform.MASTODON
    idempotent: Final = False
    pause: Final = 0.0

    def __init__(
        self,
        *,
        server: str,
        access_token: SecretStr,
        account: str,
        timeout: tuple[float, float] = (10.0, 30.0),
        deadline: float = 60.0,
    ) -> None:
        self.account = account
        self._server = server.rstrip("/")
        self._client = MastodonClient(
            server=self._server, access_token=access_token, timeout=timeout, deadline=deadline
        )

    def identify(self) -> Identity:
        """Return the account by its public address, which is one of its server's and lasts; asks once."""
        return Identity(self.account, self._client.account().url)

    def prepare(self, posts: Sequence[Post], *, sent: Sequence[Receipt], name: str, now: datetime) -> Request:
        """Make the request for the first post that is not out yet, as a reply to the one before it.

        Its key is made of the thread's name, its place and its words: who has forgotten the request makes the same.
        """
        position = len(sent)
        if position >= len(posts):
            raise ValueError("the whole thread is out already")
        post, parent = posts[position], sent[-1].remote_id if sent else None
        draft = Draft(
            text=post.text,
            in_reply_to=parent,
            language=post.langs[0] if post.langs else None,
            key=str(uuid.uuid5(_KEYS, "\0".join((name, str(position), parent or "", post.text)))),
            prepared_at=now,
        )
        return Request(positions=(position,), body=draft.model_dump(mode="json"))

    def bring(self, picture: Picture, content: bytes) -> None:
        """Do nothing: the server makes the card of a link itself."""

    def send(self, request: Request) -> tuple[Receipt, ...]:
        """Send the post once, under its key."""
        draft = _draft(request)
        try:
            made = self._client.api.status_post(
                draft.text,
                in_reply_to_id=draft.in_reply_to,
                visibility=draft.visibility,
                language=draft.language,
                idempotency_key=draft.key,
            )
        except FAILURES as error:
            raise self._not_sent(draft, behind(error)) from error
        try:
            status = OwnStatus.model_validate(made)
        except ValidationError as error:
            raise _unclear() from error
        if not is_draft(draft, status):
            raise _unclear()
        return (self._receipt(request.positions[0], status),)

    def find(self, request: Request) -> tuple[Receipt, ...] | None:
        """Look for the post among the account's own, back to the time at which the request was prepared.

        Where the words that the server shows differ, it is asked how they were written.
        """
        draft, (position,) = _draft(request), request.positions
        for page in self._client.statuses(most_pages=MAX_PAGES, whole=True):
            for status in page:
                if not status.is_older_than(draft) and self._is(draft, status):
                    return (self._receipt(position, status),)
            if page[-1].is_older_than(draft):
                break
        return None

    def survey(self, known: Container[str]) -> tuple[Stray, ...]:
        """Read the account's posts, newest first, down to a known one; where none is known, the newest thousand."""
        return self._strays(known, most_pages=MAX_PAGES, stops=True)

    def inventory(self, known: Collection[str]) -> tuple[Stray, ...]:
        """Read all of the account's newest 5000 posts: that is free, and the server counts requests only."""
        return self._strays(known, most_pages=INVENTORY_PAGES, stops=False)

    def shown(self, stray: Stray) -> ShownPost:
        """Return the post without its HTML."""
        status = _kept(stray)
        return ShownPost(
            remote_id=status.id,
            url=self._url(status),
            text=status.text,
            parent=status.in_reply_to_id,
            links=status.links,
        )

    def recognise(
        self,
        posts: Sequence[Post],
        *,
        sent: Sequence[Receipt],
        name: str,  # noqa: ARG002 - the keys are not shown
        strays: Sequence[Stray],
    ) -> tuple[Receipt, ...]:
        """Compare the words, as ``recognise_by_words`` does; what has been deleted since it was seen does not count."""
        seen = [_kept(stray) for stray in strays]

        def find(position: int, post: Post, parent: Receipt | None) -> Receipt | None:
            draft = _as_draft(post, parent=parent)
            ours = next((item for item in seen if is_draft(draft, item) and self._is_up(item)), None)
            return self._receipt(position, ours) if ours else None

        look = Look(
            find=find,
            answers=lambda parent: any(item.in_reply_to_id == parent and self._is_up(item) for item in seen),
            begun=lambda line: next(
                (self._url(item) for item in seen if begins_with(item, line) and self._is_up(item)), None
            ),
            another_thread=self._another_thread,
        )
        return recognise_by_words(posts, sent=sent, look=look)

    def confirm(self, post: Post, *, remote_id: str, position: int, parent: Receipt | None) -> Receipt:
        """Read the post by its number, and compare author, words and parent."""
        found = self._client.status(remote_id)
        if found is None:
            raise PermanentError(
                f"{self._server} knows no post {remote_id}: it was deleted, or the address is one of another server; "
                "give the address that it has on the account's own server"
            )
        url = self._url(found)
        if found.account.id != self._client.account().id:
            raise PermanentError(
                f"{url} is a post of another account; it says {in_words(found)}; give the address of our own post"
            )
        draft = _as_draft(post, parent=parent)
        if draft.in_reply_to != found.in_reply_to_id:
            wanted = f"answer {parent.url}" if parent else "begin a thread"
            raise PermanentError(
                f"{url} (post {remote_id}) does not {wanted}, and ours should; give the address of the right post"
            )
        if not self._is(draft, found):
            raise PermanentError(
                f"{url} (post {remote_id}) has other words, {in_words(found)}; give the address of the right post"
            )
        return self._receipt(position, found)

    def remove(self, receipts: Sequence[Receipt]) -> int:
        """Delete the last post, and look whether it is gone; one that the server no longer knows is down already."""
        last, ours = receipts[-1], self.identify()
        if last.account is not None and not last.account.is_same_as(ours):
            raise WrongAccountError(f"take {last.url} down", theirs=last.account, ours=ours)
        self._delete(last.remote_id)
        if self._client.status(last.remote_id) is not None:
            raise TransientError(
                f"Mastodon took the delete of {last.url}, and the post is still there; try again later"
            )
        return 1

    def close(self) -> None:
        """Let go of connections."""
        self._client.close()

    def _not_sent(self, draft: Draft, raised: requests.RequestException | None) -> PicksError:
        """Return what it means that a post was not taken; of a 404 the reason is asked for."""
        if raised is None:
            return _unclear()
        if not isinstance(raised, requests.HTTPError):
            return unanswered(raised, server=self._server)
        answer = answer_of(raised)
        if not answer.gone:
            return refused(answer)
        if draft.in_reply_to and self._client.status(draft.in_reply_to) is None:
            return parent_missing(answer)
        return key_used_up(answer)

    def _delete(self, remote_id: str) -> None:
        try:
            self._client.api.status_delete(remote_id)
        except FAILURES as error:
            raised = behind(error)
            if raised is None:
                return  # no answer that can be read: a look tells
            if not isinstance(raised, requests.HTTPError):
                raise unasked(raised, server=self._server) from error
            answer = answer_of(raised)
            if not answer.gone:
                raise not_removed(answer) from error

    def _is(self, draft: Draft, status: OwnStatus) -> bool:
        """Say whether a status is the draft; a server that shows other words is asked how they were written."""
        if not may_be_draft(draft, status):
            return False
        if is_draft(draft, status):
            return True
        source = self._client.source(status.id)
        return source is not None and same_words(draft.text, source)

    def _strays(self, known: Container[str], *, most_pages: int, stops: bool) -> tuple[Stray, ...]:
        strays: list[Stray] = []
        for page in self._client.statuses(most_pages=most_pages, whole=False):
            for status in page:
                if status.id not in known:
                    strays.append(Stray(status.id, status.model_dump(mode="json")))
                elif stops:
                    return tuple(strays)
        return tuple(strays)

    def _is_up(self, status: OwnStatus) -> bool:
        return self._client.status(status.id) is not None

    def _another_thread(self, url: str) -> PermanentError:
        return PermanentError(
            f"{self.account} has another thread about this at {url}, with other words; "
            "delete that one on Mastodon and publish again, or give this one up"
        )

    def _receipt(self, position: int, status: OwnStatus) -> Receipt:
        account = Identity(self.account, status.account.url)
        return Receipt(position=position, remote_id=status.id, url=self._url(status), account=account)

    def _url(self, status: OwnStatus) -> str:
        """Return the post's public address, made of its number where the server says none."""
        if status.url and re.fullmatch(ADDRESS, status.url):
            return status.url
        return f"{self._server}/web/statuses/{status.id}"


def _draft(request: Request) -> Draft:
    return Draft.model_validate(dict(request.body))


def _kept(stray: Stray) -> OwnStatus:
    return OwnStatus.model_validate(dict(stray.content))


def _as_draft(post: Post, *, parent: Receipt | None) -> Draft:
    """Return the post as it would be sent below ``parent``."""
    remote_id = parent.remote_id if parent else None
    return Draft(text=post.text, in_reply_to=remote_id, language=None, key="", prepared_at=datetime.now(UTC))


def _unclear() -> UnknownOutcomeError:
    return UnknownOutcomeError(
        "Mastodon answered a post without naming it; it may be out: look at the account before sending it again"
    )
