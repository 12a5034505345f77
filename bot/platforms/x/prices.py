"""What X charges, in US dollars, by its pay-per-use price list as of August 2026 (https://docs.x.com/x-api/pricing).

This module owns the prices and the sum for a thread. It never changes a post to make it cheaper. Bluesky is free.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import Final

X_POST: Final = Decimal("0.015")
X_POST_WITH_URL: Final = Decimal("0.200")
X_DELETE: Final = Decimal("0.010")
X_READ: Final = Decimal("0.001")
"""One post of the account's own timeline."""


def x_price(texts: Iterable[str]) -> Decimal:
    """Return the price of posting these texts, each charged by whether X finds a URL in it."""
    # Here, because the module takes long to load, and whoever only wants a price list needs none of it.
    from bot.platforms.x.text import find_urls

    return sum((X_POST_WITH_URL if find_urls(text) else X_POST for text in texts), Decimal(0))
