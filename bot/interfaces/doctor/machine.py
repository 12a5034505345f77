"""What this machine and its environment have: packages, time zones, the contact."""

from collections.abc import Iterator
from importlib.util import find_spec
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.domain.redaction import redact
from bot.interfaces.doctor.addresses import alert_addresses
from bot.interfaces.doctor.checks import Check, failed, right, warning
from bot.interfaces.doctor.folders import writable
from bot.settings import Settings

_ARXIV: str = "America/New_York"


def machine(settings: Settings) -> Iterator[Check]:
    """Yield the checks of the machine."""
    yield time_zones()
    yield training()
    yield contact(settings)
    yield alert_addresses(settings)
    if settings.metrics_file is not None:
        step = "name a file in PICKS_METRICS_FILE whose folder the worker may write to"
        yield writable("metrics file", settings.metrics_file.parent, step=step, made=False)


def time_zones(zone: str = _ARXIV) -> Check:
    """Say whether the rules of arXiv's time zone are here."""
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        return failed("time zones", f"the rules of {zone} are not installed", step="pip install tzdata")
    return right("time zones", f"the rules of {zone} are here")


def training(package: str = "sklearn") -> Check:
    """Say whether the channel can learn from what is decided; ranking works without."""
    if find_spec(package) is None:
        step = "pip install 'daily-picks[train]' where the worker runs"
        return warning("training", "scikit-learn is not installed: nothing is learned from decisions", step=step)
    return right("training", "scikit-learn is installed")


def contact(settings: Settings) -> Check:
    """Say whether arXiv is told whom to write to."""
    if settings.contact is None:
        step = "set PICKS_CONTACT, such as mailto:picks@example.org"
        return warning("contact", "arXiv is not told whom to write to", step=step)
    return right("contact", redact(settings.contact))
