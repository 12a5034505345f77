"""Feeds in files: plain, packed, damaged, too large."""

import codecs
import gzip
import re
import zlib
from pathlib import Path

import pytest

import sample_feeds
from bot.arxiv import captures
from bot.arxiv.captured_date import stated_date
from bot.arxiv.errors import CaptureError
from bot.arxiv.feeds import parse
from bot.domain.errors import PermanentError

FEED = sample_feeds.rss(sample_feeds.PLAIN)


@pytest.mark.parametrize("name", ["cs-cl.xml", "cs-cl.xml.gz", "feed"])
@pytest.mark.parametrize(
    "content",
    [FEED, gzip.compress(FEED, mtime=0), gzip.compress(FEED[:90], mtime=0) + gzip.compress(FEED[90:], mtime=0)],
)
def test_content_rather_than_name_tells_whether_a_capture_is_packed(tmp_path: Path, name: str, content: bytes) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    assert captures.read(file) == FEED


def test_a_byte_order_mark_and_blank_lines_are_allowed(tmp_path: Path) -> None:
    file = tmp_path / "feed.xml"
    file.write_bytes(b"\xef\xbb\xbf\n<rss/>")
    assert captures.read(file) == b"\xef\xbb\xbf\n<rss/>"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_a_feed_in_utf_16_is_read_from_a_file_as_from_an_address(tmp_path: Path, encoding: str) -> None:
    marks = {"utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE}
    text = FEED.decode().replace("UTF-8", "UTF-16", 1)
    content = marks.get(encoding, b"") + text.encode(encoding)
    file = tmp_path / "feed.xml"
    file.write_bytes(content)
    assert captures.read(file) == captures.unpacked(content, source="http://example.org/feed") == content
    assert parse(content, source="feed.xml") == parse(FEED, source="feed.xml")
    assert stated_date(content) == stated_date(FEED)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
@pytest.mark.parametrize("declaration", ["<?xml version='1.0' encoding='UTF-8'?>", "", "\n<?xml version='1.0'?>"])
def test_a_feed_that_was_saved_in_another_encoding_is_read_whatever_it_says_of_it(
    encoding: str, declaration: str
) -> None:
    inside = re.sub(r"\A\s*<\?xml[^>]*\?>", "", FEED.decode())
    assert parse(f"{declaration}{inside}".encode(encoding), source="feed.xml") == parse(FEED, source="feed.xml")


def test_a_feed_in_utf_16_that_broke_off_keeps_what_arrived() -> None:
    whole = parse(FEED, source="feed.xml")
    cut = FEED.decode().encode("utf-16")[: -2 * len("</channel></rss>") - 1]
    batch = parse(cut, source="feed.xml")
    assert (batch.cut_off, batch.announcements) == (True, whole.announcements)


@pytest.mark.parametrize("around", [(b"\n\n", b""), (b"\xef\xbb\xbf\n", b""), (b"", b"\0\0\n")])
def test_blanks_and_zeros_around_a_feed_are_no_part_of_it(around: tuple[bytes, bytes]) -> None:
    assert parse(around[0] + FEED + around[1], source="feed.xml") == parse(FEED, source="feed.xml")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty; name a feed's .xml or .xml.gz file"),
        (b" \n", "is empty; name a feed's .xml or .xml.gz file"),
        (b"PK\x03\x04 a zip file", "is no XML; name a feed's .xml or .xml.gz file"),
        (gzip.compress(b"{}", mtime=0), "is no XML; name a feed's .xml or .xml.gz file"),
    ],
)
def test_a_file_that_is_no_feed_is_named_with_the_reason(tmp_path: Path, content: bytes, reason: str) -> None:
    file = tmp_path / "feed.xml"
    file.write_bytes(content)
    with pytest.raises(CaptureError) as caught:
        captures.read(file)
    assert str(caught.value) == f"{file} {reason}"
    assert isinstance(caught.value, PermanentError)


@pytest.mark.parametrize(
    "content",
    [
        gzip.compress(FEED, mtime=0)[:-10],
        gzip.compress(FEED, mtime=0)[:5],
        b"\x1f\x8b garbage",
        gzip.compress(FEED, mtime=0)[:-8] + bytes(8),
        gzip.compress(FEED, mtime=0)[:20] + b"\xff" * 50,
        gzip.compress(FEED, mtime=0) + b"trailing",
    ],
)
def test_damaged_gzip_is_refused_whole(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "feed.xml.gz"
    file.write_bytes(content)
    with pytest.raises(CaptureError, match=r"damaged or cut off gzip .*; copy or fetch it again$"):
        captures.read(file)


@pytest.mark.parametrize(
    "content",
    [FEED, gzip.compress(FEED, mtime=0), gzip.compress(FEED[:90], mtime=0) + gzip.compress(FEED[90:], mtime=0)],
)
def test_a_download_is_unpacked_by_its_content(content: bytes) -> None:
    assert captures.unpacked(content, source="http://example.org/feed") == FEED


def test_a_damaged_download_is_named() -> None:
    with pytest.raises(
        CaptureError, match=r"^http://example\.org/feed is damaged or cut off gzip .*; copy or fetch it"
    ):
        captures.unpacked(gzip.compress(FEED, mtime=0)[:-10], source="http://example.org/feed")


@pytest.mark.parametrize("pack", [gzip.compress, bytes])
def test_the_limit_counts_the_unpacked_bytes_of_a_download(pack: type[bytes]) -> None:
    body = pack(b"<" + b" " * 999)
    assert len(captures.unpacked(body, source="feed", max_bytes=1000)) == 1000
    with pytest.raises(CaptureError, match=r"^feed holds more than 999 bytes: no feed is that large; check the file$"):
        captures.unpacked(body, source="feed", max_bytes=999)


def test_a_missing_file_and_a_folder_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(CaptureError, match=r"nothing\.xml is missing; name"):
        captures.read(tmp_path / "nothing.xml")
    with pytest.raises(CaptureError, match=r" is a folder; name"):
        captures.read(tmp_path)


def test_a_file_that_the_system_does_not_let_us_read_is_named_with_the_reason() -> None:
    memory = Path("/proc/self/mem")
    if not memory.exists():
        pytest.skip("needs a file that exists and cannot be read by anybody, as Linux has")
    with pytest.raises(CaptureError, match=r"^cannot read /proc/self/mem: .*; check the file and its permissions$"):
        captures.read(memory)


@pytest.mark.parametrize("pack", [gzip.compress, bytes])
def test_the_limit_counts_unpacked_bytes(tmp_path: Path, pack: type[bytes]) -> None:
    file = tmp_path / "feed.xml"
    file.write_bytes(pack(b"<" + b" " * 999))
    assert len(captures.read(file, max_bytes=1000)) == 1000
    with pytest.raises(CaptureError, match=r"holds more than 999 bytes: no feed is that large; check the file$"):
        captures.read(file, max_bytes=999)


def test_a_gzip_bomb_is_not_unpacked(tmp_path: Path) -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    file = tmp_path / "bomb.xml.gz"
    with file.open("wb") as stream:
        for _ in range(200):
            stream.write(packer.compress(b"<" * 1_000_000))
        stream.write(packer.flush())
    with pytest.raises(CaptureError, match=r"holds more than 20,000,000 bytes"):
        captures.read(file)
