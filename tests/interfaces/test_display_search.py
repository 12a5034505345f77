"""What `picks similar` says where there are no picks to compare."""

import io
from zoneinfo import ZoneInfo

import pytest
from rich.console import Console

from bot.curation.search import Alike, Similar
from bot.domain.listing import Listing
from bot.interfaces.display import search as display

PICK = Alike(
    id=None,
    arxiv_id="2602.00011",
    title="A Pick",
    authors=("A. One",),
    announced=None,
    categories=("cs.CL",),
    state=None,
    withdrawn=False,
    likeness=0.5,
    shared=("sparse",),
)


TITLE_ONLY = "known by title only and not compared; their papers come in with picks fetch"


@pytest.mark.parametrize(
    ("picks", "not_stored", "said"),
    [
        ([], 0, "nothing else has been picked yet"),
        (
            [],
            93,
            f"93 picks that were imported are {TITLE_ONLY}",
        ),
        (
            [PICK],
            1,
            f"1 pick that was imported is {TITLE_ONLY}",
        ),
        ([PICK], 0, "likeness 0.50: sparse"),
    ],
)
def test_picks_that_cannot_be_compared_are_said(picks: list[Alike], not_stored: int, said: str) -> None:
    data = Similar(
        "2602.00001",
        "A Paper",
        similar=Listing([PICK], total=1),
        picks=Listing(picks, total=len(picks)),
        picks_not_stored=not_stored,
    )
    console = Console(width=200, record=True, file=io.StringIO())
    console.print(display.similar(data, ZoneInfo("UTC")))
    assert [line for line in console.export_text().splitlines() if line.strip()][-1].strip() == said
