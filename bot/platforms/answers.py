"""What a platform's refusal says, whatever it is: a body comes from outside, and may be of any shape."""

from typing import Final

from pydantic_core import from_json

from bot.domain.text import sanitize

_SHOWN: Final = 200


def json_of(content: bytes) -> object:
    """Return what a body says, None when it is not JSON."""
    try:
        return from_json(content)
    except ValueError:
        return None


def in_short(status: int, reason: str) -> str:
    """Return status and reason for people: on one line, harmless and cut."""
    words = " ".join(sanitize(reason).split()) or "no reason given"
    return f"{status}: {words if len(words) <= _SHOWN else words[: _SHOWN - 1] + '…'}"
