"""What a check answers, and how one that fails with an error becomes an answer."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from bot.domain.advice import split_advice
from bot.domain.errors import PicksError, TransientError


class CheckState(StrEnum):
    """What came of a check."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was looked at: what was found (``detail``), and what to do (``next``).

    ``ok`` is false for what failed alone: a warning stops nothing.
    """

    name: str
    state: CheckState
    detail: str
    next: str | None = None
    ok: bool = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "ok", self.state is not CheckState.FAILED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """All checks; ``ok`` says that none failed."""

    ok: bool
    checks: tuple[Check, ...]


def right(name: str, detail: str) -> Check:
    """Return the check of what is as it should be."""
    return Check(name=name, state=CheckState.OK, detail=detail)


def warning(name: str, detail: str, *, step: str) -> Check:
    """Return the check of what works, and might be better."""
    return Check(name=name, state=CheckState.WARNING, detail=detail, next=step)


def failed(name: str, detail: str, *, step: str | None) -> Check:
    """Return the check of what does not work."""
    return Check(name=name, state=CheckState.FAILED, detail=detail, next=step)


def skipped(name: str, detail: str) -> Check:
    """Return the check of what was not looked at."""
    return Check(name=name, state=CheckState.SKIPPED, detail=detail)


def attempt(name: str, look: Callable[[], str], *, step: str | None = None) -> Check:
    """Return what ``look`` finds; its error is said in two parts, what is wrong and what to do.

    ``step`` is what to do where an error does not say it.
    """
    try:
        return right(name, look())
    except PicksError as error:
        return failed_by(name, error, step=step)


def failed_by(name: str, error: PicksError, *, step: str | None = None) -> Check:
    """Return the check that an error ended, in two parts: what is wrong and what to do.

    ``step`` is what to do where the error does not say it.
    """
    detail, said = split_advice(str(error))
    waits = "try again later" if isinstance(error, TransientError) else step
    return failed(name, detail, step=said or waits or "mend it as the reason says")
