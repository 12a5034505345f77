"""Draw the card of a pick.

The same words give the same bytes with one version of Pillow; who needs them again keeps them. Nothing overflows, and
no letter comes out as a box.
"""

from collections.abc import Sequence
from typing import Final

from bot.threads.cards.canvas import Canvas, parts
from bot.threads.cards.fonts import HEADLINE, LABEL, TEXT, Face
from bot.threads.cards.layout import Block, Style, filled, largest, one_line_of
from bot.threads.cards.letters import drawable
from bot.threads.cards.words import HEIGHT, WIDTH, Card, CardWords

_MARGIN: Final = 76
_BAND: Final = 18
_INSIDE: Final = WIDTH - 2 * _MARGIN
_TOP: Final = 124
_BOTTOM: Final = HEIGHT - 56

_PAPER: Final = "#fcfbf7"
_INK: Final = "#1a1815"
_GREY: Final = "#6a655c"
_SOFT: Final = "#3d3933"
_LINE: Final = "#dcd7cb"

_CONTRAST: Final = 4.5
"""Of the channel's name with the paper: https://www.w3.org/TR/WCAG22/#contrast-minimum"""
_LABEL: Final = Style(LABEL, 25)
_NAMES: Final = Style(LABEL, 29)
_NOTE: Final = Style(TEXT, 29, leading=1.38)
_TITLES: Final = tuple(Style(HEADLINE, size, leading=1.16) for size in range(76, 42, -2))
_MOST_LINES: Final = 5
_HEIGHT_OF_TITLE: Final = 215
_ALONE: Final = 340
"""What a title may take beside a note, and without one."""
_ABOVE_NAMES: Final = 24
_ABOVE_RULE: Final = 30
_BELOW_RULE: Final = 22
_BEGINNING: Final = 1000
"""Characters of a note that may have room."""
_SHOWN: Final = 12
"""Names that are tried to fit; of a paper by hundreds nobody reads more."""


def draw(words: CardWords) -> Card:
    """Draw a card and say what could not be drawn."""
    return _Drawing(words).card()


class _Drawing:
    """One card in the making."""

    def __init__(self, words: CardWords) -> None:
        self._words = words
        self._label_colour = readable(words.colour)
        colours = (_INK, _GREY, _SOFT, _LINE, words.colour, self._label_colour)
        self._canvas = Canvas(WIDTH, HEIGHT, paper=_PAPER, colours=colours)
        self._replaced: list[str] = []

    def card(self) -> Card:
        """Draw everything from top to bottom; what leaves room stands a little above the middle."""
        self._canvas.rectangle(0, 0, _BAND, HEIGHT, self._words.colour)
        self._label()
        title, names = self._title(), Block(_NAMES, tuple(filter(None, [self._names()])))
        gap = _ABOVE_NAMES * len(names.lines)
        above = title.height + gap + names.height + _ABOVE_RULE + _BELOW_RULE
        note = self._note(room=_BOTTOM - _TOP - above)
        spare = _BOTTOM - _TOP - above - note.height
        place = self._block(title, _TOP + max(0, spare) // 3, _INK)
        place = self._block(names, place + gap, _GREY)
        if note.lines:
            self._canvas.rectangle(_MARGIN, place + _ABOVE_RULE, WIDTH - _MARGIN, place + _ABOVE_RULE + 2, _LINE)
            self._block(note, place + _ABOVE_RULE + _BELOW_RULE, _SOFT)
        return Card(self._canvas.png(), tuple(dict.fromkeys(self._replaced)))

    def _label(self) -> None:
        """Write the channel's name and the paper's id at the top."""
        number = self._plain(f"arXiv {self._words.arxiv_id}", LABEL)
        right = WIDTH - _MARGIN - round(_LABEL.width(number))
        name = one_line_of(self._plain(self._words.channel, LABEL), _LABEL, width=right - _MARGIN - 60)
        self._canvas.line(name, _LABEL, (_MARGIN, 90), self._label_colour)
        self._canvas.line(number, _LABEL, (right, 90), _GREY)

    def _title(self) -> Block:
        text = self._plain(self._words.title, HEADLINE) or f"arXiv {self._words.arxiv_id}"
        height = _HEIGHT_OF_TITLE if self._words.note else _ALONE
        return largest(text, _TITLES, width=_INSIDE, height=height, lines=_MOST_LINES)

    def _names(self) -> str:
        """Return as many of the authors as have room, and how many there are besides."""
        names = [name for name in (self._plain(author, LABEL) for author in self._words.authors[:_SHOWN]) if name]
        total = max(len(names), len(self._words.authors))
        for count in range(len(names), 0, -1):
            line = _listed(names[:count], more=total - count)
            if _NAMES.width(line) <= _INSIDE:
                return line
        return one_line_of(names[0], _NAMES, width=_INSIDE) if names else ""

    def _note(self, *, room: int) -> Block:
        """Return the beginning of the note, as much as has room."""
        text = self._plain(self._words.note[:_BEGINNING], TEXT)
        return filled(text, _NOTE, width=_INSIDE, lines=room // _NOTE.step)

    def _block(self, block: Block, top: int, colour: str) -> int:
        """Write the lines of a block, and return where it ends."""
        style = block.style
        for number, line in enumerate(block.lines):
            baseline = top + number * style.step + round(style.size * 0.94)
            self._canvas.line(line, style, (_MARGIN, baseline), colour)
        return top + block.height

    def _plain(self, text: str, faces: Sequence[Face]) -> str:
        drawn, replaced = drawable(text, faces)
        self._replaced += replaced
        return drawn


def _listed(names: Sequence[str], *, more: int) -> str:
    line = ", ".join(names)
    return f"{line} and {more} more" if more else line


def readable(colour: str) -> str:
    """Return the colour, or a darker one of its kind that can be read on the paper."""
    red, green, blue = parts(colour)
    while _contrast((red, green, blue), parts(_PAPER)) < _CONTRAST:
        red, green, blue = (round(part * 0.92) for part in (red, green, blue))
    return f"#{red:02x}{green:02x}{blue:02x}"


def _contrast(one: tuple[int, int, int], other: tuple[int, int, int]) -> float:
    darker, lighter = sorted(map(_luminance, (one, other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: tuple[int, int, int]) -> float:
    red, green, blue = (
        part / 255 / 12.92 if part <= 10 else ((part / 255 + 0.055) / 1.055) ** 2.4  # noqa: PLR2004
        for part in colour
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
