"""X: one account, one post a request, through tweepy with OAuth 1.0a.

This module owns the requests to X and is the only one that knows tweepy. It never waits and never repeats a write:
X has no idempotency key, so a lost answer may be a post, and ``find`` reads the account's own timeline to tell.
Answers are judged in the session, before tweepy reads them, because tweepy trusts their shape.
"""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Final, TypeVar

import requests
import tweepy
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from bot.domain.errors import PermanentError, TransientError, UnknownOutcomeError
from bot.domain.posts import Platform, Post
from bot.platforms.publisher import Receipt, Request
from bot.platforms.x.account import public_name
from bot.platforms.x.errors import Answer, cannot_tell, not_removed, refused, unanswered, unreadable
from bot.platforms.x.matching import Draft, OwnPost, Page, matches
from bot.platforms.x.session import XSession

PAGE_SIZE: Final = 20
MAX_PAGES: Final = 10
"""A look-up costs money by the post read, and the wanted post is nearly always among the newest."""

_FIELDS: Final = ("created_at", "entities", "referenced_tweets")
_ModelT = TypeVar("_ModelT", bound=BaseModel)

for _name in ("oauthlib", "requests_oauthlib", "tweepy"):
    logging.getLogger(_name).setLevel(logging.INFO)  # at DEBUG they write tokens and signatures to the log


class _Named(BaseModel):
    model_config = ConfigDict(frozen=True)
    id: str = Field(pattern=r"^\d{1,20}$")


class _One(BaseModel):
    model_config = ConfigDict(frozen=True)
    data: _Named


class XPublisher:
    """One account on X, behind the ``Publisher`` protocol.

    ``timeout`` (to connect, to read on) bounds each step of a request and ``deadline`` the whole of it, ``pause`` lies
    between two posts of a thread; all in seconds.
    """

    platform: Final = Platform.X
    idempotent: Final = False

    def __init__(
        self,
        *,
        consumer_key: SecretStr,
        consumer_secret: SecretStr,
        access_token: SecretStr,
        access_token_secret: SecretStr,
        api_url: str = "https://api.x.com",
        timeout: tuple[float, float] = (10.0, 30.0),
        deadline: float = 60.0,
        pause: float = 5.0,
    ) -> None:
        self.pause = pause
        self.account = public_name(access_token)
        self._api_url = api_url.rstrip("/")
        self._own_id: str | None = None
        self._client = tweepy.Client(
            consumer_key=consumer_key.get_secret_value(),
            consumer_secret=consumer_secret.get_secret_value(),
            access_token=access_token.get_secret_value(),
            access_token_secret=access_token_secret.get_secret_value(),
            return_type=requests.Response,
        )
        self._session = self._client.session = XSession(api_url=self._api_url, timeout=timeout, deadline=deadline)

    def prepare(self, posts: Sequence[Post], *, sent: Sequence[Receipt], now: datetime) -> Request:
        """Make the request for the first post that is not out yet, as a reply to the one before it."""
        position = len(sent)
        if position >= len(posts):
            raise ValueError("the whole thread is out already")
        draft = Draft(
            text=posts[position].text,
            in_reply_to=sent[-1].remote_id if sent else None,
            prepared_at=now,
        )
        return Request(positions=(position,), body=draft.model_dump(mode="json"))

    def send(self, request: Request) -> tuple[Receipt, ...]:
        """Send the post once.

        Raises DuplicatePostError and ReplyRefusedError besides the three kinds of the protocol.
        """
        draft = _draft(request)
        try:
            response = self._client.create_tweet(
                text=draft.text, in_reply_to_tweet_id=draft.in_reply_to, user_auth=True
            )
        except requests.HTTPError as error:
            raise refused(Answer.of(error.response, now=time.time())) from error
        except requests.RequestException as error:
            raise unanswered(error, api_url=self._api_url) from error
        return (_receipt(request, _created_id(response)),)

    def find(self, request: Request) -> tuple[Receipt, ...] | None:
        """Look for the post on the account's timeline, back to the time at which the request was prepared.

        Raises PermanentError when the same words were up before that: X would refuse them as a duplicate for ever.
        """
        draft = _draft(request)
        for page in self._timeline():
            for post in page:
                if matches(draft, post):
                    return (_receipt(request, _surely_ours(draft, post)),)
            if page and page[-1].is_older_than(draft):
                return None
        return None

    def remove(self, receipts: Sequence[Receipt]) -> int:
        """Delete the last post; one that X no longer knows is down already."""
        try:
            self._client.delete_tweet(receipts[-1].remote_id, user_auth=True)
        except requests.HTTPError as error:
            answer = Answer.of(error.response, now=time.time())
            if not answer.gone:
                raise not_removed(answer) from error
        except requests.RequestException as error:
            raise TransientError(
                f"no answer from X at {self._api_url} to a delete; it may be repeated, try again later"
            ) from error
        return 1

    def close(self) -> None:
        """Let go of connections."""
        self._session.close()

    def _timeline(self) -> Iterator[tuple[OwnPost, ...]]:
        """Yield the account's posts, newest first, a page at a time; raise rather than end too early."""
        token: str | None = None
        for _ in range(MAX_PAGES):
            page = self._page(token)
            yield page.data
            token = page.meta.next_token
            if token is None:
                return
        raise cannot_tell(f"its newest {PAGE_SIZE * MAX_PAGES} posts do not reach back far enough")

    def _page(self, token: str | None) -> Page:
        owner = self._own_id = self._own_id or self._read(_One, lambda: self._client.get_me(user_auth=True)).data.id
        return self._read(
            Page,
            lambda: self._client.get_users_tweets(
                owner, max_results=PAGE_SIZE, pagination_token=token, tweet_fields=list(_FIELDS), user_auth=True
            ),
        )

    def _read(self, model: type[_ModelT], ask: Callable[[], requests.Response]) -> _ModelT:
        """Return an answer; one without the documented form is asked for once more, for a read does no harm."""
        with suppress(ValidationError):
            return model.model_validate_json(self._asked(ask))
        try:
            return model.model_validate_json(self._asked(ask))
        except ValidationError as error:
            raise cannot_tell("its answer has not the documented form: try again later") from error

    def _asked(self, ask: Callable[[], requests.Response]) -> bytes:
        try:
            return ask().content
        except requests.HTTPError as error:
            raise unreadable(Answer.of(error.response, now=time.time())) from error
        except requests.RequestException as error:
            raise TransientError(
                f"cannot ask X at {self._api_url} whether a post is out; check the network, or try again later"
            ) from error


def _surely_ours(draft: Draft, post: OwnPost) -> str:
    # A reply to our own post is ours whatever the clocks say; a first post may have an older duplicate.
    if draft.in_reply_to is None and post.is_older_than(draft):
        raise PermanentError(
            f"X has a post with the same words since {post.created_at:%Y-%m-%d} ({_url(post.id)}) and takes no second; "
            "delete that one or change the words"
        )
    return post.id


def _created_id(response: requests.Response) -> str:
    try:
        return _One.model_validate_json(response.content).data.id
    except ValidationError as error:
        raise UnknownOutcomeError(
            f"X answered {response.status_code} to a post without naming its id; "
            "it may be out: look at the account before sending it again"
        ) from error


def _draft(request: Request) -> Draft:
    return Draft.model_validate(dict(request.body))


def _receipt(request: Request, remote_id: str) -> Receipt:
    (position,) = request.positions
    return Receipt(position=position, remote_id=remote_id, url=_url(remote_id))


def _url(remote_id: str) -> str:
    return f"https://x.com/i/status/{remote_id}"
