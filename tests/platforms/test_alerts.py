"""One address of a channel: what it takes, and what is said of one that does not; never the address itself."""

import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from pydantic import SecretStr

from alert_server import AlertServer
from bot.domain.errors import PermanentError, PicksError, TransientError, UnknownOutcomeError
from bot.interfaces import logs
from bot.platforms.alerts import Address, harmless

pytestmark = pytest.mark.network

SECRET = "c4nary"


@pytest.fixture
def service() -> Iterator[AlertServer]:
    """Return a service that takes notices."""
    with AlertServer().running() as server:
        yield server


def _address(url: str, *, seconds: float = 30) -> Address:
    return Address("json", SecretStr(url), seconds=seconds)


def test_a_message_arrives_with_its_title_as_it_is(service: AlertServer) -> None:
    _address(service.url()).send("A title", "# Two\n**lines** & <b>no</b> \\n markup :smile:")
    [notice] = service.taken
    assert (notice.title, notice.message) == ("A title", "# Two\n**lines** & <b>no</b> \\n markup :smile:")


@pytest.mark.parametrize("answer", [401, 500])
def test_an_answer_that_is_no_yes_is_said_by_its_number(answer: int, service: AlertServer) -> None:
    service.answers = [answer]
    with pytest.raises(TransientError) as caught:
        _address(service.url(SECRET, user=f"me:{SECRET}@")).send("A title", "A message")
    assert str(caught.value) == f"it was not taken: the answer was {answer}"


def test_a_service_that_is_not_there_is_asked_again_later() -> None:
    with pytest.raises(TransientError, match="it was not taken; is it reachable from here"):
        _address(f"json://me:{SECRET}@127.0.0.1:9/{SECRET}").send("A title", "A message")


def test_silence_may_mean_that_it_was_taken(service: AlertServer) -> None:
    service.answers = [None]
    with pytest.raises(UnknownOutcomeError, match="it did not answer within 1 seconds, and may have taken it"):
        _address(service.url(), seconds=1).send("A title", "A message")
    assert service.requests == 1


@pytest.mark.parametrize("url", [f"nosuch://{SECRET}", "mailto://", f"slack://{SECRET}"])
def test_an_address_that_apprise_does_not_know_is_nothing_for_later(url: str) -> None:
    with pytest.raises(PermanentError) as caught:
        _address(url).send("A title", "A message")
    assert str(caught.value).startswith("apprise knows no such address")
    assert SECRET not in str(caught.value)


def test_nothing_of_an_address_gets_into_the_log(service: AlertServer, capsys: pytest.CaptureFixture[str]) -> None:
    service.answers = [401, 200]
    address = _address(service.url(SECRET, user=f"me:{SECRET}@"))
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        logs.configure(form="json", level=logging.DEBUG)
        with pytest.raises(PicksError):
            address.send("A title", "A message")
        address.send("A title", "A message")
        logging.getLogger("theirs").info("the log works")
    finally:
        structlog.reset_defaults()
        root.handlers[:] = handlers
        root.setLevel(level)
    said = capsys.readouterr().err
    assert [json.loads(line)["event"] for line in said.splitlines()] == ["the log works"]
    assert SECRET not in f"{address!r} {vars(address)}"


def test_where_apprise_is_not_installed_the_error_says_how_to_install_it() -> None:
    script = (
        "import sys; sys.modules['apprise'] = None\n"
        "from pydantic import SecretStr\n"
        "from bot.domain.errors import PermanentError\n"
        "from bot.platforms.alerts import Address\n"
        "try:\n    Address('json', SecretStr('json://127.0.0.1:9')).send('a', 'b')\n"
        "except PermanentError as error:\n    print(error)\n"
    )
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run([sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == (
        "a package that sends to addresses is not installed, apprise; install it: pip install 'daily-picks[alerts]'"
    )


@pytest.mark.parametrize("words", ["@everyone", "<!channel> now", "<@U123>", "mail a@b.example", "@here"])
def test_strangers_words_mention_and_command_nobody(words: str) -> None:
    shown = harmless(words)
    assert shown.replace("\u2060", "") == words
    for mark in ("@everyone", "@here", "<!channel>", "<@U123>", "a@b"):
        assert mark not in shown
