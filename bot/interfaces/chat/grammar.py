"""Words as people type them on a phone: smart quotes, long dashes, a comma behind a number.

Pure. What is taken as words of a person's own (a note, a reason) is kept as it was written, to the letter.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from bot.domain.text import sanitize

_QUOTES: Final = str.maketrans("“”„‟«»‘’‚‛", '""""""\'\'\'\'')
"""Each becomes one character, so that places stay the same."""

_TOKEN: Final = re.compile(r"""\s*(?:"(?P<double>[^"]*)"(?=\s|$)|'(?P<single>[^']*)'(?=\s|$)|(?P<bare>\S+))""")
_DASHES: Final = re.compile(r"^(?:--|—|––|–)(?=[A-Za-z])")
_OPTION_AT_END: Final = r"""(?:^|\s)(?:--|—|––|–)(?P<name>{known})(?:=|\s+)(?P<value>"[^"]*"|\S+)\s*$"""
_COLON: Final = re.compile(r"\s*:")
_LINE_END: Final = re.compile(r"[ \t]*\n")
_AROUND: Final = ".,;!"
_WHOLE_QUOTE: Final = re.compile(r'"[^"]*"', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Token:
    """One word, or several between quotes; ``end`` is the place behind it."""

    value: str
    end: int
    quoted: bool

    @property
    def word(self) -> str:
        """Return it as a name is compared: without case and without a full stop behind it."""
        return "" if self.quoted else self.value.strip(_AROUND).lower()

    def option(self, names: Collection[str]) -> tuple[str, str | None] | None:
        """Return the option that it names, and the value behind a ``=``; None where it names none of these."""
        if self.quoted or not _DASHES.match(self.value):
            return None
        name, equals, value = _DASHES.sub("", self.value).partition("=")
        name = name.lower().replace("-", "_")
        return (name, value if equals else None) if name in names else None


class Scanner:
    """A text and the place up to which it was read."""

    def __init__(self, text: str) -> None:
        self._text = sanitize(text).strip()
        self._plain = self._text.translate(_QUOTES)
        self._place = 0

    def peek(self) -> Token | None:
        """Return the next token and stay in front of it; None at the end."""
        match = _TOKEN.match(self._plain, self._place)
        if match is None:
            return None
        group = match.lastgroup or "bare"
        value = self._text[match.start(group) : match.end(group)]
        return Token(value, match.end(), quoted=group != "bare")

    def skip(self, token: Token) -> None:
        """Go behind a token."""
        self._place = token.end

    def finish(self) -> None:
        """Go to the end."""
        self._place = len(self._text)

    @property
    def rest(self) -> str:
        """Return what was not read yet, as it was written but for blanks and quotes around the whole of it."""
        rest = self._text[self._place :].strip()
        return rest[1:-1].strip() if _WHOLE_QUOTE.fullmatch(rest.translate(_QUOTES)) else rest

    @property
    def breaks_line(self) -> bool:
        """Say whether a new line begins here."""
        return _LINE_END.match(self._text, self._place) is not None

    def skip_colon(self) -> bool:
        """Go behind a colon that stands here; say whether one did."""
        match = _COLON.match(self._text, self._place)
        if match:
            self._place = match.end()
        return match is not None

    def cut_options(self, names: Collection[str]) -> list[tuple[str, str]]:
        """Take the options with a value off the end of the text, the last first."""
        found: list[tuple[str, str]] = []
        if not names:
            return found
        known = "|".join(re.escape(name.replace("_", "-")) for name in names)
        at_end = re.compile(_OPTION_AT_END.format(known=known), re.IGNORECASE)
        while match := at_end.search(self._plain, self._place):
            value = self._text[match.start("value") : match.end("value")].strip('"“”„‟«»')
            found.append((match["name"].lower().replace("-", "_"), value))
            self._text, self._plain = self._text[: match.start()], self._plain[: match.start()]
        return found
