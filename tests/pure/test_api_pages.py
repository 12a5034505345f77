"""Pages of arXiv's API: recorded ones say what they said, and broken ones are refused in words."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.arxiv.api import Found, parse_page
from bot.arxiv.errors import FeedContentError
from bot.papers import Announcement, AnnounceType, ArxivId
from sample_api import ApiPaper, page

SUBMITTED = datetime(2026, 2, 16, 15, tzinfo=UTC)


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
    assert refusal(body.replace(b"<published>2026", b"<published>soon")).startswith("page cannot be read (")
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
