"""Pages of arXiv's API in the form in which it serves them, with invented papers by invented authors."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.sax.saxutils import escape


@dataclass(frozen=True)
class ApiPaper:
    """One result; the first category is the primary one."""

    arxiv_id: str
    submitted: datetime = datetime(2026, 2, 16, 15, tzinfo=UTC)
    title: str = "Probing"
    version: int = 1
    categories: tuple[str, ...] = ("cs.CL",)
    abstract: str = "An abstract."
    comment: str = ""


def page(papers: Sequence[ApiPaper], *, total: int, start: int = 0) -> bytes:
    """Return a page of results."""
    entries = "".join(_entry(paper) for paper in papers)
    return f"""<?xml version='1.0' encoding='UTF-8'?>
<feed xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/" xmlns:arxiv="http://arxiv.org/schemas/atom" \
xmlns="http://www.w3.org/2005/Atom">
  <id>https://arxiv.org/api/sample</id>
  <title>arXiv Query: sample</title>
  <updated>2026-02-17T12:00:00Z</updated>
  <opensearch:itemsPerPage>{len(papers)}</opensearch:itemsPerPage>
  <opensearch:totalResults>{total}</opensearch:totalResults>
  <opensearch:startIndex>{start}</opensearch:startIndex>
{entries}</feed>
""".encode()


def _entry(paper: ApiPaper) -> str:
    categories = "\n".join(f'    <category term="{name}"/>' for name in paper.categories)
    comment = f"    <arxiv:comment>{escape(paper.comment)}</arxiv:comment>\n" if paper.comment else ""
    return f"""  <entry>
    <id>http://arxiv.org/abs/{paper.arxiv_id}v{paper.version}</id>
    <title>{escape(paper.title)}</title>
    <updated>{paper.submitted:%Y-%m-%dT%H:%M:%SZ}</updated>
    <summary>{escape(paper.abstract)}</summary>
{categories}
    <published>{paper.submitted:%Y-%m-%dT%H:%M:%SZ}</published>
{comment}    <arxiv:primary_category term="{paper.categories[0]}"/>
    <author><name>A. One</name></author>
    <author><name>B. Two</name></author>
  </entry>
"""
