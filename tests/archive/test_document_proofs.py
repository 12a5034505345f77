"""What proves to other programs that documents on Bluesky are this site's: a file, and a tag in each pick's page."""

from pathlib import Path

import pytest

from archive_entries import entry
from archive_site import archived, seen, write_site
from bot.archive.entries import OurDocument
from bot.archive.listing import LIST
from bot.domain.channels import ChannelError, load_channel
from bot.domain.papers import ArxivId
from bot.platforms.bluesky.page_words import document_of
from bot.threads.draft import Draft

PUBLICATION = "at://did:plc:picks/site.standard.publication/2222222222222"
OLD_PUBLICATION = "at://did:plc:before/site.standard.publication/2222222222222"
DOCUMENT = OurDocument("at://did:plc:picks/site.standard.document/3ldg2z7tem227", PUBLICATION)
EARLIER = OurDocument("at://did:plc:before/site.standard.document/3ldg2z7tem226", OLD_PUBLICATION)
PROOF = ".well-known/site.standard.publication"
DRAFT = Draft(ArxivId("2412.06769"), "A title", "An abstract", ("Ana Müller",), note="Worth\nreading.")
FILE = """
title = "Sample"
feeds.categories = ["cs.CL"]
ranking.words = { probing = 2.0 }
[archive]
standard_site = true
"""


def links(folder: Path, place: str) -> list[str]:
    elements = seen(folder / place / "index.html").elements
    return [item["href"] for name, item in elements if name == "link" and item["rel"] == "site.standard.document"]


def test_a_page_names_the_document_that_is_out_and_no_other_page_does(tmp_path: Path) -> None:
    site = tmp_path / "site"
    write_site(site, entry("2412.00001", document=DOCUMENT), entry("2412.00002"))
    assert links(site, "2412.00001") == [DOCUMENT.uri]
    assert links(site, "2412.00002") == links(site, "") == []
    assert (site / PROOF).read_text("utf-8") == f"{PUBLICATION}\n"


def test_channels_that_share_a_page_have_a_tag_for_each_document(tmp_path: Path) -> None:
    shared = (archived("one", title="Both"), archived("two", title="Both"))
    picks = entry(channel="one", document=DOCUMENT), entry(channel="two", document=EARLIER)
    write_site(tmp_path / "site", *picks, channels=shared)
    assert sorted(links(tmp_path / "site", "2412.06769")) == sorted([DOCUMENT.uri, EARLIER.uri])


def test_after_a_move_the_file_names_the_publication_of_the_account_that_posts_now(tmp_path: Path) -> None:
    older = entry("2411.00001", document=EARLIER, published_at=entry().published_at.replace(month=11))
    write_site(tmp_path / "site", older, entry(document=DOCUMENT))
    assert (tmp_path / "site" / PROOF).read_text("utf-8") == f"{PUBLICATION}\n"
    assert links(tmp_path / "site", "2411.00001") == [EARLIER.uri]


def test_the_file_goes_with_the_last_document_and_files_of_the_person_beside_it_stay(tmp_path: Path) -> None:
    site = tmp_path / "site"
    (site / ".well-known").mkdir(parents=True)
    (site / ".well-known" / "atproto-did").write_text("did:plc:picks")
    write_site(site, entry(document=DOCUMENT))
    assert (site / PROOF).exists()
    assert PROOF in (site / LIST).read_text("utf-8")
    write_site(site, entry(), anew=False)
    assert links(site, "2412.06769") == []
    assert not (site / PROOF).exists()
    assert (site / ".well-known" / "atproto-did").read_text() == "did:plc:picks"


def test_without_documents_the_persons_own_file_of_that_name_stays(tmp_path: Path) -> None:
    site = tmp_path / "site"
    (site / PROOF).parent.mkdir(parents=True)
    (site / PROOF).write_text("at://did:plc:theirs/site.standard.publication/self")
    write_site(site, entry())
    assert (site / PROOF).read_text() == "at://did:plc:theirs/site.standard.publication/self"


def test_documents_need_an_address_and_are_off_unless_the_channel_file_asks_for_them(tmp_path: Path) -> None:
    (tmp_path / "sample.toml").write_text(FILE)
    with pytest.raises(ChannelError, match="standard_site needs url"):
        load_channel(tmp_path / "sample.toml")
    assert document_of(DRAFT, archived()) is None


def test_a_document_has_the_words_of_the_pick_and_the_address_of_its_page() -> None:
    found = document_of(DRAFT, archived(url="https://picks.example.org/papers/", standard_site=True, title="Papers"))
    assert found is not None
    assert (found.site, found.path, found.site_name) == ("https://picks.example.org/papers", "/2412.06769/", "Papers")
    assert (found.title, found.description, found.text) == ("A title", "Worth reading.", "Worth\nreading.")
    assert (found.tags, found.lasting) == (("sample",), "picks.example.org/papers")


def test_who_moves_a_site_and_keeps_its_authority_keeps_its_publication() -> None:
    before = document_of(DRAFT, archived(url="https://old.example.org/", standard_site=True))
    after = document_of(
        DRAFT, archived(url="https://new.example.org/", standard_site=True, authority="old.example.org")
    )
    assert before is not None
    assert after is not None
    assert before.lasting == after.lasting
