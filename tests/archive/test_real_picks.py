"""The curator's real picks, imported and built: what nobody invented for a test."""

import json
from pathlib import Path

import feedparser
import pytest

from archive_site import broken_links, seen
from bot.archive.build import read_site, write
from bot.archive.cards import no_cards
from bot.curation.training_job import import_picks
from bot.domain.channels import load_channel
from bot.store.database import Database
from samples import NOON

CONFIG = Path(__file__).resolve().parents[2] / "config"


@pytest.mark.slow
def test_the_picks_of_the_seed_make_a_whole_site(shared_data: Path, sqlite_database: Database, tmp_path: Path) -> None:
    file = shared_data / "picks" / "collection.jsonl"
    lines = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    channel = load_channel(CONFIG / "interpretability.toml")
    report = import_picks(sqlite_database, channel, file, now=NOON)
    assert report.new == len(lines)
    built = write(read_site(sqlite_database, [channel]), tmp_path / "site", stamp="test", cards=no_cards)
    assert built.picks == len(lines)
    assert broken_links(tmp_path / "site") == []
    assert len(feedparser.parse((tmp_path / "site/feed.atom").read_bytes()).entries) == len(lines)
    for line in lines:
        page = " ".join(seen(tmp_path / "site" / line["arxiv_id"] / "index.html").text.split())
        assert " ".join((line["note"] or "").split()) in page
        assert (tmp_path / "site" / line["arxiv_id"] / "index.html").stat().st_size < 20_000
