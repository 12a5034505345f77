"""Strangers' text inside Markdown: words, and never markup, links or mentions."""

import re
from typing import Final

from bot.domain.text import sanitize

_BLANKS: Final = re.compile(r"\s+")
_MARKUP: Final = re.compile(r"[\\`*_\[\]<>#|~$@&!^{}]")
_AUTOLINK: Final = re.compile(r":(?=//)|(?<=www)\.", re.IGNORECASE)
"""What GitHub's Markdown makes links of without any marks: https://github.github.com/gfm/#autolinks-extension-"""


def escaped(text: str) -> str:
    """Return the text on one line, with a backslash before every sign that Markdown could read as a mark.

    Control characters, which a terminal could obey, are left out. A backslash before ASCII punctuation shows the sign
    alone (https://spec.commonmark.org/0.31.2/#backslash-escapes).
    """
    line = _BLANKS.sub(" ", sanitize(text)).strip()
    return _AUTOLINK.sub(lambda found: "\\" + found[0], _MARKUP.sub(lambda found: "\\" + found[0], line))
