"""``picks alert-test`` and the worker's job against a real service: what arrives, and what is said of an address."""

import json
import subprocess
from contextlib import closing
from pathlib import Path

import pytest
from pydantic import SecretStr

import warm_process
from alert_server import AlertServer
from bot.app import App
from bot.domain.errors import AccountError, PermanentError
from bot.domain.posts import Platform
from bot.interfaces.alerts.addresses import try_all
from bot.interfaces.worker import Worker
from bot.publishing.circuit_breaker import note_failure
from bot.settings import Settings, SettingsError
from samples import CONSOLE_CHANNEL, NOON

pytestmark = pytest.mark.network

SECRET = "c4nary"


def _picks(folder: Path, *words: str, urls: str) -> subprocess.CompletedProcess[str]:
    env = {"PICKS_ALERT_URL": urls, "PICKS_DATA": str(folder), "HOME": str(folder)}
    return warm_process.run(("alert-test", *words), cwd=folder, env=env)


def test_each_address_gets_one_message_without_database_or_channel_file(tmp_path: Path) -> None:
    with AlertServer().running() as service:
        done = _picks(tmp_path, urls=f"{service.url('one')} {service.url('two')}")
        assert (done.returncode, done.stdout.splitlines()) == (0, ["json: it was taken", "json 2: it was taken"])
        assert [notice.path for notice in service.taken] == ["/one", "/two"]


def test_an_address_that_does_not_take_it_is_named_without_its_secret(tmp_path: Path) -> None:
    with AlertServer(answers=[401]).running() as service:
        done = _picks(tmp_path, "--json", urls=f"{service.url(SECRET)} {service.url('two')}")
    assert done.returncode == 1
    assert [(item["address"], item["ok"]) for item in json.loads(done.stdout)] == [("json", False), ("json 2", True)]
    assert "1 of 2 addresses did not take it" in done.stderr
    assert SECRET not in done.stdout + done.stderr


def test_the_next_step_is_the_one_that_the_reason_names() -> None:
    class Missing:
        def send(self, title: str, body: str) -> None:
            raise PermanentError(f"the package for {title} and {body} is not installed; install it: pip install it")

    [found] = try_all({"json": Missing()})
    assert (found.ok, found.next) == (False, "install it: pip install it")
    assert found.detail.endswith(" is not installed")


@pytest.mark.parametrize(("urls", "said"), [("", "no address is set"), (SECRET, "number 1 of 1 is no address")])
def test_no_address_and_a_wrong_one_are_said(urls: str, said: str, tmp_path: Path) -> None:
    done = _picks(tmp_path, urls=urls)
    assert done.returncode == 1
    assert said in done.stderr
    assert SECRET not in done.stderr


def test_the_workers_job_sends_what_begins_once_over_a_restart(tmp_path: Path, migrated_file: Path) -> None:
    (tmp_path / "config").mkdir()
    channel = CONSOLE_CHANNEL.replace('platforms = ["console"]', 'platforms = ["console", "x"]')
    (tmp_path / "config" / "test.toml").write_text(channel, "utf-8")
    file = tmp_path / "picks.db"
    file.write_bytes(migrated_file.read_bytes())
    keys = ("X_CONSUMER_KEY", "X_CONSUMER_SECRET", "X_ACCESS_TOKEN", "X_ACCESS_TOKEN_SECRET")
    environ = dict.fromkeys(keys, f"1-{SECRET}")
    with AlertServer().running() as service:
        settings = Settings(
            database_url=SecretStr(f"sqlite:///{file}"),
            PICKS_CONFIG=tmp_path / "config",
            PICKS_DATA=tmp_path,
            PICKS_ALERT_URL=SecretStr(service.url()),
        )
        for _ in range(2):
            with closing(App(settings, clock=lambda: NOON, environ=environ)) as app:
                account = app.accounts(app.channels["test"])[Platform.X].name or ""
                with app.database.transaction() as session:
                    error = AccountError("X does not accept the credentials", sign_in=True)
                    note_failure(session, error, platform=Platform.X, account=account, now=NOON)
                Worker(app).jobs["alert"].run()
        titles = [notice.title for notice in service.taken]
    assert titles.count(f"Daily Picks: sign-in failing: the account {account} on x") == 1
    assert SECRET not in str(service.taken)


def test_an_alert_address_that_cannot_be_read_fails_the_job_by_name(tmp_path: Path, migrated_file: Path) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "test.toml").write_text(CONSOLE_CHANNEL, "utf-8")
    settings = Settings(
        database_url=SecretStr(f"sqlite:///{migrated_file}"),
        PICKS_CONFIG=tmp_path / "config",
        PICKS_DATA=tmp_path,
        PICKS_ALERT_URL=SecretStr("nonsense"),
    )
    with closing(App(settings, environ={})) as app, pytest.raises(SettingsError, match="PICKS_ALERT_URL is wrong"):
        Worker(app).jobs["alert"].run()
