"""TeX to plain text: arXiv's cases, what must stay as it is, and hostile input."""

import string
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.arxiv import tex

TEX_SIGNS = [*"\\${}[]()~^_%&#'`\"- ab1", r"\alpha", r"\frac", r"\text", r"\'", r"\begin{", "https://", r"{\em"]


def test_every_shared_case_reads_as_wanted(shared_data: Path) -> None:
    lines = (shared_data / "arxiv" / "latex.tsv").read_text("utf-8").splitlines()[1:]
    cases = [line.split("\t") for line in lines]
    assert len(cases) == 48
    assert [(source, tex.plain(source)) for source, _ in cases] == [(source, wanted) for source, wanted in cases]


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        (r"$\beta$-VAE and $L_0$", "β-VAE and L₀"),
        ("$0<a<b$ holds", "0<a<b holds"),
        (r"$O(n^2)$ vs.\ $O(n\log n)$", "O(n²) vs. O(nlog n)"),
        (r"$x_\text{out}^\top$ and $d_{\text{model}}$", "xₒᵤₜ^⊤ and d_model"),
        (r"$x \to \infty$", "x → ∞"),
        (r"9.11$>$9.9", "9.11>9.9"),
        (r"in $ SE(3) $, as", "in SE(3), as"),
        (r"$\textbf{6.1$\times$}$", "6.1×"),
        (r"$90^\circ$ and 360{\deg} and $\deg(f)$", "90° and 360° and deg(f)"),
        (r"$\widetilde{O}(n)$", "Õ(n)"),
        (r"the model$\unicode{x2013}$and", "the model–and"),
        (r"\(x^2\) and \[y\] and $$E=mc^2$$", "x² and y and E=mc²"),
        (r"\textbf{H}ierarchical \textit{a~posteriori}", "Hierarchical a posteriori"),
        (r"{\epsilon}-Neural and {\em nudge}", "ϵ-Neural and nudge"),
        (r"\ac{abc} and \highlight{word}", "abc and word"),
        (r"We use \method{}, and \ours.", r"We use \method, and \ours."),
        (r"as shown \cite{a, b}.", "as shown."),
        (r"a\footnote{see https://example.org/a_b}", "a (see https://example.org/a_b)"),
        (r"\href{https://example.org/a_b}{the code}", "the code (https://example.org/a_b)"),
        (r"$\href{https://example.org}{https://example.org}$", "https://example.org"),
        (r"see https://example.org/a\_b", "see https://example.org/a_b"),
        (r"\O ystein, Sr{\dj}an, Ji\v{r}\'i, \'\i", "Øystein, Srđan, Jiří, í"),
        ("``a'' -- b---c, ''d''", "“a” – b—c, “d”"),
        (r"\begin{itemize}\item a\end{itemize}", "* a"),
        (r"$a \ne b \land c$, $\Box$, $\models$, $x \gets y$", "a ≠ b ∧ c, □, ⊨, x ← y"),
        (r"$A \xRightarrow[g]{f} B$ and $A \xmapsto{} B$", "A ⇒_gᶠ B and A ↦ B"),
        (r"$\S 3$ and \S3, $A^\dagger$, $x ^ 2$", "§ 3 and §3, A†, x²"),
        (r"$a\vphantom{b}c$\hspace{1cm} d", "ac d"),
        (r"\SI{5}{m} and \SI{90}{\degree}", "5 m and 90°"),
        ("```code```", "```code```"),
    ],
)
def test_tex_of_titles_and_abstracts_reads_as_plain_text(source: str, wanted: str) -> None:
    assert tex.plain(source) == wanted


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        (r"$\dfrac{1}{2}$, $\tfrac{1}{2}$, $\sfrac{1}{3}$, $\cfrac{1}{2}$, $\dfrac12$", "1/2, 1/2, 1/3, 1/2, 1/2"),
        (r"${n+1 \over 2}$ and $a \over b$", "(n+1)/2 and a/b"),
        (r"$\frac{1}{n+1}$, $\frac{n-1}{2}$, $\frac{1}{2n}$", "1/(n+1), (n-1)/2, 1/(2n)"),
        (r"$\frac{m+n}{\epsilon^2}$ but $\frac{a+b}{c}$", "(m+n)/ϵ² but a+b/c"),
        (r"$\frac{1}{\varepsilon^{2p}(1-\gamma)^{2p}}$", "1/(ε²ᵖ(1-γ)²ᵖ)"),
        (r"$\frac{\log n}{n}$ and $\frac{d^{3/2}}{\sqrt{T}}$", "(log n)/n and d^(3/2)/√(T)"),
        (r"$\frac{\partial f}{\partial x}$ and $\frac{dx}{dt}$", "∂ f/∂ x and dx/dt"),
        (r"$\frac{|D|}{k^{1.5}}$, $\frac{a}{f(x(t))}$", "|D|/k^1.5, a/f(x(t))"),
        (r"$\frac{\text{gain}}{\text{cost}}$", "gain/cost"),
        (r"$2\frac{1}{3}$ and $\frac{1}{2}n(n+1)$", "2 1/3 and 1/2 n(n+1)"),
        (r"$\frac{1}{n}\sum_i x_i$ and $(\frac{1}{2})^2$", "1/n ∑ᵢ xᵢ and (1/2)²"),
        (r"$a/\frac{b}{c}$", "a/(b/c)"),
        (r"$\tbinom{n}{k}$, $\dbinom{n}{k}$, ${n \choose k}$", "(n choose k), (n choose k), (n choose k)"),
        (r"$O(1/\sqrt[3]{T})$ and $\sqrt[4]{x+1}$", "O(1/∛T) and ∜(x+1)"),
        (r"$\sqrt[3]{T}x$ and $x\sqrt[n]{y}$", "∛(T)x and x ⁿ√y"),
        (r"$\sqrt[\infty]{x}$ and $\sqrt[2]{x}$", "x^(1/∞) and √(x)"),
        (r"$T^{2/3}$, $n^{-1/2}$, $2^{\frac{1}{2}}$, $2^\frac12$", "T^(2/3), n^(-1/2), 2^(1/2), 2^(1/2)"),
        (r"$n^{0.5+\epsilon}$, $x_{i/j}$, $x_{i,j}$", "n^(0.5+ϵ), x_(i/j), x_(i,j)"),
        (r"$\mathbb{R}^{d\times k}$ and $2^{2^n}$", "ℝ^(d× k) and 2^(2ⁿ)"),
        (r"$e^{-\lambda t}$, $10^{-3.5}$, $x^{1.5}$, $x^{(t+1)}$", "e^(-λ t), 10^-3.5, x^1.5, x⁽ᵗ⁺¹⁾"),
        (r"$f^{\prime\prime}$ and $x^{**}$", "f′′ and x^**"),
        (r"$3 \pmod{5}$, $3\pmod 5$, $a \bmod b$", "3 (mod 5), 3 (mod 5), a mod b"),
        (r"a $\$$100 budget", "a $100 budget"),
        (r"5$\frac{1}{2}$ and $\frac{1}{2}$5 or n$\sqrt[k]{x}$", "5 1/2 and 1/2 5 or n ᵏ√x"),
        (r"x^{\frac{a}{b}} and a \frac{1}{2}b", "x^(a/b) and a 1/2 b"),
        (r"$\frac{2}{3}^2$, $\frac{a}{b}_i$, $\frac{1}{2}!$", "(2/3)², (a/b)ᵢ, (1/2)!"),
        (r"$\frac{1}{2}|x|$, $|\frac{1}{2}|$, $\frac{1}{2}\|x\|^2$", "1/2 |x|, |1/2|, 1/2 ‖x‖²"),
        (r"$\frac{x-y}{z}$ and $\frac{1}{\sqrt[3]{T}}$", "(x-y)/z and 1/∛T"),
        (r"$\sqrt[1/2]{x}$", "x^(1/(1/2))"),
        (r"$\genfrac{}{}{}{}{a}{b+1}$, $\genfrac{(}{)}{0pt}{}{n}{k}$", "a/(b+1), (n choose k)"),
        (r"$\ell_{2,1}$, $h^{1,1}$, $10^{1.5}$", "ℓ_(2,1), h^(1,1), 10^1.5"),
        (r"$\abs{x}$, $\norm{x}_2$, $\floor{n/2}$, $\set{a}$, $\ang{90}$", "|x|, ‖x‖₂, ⌊n/2⌋, {a}, 90°"),
        (r"$\dv{f}{x}$ and $\pdv{f}{x}$", "df/dx and ∂f/∂x"),
        (r"\begin{equation}x^{1/2}\end{equation}", "x^(1/2)"),
        (r"\begin{align*}a &= b \\ c\end{align*}", "a = b c"),
    ],
)
def test_a_number_is_the_same_number_in_plain_text(source: str, wanted: str) -> None:
    assert tex.plain(source) == wanted


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        (r"$\arg\max_x f$, $\log\log n$, $\operatorname*{arg\,min}_x$", "arg maxₓ f, log log n, arg minₓ"),
        (r"$\underset{x}{\arg\max}$ and $\overset{d}{=}$", "arg maxₓ and =ᵈ"),
        (r"A $\iff$ B $\implies$ C", "A ⟺ B ⟹ C"),
        (r"$\det A$ and $\gcd(a, b)$", "det A and gcd(a, b)"),
        (r"see \S 3 \checkmark", "see § 3 ✓"),
        (r"Bib\TeX{} and \LaTeX", "BibTeX and LaTeX"),
        (r"$X \xrightarrow{f} Y$", "X →ᶠ Y"),
        (r"as of \today", "as of today"),
    ],
)
def test_names_of_functions_and_signs_are_read(source: str, wanted: str) -> None:
    assert tex.plain(source) == wanted


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("`single' and ``double''", "‘single’ and “double”"),
        ("it's `don't do it' (`a', `b').", "it's ‘don't do it’ (‘a’, ‘b’)."),
        ("``a `b' c'' and ``he said `x'''", "“a ‘b’ c” and “he said ‘x’”"),
        (r"`$\alpha$ and \emph{b}', rock `n' roll", "‘α and b’, rock ‘n’ roll"),
    ],
)
def test_single_quotes_of_tex_are_quotes(source: str, wanted: str) -> None:
    assert tex.plain(source) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "`code` isn't 'quoted'",
        "D`Angelo and O'Brien",
        "a ` b' and `c d",
        "it costs $5 and $10 total",
        "between $4.5 million and 5 million, or $5/$10",
        "only ~5% of 5~10, a ~ b, see www.example.org/~one",
        "run it with --flag, or -v",
        "f''(x) is 5'' long",
        "https://example.org/a_b--c~d?e=%20&f=g",
        "C:\\path\\new",
        "a {name} and {0, 1}, a_b, x^2, 100%",
        "  two  spaces,\n a line  ",
        "Let's <think> & see",
        "",
    ],
)
def test_text_without_tex_is_unchanged(text: str) -> None:
    assert tex.plain(text) == text


@settings(deadline=None)
@given(st.text(alphabet=string.ascii_letters + string.digits + " .,;:!?()[]{}^_%<>&#*/+=|@\n", max_size=200))
def test_text_without_a_sign_of_tex_is_unchanged(text: str) -> None:
    assert tex.plain(text) == text


@pytest.mark.parametrize(
    "unit", ["\\", "{", "}", "$", "$ ", "{\\", "\\(", "\\a{", "\\frac{", "$x^{", "\\cite{a}", "\\["]
)
@pytest.mark.parametrize("length", [19_999, 100_000])
def test_hostile_text_ends_and_does_not_raise(unit: str, length: int) -> None:
    assert isinstance(tex.plain((unit * length)[:length]), str)


@pytest.mark.parametrize("text", ["\\" * 100_000, "{" * 100_000, "$" * 100_000, r"$\frac{" * 20_000])
def test_text_too_long_for_an_abstract_stays_as_it_is(text: str) -> None:
    assert tex.plain(text) == text


def test_a_formula_nested_too_deeply_stays_as_it_is() -> None:
    formula = "$" + r"\sqrt{" * 200 + "x" + "}" * 200 + "$"
    assert tex.plain(formula) == formula


@pytest.mark.parametrize(
    "broken",
    [r"$\frac{1$", r"$x^$", r"$\unicode{zz}$", r"$\unicode{x110000}$", r"$\unicode{xffffffffffffffffff}$", r"\'"],
)
def test_tex_that_cannot_be_read_stays_as_it_is(broken: str) -> None:
    assert tex.plain(broken) == broken


@settings(deadline=None)
@given(st.lists(st.sampled_from(TEX_SIGNS), max_size=60).map("".join))
def test_no_mixture_of_tex_signs_raises(text: str) -> None:
    assert isinstance(tex.plain(text), str)


@settings(deadline=None)
@given(st.text(max_size=80))
def test_no_text_raises(text: str) -> None:
    assert isinstance(tex.plain(f"${text}$ {{\\em {text}}}"), str)
