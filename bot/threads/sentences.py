"""Where a text may be broken, and how well: at paragraphs, sentences, clauses, words.

This module owns the rules, for notes about papers. It never measures or cuts. The rules for sentences are our own: the
libraries that are kept up bring large models and do not know "Fig. 3" or "70 B", and the light one (pysbd) is no longer
maintained.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from itertools import pairwise
from typing import Final

import regex

from bot.threads.addresses import FoundLink, find_bare_links, find_links
from bot.threads.scripts import word_ends


class Strength(IntEnum):
    """How good a place for a break is; higher is better."""

    CODE_POINT = 0
    GRAPHEME = 1
    GLUE = 2
    """White space inside a unit such as "70 B" or "Fig. 3"."""
    WORD = 3
    PHRASE = 4
    """Before a word such as "of" or "which"."""
    COMMA = 5
    CLAUSE = 6
    SENTENCE = 7
    PARAGRAPH = 8


@dataclass(frozen=True, order=True, slots=True)
class Break:
    """A place between two pieces of a text: one ends before ``end``, the next starts at ``start``."""

    end: int
    start: int
    strength: Strength


_OPENERS: Final = "([{<\"'“‘«„*_`"
_CLOSERS: Final = ")]}>\"'”’»*_`"
_NO_BREAK: Final = frozenset("\u00a0\u2007\u202f")
_DASHES: Final = frozenset("-–—")
_BULLETS: Final = frozenset("-–—*•·▪‣")
_STOPS: Final = r"\p{Sentence_Terminal}…"
"""Marks at the end of a sentence in any script, such as the danda of Hindi and the question mark of Arabic."""
_COMMAS: Final = (",", "，", "、", "،", "፣", "—")
_SEMICOLONS: Final = (";", ":", "；", "：", "؛", "፤")

_LEADING: Final = regex.compile(
    r"(?:e\.g|i\.e|cf|vs|viz|resp|approx|ca|incl|esp|w\.r\.t|s\.t|dr|prof|mr|mrs|ms|st|mt)\.|et", regex.IGNORECASE
)
"""Abbreviations that belong to the word after them."""

_REFERENCE: Final = regex.compile(
    r"""(?: figs?|eqs?|eqn|secs?|sect|tabs?|chap|ch|app|appx|nos?|vol|pp?|thm|lem|prop|def|cor|refs?|alg|ver|v|al
    | abb|kap|nr )\.
    | figs?|figures?|eqs?|equations?|sec|sections?|tables?|appendix|theorem|lemma|chapter|parts?|pages?|algorithm
    | layers?|heads?|steps?|versions?|levels?|stages? | §§? | \#""",
    regex.IGNORECASE | regex.VERBOSE,
)
"""Words that belong to the number or letter after them."""

_INNER: Final = regex.compile(
    r"(?:figs?|eqs?|eqn|secs|sect|thm|al|dept|univ|inc|ltd|jr|sr)\.|(?:\p{L}\.){2,}", regex.IGNORECASE
)
"""Abbreviations that end no sentence even where no number follows."""

_UNIT: Final = regex.compile(
    r"""[%‰×x] | °[CF]? | [kKMBT] | [bm]n | (?:thousand|million|billion|trillion|percent|points|fold|times)
    | [nµμm]?s | sec|min|hrs?|h|d | (?:second|minute|hour|day|week|month|year)s?
    | [kMG]?Hz | bits?|bytes? | [kKMGTP]i?B | [nµμmck]?m | [mk]?g | [kM]?Wh? | [VAJ] | dB | p[xpt] | bpw|ppl
    | [GTP]?FLOPs? | FLOPS | [GT]PUs?(?:-hours)?
    | tokens|params|parameters|epochs|steps|layers|heads|neurons|features|samples""",
    regex.VERBOSE,
)

_PHRASE: Final = regex.compile(
    r"\(.*|and|or|but|that|which|who|whose|when|where|while|because|since|than|as|if|for|from|of|in|on|at|by|to|with"
    r"|without|within|across|between|under|over|into|through|via|using|during|after|before|toward|towards|about",
)
"""Words that begin a phrase, so that a break reads better before them than elsewhere."""

_CLAUSE_AT_LEAST: Final = 4
"""Words; a comma after fewer of them, as in "In particular, ...", is no place for a break."""

_NUMBER: Final = regex.compile(r"[~≈<>≤≥±+−$€£¥-]*\d[\d.,]*(?:[-–/×x^]\d[\d.,]*)*(?:[eE][+-]?\d+)?\p{L}?")
_OPERATOR: Final = regex.compile(r"[=<>≤≥≈≠±×→←↔⇒∈]|[-=]>|<-|[<>=!]=|\+/-|[~$€£¥]")
_INITIAL: Final = regex.compile(r"\p{Lu}\.(?:-?\p{Lu}\.)*")
_COUNTED: Final = regex.compile(r"\(?(?:\d{1,2}|\p{L}|[ivx]{2,4})\)")
_COUNTED_DOT: Final = regex.compile(r"\d{1,2}\.")
_ONLY_MARKS: Final = regex.compile(rf"[{_STOPS}%{re.escape(_CLOSERS + ''.join((*_COMMAS, *_SEMICOLONS)))}]+")
_END: Final = regex.compile(rf"(?P<word>.*?)(?P<marks>[{_STOPS}]+)[{re.escape(_CLOSERS)}]*", regex.DOTALL)
_ODD_WORD: Final = regex.compile(r"\p{Ll}+[-\d\p{Lu}]")
_PLAIN_WORD: Final = regex.compile(r"\p{L}{4,}$")
_LABEL: Final = regex.compile(r"[(\[]?(?:[A-Z]{0,2}[.-]?\d|(?:[A-Z]|[IVX]+)[)\],.;:]*$)")
_NAME: Final = regex.compile(r"\p{Lu}[\p{L}\p{N}-]*")

_UNSPACED: Final = (
    (Strength.SENTENCE, regex.compile(r"(?<=[。！？｡។៕။][」』）”’)]*)(?=[^\s。！？｡។៕။」』）”’)])")),
    (Strength.CLAUSE, regex.compile(r"(?<=[；：])(?=\S)")),
    (Strength.COMMA, regex.compile(r"(?<=[，、])(?=\S)|(?<=\w—)(?=\w)")),
)
"""Breaks without white space that punctuation allows: in CJK text and at closed-up dashes."""

_FORMULA: Final = regex.compile(r"\$(?=\S)[^$\n]{1,120}(?<=\S)\$(?!\d)")
_CODE: Final = regex.compile(r"(?<!`)(`{1,2})(?=[^`\s])[^`\n]{1,120}(?<=[^`\s])\1(?!`)")
_ASIDE: Final = regex.compile(r"\([^()]*\)|\[[^\[\]]*\]|“[^”]*”|（[^（）]*）|「[^「」]*」")
_LESS: Final = {
    Strength.SENTENCE: Strength.CLAUSE,
    Strength.CLAUSE: Strength.WORD,
    Strength.COMMA: Strength.WORD,
}


def find_breaks(text: str) -> tuple[Break, ...]:
    """Find every place where the text may be broken between words, in order."""
    found = {at.end: at for at in _unspaced_breaks(text)}
    found.update({at.end: at for at in _spaced_breaks(text)})
    addresses = [*find_links(text), *find_bare_links(text)]
    outside = (at for at in sorted(found.values()) if not any(_is_inside(at, address) for address in addresses))
    return tuple(_in_context(text, outside))


def _is_inside(at: Break, address: FoundLink) -> bool:
    return address.start < at.end and at.start < address.end


def _unspaced_breaks(text: str) -> Iterator[Break]:
    for end in word_ends(text):
        yield Break(end, end, Strength.WORD)
    for strength, pattern in reversed(_UNSPACED):
        for match in pattern.finditer(text):
            yield Break(match.start(), match.start(), strength)


def _spaced_breaks(text: str) -> Iterator[Break]:
    opens, words = True, 0
    for left, right in pairwise(re.finditer(r"\S+", text)):
        words += 1
        strength = _strength(left[0], text[left.end() : right.start()], right[0], opens=opens)
        if strength is Strength.COMMA and words < _CLAUSE_AT_LEAST:
            strength = Strength.WORD
        yield Break(left.end(), right.start(), strength)
        opens = strength >= Strength.CLAUSE
        words = 0 if opens else words


def _in_context(text: str, breaks: Iterable[Break]) -> Iterator[Break]:
    """Yield the breaks, weaker ones inside brackets and quotations, and glue inside formulas and code."""
    formulas, asides, codes = (
        [match.span() for match in pattern.finditer(text)] for pattern in (_FORMULA, _ASIDE, _CODE)
    )
    for at in breaks:
        strength = at.strength
        if _is_within(at, asides):
            strength = _LESS.get(strength, strength)
        # Two prices with a sentence's end between them look like a formula; nothing looks like code by chance.
        if (strength < Strength.SENTENCE and _is_within(at, formulas)) or _is_within(at, codes):
            strength = min(strength, Strength.GLUE)
        yield replace(at, strength=strength)


def _is_within(at: Break, spans: Sequence[tuple[int, int]]) -> bool:
    return any(start < at.end and at.start < end for start, end in spans)


def _strength(left: str, gap: str, right: str, *, opens: bool) -> Strength:
    """Judge the gap between two words; ``opens`` says that ``left`` is the first of a sentence, clause or line."""
    if gap.count("\n") > 1:
        return Strength.PARAGRAPH
    inside_line = _strength_in_line(left, right, opens=opens)
    if "\n" in gap:
        starts_item = right in _BULLETS or _COUNTED.fullmatch(right) or _COUNTED_DOT.fullmatch(right)
        return Strength.SENTENCE if starts_item else max(inside_line, Strength.CLAUSE)
    return Strength.GLUE if set(gap) <= _NO_BREAK else inside_line


def _strength_in_line(left: str, right: str, *, opens: bool) -> Strength:
    if _belongs_together(left, right, opens=opens):
        return Strength.GLUE
    if _ends_sentence(left, right):
        return Strength.SENTENCE
    bare = left.rstrip(_CLOSERS)
    if bare.endswith((*_SEMICOLONS, "…", "...", "!", "?", "؟")) or _COUNTED.fullmatch(right):
        return Strength.CLAUSE
    if left in _DASHES or bare.endswith(_COMMAS):
        return Strength.COMMA
    return Strength.PHRASE if _PHRASE.fullmatch(right) and not _PHRASE.fullmatch(left) else Strength.WORD


def _belongs_together(left: str, right: str, *, opens: bool) -> bool:
    return (
        _is_item_number(left, opens=opens)
        or _is_lone_mark(left, right)
        or _is_abbreviation_with_word(left.lstrip(_OPENERS), right)
        or _is_number_with_unit(left.lstrip(_OPENERS), right)
        or _is_name_with_number(left.lstrip(_OPENERS), right)
    )


def _is_item_number(left: str, *, opens: bool) -> bool:
    if _COUNTED.fullmatch(left):
        return left.startswith("(") or opens or not left[0].isalpha()
    return opens and (left in _BULLETS or _COUNTED_DOT.fullmatch(left) is not None)


def _is_lone_mark(left: str, right: str) -> bool:
    if _OPERATOR.fullmatch(left) or _OPERATOR.fullmatch(right):
        return True
    return right in _DASHES or _ONLY_MARKS.fullmatch(right) is not None or not left.strip(_OPENERS)


def _is_abbreviation_with_word(left: str, right: str) -> bool:
    if _LEADING.fullmatch(left) or right == "et":
        return True
    return _INITIAL.fullmatch(left) is not None and right[0].isupper()


def _is_number_with_unit(left: str, right: str) -> bool:
    unit = regex.split(r"[/\p{P}--[%‰]]", right, maxsplit=1, flags=regex.V1)[0]
    return _NUMBER.fullmatch(left) is not None and _UNIT.fullmatch(unit) is not None


def _is_name_with_number(left: str, right: str) -> bool:
    if _REFERENCE.fullmatch(left):
        return _LABEL.match(right) is not None
    return _NAME.fullmatch(left) is not None and right[0].isdigit()


def _ends_sentence(left: str, right: str) -> bool:
    end = _END.fullmatch(left)
    if end is None or end["marks"].strip("…") == "" or regex.fullmatch(r"\.{2,}", end["marks"]):
        return False
    word = end["word"].lstrip(_OPENERS)
    if end["marks"] == "." and _is_abbreviation(word + "."):
        return False
    following = right.lstrip(_OPENERS)
    if following[:1].islower():
        return _ODD_WORD.match(following) is not None or (end["marks"] == "." and _PLAIN_WORD.search(word) is not None)
    return True


def _is_abbreviation(word: str) -> bool:
    return any(pattern.fullmatch(word) for pattern in (_LEADING, _INNER, _INITIAL))
