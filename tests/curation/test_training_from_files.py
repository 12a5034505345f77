"""Training from files: what they name, what of it may be known, and what is said when it does not work."""

import os
import signal
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

import ranking_samples
from bot.curation.training_from_files import Sources, train
from bot.domain.errors import PicksError
from bot.ranking.examples import Example, Label, TrainingError
from bot.ranking.model import load

pytestmark = [pytest.mark.slow, ranking_samples.TRAINING]

EXAMPLES = tuple(ranking_samples.examples())
PICKS = [item.paper for item in EXAMPLES if item.label is Label.PICK]


def _line(item: Example) -> str:
    paper = item.paper
    return (
        f'{{"arxiv_id": "{paper.arxiv_id}", "title": "{paper.title}", "abstract": "{paper.abstract}",'
        f' "authors": [], "categories": ["cs.CL"], "announced": "{item.day}"}}\n'
    )


@pytest.fixture
def sources(tmp_path: Path) -> Sources:
    """Return a listing of 20 days with a file of the picks among them."""
    listing, picks = tmp_path / "papers.jsonl", tmp_path / "picks.jsonl"
    listing.write_text("".join(map(_line, EXAMPLES)))
    picks.write_text("".join(f'{{"arxiv_id": "{paper.arxiv_id}"}}\n' for paper in PICKS))
    return Sources([listing], picks)


def _children() -> list[int]:
    """Return the processes that this one has started and that have not ended."""
    found = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    return [int(pid) for pid in found if b"training_process" in Path(f"/proc/{pid}/cmdline").read_bytes()]


def test_the_files_give_weights_and_nothing_is_printed(
    sources: Sources, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    out, told = tmp_path / "out.json", list[None]()
    model = train(replace(sources, until=date(2026, 1, 20)), out, waiting=lambda: told.append(None))
    assert load(out) == model
    assert (model.trained_until, model.created) == (date(2026, 1, 20), date(2026, 1, 20))
    assert told
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(("until", "picks"), [(None, 21), (date(2026, 1, 30), 20), (date(2026, 1, 31), 21)])
def test_no_title_is_taken_that_may_be_of_later_days(sources: Sources, until: date | None, picks: int) -> None:
    last = Example(ranking_samples.paper("vision", 900), date(2026, 2, 10))
    with sources.listings[0].open("a") as file:
        file.write(_line(last))
    with sources.picks.open("a") as file:
        file.write('{"arxiv_id": "2512.00001", "title": "Lost"}')
    model = train(replace(sources, until=until), None)
    assert (model.data.pick, model.created) == (picks, until or last.day)


def test_what_is_wrong_with_the_files_is_said_in_one_line(sources: Sources, tmp_path: Path) -> None:
    missing = tmp_path / "none.jsonl"
    for wrong in (replace(sources, listings=[missing]), replace(sources, picks=missing)):
        with pytest.raises(PicksError) as error:
            train(wrong, None)
        assert str(error.value) == f"cannot read {missing}: No such file or directory; name a .jsonl or .jsonl.gz file"
    assert _children() == []


def test_what_is_wrong_with_learning_is_said_in_the_words_of_the_process(sources: Sources) -> None:
    with pytest.raises(TrainingError, match=r"^there is nothing to learn from: 0 known up to 2020-01-01"):
        train(replace(sources, until=date(2020, 1, 1)), None)


@pytest.mark.parametrize("at", [1, 5])  # while it reads the first lines; later
def test_the_process_is_ended_when_it_is_interrupted(sources: Sources, tmp_path: Path, at: int) -> None:
    calls = 0

    def interrupt() -> None:
        nonlocal calls
        calls += 1
        if calls == at:
            [child] = _children()
            os.kill(child, signal.SIGSTOP)  # so that it cannot end by itself meanwhile
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(sources, tmp_path / "out.json", waiting=interrupt)
    assert _children() == []
    assert not (tmp_path / "out.json").exists()


def test_a_process_that_was_killed_is_named_as_such(sources: Sources) -> None:
    def kill() -> None:
        for pid in _children():
            os.kill(pid, signal.SIGKILL)

    with pytest.raises(TrainingError, match="training was ended by signal 9, as happens where memory is short"):
        train(sources, None, waiting=kill)
