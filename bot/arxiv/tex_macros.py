"""Read one piece of TeX, with pylatexenc and the macros of arXiv's titles and abstracts.

This module owns the meaning of macros, scripts and accents. It never decides what is TeX (``tex`` does) and never
raises: a piece that cannot be read is None.
"""

import re
from collections.abc import Callable, Iterable
from functools import cache, lru_cache
from typing import Any, Final

from pylatexenc.latex2text import LatexNodes2Text, MacroTextSpec, SpecialsTextSpec
from pylatexenc.latex2text import get_default_latex_context_db as default_texts
from pylatexenc.latexwalker import LatexWalker, LatexWalkerError
from pylatexenc.latexwalker import get_default_latex_context_db as default_syntax
from pylatexenc.macrospec import LatexContextDb, MacroStandardArgsParser, SpecialsSpec, std_macro

from bot.arxiv import tex_math as math
from bot.arxiv import tex_names as names

_MAX_DEPTH: Final = 12
"""Braces within braces; pylatexenc recurses several times for each."""

_MAX_PIECE: Final = 2_000
"""Characters: more than a whole abstract of arXiv's holds."""

_UNREADABLE: Final = (
    LatexWalkerError,
    ValueError,
    TypeError,
    AttributeError,
    LookupError,
    RecursionError,
    OverflowError,
)
"""What pylatexenc 2.11 raises when the input is not TeX after all."""

_RUNS_INTO: Final = re.compile(r"[A-Za-z0-9)}\]]\Z")
_RUNS_ON: Final = re.compile(
    r"[A-Za-z0-9({\[]|\\(?!(?:right|[bB]igg?[rm]?|r(?:floor|ceil|angle|brace|brack|[vV]ert)|mid)(?![A-Za-z]))[A-Za-z]"
)
"""What stands before and behind a fraction or a root and would be read as a part of it."""


@lru_cache(maxsize=4096)
def read(tex: str) -> str | None:
    """Return a piece of TeX (a formula with its dollars, a macro with its arguments) as text, None if unreadable."""
    if len(tex) > _MAX_PIECE or _depth(tex) > _MAX_DEPTH:
        return None
    no_comments = re.sub(r"(?<!\\)%", r"\\%", tex)  # in an abstract % means per cent
    try:
        nodes, _, _ = LatexWalker(no_comments, latex_context=_syntax(), tolerant_parsing=False).get_latex_nodes()
        return str(_writer().nodelist_to_text(nodes))
    except _UNREADABLE:
        return None


def is_known(macro: str) -> bool:
    """Say whether the macro means something to readers, rather than being its author's own."""
    return macro in _known()


def takes_argument(macro: str) -> bool:
    """Say whether what follows the macro belongs to it."""
    spec = _syntax().get_macro_spec(macro)
    return spec is not None and bool(spec.args_parser.argspec)


def _depth(tex: str) -> int:
    depth = deepest = 0
    for brace in re.findall(r"[{}]", tex):
        depth += 1 if brace == "{" else -1
        deepest = max(deepest, depth)
    return deepest


# From here on functions are called by pylatexenc, which is untyped and passes its writer as the parameter l2tobj.


def _argument(node: Any, l2tobj: Any, number: int) -> str:
    count = len(node.nodeargd.argnlist)
    return str(l2tobj.node_arg_to_text(node, number % count)).strip()


def _script(node: Any, l2tobj: Any) -> str:
    if not node.parsing_state.in_math_mode:
        return str(node.latex_verbatim())
    return math.script(_argument(node, l2tobj, 0), node.specials_chars)


def _script_macro(sign: str) -> Callable[..., str]:
    def replacement(node: Any, l2tobj: Any) -> str:
        return math.script(_argument(node, l2tobj, 0), sign)

    return replacement


def _wide_accent(mark: str) -> Callable[..., str]:
    def replacement(node: Any, l2tobj: Any) -> str:
        return math.accented(_argument(node, l2tobj, 0), mark)

    return replacement


def _above_or_below(sign: str) -> Callable[..., str]:
    def replacement(node: Any, l2tobj: Any) -> str:
        return _argument(node, l2tobj, 1) + math.script(_argument(node, l2tobj, 0), sign)

    return replacement


def _arrow(arrow: str) -> Callable[..., str]:
    def replacement(node: Any, l2tobj: Any) -> str:
        below, above = (_argument(node, l2tobj, number) for number in (0, 1))
        return f" {arrow}{math.script(below, '_') if below else ''}{math.script(above, '^') if above else ''} "

    return replacement


def _derivative(sign: str) -> Callable[..., str]:
    def replacement(node: Any, l2tobj: Any) -> str:
        of, by = (_argument(node, l2tobj, number) for number in (0, 1))
        return _beside_others(node, math.fraction(f"{sign}{of}", f"{sign}{by}"))

    return replacement


def _general_fraction(node: Any, l2tobj: Any) -> str:
    """Return a fraction between the brackets that it names, or a binomial where it is to have no line."""
    left, right, line = (_argument(node, l2tobj, number) for number in range(3))
    above, below = (_argument(node, l2tobj, number) for number in (-2, -1))
    if line.startswith("0"):
        return f"({above} choose {below})"
    fraction = math.fraction(above, below)
    return f"{left}{fraction}{right}" if left or right else _beside_others(node, fraction)


def _fraction(node: Any, l2tobj: Any) -> str:
    return _beside_others(node, math.fraction(_argument(node, l2tobj, -2), _argument(node, l2tobj, -1)))


def _beside_others(node: Any, fraction: str) -> str:
    """Return the fraction, with a space where its neighbour would run into it: two and a half is not 21/2."""
    before, after = _around(node)
    if before.endswith("/") or after.startswith(("^", "_", "!", "'")):
        return f"({fraction})"
    opens_bars = after.startswith(("|", r"\|")) and before.count("|") % 2 == 0
    return " " * bool(_RUNS_INTO.search(before)) + fraction + " " * (opens_bars or bool(_RUNS_ON.match(after)))


def _quantity(node: Any, l2tobj: Any) -> str:
    number, unit = (_argument(node, l2tobj, place) for place in (0, 1))
    return f"{number}{unit}" if unit.startswith(("°", "%")) else f"{number} {unit}"


def _root(node: Any, l2tobj: Any) -> str:
    before, after = _around(node)
    index = _argument(node, l2tobj, 0)
    text = math.root(index, _argument(node, l2tobj, 1), alone=not _RUNS_ON.match(after))
    return f" {text}" if index and _RUNS_INTO.search(before) else text


def _around(node: Any) -> tuple[str, str]:
    source: str = node.parsing_state.s
    return source[: node.pos].rstrip(), source[node.pos + node.len :].lstrip()


def _prime(node: Any) -> str:
    return "″" if node.parsing_state.in_math_mode else "”"


def _degree(node: Any) -> str:
    return "deg" if node.parsing_state.in_math_mode else "°"


def _code_point(node: Any, l2tobj: Any) -> str:
    return chr(int(l2tobj.node_arg_to_text(node, 0).lower().removeprefix("x"), 16))


def _unknown(node: Any) -> str:
    end = node.pos + node.len
    return "" if node.parsing_state.s[end : end + 1] == "{" else f"\\{node.macroname}"


def _specs(macros: str, replacement: object) -> Iterable[MacroTextSpec]:
    return (MacroTextSpec(name, simplify_repl=replacement) for name in macros.split())


@cache
def _syntax() -> LatexContextDb:
    db = default_syntax()
    one = MacroStandardArgsParser("{")
    single = (
        *names.ARGUMENT_ONLY.split(),
        *names.WIDE_ACCENTS,
        "unicode",
        "textsubscript",
        "textsuperscript",
        "pmod",
        "pod",
        "mathop",
    )
    db.add_context_category(
        "arxiv",
        macros=[
            *(std_macro(name, "{") for name in single),
            *(std_macro(name, "{{") for name in f"{names.FRACTIONS} {names.BINOMIALS} {names.STACKED}".split()),
            std_macro("cfrac", "[{{"),
            std_macro("operatorname", "*{"),
            *(std_macro(name, "{") for name in ("phantom", "vphantom", "hphantom", *names.ENCLOSED)),
            *(std_macro(name, "*{") for name in ("hspace", "vspace")),
            *(std_macro(word[:-1], "[{") for word in names.ARROWS.split()),
            *(std_macro(name, "{{") for name in ("dv", "pdv", "SI", "qty")),
            std_macro("genfrac", "{{{{{{"),
        ],
        specials=[SpecialsSpec("^", args_parser=one), SpecialsSpec("_", args_parser=one)],
        prepend=True,
    )
    return db


@cache
def _texts() -> LatexContextDb:
    """Return what each macro reads as: pylatexenc's own meanings, and before them those that arXiv's authors need."""
    db = default_texts()
    db.add_context_category(
        "arxiv",
        macros=[
            *_specs(names.ARGUMENT_ONLY, "%s"),
            *_specs(f"{names.SILENT} {names.POINTERS}", lambda _: ""),
            *(MacroTextSpec(name, simplify_repl=text) for name, text in names.MEANINGS.items()),
            *(MacroTextSpec(name, simplify_repl=_wide_accent(mark)) for name, mark in names.WIDE_ACCENTS.items()),
            MacroTextSpec("textsuperscript", simplify_repl=_script_macro("^")),
            MacroTextSpec("textsubscript", simplify_repl=_script_macro("_")),
            *_specs(f"{names.FRACTIONS} cfrac", _fraction),
            *_specs(names.BINOMIALS, "(%s choose %s)"),
            *_specs("overset stackrel", _above_or_below("^")),
            *_specs("underset", _above_or_below("_")),
            *(MacroTextSpec(word[:-1], simplify_repl=_arrow(word[-1])) for word in names.ARROWS.split()),
            MacroTextSpec("sqrt", simplify_repl=_root),
            MacroTextSpec("pmod", simplify_repl=" (mod %s)"),
            MacroTextSpec("pod", simplify_repl=" (%s)"),
            MacroTextSpec("operatorname", simplify_repl="%(2)s"),
            MacroTextSpec("mathop", simplify_repl="%s"),
            *_specs("phantom vphantom hphantom hspace vspace", ""),
            MacroTextSpec("S", simplify_repl="§"),
            MacroTextSpec("genfrac", simplify_repl=_general_fraction),
            MacroTextSpec("dv", simplify_repl=_derivative("d")),
            MacroTextSpec("pdv", simplify_repl=_derivative("∂")),
            *_specs("SI qty", _quantity),
            *(MacroTextSpec(name, simplify_repl=text) for name, text in names.ENCLOSED.items()),
            MacroTextSpec("footnote", simplify_repl=" (%(2)s)"),
            MacroTextSpec("deg", simplify_repl=_degree),
            MacroTextSpec("unicode", simplify_repl=_code_point),
        ],
        specials=[
            SpecialsTextSpec("^", simplify_repl=_script),
            SpecialsTextSpec("_", simplify_repl=_script),
            SpecialsTextSpec("&", simplify_repl="&"),
            SpecialsTextSpec("''", simplify_repl=_prime),
        ],
        prepend=True,
    )
    db.set_unknown_macro_spec(MacroTextSpec("", simplify_repl=_unknown))
    return db


@cache
def _known() -> frozenset[str]:
    return frozenset(spec.macroname for spec in _texts().iter_macro_specs())


@cache
def _writer() -> LatexNodes2Text:
    # In formulas authors set spaces for the reader's eye ("x \\to y"): they stay as they are.
    spaces = {"between-macro-and-chars": True, "between-latex-constructs": True}
    return LatexNodes2Text(
        latex_context=_texts(),
        strict_latex_spaces={**spaces, "in-equations": {"between-latex-constructs": True}},
    )
