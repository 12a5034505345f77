"""The pages: what they show, that every link leads somewhere, and that strangers' words stay words."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from archive_entries import HOSTILE, entry
from archive_site import (
    FIRST,
    URL,
    archived,
    broken_links,
    hostile_entry,
    html_files,
    picks,
    seen,
    site_of,
    write_site,
)
from bot.archive.site import SiteError
from bot.archive.words import line

NO_ICON = "data:,"
"""What the page for missing pages has in place of an icon: it knows no way to ours."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("archive") / "site"
    write_site(folder)
    return folder


def text_of(folder: Path, place: str) -> str:
    return " ".join(seen(folder / place / "index.html").text.split())


def test_every_internal_link_and_anchor_leads_somewhere(site: Path) -> None:
    assert len(html_files(site)) > 20
    assert broken_links(site) == []


def test_no_id_stands_twice_in_a_page(site: Path) -> None:
    for file in html_files(site):
        ids = seen(file).ids
        assert len(ids) == len(set(ids)), file


def test_a_pick_has_a_page_of_its_own_at_its_arxiv_id_also_an_old_one(site: Path) -> None:
    shown = text_of(site, "2412.00769")
    for words in (
        "Reasoning 0: a circuit",
        "Ana Müller",
        "Number 0.",
        "Circuits of attention heads",
        "12 December 2024",
    ):
        assert words in shown
    assert "An old paper" in text_of(site, "cs/0112017")


def test_a_picks_page_links_paper_pdf_code_the_authors_thread_and_our_live_threads(site: Path) -> None:
    links = set(seen(site / "2412.00769" / "index.html").links)
    assert {
        "https://arxiv.org/abs/2412.00769",
        "https://arxiv.org/pdf/2412.00769",
        "https://github.com/acme/tool",
        "https://bsky.app/profile/ana.test/post/3ldg2z7tem227",
        "https://bsky.app/profile/picks.test/post/3ldg2z7tem228",
        "https://example.org/a?b=1&c=2",
        "cite.bib",
    } <= links


def test_the_abstract_is_folded_and_related_picks_are_named(site: Path) -> None:
    page = seen(site / "2412.00769" / "index.html")
    assert "details" in {tag for tag, _ in page.elements}
    assert "Related picks" in page.text
    assert "../2411.01769/" in set(page.links)


def test_a_retracted_pick_keeps_its_page_as_a_notice_and_leaves_lists_search_and_maps(site: Path) -> None:
    page = site / "2411.00001" / "index.html"
    assert "This pick was retracted on 12 December 2024" in " ".join(seen(page).text.split())
    assert '<meta name="robots" content="noindex">' in page.read_text("utf-8")
    others = [file for file in site.rglob("*") if file.is_file() and file.parent.name != "2411.00001"]
    assert [file.name for file in others if b"2411.00001" in file.read_bytes()] == [".daily-picks.json"]


def test_a_withdrawn_paper_says_so_on_the_page_of_its_pick(site: Path) -> None:
    assert "The authors have withdrawn this paper." in text_of(site, "2411.00002")
    assert "have withdrawn" not in text_of(site, "2412.00769")


def test_picks_are_found_by_month_tag_and_author_whose_spellings_are_one(site: Path) -> None:
    assert "Reasoning 1" in text_of(site, "month/2024-11")
    assert "Reasoning 0" not in text_of(site, "month/2024-11")
    assert "8 picks" in text_of(site, "tag/cs.cl")
    assert "An old paper" not in text_of(site, "tag/reasoning")
    assert "An old paper" in text_of(site, "author/jose-muster")


def test_the_about_page_says_how_picks_are_made_and_draws_them_by_month(site: Path) -> None:
    page = seen(site / "about" / "index.html")
    assert "cs.CL, cs.LG" in page.text
    assert "8 picks since 10 July 2024" in " ".join(page.text.split())
    assert len([tag for tag, _ in page.elements if tag == "rect"]) == 6
    assert {"../feed.atom", "../feed.json"} <= set(page.links)


def test_a_site_without_any_pick_has_pages_without_broken_links(tmp_path: Path) -> None:
    write_site(tmp_path / "site", entry(retracted_at=entry().published_at))
    assert broken_links(tmp_path / "site") == []
    assert "No pick is published yet." in text_of(tmp_path / "site", "")


def test_long_lists_go_on_at_further_pages(tmp_path: Path) -> None:
    write_site(tmp_path / "site", *(entry(f"2412.{number:05}") for number in range(120)))
    assert broken_links(tmp_path / "site") == []
    assert "page 3 of 3" in text_of(tmp_path / "site", "tag/cs.cl/3")
    assert seen(tmp_path / "site" / "tag/cs.cl/3/index.html").text.count("Worth reading.") == 20


def test_very_many_authors_are_spread_over_their_initials(tmp_path: Path) -> None:
    names = [f"Ana {chr(65 + number % 26)}author{number}" for number in range(450)]
    several = [entry(f"2412.{number:05}", authors=(*names[number::18], "Ana Always", "李伟")) for number in range(18)]
    write_site(tmp_path / "site", *several)
    assert broken_links(tmp_path / "site") == []
    assert "Ana Always" in text_of(tmp_path / "site", "authors")
    assert "Bauthor1" not in text_of(tmp_path / "site", "authors")
    assert "Bauthor1" in text_of(tmp_path / "site", "authors/b")
    assert "李伟" in text_of(tmp_path / "site", "authors/other")


def test_channels_that_share_a_site_have_lists_of_their_own_and_one_page_a_paper(tmp_path: Path) -> None:
    channels = (archived("sample"), archived("other").model_copy(update={"title": "The other"}))
    both = (entry(note="From the first."), entry(channel="other", note="From the second."))
    write_site(tmp_path / "site", *both, entry("2412.00001", channel="other", title="Only there"), channels=channels)
    assert broken_links(tmp_path / "site") == []
    shown = text_of(tmp_path / "site", "2412.06769")
    assert "From the first." in shown
    assert "From the second." in shown
    assert "Only there" in text_of(tmp_path / "site", "channel/other")
    assert "Only there" not in text_of(tmp_path / "site", "channel/sample")


def test_a_paper_that_one_channel_retracted_is_cited_and_shown_as_the_other_has_it(tmp_path: Path) -> None:
    channels = (archived("sample"), archived("other"))
    gone = entry(note="", topics=(), posts=(), retracted_at=FIRST, published_at=FIRST + timedelta(days=1))
    stands = entry(channel="other", note="It stands.", topics=("reasoning",))
    write_site(tmp_path / "site", gone, stands, channels=channels)
    for place in ("2412.06769", "", "tag/reasoning", "channel/other"):
        assert "note = {It stands.}" in (tmp_path / "site" / place / "cite.bib").read_text("utf-8"), place
    assert "keywords = {reasoning, cs.CL, cs.LG}" in (tmp_path / "site/2412.06769/cite.bib").read_text("utf-8")
    page = text_of(tmp_path / "site", "2412.06769")
    assert "It stands." in page
    assert "retracted" not in page


def test_a_paper_of_two_channels_is_cited_in_lists_as_on_its_page(tmp_path: Path) -> None:
    channels = (archived("sample"), archived("other"))
    newer = entry(note="The newer.", published_at=FIRST + timedelta(days=1))
    write_site(tmp_path / "site", newer, entry(channel="other", note="The older."), channels=channels)
    citation = (tmp_path / "site/2412.06769/cite.bib").read_text("utf-8")
    assert "The newer." in citation
    assert (tmp_path / "site/cite.bib").read_text("utf-8") == citation
    assert "The older." in (tmp_path / "site/channel/other/cite.bib").read_text("utf-8")


def test_channels_of_one_site_must_agree_on_its_address() -> None:
    channels = (archived("sample"), archived("other", url="https://elsewhere.example/"))
    with pytest.raises(SiteError, match=r"different values of archive\.url.*write the same in each of their files"):
        site_of(*picks(), channels=channels)


def test_hostile_words_are_text_on_every_page(tmp_path: Path) -> None:
    write_site(tmp_path / "site", hostile_entry(), entry("2412.00001"))
    assert broken_links(tmp_path / "site") == []
    for file in html_files(tmp_path / "site"):
        page = seen(file)
        assert "img" not in {tag for tag, _ in page.elements}
        for tag, attributes in page.elements:
            assert not [name for name in attributes if name.startswith("on") or name == "style"], (file, tag)
            if tag == "script":
                assert attributes.get("src") or attributes["type"] == "application/ld+json"
        foreign = [link for link in page.links if link != NO_ICON]
        assert not [link for link in foreign if re.match(r"(?!https?:)[a-z]+:|.*@", link, re.IGNORECASE)]
    shown = text_of(tmp_path / "site", "2412.06769")
    assert line(HOSTILE) in shown
    assert "Code: https://user:secret@example.org/" in shown
    assert "Authors’ thread: javascript:alert(document.cookie)" in shown


def test_hostile_words_leave_no_control_character_and_no_direction_mark_in_any_file(tmp_path: Path) -> None:
    write_site(tmp_path / "site", hostile_entry())
    for file in (tmp_path / "site").rglob("*"):
        if file.is_file():
            assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u2028\u202e\ufffe]", file.read_text("utf-8")), file


def test_names_of_files_stay_in_the_site_whatever_a_tag_or_an_author_is_called(tmp_path: Path) -> None:
    write_site(tmp_path / "inner" / "site", hostile_entry())
    assert [path.name for path in tmp_path.iterdir()] == ["inner"]
    assert [path.name for path in (tmp_path / "inner").iterdir()] == ["site"]


def test_a_picks_page_with_its_style_is_below_30_kilobytes(tmp_path: Path) -> None:
    long = entry(
        title="Long " * 40, note="word " * 100, abstract="word " * 384, authors=tuple(f"A. B{n}" for n in range(20))
    )
    write_site(tmp_path / "site", long, *(entry(f"2412.{number:05}") for number in range(9)))
    style = (tmp_path / "site" / "style.css").stat().st_size
    script = (tmp_path / "site" / "site.js").stat().st_size
    assert (tmp_path / "site" / "2412.06769" / "index.html").stat().st_size + style + script < 30_000


def test_a_paper_of_two_thousand_authors_names_some_and_makes_no_thousands_of_files(tmp_path: Path) -> None:
    names = tuple(f"Maximiliana B. Collaborator-Number{number}" for number in range(2000))
    long = "Long title words " * 15
    large = entry(title=long, note="word " * 100, abstract="word " * 384, authors=names)
    site = tmp_path / "site"
    write_site(site, large, *(entry(f"2412.{number:05}", title=long) for number in range(9)))
    fixed = sum((site / name).stat().st_size for name in ("style.css", "site.js"))
    assert (site / "2412.06769/index.html").stat().st_size + fixed < 30_000
    assert len([file for file in site.rglob("*") if file.is_file()]) < 200
    shown = text_of(site, "2412.06769")
    assert "Collaborator-Number29" in shown
    assert "and 1,970 more" in shown
    assert names[-1] in (site / "2412.06769/cite.bib").read_text("utf-8")
    assert names[-1] in (site / "search-data.js").read_text("utf-8")
    assert (site / "index.html").stat().st_size < 30_000
    assert broken_links(site) == []


def test_addresses_of_the_site_stand_only_where_the_channel_file_names_one(tmp_path: Path) -> None:
    write_site(tmp_path / "with")
    write_site(tmp_path / "without", channels=(archived(url=None),))
    assert f'<link rel="canonical" href="{URL}2412.00769/">' in (tmp_path / "with/2412.00769/index.html").read_text(
        "utf-8"
    )
    assert "canonical" not in (tmp_path / "without/2412.00769/index.html").read_text("utf-8")
    assert (tmp_path / "with/sitemap.xml").is_file()
    assert not (tmp_path / "without/sitemap.xml").exists()


def test_the_words_that_are_searched_are_titles_authors_notes_and_tags_of_live_picks(site: Path) -> None:
    words = (site / "search-data.js").read_text("utf-8")
    assert words.startswith("window.PICKS = [[")
    assert (
        '["cs/0112017/","cs/0112017","An old paper","José Muster, J. Muster","","cs.CL, cs.LG","2024-12-12"]' in words
    )
