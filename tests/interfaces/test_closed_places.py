"""A file or folder that is closed to this user is one line with its name, whatever command comes across it."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.domain.channels import ChannelError, load_channels
from warm_process import PICKS

WITHOUT_PRIVILEGE = ("setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all", "--")
"""root may look into every folder unless it gives that up."""


@pytest.fixture
def closed(tmp_path: Path) -> Iterator[Path]:
    """Return a folder into which nobody may look."""
    folder = tmp_path / "closed"
    folder.mkdir(mode=0o000)
    yield folder
    folder.chmod(0o700)


def _picks(folder: Path, *words: str | Path) -> subprocess.CompletedProcess[str]:
    before = WITHOUT_PRIVILEGE if os.geteuid() == 0 else ()
    env = {"PATH": os.environ["PATH"], "HOME": str(folder), "LANG": "C.UTF-8"}
    command = [*before, str(PICKS), *map(str, words)]
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.slow
def test_a_command_names_it_and_what_mends_it(tmp_path: Path, closed: Path) -> None:
    assert _picks(tmp_path, "init", "--yes").returncode == 0
    done = _picks(tmp_path, "fetch", closed / "morning.xml")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"picks: {closed}/morning.xml is closed to this user: let it in, or name another place\n"


@pytest.mark.slow
def test_the_doctor_goes_on_and_names_it(tmp_path: Path, closed: Path) -> None:
    done = _picks(tmp_path, "--config", closed / "channels", "doctor", "--offline", "--json")
    assert done.returncode == 1
    found = {item["name"]: item for item in json.loads(done.stdout)["checks"]}
    assert found["channel files"]["detail"] == f"cannot read {closed}/channels: Permission denied"
    assert found["channel files"]["next"] == "let this user read all of it"


def test_a_folder_of_channels_that_cannot_be_looked_at_is_named(tmp_path: Path) -> None:
    folder = tmp_path / ("n" * 300)
    with pytest.raises(ChannelError, match=r"cannot read .*: File name too long; let this user read all of it"):
        load_channels(folder)
