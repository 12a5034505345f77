"""How moments are written for scripts."""

from datetime import UTC, datetime


def iso(moment: datetime | None) -> str | None:
    """Return a moment as scripts read it: ISO 8601 in UTC."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z") if moment else None
