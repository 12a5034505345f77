"""A channel on Mastodon by the commands: looked at, approved, sent, retracted, and what is wrong said in words."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import sample_feeds
import warm_process
from feed_server import FeedServer
from mastodon_standin import MastodonStandin

CONFIG = """
title = "Test"
[feeds]
categories = ["cs.CL"]
[posting]
platforms = ["mastodon"]
[profile]
name = "Picks"
[ranking.words]
"probing" = 2.0
[mastodon]
instance = "{server}"
"""
NOTE = "It shows where a model keeps what it knows, by @ada and in #probing. More at https://example.org/more."


class Place:
    """A folder with a channel file, a database, a server of Mastodon and one of feeds."""

    def __init__(self, folder: Path, mastodon: MastodonStandin, feeds: FeedServer) -> None:
        self.folder = folder
        self.mastodon = mastodon
        (folder / "config").mkdir()
        (folder / "config" / "test.toml").write_text(CONFIG.format(server=mastodon.url), "utf-8")
        feeds.bodies["cs.CL"] = sample_feeds.rss(sample_feeds.Item(title="Probing @all #heads"))
        self.feeds = feeds.url

    def run(self, *words: str, token: str | None = None) -> subprocess.CompletedProcess[str]:
        env = {
            "PICKS_DATA": str(self.folder / "data"),
            "HOME": str(self.folder),
            "ARXIV_RSS_URL": self.feeds,
            "MASTODON_ACCESS_TOKEN": token or self.mastodon.token,
        }
        return warm_process.run(words, cwd=self.folder, env=env)

    def read(self, *words: str) -> Any:
        done = self.run(*words, "--json")
        assert done.returncode in {0, 1}, done.stderr
        return json.loads(done.stdout)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """Return a set-up with one paper in the queue."""
    with MastodonStandin(characters=700) as mastodon, FeedServer().running() as feeds:
        made = Place(tmp_path, mastodon, feeds)
        assert made.run("db", "upgrade").returncode == 0
        assert made.run("fetch").returncode == 0
        yield made


def test_a_pick_is_seen_approved_sent_and_taken_down(place: Place) -> None:
    [post] = place.read("preview", "1", "--note", NOTE)["platforms"]["mastodon"]["posts"]
    assert (post["limit"], post["length"] < 700) == (700, True)
    assert "by @\u200aada and in #probing" in post["text"]
    done = place.run("approve", "1", "--note", NOTE, "--now")
    assert done.returncode == 0, done.stderr
    done = place.run("publish")
    assert done.returncode == 0, done.stderr
    [made] = place.mastodon.live
    assert (made.text, made.mentions, made.visibility) == (post["text"], [], "public")
    [delivery] = place.read("show", "1")["deliveries"]
    assert (delivery["state"], delivery["posts"][0]["url"]) == (
        "sent",
        f"{place.mastodon.url}/@example_picks/{made.id}",
    )
    assert place.read("reconcile") == {**place.read("reconcile"), "adopted": [], "unknown": []}
    assert place.run("retract", "1").returncode == 0
    assert place.mastodon.live == []


def test_a_server_that_takes_less_since_the_approval_is_asked_again_before_the_next_one(place: Place) -> None:
    note = f"{NOTE} {'It says more. ' * 27}".strip()
    assert place.run("approve", "1", "--note", note, "--now").returncode == 0
    place.mastodon.account.characters = 500
    [report] = place.read("publish")
    assert (report["state"], "character limit of 500 exceeded" in report["error"]) == ("refused", True)
    assert place.mastodon.live == []
    assert place.run("undo", "1").returncode == 0
    done = place.run("approve", "1", "--now")
    assert done.returncode == 0, done.stderr
    assert place.read("publish")[0]["state"] == "sent"
    assert len(place.mastodon.live) == 2


def test_the_doctor_signs_in_and_says_that_the_account_is_not_marked_until_it_is(place: Place) -> None:
    def told() -> dict[str, str]:
        return {item["name"]: item["state"] for item in place.read("doctor")["checks"] if "mastodon" in item["name"]}

    assert told() == {
        "test: mastodon": "ok",
        "test: mastodon, scopes": "ok",
        "test: mastodon, bot mark": "warning",
    }
    assert "would change display_name, bot" in place.run("profile", "--dry-run").stdout
    assert place.read("profile")["mastodon"]["written"] is True
    assert place.mastodon.account.profile == {"display_name": "Picks", "note": "", "bot": True}
    assert told()["test: mastodon, bot mark"] == "ok"


def test_a_wrong_token_is_said_and_never_shown(place: Place) -> None:
    done = place.run("doctor", token="canary-token")
    assert "check MASTODON_ACCESS_TOKEN" in done.stdout + done.stderr
    assert "canary" not in done.stdout + done.stderr


@pytest.mark.slow
def test_without_the_extra_the_platform_is_off_and_the_way_out_is_said(place: Place) -> None:
    script = (
        "import sys, importlib.util as u; found = u.find_spec\n"
        "u.find_spec = lambda name, *rest: None if name == 'mastodon' else found(name, *rest)\n"
        "import bot.settings as s\n"
        "s.find_spec = u.find_spec\n"
        "sys.argv = ['picks', 'status']; from bot.interfaces.cli import main; main()\n"
    )
    env = {
        "PICKS_DATA": str(place.folder / "data"),
        "HOME": str(place.folder),
        "MASTODON_ACCESS_TOKEN": "token",
        "PATH": "/usr/bin",
    }
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=place.folder, env=env, capture_output=True, text=True, check=False
    )
    assert "pip install 'daily-picks[mastodon]'" in " ".join(done.stdout.split())
