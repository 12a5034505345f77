"""What X's refusals and silences mean: which of the three kinds of error, and the line a person reads.

Pure rules over an answer: nothing here sends, waits or repeats. A body comes from outside: it may be of any shape,
and of its words only the reason is shown, on one line and cut. Error bodies: https://docs.x.com/x-api/fundamentals/response-codes
"""

from collections.abc import Mapping
from dataclasses import dataclass
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
from bot.platforms.publisher import DuplicatePostError, ReplyRefusedError
from bot.platforms.x.account_trouble import Trouble, trouble_of

RATE_WINDOW: Final = 900.0
"""Seconds of X's rate limit window, and so the longest wait worth asking for (https://docs.x.com/x-api/fundamentals/rate-limits)."""

_PARENT_PAUSE: Final = 5.0
_PARENT_UNSEEN: Final = 385
_DUPLICATE: Final = 187
_REPLY_RESTRICTED: Final = 433
_NO_REPLY: Final = ("you can only reply", "reply to this conversation is not allowed", "restricted who can reply")
_DAY_LIMITS: Final = ("x-app-limit-24hour", "x-user-limit-24hour")
_CREDENTIALS: Final = "X_CONSUMER_KEY, X_CONSUMER_SECRET, X_ACCESS_TOKEN and X_ACCESS_TOKEN_SECRET"


class UnaskedError(TransientError):
    """X gave no answer to a read, which may always be repeated."""

    def __init__(self, error: requests.RequestException, *, api_url: str) -> None:
        super().__init__(f"cannot ask X at {api_url} whether a post is out; check the network, or try again later")
        self._reason = before_sending(error) or "no answer"
        self._api_url = api_url

    def at_sign_in(self) -> TransientError:
        """Return what it means that nobody could be asked whose the tokens are."""
        return TransientError(
            f"cannot reach X at {self._api_url} ({self._reason}); check the network, or try again later"
        )

    def before_a_post(self) -> TransientError:
        """Return what it means that a read got no answer on which a new post depends."""
        return TransientError(
            f"cannot reach X at {self._api_url} ({self._reason}), so nothing was sent; "
            "check the network, or try again later"
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer that is no success: its status, its JSON body (None when it is not JSON) and the wait it asks for."""

    status: int
    body: object
    wait: float | None = None

    @classmethod
    def of(cls, response: requests.Response, *, now: float) -> Self:
        """Read a response; ``now`` in seconds since 1970, to which ``x-rate-limit-reset`` is compared."""
        return cls(response.status_code, json_of(response.content), _wait(response.headers, now=now))

    @property
    def reasons(self) -> tuple[str, ...]:
        """Return what the body gives as reasons: ``detail``, the messages of ``errors``, else the title."""
        found = (self._text("detail"), *(_field(error, "message") for error in self._errors()))
        return tuple(dict.fromkeys(filter(None, found))) or tuple(filter(None, [self._text("title")]))

    @property
    def codes(self) -> frozenset[object]:
        """Return the numeric codes of the body, as the older API gave them."""
        every = (self.body, *self._errors())
        return frozenset(
            error["code"] for error in every if isinstance(error, dict) and isinstance(error.get("code"), int)
        )

    @property
    def problem(self) -> str:
        """Return the last part of the problem's ``type`` address, such as ``credits``; empty when there is none."""
        return self._text("type").rpartition("/")[2]

    @property
    def out_of_credits(self) -> bool:
        """Say whether X wants money first."""
        return self.status == HTTPStatus.PAYMENT_REQUIRED or self.problem == "credits"

    @property
    def trouble(self) -> Trouble | None:
        """Return the trouble of the account that the answer tells of."""
        return trouble_of(codes=self.codes, words=" ".join(self.reasons), problem=self.problem)

    @property
    def is_not_of_x(self) -> bool:
        """Say whether something else than X's API answered: a redirect, an unknown address, a page of a firewall.

        X gives its refusals as JSON, and a reason with every 403.
        """
        if self.status < HTTPStatus.BAD_REQUEST or self.status == HTTPStatus.NOT_FOUND or self.body is None:
            return True
        return self.status == HTTPStatus.FORBIDDEN and not self.reasons and not self.codes

    @property
    def gone(self) -> bool:
        """Say whether X knows no such post; an address that is not X's API answers 404 without saying so."""
        return self.status == HTTPStatus.NOT_FOUND and self.problem == "resource-not-found"

    def says(self, *phrases: str) -> bool:
        """Say whether a reason contains one of the phrases, in any case."""
        reasons = " ".join(self.reasons).casefold()
        return any(phrase.casefold() in reasons for phrase in phrases)

    def __str__(self) -> str:
        return in_short(self.status, "; ".join(self.reasons))

    def _text(self, name: str) -> str:
        return _field(self.body, name)

    def _errors(self) -> list[object]:
        errors = self.body.get("errors") if isinstance(self.body, dict) else None
        return errors if isinstance(errors, list) else []


def refused(answer: Answer) -> PicksError:
    """Return what an answer to a new post means when it is no success.

    A failure of X itself (5xx), or an answer without meaning, may come after the post was made: the outcome is unknown.
    """
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        return _too_many(answer, "X takes no more requests for now")
    if answer.status == HTTPStatus.FORBIDDEN:
        return _forbidden(answer)
    if answer.status == HTTPStatus.REQUEST_TIMEOUT or not 300 <= answer.status < 500:  # noqa: PLR2004 - HTTP's own classes
        return UnknownOutcomeError(
            f"X failed while it made a post ({answer}); it may be out: look at the account before sending it again"
        )
    return _refusal(answer)


def unreadable(answer: Answer) -> PicksError:
    """Return what an answer to a look at the account's own posts means when it is no success."""
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        return _too_many(answer, "X lets nobody look for now")
    if answer.status == HTTPStatus.REQUEST_TIMEOUT or answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return TransientError(f"X could not show the account's posts ({answer}); try again later")
    of_account = _of_account(answer)
    if of_account is not None and (answer.trouble is None or answer.trouble.blocks_reading):
        return of_account
    return cannot_tell(str(_refusal(answer)))


def not_removed(answer: Answer) -> PicksError:
    """Return what an answer to a delete means when it is no success; a delete may always be repeated."""
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        return _too_many(answer, "X deletes no more posts for now")
    if answer.status == HTTPStatus.REQUEST_TIMEOUT or answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return TransientError(f"X failed while it deleted a post ({answer}); try again later")
    return _refusal(answer)


def cannot_tell(reason: str) -> UnknownOutcomeError:
    """Return the error for a timeline that does not answer the question."""
    return UnknownOutcomeError(
        f"cannot tell whether a post is out: its timeline on X cannot be read; {reason}, or look at the account by hand"
    )


def unanswered(error: requests.RequestException, *, api_url: str) -> PicksError:
    """Return what it means that a new post got no answer: only what failed before sending may be repeated."""
    if isinstance(error, ValueError):  # requests found no address in it
        return PermanentError(f"X_API_URL is {api_url!r}, which is no address; correct it, such as https://api.x.com")
    if obstacle := before_sending(error):
        return TransientError(
            f"cannot reach X at {api_url} ({obstacle}), so nothing was sent; check the network, or try again later"
        )
    what = "did not answer in time" if isinstance(error, requests.Timeout) else "broke the connection"
    return UnknownOutcomeError(
        f"X at {api_url} {what} after a post was sent; it may be out: look at the account before sending it again"
    )


def _forbidden(answer: Answer) -> PicksError:
    """Return what a 403 means: X gives this one status to duplicates, unseen parents, refused replies and locks."""
    if _DUPLICATE in answer.codes or answer.says("duplicate content", "status is a duplicate"):
        return DuplicatePostError(
            f"X refuses the post because the account has one with the same words already ({answer})"
        )
    if _PARENT_UNSEEN in answer.codes or answer.says("deleted or not visible to you"):
        return TransientError(
            f"X does not see the post that is replied to ({answer}); wait some seconds, or see whether it is up",
            retry_after=_PARENT_PAUSE,
            of_account=False,
        )
    if _REPLY_RESTRICTED in answer.codes or answer.says(*_NO_REPLY):
        return ReplyRefusedError(
            f"X does not let the account reply to its own post ({answer}), so the rest of the thread cannot follow"
        )
    return _refusal(answer)


def _refusal(answer: Answer) -> PicksError:
    return _of_account(answer) or PermanentError(
        f"X refused the request ({answer}); see what x.com tells the account, mend that or the words, then try again"
    )


def _of_account(answer: Answer) -> AccountError | None:
    """Return what a refusal means that says nothing about the post, None where it does."""
    if answer.out_of_credits:
        return AccountError(
            f"the X account is out of credits ({answer}); buy some in X's developer console, then try again"
        )
    if answer.status == HTTPStatus.UNAUTHORIZED:
        return AccountError(
            f"X does not accept the credentials ({answer}); check {_CREDENTIALS}, and this machine's clock",
            sign_in=True,
        )
    trouble = answer.trouble
    if trouble is not None:
        message = f"{trouble.said} ({answer}); {trouble.advice}"
        return AccountError(
            message, retry_after=trouble.wait, needs_person=trouble.needs_person, sign_in=trouble.sign_in
        )
    if answer.is_not_of_x:
        by_setting = answer.status < HTTPStatus.BAD_REQUEST or answer.status == HTTPStatus.NOT_FOUND
        between = "" if by_setting else ", and what stands between it and this machine; it is tried again later"
        return AccountError(
            f"what answers is not X's API ({answer}); check X_API_URL{between}", needs_person=by_setting
        )
    return None


def _too_many(answer: Answer, what: str) -> TransientError:
    """Return what a 429 means: a pause, or an account that has used up what its plan allows."""
    trouble = answer.trouble
    if trouble is not None and trouble.problems and answer.problem in trouble.problems:
        return _of_account(answer) or TransientError(str(answer))
    return TransientError(f"{what} ({answer}); try again later", retry_after=answer.wait)


def _wait(headers: Mapping[str, str], *, now: float) -> float | None:
    """Return how long a limit lasts: that of a window, or that of a day where the day's is used up."""
    used_up = (name for name in _DAY_LIMITS if headers.get(f"{name}-remaining") == "0")
    ends = [_until(headers.get(f"{name}-reset", ""), now=now, most=LONGEST_WAIT) for name in used_up]
    ends.append(_until(headers.get("x-rate-limit-reset", ""), now=now, most=RATE_WINDOW))
    return max((end for end in ends if end is not None), default=None)


def _until(reset: str, *, now: float, most: float) -> float | None:
    return min(max(float(reset) - now, 1.0), most) if reset.isdecimal() else None


def _field(data: object, name: str) -> str:
    value = data.get(name) if isinstance(data, dict) else None
    return value if isinstance(value, str) else ""
