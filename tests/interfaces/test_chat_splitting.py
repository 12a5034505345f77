"""A long answer becomes messages that fit, and nothing of it is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.interfaces.chat.splitting import split
from bot.threads.measure import DIRECT_MESSAGE

FAMILY = "👨‍👩‍👧‍👦"  # one character to the eye, 25 bytes


@pytest.mark.parametrize("text", ["short", "a line\n" * 300, "words " * 900, "x" * 2_500, FAMILY * 900, "é\n\n" * 700])
def test_every_part_fits_and_all_words_are_there_in_order(text: str) -> None:
    parts = split(text)
    assert all(DIRECT_MESSAGE.fits(part) for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())


@given(st.text(alphabet=st.sampled_from("ab \n👍é\u0301"), max_size=4_000))
def test_whatever_is_said_fits(text: str) -> None:
    parts = split(text)
    assert all(part and DIRECT_MESSAGE.fits(part) for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())


def test_blocks_stay_together_where_they_can() -> None:
    blocks = [f"{number}" * 400 for number in range(5)]
    assert split("\n\n".join(blocks)) == [f"{blocks[0]}\n\n{blocks[1]}", f"{blocks[2]}\n\n{blocks[3]}", blocks[4]]


def test_nothing_to_say_is_no_message() -> None:
    assert split(" \n ") == []
