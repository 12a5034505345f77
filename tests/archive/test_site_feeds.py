"""The feeds, read by independent parsers: valid, each pick once, with an id that lasts."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import feedparser
import jsonschema
import pytest

from archive_entries import HOSTILE, entry
from archive_site import FIRST, URL, archived, feed_items, hostile_entry, picks, site_of, write_site
from bot.archive.build import write
from bot.archive.cards import SiteCard
from bot.archive.entries import Entry
from bot.archive.feeds import NEWEST
from bot.archive.words import line

SCHEMA = json.loads(Path(__file__).with_name("json-feed.schema.json").read_text("utf-8"))
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("archive") / "site"
    write_site(folder)
    return folder


def atom(folder: Path, place: str = "") -> Any:
    """Read a feed as readers do, and as XML, which forgives nothing."""
    body = (folder / place / "feed.atom").read_bytes()
    root = ET.fromstring(body)
    ids = [item.findtext(f"{ATOM}id") for item in root.iter(f"{ATOM}entry")]
    found = feedparser.parse(body)
    assert not found.bozo
    assert found.version == "atom10"
    assert [item.id for item in found.entries] == ids
    assert found.feed.updated_parsed
    return found


def test_every_feed_of_a_site_is_valid(site: Path) -> None:
    places = [file.parent.relative_to(site).as_posix() for file in site.rglob("feed.json")]
    assert len(places) > 10
    for place in places:
        jsonschema.validate(json.loads((site / place / "feed.json").read_text("utf-8")), SCHEMA)
        assert [item.id for item in atom(site, place).entries] == [item["id"] for item in feed_items(site, place)]


def test_the_feed_of_all_picks_has_each_live_one_once_with_the_whole_note(site: Path) -> None:
    found = atom(site)
    assert len(found.entries) == len({item.id for item in found.entries}) == len(site_of(*picks()).live)
    first = found.entries[1]
    assert first.title == "Reasoning 0: a circuit for “plural” nouns"
    assert first.id == "tag:picks.example.org,2026:sample/2412.00769"
    assert first.link == f"{URL}2412.00769/"
    assert [author.name for author in first.authors] == ["Ana Müller", "Ludwig van Beethoven"]
    assert [tag.term for tag in first.tags] == ["reasoning", "cs.CL", "cs.LG"]
    assert first.summary == "Number 0.\n\nSee https://example.org/a?b=1&c=2 (really)."
    assert '<a href="https://example.org/a?b=1&amp;c=2" rel="noopener">' in first.content[0].value


def test_tags_and_authors_and_months_have_feeds_of_their_own(site: Path) -> None:
    titles = [item["title"] for item in feed_items(site, "author/jose-muster")]
    assert titles == ["An old paper"]
    assert [item.title for item in atom(site, "author/jose-muster").entries] == titles
    assert len(feed_items(site, "tag/reasoning")) == 7
    assert [item["title"] for item in feed_items(site, "month/2024-11")] == [
        "Reasoning 1: a circuit for “plural” nouns"
    ]


def test_ids_last_whatever_is_built_again_and_wherever_a_site_with_an_authority_moves(tmp_path: Path) -> None:
    ids = []
    for name, more in (("a", {}), ("b", {"url": "https://new.example/", "authority": "picks.example.org"})):
        write_site(tmp_path / name, channels=(archived(**{"url": URL, **more}),))
        ids.append([item["id"] for item in feed_items(tmp_path / name)])
    assert ids[0] == ids[1]


def test_a_retracted_pick_leaves_all_feeds_and_their_date_says_that_they_changed(tmp_path: Path) -> None:
    out = entry("2412.00001")
    write_site(tmp_path / "site", out, entry("2412.00002"))
    write_site(
        tmp_path / "site", entry("2412.00001", retracted_at=FIRST + timedelta(days=3)), entry("2412.00002"), anew=False
    )
    assert [item["external_url"] for item in feed_items(tmp_path / "site")] == ["https://arxiv.org/abs/2412.00002"]
    assert atom(tmp_path / "site").feed.updated == "2024-12-15T15:00:00Z"
    assert len(atom(tmp_path / "site", "tag/cs.cl").entries) == 1


def test_a_feed_without_an_address_of_its_site_leads_to_the_papers(tmp_path: Path) -> None:
    write_site(tmp_path / "site", entry(), channels=(archived(url=None),))
    jsonschema.validate(json.loads((tmp_path / "site/feed.json").read_text("utf-8")), SCHEMA)
    [item] = feed_items(tmp_path / "site")
    assert item["id"] == "tag:daily-picks.invalid,2026:sample/2412.06769"
    assert "url" not in item
    assert atom(tmp_path / "site").entries[0].link == "https://arxiv.org/abs/2412.06769"


def test_a_long_feed_holds_the_newest_and_leads_to_the_months_that_hold_the_rest(tmp_path: Path) -> None:
    many = [
        entry(
            f"2412.{number:05}",
            published_at=FIRST - timedelta(days=number),
            day=(FIRST - timedelta(days=number)).date(),
        )
        for number in range(NEWEST + 50)
    ]
    write_site(tmp_path / "site", *many)
    place, found = "", set[str]()
    while True:
        document = json.loads((tmp_path / "site" / place / "feed.json").read_text("utf-8"))
        jsonschema.validate(document, SCHEMA)
        found |= {item["id"] for item in document["items"]}
        links = {link.rel: link.href for link in atom(tmp_path / "site", place).feed.links}
        if "next_url" not in document:
            break
        place = document["next_url"].removeprefix(URL).removesuffix("feed.json")
        assert links["prev-archive"] == f"{URL}{place}feed.atom"
    assert len(feed_items(tmp_path / "site")) == NEWEST
    assert len(found) == len(many)


def test_the_card_of_a_pick_is_its_image_in_both_feeds(tmp_path: Path) -> None:
    def card(pick: Entry) -> SiteCard:
        return SiteCard(f"cards/{pick.arxiv_id}.png", "key", lambda: b"a picture")

    write(site_of(entry()), tmp_path / "site", stamp="x", cards=card)
    assert feed_items(tmp_path / "site")[0]["image"] == f"{URL}cards/2412.06769.png"
    [link] = [link for link in atom(tmp_path / "site").entries[0].links if link.rel == "enclosure"]
    assert link.href == f"{URL}cards/2412.06769.png"
    assert (tmp_path / "site/cards/2412.06769.png").read_bytes() == b"a picture"


def test_hostile_words_are_text_in_both_feeds(tmp_path: Path) -> None:
    write_site(tmp_path / "site", hostile_entry())
    jsonschema.validate(json.loads((tmp_path / "site/feed.json").read_text("utf-8")), SCHEMA)
    body = (tmp_path / "site/feed.atom").read_text("utf-8")
    [item] = ET.fromstring(body).iter(f"{ATOM}entry")
    assert line(HOSTILE) in (item.findtext(f"{ATOM}title") or "")
    content = item.findtext(f"{ATOM}content") or ""
    assert "<script" not in content
    assert "&lt;script&gt;alert(1)&lt;/script&gt; ]]&gt;" in content
    assert content == feed_items(tmp_path / "site")[0]["content_html"]
    assert 'href="javascript' not in content
