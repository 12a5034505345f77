"""What one account on X can see: who it is, its own timeline, and single posts.

Reads cost little and do no harm, so an answer in another form is asked for once more; what X does not tell is an
error, never "there is nothing". This module never writes.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from typing import Final, Self, TypeVar

import requests
import tweepy
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from bot.domain.errors import UnknownOutcomeError
from bot.platforms.x.errors import Answer, UnaskedError, cannot_tell, unreadable
from bot.platforms.x.matching import OwnPost, Page

_FIELDS: Final = ("created_at", "entities", "referenced_tweets")
_ModelT = TypeVar("_ModelT", bound=BaseModel)


class _Form(BaseModel):
    model_config = ConfigDict(frozen=True)


class _Named(_Form):
    id: str = Field(pattern=r"^\d{1,20}$")


class Named(_Form):
    """An answer that names an account, or a post that was made, by its number."""

    data: _Named


class _Problem(_Form):
    type: str = ""


class _Read(_Form):
    """One post that was asked for, or why there is none."""

    data: OwnPost | None = None
    errors: tuple[_Problem, ...] = ()

    @model_validator(mode="after")
    def _is_an_answer(self) -> Self:
        gone = any(problem.type.endswith("/resource-not-found") for problem in self.errors)
        if self.data is None and not gone:
            raise ValueError("neither a post nor that there is none")
        return self


class _NoSuchPostError(UnknownOutcomeError):
    """X knows nothing of what was asked for."""


class XReader:
    """Reads with the client of one account; ``api_url`` is for messages."""

    def __init__(self, client: tweepy.Client, *, api_url: str) -> None:
        self._client = client
        self._api_url = api_url
        self.known_id: str | None = None

    def own_id(self) -> str:
        """Return the account's number as X itself says it, asked once and kept in ``known_id``."""
        self.known_id = self.known_id or self._read(Named, lambda: self._client.get_me(user_auth=True)).data.id
        return self.known_id

    def timeline(self, owner: str, *, sizes: Sequence[int], whole: bool) -> Iterator[tuple[OwnPost, ...]]:
        """Yield the account's posts, newest first, in pages of these sizes.

        ``whole`` raises UnknownOutcomeError rather than ending before the oldest post.
        """
        token: str | None = None
        for size in sizes:
            page = self._page(owner, token, size=size)
            yield page.data
            token = page.meta.next_token
            if token is None:
                return
        if whole:
            raise cannot_tell(f"its newest {sum(sizes)} posts do not reach back far enough")

    def post(self, remote_id: str) -> OwnPost | None:
        """Return one post, of whatever account; None when X knows no such post."""
        fields = ["author_id", *_FIELDS]
        ask = partial(self._client.get_tweet, remote_id, tweet_fields=fields, user_auth=True)
        try:
            return self._read(_Read, ask).data
        except _NoSuchPostError:
            return None

    def _page(self, owner: str, token: str | None, *, size: int) -> Page:
        return self._read(
            Page,
            lambda: self._client.get_users_tweets(
                owner, max_results=size, pagination_token=token, tweet_fields=list(_FIELDS), user_auth=True
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
            answer = Answer.of(error.response, now=time.time())
            if answer.gone:
                raise _NoSuchPostError(f"X knows nothing of it ({answer})") from error
            raise unreadable(answer) from error
        except requests.RequestException as error:
            raise UnaskedError(error, api_url=self._api_url) from error
