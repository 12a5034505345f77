"""The wheel alone: built, installed where no repository is, and all that a newcomer needs."""

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.slow


def _run(*words: str | Path, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(word) for word in words],
        cwd=cwd,
        env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "HOME": str(cwd), **env},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a fresh virtual environment's programs, with the wheel in it and the dependencies of this one."""
    place = tmp_path_factory.mktemp("wheel")
    built = _run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", place / "dist", cwd=ROOT)
    assert built.returncode == 0, built.stderr
    [wheel] = (place / "dist").glob("*.whl")
    assert _run(sys.executable, "-m", "venv", "--without-pip", place / "venv", cwd=place).returncode == 0
    programs = place / "venv" / "bin"
    to = ("--python", programs / "python", "--disable-pip-version-check", "--quiet")
    done = _run(sys.executable, "-m", "pip", *to, "install", "--no-index", "--no-deps", wheel, cwd=place)
    assert done.returncode == 0, done.stderr
    # Packages of this environment are found, but not this project: a line that such a line leads to is not followed.
    said = _run(programs / "python", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=place)
    Path(said.stdout.strip(), "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n", "utf-8")
    return programs


def test_the_program_that_runs_is_the_wheel_s(environment: Path, tmp_path: Path) -> None:
    said = _run(environment / "python", "-c", "import bot; print(bot.__file__)", cwd=tmp_path)
    assert said.stdout.startswith(str(environment.parent)), said.stderr


def test_the_wheel_alone_makes_a_home_in_which_every_command_works(environment: Path, tmp_path: Path) -> None:
    made = _run(environment / "picks", "init", "--yes", cwd=tmp_path)
    assert (made.returncode, made.stderr) == (0, "")
    queue = _run(environment / "picks", "queue", "--json", cwd=tmp_path)
    assert (queue.returncode, queue.stdout) == (0, "[]\n")
    doctor = _run(environment / "picks", "doctor", "--offline", cwd=tmp_path)
    failed = [line for line in doctor.stdout.splitlines() if line.startswith("failed")]
    assert failed == [
        "failed  interpretability: bluesky: no credentials in the environment",
        "failed  interpretability: x: no credentials in the environment",
        "failed  worker: no worker is alive",
    ]


def test_the_wheel_alone_shows_the_demo(environment: Path, tmp_path: Path) -> None:
    done = _run(environment / "picks", "demo", cwd=tmp_path, TMPDIR=str(tmp_path))
    assert (done.returncode, done.stderr) == (0, "")
    assert "archive build DIR" in done.stdout


def test_no_file_of_the_program_is_missing_in_the_wheel(environment: Path) -> None:
    [installed] = environment.parent.glob("lib/python*/site-packages/bot")
    ours = {
        str(file.relative_to(ROOT / "bot"))
        for file in (ROOT / "bot").rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }
    theirs = {str(file.relative_to(installed)) for file in installed.rglob("*") if file.is_file()}
    assert ours - theirs == set()
