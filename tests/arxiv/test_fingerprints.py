"""Entries are told apart by their words alone, and one that was read before is not read again."""

import gzip
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from bot.arxiv.errors import FeedContentError
from bot.arxiv.feeds import parse
from bot.arxiv.fingerprints import take_apart
from bot.domain.papers import Announcement
from sample_feeds import PLAIN, REPLACED, Item, atom, rss

OTHER = Item(arxiv_id="2602.00003", title="Another Paper")
PLAIN_READ = parse(rss(PLAIN), source="a feed").announcements[0]


def _marks(body: bytes) -> tuple[str, ...]:
    parts = take_apart(body)
    assert parts is not None
    return parts.fingerprints


def test_the_date_makes_no_difference_and_every_word_does() -> None:
    body = rss(PLAIN, REPLACED)
    assert _marks(body.replace(b"17 Feb", b"18 Feb")) == _marks(body)
    first, second = _marks(body)
    assert _marks(body.replace(b"An abstract.", b"An abstract!")) != (first, second)
    assert _marks(body.replace(b"An abstract.", b"An abstract!"))[1] == second


def test_other_namespaces_make_other_entries() -> None:
    body = rss(PLAIN)
    assert _marks(body.replace(b"http://arxiv.org/schemas/atom", b"http://example.org/else")) != _marks(body)


@pytest.mark.parametrize("write", [rss, atom])
def test_entries_are_taken_out_and_the_rest_stays(write: object) -> None:
    assert callable(write)
    parts = take_apart(write(PLAIN, REPLACED, OTHER))
    assert parts is not None
    left = parse(parts.without([1]), source="a feed").announcements
    assert [str(item.arxiv_id) for item in left] == ["2602.00001", "2602.00003"]


@pytest.mark.parametrize(
    ("told", "instead"),
    [
        ("An abstract.", "<![CDATA[<item>An abstract.</item>]]>"),
        ("<item>", "<!-- <item> --><item>"),
        ("<item>", "<?say <item> ?><item>"),
        ("encoding='UTF-8'", "encoding='UTF-16'"),
        ("encoding='UTF-8'", "encoding='iso-2022-jp'"),
    ],
)
def test_a_body_of_which_it_is_not_sure_is_left_whole(told: str, instead: str) -> None:
    assert take_apart(rss(PLAIN).replace(told.encode(), instead.encode())) is None


@pytest.mark.parametrize("write", [rss, atom])
def test_what_is_recalled_is_not_read_and_stands_in_its_place(write: object) -> None:
    assert callable(write)
    body = write(OTHER, PLAIN, REPLACED)
    read = parse(body, source="a feed")
    recalled = replace(read.announcements[1], title="Told from memory")

    def recall(marks: Sequence[str]) -> Mapping[str, Announcement]:
        return {marks[0]: recalled, marks[1]: recalled}

    titles = [item.title for item in parse(body, source="a feed", recall=recall).announcements]
    # The first is read all the same: the date of an Atom feed stands there.
    assert titles == [read.announcements[0].title, "Told from memory", read.announcements[2].title]


def test_where_entries_do_not_add_up_all_are_read() -> None:
    body = rss(OTHER, PLAIN).replace(b"<language>", b"<extra><entry>no paper</entry></extra><language>")
    assert len(_marks(body)) == 2
    with pytest.raises(FeedContentError, match="entry 1 of 3 has no arXiv id"):
        parse(body, source="a feed", recall=lambda given: dict.fromkeys(given[1:], PLAIN_READ))


def test_an_entry_that_cannot_be_read_is_named_by_its_place_in_the_whole_feed() -> None:
    body = rss(OTHER, PLAIN, Item(arxiv_id="2602.00004", title=""))
    with pytest.raises(FeedContentError, match="entry 3 of 3 has no title"):
        parse(body, source="a feed", recall=lambda given: {given[1]: PLAIN_READ})


def test_a_paper_that_stands_there_twice_has_no_fingerprint_of_its_own() -> None:
    body = rss(PLAIN, replace(PLAIN, version=2))
    assert [item.fingerprint for item in parse(body, source="a feed").announcements] == [None]


def test_every_entry_of_real_feeds_has_its_fingerprint(shared_data: Path) -> None:
    captures = sorted((shared_data / "arxiv" / "rss").glob("*-cs-cl.xml.gz"))
    for capture in captures:
        read = parse(gzip.decompress(capture.read_bytes()), source=capture.name).announcements
        assert [item for item in read if item.fingerprint is None] == []
