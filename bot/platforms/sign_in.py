"""What each platform does to try its credentials: a real sign-in that uses no session of before."""

from dataclasses import dataclass
from typing import Protocol

from bot.domain.accounts import Identity


@dataclass(frozen=True, slots=True)
class Right:
    """Something that the credentials allow or not, None where nobody says.

    ``next`` says how to get it, ``needed`` whether posting needs it.
    """

    name: str
    detail: str
    allowed: bool | None
    next: str | None = None
    needed: bool = True


class SignIn(Protocol):
    """Tries the credentials of one account; it posts nothing and keeps nothing."""

    def sign_in(self) -> Identity:
        """Return who was let in; raise AccountError when nobody is, TransientError when nobody can be asked."""

    def rights(self) -> tuple[Right, ...]:
        """Return what the account may do, once it has signed in; raise TransientError when that cannot be asked."""

    def close(self) -> None:
        """Let go of connections."""
