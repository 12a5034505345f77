"""What is wrong with the address of a server that somebody has set; it never says the address."""

import re
from typing import Final
from urllib.parse import urlsplit

_BLANK: Final = re.compile(r"[\x00-\x20\x7f]")


def web_address_problem(url: str) -> str | None:
    """Return what is wrong with an address of a server, in words that go on behind "it"; None where nothing is.

    A password whose signs are not percent-encoded ends too early, and what is left of it is taken for host or path.
    """
    if not url.lower().startswith(("https://", "http://")):
        return "must be an address that begins with https:// or http://"
    if _BLANK.search(url):
        return "must be an address without blanks"
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
        (host or "").encode("idna")  # as whoever looks the name up will: a label is neither empty nor too long
    except ValueError:
        host = None
    if not host or "@" in parts.path + parts.query + parts.fragment:
        return (
            "cannot be read: its host or its port is none; "
            "in a user name or a password write @ as %40, / as %2F, # as %23, ? as %3F and % as %25"
        )
    return None
