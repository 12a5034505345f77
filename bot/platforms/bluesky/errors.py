"""Which of the three kinds of error a failure of the Bluesky server is.

Only a refusal and a request that never left are sure. Everything else that goes wrong with a write is of unknown
outcome, gateway answers included: proxies send 502, 503 and 504 after the server behind them has done the work, and the
server answers 500 to the repeat of a batch that it has carried out. A look is cheap, posting twice is not.

A refusal of the account itself (its password, its session, a lock) says nothing about the thread: the same request may
succeed once a person has mended the account, so it is no permanent one.

This module words the messages; it never decides what happens next.
"""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Final

import httpx
from atproto.exceptions import AtProtocolError, RateLimitExceededError, RequestErrorBase
from atproto_client.models.common import XrpcError

from bot.domain.errors import AccountError, PermanentError, PicksError, TransientError, UnknownOutcomeError
from bot.domain.redaction import redact
from bot.domain.text import sanitize
from bot.platforms.publisher import PictureMissingError

SDK_FAILURES: Final = (AtProtocolError, httpx.HTTPError, httpx.InvalidURL, ValueError)
"""Whatever a call of the SDK raises: its own errors, transport errors it does not wrap, answers it cannot read."""

_NEVER_LEFT: Final = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
    httpx.InvalidURL,
)
_MAYBE_CARRIED_OUT: Final = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.CONFLICT, HTTPStatus.TOO_EARLY})
_OF_ACCOUNT: Final = frozenset(
    {
        "AccountDeactivated",
        "AccountSuspended",
        "AccountTakedown",
        "AuthMissing",
        "AuthenticationRequired",
        "BadTokenScope",
        "ExpiredToken",
        "InvalidToken",
        "RepoDeactivated",
        "RepoSuspended",
        "RepoTakendown",
        "ScopeMissingError",
    }
)
"""What a server calls refusals of the account, whatever their status; https://docs.bsky.app/docs/advanced-guides/api-directory"""

_BLOB_NOT_FOUND: Final = "BlobNotFound"
"""A record names a picture that was never uploaded, or that was forgotten because no record named it in time."""

_REASON_LENGTH: Final = 300


def error_name(error: BaseException) -> str | None:
    """Return the server's name for the error, such as ``ExpiredToken``, None when it gave none."""
    content = error.response.content if isinstance(error, RequestErrorBase) and error.response else None
    return content.error if isinstance(content, XrpcError) else None


def token_refused(error: BaseException) -> bool:
    """Say whether the server did not accept the session, and so did nothing else either."""
    return _status(error) == HTTPStatus.UNAUTHORIZED or error_name(error) in {"ExpiredToken", "InvalidToken"}


def write_failure(error: BaseException, *, task: str) -> PicksError:
    """Return what the failure of a write means; ``task`` says what was tried, such as ``post on Bluesky as NAME``."""
    reason = reason_of(error)
    if isinstance(error, RateLimitExceededError):
        return _too_many(error, task)
    if _never_left(error):
        return TransientError(f"cannot {task}: {reason}; nothing was sent, it can be tried again")
    status = _status(error)
    if error_name(error) == _BLOB_NOT_FOUND:
        return PictureMissingError(f"cannot {task}: the server does not have the picture ({reason})")
    if status and HTTPStatus(400) <= status < HTTPStatus(500) and status not in _MAYBE_CARRIED_OUT:
        return _of_account(error, task) or PermanentError(
            f"cannot {task}: the server refused it ({reason}); change what it names, then try again"
        )
    return UnknownOutcomeError(f"no clear answer to the attempt to {task}: {reason}; look there before trying again")


def read_failure(error: BaseException, *, task: str) -> PicksError:
    """Return what the failure of a harmless request means: refused, or not now."""
    reason = reason_of(error)
    if isinstance(error, RateLimitExceededError):
        return _too_many(error, task)
    if isinstance(error, httpx.TooManyRedirects) or isinstance(error.__cause__, httpx.TooManyRedirects):
        return AccountError(f"cannot {task}: what answers leads elsewhere ({reason}); check BLUESKY_SERVICE")
    status = _status(error)
    if status and HTTPStatus(400) <= status < HTTPStatus(500) and status != HTTPStatus.REQUEST_TIMEOUT:
        return _of_account(error, task) or PermanentError(
            f"cannot {task}: the server refused it ({reason}); check the account and BLUESKY_SERVICE"
        )
    return TransientError(f"cannot {task}: {reason}; it can be tried again later")


def sign_in_failure(error: BaseException, *, handle: str) -> PicksError:
    """Return what a failed sign-in means: every refusal is the account's or the setting's, none the thread's.

    The message names the account and never holds its password.
    """
    if _status(error) == HTTPStatus.UNAUTHORIZED:
        return AccountError(
            f"Bluesky did not let {handle} sign in ({reason_of(error)}); "
            "check BLUESKY_HANDLE and BLUESKY_APP_PASSWORD, an app password made in the account's settings",
            sign_in=True,
        )
    failure = read_failure(error, task=f"sign in to Bluesky as {handle}")
    return AccountError(str(failure), sign_in=True) if isinstance(failure, PermanentError) else failure


def reason_of(error: BaseException) -> str:
    """Return the server's or the network's own words for the failure, on one line and not too long."""
    if isinstance(error, RequestErrorBase) and error.response is not None:
        content = error.response.content
        words = [f"HTTP {error.response.status_code}"]
        if isinstance(content, XrpcError):
            words += [content.error, content.message or ""]
        return _one_line(" ".join(words))
    cause = error.__cause__ if isinstance(error, RequestErrorBase) and error.__cause__ else error
    return _one_line(str(cause)) or type(cause).__name__


def _status(error: BaseException) -> int | None:
    return error.response.status_code if isinstance(error, RequestErrorBase) and error.response else None


def _of_account(error: BaseException, task: str) -> AccountError | None:
    """Return what a refusal means that says nothing about the thread, None where it may be the thread's.

    A Bluesky server names its errors: an answer without a name is of something else, such as a firewall.
    """
    reason = reason_of(error)
    name = error_name(error)
    if _status(error) == HTTPStatus.UNAUTHORIZED or name in _OF_ACCOUNT:
        return AccountError(
            f"cannot {task}: the server refuses the account ({reason}); check it and its app password", sign_in=True
        )
    if name is None:
        return AccountError(
            f"cannot {task}: what answers is not a Bluesky server ({reason}); check BLUESKY_SERVICE, and what stands "
            "between it and this machine; it is tried again later",
            needs_person=False,
        )
    return None


def _never_left(error: BaseException) -> bool:
    return isinstance(error, _NEVER_LEFT) or isinstance(error.__cause__, _NEVER_LEFT)


def _too_many(error: RateLimitExceededError, task: str) -> TransientError:
    wait = error.retry_after
    if wait is None and error.reset_at is not None:
        wait = max(0.0, (error.reset_at - datetime.now(UTC)).total_seconds())
    return TransientError(
        f"cannot {task}: the server asks to wait, too many requests; try again later", retry_after=wait
    )


def _one_line(text: str) -> str:
    plain = " ".join(sanitize(redact(text)).split())
    return plain if len(plain) <= _REASON_LENGTH else plain[: _REASON_LENGTH - 1] + "…"
