"""What sends to addresses, a channel's or the operator's: each by a name that may be shown."""

import os
from collections.abc import Mapping

from pydantic import SecretStr

from bot.platforms.alerts import Address
from bot.settings import require_network


def senders(addresses: Mapping[str, SecretStr], *, environ: Mapping[str, str] = os.environ) -> dict[str, Address]:
    """Return what sends to each address, by its name; raise SettingsError when no connection can be made."""
    if addresses:
        require_network(environ)
    return {name: Address(name, url) for name, url in addresses.items()}
