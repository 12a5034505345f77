"""What a page says to Zotero, to link previews and to search engines."""

import json
from urllib.parse import parse_qsl

from archive_entries import HOSTILE, entry
from bot.archive.citations import Place, citation_tags, coins, description, json_ld, open_graph, twitter_card

PLACE = Place("https://picks.example/2412.06769/", "https://picks.example/2412.06769/card.png", "Picks")
NOWHERE = Place(None, None, "Picks")


def test_zotero_gets_each_author_the_date_and_the_pdf() -> None:
    assert citation_tags(entry()) == [
        ("citation_title", "Training Models to Reason"),
        ("citation_author", "Müller, Ana"),
        ("citation_author", "van Beethoven, Ludwig"),
        ("citation_date", "2024/12/10"),
        ("citation_arxiv_id", "2412.06769"),
        ("citation_abstract_html_url", "https://arxiv.org/abs/2412.06769"),
        ("citation_pdf_url", "https://arxiv.org/pdf/2412.06769"),
        ("citation_keywords", "reasoning"),
        ("citation_keywords", "cs.CL"),
        ("citation_keywords", "cs.LG"),
    ]
    assert ("citation_date", "1999/12") in citation_tags(entry("cs/9912017", announced=None))


def test_a_list_names_the_paper_by_coins() -> None:
    fields = parse_qsl(coins(entry(title=HOSTILE)), strict_parsing=True)
    assert ("ctx_ver", "Z39.88-2004") in fields
    assert ("rft.atitle", HOSTILE) in fields
    assert [value for name, value in fields if name == "rft.au"] == ["Ana Müller", "Ludwig van Beethoven"]
    assert ("rft.aulast", "Müller") in fields
    assert ("rft_id", "info:arxiv/2412.06769") in fields


def test_previews_get_the_picture_only_where_it_has_an_address() -> None:
    tags = dict(open_graph(entry(), PLACE))
    assert tags["og:image"] == PLACE.image
    assert (tags["og:image:width"], tags["og:image:height"]) == ("1200", "630")
    assert tags["og:url"] == PLACE.page
    assert "og:image" not in dict(open_graph(entry(), NOWHERE))
    assert "og:url" not in dict(open_graph(entry(), NOWHERE))
    assert twitter_card(entry(), PLACE) == [("twitter:card", "summary_large_image")]
    assert twitter_card(entry(), NOWHERE) == [("twitter:card", "summary")]


def test_a_retracted_pick_says_so_and_shows_no_picture() -> None:
    gone = entry(retracted_at=entry().published_at, note="")
    assert description(gone) == "This pick was retracted."
    assert "og:image" not in dict(open_graph(gone, PLACE))


def test_json_ld_is_a_post_about_an_article_and_ends_no_script() -> None:
    text = json_ld(entry(title=HOSTILE, note=f"{HOSTILE}</script>\u2028"), PLACE)
    assert not set("<>&\u2028\u2029") & set(text)
    data = json.loads(text)
    assert (data["@type"], data["about"]["@type"]) == ("BlogPosting", "ScholarlyArticle")
    assert data["headline"] == HOSTILE
    assert data["articleBody"] == f"{HOSTILE}</script>\u2028"
    assert [author["name"] for author in data["about"]["author"]] == ["Ana Müller", "Ludwig van Beethoven"]


def test_a_description_is_short_and_ends_at_a_word() -> None:
    long = description(entry(note="word " * 200))
    assert len(long) <= 301
    assert long.endswith("word…")
    assert description(entry(note="", abstract="An abstract.")) == "An abstract."
