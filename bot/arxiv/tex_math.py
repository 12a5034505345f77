"""Formulas on one line: scripts, fractions and roots, in brackets where a line alone would say something else.

This module owns when a stretch of a formula needs brackets: ``T^{2/3}`` is T^(2/3), because T^2/3 is another number. It
reads no TeX: it is given text that ``tex_macros`` has read.
"""

import unicodedata
from typing import Final

import regex

_SUPERSCRIPTS: Final = str.maketrans(
    "0123456789+-=()abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVWβγδφχ",
    "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂᵝᵞᵟᵠᵡ",
)
_SUBSCRIPTS: Final = str.maketrans(
    "0123456789+-=()aehijklmnoprstuvxβγρφχ",
    "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ",
)
_HIGH_BY_THEMSELVES: Final = {"∘": "°", "*": "*", "∗": "*", "†": "†", "‡": "‡"}
_ROOTS: Final = {"": "√", "2": "√", "3": "∛", "4": "∜"}

_FLAGS: Final = regex.VERBOSE
_LETTER: Final = r"\p{L}\p{M}*+"
_NUMBER: Final = r"\d+(?:[.,]\d+)*+"
_WORD: Final = r"[A-Za-z0-9\U0001D400-\U0001D7FF]+"
_SCRIPT_ATOM: Final = regex.compile(rf"[+\-±]? (?: \d+(?:\.\d+)*+ | {_WORD} | \X ) [′'*]* | [*∗†‡]+", _FLAGS)
"""What may be a script without brackets: a number, a word, or one sign."""

_RAISED: Final = "".join(map(chr, {*_SUPERSCRIPTS.values(), *_SUBSCRIPTS.values()}))
_SCRIPTS: Final = (
    rf"(?: [{regex.escape(_RAISED)}′'*°] | [\^_] (?: \([^()]*\) | {_NUMBER} | {_WORD} | {_LETTER} | [^\s()/] ) )*"
)
_GROUPED: Final = r"\( (?: [^()] | \( (?: [^()] | \([^()]*\) )* \) )* \)"
_ARGUMENT: Final = r"\( (?: [^()+\-−±] | \([^()+\-−±]*\) )* \)"
"""Without a sum, as in f(x): n(n+1) is no function but a product."""
_FACTOR: Final = regex.compile(
    rf"""
    (?: {_NUMBER} | [d∂∇Δ]?\ ?{_LETTER} | [A-Za-z]{{3,}} | \|[^|]*\| | ‖[^‖]*‖
      | [√∛∜]? {_GROUPED} | [∛∜] (?: {_NUMBER} | {_LETTER} ) | (?: {_WORD} | {_LETTER} ) {_ARGUMENT}
    ) {_SCRIPTS}
    """,
    _FLAGS,
)
"""What may follow a slash without brackets: nothing that a reader could take apart, as 2n in 1/2n."""

_DIFFERENTIAL: Final = regex.compile(rf"[d∂∇Δ]\ ?{_LETTER}{_SCRIPTS}", _FLAGS)
_SHOWN_BARE: Final = "a+b/c"
"""The one sum that our list of wanted texts has without brackets; in any other place it would be another number."""
_GROUP: Final = regex.compile(r"\([^()]*\)|\[[^\[\]]*\]|\{[^{}]*\}|\|[^|]*\||‖[^‖]*‖")
_BRACKETS: Final = frozenset({"()", "[]", "{}", "||", "‖‖"})
_LOOSE: Final = regex.compile(r"(?<!^|[\^_])[+\-−±<>=≤≥]|/|[A-Za-z]{2}[^A-Za-z]* ")
"""What a slash behind it would leave in doubt: sums, comparisons, other slashes, and names of functions."""


def script(text: str, sign: str) -> str:
    """Return a text as an exponent (``sign`` is ^) or an index (_): in small characters where all have one."""
    if set(text) <= {"'", "′", " "}:
        return text.replace("'", "′").replace(" ", "")
    if sign == "^" and text in _HIGH_BY_THEMSELVES:
        return _HIGH_BY_THEMSELVES[text]
    scripts = _SUPERSCRIPTS if sign == "^" else _SUBSCRIPTS
    if all(ord(char) in scripts for char in text):
        return text.translate(scripts)
    return sign + _bracketed(text)


def fraction(above: str, below: str) -> str:
    """Return a fraction with a slash."""
    if f"{above}/{below}" == _SHOWN_BARE:
        return _SHOWN_BARE
    loose = _LOOSE.search(_outside_groups(above)) and not _DIFFERENTIAL.fullmatch(above)
    return f"{f'({above})' if loose else above}/{below if _FACTOR.fullmatch(below) else f'({below})'}"


def root(index: str, radicand: str, *, alone: bool) -> str:
    """Return a root; ``alone`` says that nothing follows that could be taken for a part of it."""
    if index in {"", "2"} or not (alone and regex.fullmatch(rf"{_NUMBER}|{_LETTER}", radicand)):
        radicand = f"({radicand})"
    if index in _ROOTS:
        return _ROOTS[index] + radicand
    raised = script(index, "^")
    return f"{raised}√{radicand}" if not raised.startswith("^") else f"{radicand}^(1/{_bracketed(index)})"


def accented(text: str, mark: str) -> str:
    """Return one letter under its accent; more of them stay as they are."""
    return unicodedata.normalize("NFC", text + mark) if len(text) == 1 else text


def _bracketed(text: str) -> str:
    return text if _SCRIPT_ATOM.fullmatch(text) or _is_group(text) else f"({text})"


def _is_group(text: str) -> bool:
    inside = _outside_groups(text[1:-1])
    return text[0] + text[-1] in _BRACKETS and not any(bracket in inside for bracket in "()[]{}|‖")


def _outside_groups(text: str) -> str:
    while (shorter := _GROUP.sub("", text)) != text:
        text = shorter
    return text
