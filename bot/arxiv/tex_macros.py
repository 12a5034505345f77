"""Read one piece of TeX, with pylatexenc and the macros of arXiv's titles and abstracts.

This module owns the meaning of macros, scripts and accents. It never decides what is TeX (``tex`` does) and never
raises: a piece that cannot be read is None.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import cache, lru_cache
from typing import Any, Final

from pylatexenc.latex2text import LatexNodes2Text, MacroTextSpec, SpecialsTextSpec
from pylatexenc.latex2text import get_default_latex_context_db as default_texts
from pylatexenc.latexwalker import LatexWalker, LatexWalkerError
from pylatexenc.latexwalker import get_default_latex_context_db as default_syntax
from pylatexenc.macrospec import LatexContextDb, MacroStandardArgsParser, SpecialsSpec, std_macro

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

_SUPERSCRIPTS: Final = str.maketrans(
    "0123456789+-=()abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVWβγδφχ",
    "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂᵝᵞᵟᵠᵡ",
)
_SUBSCRIPTS: Final = str.maketrans(
    "0123456789+-=()aehijklmnoprstuvxβγρφχ",
    "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ",
)
_HIGH_BY_THEMSELVES: Final = {"′": "′", "∘": "°", "*": "*", "∗": "*"}

_ARGUMENT_ONLY: Final = (
    "texttt textsf textmd textup textnormal uline mbox hbox operatorname bm boldsymbol pmb mathbf mathit mathsf "
    "mathbbm mathds smash ac acp acf acs acl acrshort acrlong gls Gls glspl url"
)
_SILENT: Final = (
    "left right middle big Big bigg Bigg bigl bigr Bigl Bigr displaystyle textstyle scriptstyle limits nolimits "
    "em it bf rm sc sf tt sl cal tiny scriptsize footnotesize small normalsize large noindent par color xspace"
)
_POINTERS: Final = "cite citet citep citeauthor ref autoref cref Cref eqref label"
_MEANINGS: Final = {
    "|": "‖",
    "colon": ":",
    "over": "/",
    "textquotedbl": '"',
    "textmu": "µ",
    "degree": "°",
    "neg": "¬",
    "copyright": "©",
    "pounds": "£",
    "triangle": "△",
    "bigstar": "★",
    "dj": "đ",
    "DJ": "Đ",
    "dim": "dim",
    "Pr": "Pr",
    "Re": "ℜ",
    "Im": "ℑ",
    "RR": "ℝ",
    "eg": "e.g.",
    "ie": "i.e.",
    "etc": "etc.",
}
_WIDE_ACCENTS: Final = {
    "widetilde": "\u0303",
    "widehat": "\u0302",
    "overline": "\u0305",
    "Tilde": "\u0303",
    "Hat": "\u0302",
}


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


def _raise_or_lower(text: str, sign: str) -> str:
    if sign == "^" and text in _HIGH_BY_THEMSELVES:
        return _HIGH_BY_THEMSELVES[text]
    scripts = _SUPERSCRIPTS if sign == "^" else _SUBSCRIPTS
    if all(ord(char) in scripts for char in text):
        return text.translate(scripts)
    return f"{sign}{text}"


# From here on functions are called by pylatexenc, which is untyped and passes its writer as the parameter l2tobj.


def _script(node: Any, l2tobj: Any) -> str:
    if not node.parsing_state.in_math_mode:
        return str(node.latex_verbatim())
    return _raise_or_lower(l2tobj.node_arg_to_text(node, 0).strip(), node.specials_chars)


def _script_macro(sign: str) -> Callable[..., str]:
    def replacement(node: Any, l2tobj: Any) -> str:
        return _raise_or_lower(l2tobj.node_arg_to_text(node, 0), sign)

    return replacement


def _wide_accent(mark: str) -> Callable[..., str]:
    def replacement(node: Any, l2tobj: Any) -> str:
        text: str = l2tobj.node_arg_to_text(node, 0)
        return unicodedata.normalize("NFC", text + mark) if len(text) == 1 else text

    return replacement


def _prime(node: Any) -> str:
    return "″" if node.parsing_state.in_math_mode else "”"


def _degree(node: Any) -> str:
    return "deg" if node.parsing_state.in_math_mode else "°"


def _code_point(node: Any, l2tobj: Any) -> str:
    return chr(int(l2tobj.node_arg_to_text(node, 0).lower().removeprefix("x"), 16))


def _unknown(node: Any) -> str:
    end = node.pos + node.len
    return "" if node.parsing_state.s[end : end + 1] == "{" else f"\\{node.macroname}"


def _specs(names: str, replacement: object) -> Iterable[MacroTextSpec]:
    return (MacroTextSpec(name, simplify_repl=replacement) for name in names.split())


@cache
def _syntax() -> LatexContextDb:
    db = default_syntax()
    one = MacroStandardArgsParser("{")
    single = (*_ARGUMENT_ONLY.split(), *_WIDE_ACCENTS, "unicode", "textsubscript", "textsuperscript")
    db.add_context_category(
        "arxiv",
        macros=[*(std_macro(name, "{") for name in single), std_macro("binom", "{{")],
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
            *_specs(_ARGUMENT_ONLY, "%s"),
            *_specs(f"{_SILENT} {_POINTERS}", lambda _: ""),
            *(MacroTextSpec(name, simplify_repl=text) for name, text in _MEANINGS.items()),
            *(MacroTextSpec(name, simplify_repl=_wide_accent(mark)) for name, mark in _WIDE_ACCENTS.items()),
            MacroTextSpec("textsuperscript", simplify_repl=_script_macro("^")),
            MacroTextSpec("textsubscript", simplify_repl=_script_macro("_")),
            MacroTextSpec("binom", simplify_repl="(%s choose %s)"),
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
