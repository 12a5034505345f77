"""Channel files: the one that ships is right, and every mistake names file, key and what is allowed."""

import gzip
import json
import re
import tomllib
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.domain.categories import known
from bot.domain.channels import Channel, ChannelError, _explain, load_channel, load_channels
from bot.domain.posts import Platform

SHIPPED = Path(__file__).resolve().parents[2] / "config" / "interpretability.toml"


def _with(tmp_path: Path, old: str, new: str) -> Path:
    text = SHIPPED.read_text("utf-8")
    assert old in text
    file = tmp_path / "mine.toml"
    file.write_text(text.replace(old, new), "utf-8")
    return file


def test_the_shipped_channel_file_is_right() -> None:
    channel = load_channel(SHIPPED)
    assert channel.name == "interpretability"
    assert channel.feeds.categories == ("cs.CL", "cs.LG", "cs.AI")
    assert channel.posting.platforms == (Platform.BLUESKY, Platform.X)
    assert channel.env_prefix == "INTERPRETABILITY_"


@pytest.mark.parametrize(
    ("old", "new", "key", "hint"),
    [
        ('links = "last"', 'links = "lst"', "x.links", "'first', 'last' or 'none'"),
        ('form = "hook"', 'form = "hok"', "thread.form", "'hook' or 'title'"),
        ('form = "hook"', 'heading = "a\\nb"', "thread.heading", "must be one line, without control characters"),
        ('form = "hook"', f'heading = "{"a" * 101}"', "thread.heading", "it has 101 characters, at most 100"),
        ("size = 10", "sizze = 10", "queue.sizze", "known there: expire_after_days, size, threshold"),
        ("size = 10", 'size = "ten"', "queue.size", "it must be a whole number"),
        ("size = 10", "size = true", "queue.size", "it must be a whole number"),
        ("size = 10", "size = 0", "queue.size", "it must be at least 1 (it says 0)"),
        (
            '["10:00", "15:00"]',
            '["25:00"]',
            "posting.times",
            "it must be a time of day, such as '10:00' (it says '25:00')",
        ),
        ('["10:00", "15:00"]', "[10]", "posting.times", "local times such as '10:00'"),
        ("America/New_York", "America/Gotham", "posting.time_zone", "America/New_York, Europe/Berlin or UTC"),
        ('["bluesky", "x"]', '["myspace"]', "posting.platforms", "'bluesky', 'x', 'mastodon' or 'console'"),
        ('["mon", "tue"', '["moon", "tue"', "posting.days", "'mon', 'tue'"),
        ("monthly_budget_usd = 20", "monthly_budget_usd = -1", "x.monthly_budget_usd", "it must be at least 0"),
        (
            "monthly_budget_usd = 20",
            'monthly_budget_usd = "20"',
            "x.monthly_budget_usd",
            "a number, without quotes (it says '20')",
        ),
        (
            "monthly_budget_usd = 20",
            "monthly_budget_usd = true",
            "x.monthly_budget_usd",
            "a number, without quotes (it says True)",
        ),
        ("monthly_budget_usd = 20", "monthly_budget_usd = nan", "x.monthly_budget_usd", "not inf or nan"),
        ('["bluesky", "x"]', "[]", "posting.platforms", "at least 1 entry"),
        ('"probing" = 2.0', '"probing" = "much"', "ranking.words.probing", "it must be a number"),
        ('"probing" = 2.0', '"probing" = nan', "ranking.words.probing", "not inf or nan"),
        ('"cs.CL", ', '"cs.XX", ', "feeds.categories", "'cs.XX' is not an arXiv category"),
        ('"cs.CL", ', '"CS.cl", ', "feeds.categories", "'CS.cl' is not an arXiv category, such as cs.CL"),
        ('"cs.CL", ', '"stat.Ml", ', "feeds.categories", "such as stat.ML"),
        ('"cs.CL", ', '"cs.CL+cs.LG", ', "feeds.categories", "one category an entry"),
        ("threshold = 0.02", "threshold = 4.0", "queue.threshold", "from 0 to below 1, such as 0.01 (it says 4.0)"),
        ('weights = "interpretability"', 'weights = "vision"', "ranking.weights", "'none' or 'interpretability'"),
        ("[queue]", 'holidays = ["Christmas"]\n[queue]', "feeds.holidays", "it must be a date, such as 2026-12-24"),
        ("[queue]", "holidays = [20261224]\n[queue]", "feeds.holidays", "it must be a date, such as 2026-12-24"),
        (
            "[queue]",
            'holidays = ["2026-12-28"]\nno_holidays = [2026-12-28]\n[queue]',
            "feeds",
            "2026-12-28 stands under",
        ),
        ('"interpretability", "NLP"', '"two words"', "thread.hashtags", "with at least one letter"),
        ('"interpretability", "NLP"', '"3D", "2024"', "thread.hashtags", "'2024' is not a hashtag"),
        ('"interpretab*" = 2.5', '"*coder" = 2.5', "ranking.words", "'*coder' has a star elsewhere than at its end"),
        ('"interpretab*" = 2.5', '"circuit**" = 2.5', "ranking.words", "'circuit**' has a star elsewhere"),
        ('"interpretab*" = 2.5', '"a *b" = 2.5', "ranking.words", "'a *b' has a star elsewhere"),
        ('"interpretab*" = 2.5', '"Explainab*" = 2.5', "ranking.words", "'Explainab*' and 'explainab*' are the same"),
        ('"interpretab*" = 2.5', '"path-patching" = 1', "ranking.words", "'path-patching' and 'path patching' are the"),
        ('"interpretab*" = 2.5', '"- *" = 2.5', "ranking.words", "'- *' holds no word"),
        ('"Neel Nanda" = 2.0', '"Neel*" = 2.0', "ranking.authors", "'Neel*' has a star, but names are whole"),
        ('"Neel Nanda" = 2.0', '"mor gevá" = 2.0', "ranking.authors", "'mor gevá' and 'Mor Geva' are the same"),
        ("title_factor", 'exclude = ["CO2", "co₂"]\ntitle_factor', "ranking.exclude", "'CO2' and 'co₂' are the same"),
        ('langs = ["en"]', 'langs = ["English!"]', "thread.langs", "BCP 47"),
        ('["10:00", "15:00"]', '["10:00", "15:00", "10:00:00"]', "posting.times", "10:00 stands there twice"),
        ('["bluesky", "x"]', '["bluesky", "x", "bluesky"]', "posting.platforms", "bluesky stands there twice"),
        ('["mon", "tue"', '["mon", "mon", "tue"', "posting.days", "mon stands there twice"),
        ('"interpretability", "NLP"', '"NLP", "#nlp"', "thread.hashtags", "nlp stands there twice"),
        ('langs = ["en"]', 'langs = ["en", "en"]', "thread.langs", "en stands there twice"),
        ('"cs.CL", ', '"cs.CL", "cs.CL", ', "feeds.categories", "cs.CL stands there twice"),
        ("[queue]", 'holidays = ["2026-12-28", 2026-12-28]\n[queue]', "feeds.holidays", "2026-12-28 stands there"),
        (
            "title = ",
            "titel = ",
            "titel",
            "archive, card, chat, collection, curators, feeds, mastodon, notices, posting, profile, queue, ranking,",
        ),
        ('title = "I', 'name = "x"\ntitle = "I', "name", "file's own name"),
    ],
)
def test_a_mistake_names_file_key_and_what_is_allowed(tmp_path: Path, old: str, new: str, key: str, hint: str) -> None:
    file = _with(tmp_path, old, new)
    with pytest.raises(ChannelError) as caught:
        load_channel(file)
    message = str(caught.value)
    assert str(file) in message
    assert key in message
    assert hint in message
    assert "\n" not in message
    assert not _OF_THE_LIBRARY.search(message)


_OF_THE_LIBRARY = re.compile(
    r"Input|[Vv]alid (?!TOML)|Value error|validation|dictionary|tuple|Extra|String|List|Decimal"
)


def test_a_value_is_not_said_twice(tmp_path: Path) -> None:
    with pytest.raises(ChannelError) as caught:
        load_channel(_with(tmp_path, "America/New_York", "Berlin"))
    assert str(caught.value).partition(".toml: ")[2] == (
        "posting.time_zone: 'Berlin' is not a time zone; write one such as America/New_York, Europe/Berlin or UTC"
    )


_WRONG = {
    "an integer": 17,
    "a float": 1.5,
    "a boolean": True,
    "words": "odd",
    "nothing": "",
    "a list": [],
    "a list of numbers": [1, 2],
    "a table": {"odd": 1},
    "a date": date(2026, 1, 1),
    "not a number": float("nan"),
    "too much": 10**9,
    "too little": -(10**9),
    "many": ["x"] * 5000,
}


@pytest.mark.parametrize("value", _WRONG.values(), ids=_WRONG)
def test_no_message_is_the_librarys_whatever_stands_where(value: object) -> None:
    with SHIPPED.open("rb") as stream:
        right = tomllib.load(stream)
    for section, content in right.items():
        for key in [None, *(content if isinstance(content, dict) else ())]:
            wrong = {**right, section: value if key is None else {**content, key: value}}
            try:
                Channel.model_validate({"name": "mine", **wrong})
            except ValidationError as error:
                message = _explain(Path("mine.toml"), error)
                assert not _OF_THE_LIBRARY.search(message.replace(repr(value), "")), message
                assert "cannot be read" not in message, message


@pytest.mark.parametrize("written", ['"2026-12-28"', "2026-12-28"])
def test_a_day_off_is_a_date_with_or_without_quotes(tmp_path: Path, written: str) -> None:
    feeds = load_channel(_with(tmp_path, "[queue]", f"holidays = [{written}]\n[queue]")).feeds
    assert (feeds.holidays, feeds.no_holidays) == ((date(2026, 12, 28),), ())


@pytest.mark.parametrize(("written", "read"), [("  🔍 Today's pick ", "🔍 Today's pick"), (" ", None), ("", None)])
def test_the_line_above_the_title_is_tidied_and_a_blank_one_is_none(
    tmp_path: Path, written: str, read: str | None
) -> None:
    assert load_channel(_with(tmp_path, 'form = "hook"', f'heading = "{written}"')).thread.heading == read


@pytest.mark.parametrize(("written", "read"), [("20", "20"), ("12.50", "12.5"), ("0", "0")])
def test_a_budget_is_a_whole_or_a_broken_number(tmp_path: Path, written: str, read: str) -> None:
    file = _with(tmp_path, "monthly_budget_usd = 20", f"monthly_budget_usd = {written}")
    assert load_channel(file).x.monthly_budget_usd == Decimal(read)


@pytest.mark.parametrize(
    ("old", "new"), [('["10:00", "15:00"]', '["25:00"]'), ('["bluesky", "x"]', '["myspace", "friendster"]')]
)
def test_a_list_of_wrong_values_alone_is_not_called_too_short(tmp_path: Path, old: str, new: str) -> None:
    with pytest.raises(ChannelError) as caught:
        load_channel(_with(tmp_path, old, new))
    assert "at least 1 entry" not in str(caught.value)


def test_a_file_that_is_no_toml_says_where(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text("title = \n", "utf-8")
    with pytest.raises(ChannelError, match=r"not valid TOML.*line 1"):
        load_channel(file)


def test_an_empty_folder_names_the_option_that_chooses_another(tmp_path: Path) -> None:
    with pytest.raises(ChannelError, match="--config or PICKS_CONFIG"):
        load_channels(tmp_path)


def test_a_file_in_place_of_the_folder_is_said(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(SHIPPED.read_text("utf-8"), "utf-8")
    with pytest.raises(ChannelError) as caught:
        load_channels(file)
    assert str(caught.value) == f"{file} is a file; name the folder that holds it with --config or PICKS_CONFIG"


def test_several_files_are_several_channels(tmp_path: Path) -> None:
    for name in ("beta", "alpha"):
        (tmp_path / f"{name}.toml").write_text(SHIPPED.read_text("utf-8"), "utf-8")
    assert list(load_channels(tmp_path)) == ["alpha", "beta"]


def test_two_channels_cannot_have_one_collection(tmp_path: Path) -> None:
    for name, title in (("alpha", "old-title"), ("beta", "new-title")):
        section = f'\n[collection]\nslug = "acme/{title}-65a1b2c3d4e5f60718293a4b"\n'
        (tmp_path / f"{name}.toml").write_text(SHIPPED.read_text("utf-8") + section, "utf-8")
    with pytest.raises(ChannelError, match=r"beta\.toml: collection\.slug: the channel alpha has the same collection"):
        load_channels(tmp_path)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_channel_file_may_begin_with_a_byte_order_mark(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "interpretability.toml"
    file.write_text(SHIPPED.read_text("utf-8"), encoding)
    assert load_channel(file) == load_channel(SHIPPED)


def test_a_channel_file_in_another_encoding_is_refused_with_the_line_and_the_way_out(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_bytes("# a\ntitle = 'Größe'".encode("latin-1"))
    with pytest.raises(ChannelError) as caught:
        load_channel(file)
    assert str(caught.value) == (f"{file} is not valid TOML: line 2 is not in UTF-8; save the file in that encoding")


@pytest.mark.parametrize("content", [b"\xff\xfea", b"\xff\xfe\x00\xd8\x00\x00"])
def test_a_channel_file_that_broke_off_in_its_encoding_says_so_in_plain_words(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "mine.toml"
    file.write_bytes(content)
    with pytest.raises(ChannelError, match="is not valid TOML: ") as caught:
        load_channel(file)
    assert "codec" not in str(caught.value)


@pytest.mark.parametrize("category", ["cs", "math", "hep-th", "cond-mat.dis-nn", "q-bio.NC", "stat.ML", "eess.AS"])
def test_every_kind_of_category_is_known(category: str) -> None:
    assert category in known()


def test_every_category_of_the_real_listings_is_known(shared_data: Path) -> None:
    file = shared_data / "arxiv" / "listings" / "2024-06.jsonl.gz"
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        assert {category for line in lines for category in json.loads(line)["categories"]} - known() == set()
