"""``picks card``: what a curator sees of the picture before and after the approval."""

from pathlib import Path

import pytest

from sharing_place import Place, place


@pytest.fixture
def here(tmp_path: Path) -> Place:
    return place(tmp_path / "place")


def _size(file: Path) -> tuple[int, int]:
    data = file.read_bytes()
    assert data.startswith(b"\x89PNG\r\n")
    return int.from_bytes(data[16:20]), int.from_bytes(data[20:24])


def test_the_picture_is_drawn_before_the_approval_and_is_the_approved_one_after_it(here: Place) -> None:
    before = here.json("card", "2602.00001", "--out", "before.png")
    assert before == {
        "arxiv_id": "2602.00001",
        "file": "before.png",
        "width": 1200,
        "height": 630,
        "bytes": (here.folder / "before.png").stat().st_size,
        "approved": False,
        "replaced": [],
    }
    assert _size(here.folder / "before.png") == (1200, 630)
    here.ok("approve", "2602.00001", "--note", "Worth reading.")
    assert here.json("card", "2602.00001")["approved"] is True
    assert (here.folder / "2602.00001.png").read_bytes() != (here.folder / "before.png").read_bytes()
    here.ok("note", "2602.00001", "Other words.")
    assert here.json("card", "2602.00001")["approved"] is False


def test_what_the_picture_cannot_show_is_said_at_every_step(here: Place) -> None:
    assert "it shows שלום as slvm" in here.run("card", "2602.00002").stderr
    assert "The picture shows שלום as slvm" in here.ok("approve", "2602.00002")
    assert here.json("preview", "2602.00002")["platforms"]["bluesky"]["posts"][0]["picture"] == {
        "media_type": "image/png",
        "width": 1200,
        "height": 630,
        "alt": "Probing שלום, by Ана Б",
    }
    assert "[picture: 1200x630; picks card writes it to a file]" in here.ok("preview", "2602.00002")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("2602.00001", "--out", "nowhere/card.png"), "there is no folder nowhere"),
        (("2602.00001", "--out", "config"), "it is a folder"),
        (("2602.09999",), "the paper 2602.09999 is not stored"),
    ],
)
def test_a_mistake_is_one_line_and_writes_nothing(here: Place, words: tuple[str, ...], said: str) -> None:
    done = here.run("card", *words)
    assert done.returncode == 1
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert list(here.folder.glob("*.png")) == []
