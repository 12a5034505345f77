"""What Tab offers: candidates by number and id, channels, states; and nothing where nothing can be read."""

import os
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

import sample_feeds
import warm_process
from bot.domain.states import CandidateState
from bot.intake.ingest import Capture, ingest
from bot.interfaces.cli import completion
from bot.settings import Settings
from bot.store.database import Database
from bot.store.glance import Glimpse, glance
from bot.store.schema import upgrade
from samples import CONSOLE_CHANNEL, NOON, announcement, batch, channel

HOSTILE = "Probing \\$(touch pwned) `id` [/bold] \"quoted\" 'single'; a: b"
SAMPLE = channel(queue={"size": 10})
QUEUED = (CandidateState.QUEUED,)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with two channels and a queue of two papers, one of them held; to be read."""
    folder = tmp_path_factory.mktemp("completion")
    (folder / "config").mkdir()
    for name in ("test", "other"):
        (folder / "config" / f"{name}.toml").write_text(CONSOLE_CHANNEL, "utf-8")
    items = (sample_feeds.Item(title=HOSTILE), sample_feeds.Item(arxiv_id="2602.00002", title="Probing Two"))
    (folder / "feed.xml").write_bytes(sample_feeds.rss(*items))
    for words in (("db", "upgrade"), ("fetch", "feed.xml"), ("hold", "3", "mon", "--channel", "test")):
        assert _run(folder, *words).returncode == 0
    return folder


def _run(folder: Path, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
    environ = {"PATH": os.environ["PATH"], "PICKS_DATA": str(folder), "PICKS_CURATOR": "ada", **env}
    return warm_process.run(words, cwd=folder, env=environ)


def _offered(folder: Path, line: str, **env: str) -> list[str]:
    bash = {"_PICKS_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": str(line.count(" "))}
    done = _run(folder, **bash, **env)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.split()


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("picks show ", ["1", "2", "3", "4"]),
        ("picks --channel test show ", ["3", "4"]),
        ("picks show --channel other ", ["1", "2"]),
        ("picks reject --channel test 3 ", ["4"]),
        ("picks undo --channel test ", ["3"]),
        ("picks approve 2602.00001 --channel test 2602.", ["2602.00002"]),
        ("picks publish ", []),
        ("picks show 7", []),
        ("picks queue --channel ", ["other", "test"]),
        ("picks --channel te", ["test"]),
        ("picks queue --state he", ["held"]),
        ("picks retract 1 --platform blue", ["bluesky"]),
        ("picks rej", ["reject"]),
    ],
)
def test_words_are_offered_that_the_command_can_use(place: Path, line: str, found: list[str]) -> None:
    assert sorted(_offered(place, line)) == found


def test_the_environment_names_channel_and_folder_here_too(place: Path, tmp_path: Path) -> None:
    assert sorted(_offered(place, "picks show ", PICKS_CHANNEL="test")) == ["3", "4"]
    assert _offered(place, "picks queue --channel ", PICKS_CONFIG=str(tmp_path)) == []
    assert _offered(place, f"picks --config {tmp_path} queue --channel ") == []


@pytest.mark.parametrize(
    "address",
    [
        "sqlite:////nowhere/picks.db",
        "junk",
        "sqlite://",
        "postgres://127.0.0.1:9/none",
        "postgres://[::1",
        "mysql://a/b",
    ],
)
def test_a_database_that_cannot_be_read_offers_nothing(place: Path, address: str) -> None:
    assert _offered(place, "picks show ", DATABASE_URL=address) == []


def test_a_file_that_is_no_database_offers_nothing(place: Path, tmp_path: Path) -> None:
    (tmp_path / "odd.db").write_bytes(b"no database at all, but longer than a header has to be" * 4)
    assert _offered(place, "picks show ", DATABASE_URL=f"sqlite:///{tmp_path}/odd.db") == []


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_a_title_is_help_and_never_a_command_nor_markup(place: Path, shell: str) -> None:
    line = {"_TYPER_COMPLETE_ARGS": "picks show 1", "_TYPER_COMPLETE_FISH_ACTION": "get-args"}
    done = _run(place, **line, _PICKS_COMPLETE=f"complete_{shell}")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Probing touch pwned id bold quoted single a b" in done.stdout
    assert not set("\\$`[]") & set(done.stdout)


@pytest.mark.parametrize(
    ("name", "value"),
    [("PICKS_DATA", "/somewhere"), ("PICKS_DATA", ""), ("DATABASE_URL", " sqlite:///x.db "), ("DATABASE_URL", " ")],
)
def test_the_address_is_the_one_that_the_settings_have(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    assert completion.database_address() == Settings().database_address


def test_both_databases_are_read_and_the_best_come_first(database_address: str) -> None:
    with closing(Database(database_address)) as database:
        upgrade(database)
        papers = batch(announcement("2602.00001", "Steering"), announcement("2602.00012", "Probing steering"))
        ingest(database, [Capture(papers, "test")], channels=[SAMPLE], now=NOON)
    found = glance(database_address, channel="sample", states=QUEUED, beginning="")
    assert [item.arxiv_id for item in found] == ["2602.00012", "2602.00001"]
    assert glance(database_address, channel="other", states=QUEUED, beginning="") == []
    best = Glimpse(found[0].id, "2602.00012", "Probing steering")
    for beginning in (str(best.id), "2602.00012"):
        assert glance(database_address, channel=None, states=QUEUED, beginning=beginning) == [best]
