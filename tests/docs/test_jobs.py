"""The list of the worker's jobs has every one, with its rhythm."""

from contextlib import closing
from datetime import timedelta
from pathlib import Path

from pydantic import SecretStr

from bot.app import App
from bot.interfaces.worker import Worker
from bot.settings import Settings
from documents import read

CHANNEL = """
title = "Test"
[feeds]
categories = ["cs.CL"]
[archive]
folder = "{folder}/site"
[ranking.words]
"probing" = 2.0
[[curators]]
name = "ada"
account = "did:plc:curator22222222222222222"
"""
BLUESKY = {"BLUESKY_HANDLE": "picks.example.com", "BLUESKY_APP_PASSWORD": "word"}


def _listed() -> dict[str, str]:
    section = read("docs/operating.md").partition("\n## What the worker does\n")[2].partition("\n## ")[0]
    assert "| job | every | does |" in section
    cells = [[cell.strip() for cell in line.split("|")] for line in section.splitlines() if line.startswith("| ")]
    return {row[1]: row[2] for row in cells if row[1] not in {"job", "---"}}


def _said(every: timedelta) -> str:
    seconds = round(every.total_seconds())
    number, unit = (seconds // 60, "minute") if seconds >= 60 else (seconds, "second")
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"


def test_every_job_is_listed_with_its_rhythm(tmp_path: Path) -> None:
    (tmp_path / "test.toml").write_text(CHANNEL.format(folder=tmp_path), "utf-8")
    settings = Settings(
        PICKS_CONFIG=tmp_path,
        PICKS_DATA=tmp_path,
        PICKS_METRICS_FILE=tmp_path / "picks.prom",
        PICKS_ALERT_URL=SecretStr("json://127.0.0.1"),
    )
    with closing(App(settings, environ=BLUESKY)) as app:
        jobs = {name: _said(job.every) for name, job in Worker(app).jobs.items()}
    assert {name: every.partition(",")[0] for name, every in _listed().items()} == jobs
