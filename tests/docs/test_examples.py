"""The examples of all commands are run, in the order in which the document has them."""

import os
import re
import shutil
from pathlib import Path

import pytest

import warm_process
from documents import ROOT, block, commands, shell_words
from feed_server import FeedServer

TESTED_ELSEWHERE = {
    "archive serve": "interfaces/test_cli_archive.py",
    "backtest": "interfaces/test_cli_training.py",
    "collection pull": "interfaces/test_cli_collection.py",
    "collection push": "interfaces/test_cli_collection.py",
    "collection status": "interfaces/test_cli_collection.py",
    "alert-test": "interfaces/test_alert_test.py",
    "demo": "interfaces/test_cli.py",
    "init": "interfaces/test_init.py",
    "profile": "interfaces/test_profile.py",
    "review": "interfaces/review/test_in_a_terminal.py",
}
CONFIG = """
title = "Examples"
[feeds]
categories = ["cs.CL"]
[queue]
threshold = 0.00001
[posting]
platforms = ["console"]
time_zone = "UTC"
[ranking.words]
"model*" = 2.0
"""
EXAMPLES = [line for line in block("docs/commands.md", "One of each").splitlines() if line]


def _name(words: list[str]) -> str:
    whole = " ".join(words[:2])
    return whole if whole in commands() else words[0]


def test_every_command_has_an_example_or_a_test_that_is_named() -> None:
    shown = {_name(words) for line in EXAMPLES for words in shell_words(line)}
    assert shown | set(TESTED_ELSEWHERE) == set(commands())
    assert shown & set(TESTED_ELSEWHERE) == set()
    for name, file in TESTED_ELSEWHERE.items():
        text = (ROOT / "tests" / file).read_text("utf-8")
        assert all(f'"{word}"' in text or f"{word} " in text for word in name.split()), f"{file} does not run {name}"


def _wrong_end(line: str, folder: Path, environ: dict[str, str]) -> str:
    """Run an example; return what was said where it did not end as the document says."""
    [words] = shell_words(line)
    own = dict(re.findall(r"^([A-Z_]+)=(\S+) ", line))
    done = warm_process.run(words, cwd=folder, env={**environ, **own}, input="")
    expected = re.search(r"# exit code (\d)", line)
    if done.returncode == (int(expected[1]) if expected else 0) and "Traceback" not in done.stderr:
        return ""
    return f"{done.returncode}: {done.stdout[-1500:]} {done.stderr[-500:]}"


@pytest.mark.slow
@pytest.mark.network
def test_every_example_runs(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "examples.toml").write_text(CONFIG, "utf-8")
    shutil.copy(ROOT / "bot/interfaces/cli/sample/2026-02-17-cs-cl.xml", tmp_path / "morning.xml")
    environ = {
        "PATH": os.environ["PATH"],
        "LANG": "C.UTF-8",
        "HOME": str(tmp_path),
        "PICKS_DATA": str(tmp_path / "data"),
        "ARXIV_API_PAUSE": "0",
        "BROWSER": "true",
    }
    with FeedServer().running() as server:
        environ |= {"ARXIV_RSS_URL": server.url, "ARXIV_API_URL": server.url}
        ended = {line: _wrong_end(line, tmp_path, environ) for line in EXAMPLES}
    assert {line: wrong for line, wrong in ended.items() if wrong} == {}
