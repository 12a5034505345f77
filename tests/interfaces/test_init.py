"""``picks init``: a folder becomes the home of a bot, wholly or not at all, and what was there stays."""

import os
import pty
import re
import signal
import stat
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import pytest
from pydantic import SecretStr

import warm_process
from bot.domain.channels import load_channel
from bot.domain.errors import PicksError
from bot.domain.posts import Platform
from bot.interfaces.cli.environment_file import load
from bot.interfaces.cli.first_steps import texts
from bot.interfaces.cli.first_steps.placing import Placing, remove_remains
from harness_pds import Pds
from mastodon_standin import MastodonStandin
from warm_process import PICKS

ROOT = Path(__file__).resolve().parents[2]
MADE = {"config/interpretability.toml", "picks.env", "data/picks.db"}


def picks(folder: Path, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run ``picks`` in a folder where nothing is exported."""
    return warm_process.run(words, cwd=folder, env={"PATH": os.environ["PATH"], "HOME": "/nonexistent", **env})


def files(folder: Path) -> set[str]:
    """Return every file and folder, by its path."""
    return {str(item.relative_to(folder)) for item in folder.rglob("*") if not item.is_dir() or not any(item.iterdir())}


class Dialogue:
    """A run of the real script on a terminal of its own."""

    def __init__(self, folder: Path, **env: str) -> None:
        self._ours, theirs = pty.openpty()
        self.seen = ""
        self._process = subprocess.Popen(
            [str(PICKS), "init"],
            cwd=folder,
            env={"PATH": os.environ["PATH"], "HOME": "/nonexistent", "LANG": "C.UTF-8", **env},
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)

    def answer(self, question: str, words: str) -> None:
        """Wait for a question, and type."""
        self._read_until(question)
        self.seen += "|"
        time.sleep(0.05)  # the echo is switched off before the prompt is read
        os.write(self._ours, words.encode() + b"\n")

    def interrupt(self, question: str) -> None:
        """Wait for a question, and press Ctrl-C."""
        self._read_until(question)
        self._process.send_signal(signal.SIGINT)

    def end(self) -> int:
        """Return the exit code, with all that was said in ``seen``."""
        with suppress(OSError):  # how a terminal says that nobody is there
            while said := os.read(self._ours, 65_536):
                self.seen += said.decode()
        os.close(self._ours)
        return self._process.wait(timeout=60)

    def _read_until(self, words: str) -> None:
        start = self.seen.rfind("|") + 1
        while words not in self.seen[start:]:
            self.seen += os.read(self._ours, 65_536).decode()


def test_with_yes_an_empty_folder_has_all_that_a_bot_needs_and_nothing_is_exported(tmp_path: Path) -> None:
    done = picks(tmp_path, "init", "--yes")
    assert (done.returncode, done.stderr) == (0, "")
    assert files(tmp_path) == MADE
    assert stat.S_IMODE((tmp_path / "picks.env").stat().st_mode) == 0o600
    assert "next: picks fetch" in done.stdout
    assert "bluesky, x" in done.stdout
    queue = picks(tmp_path, "queue", "--json")
    assert (queue.returncode, queue.stdout) == (0, "[]\n")
    assert files(tmp_path) == MADE


def test_twice_changes_nothing_and_says_so(tmp_path: Path) -> None:
    picks(tmp_path, "init", "--yes")
    before = {name: ((tmp_path / name).read_bytes(), (tmp_path / name).stat().st_mtime_ns) for name in MADE}
    for words in (("init", "--yes"), ("init",)):
        done = picks(tmp_path, *words)
        assert done.returncode == 0
        assert "nothing was changed" in done.stdout
        assert {name: ((tmp_path / name).read_bytes(), (tmp_path / name).stat().st_mtime_ns) for name in MADE} == before


def test_without_a_terminal_it_asks_nothing_writes_nothing_and_names_the_way_out(tmp_path: Path) -> None:
    done = picks(tmp_path, "init")
    assert done.returncode == 2
    assert done.stderr == (
        "picks: picks init asks questions, and this is no terminal; picks init --yes takes the defaults\n"
    )
    assert files(tmp_path) == set()


def test_what_is_there_stays_and_what_is_missing_is_made(tmp_path: Path) -> None:
    file = tmp_path / "picks.env"
    file.write_text("PICKS_DATA=elsewhere\n", "utf-8")
    file.chmod(0o600)
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "own.toml").write_bytes(texts.STARTER.read_bytes())
    done = picks(tmp_path, "init", "--yes")
    assert done.returncode == 0
    assert file.read_text("utf-8") == "PICKS_DATA=elsewhere\n"
    assert files(tmp_path) == {"picks.env", "config/own.toml", "elsewhere/picks.db"}


def test_a_folder_with_a_channel_file_goes_on_with_the_database_that_it_had(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "own.toml").write_bytes(texts.STARTER.read_bytes())
    home = {"XDG_DATA_HOME": str(tmp_path / "share")}
    assert picks(tmp_path, "db", "upgrade", **home).returncode == 0
    assert picks(tmp_path, "init", "--yes", **home).returncode == 0
    assert f"PICKS_DATA={tmp_path}/share/daily-picks\n" in (tmp_path / "picks.env").read_text("utf-8")
    assert not (tmp_path / "data").exists()


def test_the_place_that_the_environment_names_is_written_down(tmp_path: Path) -> None:
    assert picks(tmp_path, "init", "--yes", PICKS_DATA=str(tmp_path / "far")).returncode == 0
    assert f"PICKS_DATA={tmp_path}/far\n" in (tmp_path / "picks.env").read_text("utf-8")
    assert picks(tmp_path, "queue").returncode == 0


def test_a_place_that_is_taken_leaves_nothing_half(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("no folder", "utf-8")
    done = picks(tmp_path, "init", "--yes")
    assert done.returncode == 1
    assert done.stderr == "picks: cannot write data/picks.db: File exists; nothing was changed\n"
    assert files(tmp_path) == {"data"}


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    done = picks(Path("/proc"), "init", "--yes")  # closed to root, too
    assert done.returncode == 1
    assert re.fullmatch(r"picks: cannot write config/interpretability.toml: .*\n", done.stderr)


def test_an_interruption_while_the_files_are_made_leaves_nothing(tmp_path: Path) -> None:
    def interrupted() -> None:
        with Placing() as placing:
            placing.write(tmp_path / "config" / "a.toml", "title")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert files(tmp_path) == set()


def test_a_file_that_came_meanwhile_is_not_replaced_and_the_others_are_taken_back(tmp_path: Path) -> None:
    theirs = tmp_path / "picks.env"
    with Placing() as placing:
        placing.write(tmp_path / "config" / "a.toml", "title")
        placing.write(theirs, "ours")
        theirs.write_text("theirs", "utf-8")
        with pytest.raises(PicksError, match=r"picks\.env: File exists; nothing was changed"):
            placing.finish()
    assert files(tmp_path) == {"picks.env"}
    assert theirs.read_text("utf-8") == "theirs"


@pytest.mark.slow
def test_ctrl_c_half_way_through_the_questions_leaves_nothing(tmp_path: Path) -> None:
    dialogue = Dialogue(tmp_path)
    dialogue.answer("Time zone", "UTC")
    dialogue.answer("operators", "mailto:ops@example.org")
    dialogue.interrupt("Post on Bluesky?")
    assert dialogue.end() == 130
    assert files(tmp_path) == set()


@pytest.mark.slow
def test_answers_that_end_early_are_said_in_one_line_and_leave_nothing(tmp_path: Path) -> None:
    dialogue = Dialogue(tmp_path)
    dialogue.answer("Time zone", "\x04")
    assert dialogue.end() == 1
    assert "the answers ended before the questions; nothing was changed" in dialogue.seen
    assert files(tmp_path) == set()


@pytest.mark.slow
def test_a_server_that_cannot_be_reached_is_said_and_what_was_typed_is_kept(tmp_path: Path) -> None:
    nowhere = {"X_API_URL": "http://127.0.0.1:9"}
    dialogue = Dialogue(tmp_path, **nowhere)
    dialogue.answer("Time zone", "")
    dialogue.answer("operators", "")
    dialogue.answer("Post on Bluesky?", "n")
    dialogue.answer("Post on X?", "y")
    for question in ("API key of", "API key secret", "Access token of", "Access token secret"):
        dialogue.answer(question, f"canary-{question[-6:].strip().replace(' ', '-')}")
    dialogue.answer("Post on Mastodon?", "")
    assert dialogue.end() == 0
    assert "X: not checked: cannot reach X at http://127.0.0.1:9 (" in " ".join(dialogue.seen.split())
    assert "whether a post is out" not in dialogue.seen
    assert "to be seen to: x" in dialogue.seen
    assert "canary" not in dialogue.seen
    assert (tmp_path / "picks.env").read_text("utf-8").count("=canary-") == 4
    seen = picks(tmp_path, "status", "--json", **nowhere).stdout
    assert "no credentials in the environment" not in seen


@pytest.mark.slow
def test_a_mastodon_account_is_asked_for_with_its_server_and_signs_in(tmp_path: Path) -> None:
    with MastodonStandin() as mastodon:
        dialogue = Dialogue(tmp_path)
        dialogue.answer("Time zone", "")
        dialogue.answer("operators", "")
        dialogue.answer("Post on Bluesky?", "n")
        dialogue.answer("Post on X?", "n")
        dialogue.answer("Post on Mastodon?", "y")
        dialogue.answer("Server, such as", mastodon.url)
        dialogue.answer("Access token", mastodon.token)
        assert dialogue.end() == 0
        assert "Mastodon: signed in as @example_picks@" in dialogue.seen
    assert "to be seen to" not in dialogue.seen
    assert mastodon.token not in dialogue.seen
    written = (tmp_path / "picks.env").read_text("utf-8")
    assert f"MASTODON_URL={mastodon.url}\nMASTODON_ACCESS_TOKEN={mastodon.token}\n" in written
    assert load_channel(tmp_path / "config" / texts.NAME).posting.platforms == (Platform.MASTODON,)


@pytest.mark.slow
@pytest.mark.parametrize("after", [0.0, 0.4, 0.8])
def test_ctrl_c_while_everything_is_made_leaves_all_or_nothing(tmp_path: Path, after: float) -> None:
    command = [str(PICKS), "init", "--yes"]
    env = {"PATH": os.environ["PATH"], "HOME": "/nonexistent"}
    with subprocess.Popen(command, cwd=tmp_path, env=env, stdout=subprocess.DEVNULL) as process:
        while process.poll() is None and not list(tmp_path.glob(".picks-init-*")):
            time.sleep(0.002)
        time.sleep(after)
        process.send_signal(signal.SIGINT)
        code = process.wait(timeout=60)
    assert (code, files(tmp_path)) in ((130, set()), (130, MADE), (0, MADE))


@pytest.mark.slow
@pytest.mark.parametrize("moment", ["tempfile.mkdtemp 3", "os.link 1", "os.link 2", "os.link 3", "shutil.rmtree 1"])
def test_after_a_kill_in_the_middle_the_next_run_makes_what_is_missing_and_leaves_no_remains(
    tmp_path: Path, moment: str
) -> None:
    env = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "KILLED_AT": moment}
    with warm_process.Run(["init", "--yes"], cwd=tmp_path, env=env, entry="killed_picks") as killed:
        assert killed.wait(60) == -signal.SIGKILL
    assert list(tmp_path.rglob(".picks-init-*"))
    done = picks(tmp_path, "init", "--yes")
    assert done.returncode == 0, done.stderr
    assert done.stdout
    assert files(tmp_path) == MADE
    assert stat.S_IMODE((tmp_path / "picks.env").stat().st_mode) == 0o600
    assert picks(tmp_path, "status").returncode == 0


def test_what_another_run_is_making_is_left_alone(tmp_path: Path) -> None:
    theirs, remains = (tmp_path / f".picks-init-{number}-abc" for number in (os.getpid(), 2**30))
    for folder in (theirs, remains):
        folder.mkdir()
    remove_remains([tmp_path / "config" / "a.toml"])
    assert (theirs.exists(), remains.exists()) == (True, False)


@pytest.mark.node
def test_a_wrong_password_is_asked_again_and_never_shown_and_the_right_one_signs_in(tmp_path: Path, pds: Pds) -> None:
    account = pds.create_account()
    dialogue = Dialogue(tmp_path)
    dialogue.answer("Time zone", "Europe/Belrin")
    dialogue.answer("no time zone; write one such as", "Europe/Berlin")
    dialogue.answer("operators", "")
    dialogue.answer("Post on Bluesky?", "")
    for again, password in ((True, "mistyped-word"), (False, account.app_password)):
        dialogue.answer("Server [https" if again else f"Server [{pds.url}", pds.url if again else "")
        dialogue.answer("Handle, such" if again else f"[{account.handle}]", account.handle if again else "")
        dialogue.answer("App password", password)
        if again:
            dialogue.answer("Type it again?", "y")
    dialogue.answer(f"signed in as {account.handle}", "n")
    dialogue.answer("Post on Mastodon?", "n")
    assert dialogue.end() == 0
    assert "mistyped-word" not in dialogue.seen
    assert account.app_password not in dialogue.seen
    written = (tmp_path / "picks.env").read_text("utf-8")
    assert f"BLUESKY_APP_PASSWORD={account.app_password}\n" in written
    channel = load_channel(tmp_path / "config" / "interpretability.toml")
    assert (channel.posting.platforms, channel.posting.time_zone) == ((Platform.BLUESKY,), "Europe/Berlin")
    assert "signed in as" in picks(tmp_path, "doctor", ARXIV_RSS_URL="http://127.0.0.1:9").stdout


@pytest.mark.node
def test_a_wrong_password_that_is_kept_is_warned_of(tmp_path: Path, pds: Pds) -> None:
    dialogue = Dialogue(tmp_path, BLUESKY_SERVICE=pds.url)
    dialogue.answer("Time zone", "")
    dialogue.answer("operators", "")
    dialogue.answer("Post on Bluesky?", "y")
    dialogue.answer("Server", "")
    dialogue.answer("Handle", pds.create_account().handle)
    dialogue.answer("App password", "mistyped-word")
    dialogue.answer("Type it again?", "n")
    dialogue.answer("Post on X?", "")
    dialogue.answer("Post on Mastodon?", "")
    assert dialogue.end() == 0
    assert "to be seen to: bluesky" in dialogue.seen
    assert "BLUESKY_APP_PASSWORD=mistyped-word\n" in (tmp_path / "picks.env").read_text("utf-8")


@pytest.mark.node
def test_with_yes_the_accounts_of_the_environment_are_tried_and_not_written_down(tmp_path: Path, pds: Pds) -> None:
    account = pds.create_account()
    ours = {"BLUESKY_SERVICE": pds.url, "BLUESKY_HANDLE": account.handle}
    done = picks(tmp_path, "init", "--yes", **ours, BLUESKY_APP_PASSWORD=account.app_password)
    assert f"bluesky: signed in as {account.handle}" in done.stdout
    assert "to be seen to" not in done.stdout
    assert account.app_password not in (tmp_path / "picks.env").read_text("utf-8")
    assert load_channel(tmp_path / "config" / texts.NAME).posting.platforms == (Platform.BLUESKY,)


def test_the_channel_file_that_it_writes_is_the_project_s_own() -> None:
    assert texts.STARTER.read_bytes() == (ROOT / "config" / texts.NAME).read_bytes()


@pytest.mark.parametrize("platforms", [(Platform.BLUESKY,), (Platform.X,), (Platform.X, Platform.BLUESKY)])
def test_the_choice_of_platforms_and_time_zone_makes_a_valid_channel_file(
    tmp_path: Path, platforms: tuple[Platform, ...]
) -> None:
    file = tmp_path / texts.NAME
    file.write_text(texts.channel_file(platforms=platforms, time_zone="Asia/Kolkata"), "utf-8")
    channel = load_channel(file)
    assert (channel.posting.platforms, channel.posting.time_zone) == (platforms, "Asia/Kolkata")


def test_every_variable_of_the_file_that_it_writes_is_one_that_the_program_knows() -> None:
    known = set(re.findall(r"^#([A-Z_]+)=", (ROOT / ".env.example").read_text("utf-8"), flags=re.MULTILINE))
    assert set(re.findall(r"^#([A-Z_]+)=", texts.environment_file({}), flags=re.MULTILINE)) <= known


@pytest.mark.parametrize("secret", ["plain-word", "a b#c", "it's", "back\\slash", '"quoted"', "$HOME", "ä#", "'", "=x"])
def test_every_secret_comes_back_from_the_file_as_it_was_typed(tmp_path: Path, secret: str) -> None:
    file, environ = tmp_path / "picks.env", dict[str, str]()
    file.write_text(texts.environment_file({"X_ACCESS_TOKEN": SecretStr(secret)}), "utf-8")
    load(file, environ)
    assert environ == {"X_ACCESS_TOKEN": secret}
