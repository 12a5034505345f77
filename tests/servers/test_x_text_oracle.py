"""The same texts go to X's own library (the npm package twitter-text) and to ours: both must say the same."""

import json
import os
import shutil
import subprocess
import unicodedata
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.platforms.x.text import (
    Span,
    find_cashtags,
    find_hashtags,
    find_mentions,
    find_urls,
    is_postable,
    unlink,
    weighted_length,
)
from bot.platforms.x.tlds import COUNTED

pytestmark = pytest.mark.node

FOLDER = Path(__file__).resolve().parent.parent / "node"
Ask = Callable[[str], dict[str, Any]]


@pytest.fixture(scope="module")
def twitter_text() -> Iterator[Ask]:
    """Start the library once; the value asks it about one text."""
    missing = _missing()
    if missing and os.environ.get("CI") == "true":
        pytest.fail(f"X's own library is not there: {missing}")
    if missing:
        pytest.skip(missing)
    command = ["node", "--no-deprecation", str(FOLDER / "twitter_text.mjs")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8") as process:
        source, sink = process.stdout, process.stdin
        assert source is not None
        assert sink is not None

        def ask(text: str) -> dict[str, Any]:
            sink.write(json.dumps({"text": text}) + "\n")
            sink.flush()
            answer: dict[str, Any] = json.loads(source.readline())
            return answer

        yield ask


def _missing() -> str:
    if shutil.which("node") is None:
        return "needs Node.js (the command node)"
    if not (FOLDER / "node_modules" / "twitter-text").is_dir():
        return f"needs the npm package twitter-text: npm ci --prefix {FOLDER}"
    return ""


# The kinds of text that thread makers and hostile strangers write: what X's rules name, and what comes near to it.
WORDS = ["a", "ab", "Foo", "x1", "12", "0", "example", "README", "www", "http", "https", "rt", "RT", "xn--", "xn--p1ai"]
LETTERS = [*"語한éÉßſıİЖⱥιｎ𝐚𠮷", "\u212a", "日本", "é" * 59, "日" * 20]
PROTOCOLS = ["http://", "https://", "HTTP://", "://", "https://t.co/", "t.co/", "//", "./", ":80", "?a=b", "/(a(b)c)"]
SIGNS = [*"..  //:?@#$-_~()[]'\"!,;&=+%*|`{}<>\\＠＃。．–…"]
SPACES = ["\n", "\r\n", "\t", "\xa0", "\x85", "\u180e", "\u200a", "\u200b", "\u3000", "\u200e", "\u202a", "\u2066"]
CONTROLS = ["\ufeff", "\ufffe", "\x00", "\x1c", "\x7f", "\u200d", "\ufe0e", "\ufe0f", "\u20e3"]
ACCENTS = ["e\u0301", "a\u0323\u0301", "и\u0306", "\u0301", "\u0338", "ク\u3099"]
NAMES = ["@a", "@name_1", "@abcdefghijklmnopqrstuvwxyz", "@a/b", "@a/b-1", "@aé", "RT@a", "rt:@b"]
CASHTAGS = ["$A", "$AAPL", "$x$", "$abc.de", "$abc_def", "$abcdefg", "$1"]
HASHTAGS = ["#a", "#1", "#1a", "#日本", "#é", "#a\ufe0f", "#_", "&#x", "#a·b", "#𠮷"]
TOP_LEVELS = ["com", "CL", "io", "ai", "co.uk", "pub", "рф", "РФ", "みんな", "भारतम्", "嘉里大酒店", "web", "commm"]
EMOJI = ["😀", "👍🏽", "☝️🏽", "⛷🏽", "👨‍👩‍👧‍👦", "👩‍❤️‍💋‍👨", "👩🏽‍🔬", "🧑‍💻", "🏳️‍🌈", "🏴‍☠️", "👁️‍🗨️", "🇺🇸", "🇽🇽"]
MORE_EMOJI = ["1️⃣", "*⃣", "©", "©️", "™️", "♾️", "🏃‍♀️", "🕵‍♂️", "👯🏽‍♀️", "🥷🏽", "❤️‍🔥", "⌚︎", "🏽", "🇦"]
KINDS = (WORDS, LETTERS, PROTOCOLS, SIGNS, SIGNS, SPACES, CONTROLS, ACCENTS, NAMES, CASHTAGS, HASHTAGS, TOP_LEVELS)

address = st.builds(
    "{}{}.{}{}".format,
    st.sampled_from(["", "http://", "https://", "a.", "www.", "_", "-", "é"]),
    st.sampled_from([*WORDS, *LETTERS]),
    st.sampled_from(TOP_LEVELS) | st.sampled_from(sorted(COUNTED.names)),
    st.sampled_from(["", "", "/", "/a", "/a.", "/(a)", "/a!b", "/@a/b", "/é", "/–", "/#a", "?a=b", "?a.", ":80/a"]),
)
piece = st.one_of(*map(st.sampled_from, (*KINDS, EMOJI, MORE_EMOJI)), address)
texts = st.lists(piece, max_size=20).map("".join)


class TestSameAnswers:
    @settings(max_examples=400, deadline=None)
    @given(texts)
    def test_any_text_is_as_long_and_as_valid(self, twitter_text: Ask, text: str) -> None:
        answer = twitter_text(text)
        assert weighted_length(text) == answer["weightedLength"]
        assert weighted_length(text, emoji=False) == answer["weightedLengthV2"]
        assert is_postable(text) == answer["valid"]

    @settings(max_examples=400, deadline=None)
    @given(texts)
    def test_any_text_has_the_same_urls(self, twitter_text: Ask, text: str) -> None:
        expected = tuple(Span(url["start"], url["end"], url["url"]) for url in twitter_text(text)["urls"])
        assert find_urls(text) == expected

    @settings(max_examples=400, deadline=None)
    @given(texts)
    def test_any_text_has_the_same_names_and_tags(self, twitter_text: Ask, text: str) -> None:
        answer = twitter_text(text)
        assert _places(find_mentions(text)) == _ends(answer["mentions"])
        assert _places(find_cashtags(text)) == _ends(answer["cashtags"])
        assert _places(find_hashtags(text)) == _ends(answer["hashtags"])

    @settings(max_examples=300, deadline=None)
    @given(texts, st.booleans())
    def test_an_unlinked_text_has_nothing_that_x_links(self, twitter_text: Ask, text: str, keep_hashtags: bool) -> None:
        unlinked = unlink(text, keep_hashtags=keep_hashtags)
        for form in (unlinked, unicodedata.normalize("NFC", unlinked)):
            answer = twitter_text(form)
            assert (answer["urls"], answer["mentions"], answer["cashtags"]) == ([], [], [])
            assert keep_hashtags or answer["hashtags"] == []


def _places(spans: tuple[Span, ...]) -> list[tuple[int, int]]:
    return [(span.start, span.end) for span in spans]


def _ends(entities: list[dict[str, Any]]) -> list[tuple[int, int]]:
    return [(entity["start"], entity["end"]) for entity in entities]


class TestSameLimits:
    """Where X stops taking something for an address, on both sides of the limit."""

    @pytest.mark.parametrize("letter", ["a", "é", "Ж", "日", "\x7f"])
    def test_a_label_may_be_as_long(self, twitter_text: Ask, letter: str) -> None:
        forms = ("http://{}.com", "x.{}.com/a", "http://a。{}.com", "🐱{}.com", "http://xn--{}.みんな")
        for size, form in product(range(20, 66), forms):
            _assert_same_urls(twitter_text, form.format(letter * size))

    @pytest.mark.parametrize("start", ["http://a.com/", "a.com/", "a.com?", "https://日.com/"])
    def test_an_address_may_be_as_long(self, twitter_text: Ask, start: str) -> None:
        for size in range(4060, 4096):
            _assert_same_urls(twitter_text, start + "a" * size)

    def test_a_short_link_may_be_as_long(self, twitter_text: Ask) -> None:
        for size in range(38, 43):
            _assert_same_urls(twitter_text, f"http://T.co/{'a' * size}/b t.co/{'a' * size}")

    def test_parts_of_addresses_combine_in_the_same_way(self, twitter_text: Ask) -> None:
        for parts in product(["a", ".", "com", "_", "-", "日", "/", "http://"], repeat=4):
            _assert_same_urls(twitter_text, "".join(parts))

    def test_every_top_level_domain_is_known_to_both(self, twitter_text: Ask) -> None:
        for name in sorted(COUNTED.names):
            _assert_same_urls(twitter_text, f"http://a.{name} b.{name.lower()}c")


def _assert_same_urls(ask: Ask, text: str) -> None:
    assert [url.text for url in find_urls(text)] == [url["url"] for url in ask(text)["urls"]], text


class TestSameEmoji:
    """Every emoji of today's Unicode, in the company that makes it a sequence or nearly one."""

    BASES = tuple(regex.findall(r"\p{Emoji}|\p{Extended_Pictographic}", "".join(map(chr, range(0x20000)))))
    TONES = tuple("🏻🏼🏽🏾🏿")

    @pytest.mark.parametrize(
        "form",
        [
            *(
                "{}",
                "{}\ufe0f",
                "{}\ufe0e",
                "{}\u20e3",
                "{}\ufe0f\u20e3",
                "{}🏽",
                "{}\ufe0f🏽",
                "{}🏽\ufe0f",
                "{}🏻🏿",
                "{}\u200d",
            ),
            *("{}\u200d♂\ufe0f", "{}\u200d♀", "{}\ufe0f\u200d♂\ufe0f", "{}🏾\u200d♀\ufe0f", "{}\u200d👦", "{}\u200d🌈"),
            *(
                "👨\u200d{}",
                "👩\u200d{}\ufe0f",
                "👨🏼\u200d{}",
                "🧑\u200d{}",
                "🏳\ufe0f\u200d{}",
                "🏴\u200d{}\ufe0f",
                "👁\u200d{}",
            ),
            *(
                "👨\u200d👩\u200d{}",
                "👩\u200d👩\u200d👧\u200d{}",
                "👩\u200d❤\ufe0f\u200d💋\u200d{}",
                "👨\u200d{}\ufe0f\u200d👨",
            ),
        ],
    )
    def test_a_sequence_weighs_the_same(self, twitter_text: Ask, form: str) -> None:
        assert self.BASES
        for base in self.BASES:
            _assert_same_length(twitter_text, form.format(base))

    def test_every_pair_of_regional_indicators_weighs_the_same(self, twitter_text: Ask) -> None:
        letters = tuple(map(chr, range(0x1F1E6, 0x1F200)))
        for pair in product(letters, repeat=2):
            _assert_same_length(twitter_text, "".join(pair) + letters[0])

    @pytest.mark.parametrize("size", [2, 3, 4])
    def test_every_family_weighs_the_same(self, twitter_text: Ask, size: int) -> None:
        for people in product("👨👩👦👧🧑", repeat=size):
            _assert_same_length(twitter_text, "\u200d".join(people))

    def test_every_couple_weighs_the_same(self, twitter_text: Ask) -> None:
        tones = ("", *self.TONES)
        for first, tone, sign, second in product("👨👩🧑", tones, ("❤\ufe0f", "❤\ufe0f\u200d💋", "🤝", "❤"), "👨👩🧑"):
            _assert_same_length(twitter_text, f"{first}{tone}\u200d{sign}\u200d{second}{tone}")

    @pytest.mark.parametrize("code", ["gbeng", "gbsct", "gbwls", "gbnir", "usca", "g"])
    def test_every_flag_of_a_part_of_a_country_weighs_the_same(self, twitter_text: Ask, code: str) -> None:
        tags = "".join(chr(0xE0000 + ord(letter)) for letter in code)
        _assert_same_length(twitter_text, f"🏴{tags}\U000e007f")
        _assert_same_length(twitter_text, f"🏴{tags}")


def _assert_same_length(ask: Ask, text: str) -> None:
    assert weighted_length(text) == ask(text)["weightedLength"], ascii(text)
