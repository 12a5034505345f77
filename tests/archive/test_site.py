"""The site as a value: places that last, groups, related picks, and the chart."""

from datetime import date

import pytest

from archive_entries import entry
from archive_site import site_of
from bot.archive.chart import HEIGHT, chart
from bot.archive.places import author_slug, file_of, link, pick, tag_slug, way_home
from bot.archive.related import related


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Jérôme Muster", "jerome-muster"),
        ("J. Muster", "j-muster"),
        ("李伟", "李伟"),
        ("김민수", "김민수"),
        ("दीपा शर्मा", "दीपा-शरमा"),
        ("สมชาย ใจดี", "สมชาย-ใจดี"),
        ("தமிழ் செல்வி", "தமிழ-செலவி"),
        ("../../etc/passwd", "etc-passwd"),
        ("O'Neil-Łukasz", "o-neil-lukasz"),
    ],
)
def test_an_author_has_one_name_in_addresses(name: str, slug: str) -> None:
    assert author_slug(name) == slug


def test_names_without_letters_and_very_long_names_have_places_of_their_own() -> None:
    assert author_slug("…") != author_slug("!!")
    assert author_slug("…").isalnum()
    long = [author_slug("a" * 200 + end) for end in ("b", "c")]
    assert long[0] != long[1]
    assert max(map(len, long)) < 80
    assert tag_slug("..") not in {"..", ".", ""}


def test_places_are_files_and_links_from_any_depth() -> None:
    assert file_of(pick("cs/0112017")) == "cs/0112017/index.html"
    assert file_of("") == "index.html"
    assert file_of("feed.atom") == "feed.atom"
    assert (way_home(""), way_home("cs/0112017/")) == ("", "../../")
    assert link("author/李/") == "author/%E6%9D%8E/"


def test_related_picks_share_rare_words() -> None:
    circuits = [entry(f"2401.0000{n}", title="Circuits for plural nouns", abstract="", note="") for n in range(2)]
    probes = [entry(f"2402.0000{n}", title="Steering vectors of honesty", abstract="", note="") for n in range(2)]
    alone = entry("2403.00001", title="Nothing like it", abstract="", note="")
    found = related([*circuits, *probes, alone])
    assert found["2401.00000"] == (circuits[1],)
    assert found["2402.00001"] == (probes[0],)
    assert found["2403.00001"] == ()


def test_the_chart_leaves_no_month_out() -> None:
    days = [date(2023, 11, 30), date(2024, 2, 1), date(2024, 2, 3)]
    drawn = chart(site_of(*(entry(f"2401.0000{n}", day=day) for n, day in enumerate(days))).months)
    assert drawn is not None
    assert [(bar.label, bar.count) for bar in drawn.bars] == [
        ("2023-11", 1),
        ("2023-12", 0),
        ("2024-01", 0),
        ("2024-02", 2),
    ]
    assert [bar.height for bar in drawn.bars] == [HEIGHT / 2, 0, 0, HEIGHT]
    assert [year for year, _ in drawn.years] == ["2023", "2024"]
    assert chart(()) is None
