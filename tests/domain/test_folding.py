"""Which letters count as the same wherever words and names are compared."""

import pytest

from bot.domain.folding import folded


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            "Łukasz Søren ÞÓRA Đorđe ıİ Æsir Œuvre Straße STRAẞE Ðħŧ",
            "lukasz soren thora dorde ii aesir oeuvre strasse strasse dht",
        ),
        ("Erdős–Rényi, Poincaré", "erdos-renyi, poincare"),
        ("CO₂ X² ℓ₁ 𝒪 ﬁ", "co2 x2 l1 o fi"),
        ("O’Brien Oʼbrien O`Brien", "o'brien o'brien o'brien"),
        ("“so” „so”", '"so" "so"'),
        ("L_0 R^2 ½", "l0 r2 1/2"),
        ("zero\u200bwidth so\u00adft", "zerowidth soft"),
        ("Plain ASCII", "plain ascii"),
        ("Й가", "и가"),
    ],
)
def test_case_accents_and_typography_do_not_matter(text: str, wanted: str) -> None:
    import unicodedata

    assert folded(text) == folded(unicodedata.normalize("NFD", text)) == unicodedata.normalize("NFKD", wanted)
