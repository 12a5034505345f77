"""The scripts that prepare tests, on machines that lack something."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ("bash", "sh", "env", "dirname", "sed", "id", "mkdir", "touch", "rm", "cat")


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """Return a folder with the scripts, and ``bin`` with all the programs that this machine has."""
    for folder in ("bin", "tests/node"):
        (tmp_path / folder).mkdir(parents=True)
    shutil.copytree(ROOT / ".ci", tmp_path / ".ci")
    for name in TOOLS:
        (tmp_path / "bin" / name).symlink_to(shutil.which(name) or pytest.skip(f"needs {name}"))
    return tmp_path


def _add(machine: Path, name: str, script: str = "") -> None:
    program = machine / "bin" / name
    program.write_text(f"#!/bin/sh\n{script}\n", "utf-8")
    program.chmod(0o755)


def _run(machine: Path, script: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(machine / ".ci" / script)],
        env={"PATH": str(machine / "bin"), **env},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def _stamped(machine: Path) -> bool:
    return (machine / "tests/node/node_modules/.installed").exists()


def test_packages_for_node_are_stamped_once_they_are_installed(machine: Path) -> None:
    assert (_run(machine, "install-node").returncode, _stamped(machine)) == (0, False)
    _add(machine, "node", "echo v20.1.0")
    _add(machine, "npm", "mkdir node_modules; exit 1")
    assert (_run(machine, "install-node").returncode, _stamped(machine)) == (0, False)
    assert (_run(machine, "install-node", CI="true").returncode, _stamped(machine)) == (1, False)
    _add(machine, "npm", "mkdir node_modules")
    assert (_run(machine, "install-node").returncode, _stamped(machine)) == (0, True)


@pytest.mark.parametrize(
    ("programs", "found"),
    [
        ({}, "Node.js not at all and no npm"),
        ({"node": "echo v18.20.4", "npm": ""}, "Node.js 18 and npm"),
        ({"node": "echo v20.1.0"}, "Node.js 20 and no npm"),
    ],
    ids=["nothing", "old", "no npm"],
)
def test_a_node_that_is_too_old_ends_the_run_with_one_line(machine: Path, programs: dict[str, str], found: str) -> None:
    for name, script in {"initdb": "", "c++": "", "sudo": "", "apt-get": "", "make": "", **programs}.items():
        _add(machine, name, script)
    done = _run(machine, "run")
    assert (done.returncode, done.stderr) == (
        1,
        f"the tests need Node.js 20 or newer with npm; this machine has {found}\n",
    )


def test_a_machine_with_everything_runs_lint_and_tests(machine: Path) -> None:
    for name, script in {
        "initdb": "",
        "chromium": "",
        "c++": "",
        "tmux": "",
        "systemd-analyze": "",
        "node": "echo v20.1.0",
        "npm": "",
        "make": 'echo make "$@"',
    }.items():
        _add(machine, name, script)
    done = _run(machine, "run")
    assert (done.returncode, done.stdout) == (0, "make lint\nmake test\n")
