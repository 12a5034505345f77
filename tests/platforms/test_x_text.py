import unicodedata
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.platforms.x.text import (
    POST_LIMIT,
    Span,
    find_cashtags,
    find_hashtags,
    find_mentions,
    find_urls,
    is_postable,
    unlink,
    weighted_length,
)

HAIR = "\u200a"


def cases(folder: Path, file: str, group: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load((folder / "x" / file).read_text("utf-8"))["tests"][group]
    assert found
    return found


def places(spans: tuple[Span, ...]) -> list[list[int]]:
    return [[span.start, span.end] for span in spans]


class TestConformance:
    @pytest.mark.parametrize(
        ("group", "emoji"),
        [
            ("WeightedTweetsCounterTest", False),
            ("WeightedTweetsWithDiscountedEmojiCounterTest", True),
            ("UnicodeDirectionalMarkerCounterTest", True),
        ],
    )
    def test_length_and_validity_are_those_of_the_conformance_file(
        self, shared_data: Path, group: str, emoji: bool
    ) -> None:
        for case in cases(shared_data, "validate.yml", group):
            text, expected = case["text"], case["expected"]
            counted = (weighted_length(text, emoji=emoji), is_postable(text, emoji=emoji))
            assert counted == (expected["weightedLength"], expected["valid"]), case["description"]

    @pytest.mark.parametrize("group", ["urls", "tco_urls_with_params"])
    def test_urls_are_those_of_the_conformance_file(self, shared_data: Path, group: str) -> None:
        for case in cases(shared_data, "extract.yml", group):
            assert [url.text for url in find_urls(case["text"])] == case["expected"], case["description"]

    @pytest.mark.parametrize("group", ["urls_with_indices", "urls_with_directional_markers"])
    def test_urls_stand_where_the_conformance_file_says(self, shared_data: Path, group: str) -> None:
        for case in cases(shared_data, "extract.yml", group):
            found = [{"url": url.text, "indices": [url.start, url.end]} for url in find_urls(case["text"])]
            assert found == case["expected"], case["description"]

    def test_top_level_domains_are_those_of_the_conformance_file(self, shared_data: Path) -> None:
        for group in ("country", "generic"):
            for case in cases(shared_data, "tlds.yml", group):
                assert [url.text for url in find_urls(case["text"])] == case["expected"], case["description"]

    def test_mentions_are_those_of_the_conformance_file(self, shared_data: Path) -> None:
        for case in cases(shared_data, "extract.yml", "mentions"):
            names = [span.text[1:] for span in find_mentions(case["text"]) if "/" not in span.text]
            assert names == case["expected"], case["description"]

    def test_mentions_and_lists_stand_where_the_conformance_file_says(self, shared_data: Path) -> None:
        for group in ("mentions_with_indices", "mentions_or_lists_with_indices"):
            for case in cases(shared_data, "extract.yml", group):
                expected = [entity["indices"] for entity in case["expected"]]
                assert places(find_mentions(case["text"])) == expected, case["description"]

    @pytest.mark.parametrize(("kind", "find"), [("hashtags", find_hashtags), ("cashtags", find_cashtags)])
    def test_tags_are_those_of_the_conformance_file(self, shared_data: Path, kind: str, find: Any) -> None:
        for case in cases(shared_data, "extract.yml", kind):
            assert [tag.text[1:] for tag in find(case["text"])] == case["expected"], case["description"]
        for case in cases(shared_data, "extract.yml", f"{kind}_with_indices"):
            expected = [entity["indices"] for entity in case["expected"]]
            assert places(find(case["text"])) == expected, case["description"]

    def test_hashtags_beyond_the_basic_plane_are_those_of_the_conformance_file(self, shared_data: Path) -> None:
        for case in cases(shared_data, "extract.yml", "hashtags_from_astral"):
            assert [tag.text[1:] for tag in find_hashtags(case["text"])] == case["expected"], case["description"]


class TestWeightedLength:
    @pytest.mark.parametrize(
        ("text", "length"),
        [
            ("", 0),
            ("Sparse autoencoders", 19),
            ("e\u0301", 1),
            ("“quoted” – text…", 16 + 1),
            ("\r\n", 2),
            ("© ®", 3),
            ("©\ufe0f", 2),
            ("日本", 4),
            ("𝐚", 2),
            ("\u200a", 1),
            ("https://arxiv.org/abs/2412.11965v2", 23),
            ("cs.CL", 23),
            ("arXiv:2412.06769", 16),
            ("node.js", 7),
            ("👍🏽", 2),
            ("👨‍👩‍👧‍👦", 2),
            ("🇺🇸", 2),
            ("1\ufe0f\u20e3", 2),
            ("🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", 2),
        ],
    )
    def test_a_text_weighs_what_x_says(self, text: str, length: int) -> None:
        assert weighted_length(text) == length

    def test_a_sequence_newer_than_the_rules_of_x_weighs_as_its_parts(self) -> None:
        assert weighted_length("🧑‍💻") == 2 + 1 + 2

    def test_an_emoji_sequence_weighs_as_its_characters_in_the_older_configuration(self) -> None:
        assert weighted_length("👍🏽", emoji=False) == 4

    def test_what_an_odd_address_loses_is_counted(self) -> None:
        text = "x.com日.みんな/a"
        assert find_urls(text) == (Span(0, len(text), "x.com/a"),)
        assert weighted_length(text) == 23 + weighted_length("みんな/a")

    def test_half_a_character_beyond_the_basic_plane_weighs_two(self) -> None:
        assert weighted_length("\ud83d") == 2

    def test_every_part_of_a_text_is_counted_on_its_own(self) -> None:
        assert weighted_length("See https://arxiv.org/abs/2412.11965, 👍🏽 and 日") == 4 + 23 + 2 + 2 + 5 + 2

    @given(st.text())
    def test_any_text_has_a_length_and_a_space_adds_one(self, text: str) -> None:
        assert weighted_length(f"{text} ") == weighted_length(text) + 1


class TestIsPostable:
    @pytest.mark.parametrize(
        ("text", "postable"),
        [
            ("", False),
            ("a" * POST_LIMIT, True),
            ("a" * (POST_LIMIT + 1), False),
            ("日" * (POST_LIMIT // 2), True),
            ("a\ufeff", False),
            ("a\ufffe", False),
        ],
    )
    def test_the_limit_and_three_characters_decide(self, text: str, postable: bool) -> None:
        assert is_postable(text) is postable


class TestFindUrls:
    @pytest.mark.parametrize(
        ("text", "urls"),
        [
            ("no address. None", []),
            ("cs.CL, stat.ML, README.md and x.ai", ["cs.CL", "stat.ML", "README.md", "x.ai"]),
            ("transformer-circuits.pub/2024", ["transformer-circuits.pub/2024"]),
            ("(see http://a.com/b_(c).)", ["http://a.com/b_(c)"]),
            ("http://a.com/((b)", ["http://a.com/"]),
            ("a.com?b=c", ["a.com"]),
            ("a.com/?b=c.", ["a.com/?b=c"]),
            ("mail a@b.com", []),
            ("a_b.com/c.com", []),
            ("http://a_b.com", []),
            ("http://a_b.c.com", ["http://a_b.c.com"]),
            ("-a.com", []),
            ("a.com日b.org", ["a.com", "b.org"]),
            ("日本a.com", ["a.com"]),
            ("http://日本.com/é", ["http://日本.com/é"]),
            ("a.co\u212a", ["a.co"]),
            ("a.\u0131n", []),
            ("A.COM", ["A.COM"]),
            ("http://a.РФ", ["http://a.РФ"]),
            ("https://t.co/abc!d", ["https://t.co/abc"]),
            ("https://t.co/" + "a" * 41, []),
            ("http://" + "a" * 63 + ".com", ["http://" + "a" * 63 + ".com"]),
            ("http://" + "a" * 64 + ".com", []),
            ("http://a.com/" + "b" * 4096, []),
            ("http://xn--日.com", []),
        ],
    )
    def test_an_address_is_what_x_takes_for_one(self, text: str, urls: list[str]) -> None:
        assert [url.text for url in find_urls(text)] == urls

    def test_positions_count_code_points(self) -> None:
        assert find_urls("😀 cs.CL 😀 cs.AI") == (Span(2, 7, "cs.CL"), Span(10, 15, "cs.AI"))

    def test_a_hashtag_inside_an_address_is_none(self) -> None:
        assert find_hashtags("#a http://b.com/#c") == (Span(0, 2, "#a"),)


class TestUnlink:
    @pytest.mark.parametrize(
        ("text", "unlinked"),
        [
            ("", ""),
            ("A plain title: no dots.", "A plain title: no dots."),
            ("cs.CL", f"cs.{HAIR}CL"),
            ("the README.md of x.ai", f"the README.{HAIR}md of x.{HAIR}ai"),
            ("https://github.com/a/b", f"https://github.{HAIR}com/a/b"),
            ("www.example.co.uk", f"www.example.{HAIR}co.{HAIR}uk"),
            ("thanks @name and @name/list", f"thanks @{HAIR}name and @{HAIR}name/list"),
            ("$x$ and $AAPL", f"${HAIR}x$ and ${HAIR}AAPL"),
            ("pass@1, $5 and #1", "pass@1, $5 and #1"),
            ("arXiv:2412.06769, node.js, config.yaml", "arXiv:2412.06769, node.js, config.yaml"),
            ("a #tag", "a #tag"),
            ("amazon.kids", f"amazon.{HAIR}kids"),
            ("a.coe\u0301", f"a.{HAIR}coe\u0301"),
        ],
    )
    def test_a_hair_space_breaks_each_link(self, text: str, unlinked: str) -> None:
        assert unlink(text) == unlinked

    def test_hashtags_are_broken_on_demand(self) -> None:
        assert unlink("a #tag, c# and #1", keep_hashtags=False) == f"a #{HAIR}tag, c# and #1"

    def test_a_hashtag_that_an_address_hid_is_broken_too(self) -> None:
        assert unlink("http://a.com/#b", keep_hashtags=False) == f"http://a.{HAIR}com/#{HAIR}b"

    @given(st.text() | st.text("a@$#./:-_ cCoOmMkKK日e\u0301"), st.booleans())
    def test_nothing_is_linked_afterwards_and_only_white_space_changes(self, text: str, keep_hashtags: bool) -> None:
        unlinked = unlink(text, keep_hashtags=keep_hashtags)
        assert "".join(unlinked.split()) == "".join(text.split())
        assert unlink(unlinked, keep_hashtags=keep_hashtags) == unlinked
        for form in (unlinked, unicodedata.normalize("NFC", unlinked)):
            assert (find_urls(form), find_mentions(form), find_cashtags(form)) == ((), (), ())
            assert keep_hashtags or find_hashtags(form) == ()
