"""What of a text can be drawn, with which font, and what stands in for the rest.

A letter that no font has would come out as an empty box. It is written in simpler letters instead, and the card says
so. This module measures nothing.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

import regex
from anyascii import anyascii

from bot.threads.cards.fonts import Face
from bot.threads.measure import graphemes
from bot.threads.plain import one_line

UNKNOWN: Final = "?"
"""Stands for a character that no font has and nobody can write in other letters."""

_SELECTORS: Final = regex.compile(r"[\ufe00-\ufe0f\U000e0000-\U000e01ef\u200c\u200d\u2060\u20e3]")
"""Marks that choose a form or join letters, and the frame of a keycap."""
_AS_PICTURE: Final = regex.compile(r"\p{Emoji_Presentation}|.\ufe0f", regex.DOTALL)
_MARKS: Final = regex.compile(r"\p{M}")
_FLAG: Final = regex.compile(r"\p{Regional_Indicator}+")
_FIRST_FLAG: Final = 0x1F1E6
_SILENT: Final = regex.compile(r"[\p{Arabic}\p{Hebrew}]")
"""Scripts of which a letter may have none in ours: they are written without it."""
_SKIN: Final = regex.compile(r"[\U0001f3fb-\U0001f3ff]")


@dataclass(frozen=True, slots=True)
class Letter:
    """What is drawn of one grapheme, and with which font; ``written`` is what stood there."""

    text: str
    face: Face
    written: str

    @property
    def is_replaced(self) -> bool:
        """Say whether readers see something else than what was written."""
        return self.text != self.written


@dataclass(frozen=True, slots=True)
class Run:
    """Letters side by side that have one font."""

    text: str
    face: Face


def drawable(text: str, faces: Sequence[Face]) -> tuple[str, tuple[str, ...]]:
    """Return the text in letters that the fonts have, on one line, and what was replaced for that."""
    letters = list(_letters(one_line(text), faces))
    replaced = [
        f"{''.join(item.written for item in group)} as {''.join(item.text for item in group)}"
        for group in _replaced_together(letters)
    ]
    return one_line("".join(letter.text for letter in letters)), tuple(dict.fromkeys(replaced))


def runs(text: str, faces: Sequence[Face]) -> list[Run]:
    """Cut a drawable text into stretches of one font each; a letter below marks of its own is a stretch by itself."""
    if faces[0].has(text) and not _MARKS.search(text):
        return [Run(text, faces[0])]
    letters = _letters(text, faces)
    return [
        Run("".join(letter.text for letter in group), face)
        for (face, _), group in groupby(letters, key=lambda letter: (letter.face, _alone(letter)))
    ]


def _alone(letter: Letter) -> int | None:
    return id(letter) if len(letter.text) > 1 and _MARKS.search(letter.text) else None


def _letters(text: str, faces: Sequence[Face]) -> Iterator[Letter]:
    for written in graphemes(text):
        bare = _SELECTORS.sub("", written)
        if not bare or bare.isspace():
            yield Letter(" " if bare else "", faces[0], " " if bare else "")
        else:
            yield _chosen(written, bare, faces)


def _chosen(written: str, bare: str, faces: Sequence[Face]) -> Letter:
    """Return the first form of a letter that a font has: as it is, then ever simpler ones."""
    order = [faces[-1], *faces] if _AS_PICTURE.match(written) and not _FLAG.match(bare) else faces
    for form, same in _forms(bare):
        face = next((face for face in order if face.has(form)), None)
        if face is not None:
            return Letter(form, face, form if same else bare)
    return Letter(UNKNOWN, faces[0], bare)


def _forms(bare: str) -> Iterator[tuple[str, bool]]:
    """Yield the ways to write a letter, with whether readers see the same."""
    if _FLAG.fullmatch(bare):
        yield "".join(chr(ord(letter) - _FIRST_FLAG + ord("A")) for letter in bare), False
    plain = _SKIN.sub("", bare) or bare
    yield plain, plain == bare
    yield unicodedata.normalize("NFKC", plain), True
    yield plain[0], False
    spelled = anyascii(plain).strip()
    if spelled or _SILENT.match(plain):
        yield spelled, False


def _replaced_together(letters: Sequence[Letter]) -> Iterator[list[Letter]]:
    """Yield the replaced letters, those that stand side by side together."""
    for replaced, group in groupby(letters, key=lambda letter: letter.is_replaced):
        if replaced:
            yield list(group)
