"""One account at one Mastodon server, through Mastodon.py: what it can see, and whose errors are whose.

Reads cost little and do no harm, so an answer in another form is asked for once more; what the server does not tell is
an error, never "there is nothing". Nothing here is sent twice that changes anything.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final, TypeVar

import requests
from mastodon import Mastodon
from mastodon.errors import MastodonError
from pydantic import BaseModel, ConfigDict, Field, SecretStr, TypeAdapter, ValidationError, field_validator

from bot.domain.errors import PicksError, TransientError, UnknownOutcomeError
from bot.platforms.exchange import OnceSession
from bot.platforms.mastodon.errors import Answer, cannot_tell, unasked, unreadable
from bot.platforms.mastodon.matching import ADDRESS, ID, OwnStatus

PAGE_SIZE: Final = 40
"""The most that a server gives at once: https://docs.joinmastodon.org/methods/accounts/#statuses"""

_STATUSES: Final = TypeAdapter(tuple[OwnStatus, ...])
_T = TypeVar("_T")


class OwnAccount(BaseModel):
    """Who a token belongs to; ``source`` holds the words of the profile as they were written."""

    model_config = ConfigDict(frozen=True)

    id: str = Field(pattern=ID)
    username: str
    url: str = Field(pattern=ADDRESS)
    display_name: str = ""
    bot: bool = False
    source: dict[str, object] = Field(default_factory=dict)

    @field_validator("id", mode="before")
    @classmethod
    def _as_text(cls, value: object) -> object:
        return str(value) if isinstance(value, int | str) else value


class _Application(BaseModel):
    scopes: frozenset[str] | None = None


class _Source(BaseModel):
    text: str


class _GoneError(UnknownOutcomeError):
    """The server knows nothing of what was asked for."""


class MastodonClient:
    """One account; ``timeout`` and ``deadline`` are those of ``OnceSession``."""

    def __init__(self, *, server: str, access_token: SecretStr, timeout: tuple[float, float], deadline: float) -> None:
        self.server = server
        self._session = OnceSession(timeout=timeout, deadline=deadline)
        self.api = Mastodon(
            api_base_url=server, session=self._session, ratelimit_method="throw", user_agent="daily-picks"
        )
        self.api.access_token = access_token.get_secret_value()  # given to it at once, it would look for such a file
        self._account: OwnAccount | None = None

    def account(self) -> OwnAccount:
        """Return who the token belongs to, asked once."""
        if self._account is None:
            self._account = self.account_anew()
        return self._account

    def account_anew(self) -> OwnAccount:
        """Return who the token belongs to, as it is now."""
        try:
            return self._read(OwnAccount.model_validate, self.api.account_verify_credentials)
        except UnknownOutcomeError as error:  # nothing was sent, so nothing is in doubt
            said = str(error) if isinstance(error, _GoneError) else "its answer is none of Mastodon's"
            raise TransientError(
                f"{self.server} does not say whose token it is ({said}); check MASTODON_URL, or try again later"
            ) from error

    def scopes(self) -> frozenset[str] | None:
        """Return what the token allows; None where the server does not say."""
        with suppress(_GoneError):
            return self._read(_Application.model_validate, self.api.app_verify_credentials).scopes
        return None

    def statuses(self, *, most_pages: int, whole: bool) -> Iterator[tuple[OwnStatus, ...]]:
        """Yield the account's statuses, newest first, page by page, without those that it only passes on.

        ``whole`` raises UnknownOutcomeError rather than ending before the oldest one.
        """
        owner, last = self.account().id, None
        for _ in range(most_pages):
            page = self._page(owner, last)
            if not page:
                return
            yield page
            last = page[-1].id
        if whole:
            raise cannot_tell(f"its newest {most_pages * PAGE_SIZE} posts do not reach back far enough")

    def status(self, remote_id: str) -> OwnStatus | None:
        """Return one status, of whatever account; None when the server knows none."""
        try:
            return self._read(OwnStatus.model_validate, lambda: self.api.status(remote_id))
        except _GoneError:
            return None

    def source(self, remote_id: str) -> str | None:
        """Return a status's words as they were written; None where the server has none, or cannot say."""
        with suppress(_GoneError):
            return self._read(_Source.model_validate, lambda: self.api.status_source(remote_id)).text
        return None

    def close(self) -> None:
        """Let go of connections."""
        self._session.close()

    def _page(self, owner: str, last: str | None) -> tuple[OwnStatus, ...]:
        return self._read(
            _STATUSES.validate_python,
            lambda: self.api.account_statuses(owner, exclude_reblogs=True, max_id=last, limit=PAGE_SIZE),
        )

    def _read(self, check: Callable[[object], _T], ask: Callable[[], object]) -> _T:
        """Return an answer; one without the documented form is asked for once more, for a read does no harm."""
        with suppress(ValidationError):
            return check(self._asked(ask))
        try:
            return check(self._asked(ask))
        except ValidationError as error:
            raise cannot_tell("its answer has not the documented form: try again later") from error

    def _asked(self, ask: Callable[[], object]) -> object:
        try:
            return ask()
        except FAILURES as error:
            raised = behind(error)
            if raised is None:
                return None  # no answer that Mastodon.py can read: of no form that we know
            raise self._failure(raised) from error

    def _failure(self, error: requests.RequestException) -> PicksError:
        if not isinstance(error, requests.HTTPError):
            return unasked(error, server=self.server)
        answer = answer_of(error)
        if answer.gone:
            return _GoneError(f"Mastodon knows nothing of it ({answer})")
        return unreadable(answer)


FAILURES: Final = (MastodonError, ValueError, TypeError, AttributeError, KeyError)
"""What a call of Mastodon.py raises: its own errors, and what its reading of an odd answer stumbles over."""


def behind(error: BaseException) -> requests.RequestException | None:
    """Return what the session raised, which Mastodon.py has wrapped; None where it was an answer of no known form."""
    raised = error.__context__
    if isinstance(raised, requests.exceptions.InvalidJSONError):
        return None
    return raised if isinstance(raised, requests.RequestException) else None


def answer_of(error: requests.HTTPError) -> Answer:
    """Return the answer that was no success."""
    return Answer.of(error.response, now=datetime.now(UTC))
