"""What goes to the process that trains comes out there as it was."""

import io
import os
import pickle
import resource
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date

import pytest

from bot.curation.training_process import Order, TrainingProcess, main, told
from bot.domain.channel_sections import Ranking
from bot.ranking.examples import Example, Label, TrainingError
from bot.ranking.model import parse
from ranking_samples import day, examples, paper

ORDER = Order(Ranking(words={"circuits": 1.0}, authors={"Á. Öne": 2.0}, exclude=("spam",)), None, date(2026, 2, 1))


def test_an_order_and_its_examples_arrive_as_they_were() -> None:
    odd = replace(paper("circuits", 1), title="Two\nlines, “quotes” and \u2028 \x00 \U0001f600", authors=("Á. Öne",))
    given = [
        Example(odd, day(1)),
        Example(paper("vision", 2), day(2), Label.REJECTED, day(3), "not\nours"),
        Example(paper("robots", 3), day(2), Label.APPROVED, day(4)),
    ]
    assert [pickle.loads(part) for part in told(ORDER, given)] == [ORDER, *given, None]


def test_the_weights_come_out_as_a_weights_file() -> None:
    pytest.importorskip("sklearn")
    out = io.StringIO()
    assert main(io.BytesIO(b"".join(told(ORDER, examples(5)))), out) == 0
    model = parse(out.getvalue(), source="the process")
    assert (model.created, model.data.pick, model.data.unlabelled) == (date(2026, 2, 1), 5, 95)


def test_examples_that_break_off_teach_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    whole = b"".join(told(ORDER, examples(5)))
    for place in (len(whole) - 1, len(whole) - 5, len(whole) - 40, len(whole) // 2):
        assert main(io.BytesIO(whole[:place]), io.StringIO()) == 1
        assert capsys.readouterr().err == "the examples broke off before their end; train again\n"


@contextmanager
def _process(given: Iterable[Example]) -> Iterator[subprocess.Popen[bytes]]:
    """Start the process and tell it all, with the pipe still open."""
    command = [sys.executable, "-P", "-m", "bot.curation.training_process"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe) as process:
        assert process.stdin
        process.stdin.writelines(told(ORDER, given))
        process.stdin.flush()
        yield process
        process.kill()


def test_what_goes_wrong_is_said_in_one_line() -> None:
    with _process([]) as process:
        assert process.wait(60) == 1
        out, said = process.communicate()
    assert out == b""
    assert b"there is nothing to learn from" in said
    assert said.count(b"\n") == 1


@pytest.mark.slow
def test_the_process_ends_with_the_pipe() -> None:
    pytest.importorskip("sklearn")
    with _process(examples(2_000)) as process:
        assert process.stdin
        process.stdin.close()
        assert process.wait(60) == 1
        assert process.stdout
        assert process.stdout.read() == b""


def test_a_process_for_which_there_is_no_room_is_a_training_error() -> None:
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    free = os.dup(0)
    os.close(free)
    resource.setrlimit(resource.RLIMIT_NOFILE, (free, limits[1]))
    try:
        with pytest.raises(TrainingError, match="training could not begin: Too many open files; mend that and run"):
            TrainingProcess()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
