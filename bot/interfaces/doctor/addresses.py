"""Whether the addresses of a channel and of the operator can get messages; nothing is sent."""

from collections.abc import Iterator
from importlib.util import find_spec
from typing import TYPE_CHECKING

from bot.domain.channels import Channel
from bot.domain.errors import PicksError
from bot.interfaces.doctor.checks import Check, failed, failed_by, right, warning
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.app import App


def addresses(app: "App", channel: Channel, *, package: str = "apprise") -> Iterator[Check]:
    """Yield the check of the digest's addresses, where there are any."""
    name = f"{channel.name}: digest addresses"
    try:
        found = app.digest_addresses(channel.name)
    except PicksError as error:
        yield failed_by(name, error, step="correct PICKS_DIGEST_URL")
        return
    if found and find_spec(package) is None:
        yield failed(name, "the package that sends to them is missing", step="pip install 'daily-picks[alerts]'")
    elif found:
        yield right(name, ", ".join(found))


def alert_addresses(settings: Settings, *, package: str = "apprise") -> Check:
    """Say whether somebody is told when something goes wrong."""
    name = "alert addresses"
    try:
        found = settings.alert_addresses()
    except PicksError as error:
        return failed_by(name, error, step="correct PICKS_ALERT_URL")
    if not found:
        step = "set PICKS_ALERT_URL where the worker runs, such as mailto://…, then run picks alert-test"
        return warning(name, "nobody is told when something goes wrong", step=step)
    if find_spec(package) is None:
        return failed(name, "the package that sends to them is missing", step="pip install 'daily-picks[alerts]'")
    return right(name, f"{', '.join(found)}; picks alert-test sends a message to each")
