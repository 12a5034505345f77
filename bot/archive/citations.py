"""What a pick's page says to programs: to Zotero and Scholar, to link previews, to search engines.

Everything is plain values; the page writes them down and escapes them. ``json_ld`` alone is ready for a ``script``
element, where nothing else can make it safe.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from bot.archive.bibtex import year_and_month
from bot.archive.entries import Entry
from bot.archive.names import split_name
from bot.archive.words import line
from bot.domain.papers import ArxivId

_IMAGE_SIZE: Final = (1200, 630)
_DESCRIPTION: Final = 300
_AUTHORS: Final = 5
"""Authors that search engines are told of; Zotero reads the other tags."""
_IN_SCRIPT: Final = str.maketrans({mark: f"\\u{ord(mark):04x}" for mark in "<>&\u2028\u2029"})
"""What could end a script element, or a line of JavaScript: https://html.spec.whatwg.org/#restrictions-for-contents-of-script-elements"""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page is on the web: its own address, that of its picture, and the name of the site; None if unknown."""

    page: str | None
    image: str | None
    site: str


def citation_tags(entry: Entry) -> list[tuple[str, str]]:
    """Return name and content of the ``meta`` elements that Zotero's Embedded Metadata and Google Scholar read."""
    return list(_citation_tags(entry))


def _citation_tags(entry: Entry) -> Iterator[tuple[str, str]]:
    yield "citation_title", entry.title
    for name in entry.named:
        yield "citation_author", split_name(name).sorted
    yield "citation_date", _date(entry, "/")
    yield "citation_arxiv_id", entry.arxiv_id
    yield "citation_abstract_html_url", ArxivId(entry.arxiv_id).abs_url
    yield "citation_pdf_url", pdf_url(entry)
    for tag in entry.tags:
        yield "citation_keywords", tag


def coins(entry: Entry) -> str:
    """Return the ``title`` of an empty ``span`` of class ``Z3988`` that stands for the paper in a list.

    Source: https://www.zotero.org/support/dev/exposing_metadata/coins
    """
    fields = [
        ("ctx_ver", "Z39.88-2004"),
        ("rft_val_fmt", "info:ofi/fmt:kev:mtx:journal"),
        ("rft.genre", "preprint"),
        ("rft.atitle", entry.title),
        ("rft.date", _date(entry, "-")),
        ("rft_id", ArxivId(entry.arxiv_id).abs_url),
        ("rft_id", f"info:arxiv/{entry.arxiv_id}"),
    ]
    first = next(map(split_name, entry.authors), None)
    if first and first.is_person:
        fields += [("rft.aulast", f"{first.particle} {first.family}".strip()), ("rft.aufirst", first.given)]
    fields += [("rft.au", name) for name in entry.named]
    return urlencode([(name, value) for name, value in fields if value])


def open_graph(entry: Entry, place: Place) -> list[tuple[str, str]]:
    """Return property and content of the ``meta`` elements that link previews read (https://ogp.me)."""
    found = [
        ("og:type", "article"),
        ("og:site_name", place.site),
        ("og:title", entry.title),
        ("og:description", description(entry)),
        ("og:url", place.page),
        ("article:published_time", entry.published_at.isoformat()),
        *([("article:modified_time", entry.corrected_at.isoformat())] if entry.corrected_at else []),
        *(("article:tag", tag) for tag in entry.tags),
    ]
    if place.image and entry.live:
        found += [
            ("og:image", place.image),
            ("og:image:type", "image/png"),
            ("og:image:width", str(_IMAGE_SIZE[0])),
            ("og:image:height", str(_IMAGE_SIZE[1])),
            ("og:image:alt", f"{entry.title}: title, authors and the beginning of the note"),
        ]
    return [(name, value) for name, value in found if value]


def twitter_card(entry: Entry, place: Place) -> list[tuple[str, str]]:
    """Return name and content of the ``meta`` elements that X reads besides OpenGraph."""
    return [("twitter:card", "summary_large_image" if place.image and entry.live else "summary")]


def json_ld(entry: Entry, place: Place) -> str:
    """Return JSON-LD, safe inside a ``script`` element: a post, the note, about an article, the paper.

    Source: https://schema.org/BlogPosting and https://schema.org/ScholarlyArticle
    """
    paper = {
        "@type": "ScholarlyArticle",
        "name": entry.title,
        "author": [_author(name) for name in entry.named[:_AUTHORS]],
        "datePublished": _date(entry, "-"),
        "identifier": f"arXiv:{entry.arxiv_id}",
        "url": ArxivId(entry.arxiv_id).abs_url,
        "sameAs": [f"https://doi.org/10.48550/arXiv.{entry.arxiv_id}"],
    }
    post = {
        "@context": "https://schema.org",
        "@type": "BlogPosting",
        "headline": entry.title,
        "datePublished": entry.published_at.isoformat(),
        **({"dateModified": entry.corrected_at.isoformat()} if entry.corrected_at else {}),
        "articleBody": entry.note,
        "keywords": list(entry.tags),
        "url": place.page,
        "image": place.image if entry.live else None,
        "isPartOf": {"@type": "Blog", "name": place.site},
        "about": paper,
    }
    return json.dumps({name: value for name, value in post.items() if value}, ensure_ascii=False).translate(_IN_SCRIPT)


def description(entry: Entry) -> str:
    """Return what a preview says below the title: the beginning of the note, else of the abstract."""
    text = line(entry.note or entry.abstract) if entry.live else "This pick was retracted."
    if len(text) <= _DESCRIPTION:
        return text
    return f"{text[:_DESCRIPTION].rpartition(' ')[0] or text[:_DESCRIPTION]}…"


def pdf_url(entry: Entry) -> str:
    """Return the address of the paper's PDF."""
    return f"https://arxiv.org/pdf/{entry.arxiv_id}"


def _author(name: str) -> dict[str, str]:
    kind = "Person" if split_name(name).is_person or " " not in name else "Organization"
    return {"@type": kind, "name": name}


def _date(entry: Entry, between: str) -> str:
    if entry.announced:
        return entry.announced.strftime(f"%Y{between}%m{between}%d")
    year, month = year_and_month(entry)
    return f"{year}{between}{month:02}"
