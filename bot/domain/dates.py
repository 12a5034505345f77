"""Dates as people write them."""

from datetime import date

from bot.domain.errors import UsageError


def parse_date(text: str) -> date:
    """Return the date that a person wrote; raise UsageError when it is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"cannot read the date {text!r}; write it as 2026-11-30") from None
