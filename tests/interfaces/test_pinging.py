"""The service that listens for a worker hears of it when all went well, and never from a worker that fails."""

from collections.abc import Iterator

import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from bot.interfaces.pinging import Pinger
from local_http import LocalHandler, LocalServer

JOBS = frozenset({"publish", "poll"})


class _Handler(LocalHandler):
    server: "Listener"

    def serve(self) -> None:
        self.server.heard.append(f"{self.command} {self.path}")
        self.send_response(self.server.answer)
        self.send_header("Content-Length", "0")
        self.end_headers()


class Listener(LocalServer):
    """A service in the manner of healthchecks.io."""

    def __init__(self) -> None:
        super().__init__(_Handler)
        self.heard: list[str] = []
        self.answer = 200


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


def test_without_an_address_nobody_is_told() -> None:
    pinger = Pinger(None, jobs=JOBS)
    for job in JOBS:
        pinger.note(job)
