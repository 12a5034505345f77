"""Feeds to batches: arXiv's three formats, everything that is refused, and real captures."""

import gzip
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sample_feeds
from bot.arxiv import captures, feeds
from bot.arxiv.captured_date import stated_date
from bot.arxiv.errors import FeedContentError, FeedError
from bot.domain.errors import PermanentError
from bot.domain.papers import Announcement, AnnounceType, ArxivId, Batch, OddEntry
from sample_feeds import PLAIN, REPLACED, Item

FEED = sample_feeds.rss(PLAIN, REPLACED)
ANNOUNCED = (
    Announcement(
        arxiv_id=ArxivId("2602.00001"),
        version=1,
        type=AnnounceType.NEW,
        title="A Paper",
        abstract="An abstract.",
        authors=("A. One", "B. Two"),
        categories=("cs.CL",),
        license="http://creativecommons.org/licenses/by/4.0/",
    ),
    Announcement(
        arxiv_id=ArxivId("2601.00002"),
        version=3,
        type=AnnounceType.REPLACE_CROSS,
        title="α-Probes: Let's <think> about Poincaré",
        abstract="We show that 0<a<b holds for 99% of R&D.",
        authors=("C. Thrée", "D. Four"),
        categories=("stat.ML", "cs.CL", "cs.LG"),
        license="http://creativecommons.org/licenses/by/4.0/",
    ),
)


def parse(body: bytes) -> Batch:
    return feeds.parse(body, source="feed.xml")


def refusal(body: bytes) -> str:
    with pytest.raises(FeedContentError) as caught:
        parse(body)
    assert isinstance(caught.value, PermanentError)
    return str(caught.value)


def test_rss_becomes_a_batch_with_exact_text() -> None:
    built_at = datetime(2026, 2, 17, 5, 0, 3, tzinfo=UTC)
    assert parse(FEED) == Batch(feed="cs.CL", day=date(2026, 2, 17), built_at=built_at, announcements=ANNOUNCED)


@pytest.mark.parametrize("separate_authors", [False, True])
def test_atom_says_the_same_as_rss(separate_authors: bool) -> None:
    simple = replace(REPLACED, creator="C. Three, D. Four")
    batch = parse(sample_feeds.atom(PLAIN, simple, separate_authors=separate_authors))
    wanted = parse(sample_feeds.rss(PLAIN, simple))
    assert batch == replace(wanted, built_at=datetime(2026, 2, 17, 5, 0, 3, 123456, tzinfo=UTC))


@pytest.mark.parametrize("written", ["Tue, 17 Feb 2026 05:00:00 -0000", "Tue, 17 Feb 2026 05:00:00 GMT"])
def test_a_date_without_a_place_is_in_utc(written: str) -> None:
    body = FEED.replace(b"Tue, 17 Feb 2026 00:00:00 -0500", written.encode(), 1)
    assert parse(body) == parse(FEED)
    assert stated_date(FEED) == stated_date(body)


def test_a_date_without_a_zone_is_refused() -> None:
    with pytest.raises(FeedContentError, match=r"unreadable date .*has no time zone"):
        parse(FEED.replace(b"Tue, 17 Feb 2026 05:00:03 +0000", b"Tue, 17 Feb 2026 05:00:03"))


def test_built_at_is_in_utc_whatever_zone_the_feed_uses() -> None:
    batch = parse(FEED.replace(b"Tue, 17 Feb 2026 05:00:03 +0000", b"Tue, 17 Feb 2026 00:00:03 -0500"))
    assert (batch.built_at, batch.built_at.tzinfo) == (datetime(2026, 2, 17, 5, 0, 3, tzinfo=UTC), UTC)


@pytest.mark.parametrize("body", [sample_feeds.rss(), sample_feeds.atom(), sample_feeds.rdf()])
def test_a_valid_feed_without_entries_is_an_empty_batch(body: bytes) -> None:
    assert parse(body).announcements == ()


def test_an_empty_atom_feed_is_dated_by_when_it_was_built_in_eastern_time() -> None:
    late = sample_feeds.atom().replace(b"2026-02-17T05:00:03", b"2026-02-17T04:59:59")
    assert (parse(sample_feeds.atom()).day, parse(late).day) == (date(2026, 2, 17), date(2026, 2, 16))


def test_rss_built_seconds_before_midnight_keeps_the_date_it_states() -> None:
    early = FEED.replace(b"Tue, 17 Feb 2026 05:00:03 +0000", b"Wed, 18 Feb 2026 04:59:59 +0000")
    assert parse(early).day == date(2026, 2, 17)


def test_several_categories_in_one_feed_are_joined_by_plus() -> None:
    assert parse(FEED.replace(b"<title>cs.CL updates", b"<title>cs.CL, cs.LG updates")).feed == "cs.CL+cs.LG"


@pytest.mark.parametrize(
    ("escaped", "wanted"),
    [
        (b"R&amp;amp;D &amp;lt;b&amp;gt; Caf&amp;eacute; &amp;#x27;x&amp;#39;", "R&D <b> Café 'x'"),
        (b"$0&lt;a&lt;b$ &lt;think&gt; a &amp; b &amp;c", "0<a<b <think> a & b &c"),
        (b"&lt;script&gt;x&lt;/script&gt;&lt;a href='/y'&gt;z&lt;/a&gt;", "<script>x</script><a href='/y'>z</a>"),
        ("naïve – “quoted” 模型 𝒪".encode(), "naïve – “quoted” 模型 𝒪"),
        (b" two \n  lines ", "two lines"),
        (b"two&amp;#10;&amp;nbsp;lines &amp;#x202e; of text", "two lines of text"),
        (b"&amp;#157;0;HACK &amp;#x81;2J&amp;#27;[2J", "0;HACK 2J[2J"),
        (rb"\unicode{x9d}0;HACK $\unicode{x202e}$ \unicode{xd800}\unicode{xa} end", "0;HACK end"),
        ("\u202etxet\u202c \u2066a\u2069 \u200eb\u200f \x9d0;HACK\x7f\ufeff".encode(), "txet a b 0;HACK"),
        ("👩‍🔬 می‌خواهم क्‍ष".encode(), "👩‍🔬 می‌خواهم क्‍ष"),
    ],
)
def test_titles_and_abstracts_come_through_exactly(escaped: bytes, wanted: str) -> None:
    body = FEED.replace(b"<title>A Paper</title>", b"<title>" + escaped + b"</title>").replace(b"An abstract.", escaped)
    first = parse(body).announcements[0]
    assert (first.title, first.abstract) == (wanted, wanted)


def test_names_and_categories_hold_no_control_codes_either() -> None:
    item = Item(creator="A. \u202eOne\x9d, B. T&#157;wo", categories=("cs.\x9d\u202eCL",))
    first = parse(sample_feeds.rss(item)).announcements[0]
    assert (first.authors, first.categories) == (("A. One", "B. Two"), ("cs.CL",))


def test_an_old_style_id_is_read() -> None:
    assert parse(sample_feeds.rss(Item(arxiv_id="nlin/0408039"))).announcements[0].arxiv_id == ArxivId("nlin/0408039")


def test_an_id_that_stands_there_twice_is_announced_once_in_its_higher_version() -> None:
    first, other = Item(title="First"), Item(arxiv_id="2602.00009")
    newer = Item(version=2, type="replace", title="Second")
    batch = parse(sample_feeds.rss(first, other, newer, replace(first, title="Third")))
    assert [(a.arxiv_id.value, a.version, a.type, a.title) for a in batch.announcements] == [
        ("2602.00001", 2, AnnounceType.NEW, "Second"),
        ("2602.00009", 1, AnnounceType.NEW, "A Paper"),
    ]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_of_an_id_that_stands_there_several_times_the_order_makes_no_difference(order: tuple[int, ...]) -> None:
    items = [
        Item(version=2, type="replace", title="Second"),
        Item(title="First"),
        Item(version=2, type="cross", title="Second"),
    ]
    [found] = parse(sample_feeds.rss(*(items[place] for place in order))).announcements
    assert (found.version, found.type, found.title) == (2, AnnounceType.NEW, "Second")


@pytest.mark.parametrize(
    ("note", "announced"),
    [
        ("(arXiv:2401.00001v1 [cs.CL])", (1, AnnounceType.NEW, ("cs.CL",))),
        ("(arXiv:2401.00001v1 [cs.IR])", (1, AnnounceType.CROSS, ("cs.IR",))),
        ("(arXiv:2401.00001v1 [cs.IR] CROSS LISTED)", (1, AnnounceType.CROSS, ("cs.IR",))),
        ("(arXiv:2401.00001v4 [cs.CL] UPDATED)", (4, AnnounceType.REPLACE, ("cs.CL",))),
        ("(arXiv:2401.00001v2 [cs.IR] UPDATED)", (2, AnnounceType.REPLACE_CROSS, ("cs.IR",))),
    ],
)
def test_rss_1_tells_version_and_type_in_its_titles(
    note: str, announced: tuple[int, AnnounceType, tuple[str, ...]]
) -> None:
    entry = parse(sample_feeds.rdf(f"Old (and Good): A Paper. {note}")).announcements[0]
    assert (entry.version, entry.type, entry.categories) == announced
    assert (entry.title, entry.abstract) == ("Old (and Good): A Paper", "An abstract on two lines & more.")
    assert (entry.arxiv_id, entry.authors) == (ArxivId("2401.00001"), ("A. One", "B. Té"))


def test_rss_1_was_built_on_the_evening_before_the_date_of_its_announcement() -> None:
    batch = parse(sample_feeds.rdf())
    assert (batch.day, batch.built_at) == (date(2024, 1, 11), datetime(2024, 1, 11, 1, 30, tzinfo=UTC))


OTHER = Item(arxiv_id="2602.00009")
_FEED_OF_ONE = sample_feeds.rss(REPLACED)
REPLACED_ENTRY = _FEED_OF_ONE[_FEED_OF_ONE.index(b"    <item>") : _FEED_OF_ONE.index(b"  </channel>")]
TYPES = "(known: new, cross, replace, replace-cross)"
REFUSED = {
    "nothing": (b"", " is empty: that is a failed download, not a quiet day; fetch it again"),
    "blanks": (b" \n ", " is empty: that is a failed download, not a quiet day; fetch it again"),
    "a web page": (b"<!DOCTYPE html><p>", " has a DOCTYPE: it is a web page, not a feed; check the address"),
    "XHTML": (b"<html></html>", " is no RSS or Atom feed: it is a web page or other XML; check the address"),
    "a proxy's page": (
        b"<html><body><hr>nginx</body></html>",
        " is cut off or no XML at all (mismatched tag: line 1, column 23); fetch it again",
    ),
    "words": (b"502 Bad Gateway", " is cut off or no XML at all (syntax error: line 1, column 0); fetch it again"),
    "gzip": (
        gzip.compress(FEED, mtime=0),
        " is cut off or no XML at all (not well-formed (invalid token): line 1, column 0); fetch it again",
    ),
    "another site's RSS": (
        FEED.replace(b"cs.CL updates on arXiv.org", b"Example news"),
        " is not a feed of arXiv: its title is 'Example news'; check the address",
    ),
    "another Atom feed of arXiv": (
        sample_feeds.atom().replace(b"cs.CL updates on arXiv.org", b"arXiv Query: search_query=x"),
        " is not a feed of arXiv: its title is 'arXiv Query: search_query=x'; check the address",
    ),
    "arXiv's own error feed": (
        sample_feeds.rss()
        .replace(b"<title>cs.CL updates on arXiv.org", b"<title>Feed error for query: http://rss.arxiv.org/rss/x")
        .replace(b"cs.CL updates on the arXiv.org e-print archive.", b"Invalid archive or category."),
        ": arXiv sent an error feed ('Invalid archive or category.'); check the category",
    ),
    "no date": (
        sample_feeds.rss().replace(b"pubDate", b"someDate").replace(b"lastBuildDate", b"otherDate"),
        " does not say when it was built; fetch it again",
    ),
    "a date in words": (
        FEED.replace(b"Tue, 17 Feb 2026 05:00:03 +0000", b"yesterday"),
        """ has an unreadable date ('Invalid date value or format "yesterday"'); fetch it again""",
    ),
    "a date without zone": (
        sample_feeds.atom().replace(b".123456+00:00", b""),
        """ has an unreadable date ("'2026-02-17T05:00:03' has no time zone"); fetch it again""",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_whole_feed_of_arxiv_is_refused_with_source_reason_and_next_step(what: str) -> None:
    body, message = REFUSED[what]
    assert refusal(body) == f"feed.xml{message}"


OTHERS = {
    "an id of another site": (
        REPLACED_ENTRY.replace(b"oai:arXiv.org:2601.00002v3", b"https://example.org/1"),
        OddEntry(
            "entry 2 of 3 (2601.00002) has no arXiv id (its id says 'https://example.org/1')",
            ArxivId("2601.00002"),
            AnnounceType.REPLACE_CROSS,
        ),
    ),
    "no id": (
        REPLACED_ENTRY.replace(b'<guid isPermaLink="false">oai:arXiv.org:2601.00002v3</guid>', b""),
        OddEntry(
            "entry 2 of 3 (2601.00002) has no arXiv id (its id says nothing)",
            ArxivId("2601.00002"),
            AnnounceType.REPLACE_CROSS,
        ),
    ),
    "no id anywhere": (
        b"<item><title>A Paper</title><description>Nothing.</description></item>",
        OddEntry("entry 2 of 3 has no arXiv id (its id says nothing)"),
    ),
    "no title": (
        REPLACED_ENTRY.replace(b"<title>", b"<title> </title><title1>").replace(b"</title>\n", b"</title1>\n"),
        OddEntry("entry 2 of 3 (2601.00002) has no title", ArxivId("2601.00002"), AnnounceType.REPLACE_CROSS),
    ),
    "an unknown announce type": (
        REPLACED_ENTRY.replace(b">replace-cross<", b">absonly<"),
        OddEntry(f"entry 2 of 3 (2601.00002) has an unknown announce type, 'absonly' {TYPES}", ArxivId("2601.00002")),
    ),
    "a type in capitals": (
        REPLACED_ENTRY.replace(b">replace-cross<", b">New<"),
        OddEntry(
            f"entry 2 of 3 (2601.00002) has an unknown announce type, 'New' {TYPES}",
            ArxivId("2601.00002"),
            AnnounceType.NEW,
        ),
    ),
    "no type": (
        REPLACED_ENTRY.replace(b"arxiv:announce_type", b"arxiv:other").replace(b"Announce Type", b"Type"),
        OddEntry(f"entry 2 of 3 (2601.00002) has no announce type {TYPES}", ArxivId("2601.00002")),
    ),
}


@pytest.mark.parametrize("what", OTHERS)
def test_an_odd_entry_is_named_and_costs_nobody_the_others(what: str) -> None:
    entry, odd = OTHERS[what]
    batch = parse(sample_feeds.rss(PLAIN, REPLACED, OTHER).replace(REPLACED_ENTRY, entry))
    assert (batch.odd, batch.cut_off) == ((odd,), False)
    assert [str(item.arxiv_id) for item in batch.announcements] == ["2602.00001", "2602.00009"]


@pytest.mark.parametrize("form", [sample_feeds.rss, sample_feeds.atom], ids=["rss", "atom"])
def test_an_entry_that_stands_alone_may_be_odd_too(form: Callable[..., bytes]) -> None:
    batch = parse(form(Item(type="absonly")))
    assert (batch.announcements, [str(item.arxiv_id) for item in batch.odd]) == ((), ["2602.00001"])


def test_an_old_title_without_id_is_odd_and_its_address_says_the_id() -> None:
    batch = parse(sample_feeds.rdf("A Paper without id", "Another. (arXiv:2401.00002v1 [cs.CL])"))
    assert [str(item.arxiv_id) for item in batch.announcements] == ["2401.00002"]
    why = "entry 1 of 2 (2401.00001) has no arXiv id in its title, 'A Paper without id'"
    assert batch.odd == (OddEntry(why, ArxivId("2401.00001")),)


def test_elements_that_make_feedparser_stumble_are_refused() -> None:
    message = refusal(sample_feeds.atom(PLAIN, REPLACED).replace(b"entry>", b"width>"))
    assert message.startswith("feed.xml cannot be read as a feed (")


@pytest.mark.parametrize("form", [sample_feeds.rss, sample_feeds.atom], ids=["rss", "atom"])
def test_of_a_feed_that_was_cut_off_the_entries_that_arrived_whole_are_kept(form: Callable[..., bytes]) -> None:
    body = form(PLAIN, REPLACED)
    whole = parse(body).announcements
    found = {kept: batch_or_error(body[:kept]) for kept in range(1, len(body.rstrip()))}
    counts = [len(item.announcements) for item in found.values() if isinstance(item, Batch)]
    assert (counts == sorted(counts), set(counts)) == (True, {1, 2})
    assert all(
        item.cut_off and item.announcements == whole[: len(item.announcements)]
        for item in found.values()
        if isinstance(item, Batch)
    )
    assert all(str(item).endswith("; fetch it again") for item in found.values() if isinstance(item, FeedError))


def test_a_feed_that_is_damaged_in_the_middle_is_refused_whole() -> None:
    place = FEED.index(b"</item>") + 40
    assert refusal(FEED[:place] + b"<\x00" + FEED[place:]).startswith("feed.xml is cut off or no XML at all (")


def test_a_bomb_of_entities_is_refused_unread() -> None:
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 9))
    bomb = f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a0 "a">{entities}]><rss>&a8;</rss>'
    assert refusal(bomb.encode()) == "feed.xml has a DOCTYPE: it is a web page, not a feed; check the address"


def test_a_body_that_is_the_name_of_a_file_is_not_opened(tmp_path: Path) -> None:
    file = tmp_path / "feed.xml"
    file.write_bytes(FEED)
    assert refusal(str(file).encode()).startswith("feed.xml is cut off or no XML at all")


def batch_or_error(body: bytes) -> Batch | FeedError:
    try:
        return parse(body)
    except FeedError as error:
        return error


@settings(deadline=None)
@given(st.integers(0, len(FEED)), st.binary(max_size=4), st.integers(0, 8))
def test_a_damaged_feed_is_a_batch_or_a_feed_error(position: int, inserted: bytes, dropped: int) -> None:
    assert isinstance(batch_or_error(FEED[:position] + inserted + FEED[position + dropped :]), Batch | FeedContentError)


@given(st.lists(st.sampled_from(FEED.split(b"<")), max_size=30))
@settings(max_examples=60, deadline=None)
def test_any_mixture_of_elements_is_a_batch_or_a_feed_error(pieces: list[bytes]) -> None:
    assert isinstance(
        batch_or_error(b"<rss version='2.0'><channel><" + b"<".join(pieces) + b"</channel></rss>"),
        Batch | FeedContentError,
    )


@given(
    st.sampled_from([b"<title", b"<link", b"<guid", b"<description", b"<category", b"<pubDate", b"<dc:creator"]),
    st.sampled_from([b"<title", b"<image", b"<textInput", b"<link", b"<author", b"<source", b"<content", b"<item"]),
)
@settings(max_examples=60, deadline=None)
def test_elements_in_unexpected_places_are_a_batch_or_a_feed_error(old: bytes, new: bytes) -> None:
    assert isinstance(
        batch_or_error(FEED.replace(old, new).replace(old.replace(b"<", b"</"), new.replace(b"<", b"</"))),
        Batch | FeedContentError,
    )


@settings(deadline=None)
@given(st.integers(0, len(FEED)))
def test_no_beginning_of_a_feed_passes_for_a_feed(kept: int) -> None:
    found = batch_or_error(FEED[:kept])
    if isinstance(found, Batch):
        assert found.cut_off == (kept < len(FEED.rstrip()))
    else:
        assert kept < FEED.index(b"</item>") + len(b"</item>")


@pytest.mark.slow
def test_a_month_of_real_captures_is_read_whole(shared_data: Path) -> None:
    files = sorted((shared_data / "arxiv" / "rss").glob("*.xml.gz"))
    batches = [feeds.parse(captures.read(file), source=file.name) for file in files]
    types = Counter(str(a.type) for batch in batches for a in batch.announcements)
    assert len(files) == 90
    assert types == {"new": 4550, "cross": 5173, "replace": 3389, "replace-cross": 3636}
    assert [batch.feed.lower().replace(".", "-") for batch in batches] == [file.name[11:16] for file in files]
    assert all(a.authors and a.categories and a.abstract for batch in batches for a in batch.announcements)


@pytest.mark.slow
def test_every_odd_capture_says_what_its_index_says(shared_data: Path) -> None:
    folder = shared_data / "arxiv" / "odd"
    for known in json.loads((folder / "INDEX.json").read_text("utf-8")):
        batch = feeds.parse(captures.read(folder / known["file"]), source=known["file"])
        types = Counter(str(a.type) for a in batch.announcements)
        assert (batch.feed, len(batch.announcements), types) == (known["feed"], known["items"], known["types"])


def test_a_literal_think_in_a_real_title_survives(shared_data: Path) -> None:
    batch = feeds.parse(captures.read(shared_data / "arxiv" / "odd" / "2025-04-12-cs-cl.xml.gz"), source="capture")
    assert [title.count("<think>") for a in batch.announcements if "think>" in (title := a.title)] == [1]


def test_an_old_title_of_nothing_but_white_space_is_read_at_once() -> None:
    title = "A" + " " * 200_000 + "Paper. (arXiv:2401.00001v1 [cs.CL])"
    [found] = parse(sample_feeds.rdf(title)).announcements
    assert (found.title, str(found.arxiv_id)) == ("A Paper", "2401.00001")


def test_a_year_that_cannot_be_is_an_unreadable_date() -> None:
    body = sample_feeds.rss(sample_feeds.Item()).replace(b"17 Feb 2026", b"17 Feb 9998")
    with pytest.raises(FeedContentError, match="unreadable date"):
        parse(body)


def test_a_head_with_a_blank_date_is_put_first() -> None:
    assert stated_date(b"<rss><pubDate>" + b" " * 12 + b"</pubDate>") == stated_date(b"")
