"""What sends to the operator's addresses; and a test of each."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.domain.advice import split_advice
from bot.domain.errors import PicksError, UnknownOutcomeError
from bot.publishing.addresses import senders
from bot.publishing.alerts import Taker
from bot.settings import Settings

_MEND = "mend it in PICKS_ALERT_URL, or the service as the reason says, then run picks alert-test again"


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressTest:
    """How a message to one address went, and what to do where it did not arrive."""

    address: str
    ok: bool
    detail: str
    next: str | None


def operator_addresses(settings: Settings) -> Mapping[str, Taker]:
    """Return what sends to the addresses in ``PICKS_ALERT_URL``, by name; raise SettingsError when one is none."""
    return senders(settings.alert_addresses())


def try_all(takers: Mapping[str, Taker]) -> tuple[AddressTest, ...]:
    """Send one message to each address, and say how that went."""
    return tuple(_try(name, taker) for name, taker in takers.items())


def _try(name: str, taker: Taker) -> AddressTest:
    try:
        taker.send("Daily Picks: a test", "Alerts arrive here. Nothing is wrong; this was asked for: picks alert-test")
    except UnknownOutcomeError as error:
        return AddressTest(address=name, ok=False, detail=str(error), next="look whether it has arrived there")
    except PicksError as error:
        detail, step = split_advice(str(error))
        return AddressTest(address=name, ok=False, detail=detail, next=step or _MEND)
    return AddressTest(address=name, ok=True, detail="it was taken", next=None)
