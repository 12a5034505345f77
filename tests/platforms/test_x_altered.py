"""What X gets otherwise than it was written is found again, word by word."""

import pytest

from bot.domain.posts import Platform
from bot.platforms.registry import TRAITS
from bot.platforms.traits import Words
from bot.platforms.x.links import linked_whole
from bot.platforms.x.text import unlink

X = TRAITS[Platform.X]


@pytest.mark.parametrize(
    ("text", "was"),
    [
        ("Plain words, 3.5 of them. And a #hashtag.", []),
        ("See README.md and cs.CL.", ["README.md", "cs.CL"]),
        ("by @ada and $TSLA", ["@ada", "$TSLA"]),
        ("(see www.foo.co.uk/x).", ["www.foo.co.uk/x"]),
        ("“at example.org”", ["example.org"]),
    ],
)
def test_words_that_are_no_links_on_x_are_named_as_they_were(text: str, was: list[str]) -> None:
    posted = unlink(text)
    found = X.altered(posted, Words(note=text))
    assert [item.was for item in found] == was
    for item in found:
        assert posted[item.start : item.end].replace("\u200a", "") == item.was
    left = posted
    for item in reversed(found):
        left = left[: item.start] + item.was + left[item.end :]
    assert left == text  # nothing else was altered


@pytest.mark.parametrize("given", ["note", "link"])
def test_an_address_that_is_encoded_for_x_is_named_as_it_was(given: str) -> None:
    url = "https://example.org/人工"
    text = f"Code: {linked_whole(url)}"
    words = Words(note=f"See {url}.") if given == "note" else Words(links=(url,))
    [item] = X.altered(text, words)
    assert (text[item.start : item.end], item.was) == ("https://example.org/%E4%BA%BA%E5%B7%A5", url)


def test_an_address_that_the_curator_encoded_is_not_altered() -> None:
    url = "https://example.org/%E4%BA%BA"
    assert X.altered(f"Code: {url}", Words(links=(url,))) == []


def test_no_other_platform_alters_words() -> None:
    assert list(TRAITS[Platform.BLUESKY].altered("cs.\u200aCL", Words())) == []
