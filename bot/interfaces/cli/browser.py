"""The person's own browser, on a web page that they asked for."""

import webbrowser

from bot.domain.errors import PicksError
from bot.interfaces.cli import interrupts


def open_page(url: str) -> None:
    """Open a page; raise PicksError, with the address, where there is no browser."""
    with interrupts.for_the_child():  # one in the terminal has Ctrl-C for itself
        opened = webbrowser.open(url)
    if not opened:
        raise PicksError(f"no browser could be opened here: see {url}, or name a browser in BROWSER")
