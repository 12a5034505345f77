"""The words that speak for a paper are marked where they stand, whatever their case, accents and gaps."""

import pytest

from bot.interfaces.review.marks import marked


@pytest.mark.parametrize(
    ("text", "phrase", "found"),
    [
        ("Activation Patching works", "activation patching", ["Activation Patching"]),
        (
            "activation-patching, activation\npatching",
            "activation patching",
            ["activation-patching", "activation\npatching"],
        ),
        ("Probing and reprobing", "probing", ["Probing"]),
        ("Poincaré spaces", "poincare", ["Poincaré"]),
        ("of CO₂ and probing", "probing", ["probing"]),
        ("[bold]probing[/bold]", "probing", ["probing"]),
        ("nothing", "", []),
        ("c++ (fast)", "c++ (fast", ["c++ (fast"]),
    ],
)
def test_phrases_are_marked(text: str, phrase: str, found: list[str]) -> None:
    shown = marked(text, [phrase], style="bold")
    assert shown.plain == text
    assert [text[span.start : span.end] for span in shown.spans] == found
