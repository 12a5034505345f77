"""Photographs of picks as a follower sees them: posted on a network of this machine, and asked back from its AppView.

    make photographs
    make photographs ARGS="--picks picks.jsonl --listings 2024-07.jsonl.gz --ids 2407.14494"

The first takes the pick of ``picks demo``. Each pick becomes one page of HTML and four pictures: of a phone and of a
desktop, light and dark. Where ``--thread`` is given twice, such as ``--thread 'authors_shown = 1'`` and with another
number, both stand side by side.
"""

import argparse
import base64
import gzip
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import follower_page
from bot.arxiv.feeds import parse
from bot.arxiv.tex import plain
from bot.domain.papers import Announcement
from bot.interfaces.cli import demo
from bot.store.database import Database
from bot.store.schema import upgrade
from harness_network import Network, missing_for_network, running_network
from harness_pds import Account
from harness_store import running_postgres
from network_stage import Words, posted, staged
from samples import announcement

_ROOT: Final = Path(__file__).resolve().parents[2]
_BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome")
_AS_IS: Final = "as the channel has it"
_PROFILE: Final = '\n[profile]\nname = "Daily Picks"\ndescription = "A paper a day."\n'
"""Whose posts they are; the pictures show a name."""


@dataclass(frozen=True)
class Pick:
    """A paper and what a curator wrote about it."""

    paper: Announcement
    words: Words


def main(words: Sequence[str]) -> int:
    """Photograph the picks that the words name; return the exit status."""
    wanted = _read(words)
    browser = next((found for name in _BROWSERS if (found := shutil.which(name))), None)
    if missing := missing_for_network() or (None if browser else "needs a Chromium (Debian package chromium)"):
        return _failed(missing)
    picks = dict(_picks(wanted) if wanted.ids else _sample())
    if lost := [number for number in wanted.ids if number not in picks]:
        return _failed(f"there is no pick with a note, or no paper, for: {', '.join(lost)}")
    _write_pages(wanted, picks)
    return subprocess.run(
        [str(shutil.which("node")), "photograph.mjs", str(browser), str(wanted.out.resolve()), *picks],
        cwd=_ROOT / "tests" / "node",
        check=False,
    ).returncode


def _failed(reason: str) -> int:
    print(reason, file=sys.stderr)
    return 1


def _read(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Photograph picks as a follower sees them.")
    parser.add_argument("--picks", type=Path, help="JSON lines: arxiv_id, note, thread_url, code_url")
    parser.add_argument("--listings", type=Path, nargs="+", default=[], help="JSON lines of the papers, or .gz")
    parser.add_argument("--ids", nargs="+", default=[], help="the arXiv ids of the picks; without, the demo's pick")
    parser.add_argument("--channel", type=Path, default=_ROOT / "config" / "interpretability.toml")
    parser.add_argument("--thread", action="append", help="a line of [thread], once for each form to compare")
    parser.add_argument("--out", type=Path, default=Path("photographs"))
    wanted = parser.parse_args(words)
    if wanted.ids and not (wanted.picks and wanted.listings):
        parser.error("--ids needs --picks and --listings")
    return wanted


def _write_pages(wanted: argparse.Namespace, picks: Mapping[str, Pick]) -> None:
    wanted.out.mkdir(parents=True, exist_ok=True)
    channel = wanted.channel.read_text("utf-8")
    columns = {}
    with running_postgres() as cluster, running_network(cluster) as network:
        for number, line in enumerate(wanted.thread or [""], 1):
            handle = "daily-picks.test" if number == 1 else f"daily-picks-{number}.test"
            columns[line or _AS_IS] = _column(network, _on_bluesky_alone(channel, line), handle, picks)
    for name, pick in picks.items():
        shown = {line: parts[name] for line, parts in columns.items()}
        (wanted.out / f"{name}.html").write_text(follower_page.page(pick.paper.title, shown), "utf-8")


def _column(network: Network, channel: str, handle: str, picks: Mapping[str, Pick]) -> dict[str, follower_page.Parts]:
    """Post the picks as one channel, and return for each how a timeline and the opened thread show it."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        database = Database(f"sqlite:///{folder / 'migrated.db'}")
        upgrade(database)
        database.close()
        home = folder / "stage"
        home.mkdir()
        migrated = folder / "migrated.db"
        stage = stack.enter_context(staged(network, home, database=migrated, channel=channel, handle=handle))
        stage.set_profile()
        reader = network.follow(stage.account)
        posts = {name: stage.publish(pick.paper, pick.words) for name, pick in picks.items()}
        return {name: _seen(network, reader, found) for name, found in posts.items()}


def _seen(network: Network, reader: Account, posts: list[dict[str, Any]]) -> follower_page.Parts:
    opened = posted(network, posts, reader=reader)
    newest = posts[-1]["remote_id"]
    [item] = [item for item in network.timeline(reader) if item["post"]["uri"] == newest]

    def pictures(url: str) -> str:
        answer = network.picture(url)
        return f"data:{answer.headers['content-type']};base64,{base64.b64encode(answer.content).decode()}"

    return {
        "In the timeline": follower_page.timeline(item, pictures=pictures),
        "Opened": follower_page.thread(opened, pictures=pictures),
    }


def _on_bluesky_alone(channel: str, line: str) -> str:
    """Return the channel's file with one platform, a profile, and the line in its ``[thread]``."""
    channel = re.sub(r"(?m)^platforms = .*$", 'platforms = ["bluesky"]', channel)
    if line:
        key = re.escape(line.partition("=")[0].strip())
        channel = re.sub(rf"(?m)^{key} *=.*\n", "", channel)
        channel = channel.replace("[thread]\n", f"[thread]\n{line}\n")
    return channel if "[profile]" in channel else channel + _PROFILE


def _picks(wanted: argparse.Namespace) -> Iterator[tuple[str, Pick]]:
    papers = {row["arxiv_id"]: _paper(row) for file in wanted.listings for row in _rows(file, wanted.ids)}
    for row in _rows(wanted.picks, wanted.ids):
        if row["arxiv_id"] in papers and row["note"]:
            words = Words(row["note"], row.get("thread_url"), row.get("code_url"))
            yield row["arxiv_id"], Pick(papers[row["arxiv_id"]], words)


def _sample() -> Iterator[tuple[str, Pick]]:
    feed = parse(demo._FEED.read_bytes(), source=demo._FEED.name)
    [paper] = [item for item in feed.announcements if item.arxiv_id.value == demo._PAPER]
    yield demo._PAPER, Pick(paper, Words(demo._NOTE, code="https://example.org/plural-nouns"))


def _paper(row: Mapping[str, Any]) -> Announcement:
    authors = tuple(plain(name) for name in row["authors"])
    return announcement(row["arxiv_id"], plain(row["title"]), abstract=plain(row["abstract"]), authors=authors)


def _rows(file: Path, ids: Collection[str]) -> Iterator[dict[str, Any]]:
    content = file.read_bytes()
    lines = (gzip.decompress(content) if file.suffix == ".gz" else content).splitlines()
    yield from (row for row in map(json.loads, lines) if row["arxiv_id"] in ids)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
