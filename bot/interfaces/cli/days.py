"""Days of the past as the operator's commands take them: of announcements, by arXiv's own calendar."""

from datetime import UTC, date, datetime

from bot.arxiv.calendar import EASTERN
from bot.domain.dates import parse_date


def past_day(text: str | None) -> date | None:
    """Return the day that an option names, None where it is not given; raise UsageError when it is none."""
    return None if text is None else parse_date(text, today=datetime.now(UTC).astimezone(EASTERN).date(), back=True)
