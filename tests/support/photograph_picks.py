"""Photographs of real picks as a follower sees them: posted on a network of this machine, asked back from its AppView.

    make photographs ARGS="--picks picks.jsonl --listings 2024-07.jsonl.gz --ids 2407.14494"

Each pick becomes one page of HTML and four pictures: of a phone and of a desktop, light and dark. Where ``--thread`` is
given twice, such as ``--thread 'authors_shown = 1'`` and with another number, both stand side by side.
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
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

import follower_page
from bot.arxiv.tex import plain
from bot.domain.papers import Announcement
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


def main(words: Sequence[str]) -> int:
    """Photograph the picks that the words name; return the exit status."""
    wanted = _read(words)
    browser = next((found for name in _BROWSERS if (found := shutil.which(name))), None)
    if missing := missing_for_network() or (None if browser else "needs a Chromium (Debian package chromium)"):
        print(missing, file=sys.stderr)
        return 1
    wanted.out.mkdir(parents=True, exist_ok=True)
    papers = dict(_papers(wanted.listings, wanted.ids))
    picks = {row["arxiv_id"]: row for row in _rows(wanted.picks) if row["arxiv_id"] in wanted.ids}
    if lost := [number for number in wanted.ids if number not in papers or number not in picks]:
        print(f"neither a pick nor its paper is there for: {', '.join(lost)}", file=sys.stderr)
        return 1
    with running_postgres() as cluster, running_network(cluster) as network:
        columns = {line or _AS_IS: _columns(network, wanted, line, papers, picks) for line in wanted.thread or [""]}
    for number in wanted.ids:
        shown = {name: parts[number] for name, parts in columns.items()}
        (wanted.out / f"{number}.html").write_text(follower_page.page(papers[number].title, shown), "utf-8")
    return subprocess.run(
        [str(shutil.which("node")), "photograph.mjs", str(browser), str(wanted.out.resolve()), *wanted.ids],
        cwd=_ROOT / "tests" / "node",
        check=False,
    ).returncode


def _read(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Photograph picks as a follower sees them.")
    parser.add_argument("--picks", type=Path, required=True, help="JSON lines: arxiv_id, note, thread_url, code_url")
    parser.add_argument("--listings", type=Path, nargs="+", required=True, help="JSON lines of the papers, or .gz")
    parser.add_argument("--ids", nargs="+", required=True, help="the arXiv ids of the picks")
    parser.add_argument("--channel", type=Path, default=_ROOT / "config" / "interpretability.toml")
    parser.add_argument("--thread", action="append", help="a line of [thread], once for each form to compare")
    parser.add_argument("--out", type=Path, default=Path("photographs"))
    return parser.parse_args(words)


def _columns(
    network: Network,
    wanted: argparse.Namespace,
    line: str,
    papers: dict[str, Announcement],
    picks: dict[str, dict[str, Any]],
) -> dict[str, follower_page.Parts]:
    """Post the picks in one form, and return for each how a timeline and the opened thread show it."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        migrated = folder / "migrated.db"
        database = Database(f"sqlite:///{migrated}")
        upgrade(database)
        database.close()
        (folder / "stage").mkdir()
        channel = _on_bluesky_alone(wanted.channel.read_text("utf-8"), line)
        stage = stack.enter_context(staged(network, folder / "stage", database=migrated, channel=channel))
        stage.set_profile()
        reader = network.follow(stage.account)
        found = {}
        for number in wanted.ids:
            row = picks[number]
            posts = stage.publish(papers[number], Words(row["note"], row["thread_url"], row["code_url"]))
            found[number] = _seen(network, reader, posts)
        return found


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


def _papers(files: Sequence[Path], ids: Sequence[str]) -> Iterator[tuple[str, Announcement]]:
    for file in files:
        for row in _rows(file):
            if row["arxiv_id"] in ids:
                authors = tuple(plain(name) for name in row["authors"])
                abstract, title = plain(row["abstract"]), plain(row["title"])
                yield row["arxiv_id"], announcement(row["arxiv_id"], title, abstract=abstract, authors=authors)


def _rows(file: Path) -> Iterator[dict[str, Any]]:
    content = file.read_bytes()
    for line in (gzip.decompress(content) if file.suffix == ".gz" else content).splitlines():
        yield json.loads(line)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
