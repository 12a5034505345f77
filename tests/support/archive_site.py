"""Sites for tests: invented picks, and what a reader's program finds in their pages."""

import json
import posixpath
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from archive_entries import HOSTILE, entry
from bot.archive.build import Built, write
from bot.archive.entries import Entry, LivePost
from bot.archive.site import Site, make_site
from bot.domain.channels import Channel
from samples import channel

FIRST = datetime(2024, 12, 12, 15, 0, tzinfo=UTC)
URL = "https://picks.example.org/papers/"
RIGHT_TO_LEFT = "שלום عالم \u202egnp.exe"
CONTROLS = "a\x00b\x1b[31mc\x07\u2028d\ufffe"
NASTY = f"{HOSTILE} {RIGHT_TO_LEFT} {CONTROLS}"


def archived(name: str = "sample", *, url: str | None = URL, **more: object) -> Channel:
    """Return a channel with an address for its archive."""
    return channel(name, archive={"url": url, **more} if url else more)


def picks() -> list[Entry]:
    """Return picks of several months, one with an old id, one retracted, one withdrawn."""
    ordinary = [
        entry(
            f"24{12 - number:02}.0{number}769",
            title=f"Reasoning {number}: a circuit for “plural” nouns",
            published_at=FIRST - timedelta(days=31 * number),
            day=(FIRST - timedelta(days=31 * number)).date(),
            note=f"Number {number}.\n\nSee https://example.org/a?b=1&c=2 (really).",
            abstract="Circuits of attention heads that copy plural nouns. " * 3,
        )
        for number in range(6)
    ]
    return [
        *ordinary,
        entry("cs/0112017", title="An old paper", authors=("José Muster", "J. Muster"), note="", topics=()),
        entry("2411.00001", title="Taken back", note="", topics=(), posts=(), retracted_at=FIRST, thread_url=None),
        entry("2411.00002", title="Withdrawn since", withdrawn=True),
    ]


def site_of(*entries: Entry, channels: tuple[Channel, ...] = ()) -> Site:
    """Return a site of these picks, else of those of ``picks``."""
    return make_site(channels or (archived(),), entries or picks())


def write_site(folder: Path, *entries: Entry, anew: bool = True, channels: tuple[Channel, ...] = ()) -> Built:
    """Write such a site."""
    return write(site_of(*entries, channels=channels), folder, stamp="test", anew=anew)


def hostile_entry() -> Entry:
    """Return a pick in which everything that strangers or curators write is hostile, cleaned as entries are."""
    from bot.archive.words import line, prose

    return entry(
        title=line(NASTY),
        authors=(line(f"{NASTY} One"), "=cmd()", "../../etc/passwd", "李伟"),
        note=prose(f"{NASTY}\n\n{NASTY}"),
        abstract=prose(NASTY),
        topics=(line(NASTY), ".."),
        categories=("cs.CL", '"><img src=x onerror=alert(1)>'),
        thread_url="javascript:alert(document.cookie)",
        code_url="https://user:secret@example.org/",
        posts=(LivePost("<b>place</b>", "data:text/html,<script>alert(1)</script>"),),
    )


@dataclass
class Seen(HTMLParser):
    """What a page holds: its text, the ids, and all elements with their attributes."""

    text: str = ""
    elements: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        self.text += data

    @property
    def ids(self) -> list[str]:
        return [attributes["id"] for _, attributes in self.elements if "id" in attributes]

    @property
    def links(self) -> Iterator[str]:
        for _, attributes in self.elements:
            yield from (attributes[name] for name in ("href", "src", "action") if name in attributes)


def seen(file: Path) -> Seen:
    """Read a page."""
    found = Seen()
    found.feed(file.read_text("utf-8"))
    found.close()
    return found


def html_files(folder: Path) -> list[Path]:
    """Return all pages of a site."""
    return sorted(folder.rglob("*.html"))


def broken_links(folder: Path) -> list[str]:
    """Return the internal links that lead nowhere, and those that only work in the root of a server."""
    pages = {file.relative_to(folder).as_posix(): seen(file) for file in html_files(folder)}
    broken = []
    for name, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = posixpath.normpath(posixpath.join(posixpath.dirname(name), unquote(parts.path)))
            if parts.path in {"", "./"} or parts.path.endswith("/"):
                target = name if not parts.path else posixpath.normpath(posixpath.join(target, "index.html"))
            there = not parts.path.startswith("/") and not target.startswith("..") and (folder / target).is_file()
            if not there or (parts.fragment and parts.fragment not in pages[target].ids):
                broken.append(f"{name}: {link}")
    return broken


def feed_items(folder: Path, place: str = "") -> list[dict[str, object]]:
    """Return the items of a JSON Feed."""
    items: list[dict[str, object]] = json.loads((folder / place / "feed.json").read_text("utf-8"))["items"]
    return items
