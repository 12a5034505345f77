"""What a channel file may say of reactions."""

from datetime import date

import pytest
from pydantic import ValidationError

from bot.domain.chat import ChatRules

TUESDAY = date(2026, 2, 17)


def test_a_card_says_what_reactions_do() -> None:
    assert ChatRules().hint(TUESDAY) == "👍 approve · 👎 reject · ⏳ hold until Tue 24 Feb"
    assert ChatRules(approve="", hold="", reject="❌").hint(TUESDAY) == "❌ reject"


@pytest.mark.parametrize(
    ("emoji", "verb"), [("👍", "approve"), ("👍🏿", "approve"), ("👍\ufe0f", "approve"), ("⏳️", "hold")]
)
def test_the_colour_of_a_hand_does_not_matter(emoji: str, verb: str) -> None:
    assert ChatRules().meaning(emoji) == verb


@pytest.mark.parametrize("emoji", ["", "🙂", "yes", "\ufe0f"])
def test_what_is_not_chosen_means_nothing(emoji: str) -> None:
    assert ChatRules(hold="").meaning(emoji) is None


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"approve": "ok"}, "is not an emoji"),
        ({"approve": "👍👍👍👍👍👍👍👍👍👍👍"}, "is not an emoji"),
        ({"reject": "👍🏿"}, "an emoji each"),
        ({"hold_days": 0}, "greater than or equal to 1"),
        ({"hold_days": "7"}, "valid integer"),
    ],
)
def test_other_values_are_refused(given: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        ChatRules.model_validate(given)
