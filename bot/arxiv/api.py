"""Ask arXiv's API what was submitted to a category between two moments, or for papers by their ids.

That makes good the days that the feeds lost. This module owns the query and what the answer looks like
(https://info.arxiv.org/help/api/user-manual.html). ``client`` sends it. The API does not know on which day a paper was
announced: that is for the callers.
"""

import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlencode

import structlog

from bot.arxiv.calendar import Window
from bot.arxiv.client import FeedClient
from bot.arxiv.entries import UnreadableEntryError, authors, categories, identify, plain, title
from bot.arxiv.errors import FeedContentError, FeedUnavailableError, quoted
from bot.arxiv.withdrawals import find_notice, marks
from bot.arxiv.xml import parse_xml, whole_xml
from bot.domain.papers import Announcement, AnnounceType, ArxivId

PAGE: Final = 200
_MOST_PAGES: Final = 50
"""Of one query: 10,000 papers. A window of a few days that holds more was not understood."""

_LOOKS: Final = 3
"""How often a page with too little is asked for before it is believed or given up: it can be a fault of the server."""

DEADLINE_SECONDS: Final = 8 * 60.0
"""For all pages of a query together: no page is asked for after that."""

_ERROR_PLACE: Final = "/api/errors"

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Found:
    """A paper as the API knows it now, and when its first version was submitted."""

    announcement: Announcement
    submitted: datetime


@dataclass(frozen=True, slots=True)
class Page:
    """One answer: how many results there are in all, those of this page, and why some of them could not be read."""

    total: int
    found: tuple[Found, ...]
    odd: tuple[str, ...] = ()

    @property
    def results(self) -> int:
        """Return how many results the page has."""
        return len(self.found) + len(self.odd)


class Api:
    """The query for what was submitted, page by page."""

    def __init__(
        self,
        client: FeedClient,
        base_url: str,
        *,
        page_size: int = PAGE,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._base = base_url.rstrip("/")
        self._page_size = page_size
        self._monotonic = monotonic

    def submitted(self, category: str, window: Window) -> list[Found]:
        """Return the papers of a category, cross-listed ones too, that were submitted in a window, each once.

        An archive stands for all of its categories. Raises FeedUnavailableError when the server has to be asked later
        or sends fewer papers than it counts, FeedRefusedError when it says no, and FeedContentError when the answer is
        none of the API's.
        """
        found: dict[ArxivId, Found] = {}
        total, odd = 0, 0
        for page in self._pages(category, window):
            found |= {item.announcement.arxiv_id: item for item in page.found}
            total, odd = page.total, odd + len(page.odd)
        if len(found) + odd < total:
            raise FeedUnavailableError(
                f"{self._base} counts {total} papers of {category} and sends {len(found)}; try again later"
            )
        return [item for item in found.values() if window.start <= item.submitted < window.end]

    def papers(self, category: str, ids: Sequence[str]) -> list[Found]:
        """Return these papers as the API knows them now, those that it knows; ``category`` is whose feed named them.

        Raises what ``submitted`` raises.
        """
        found: list[Found] = []
        for start in range(0, len(ids), self._page_size):
            some = ids[start : start + self._page_size]
            url = self._address({"id_list": ",".join(some), "start": 0, "max_results": len(some)})
            page = parse_page(self._client.fetch(url).body or b"", source=url, category=category)
            found += [item for item in page.found if str(item.announcement.arxiv_id) in some]
        return found

    def _pages(self, category: str, window: Window) -> Iterator[Page]:
        """Yield the pages of a window until all that the API counts has come, or a page is empty."""
        most = _MOST_PAGES * self._page_size
        end = self._monotonic() + DEADLINE_SECONDS
        start, total = 0, 1
        while start < total:
            page = self._page(category, window, start, end=end)
            total = page.total
            if total > most:
                raise FeedContentError(f"{self._base} finds {total:,} papers of {category}: that is no batch; check it")
            yield page
            if not page.results:
                return
            start += page.results

    def _page(self, category: str, window: Window, start: int, *, end: float) -> Page:
        """Return one page, asked for again a few times while it has fewer results than it should."""
        url = self._url(category, window, start)
        page = Page(0, ())
        for _ in range(_LOOKS):
            if self._monotonic() >= end:
                raise FeedUnavailableError(f"{url}: its pages took more than {DEADLINE_SECONDS:g} s; try again later")
            page = parse_page(self._client.fetch(url).body or b"", source=url, category=category)
            if page.results and page.results >= min(self._page_size, page.total - start):
                return page
        if page.total > start:
            sent = page.results or "none"
            raise FeedUnavailableError(f"{url} says {page.total} results and sends {sent}; try again later")
        return page

    def _url(self, category: str, window: Window, start: int) -> str:
        between = " TO ".join(f"{moment.astimezone(UTC):%Y%m%d%H%M}" for moment in window)
        return self._address(
            {
                "search_query": f"{_of_category(category)} AND submittedDate:[{between}]",
                "start": start,
                "max_results": self._page_size,
                "sortBy": "submittedDate",
                "sortOrder": "ascending",
            }
        )

    def _address(self, query: Mapping[str, str | int]) -> str:
        return f"{self._base}/api/query?{urlencode(query)}"


def _of_category(category: str) -> str:
    """Return the part of a query that finds a category's papers; those of an archive are filed in its categories.

    Some archives (``hep-ph``) are a category themselves, and ``astro-ph`` was one once.
    """
    return f"cat:{category}" if "." in category else f"(cat:{category} OR cat:{category}.*)"


def parse_page(body: bytes, *, source: str, category: str) -> Page:
    """Return what a page of the API holds; ``category`` is the one that was asked for.

    A result that cannot be read costs nobody the others. Raises FeedContentError when it is no page, is cut off, is the
    API's own error page, or has no result that can be read.
    """
    body, cut_off = whole_xml(body, source)
    feed = parse_xml(body, source)
    if cut_off or feed.version != "atom10" or "opensearch_totalresults" not in feed.feed:
        raise FeedContentError(f"{source} is no whole page of arXiv's API; ask again")
    total = str(feed.feed["opensearch_totalresults"])
    if not re.fullmatch(r"\d{1,9}", total):
        raise FeedContentError(f"{source} cannot be read (it counts {quoted(total)} results); ask again")
    for item in feed.entries:
        if _ERROR_PLACE in str(item.get("id", "")):
            reason = quoted(item.get("summary", "no reason given"))
            raise FeedContentError(f"{source}: an entry is an error: {reason}; ask again")
    read = [_read(item, category) for item in feed.entries]
    found = tuple(item for item in read if isinstance(item, Found))
    odd = tuple(item for item in read if isinstance(item, str))
    if odd and not found:
        raise FeedContentError(f"{source}: an entry {odd[0]}; ask again")
    if odd:
        _log.warning("results of the API not read", source=source, results=len(odd), reason=f"an entry {odd[0]}")
    return Page(int(total), found, odd)


def _read(entry: Any, category: str) -> Found | str:
    """Return what a result says, or why it cannot be read."""
    try:
        return _found(entry, category)
    except UnreadableEntryError as error:
        return str(error)


def _found(entry: Any, category: str) -> Found:
    """Return what a result says; raise UnreadableEntryError when it lacks something that every result has."""
    arxiv_id, version = identify(entry.get("id"))
    abstract = plain(str(entry.get("summary", "")))
    primary = str((entry.get("arxiv_primary_category") or {}).get("term", ""))
    own = primary == category or primary.startswith(f"{category}.")
    name, comment = title(entry.get("title")), plain(str(entry.get("arxiv_comment") or ""))
    withdrawn, notice = marks(find_notice(title=name, abstract=abstract, comment=comment, version=version))
    return Found(
        Announcement(
            arxiv_id=arxiv_id,
            version=version,
            type=AnnounceType.NEW if own else AnnounceType.CROSS,
            title=name,
            abstract=abstract,
            authors=authors(entry),
            categories=categories(entry),
            withdrawn=withdrawn,
            notice=notice,
        ),
        _submitted(entry),
    )


def _submitted(entry: Any) -> datetime:
    text = entry.get("published", "")
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError as error:
        raise UnreadableEntryError(f"does not say when it was submitted, but {quoted(text)}") from error
    if moment.tzinfo is None:
        raise UnreadableEntryError("does not say when it was submitted")
    return moment.astimezone(UTC)
