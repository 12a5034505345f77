"""Pages of arXiv's API: recorded ones say what they said, and broken ones are refused in words."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import httpx2
import pytest
import stamina

from bot.arxiv.api import Api, Found, parse_page
from bot.arxiv.calendar import Window
from bot.arxiv.client import FeedClient
from bot.arxiv.errors import FeedContentError, FeedUnavailableError
from bot.domain.papers import Announcement, AnnounceType, ArxivId
from sample_api import ApiPaper, page

SUBMITTED = datetime(2026, 2, 16, 15, tzinfo=UTC)
WINDOW = Window(SUBMITTED - timedelta(hours=1), SUBMITTED + timedelta(hours=1))
FIVE = [ApiPaper(f"2602.{number:05}", SUBMITTED) for number in range(1, 6)]


def found(paper: ApiPaper, category: str = "cs.CL") -> Found:
    [item] = parse_page(page([paper], total=1), source="page", category=category).found
    return item


def refusal(body: bytes) -> str:
    with pytest.raises(FeedContentError) as caught:
        parse_page(body, source="page", category="cs.CL")
    return str(caught.value)


def test_a_result_is_an_announcement_with_its_text_made_plain() -> None:
    paper = ApiPaper("2602.00005", SUBMITTED, r"$\alpha$-Probes", 2, ("cs.CL", "cs.LG"), "That $0<a<b$ holds.")
    assert found(paper) == Found(
        Announcement(
            arxiv_id=ArxivId("2602.00005"),
            version=2,
            type=AnnounceType.NEW,
            title="α-Probes",
            abstract="That 0<a<b holds.",
            authors=("A. One", "B. Two"),
            categories=("cs.CL", "cs.LG"),
        ),
        SUBMITTED,
    )


def test_in_other_categories_than_its_first_a_paper_is_cross_listed() -> None:
    paper = ApiPaper("2602.00005", categories=("math.ST", "cs.CL"))
    types = [found(paper, name).announcement.type for name in ("math.ST", "math", "cs.CL")]
    assert types == [AnnounceType.NEW, AnnounceType.NEW, AnnounceType.CROSS]


@pytest.mark.parametrize(
    ("abstract", "comment", "withdrawn"),
    [
        ("This paper has been withdrawn by the author due to an error.", "", True),
        ("An abstract.", "This paper has been withdrawn by arXiv administrators", True),
        ("An abstract.", "Withdrawn; superseded by 2602.00001", True),
        ("The authors have withdrawn this work.", "", True),
        ("An abstract.", "12 pages. Data of withdrawn drugs.", False),
        ("We study why papers are withdrawn.", "", False),
        ("This paper asks why a user withdraws consent that has been given.", "", False),
    ],
)
def test_a_notice_of_withdrawal_is_told_from_talk_about_it(abstract: str, comment: str, withdrawn: bool) -> None:
    assert found(ApiPaper("2602.00005", abstract=abstract, comment=comment)).announcement.withdrawn is withdrawn


def test_what_is_no_whole_page_is_refused() -> None:
    body = page([ApiPaper("2602.00005")], total=1)
    assert refusal(b"").startswith("page is empty")
    assert refusal(body[:-5]) == "page is no whole page of arXiv's API; ask again"
    assert refusal(body.replace(b"<published>2026", b"<published>soon")) == (
        "page: an entry does not say when it was submitted, but 'soon-02-16T15:00:00Z'; ask again"
    )
    assert refusal(body.replace(b">1</opensearch:totalResults>", b">many</opensearch:totalResults>")) == (
        "page cannot be read (it counts 'many' results); ask again"
    )
    assert refusal(body.replace(b"totalResults", b"results")) == "page is no whole page of arXiv's API; ask again"


def test_recorded_answers_are_read_as_they_were(shared_data: Path) -> None:
    read, refused = {}, []
    for file in sorted((shared_data / "arxiv" / "api").glob("*.json")):
        recorded = json.loads(file.read_text("utf-8"))
        try:
            read[file.stem] = parse_page(recorded["body"].encode(), source="page", category="cs.SE")
        except FeedContentError as error:
            refused.append((recorded["status_code"], str(error)))
    assert refused == [(400, "page: an entry is an error: 'incorrect id format for abc'; ask again")]
    assert len(read) == 19
    assert sorted({(item.total, len(item.found)) for item in read.values()}) == [
        *((0, 0), (1, 1)),
        *((214881, 10), (214881, 15), (214881, 100)),
    ]
    old = next(item for name, item in read.items() if name.startswith("id_astro-ph_0601001"))
    assert (str(old.found[0].announcement.arxiv_id), old.found[0].submitted.year) == ("astro-ph/0601001", 2006)


@contextmanager
def api(
    answer: Callable[[int], bytes], *, monotonic: Callable[[], float] = lambda: 0.0
) -> Iterator[tuple[Api, list[str]]]:
    """Yield an API whose page that starts at a number is ``answer``, two papers at a time, and what it was asked."""
    asked: list[str] = []

    def handle(request: httpx2.Request) -> httpx2.Response:
        asked.append(request.url.params["search_query"])
        return httpx2.Response(200, content=answer(int(request.url.params["start"])))

    once = stamina.RetryingCaller(attempts=1)
    with FeedClient("tests@example.org", retrying=once, transport=httpx2.MockTransport(handle)) as client:
        yield Api(client, "http://api.test", page_size=2, monotonic=monotonic), asked


def test_page_by_page_all_papers_are_found() -> None:
    with api(lambda start: page(FIVE[start : start + 2], total=5, start=start)) as (whole, asked):
        assert [str(item.announcement.arxiv_id) for item in whole.submitted("cs.CL", WINDOW)] == [
            paper.arxiv_id for paper in FIVE
        ]
    assert asked == ["cat:cs.CL AND submittedDate:[202602161400 TO 202602161600]"] * 3


@pytest.mark.parametrize(
    ("answer", "message", "requests"),
    [
        (lambda start: page(FIVE[:2], total=4, start=start), "counts 4 papers of cs.CL and sends 2; try", 2),
        (lambda start: page(FIVE[start : start + 1], total=5, start=start), "says 5 results and sends 1; try", 3),
        (lambda start: page(FIVE[start : start + 2] if start < 2 else [], total=4), "4 results and sends none; try", 4),
    ],
)
def test_an_answer_with_fewer_papers_than_it_counts_is_wanted_again(
    answer: Callable[[int], bytes], message: str, requests: int
) -> None:
    with api(answer) as (short, asked), pytest.raises(FeedUnavailableError, match=message):
        short.submitted("cs.CL", WINDOW)
    assert len(asked) == requests


def test_a_query_has_an_end_in_time_and_in_pages() -> None:
    ticks = count(0.0, 200.0)
    with (
        api(lambda start: page(FIVE[start : start + 2], total=5), monotonic=lambda: next(ticks)) as (slow, asked),
        pytest.raises(FeedUnavailableError, match="its pages took more than 480 s; try again later"),
    ):
        slow.submitted("cs.CL", WINDOW)
    assert len(asked) == 2
    with api(lambda _: page(FIVE[:2], total=101)) as (endless, asked), pytest.raises(FeedContentError, match="101"):
        endless.submitted("cs.CL", WINDOW)
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("feed", "query"),
    [("cs.CL", "cat:cs.CL"), ("cs", "(cat:cs OR cat:cs.*)"), ("hep-ph", "(cat:hep-ph OR cat:hep-ph.*)")],
)
def test_an_archive_stands_for_all_of_its_categories(feed: str, query: str) -> None:
    with api(lambda _: page([], total=0)) as (empty, asked):
        assert empty.submitted(feed, WINDOW) == []
    assert {item.partition(" AND ")[0] for item in asked} == {query}


def test_a_result_that_cannot_be_read_costs_nobody_the_others() -> None:
    body = page(FIVE[:2], total=2).replace(b"<title>Probing</title>", b"<title> </title>", 1)
    found = parse_page(body, source="page", category="cs.CL")
    assert ([str(item.announcement.arxiv_id) for item in found.found], found.odd) == (["2602.00002"], ("has no title",))
    with api(lambda start: body if start == 0 else page([], total=2)) as (whole, asked):
        assert len(whole.submitted("cs.CL", WINDOW)) == 1
    assert len(asked) == 1


def test_papers_are_asked_for_by_their_ids_a_page_at_a_time() -> None:
    asked: list[tuple[str, str]] = []

    def handle(request: httpx2.Request) -> httpx2.Response:
        asked.append((request.url.params["id_list"], request.url.params["max_results"]))
        return httpx2.Response(200, content=page(FIVE[:2], total=2))

    once = stamina.RetryingCaller(attempts=1)
    with FeedClient("tests@example.org", retrying=once, transport=httpx2.MockTransport(handle)) as client:
        found = Api(client, "http://api.test", page_size=2).papers("cs.CL", ["2602.00001", "2602.00009", "2602.00007"])
    assert asked == [("2602.00001,2602.00009", "2"), ("2602.00007", "1")]
    assert [str(item.announcement.arxiv_id) for item in found] == ["2602.00001"]
