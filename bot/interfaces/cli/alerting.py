"""Try the operator's addresses: ``picks alert-test``. It needs no database and no channel file."""

from bot.domain.errors import PicksError
from bot.interfaces.alerts.addresses import AddressTest, operator_addresses, try_all
from bot.interfaces.cli.invocation import Shell


def send_test(opened: Shell) -> None:
    """Send a message to each address, and say how that went; raise PicksError when one did not take it."""
    takers = operator_addresses(opened.settings)
    if not takers:
        raise PicksError("no address is set; set PICKS_ALERT_URL to addresses as apprise has them, such as mailto://…")
    found = try_all(takers)
    opened.say(found, "\n".join(map(_line, found)))
    failed = sum(not item.ok for item in found)
    if failed:
        raise PicksError(f"{failed} of {len(found)} addresses did not take it")


def _line(item: AddressTest) -> str:
    return f"{item.address}: {item.detail}" + (f"; {item.next}" if item.next else "")
