"""A folder with a channel, a feed of two papers and a database: where the commands that share picks are run."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sample_feeds
import warm_process

CHANNEL = """
title = "Test & Co"
[feeds]
categories = ["cs.CL"]
[posting]
platforms = ["bluesky", "console"]
time_zone = "UTC"
[card]
colour = "#AA3366"
[ranking.words]
"probing" = 2.0
"""
PAPERS = (
    sample_feeds.Item(arxiv_id="2602.00001", title="Probing Models", creator="A. One, B. Two"),
    sample_feeds.Item(arxiv_id="2602.00002", title="Probing שלום", creator="Ана Б"),
)
NOWHERE = "http://127.0.0.1:9"


@dataclass(frozen=True)
class Place:
    """The folder, and how to run ``picks`` in it."""

    folder: Path

    def run(self, *words: str, stdin: str = "", **environ: str) -> subprocess.CompletedProcess[str]:
        """Run a command."""
        ours = {
            "LANG": "C.UTF-8",
            "PICKS_DATA": str(self.folder / "data"),
            "PICKS_CURATOR": "ada",
            "ARXIV_RSS_URL": NOWHERE,
            "ARXIV_API_URL": NOWHERE,
            "BLUESKY_SERVICE": NOWHERE,
        }
        return warm_process.run(words, cwd=self.folder, env={**ours, **environ}, input=stdin)

    def json(self, *words: str, **environ: str) -> Any:
        """Run a command that goes well and return its JSON."""
        done = self.run(*words, "--json", **environ)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def ok(self, *words: str, **environ: str) -> str:
        """Run a command that goes well and return what it prints."""
        done = self.run(*words, **environ)
        assert done.returncode == 0, done.stderr
        return done.stdout


def place(folder: Path, channel: str = CHANNEL) -> Place:
    """Lay the folder out, with its database and both papers in the queue."""
    found = Place(folder)
    (folder / "config").mkdir(parents=True)
    (folder / "config" / "test.toml").write_text(channel, "utf-8")
    (folder / "feed.xml").write_bytes(sample_feeds.rss(*PAPERS))
    found.ok("db", "upgrade")
    found.ok("fetch", "feed.xml")
    return found
