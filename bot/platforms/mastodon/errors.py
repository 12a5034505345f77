"""What Mastodon's refusals and silences mean: which of the three kinds of error, and the line a person reads.

Pure rules over an answer: nothing here sends, waits or repeats. A body comes from outside: it may be of any shape, and
of its words only the reason is shown, on one line and cut. Source: https://docs.joinmastodon.org/methods/statuses/#create
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Final, Self

import requests

from bot.domain.errors import (
    LONGEST_WAIT,
    AccountError,
    PermanentError,
    PicksError,
    TransientError,
    UnknownOutcomeError,
)
from bot.platforms.answers import in_short, json_of
from bot.platforms.exchange import before_sending

KEY_HOLDS: Final = 3600.0
"""Seconds for which a server remembers the key of a request."""

_MAYBE_CARRIED_OUT: Final = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.CONFLICT, HTTPStatus.TOO_EARLY})
_OF_AN_APPLICATION: Final = "authenticated user"
"""Older servers answer 422 to a token that belongs to an application and to no account."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer that is no success: its status, its JSON body (None when it is not JSON) and the wait it asks for."""

    status: int
    body: object
    wait: float | None = None

    @classmethod
    def of(cls, response: requests.Response, *, now: datetime) -> Self:
        """Read a response; ``now`` is compared with the time in ``X-RateLimit-Reset``."""
        return cls(response.status_code, json_of(response.content), _wait(response.headers, now=now))

    @property
    def reason(self) -> str:
        """Return what the body gives as the reason."""
        error = self.body.get("error") if isinstance(self.body, dict) else None
        return error if isinstance(error, str) else ""

    @property
    def gone(self) -> bool:
        """Say whether Mastodon knows no such thing; what is not its API gives no reason in JSON."""
        return self.status in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE} and bool(self.reason)

    def __str__(self) -> str:
        return in_short(self.status, self.reason)


def refused(answer: Answer) -> PicksError:
    """Return what an answer to a new post means when it is no success.

    A failure of the server (5xx) may come after the post was made, also at the repeat of a request that was carried
    out: the outcome is unknown.
    """
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        return _too_many(answer, "takes no more requests for now")
    if answer.status in _MAYBE_CARRIED_OUT or not 300 <= answer.status < 500:  # noqa: PLR2004 - HTTP's own classes
        return UnknownOutcomeError(
            f"Mastodon failed while it made a post ({answer}); it may be out: look at the account before sending again"
        )
    return _of_account(answer) or PermanentError(
        f"Mastodon refused the post ({answer}); take the approval back (picks undo), change the words, and approve anew"
    )


def parent_missing(answer: Answer) -> PermanentError:
    """Return what it means that the post is gone that ours was to answer."""
    return PermanentError(f"the post before it is gone from Mastodon, so the rest cannot follow ({answer})")


def key_used_up(answer: Answer) -> TransientError:
    """Return what it means that the server knows a request already, and the post that it made is gone."""
    return TransientError(
        f"Mastodon made this very post within the hour, and it was deleted there ({answer}); it takes the same one "
        "again after an hour",
        retry_after=KEY_HOLDS,
        of_account=False,
    )


def unreadable(answer: Answer) -> PicksError:
    """Return what an answer to a look means when it is no success."""
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        return _too_many(answer, "lets nobody look for now")
    if answer.status == HTTPStatus.REQUEST_TIMEOUT or answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return TransientError(f"Mastodon could not show the account's posts ({answer}); try again later")
    return _of_account(answer) or cannot_tell(f"it answered {answer}: try again later")


def not_removed(answer: Answer) -> PicksError:
    """Return what an answer to a delete means when it is no success; a delete may always be repeated."""
    return _not_done(answer, limited="deletes no more posts", failed="deleted a post") or PermanentError(
        f"Mastodon refused to delete a post ({answer}); delete it there"
    )


def not_changed(answer: Answer) -> PicksError:
    """Return what an answer to a change of the profile means when it is no success."""
    return _not_done(answer, limited="changes no profile", failed="changed the profile") or PermanentError(
        f"Mastodon refused to change the profile ({answer}); see profile.*"
    )


def cannot_tell(reason: str) -> UnknownOutcomeError:
    """Return the error for posts that do not answer the question."""
    return UnknownOutcomeError(
        f"cannot tell whether a post is out: the account's posts on Mastodon cannot be read; {reason}, "
        "or look at the account by hand"
    )


def unanswered(error: requests.RequestException, *, server: str) -> PicksError:
    """Return what it means that a new post got no answer: only what failed before sending may be repeated."""
    if obstacle := before_sending(error):
        return TransientError(
            f"cannot reach Mastodon at {server} ({obstacle}), so nothing was sent; check the network, or try later"
        )
    what = "did not answer in time" if isinstance(error, requests.Timeout) else "broke the connection"
    return UnknownOutcomeError(
        f"Mastodon at {server} {what} after a post was sent; it may be out: look at the account before sending it again"
    )


def unasked(error: requests.RequestException, *, server: str) -> TransientError:
    """Return what it means that a harmless request got no answer: it may always be repeated."""
    return TransientError(
        f"cannot ask Mastodon at {server} ({before_sending(error) or 'no answer'}); check the network, or try later"
    )


def _not_done(answer: Answer, *, limited: str, failed: str) -> PicksError | None:
    """Return what a refused change means that may always be repeated, None where it is of the change itself."""
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        return _too_many(answer, f"{limited} for now")
    if answer.status in _MAYBE_CARRIED_OUT or answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return TransientError(f"Mastodon failed while it {failed} ({answer}); try again later")
    return _of_account(answer)


def _of_account(answer: Answer) -> AccountError | None:
    """Return what a refusal means that says nothing about the post, None where it may be the post's."""
    if answer.status < HTTPStatus.BAD_REQUEST or (answer.status == HTTPStatus.NOT_FOUND and not answer.reason):
        return AccountError(f"what answers is no Mastodon server ({answer}); check MASTODON_URL")
    if answer.body is None:
        return AccountError(
            f"what answers is no Mastodon server ({answer}); check MASTODON_URL, and what stands between it and this "
            "machine; it is tried again later",
            needs_person=False,
        )
    if answer.status == HTTPStatus.UNAUTHORIZED or _OF_AN_APPLICATION in answer.reason:
        return AccountError(f"Mastodon does not accept the token ({answer}); check MASTODON_ACCESS_TOKEN", sign_in=True)
    if answer.status == HTTPStatus.FORBIDDEN:
        return AccountError(
            f"Mastodon does not let the account do that ({answer}); see what the server tells the account, and "
            "whether the token has the scopes read and write"
        )
    return None


def _too_many(answer: Answer, what: str) -> TransientError:
    return TransientError(f"Mastodon {what} ({answer}); try again later", retry_after=answer.wait)


def _wait(headers: Mapping[str, str], *, now: datetime) -> float | None:
    """Return how long a limit lasts; the end is a time in ISO 8601."""
    try:
        end = datetime.fromisoformat(headers.get("X-RateLimit-Reset", ""))
    except ValueError:
        return None
    if end.tzinfo is None:
        return None
    return min(max((end - now).total_seconds(), 1.0), LONGEST_WAIT)
