"""What can go wrong between us and the Hugging Face Hub; its kind decides what happens next.

Only the status of an answer counts: the server's wording changes.
"""

import re
from typing import Final

import httpx2

from bot.domain.errors import PermanentError, TransientError, UnknownOutcomeError

_WINDOW: Final = 300.0
"""Seconds: the Hub counts requests over five minutes."""
_RATE_LIMIT: Final = re.compile(r"(?:^|;)\s*t\s*=\s*(\d{1,6})\s*(?:;|$)")
_TOO_MANY: Final = 429
_NOT_FOUND: Final = 404
_CONFLICT: Final = 409
_REFUSED: Final = {
    401: "the Hub does not know the token; set HF_TOKEN to one of the collection's owner",
    403: "the token may not write there; make one with the role write, of the collection's owner, and set HF_TOKEN",
}


class HubError(PermanentError):
    """The Hub said no: asking again changes nothing."""


class HubAccessError(HubError):
    """The token is none, or may not do that: only a person can mend it."""


class HubNotFoundError(HubError):
    """The Hub has no such thing: a collection, an item, or a paper that it has not heard of."""


class HubConflictError(HubError):
    """It is there already."""


class HubUnavailableError(TransientError):
    """Not now; nothing was changed."""


class HubSilentError(UnknownOutcomeError):
    """No clear answer to a change, which may have been made: read the collection before anything else."""


def refusal(response: httpx2.Response, *, task: str, writes: bool) -> Exception:
    """Return what a status that is no success means."""
    status = response.status_code
    if status == _TOO_MANY:
        pause = asked_pause(response)
        return HubUnavailableError(f"cannot {task}: the Hub asks to wait {pause:.0f} s", retry_after=pause)
    if status >= 500 or status == 408:  # noqa: PLR2004 - server errors, and a time-out
        if writes:
            return HubSilentError(f"no clear answer to the attempt to {task} (HTTP {status}); it is looked up first")
        return HubUnavailableError(f"cannot {task} (HTTP {status}); try again later")
    if status in _REFUSED:
        return HubAccessError(f"cannot {task} (HTTP {status}): {_REFUSED[status]}")
    kind = {_NOT_FOUND: HubNotFoundError, _CONFLICT: HubConflictError}.get(status, HubError)
    return kind(f"cannot {task} (HTTP {status})")


def asked_pause(response: httpx2.Response) -> float:
    """Return for how many seconds the Hub asks to be left alone.

    ``RateLimit: "api";r=0;t=42`` says when the window ends; see
    https://huggingface.co/docs/hub/rate-limits#http-headers
    """
    found = _RATE_LIMIT.search(response.headers.get("ratelimit", ""))
    after = response.headers.get("retry-after", "")
    if found:
        return float(found[1])
    return min(float(after), _WINDOW) if after.isdecimal() else _WINDOW
