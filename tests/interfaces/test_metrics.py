"""The figures for a monitoring system are those of the database, in the form that Prometheus reads."""

import re
import stat
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr

from bot.app import App
from bot.curation import decisions
from bot.curation.context import Edits
from bot.domain.actors import Actor
from bot.domain.errors import PicksError
from bot.intake.ingest import Capture, ingest
from bot.interfaces.heartbeat import beat, begin_job, end_job
from bot.interfaces.metrics import FAMILIES, text_of, write_file
from bot.interfaces.worker import Worker
from bot.settings import Settings
from samples import announcement, batch

CONFIG = """
title = "Test"
[feeds]
categories = ["cs.CL"]
[queue]
threshold = 0.0001
[posting]
platforms = ["console"]
[ranking.words]
"probing" = 3.0
"""
NOW = datetime(2026, 2, 17, 12, tzinfo=UTC)
DOCS = Path(__file__).resolve().parents[2] / "docs" / "metrics.md"


@pytest.fixture
def app(tmp_path: Path, migrated_file: Path) -> Iterator[App]:
    """Return the program with two candidates, of which one is approved and due for an hour."""
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "test.toml").write_text(CONFIG, "utf-8")
    file = tmp_path / "picks.db"
    file.write_bytes(migrated_file.read_bytes())
    settings = Settings(
        database_url=SecretStr(f"sqlite:///{file}"),
        PICKS_CONFIG=tmp_path / "config",
        PICKS_DATA=tmp_path,
        PICKS_METRICS_FILE=tmp_path / "picks.prom",
    )
    with closing(App(settings, clock=lambda: NOW, environ={})) as made:
        papers = batch(announcement("2602.00001", "Probing One"), announcement("2602.00002", "Probing Two"))
        ingest(made.database, [Capture(papers, "test")], channels=made.channels.values(), now=NOW)
        context = made.context(made.channel(None), Actor("ada", "shell"))
        decisions.approve(context, "1", Edits(note="A note."), at=NOW)
        yield made


def _figures(text: str) -> dict[str, float]:
    return {
        f"{sample.name} {' '.join(sample.labels[name] for name in sorted(sample.labels))}": sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def _text(app: App, *, later: timedelta = timedelta(0)) -> str:
    context = app.context(app.channel(None), Actor("ada", "shell"))
    return text_of(app.database, [context], now=NOW + later)


def test_queue_deliveries_and_what_is_late_are_counted(app: App) -> None:
    found = _figures(_text(app, later=timedelta(hours=1)))
    assert found["picks_queue test queued"] == 1
    assert found["picks_queue test approved"] == 1
    assert found["picks_deliveries test console planned"] == 1
    assert found["picks_oldest_due_seconds test console"] == 3600
    assert found["picks_x_spending_usd test"] == 0


def test_a_worker_that_has_run_left_posts_and_when_its_jobs_went_through(app: App) -> None:
    Worker(app).publish()
    assert _figures(_text(app))["picks_posts_total test console"] > 0
    worker = Worker(app)
    worker.jobs = {name: worker.jobs[name] for name in ("beat", "tidy", "metrics")}
    for name in worker.jobs:
        worker._run_job(name)
    written = _figures((app.settings.metrics_file or Path()).read_text("utf-8"))
    assert written[f"picks_worker_alive {app.worker_name}"] == 1
    assert written[f"picks_job_last_success_timestamp_seconds tidy {app.worker_name}"] == NOW.timestamp()


def test_a_job_keeps_its_last_success_while_it_runs_and_loses_it_while_it_fails(app: App) -> None:
    figure = f"picks_job_last_success_timestamp_seconds poll {app.worker_name}"
    again = NOW + timedelta(minutes=5)

    def beaten(failing: str) -> dict[str, float]:
        beat(app.database, app.worker_name, started_at=NOW, now=NOW, failing=failing)
        return _figures(_text(app))

    begin_job(app.database, app.worker_name, "poll", now=NOW, due_by=again)
    assert figure not in beaten("")
    end_job(app.database, app.worker_name, "poll", now=NOW, failed=False, due_by=again)
    begin_job(app.database, app.worker_name, "poll", now=again, due_by=again + timedelta(hours=1))
    assert beaten("")[figure] == NOW.timestamp()
    assert figure not in beaten("poll, tidy")
    end_job(app.database, app.worker_name, "poll", now=again, failed=True, due_by=again)
    assert figure not in beaten("poll")


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(PicksError, match="cannot write PICKS_METRICS_FILE"):
        write_file(tmp_path / "nowhere" / "picks.prom", "")


def test_what_cannot_take_the_place_of_the_file_leaves_nothing_beside_it(tmp_path: Path) -> None:
    (tmp_path / "picks.prom" / "in_the_way").mkdir(parents=True)
    for _ in range(2):
        with pytest.raises(PicksError, match="cannot write PICKS_METRICS_FILE"):
            write_file(tmp_path / "picks.prom", "figures")
    assert [item.name for item in tmp_path.iterdir()] == ["picks.prom"]


def test_the_file_is_one_that_the_collector_may_read(tmp_path: Path) -> None:
    write_file(tmp_path / "picks.prom", "figures of ä\n")
    assert (tmp_path / "picks.prom").read_bytes() == "figures of ä\n".encode()
    assert stat.S_IMODE((tmp_path / "picks.prom").stat().st_mode) == 0o644


def test_the_docs_list_every_figure_with_its_labels() -> None:
    text = DOCS.read_text("utf-8")
    for item in FAMILIES:
        name = f"{item.name}_total" if item.total else item.name
        assert f"| `{name}` | {', '.join(f'`{label}`' for label in item.labels)} | {item.says} |" in text
    named = set(re.findall(r"\bpicks_[a-z_]+", text))
    assert named == {f"{item.name}_total" if item.total else item.name for item in FAMILIES}
