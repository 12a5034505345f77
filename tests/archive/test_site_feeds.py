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
from bot.archive.feeds import A_FILE, NEWEST
from bot.archive.pages import pages
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
    for place in ("tag/cs.cl", "author/ana-muller", "month/2024-12"):
        assert len(atom(tmp_path / "site", place).entries) == 1
        assert atom(tmp_path / "site", place).feed.updated == "2024-12-15T15:00:00Z"


def test_a_feed_without_an_address_of_its_site_leads_to_the_papers(tmp_path: Path) -> None:
    write_site(tmp_path / "site", entry(), channels=(archived(url=None),))
    jsonschema.validate(json.loads((tmp_path / "site/feed.json").read_text("utf-8")), SCHEMA)
    [item] = feed_items(tmp_path / "site")
    assert item["id"] == "tag:daily-picks.invalid,2026:sample/2412.06769"
    assert "url" not in item
    assert atom(tmp_path / "site").entries[0].link == "https://arxiv.org/abs/2412.06769"


def _daily(count: int) -> list[Entry]:
    moments = [FIRST - timedelta(days=number) for number in range(count)]
    return [
        entry(f"2412.{number:05}", published_at=moment, day=moment.date(), updated_at=moment)
        for number, moment in enumerate(moments)
    ]


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a site of more picks than a feed holds."""
    folder = tmp_path_factory.mktemp("long") / "site"
    _write_feeds(folder, *_daily(NEWEST + 2 * A_FILE + 50))
    return folder


def _write_feeds(folder: Path, *entries: Entry) -> None:
    """Write the feeds of a site, and none of its pages."""
    for page in pages(site_of(*entries)):
        if page.place.endswith((".atom", "feed.json")) or "/feed-" in f"/{page.place}":
            file = folder / page.place
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(page.render(), "utf-8")


@pytest.mark.parametrize("place", ["", "tag/cs.cl/", "author/ana-muller/"])
def test_a_long_feed_leads_to_all_older_picks_and_each_comes_once(long: Path, place: str) -> None:
    found, turned = list[object](), 0
    address = f"{URL}{place}feed.json"
    while address:
        document = json.loads((long / address.removeprefix(URL)).read_text("utf-8"))
        jsonschema.validate(document, SCHEMA)
        assert document["feed_url"] == address
        found += [item["id"] for item in document["items"]]
        turned += 1
        address = document.get("next_url", "")
    assert turned == 4
    assert A_FILE <= len(feed_items(long, place)) <= NEWEST
    assert len(found) == len(set(found)) == NEWEST + 2 * A_FILE + 50


@pytest.mark.parametrize("place", ["", "tag/cs.cl/", "author/ana-muller/"])
def test_a_long_atom_feed_is_an_archived_feed_as_its_standard_has_it(long: Path, place: str) -> None:
    name, found, before = f"{place}feed.atom", list[str](), ""
    while name:
        body = (long / name).read_bytes()
        document = feedparser.parse(body)
        assert not document.bozo
        links = {link.rel: link.href.removeprefix(URL) for link in document.feed.links}
        is_archive = ET.fromstring(body).find("{http://purl.org/syndication/history/1.0}archive") is not None
        assert is_archive is (name != f"{place}feed.atom")
        assert links["self"] == name
        assert links.get("current") == (f"{place}feed.atom" if is_archive else None)
        assert links.get("next-archive") == (before if is_archive and before != f"{place}feed.atom" else None)
        found += [item.id for item in document.entries]
        name, before = links.get("prev-archive", ""), name
    assert len(found) == len(set(found)) == NEWEST + 2 * A_FILE + 50


def test_a_new_pick_changes_no_file_of_older_ones(long: Path, tmp_path: Path) -> None:
    later = entry("2501.00001", published_at=FIRST + timedelta(days=1), day=(FIRST + timedelta(days=1)).date())
    _write_feeds(tmp_path / "site", later, *_daily(NEWEST + 2 * A_FILE + 50))
    for number in (1, 2, 3):
        for name in (f"feed-{number}.atom", f"tag/cs.cl/feed-{number}.json"):
            assert (tmp_path / "site" / name).read_bytes() == (long / name).read_bytes(), name


def test_a_feed_that_holds_all_leads_nowhere(tmp_path: Path) -> None:
    _write_feeds(tmp_path / "site", *_daily(NEWEST))
    assert len(feed_items(tmp_path / "site")) == NEWEST
    assert "next_url" not in json.loads((tmp_path / "site/feed.json").read_text("utf-8"))
    assert not list((tmp_path / "site").rglob("feed-*"))


def test_an_item_says_when_it_changed_last(tmp_path: Path) -> None:
    later = FIRST + timedelta(days=2)
    write_site(tmp_path / "site", entry("2412.00001", updated_at=later), entry("2412.00002"))
    dates = {item.title + item.id[-1]: (item.published, item.updated) for item in atom(tmp_path / "site").entries}
    assert dates["Training Models to Reason1"] == ("2024-12-12T15:00:00Z", "2024-12-14T15:00:00Z")
    assert dates["Training Models to Reason2"] == ("2024-12-12T15:00:00Z", "2024-12-12T15:00:00Z")
    assert atom(tmp_path / "site").feed.updated == "2024-12-14T15:00:00Z"
    assert {item.get("date_modified") for item in feed_items(tmp_path / "site")} == {None, "2024-12-14T15:00:00+00:00"}


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
