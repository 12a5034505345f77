"""What goes to the process that trains comes out there as it was."""

import io
import subprocess
import sys
from dataclasses import replace
from datetime import date

import pytest

from bot.channels import Ranking
from bot.ranking.apprentice import Order, main, read_example, read_order, to_lines
from bot.ranking.examples import Example, Label
from bot.ranking.model import parse
from ranking_samples import day, examples, paper

ORDER = Order(Ranking(words={"circuits": 1.0}, authors={"Á. Öne": 2.0}, exclude=("spam",)), False, date(2026, 2, 1))


def test_an_order_and_its_examples_arrive_as_they_were() -> None:
    odd = replace(paper("circuits", 1), title="Two\nlines, “quotes” and \u2028 \x00 \U0001f600", authors=("Á. Öne",))
    given = [
        Example(odd, day(1)),
        Example(paper("vision", 2), day(2), Label.REJECTED, day(3), "not\nours"),
        Example(paper("robots", 3), day(2), Label.APPROVED, day(4)),
    ]
    first, *others = to_lines(ORDER, given)
    assert all(line.count("\n") == 1 and line.endswith("\n") and line.isascii() for line in (first, *others))
    assert read_order(first) == ORDER
    assert [read_example(line) for line in others] == given


def test_the_weights_come_out_as_a_weights_file() -> None:
    pytest.importorskip("sklearn")
    lines = io.StringIO("".join(to_lines(ORDER, examples(5))))
    out = io.StringIO()
    assert main(lines, out) == 0
    model = parse(out.getvalue(), source="the process")
    assert (model.created, model.data.pick, model.data.unlabelled) == (date(2026, 2, 1), 5, 95)


def test_what_goes_wrong_is_said_in_one_line() -> None:
    command = [sys.executable, "-m", "bot.ranking.apprentice"]
    lines = "".join(to_lines(ORDER, []))
    done = subprocess.run(command, input=lines, capture_output=True, encoding="utf-8", check=False, timeout=60)
    assert (done.returncode, done.stdout) == (1, "")
    assert "there is nothing to learn from" in done.stderr
    assert done.stderr.count("\n") == 1
