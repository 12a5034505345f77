"""The root of every error that a person may see.

``str()`` of each is one complete line: the thing, the reason, the next step. It may be shown, logged and stored: what
may be secret in an address is left out of it, wherever the words came from. Errors of the outside world come in three
kinds, and the kind alone decides what happens next: only a transient one is retried, and an unknown outcome is looked
up.
"""

from typing import Final

from bot.domain.redaction import redact


class PicksError(Exception):
    """Something could not be done, for a reason that a person can act on."""

    def __init__(self, message: str = "") -> None:
        super().__init__(redact(message))


class UsageError(PicksError):
    """What a person wrote cannot be meant, whatever is stored and whatever the time: exit code 2 in the shell.

    A value that cannot be read, options that exclude each other, something that is missing.
    """


class PermanentError(PicksError):
    """Refused: trying again changes nothing."""


LONGEST_WAIT: Final = 86_400.0
"""Seconds: however long the other side asks to wait, it is asked again once a day."""


class TransientError(PicksError):
    """Not now: the same request may succeed later.

    ``retry_after`` is how many seconds the other side asks to wait, a day at most. ``of_account`` says whether other
    requests of the account would fail as well, as far as one can tell.
    """

    def __init__(self, message: str, *, retry_after: float | None = None, of_account: bool = True) -> None:
        super().__init__(message)
        self.of_account = of_account
        self.retry_after = None if retry_after is None else min(max(0.0, retry_after), LONGEST_WAIT)


class AccountError(TransientError):
    """The account cannot post now, whatever the post; nothing was carried out.

    ``needs_person`` says whether it stays so until a person mends it; otherwise time is enough. ``retry_after`` is a
    quarter of an hour unless something better is known: mending takes a person's time. ``sign_in`` says that the
    credentials were not accepted.
    """

    def __init__(
        self, message: str, *, retry_after: float = 900.0, needs_person: bool = True, sign_in: bool = False
    ) -> None:
        super().__init__(message, retry_after=retry_after)
        self.needs_person = needs_person
        self.sign_in = sign_in


def is_outage(error: PicksError) -> bool:
    """Say whether it passes by itself, as an outage does: time is enough, and others would fail as well."""
    if isinstance(error, AccountError):
        return not error.needs_person
    return isinstance(error, TransientError) and error.of_account


class UnknownOutcomeError(PicksError):
    """The request may have been carried out although no answer came: never repeat it blindly."""
