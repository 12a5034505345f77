"""Which of X's refusals are about the account and not about the post, and what mends them.

X gives one status, 403, to both. The numbers are those of the older API, which some answers still carry; the phrases
are parts of X's own sentences, in lower case. Pure: the answer is read and judged in ``errors``.
Source: https://docs.x.com/x-api/fundamentals/response-codes
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

_QUARTER: Final = 900.0
_HOUR: Final = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """One kind of trouble: how X names it, what is said about it, and how long to leave the account alone, in seconds.

    ``blocks_reading`` says that X shows the account nothing either; otherwise it may only be the posting. ``sign_in``
    says that it does not accept the credentials.
    """

    codes: frozenset[int] = frozenset()
    phrases: tuple[str, ...] = ()
    problems: frozenset[str] = frozenset()
    said: str
    advice: str
    needs_person: bool
    wait: float = _QUARTER
    blocks_reading: bool = True
    sign_in: bool = False


_KINDS: Final = (
    Trouble(
        codes=frozenset({326}),
        phrases=("temporarily locked", "account is locked", "account has been locked", "unlock your account"),
        said="X has locked the account",
        advice="sign in at x.com as the account and unlock it",
        needs_person=True,
    ),
    Trouble(
        codes=frozenset({63, 64}),
        phrases=(
            "account is suspended",
            "account has been suspended",
            "user has been suspended",
            "user is suspended",
            "authentication is suspended",
        ),
        said="X has suspended the account",
        advice="appeal at x.com, or give the channel another account",
        needs_person=True,
        wait=_HOUR,
    ),
    Trouble(
        codes=frozenset({185}),
        phrases=("daily status update limit", "daily limit"),
        said="the X account has reached its limit of posts for the day",
        advice="it is tried again every hour",
        needs_person=False,
        wait=_HOUR,
    ),
    Trouble(
        codes=frozenset({226}),
        phrases=("might be automated", "try again later"),
        said="X takes nothing from the account for now",
        advice="it is tried again later",
        needs_person=False,
    ),
    Trouble(
        problems=frozenset({"usage-capped"}),
        phrases=("usage cap exceeded",),
        said="the X project has used up what its plan allows",
        advice="raise the cap in X's developer console, or wait for the next period",
        needs_person=True,
        wait=_HOUR,
    ),
    Trouble(
        codes=frozenset({220, 261, 453}),
        phrases=(
            "app permissions",
            "cannot perform write actions",
            "read-only application",
            "access level",
            "credentials do not allow",
        ),
        problems=frozenset({"oauth1-permissions", "client-forbidden", "unsupported-authentication"}),
        said="X does not let this application post",
        advice="give it read and write permission in X's developer console, then make the access token anew",
        needs_person=True,
        blocks_reading=False,
    ),
    Trouble(
        codes=frozenset({32, 89, 99, 215, 231}),
        said="X does not accept the credentials",
        advice="check the keys and the access token, and sign in at x.com as the account",
        needs_person=True,
        sign_in=True,
    ),
    Trouble(  # the last: whatever else it says of the account
        phrases=("your account",),
        said="X does not let the account post",
        advice="sign in at x.com as the account and do what it asks for",
        needs_person=True,
        blocks_reading=False,
    ),
)


def trouble_of(*, codes: Collection[object], words: str, problem: str) -> Trouble | None:
    """Return the trouble of an account that an answer tells of, None when it tells of none; ``words`` in any case."""
    said = words.casefold()
    for kind in _KINDS:
        if not kind.codes.isdisjoint(codes) or problem in kind.problems or any(part in said for part in kind.phrases):
            return kind
    return None
