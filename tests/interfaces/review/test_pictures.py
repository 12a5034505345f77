"""The desk looks as it did; after an intended change look at the new pictures, and keep them with

PICKS_UPDATE_GOLDEN=1 pytest tests/interfaces/review/test_pictures.py
"""

import os
import re
from pathlib import Path
from typing import Final

import pytest

from bot.arxiv.captures import read
from bot.arxiv.feeds import parse
from bot.domain.channels import load_channel
from bot.intake.ingest import Capture
from bot.interfaces import cli
from bot.store.database import Database
from desk_stage import Step, Table

pytestmark = pytest.mark.slow

HERE: Final = Path(__file__).parent / "pictures"
README: Final = Path(__file__).resolve().parents[3] / "docs" / "review.svg"
SAMPLE: Final = Path(cli.__file__).parent / "sample"
NOTE: Final = (
    "Where does a small language model keep the number of a noun? Activation patching over 1,200 minimal pairs points "
    "to two attention heads in the middle layers."
)
_FONT: Final = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)


def _compare(picture: str, file: Path) -> None:
    bare = _FONT.sub("", picture).replace("Fira Code", "monospace")  # the picture asks no other server for a font
    if os.environ.get("PICKS_UPDATE_GOLDEN"):
        file.parent.mkdir(exist_ok=True)
        file.write_text(bare, "utf-8")
    assert bare == file.read_text("utf-8")


@pytest.mark.parametrize(
    ("name", "steps", "size", "light"),
    [
        ("small", ("a", "x", "1"), (80, 24), False),
        ("light", ("a", "x", "1", "n", "'a note'"), (120, 30), True),
        ("reject", ("x",), (80, 24), False),
    ],
)
def test_the_desk_looks_as_it_did(
    sqlite_database: Database, name: str, steps: tuple[Step, ...], size: tuple[int, int], *, light: bool
) -> None:
    _compare(Table(sqlite_database).sit(*steps, size=size, light=light).picture, HERE / f"{name}.svg")


def test_the_picture_in_the_readme_is_of_this_version(sqlite_database: Database) -> None:
    channel = load_channel(next(SAMPLE.glob("*.toml")))
    feed = next(SAMPLE.glob("*.xml"))
    captures = [Capture(parse(read(feed), source=feed.name), feed.name)]
    thread = channel.posting.model_copy(update={"platforms": channel.posting.platforms[:2]})
    table = Table(sqlite_database, channel.model_copy(update={"posting": thread}), captures=captures)
    _compare(table.sit("n", f"'{NOTE}'", size=(132, 36)).picture, README)
