"""Which file of variables is read, when, and what comes before it."""

import os
from pathlib import Path

import pytest

import warm_process
from bot.domain.errors import PicksError
from bot.interfaces.cli.environment_file import load

SECRET = "abcd-efgh-ijkl-mnop"


def _said(folder: Path, *words: str, name: str = "picks.env", mode: int = 0o600, text: str, **env: str) -> str:
    """Return what ``picks`` says in a folder with an environment file."""
    file = folder / name
    file.write_text(text, "utf-8")
    file.chmod(mode)
    done = warm_process.run(words, cwd=folder, env={"PATH": os.environ["PATH"], "HOME": str(folder), **env})
    return done.stdout + done.stderr


def _loaded(folder: Path, text: str, **environ: str) -> dict[str, str]:
    file = folder / "named.env"
    file.write_text(text, "utf-8")
    load(file, environ)
    return environ


def test_picks_env_of_the_working_folder_is_read(tmp_path: Path) -> None:
    assert "sqlite:///here/picks.db: created" in _said(tmp_path, "db", "upgrade", text="PICKS_DATA=here\n")


def test_a_dot_env_is_another_program_s_and_is_not_read_unless_it_is_named(tmp_path: Path) -> None:
    text = "PICKS_DATA=here\n"
    assert "here/picks.db" not in _said(tmp_path, "db", "upgrade", name=".env", text=text)
    assert "sqlite:///here/picks.db" in _said(tmp_path, "--env-file", ".env", "db", "upgrade", name=".env", text=text)


def test_what_is_exported_comes_first(tmp_path: Path) -> None:
    assert "there/picks.db" in _said(tmp_path, "db", "upgrade", text="PICKS_DATA=here\n", PICKS_DATA="there")


def test_a_variable_that_is_exported_without_a_value_is_none(tmp_path: Path) -> None:
    assert _loaded(tmp_path, "PICKS_CHANNEL=vision\n", PICKS_CHANNEL=" ") == {"PICKS_CHANNEL": "vision"}


def test_an_account_comes_as_a_whole_from_the_file_or_from_the_environment(tmp_path: Path) -> None:
    text = f"BLUESKY_SERVICE=https://pds.example\nBLUESKY_HANDLE=file.example\nBLUESKY_APP_PASSWORD={SECRET}\n"
    exported = {"BLUESKY_HANDLE": "exported.example"}
    assert _loaded(tmp_path, text, **exported) == exported
    assert _loaded(tmp_path, text, BLUESKY_SERVICE="https://other.example") == {
        "BLUESKY_SERVICE": "https://other.example"
    }
    assert _loaded(tmp_path, text, BLUESKY_SERVICE="https://pds.example")["BLUESKY_APP_PASSWORD"] == SECRET
    of_a_channel = "".join(f"VISION_{line}\n" for line in text.splitlines())
    assert len(_loaded(tmp_path, of_a_channel, **exported)) == 4


def test_folders_are_meant_from_the_file_s_own_folder(tmp_path: Path) -> None:
    found = _loaded(tmp_path, "PICKS_DATA=data\nPICKS_CONFIG=/etc/picks\n")
    assert found == {"PICKS_DATA": str(tmp_path / "data"), "PICKS_CONFIG": "/etc/picks"}


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_a_file_that_is_open_to_others_is_refused_with_what_closes_it(tmp_path: Path, mode: int) -> None:
    said = _said(tmp_path, "queue", mode=mode, text="PICKS_DATA=here\n")
    assert said == "picks: picks.env holds passwords and is open to other users; close it: chmod 600 picks.env\n"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_another_user_s_file_is_not_believed(tmp_path: Path) -> None:
    file = tmp_path / "picks.env"
    file.touch(mode=0o600)
    os.chown(file, 12_345, -1)
    assert "belongs to another user" in _said(tmp_path, "queue", text="")


def test_help_and_the_demo_do_without_the_file(tmp_path: Path) -> None:
    for words in (("--help",), ("queue", "--help"), ("--version",), ("demo",)):
        said = _said(tmp_path, *words, mode=0o644, text="nonsense\n", TMPDIR=str(tmp_path))
        assert "open to other users" not in said


@pytest.mark.parametrize(
    "line", [f"BLUESKY_APP_PASSWORD {SECRET}", f"BLUESKY_APP_PASSWORD='{SECRET}", SECRET, f"A={SECRET}\0"]
)
def test_a_line_that_is_no_assignment_is_named_by_its_number_and_not_quoted(tmp_path: Path, line: str) -> None:
    with pytest.raises(PicksError, match=r"named\.env: line 2 is not NAME=VALUE") as caught:
        _loaded(tmp_path, f"# a comment\n{line}\n")
    assert SECRET not in str(caught.value)


def test_a_named_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(PicksError, match="there is no environment file"):
        load(tmp_path / "missing.env", {})


def test_a_file_in_another_encoding_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "named.env").write_bytes(b"PICKS_CURATOR=J\xfcrgen\n")
    with pytest.raises(PicksError, match="is not in UTF-8"):
        load(tmp_path / "named.env", {})


def test_completion_knows_the_channels_of_the_folder_that_the_file_names(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "vision.toml").touch()
    typed = "picks queue --channel v"
    said = _said(
        tmp_path, text="PICKS_CONFIG=elsewhere\n", _PICKS_COMPLETE="complete_bash", COMP_WORDS=typed, COMP_CWORD="3"
    )
    assert "vision" in said
