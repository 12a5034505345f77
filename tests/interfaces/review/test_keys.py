"""The help, the foot and the docs name the keys that there are."""

from pathlib import Path

from bot.interfaces.review.app import Review
from bot.interfaces.review.keys import KEYS, hints

DOCS = Path(__file__).resolve().parents[3] / "docs" / "curating.md"


def test_the_docs_name_every_key() -> None:
    table = [line.split("|")[1] for line in DOCS.read_text("utf-8").splitlines() if line.startswith("| `")]
    assert {key.shown for key in KEYS} <= {word.strip("`, ") for cell in table for word in cell.split()}


def test_every_key_does_something() -> None:
    for key in KEYS:
        assert callable(getattr(Review, f"action_{key.action.partition('(')[0]}"))


def test_the_foot_fits_into_eighty_columns() -> None:
    assert hints().cell_len <= 78
