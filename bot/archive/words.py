"""Strangers' text as the archive holds it: without what no page, feed or file can show.

This module owns how titles, names and notes are cleaned once, when they are read. It never makes markup.
"""

import re
from typing import Final
from urllib.parse import urlsplit

from bot.domain.text import sanitize
from bot.domain.web_addresses import web_address_problem

_NO_CHARACTERS: Final = re.compile(r"[\x0b\x0c\ufdd0-\ufdef\ufffe\uffff]|[\U0001fffe\U0001ffff]")
"""What XML 1.0 forbids, and characters that Unicode says are none: https://www.w3.org/TR/xml/#charsets"""

_PARAGRAPH: Final = re.compile(r"\n{3,}")


def line(text: str) -> str:
    """Return a text on one line, without control characters and direction marks."""
    return _NO_CHARACTERS.sub("", " ".join(sanitize(text).split()))


def prose(text: str) -> str:
    """Return a text of several lines, without control characters and direction marks; a blank line parts paragraphs."""
    lines = (_NO_CHARACTERS.sub("", part).rstrip() for part in sanitize(text).splitlines())
    return _PARAGRAPH.sub("\n\n", "\n".join(lines)).strip()


def is_web(url: str) -> bool:
    """Say whether an address may be a link: it leads to a server, and hides no user name before it."""
    return web_address_problem(url) is None and urlsplit(url).username is None


def host_of(url: str) -> str:
    """Return the server of a web address, without the ``www.`` before it."""
    return (urlsplit(url).hostname or "").removeprefix("www.")
