"""Turn the TeX that authors write into titles, abstracts and names on arXiv into plain Unicode text.

This module owns which stretches of a text are TeX at all; ``tex_macros`` reads them. Everything else comes out as it
went in, because an abstract may also speak of ``$5``, ``a_b``, ``100%`` or ``{name}``. It never raises and never works
long on hostile input: what cannot be read stays as it was written.
"""

import re
from collections.abc import Callable, Iterator
from typing import Final

from bot.arxiv import tex_macros as macros

_MAX_TEXT: Final = 20_000
"""Characters. arXiv takes at most 1,920 in an abstract (https://info.arxiv.org/help/prep.html): more is no abstract."""

_SIGNS: Final = ("\\", "$", "~", "--", "`", "''")
"""Without any of these there is no TeX in a text."""

_START: Final = re.compile(r"[\\$~{`'-]")
_START_OR_URL: Final = re.compile(r"[\\$~{`'h-]")
"""The first characters of what _TEX matches; a set of characters is found many times faster than the alternatives."""

# Repetitions are possessive or bounded: on hostile input the work must not grow with the square of its length.
_GROUP: Final = r"\{(?:[^{}]|\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*+\})*+\})*+\})*+\}"
_ARGUMENTS: Final = rf"(?:\[[^\[\]]{{0,200}}\])?(?:{_GROUP})*+"
_TEX: Final = re.compile(
    rf"""
      (?P<url>      https?://[^\s{{}}]+ )
    | (?P<link>     (?P<dollar>\$)?\\(?:url\s*|href\s*\{{(?P<target>[^{{}}]*)\}}\s*)(?P<label>{_GROUP})(?(dollar)\$) )
    | (?P<formula>  \$\$[^$]++\$\$ | \\\(.{{1,500}}?\\\) | \\\[.{{1,500}}?\\\]
                  | \$\\text[a-z]*{_GROUP}\$                        # it may hold dollars of its own
                  | \$(?=[^$\\^_]*+[\\^_])(?:[^$\\]|\\.)++\$
                  # These two could be prices: "from $5 to $10" has words or a space before the second dollar.
                  | \$(?!\s|[^$\\^_]*[A-Za-z]{{2}}\ [A-Za-z]{{2}})(?:[^$\\]|\\.)++(?<!\s)\$(?!\d)
                  | \$(?:[<>=≤≥+-]|\ (?:(?![A-Za-z]{{3}})[^$\\]){{1,40}}\ )\$ )
    | (?P<pointer>  \\(?:[cC]ite[a-zA-Z]*|(?:auto|eq|page|[cC])?ref|label|footnotemark|begin|end)\*?\ ?{_ARGUMENTS} )
    | (?P<accent>   \\(?:[`'^"~=.]\s*|[cvuHkr]\s+)(?:{_GROUP}|\\[ij](?![A-Za-z])|[A-Za-z]) )
    | (?P<letter>   \\(?:ss|[oOlL]|a[ae]|A[AE]|oe|OE|dj|DJ)(?:\{{\}}|\s+(?=[a-z])|(?![A-Za-z])) )
    | (?P<macro>    \\(?P<name>[A-Za-z]+)\*?(?P<arguments>(?:\ (?=\{{))?{_ARGUMENTS}) )
    | (?P<symbol>   \\. )
    | (?P<group>    (?=\{{[\s{{]{{0,20}}+[^{{}}\\]*+\\){_GROUP} )
    | (?P<tie>      (?<=[A-Za-z.,;:)\]}}'"])~|(?<=\d)~(?=[A-Za-z(\\]) )  # not "~5%" nor "5~10"
    | (?P<dash>     (?<=[^\s-])---?(?!-)|(?<!-)---?(?![-\w]) )          # not " --flag"
    | (?P<single>   (?<![^\s(\[{{\-–—/“])`(?![`\s])(?P<quoted>(?:[^`]|``){{1,300}}?)(?<!\s)'(?=''(?!')|(?![\w'])) )
    | (?P<quotes>   (?<!`)``(?!`)|(?<!\d)''(?!\() )                                # not 5'' nor f''(x)
    """,
    re.VERBOSE | re.DOTALL,
)

_MARKUP: Final = re.compile(r"[\\{}_^~%&'`-]")
"""What pylatexenc has to see: many a formula is a letter or a comparison and needs no reading."""

_SPACED: Final = re.compile(r"\\(?P<name>[A-Za-z]+)\s+(?=\\[A-Za-z])")
"""A macro, a space and a macro: pylatexenc drops the space, as TeX does, but in plain text it alone parts them."""

_DISPLAYED: Final = re.compile(r"\$\$.+\$\$", re.DOTALL)
_INFIXES: Final = {r"\over": "frac", r"\choose": "binom"}
_DISPLAY: Final = re.compile(
    r"\\begin\{(equation|align|gather|multline|eqnarray|displaymath|math)\*?\}(.{1,500}?)\\end\{\1\*?\}", re.DOTALL
)
_HAS_FRACTION: Final = re.compile(r"\\[a-z]*frac|\\over(?![A-Za-z])|\\p?dv\{|\\sqrt\s*\[")
_BEGINS_WITH_ONE: Final = re.compile(r"\w[^\s/]*/|[^\W\dA-Za-z]+√")
_ENDS_WITH_ONE: Final = re.compile(r"/[^\s/]*\w\Z")
_SPACE_BEFORE_SCRIPT: Final = re.compile(r"(?<=[^\s\\])\s+(?=[\^_])")
_BALANCED: Final = r"(?:[^{}]|\{[^{}]*+\})*?"

# A script takes a whole macro with its arguments, as in x_\text{out}; pylatexenc would take the bare macro.
_SCRIPT: Final = re.compile(r"([_^])\s*(\\[dt]?frac(?:\{[^{}]*\}|\d){2}|\\[A-Za-z]+\{[^{}]*\})")
_NAMES: Final = r"arg|max|min|sup|inf|lim|log|ln|exp|det|dim|ker|sin|cos|tan|Pr|gcd|argmax|argmin"
_OPERATORS: Final = re.compile(rf"(\\(?:{_NAMES}))(?=\\(?:{_NAMES})(?![A-Za-z]))")
"""Names of functions that follow each other: in plain text a space parts them."""

_GONE: Final = "\x00"
"""Stands for a reference until the space before it is gone too: "as shown \\cite{a}." ends in "as shown."."""

_SYMBOLS: Final = {
    **{f"\\{char}": char for char in "%&$#_{}"},
    **dict.fromkeys(("\\ ", "\\\\", "\\,", "\\;", "\\:", "\\\n"), " "),
    **dict.fromkeys(("\\-", "\\/", "\\!", "\\@"), ""),
}


def plain(text: str) -> str:
    """Return the text with its TeX made plain Unicode; text without TeX comes back unchanged.

    Never raises. TeX that cannot be read, and any text of more than 20,000 characters, stays as it is.
    """
    if len(text) > _MAX_TEXT or not any(map(text.__contains__, _SIGNS)):
        return text
    converted = "".join(_pieces(_DISPLAY.sub(_displayed, text) if "\\begin" in text else text))
    if converted == text:
        return text
    one_line = " ".join(converted.split())
    return one_line.replace(f" {_GONE}", "").replace(_GONE, "").strip()


def _pieces(text: str) -> Iterator[str]:
    end = 0
    for start in (_START_OR_URL if "://" in text else _START).finditer(text):
        match = _TEX.match(text, start.start()) if start.start() >= end else None
        if match is not None:
            yield text[end : match.start()]
            yield _apart(match, _REPLACEMENTS[match.lastgroup or ""](match))
            end = match.end()
    yield text[end:]


def _displayed(match: re.Match[str]) -> str:
    lines = re.sub(r"\\\\|&", " ", match[2])
    return f"$${lines}$$"


def _apart(match: re.Match[str], text: str) -> str:
    """Return a piece with spaces where it and what stands beside it would be one number: 5 1/2 is not 51/2."""
    if not _HAS_FRACTION.search(match[0]):
        return text
    before, after = match.string[: match.start()][-1:], match.string[match.end() : match.end() + 1]
    leading = " " * bool(before.isalnum() and _BEGINS_WITH_ONE.match(text))
    return leading + text + " " * bool(after.isalnum() and _ENDS_WITH_ONE.search(text))


def _url(match: re.Match[str]) -> str:
    return re.sub(r"\\([_%&#~])", r"\1", match[0])


def _formula(match: re.Match[str]) -> str:
    sign = 1 if match[0].startswith("$") and not _DISPLAYED.fullmatch(match[0]) else 2
    inside = match[0][sign:-sign]
    if not _MARKUP.search(inside):
        return inside.strip()
    scripts = _SCRIPT.sub(r"\1{\2}", _SPACE_BEFORE_SCRIPT.sub("", _with_arguments(inside)))
    whole = _OPERATORS.sub(r"\1\\ ", scripts)
    return _read(f"${_SPACED.sub(_keep_space, whole)}$", match[0])


def _with_arguments(formula: str) -> str:
    """Write a macro that stands between its arguments before them: pylatexenc knows no other."""
    for infix, macro in _INFIXES.items():
        if infix in formula:
            pattern = (
                rf"(?P<open>^|\{{)(?P<above>{_BALANCED}){re.escape(infix)}(?![A-Za-z])(?P<below>{_BALANCED})(?=\}}|$)"
            )
            formula = re.sub(pattern, rf"\g<open>\\{macro}{{\g<above>}}{{\g<below>}}", formula)
    return formula


def _keep_space(match: re.Match[str]) -> str:
    return match[0] if macros.takes_argument(match["name"]) else f"\\{match['name']}\\ "


def _link(match: re.Match[str]) -> str:
    label = plain(match["label"][1:-1])
    return label if match["target"] is None or "://" in label else f"{label} ({match['target']})"


def _macro(match: re.Match[str]) -> str:
    if macros.is_known(match["name"]):
        return _read(match[0], match[0])
    if arguments := match["arguments"].strip().removesuffix("{}"):
        return _read(arguments, match[0])
    return f"\\{match['name']}"  # the author's own macro: its name is all there is


def _piece(match: re.Match[str]) -> str:
    return _read(match[0].strip(), match[0])


def _group(match: re.Match[str]) -> str:
    """Return what stands in braces; behind ^ or _ outside of any formula the braces become brackets."""
    text = _piece(match)
    is_script = match.string[: match.start()].endswith(("^", "_")) and len(text) > 1
    return f"({text})" if is_script and text != match[0] else text


def _read(tex: str, source: str) -> str:
    text = macros.read(tex)
    return source if text is None else text


def _quotes(match: re.Match[str]) -> str:
    opens = match[0] == "``" or match.start() == 0 or match.string[match.start() - 1] in " \n(["
    return "“" if opens else "”"


def _single(match: re.Match[str]) -> str:
    return f"‘{''.join(_pieces(match['quoted']))}’"


_REPLACEMENTS: Final[dict[str, Callable[[re.Match[str]], str]]] = {
    "url": _url,
    "formula": _formula,
    "link": _link,
    "pointer": lambda _: _GONE,
    "accent": _piece,
    "letter": _piece,
    "macro": _macro,
    "symbol": lambda match: _SYMBOLS.get(match[0], match[0]),
    "group": _group,
    "tie": lambda _: " ",
    "dash": lambda match: "–" if match[0] == "--" else "—",
    "quotes": _quotes,
    "single": _single,
}
