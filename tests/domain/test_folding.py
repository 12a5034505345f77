"""Which letters count as the same wherever words and names are compared."""

import pytest

from bot.domain.folding import folded, word_form


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
        ("L_0 R² ½", "l_0 r2 1/2"),
        ("zero\u200bwidth so\u00adft", "zerowidth soft"),
        ("Plain ASCII", "plain ascii"),
        ("Й가", "и가"),
    ],
)
def test_case_accents_and_typography_do_not_matter(text: str, wanted: str) -> None:
    import unicodedata

    assert folded(text) == folded(unicodedata.normalize("NFD", text)) == unicodedata.normalize("NFKD", wanted)


def test_in_words_the_signs_of_exponents_and_indices_do_not_count() -> None:
    assert word_form("CO₂ CO_2 R² R^2 _x") == "co2 co2 r2 r2 x"
