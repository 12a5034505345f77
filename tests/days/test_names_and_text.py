"""What strangers write, from the feed into the store and into a post: accents, teams, affiliations, old ids, markup."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlmodel import col, select

from bot.arxiv.client import FeedClient
from bot.domain.channels import load_channel
from bot.domain.papers import ArxivId
from bot.domain.posts import Platform
from bot.intake.replay import replay
from bot.store.tables import PaperRow
from bot.threads.draft import Draft
from composing import compose
from harness_store import KeptFile

CHANNEL = load_channel(Path(__file__).resolve().parents[2] / "config" / "interpretability.toml")
NAMES = ("2024-01-12-cs-cl", "2024-03-14-cs-ai", "2024-03-15-cs-ai", "2024-05-16-cs-lg", "2025-04-12-cs-cl")
PLATFORMS = (Platform.BLUESKY, Platform.X)


@pytest.fixture(scope="module")
def papers(other_kept_file: KeptFile, shared_data: Path) -> dict[str, PaperRow]:
    """Return the papers of the captures that are odd for what stands in them."""
    files = [str(shared_data / "arxiv" / "odd" / f"{name}.xml.gz") for name in NAMES]
    with other_kept_file.lent() as database, FeedClient("tests@example.org") as client:
        report = replay(database, files, channels=[CHANNEL], client=client, now=datetime(2025, 5, 1, tzinfo=UTC))
        with database.reading() as session:
            rows = session.exec(select(PaperRow).order_by(col(PaperRow.arxiv_id))).all()
    assert report.errors == []
    return {row.arxiv_id: row for row in rows}


def thread(row: PaperRow, platform: Platform) -> list[str]:
    draft = Draft(ArxivId(row.arxiv_id), row.title, row.abstract, tuple(row.authors), "A note.")
    composed = compose(draft, platform, style=CHANNEL.thread, x_rules=CHANNEL.x)
    assert all(post.length <= post.limit for post in composed.posts)
    return [post.text for post in composed.posts]


def test_an_old_id_is_stored_and_linked(papers: dict[str, PaperRow]) -> None:
    assert "nlin/0408039" in papers
    assert any("nlin/0408039" in text for text in thread(papers["nlin/0408039"], Platform.X))


def test_a_title_with_markup_is_words(papers: dict[str, PaperRow]) -> None:
    [row] = [row for row in papers.values() if "<think>" in row.title]
    assert ["<think>" in thread(row, platform)[0] for platform in PLATFORMS] == [True, True]


def test_teams_and_nicknames_are_authors(papers: dict[str, PaperRow]) -> None:
    assert [row.authors[0] for row in papers.values() if "Gemma Team" in row.authors] == ["Gemma Team"]
    [row] = [row for row in papers.values() if any("Yu-Chien" in name for name in row.authors)]
    assert not any(char in name for name in row.authors for char in "()\\{}")


def test_no_name_holds_affiliations_tex_or_markup(papers: dict[str, PaperRow]) -> None:
    names = [name for row in papers.values() for name in row.authors]
    assert len(names) > 3000
    assert [name for name in names if not name.strip() or set(name) & set("()\\{}<>$&")] == []


def test_every_fifteenth_paper_fits_into_posts(papers: dict[str, PaperRow]) -> None:
    for row in list(papers.values())[::15]:
        for platform in PLATFORMS:
            assert all(text.strip() for text in thread(row, platform))
