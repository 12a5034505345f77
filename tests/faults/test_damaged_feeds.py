"""Bytes of real feeds and API pages, damaged at random: our own errors or a batch, all of it stored or nothing."""

import json
import random
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func
from sqlmodel import col, select

from bot.arxiv import captures
from bot.arxiv.api import parse_page
from bot.arxiv.errors import FeedError
from bot.arxiv.feeds import parse
from bot.intake.ingest import Capture, ingest
from bot.store.database import Database
from bot.store.tables import AnnouncementRow, BatchRow
from samples import NOON, channel

FEEDS = ("odd/2024-01-12-cs-cl", "odd/2024-03-15-cs-ai", "odd/2026-08-20-cs-cl", "odd/2024-06-23-cs-cl")
ENTRIES = 6
HANG = 5.0
"""Seconds for a document of a few kilobytes; it takes milliseconds."""

PIECES = (b"<", b">", b"&", b"&amp;lt;", b"\x00", b"\xff\xfe", b"]]>", b"<![CDATA[", b"$", b"\\", b"{" * 40, b"</item>")


def _beginning(body: bytes) -> bytes:
    """Return a feed with its first few entries: damage does not need hundreds."""
    mark = b"</item>"
    parts = body.split(mark)
    return mark.join([*parts[: min(ENTRIES, len(parts) - 1)], parts[-1]])


def _damaged(body: bytes, chance: random.Random) -> bytes:
    spoilt = bytearray(body)
    for _ in range(chance.choice((1, 1, 2, 5))):
        place = chance.randrange(len(spoilt) + 1)
        match chance.randrange(6):
            case 0:
                del spoilt[place:]
            case 1:
                del spoilt[place : place + chance.randrange(1, 60)]
            case 2:
                spoilt[place:place] = chance.choice(PIECES)
            case 3:
                spoilt[place : place + 1] = bytes([chance.randrange(256)])
            case 4:
                other = chance.randrange(len(spoilt) + 1)
                spoilt[place:place] = spoilt[other : other + chance.randrange(1, 200)]
            case _:
                spoilt[place:place] = b'<a href="' * chance.randrange(1, 50)
        if not spoilt:
            break
    return bytes(spoilt)


def _damage(shared_data: Path, database: Database, *, times: int, seed: int) -> Counter[str]:
    folder = shared_data / "arxiv"
    feeds = [_beginning(captures.read(folder / f"{name}.xml.gz")) for name in FEEDS]
    [recorded] = (folder / "api").glob("q_testing_s0_m10_*.json")
    page = json.loads(recorded.read_text("utf-8"))["body"].encode()
    chance, found = random.Random(seed), Counter[str]()
    for number in range(times):
        begun = time.process_time()
        what = chance.randrange(len(feeds) + 1)
        body = _damaged(feeds[what] if what < len(feeds) else page, chance)
        try:
            if what == len(feeds):
                parse_page(body, source="page", category="cs.CL")
                found["page read"] += 1
            else:
                batch = parse(body, source="feed")
                found["cut off" if batch.cut_off else "read"] += 1
                if number % 4 == 0:
                    ingest(database, [Capture(batch, "feed")], channels=[channel()], now=NOON)
        except FeedError:
            found["refused"] += 1
        assert time.process_time() - begun < HANG, (seed, number)
    return found


def _check_whole(database: Database) -> int:
    listed = select(col(AnnouncementRow.batch_id), func.count()).group_by(col(AnnouncementRow.batch_id))
    with database.reading() as session:
        counts = dict(session.exec(listed).all())
        rows = session.exec(select(BatchRow)).all()
    assert [row.id for row in rows if row.items != counts.get(row.id, 0)] == []
    return len(rows)


def test_damaged_feeds_are_read_or_refused_and_stored_whole_or_not_at_all(
    sqlite_database: Database, shared_data: Path
) -> None:
    found = _damage(shared_data, sqlite_database, times=300, seed=4)
    assert set(found) == {"read", "cut off", "refused", "page read"}
    assert _check_whole(sqlite_database) > 5


@pytest.mark.faults
@pytest.mark.timeout(3600)
def test_ten_thousand_damaged_feeds(sqlite_database: Database, shared_data: Path) -> None:
    seed = int(datetime.now(UTC).timestamp())
    found = _damage(shared_data, sqlite_database, times=10_000, seed=seed)
    print(f"\nseed {seed}: {dict(found)}, {_check_whole(sqlite_database)} batches stored")
    assert found.total() == 10_000
