"""A text with the words marked that speak for a paper."""

import re
from collections.abc import Sequence
from typing import Final

from rich.text import Text

from bot.domain.folding import folded

_GAP: Final = re.compile(r"[\s-]+")


def marked(text: str, phrases: Sequence[str], *, style: str) -> Text:
    """Return the text with every phrase in it in this style; phrases are without case and accents."""
    shown, plain = Text(text), _plain(text)
    for phrase in filter(None, (phrase.strip() for phrase in phrases)):
        body = r"[\s-]+".join(map(re.escape, _GAP.split(phrase)))
        for match in re.finditer(rf"(?<!\w){body}(?!\w)", plain):
            shown.stylize(style, *match.span())
    return shown


def _plain(text: str) -> str:
    """Return the text without case and accents, letter for letter: a letter that would become two stays."""
    return "".join(plain if len(plain := folded(char)) == 1 else char for char in text)
