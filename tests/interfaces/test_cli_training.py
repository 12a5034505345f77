"""Backtests and training from files through the real command, on small made-up listings and on the real ones."""

import json
import logging
import os
import subprocess
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import structlog
from typer.testing import CliRunner

import ranking_samples
import sample_feeds
import warm_process
from bot.interfaces.cli.program import cli
from bot.ranking.examples import Example

CHANNEL = """
title = "Test"
[feeds]
categories = ["cs.CL"]
[posting]
platforms = ["console"]
time_zone = "UTC"
days = ["mon"]
[thread]
hashtags = ["test"]
[ranking.words]
"steering" = 1.0
"""
FILES = ("backtest", "--listings", "papers.jsonl", "--picks", "picks.jsonl")
FIGURES = {"n", "median_rank", "recall_at_5", "recall_at_10", "recall_at_20", "mrr"}
TUESDAY = date(2026, 2, 17)  # of the sample feed
SPLIT = ranking_samples.day(12)
TRAIN = ("train", *FILES[1:], "--until", str(SPLIT), "--out", "weights.json")


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    returncode: int
    stdout: str
    stderr: str


Run = Callable[..., Done]


def _record(example: Example, **changes: Any) -> dict[str, Any]:
    paper = example.paper
    record = {"arxiv_id": str(paper.arxiv_id), "title": paper.title, "abstract": paper.abstract}
    lists = {"authors": list(paper.authors), "categories": list(paper.categories)}
    return {**record, **lists, "announce_type": "new", "announced": example.day.isoformat(), **changes}


def _write(file: Path, records: Iterable[object]) -> None:
    file.write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")


def _run(folder: Path, *words: str, **env: str) -> Done:
    """Run the command as people do, in a process of its own."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    environ = {**kept, "LANG": "C.UTF-8", "PICKS_DATA": str(folder / "data"), **env}
    done = warm_process.run(words, cwd=folder, env=environ, timeout=110)
    return Done(done.returncode, done.stdout, done.stderr)


def _run_script(folder: Path, *words: str, **env: str) -> Done:
    """Run the real script: Python reads its search path when it starts."""
    done = subprocess.run(
        [str(warm_process.PICKS), *words],
        cwd=folder,
        env={**os.environ, **env},
        capture_output=True,
        encoding="utf-8",
        timeout=110,
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr)


def _call(*words: str) -> Done:
    """Run the command in this process: a new one takes a second before it begins."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        result = CliRunner().invoke(cli, words, catch_exceptions=False)
    finally:
        # A command sets up the log of its process, and other tests run in this one.
        structlog.reset_defaults()
        root.handlers[:] = handlers
        root.setLevel(level)
    return Done(result.exit_code, result.stdout, result.stderr)


def _lay_out(folder: Path, examples: Iterable[Example]) -> None:
    known = list(examples)
    _write(folder / "papers.jsonl", (_record(example) for example in known))
    _write(folder / "picks.jsonl", ({"arxiv_id": str(item.paper.arxiv_id)} for item in known if item.label.wanted))
    (folder / "config").mkdir()
    (folder / "config" / "test.toml").write_text(CHANNEL, "utf-8")


@pytest.fixture
def picks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return a runner of ``picks`` in a folder with a channel, a listing of 20 days, and no database."""
    _lay_out(tmp_path, ranking_samples.examples())
    for name in ("DATABASE_URL", "PICKS_CONFIG", "PICKS_CURATOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PICKS_DATA", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    return _call


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a weights file, trained on the days of the listing up to ``SPLIT``."""
    pytest.importorskip("sklearn", reason="training needs scikit-learn: the extra named train")
    folder = tmp_path_factory.mktemp("trained")
    _lay_out(folder, ranking_samples.examples())
    done = _run(folder, *TRAIN)
    assert (done.returncode, _said(done)) == (0, [])
    return folder / "weights.json"


def _json(run: Done) -> Any:
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def _mistake(run: Done) -> str:
    """Return the one line on standard error of a command that could not do it."""
    assert (run.returncode, run.stdout) == (1, "")
    [line] = _said(run)
    assert line.startswith("picks: ")
    return line


def _said(run: Done) -> list[str]:
    """Return the lines on standard error without those of progress: on a busy machine one comes every five seconds."""
    return [line for line in run.stderr.splitlines() if not line.startswith("picks: training, ")]


def test_a_backtest_has_the_fields_that_scripts_rely_on(picks: Run, tmp_path: Path) -> None:
    data = _json(picks(*FILES, "--model", "words", "--ranks-out", "ranks.jsonl", "--json"))
    assert {name: data[name] for name in ("model", "weights", "first_day", "last_day", "days", "papers")} == {
        "model": "the channel's words alone",
        "weights": None,
        "first_day": "2026-01-05",
        "last_day": "2026-01-24",
        "days": 20,
        "papers": 400,
    }
    assert (data["picks"].keys(), data["picks"]["n"], data["related"], data["unlisted"]) == (FIGURES, 20, None, [])
    lines = [json.loads(line) for line in (tmp_path / "ranks.jsonl").read_text("utf-8").splitlines()]
    assert [line["day"] for line in lines] == [str(ranking_samples.day(number)) for number in range(20)]
    assert lines[0].keys() == {"arxiv_id", "day", "label", "rank", "papers", "score"}
    assert {(line["label"], line["papers"]) for line in lines} == {("pick", 20)}


def test_a_backtest_for_people_needs_no_database(tmp_path: Path) -> None:
    _lay_out(tmp_path, ranking_samples.examples())
    done = _run(tmp_path, *FILES, "--model", "words", "--related", "picks.jsonl")
    assert done.returncode == 0
    assert "2026-01-05 to 2026-01-24: 20 days, 400 papers" in done.stdout
    assert done.stderr == "picks: judged 20 days with 400 papers\n"
    assert not (tmp_path / "data").exists()


def test_days_and_listings_can_be_chosen(picks: Run, tmp_path: Path) -> None:
    lines = (tmp_path / "papers.jsonl").read_text("utf-8").splitlines(keepends=True)
    for name, part in (("a.jsonl", lines[:150]), ("b.jsonl", lines[150:])):
        (tmp_path / name).write_text("".join(part), "utf-8")
    several = ("--listings", "a.jsonl", "b.jsonl", "--picks", "picks.jsonl", "--model", "words")
    days = ("--from", "2026-01-07", "--to", "2026-01-08", "--json")
    data = _json(picks("backtest", *several, *days))
    assert (data["first_day"], data["last_day"], data["papers"]) == ("2026-01-07", "2026-01-08", 40)
    assert data == _json(picks(*FILES, "--model", "words", *days))


def test_files_can_be_judged_where_no_channel_is(picks: Run, tmp_path: Path) -> None:
    (tmp_path / "config").rename(tmp_path / "elsewhere")
    done = picks(*FILES, "--json")
    assert _json(done)["model"] == "the shipped interpretability.json"
    assert "the weights stand alone, without a channel's words" in done.stderr
    assert picks("--config", "elsewhere", *FILES).returncode == 0
    assert picks("--config", "nowhere", *FILES).returncode == 1


def test_shipped_weights_are_not_judged_on_days_that_they_have_seen(picks: Run, tmp_path: Path) -> None:
    example = next(ranking_samples.examples())
    _write(tmp_path / "papers.jsonl", [_record(example, announced="2024-06-03")])
    message = _mistake(picks(*FILES))
    assert "have seen 2024-06-03: judge later days (--from), or train on earlier ones (picks train --until)" in message


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--model", "missing.json"), "cannot read the weights missing.json"),
        (("--model", "papers.jsonl"), "papers.jsonl is not a weights file of this version"),
        (("--to", "2025-01-01"), "the listings go from 2026-01-05 to 2026-01-24, and no paper was listed on the days"),
        (("--picks", "other.jsonl"), "no listed paper is a pick"),
        (("--picks", "empty.jsonl"), "empty.jsonl names no paper, so there is nothing to judge"),
        (("--model", ""), "cannot read the weights .: Is a directory"),
        (("--model", "words", "--ranks-out", "config"), "cannot write config: it is a folder"),
        (("--listings", "missing.jsonl"), "cannot read missing.jsonl: No such file or directory"),
        (("--listings", "config/test.toml"), "config/test.toml, line 2 is not JSON"),
        (("--channel", "other"), "there is no channel 'other' in config; there is: test"),
        (("--model", "words", "--ranks-out", "no/ranks.jsonl"), "name another file for --ranks-out"),
    ],
)
def test_what_cannot_be_judged_is_said(picks: Run, tmp_path: Path, words: tuple[str, ...], message: str) -> None:
    (tmp_path / "empty.jsonl").write_text("")
    (tmp_path / "other.jsonl").write_text('{"arxiv_id": "2301.00001"}')
    done = picks(*FILES, *words)
    assert (done.returncode, done.stdout) == (1, "")
    assert message in done.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--learn", "--model", "words"), "--learn starts from nothing: leave --model out"),
        (("--from", "soon"), "cannot read the date 'soon'; write it as 2026-11-30"),
        (("--to", "soon"), "cannot read the date 'soon'; write it as 2026-11-30"),
        (("--from", "2026-01-08", "--to", "2026-01-07"), "--from 2026-01-08 is later than --to 2026-01-07"),
    ],
)
def test_options_of_a_backtest_that_cannot_be_meant_are_wrong_usage(
    picks: Run, words: tuple[str, ...], message: str
) -> None:
    done = picks(*FILES, *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    ("files", "words", "message"),
    [
        (("empty.jsonl", "picks.jsonl"), ("backtest",), "the listings hold no new paper; name others"),
        (("empty.jsonl", "empty.jsonl"), ("train", "--out", "weights.json"), "0 known and no paper that is a pick"),
        (("papers.jsonl", "empty.jsonl"), ("train", "--out", "weights.json"), "400 known and no paper that is a pick"),
        (("papers.jsonl", "picks.jsonl"), ("train", "--out", "no/weights.json"), "there is no folder no; name another"),
        (("papers.jsonl", "picks.jsonl"), ("train", "--out", "config"), "cannot write config: it is a folder"),
    ],
)
def test_what_cannot_be_learned_from_is_said(
    picks: Run, tmp_path: Path, files: tuple[str, str], words: tuple[str, ...], message: str
) -> None:
    (tmp_path / "empty.jsonl").write_text("")
    done = picks(*words, "--listings", files[0], "--picks", files[1])
    assert message in _mistake(done)
    assert not (tmp_path / "weights.json").exists()


@pytest.mark.slow
def test_an_excluded_pick_comes_out_last_and_its_line_is_plain_json(picks: Run, trained: Path, tmp_path: Path) -> None:
    channel = tmp_path / "config" / "test.toml"
    channel.write_text(
        channel.read_text("utf-8").replace("[ranking.words]", '[ranking]\nexclude = ["circuits"]\n[ranking.words]')
    )
    days = ("--from", str(ranking_samples.day(13)), "--ranks-out", "ranks.jsonl")
    for model in ("words", str(trained)):
        assert _json(picks(*FILES, "--model", model, *days, "--json"))["picks"]["recall_at_10"] == 0.0
        assert "Infinity" not in (tmp_path / "ranks.jsonl").read_text("utf-8")


@pytest.mark.parametrize("words", [("backtest",), FILES[:3], ("train", "--picks", "picks.jsonl"), ("train", "a.jsonl")])
def test_wrong_usage_is_exit_code_2(picks: Run, words: tuple[str, ...]) -> None:
    assert picks(*words).returncode == 2


def test_hostile_listing_text_is_judged_and_stays_text(picks: Run, tmp_path: Path) -> None:
    evil: list[dict[str, Any]] = [
        {"title": "\x1b[31m\u202e[bold]{0}%s", "abstract": "\ud800\x00" * 500},
        {"title": "STEERING " * 5_000, "abstract": "a" * 400_000},
        {"title": "", "abstract": ".,;" * 3_000, "authors": ["", "\u0301" * 500], "categories": ["x" * 5_000]},
        {"title": "ﷺ" * 2_000, "abstract": "İ" * 4_000, "authors": ["A" * 100_000] * 5},
    ]
    known = list(ranking_samples.examples(1))
    _write(tmp_path / "papers.jsonl", (_record(item, **change) for item, change in zip(known, evil, strict=False)))
    for model in ("words", "default"):
        data = _json(picks(*FILES, "--model", model, "--json"))
        assert (data["days"], data["papers"], data["picks"]["n"]) == (1, 4, 1)


@pytest.mark.parametrize("name", ["\x1b[31mx.jsonl", "-x.jsonl"])
def test_odd_names_of_files_are_names(picks: Run, tmp_path: Path, name: str) -> None:
    (tmp_path / "papers.jsonl").rename(tmp_path / name)
    done = picks("backtest", f"--listings={name}", "--picks=picks.jsonl", "--model", "words")
    assert done.returncode == 0
    assert "\x1b" not in _mistake(picks("backtest", f"--listings=not{name}", "--picks=picks.jsonl", "--model", "words"))


@pytest.mark.slow
def test_trained_weights_are_judged_on_later_days_alone(picks: Run, trained: Path) -> None:
    words = (*FILES, "--model", str(trained), "--json")
    seen = _mistake(picks(*words))
    assert f"trained until {SPLIT} and have seen 2026-01-05: judge later days (--from)" in seen
    data = _json(picks(*words, "--from", str(ranking_samples.day(13))))
    assert data["weights"]["trained_until"] == str(SPLIT)
    assert data["picks"]["n"] == 7
    assert data["picks"]["recall_at_5"] == 1.0


@pytest.mark.slow
def test_training_twice_writes_the_same_file(picks: Run, trained: Path, tmp_path: Path) -> None:
    assert picks(*TRAIN).returncode == 0
    assert (tmp_path / "weights.json").read_bytes() == trained.read_bytes()


@pytest.mark.slow
def test_training_cannot_see_the_future(picks: Run, trained: Path, tmp_path: Path) -> None:
    later = [item for item in ranking_samples.examples(liked="robots") if item.day > SPLIT]
    known = [item for item in ranking_samples.examples() if item.day <= SPLIT]
    _write(tmp_path / "papers.jsonl", map(_record, [*known, *later]))
    _write(
        tmp_path / "picks.jsonl",
        ({"arxiv_id": str(item.paper.arxiv_id)} for item in [*known, *later] if item.label.wanted),
    )
    assert picks(*TRAIN).returncode == 0
    assert (tmp_path / "weights.json").read_bytes() == trained.read_bytes()


@pytest.mark.slow
def test_weights_that_were_changed_by_hand_are_refused(picks: Run, trained: Path, tmp_path: Path) -> None:
    content = json.loads(trained.read_text("utf-8"))
    content["model"]["trained_until"] = "2020-01-01"
    (tmp_path / "changed.json").write_text(json.dumps(content), "utf-8")
    message = _mistake(picks(*FILES, "--model", "changed.json"))
    assert "changed.json was changed after it was written: its digest does not fit; train it again" in message
    train = picks("train", *FILES[1:], "--base", "changed.json", "--out", "weights.json")
    assert "changed.json was changed after it was written" in _mistake(train)
    assert not (tmp_path / "weights.json").exists()


@pytest.mark.slow
def test_training_says_what_it_learned_from(picks: Run, trained: Path) -> None:
    words = ("train", *FILES[1:], "--base", str(trained), "--out", "more.json")
    data = _json(picks(*words, "--json"))  # 13 of the 20 picks are those of the base
    assert (data["file"], data["trained_until"]) == ("more.json", "2026-01-24")
    counts = {"pick": 20, "related": 0, "approved": 0, "rejected": 0, "expired": 0, "unlabelled": 627}
    assert data["data"] == counts
    too_early = _mistake(picks(*words, "--until", "2026-01-10"))
    assert "the earlier weights have seen days up to 2026-01-17, after --until 2026-01-10" in too_early


@pytest.mark.slow
def test_a_simulated_curator_learns(tmp_path: Path) -> None:
    pytest.importorskip("sklearn", reason="training needs scikit-learn: the extra named train")
    _lay_out(tmp_path, ranking_samples.examples())
    data = _json(_run(tmp_path, *FILES, "--learn", "--json"))
    assert [stage["picks_before"] for stage in data["curve"]] == [[0, 4], [5, 9], [10, 19]]
    assert data["curve"][0].keys() == {"picks_before", "first_day", "picks", "related", "words_alone"}
    last = data["curve"][-1]
    assert last["picks"]["median_rank"] < last["words_alone"]["picks"]["median_rank"]


@pytest.mark.slow
@pytest.mark.parametrize("words", [("train", *FILES[1:], "--out", "weights.json"), (*FILES, "--learn")])
def test_without_scikit_learn_one_line_says_how_to_get_it(tmp_path: Path, words: tuple[str, ...]) -> None:
    _lay_out(tmp_path, ranking_samples.examples())
    for name in ("numpy", "sklearn"):
        (tmp_path / "without" / name).mkdir(parents=True)
        lines = f"raise ModuleNotFoundError('No module named {name}', name='{name}')"
        (tmp_path / "without" / name / "__init__.py").write_text(lines, "utf-8")
    done = _run_script(tmp_path, *words, PYTHONPATH=str(tmp_path / "without"))
    assert "is not installed: pip install scikit-learn" in _mistake(done)


@pytest.mark.slow
def test_the_real_listings_are_judged_by_the_shipped_channel(shared_data: Path, tmp_path: Path) -> None:
    config = Path(__file__).resolve().parents[2] / "config"
    listing, chosen = shared_data / "arxiv" / "listings" / "2024-08.jsonl.gz", shared_data / "picks"
    words = ("backtest", "--listings", str(listing), "--picks", str(chosen / "collection.jsonl"), "--json")
    options = ("--related", str(chosen / "related.jsonl"), "--config", str(config))
    data = _json(_run(tmp_path, *words, *options, "--model", "words"))
    assert data["picks"]["n"] + data["related"]["n"] > 10
    assert date(2024, 8, 1) <= date.fromisoformat(data["first_day"])
    assert "picks train --until" in _mistake(_run(tmp_path, *words, *options))


@pytest.mark.slow
def test_weights_from_files_become_the_channels(picks: Run, trained: Path) -> None:
    assert "is not set up yet; run: picks db upgrade" in _mistake(picks("train", *FILES[1:]))
    assert picks("db", "upgrade").returncode == 0
    data = _json(picks("train", *FILES[1:], "--json"))
    assert (data["file"], data["data"]["pick"]) == (None, 20)
    assert _json(picks("status", "--json"))["learning"]["digest"] == data["digest"]


def _capture(examples: Iterable[Example], day: date = TUESDAY) -> bytes:
    found = [item.paper for item in examples]
    items = (
        sample_feeds.Item(arxiv_id=str(paper.arxiv_id), title=paper.title, abstract=paper.abstract) for paper in found
    )
    return sample_feeds.rss(*items).replace(f"{TUESDAY:%a, %d %b %Y}".encode(), f"{day:%a, %d %b %Y}".encode())


@pytest.mark.slow
@pytest.mark.parametrize("day", [TUESDAY, date(2024, 6, 4)])
def test_imported_picks_are_learned_from(picks: Run, trained: Path, tmp_path: Path, day: date) -> None:
    (tmp_path / "feed.xml").write_bytes(_capture(ranking_samples.examples(), day))
    chosen = [item.paper for item in ranking_samples.examples() if item.label.wanted]
    items = [{"_id": str(paper), "type": "paper", "id": str(paper.arxiv_id), "title": paper.title} for paper in chosen]
    (tmp_path / "collection.json").write_text(json.dumps({"slug": "example/picks", "items": items[5:]}))
    _write(tmp_path / "picks.jsonl", [*({"arxiv_id": item["id"]} for item in items[:5]), {"arxiv_id": "2301.00001"}])
    assert picks("db", "upgrade").returncode == 0
    assert "test has 0 of the 5 picks that it takes to learn from" in _mistake(picks("train"))
    assert picks("fetch", "feed.xml").returncode == 0
    score = _json(picks("why", items[7]["id"], "--json"))["score"]
    assert _json(picks("import", "collection.json", "--json"))["new"] == 15
    assert _json(picks("import", "picks.jsonl", "--json"))["new"] == 6
    data = _json(picks("train", "--json"))
    assert (data["file"], data["data"]["pick"], data["data"]["unlabelled"]) == (None, 20, 380)
    why = _json(picks("why", items[7]["id"], "--json"))
    assert (why["weights"]["origin"], why["weights"]["digest"]) == ("own", data["digest"])
    assert why["score"] > 2 * score


def test_importing_again_changes_nothing(picks: Run) -> None:
    assert picks("db", "upgrade").returncode == 0
    first, again = (_json(picks("import", "picks.jsonl", "--json")) for _ in range(2))
    assert first == {"channel": "test", "named": 20, "new": 20, "known": 0, "errors": []}
    assert again == {"channel": "test", "named": 20, "new": 0, "known": 20, "errors": []}


def test_wrong_lines_of_imported_picks_are_named_and_the_rest_is_taken_over(picks: Run, tmp_path: Path) -> None:
    assert picks("db", "upgrade").returncode == 0
    with (tmp_path / "picks.jsonl").open("a", encoding="utf-8") as file:
        file.writelines('{"arxiv_id": "nonsense"}\n' for _ in range(7))
    done = picks("import", "picks.jsonl")
    reason = "'nonsense' is not an arXiv id, such as 2412.11965 or https://arxiv.org/abs/2412.11965"
    assert (done.returncode, done.stdout) == (
        1,
        "20 new picks for test, 0 known already; picks train learns from them\n",
    )
    assert done.stderr.splitlines() == [
        *(f"picks: picks.jsonl, line {number}: {reason}" for number in range(21, 26)),
        "picks: picks.jsonl: 7 left out, the rest taken over; mend what is wrong and import it again",
    ]
    assert len(json.loads(picks("import", "picks.jsonl", "--json").stdout)["errors"]) == 7


@pytest.mark.parametrize("name", ["missing.jsonl", "papers.xml", "empty.jsonl"])
def test_a_file_without_picks_is_not_imported(picks: Run, tmp_path: Path, name: str) -> None:
    assert picks("db", "upgrade").returncode == 0
    (tmp_path / "empty.jsonl").write_text("\n")
    (tmp_path / "papers.xml").write_text("<xml>")
    assert name in _mistake(picks("import", name))


def test_options_of_files_need_files(picks: Run) -> None:
    assert picks("train", "--until", "2026-01-10").returncode == 2
