"""The macros that arXiv's authors use beyond those that pylatexenc knows, by what becomes of them.

This module owns names alone, those of one kind in one string; ``tex_macros`` reads them.
"""

from typing import Final

FRACTIONS: Final = "frac dfrac tfrac sfrac xfrac nicefrac unitfrac flatfrac"
BINOMIALS: Final = "binom dbinom tbinom"
STACKED: Final = "overset stackrel underset"
ARGUMENT_ONLY: Final = (
    "texttt textsf textmd textup textnormal uline mbox hbox bm boldsymbol pmb mathbf mathit mathsf "
    "mathbbm mathds smash ac acp acf acs acl acrshort acrlong gls Gls glspl url"
)
SILENT: Final = (
    "left right middle big Big bigg Bigg bigl bigr Bigl Bigr displaystyle textstyle scriptstyle limits nolimits "
    "em it bf rm sc sf tt sl cal tiny scriptsize footnotesize small normalsize large noindent par color xspace "
    "newline linebreak smallskip medskip bigskip hfill vfill mathbin mathrel mathord mathstrut thinspace enspace"
)
POINTERS: Final = "cite citet citep citeauthor ref autoref cref Cref eqref label"
FUNCTIONS: Final = "arg det dim gcd hom ker exp deg lg inf sup Pr argmax argmin cot coth csc sec"
SIGNS: Final = (
    "ne≠ lll⋘ ggg⋙ land∧ lor∨ ddagger‡ ddag‡ bigsqcup⨆ leadsto⇝ gets← imathı jmathȷ Box□ Diamond◇ diamondsuit♢ "
    "heartsuit♡ clubsuit♣ spadesuit♠ bot⊥ models⊨ vDash⊨ coloneqq≔ coloneq≔ eqqcolon≕ lbrack[ rbrack] maltese✠ "
    "circledR® yen¥ euro€ Join⋈ unlhd⊴ unrhd⊵ lhd⊲ rhd⊳ eqsim≂ restriction↾ nsim≁ ncong≇ varpropto∝ thicksim∼ "
    "thickapprox≈ textbar| textless< textgreater> textunderscore_ textpercent% textdollar$ lq‘ rq’ ldotp. cdotp· "
    "hdots… dotso… Finvⅎ Game⅁ P¶"
)
"""Macros that are one sign, each with the sign behind its name."""

ARROWS: Final = (
    "xrightarrow→ xleftarrow← xRightarrow⇒ xLeftarrow⇐ xleftrightarrow↔ xLeftrightarrow⇔ xmapsto↦ xhookrightarrow↪ "
    "xhookleftarrow↩ xlongequal="
)
"""Arrows with words above them, each with its sign behind its name."""

ENCLOSED: Final = {
    "abs": "|%s|",
    "norm": "‖%s‖",
    "set": "{%s}",
    "floor": "⌊%s⌋",
    "ceil": "⌈%s⌉",
    "braket": "⟨%s⟩",
    "ang": "%s°",
    "enquote": "“%s”",
    "textquote": "“%s”",
}
"""Macros that are brackets or a sign around their argument; without these it would be another number."""
MEANINGS: Final = {
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
    **{name: name for name in FUNCTIONS.split()},
    **{word[:-1]: word[-1] for word in SIGNS.split()},
    "bmod": " mod ",
    "mod": " mod ",
    "iff": "⟺",
    "implies": "⟹",
    "impliedby": "⟸",
    "checkmark": "✓",
    "cmark": "✓",
    "xmark": "✗",
    "TeX": "TeX",
    "LaTeX": "LaTeX",
    "LaTeXe": "LaTeX2e",
    "XeTeX": "XeTeX",
    "LuaTeX": "LuaTeX",
    "KaTeX": "KaTeX",
    "injlim": "inj lim",
    "projlim": "proj lim",
    "varlimsup": "lim sup",
    "varliminf": "lim inf",
    "backslash": "\\",
    "textbackslash": "\\",
    "BibTeX": "BibTeX",
    "today": "today",
    "Re": "ℜ",
    "Im": "ℑ",
    "RR": "ℝ",
    "eg": "e.g.",
    "ie": "i.e.",
    "etc": "etc.",
}
WIDE_ACCENTS: Final = {
    "widetilde": "\u0303",
    "widehat": "\u0302",
    "overline": "\u0305",
    "Tilde": "\u0303",
    "Hat": "\u0302",
}
