"""The service that listens for a worker hears of it when all went well, and never from a worker that fails."""

import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
import stamina
from pydantic import SecretStr
from structlog.testing import capture_logs

import sample_feeds
from alert_scene import Bot
from alert_server import AlertServer
from bot.domain.errors import AccountError
from bot.domain.posts import Platform
from bot.interfaces.pinging import Pinger
from bot.platforms.memory import Moment
from feed_server import FeedServer
from local_http import LocalHandler, LocalServer

JOBS = frozenset({"publish", "poll"})


class _Handler(LocalHandler):
    server: "Listener"

    def serve(self) -> None:
        self.server.heard.append(f"{self.command} {self.path}")
        if self.server.drips:
            with suppress(OSError):
                while not self.server.stopping.wait(0.05):
                    self.wfile.write(b"X-Slow: 1\r\n" if self.headers else b"")
            self.close_connection = True
            return
        self.send_response(self.server.answer)
        self.send_header("Content-Length", "0")
        self.end_headers()


class Listener(LocalServer):
    """A service in the manner of healthchecks.io."""

    def __init__(self) -> None:
        super().__init__(_Handler)
        self.heard: list[str] = []
        self.answer = 200
        self.drips = False


@pytest.fixture
def listener() -> Iterator[Listener]:
    server = Listener()
    server.start()
    yield server
    server.stop()


def _pinger(listener: Listener) -> Pinger:
    return Pinger(SecretStr(f"http://{listener.host}/ping/c4nary"), jobs=JOBS)


@pytest.mark.network
def test_it_is_told_when_each_job_has_gone_through_since_the_last_time(listener: Listener) -> None:
    pinger = _pinger(listener)
    for job in ("publish", "publish", "beat"):
        pinger.note(job)
    assert listener.heard == []
    pinger.note("poll")
    assert listener.heard == ["GET /ping/c4nary"]
    pinger.note("poll")
    pinger.note("publish")
    assert len(listener.heard) == 2


@pytest.mark.network
def test_a_job_that_failed_since_is_no_success(listener: Listener) -> None:
    pinger = _pinger(listener)
    pinger.note("publish")
    pinger.forget("publish")
    pinger.note("poll")
    assert listener.heard == []


@pytest.mark.network
def test_a_service_that_refuses_is_said_once_without_its_address(listener: Listener) -> None:
    pinger, listener.answer = _pinger(listener), 503
    with capture_logs() as logs:
        for _ in range(3):
            pinger.note("publish")
            pinger.note("poll")
        listener.answer = 200
        pinger.note("publish")
        pinger.note("poll")
    assert [entry["event"] for entry in logs] == ["PICKS_HEARTBEAT_URL not pinged", "PICKS_HEARTBEAT_URL pinged again"]
    assert "c4nary" not in str(logs)


@pytest.mark.network
def test_a_service_that_sends_a_byte_now_and_then_holds_nothing_up(listener: Listener) -> None:
    listener.drips = True
    pinger = Pinger(SecretStr(f"{listener.url}/ping"), jobs=JOBS, seconds=0.3)
    begun = time.monotonic()
    with capture_logs() as logs:
        for job in JOBS:
            pinger.note(job)
    assert time.monotonic() - begun < 5
    assert [entry["event"] for entry in logs] == ["PICKS_HEARTBEAT_URL not pinged"]


@pytest.mark.parametrize("address", ["http://", "https://a..b/x", "http://[::1", "http://127.0.0.1:99999/c4nary"])
def test_an_address_that_nobody_can_ask_fails_no_job_and_is_not_said(address: str) -> None:
    pinger = Pinger(SecretStr(address), jobs=JOBS)
    with capture_logs() as logs:
        for job in JOBS:
            pinger.note(job)
    assert [entry["event"] for entry in logs] == ["PICKS_HEARTBEAT_URL not pinged"]
    assert address not in str(logs)


def test_without_an_address_nobody_is_told() -> None:
    pinger = Pinger(None, jobs=JOBS)
    for job in JOBS:
        pinger.note(job)


@pytest.mark.network
@pytest.mark.parametrize("failing", ["account", "feed"])
def test_a_job_whose_account_or_feed_fails_is_no_success_until_it_works_again(
    failing: str, listener: Listener, tmp_path: Path, migrated_file: Path
) -> None:
    with stamina.set_testing(True), FeedServer().running() as feeds, AlertServer().running() as service:
        feeds.bodies["cs.CL"] = sample_feeds.rss(sample_feeds.Item(arxiv_id="2602.00001", title="Probing"))
        bot = Bot(tmp_path, migrated_file, feeds, service)
        bot.settings = bot.settings.model_copy(update={"heartbeat_url": SecretStr(f"{listener.url}/ping")})
        with bot.started() as running:
            running.tick()
            assert len(listener.heard) == 1
            if failing == "account":
                bot.accounts[Platform.X].fail(Moment.BEFORE, AccountError("the X account is out of credits"))
                running.approve("2602.00001")
            else:
                feeds.status = 503
                bot.now += timedelta(days=1)
            for _ in range(3):
                running.tick(after=timedelta(minutes=1))
            assert len(listener.heard) == 1
            feeds.status = 200
            running.tick(after=timedelta(hours=2))
            assert len(listener.heard) == 2
