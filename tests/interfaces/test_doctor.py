"""``picks doctor`` against set-ups that are broken in one way each: each is named, with what mends it."""

import json
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx2
import pytest

import warm_process
from bot.app import App
from bot.arxiv.health import Health
from bot.domain.posts import Platform
from bot.interfaces.doctor.arxiv import clock
from bot.interfaces.doctor.channels import feed, silent_workers, spending, worker
from bot.interfaces.doctor.checks import CheckState
from bot.interfaces.doctor.machine import time_zones, training
from bot.interfaces.views.feeds import FeedStatus, FeedTrouble
from bot.interfaces.views.status import SilentWorker, WorkerStatus, XSpending
from bot.platforms.bluesky.sign_in import BlueskySignIn
from bot.platforms.sessions import FileSessionStore
from bot.settings import Settings
from chat_standin import ChatService
from harness_pds import Account, Pds, bluesky_publisher
from hub_standin import KEY, OWNER, WRITE, running_hub
from x_standin import XStandin

CONFIG = """
title = "Test"
[feeds]
categories = ["cs.CL"]
[posting]
platforms = ["{platform}"]
[ranking.words]
"probing" = 2.0
"""
CURATOR = """
[[curators]]
name = "ada"
account = "did:plc:curator22222222222222222"
role = "curator"
"""

Run = Callable[..., subprocess.CompletedProcess[str]]


class Place:
    """A folder with a channel file and a database."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.database = folder / "data" / "picks.db"
        self.write("console")
        assert self.run("db", "upgrade").returncode == 0

    def write(self, platform: str, more: str = "") -> None:
        file = self.folder / "config" / "test.toml"
        file.parent.mkdir(exist_ok=True)
        file.write_text(CONFIG.format(platform=platform) + more, "utf-8")

    def run(self, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
        nowhere = "http://127.0.0.1:9"
        ours = {"PICKS_DATA": str(self.folder / "data"), "ARXIV_RSS_URL": nowhere, "HOME": str(self.folder)}
        return warm_process.run(words, cwd=self.folder, env={**ours, **env})

    def failures(self, *words: str, **env: str) -> dict[str, dict[str, Any]]:
        """Return what failed, by name; a dead worker, of which every set-up here has one, is left out."""
        done = self.run("doctor", "--json", *words, **env)
        said = json.loads(done.stdout)
        wrong = {item["name"]: item for item in said["checks"] if item["state"] == "failed"}
        assert said["ok"] is (not wrong)
        assert done.returncode == (1 if wrong else 0)
        assert all(item["next"] for item in wrong.values())
        wrong.pop("worker", None)
        return wrong


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """Return a set-up in which only the worker is missing."""
    return Place(tmp_path)


def _x(x: XStandin, **instead: str) -> dict[str, str]:
    keys = x.credentials
    return {
        "X_API_URL": x.url,
        "X_CONSUMER_KEY": keys.consumer_key,
        "X_CONSUMER_SECRET": keys.consumer_secret,
        "X_ACCESS_TOKEN": keys.access_token,
        "X_ACCESS_TOKEN_SECRET": keys.access_token_secret,
        **instead,
    }


def _bluesky(pds: Pds, account: Account, **instead: str) -> dict[str, str]:
    given = {"BLUESKY_HANDLE": account.handle, "BLUESKY_APP_PASSWORD": account.app_password}
    return {"BLUESKY_SERVICE": pds.url, **given, **instead}


def test_offline_nothing_else_fails_where_only_the_worker_is_missing(place: Place) -> None:
    assert place.failures("--offline") == {}
    done = place.run("doctor", "--offline")
    assert done.returncode == 1
    assert "no worker is alive" in done.stdout
    assert "1 check failed" in done.stderr


def test_a_channel_file_with_a_mistake_is_named_and_the_rest_is_looked_at(place: Place) -> None:
    place.write("console", "[nonsense]\n")
    assert set(place.failures("--offline")) == {"channel files"}


def test_without_a_channel_file_the_command_that_makes_one_is_named(place: Place) -> None:
    (place.folder / "config" / "test.toml").unlink()
    found = place.failures("--offline")["channel files"]
    assert found["detail"] == "no channel file (*.toml) in config"
    assert found["next"] == "name its folder with --config or PICKS_CONFIG, or make one: picks init"


def test_a_database_that_is_not_there_is_named_with_the_command_that_makes_it(place: Place) -> None:
    place.database.unlink()
    assert place.failures("--offline")["database"]["next"] == "run: picks db upgrade"


def test_an_address_that_is_none_leaves_the_channel_files_alone(place: Place) -> None:
    assert set(place.failures("--offline", DATABASE_URL="mysql://here/picks")) == {"database"}
    place.write("console", "[nonsense]\n")
    wrong = place.failures("--offline", DATABASE_URL="mysql://here/picks")
    assert "only sqlite and postgresql" in wrong["database"]["detail"]
    assert "nonsense" in wrong["channel files"]["detail"]


def test_a_database_of_another_version_is_named(place: Place) -> None:
    with sqlite3.connect(place.database) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0001'")
    connection.close()
    assert "version 0001" in place.failures("--offline")["database"]["detail"]


def test_a_file_that_is_no_database_is_named(place: Place) -> None:
    place.database.write_bytes(b"not a database at all, only words " * 200)
    assert set(place.failures("--offline")) == {"database"}


def test_a_folder_for_sessions_that_cannot_be_written_is_named_also_with_a_database_elsewhere(place: Place) -> None:
    elsewhere = f"sqlite:///{place.database}"
    wrong = place.failures("--offline", DATABASE_URL=elsewhere, PICKS_DATA=str(place.database / "below"))
    assert set(wrong) == {"data folder"}
    assert wrong["data folder"]["detail"] == f"no file can be made in {place.database}"


def test_sessions_that_another_user_has_taken_are_named(place: Place) -> None:
    folder = place.folder / "data" / "sessions"
    folder.mkdir()
    (folder / "account.session").symlink_to("nowhere")  # root may read what is closed, and nothing that is not there
    assert place.failures("--offline")["data folder"]["detail"] == f"{folder}/account.session cannot be read"
    (folder / "account.session").unlink()
    assert place.failures("--offline") == {}
    folder.rmdir()
    folder.write_text("no folder", "utf-8")
    assert place.failures("--offline")["data folder"]["detail"] == f"no file can be made in {folder}"


def test_the_disk_of_a_database_elsewhere_is_looked_at_too(place: Place) -> None:
    done = place.run("doctor", "--offline", "--json", DATABASE_URL="sqlite:////dev/shm/none-of-ours.db")
    checks = {item["name"]: item["detail"] for item in json.loads(done.stdout)["checks"]}
    disks = {name: said.rpartition(" ")[2] for name, said in checks.items() if name.startswith("disk")}
    assert disks == {"disk": str(place.folder / "data"), "disk of the database": "/dev/shm"}


def test_figures_for_which_there_is_no_place_are_named(place: Place) -> None:
    assert set(place.failures("--offline", PICKS_METRICS_FILE=str(place.folder / "none" / "picks.prom"))) == {
        "metrics file"
    }
    assert place.failures("--offline", PICKS_METRICS_FILE=str(place.folder / "picks.prom")) == {}


def test_half_of_the_credentials_are_named(place: Place) -> None:
    place.write("bluesky")
    wrong = place.failures("--offline", BLUESKY_HANDLE="picks.example")
    assert wrong["test: bluesky"]["detail"] == "BLUESKY_HANDLE is set but BLUESKY_APP_PASSWORD is not"
    assert wrong["test: bluesky"]["next"] == "set both, or neither"


def test_an_address_that_is_none_is_named(place: Place) -> None:
    assert set(place.failures("--offline", PICKS_DIGEST_URL="nonsense")) == {"test: digest addresses"}


def test_an_archive_where_something_else_lies_is_named(place: Place) -> None:
    folder = place.folder / "home"
    folder.mkdir()
    (folder / "letter.txt").write_text("mine", "utf-8")
    place.write("console", f'[archive]\nfolder = "{folder}"\n')
    assert "holds letter.txt and no archive" in place.failures("--offline")["test: archive"]["detail"]
    place.write("console", f'[archive]\nfolder = "{folder / "site"}"\n')
    assert place.failures("--offline") == {}


def test_a_token_that_the_hub_does_not_know_and_a_collection_that_is_not_there_are_named(place: Place) -> None:
    place.write("console", f'[collection]\nslug = "{OWNER}/picks-{KEY}"\n')
    with running_hub() as hub:
        assert set(place.failures(HF_ENDPOINT=hub.url, HF_TOKEN=WRITE)) == {"arXiv"}
        unknown = place.failures(HF_ENDPOINT=hub.url, HF_TOKEN="hf_unknown")
        assert {"test: collection", "test: collection, token"} < set(unknown)
        assert "hf_unknown" not in str(unknown)
        place.write("console", f'[collection]\nslug = "{OWNER}/picks-{KEY[::-1]}"\n')
        assert set(place.failures(HF_ENDPOINT=hub.url, HF_TOKEN=WRITE)) == {"arXiv", "test: collection"}


def test_arxiv_that_does_not_answer_is_named(place: Place) -> None:
    assert "no connection" in place.failures()["arXiv"]["detail"]


def test_tokens_that_x_does_not_accept_are_named(place: Place, x_standin: XStandin) -> None:
    place.write("x")
    wrong = place.failures(**_x(x_standin, X_ACCESS_TOKEN_SECRET="mistyped"))
    assert "X does not accept the credentials" in wrong["test: x"]["detail"]
    assert "mistyped" not in str(wrong)


@pytest.mark.network
def test_tokens_that_may_only_read_are_named_and_those_that_may_write_are_not(place: Place) -> None:
    place.write("x")
    with XStandin(access_level="read") as reading, XStandin() as writing:
        assert set(place.failures(**_x(reading))) == {"test: x, write permission", "arXiv"}
        assert set(place.failures(**_x(writing))) == {"arXiv"}
        assert reading.accepted == []


@pytest.mark.network
def test_where_x_does_not_say_what_tokens_may_do_that_is_not_called_right(place: Place) -> None:
    place.write("x")
    with XStandin(access_level="") as silent:
        done = place.run("doctor", "--json", **_x(silent))
    checks = {item["name"]: item for item in json.loads(done.stdout)["checks"]}
    found = checks["test: x, write permission"]
    assert (found["state"], found["ok"]) == ("skipped", True)
    assert "not known" in found["detail"]
    assert checks["test: x"]["state"] == "ok"


def test_the_session_of_a_look_is_ended_with_it(place: Place, pds: Pds) -> None:
    place.write("bluesky")
    account = pds.create_account()
    settings = Settings(PICKS_CONFIG=place.folder / "config", PICKS_DATA=place.folder / "data")
    with closing(App(settings, environ=_bluesky(pds, account))) as app:
        look = app.sign_in(app.channels["test"], Platform.BLUESKY)
        assert isinstance(look, BlueskySignIn)
        look.sign_in()
        token = look._client._session.current().refresh_jwt
        look.close()
    bearer = {"Authorization": f"Bearer {token}"}
    answer = httpx2.post(f"{pds.url}/xrpc/com.atproto.server.refreshSession", headers=bearer)
    assert (answer.status_code, answer.json()["error"]) == (400, "ExpiredToken")


def test_a_mistyped_app_password_is_named_although_the_session_of_before_works(place: Place, pds: Pds) -> None:
    place.write("bluesky")
    account = pds.create_account()
    right = _bluesky(pds, account)
    sessions = FileSessionStore(place.folder / "data" / "sessions", account=f"{pds.url} {account.handle}")
    with closing(bluesky_publisher(pds, account, sessions=sessions)) as before:
        before.identify()
    mistyped = replace(account, app_password="mistyped")
    with closing(bluesky_publisher(pds, mistyped, sessions=sessions)) as still:
        assert still.identify().id == account.did
    kept = sessions.load()
    wrong = place.failures(**{**right, "BLUESKY_APP_PASSWORD": "mistyped"})
    assert sessions.load() == kept
    assert "did not let" in wrong["test: bluesky"]["detail"]


def test_an_app_password_without_direct_messages_is_named_where_there_are_curators(
    place: Place, pds: Pds, chat_service: ChatService
) -> None:
    place.write("bluesky", CURATOR)
    plain, able = pds.create_account(), pds.create_account(messages=True)
    assert "test: bluesky, direct messages" in place.failures(**_bluesky(pds, plain))
    assert "test: bluesky, direct messages" not in place.failures(**_bluesky(pds, able))


def test_a_clock_that_is_wrong_either_way_is_named_and_a_minute_is_not() -> None:
    assert "600 seconds ahead" in clock(timedelta(minutes=10)).detail
    assert "600 seconds behind" in clock(timedelta(minutes=-10)).detail
    assert clock(timedelta(minutes=1)).ok


@pytest.mark.parametrize(
    ("usd", "state"), [("19.99", CheckState.OK), ("20.00", CheckState.WARNING), ("25.00", CheckState.FAILED)]
)
def test_spending_is_warned_of_at_four_fifths_and_fails_at_the_budget(usd: str, state: CheckState) -> None:
    found = XSpending(month="2026-11", usd=Decimal(usd), budget_usd=Decimal(25))
    assert spending("test", found).state is state


def test_a_worker_that_hangs_is_named_with_its_job() -> None:
    hung = WorkerStatus(alive=False, worker="host:1", beat_at=None, failing=(), hung=("publish",), jobs=())
    assert "publish" in worker(hung).detail
    assert worker(hung).state is CheckState.FAILED


def test_a_worker_that_fell_silent_is_named_beside_one_that_is_alive() -> None:
    gone = SilentWorker(worker="other:7", beat_at=datetime(2026, 11, 2, 9, 30, tzinfo=UTC))
    alive = WorkerStatus(alive=True, worker="host:1", beat_at=None, failing=(), hung=(), jobs=(), silent=(gone,))
    [found] = silent_workers(alive)
    assert (found.state, found.next) == (CheckState.WARNING, "start it again there: picks worker")
    assert "other:7 was heard of last at 2026-11-02 09:30 UTC" in found.detail
    assert list(silent_workers(replace(alive, alive=False))) == []


def test_a_feed_that_lies_is_named_until_its_papers_are_there() -> None:
    lying = FeedTrouble(
        day=date(2026, 11, 2),
        health=Health.TRUNCATED,
        reason="the feed ends in the middle",
        repaired=None,
        next_try_at=None,
        error=None,
    )
    status = FeedStatus(
        feed="cs.CL",
        last_batch=lying.day,
        items=12,
        health=lying.health,
        reason=lying.reason,
        polled_at=None,
        next_poll_at=None,
        error=None,
        overdue=None,
        ahead=None,
        lost=None,
        unsought=None,
        trouble=(lying,),
    )
    found = feed("test", status)
    assert found.state is CheckState.WARNING
    assert found.detail == "papers of 2026-11-02 may be missing: the feed ends in the middle"
    assert (found.next or "").startswith("picks fetch --day 2026-11-02")
    assert feed("test", replace(status, last_batch=None, overdue=lying.day)).detail == "it was never read"
    assert feed("test", replace(status, trouble=(replace(lying, repaired="from the API"),))).state is CheckState.OK


def test_time_zones_that_are_missing_fail_and_missing_training_only_warns() -> None:
    assert time_zones("Nowhere/Atall").state is CheckState.FAILED
    assert training("no_such_package").state is CheckState.WARNING
