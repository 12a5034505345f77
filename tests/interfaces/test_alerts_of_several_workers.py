"""Several workers at the same moment: each alert is claimed in the database, so it arrives once whoever sees it."""

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from alert_server import AlertServer
from bot.app import App
from bot.interfaces.alerts.telling import CALM
from bot.interfaces.alerts.watch import Watch
from bot.interfaces.heartbeat import beat
from bot.settings import Settings
from bot.store.database import Database
from samples import CONSOLE_CHANNEL, NOON

pytestmark = pytest.mark.network

WORKERS, ROUNDS = 6, 3
GONE = ("ann", "bea", "cid")


def _at_once(jobs: Sequence[Callable[[], None]]) -> None:
    """Run the jobs in threads that begin together; raise what one of them raised."""
    start, errors = threading.Barrier(len(jobs)), list[Exception]()

    def run(job: Callable[[], None]) -> None:
        try:
            start.wait(10)
            job()
        except Exception as error:  # noqa: BLE001  # raised again below, in the test's own thread
            errors.append(error)

    threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    if errors:
        raise errors[0]


def test_workers_that_look_at_the_same_moment_tell_each_alert_once(tmp_path: Path, database: Database) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "test.toml").write_text(CONSOLE_CHANNEL, "utf-8")
    now = [NOON]
    with AlertServer().running() as service, ExitStack() as stack:
        settings = Settings(
            database_url=SecretStr(database.url.render_as_string(hide_password=False)),
            PICKS_CONFIG=tmp_path / "config",
            PICKS_DATA=tmp_path,
            PICKS_ALERT_URL=SecretStr(f"{service.url('one')} {service.url('two')}"),
        )
        apps = [stack.enter_context(closing(App(settings, clock=lambda: now[0], environ={}))) for _ in range(WORKERS)]
        watches = [Watch(app, room=0) for app in apps]
        for name in GONE:
            beat(database, f"{name}:1:a", started_at=NOON, now=NOON)
        now[0] += timedelta(minutes=4)
        for _ in range(ROUNDS):
            _at_once([watch.run for watch in watches])
        now[0] += CALM
        for name in GONE:
            beat(database, f"{name}:2:b", started_at=now[0], now=now[0])
        for _ in range(ROUNDS):
            _at_once([watch.run for watch in watches])
    begun = [f"Daily Picks: worker silent: {name}:1:a" for name in GONE]
    over = [title.replace("Picks: ", "Picks: over: ") for title in begun]
    assert Counter((notice.path, notice.title) for notice in service.taken) == Counter(
        (path, title) for path in ("/one", "/two") for title in (*begun, *over)
    )
