"""The recipes of ``deploy/`` are what their tools accept, and name what there is."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Final

import jsonschema
import pytest
import yaml
from sqlmodel import select

from bot.interfaces.cli.program import cli
from bot.store.database import Database
from bot.store.learning_tables import TrainingState
from bot.store.schema import upgrade

ROOT: Final = Path(__file__).resolve().parents[2]
DEPLOY: Final = ROOT / "deploy"
PROGRAMS: Final = Path(sys.executable).parent
EXPOSURE: Final = 1.4
"""What ``systemd-analyze security`` says of the unit: from 0 (nothing is exposed) to 10."""

TRAINING: Final = {"cloudpickle", "joblib", "narwhals", "numpy", "scikit-learn", "scipy", "threadpoolctl"}


def _run(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(word) for word in words], capture_output=True, text=True, timeout=60, check=False)


def _program(name: str) -> Path:
    """Return a program of the lock, or skip; in CI it must be there."""
    return _required(PROGRAMS / name if (PROGRAMS / name).exists() else None, f"{name} of requirements-dev.txt")


def _required(found: Path | None, name: str) -> Path:
    if found is not None:
        return found
    if os.environ.get("CI") == "true":
        pytest.fail(f"needs {name}")
    pytest.skip(f"needs {name}")


@pytest.fixture
def analyze() -> Path:
    """Return systemd's judge of units."""
    found = shutil.which("systemd-analyze")
    return _required(Path(found) if found else None, "systemd-analyze (Debian package systemd)")


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """Return the unit with the program of these tests: the judge looks whether it is there."""
    text = (DEPLOY / "daily-picks.service").read_text("utf-8")
    file = tmp_path / "daily-picks.service"
    file.write_text(text.replace("/opt/daily-picks/bin/", f"{PROGRAMS}/"), "utf-8")
    return file


def test_systemd_takes_the_unit_without_a_remark(analyze: Path, unit: Path) -> None:
    done = _run(analyze, "verify", "--man=no", unit)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_systemd_notices_a_setting_that_does_not_exist(analyze: Path, unit: Path) -> None:
    unit.write_text(unit.read_text("utf-8").replace("ProtectHome=", "ProtectHomes="), "utf-8")
    assert "ProtectHomes" in _run(analyze, "verify", "--man=no", unit).stderr


def test_the_unit_exposes_next_to_nothing(analyze: Path, unit: Path) -> None:
    done = _run(analyze, "security", "--offline=true", f"--threshold={EXPOSURE * 10:.0f}", "--no-pager", unit)
    assert done.returncode == 0, done.stdout[-200:]
    assert f"Overall exposure level for {unit.name}: {EXPOSURE}" in done.stdout


def test_hadolint_finds_nothing_in_the_dockerfile() -> None:
    done = _run(_program("hadolint"), "--no-color", DEPLOY / "Dockerfile")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def _instructions() -> list[tuple[str, str]]:
    text = re.sub(r"^#.*\n", "", (DEPLOY / "Dockerfile").read_text("utf-8"), flags=re.MULTILINE)
    lines = text.replace("\\\n", " ").splitlines()
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in lines) if word]


def test_the_image_has_two_stages_and_does_not_run_as_root() -> None:
    instructions = _instructions()
    assert [word for word, _ in instructions].count("FROM") == 2
    last = instructions[[word for word, _ in instructions].index("FROM", 1) :]
    settings = dict(last)
    assert settings["USER"] == "10001:10001"
    assert settings["HEALTHCHECK"].endswith('CMD ["picks", "healthcheck", "--this-host"]')
    assert not any("pip" in rest for word, rest in last if word == "RUN")


def test_the_image_is_built_from_files_that_there_are_and_that_are_let_in() -> None:
    ignored = (DEPLOY / "Dockerfile.dockerignore").read_text("utf-8").splitlines()
    [lock] = [rest.partition("=")[2] for word, rest in _instructions() if word == "ARG"]
    copied = [rest.split()[:-1] for word, rest in _instructions() if word == "COPY" and "--from" not in rest]
    names = {name.replace("${LOCK}", lock) for group in copied for name in group} | {"requirements.txt"}
    assert [name for name in names if not (ROOT / name).exists()] == []
    assert {line[1:] for line in ignored if line.startswith("!")} == names
    assert "*" in ignored


def _compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
    return loaded


def test_the_compose_file_fits_its_specification() -> None:
    schema = json.loads((Path(__file__).parent / "compose-spec.schema.json").read_text("utf-8"))
    jsonschema.Draft7Validator(schema).validate(_compose())
    with pytest.raises(jsonschema.ValidationError, match="restarts"):
        jsonschema.Draft7Validator(schema).validate({"services": {"worker": {"restarts": "always"}}})


def test_the_compose_file_migrates_before_a_worker_starts_and_gives_accounts_to_one_alone() -> None:
    services = _compose()["services"]
    for name in ("worker", "learner"):
        assert services[name]["depends_on"] == {"migrated": {"condition": "service_completed_successfully"}}
    assert services["migrated"]["command"] == ["picks", "db", "upgrade"]
    assert [name for name, service in services.items() if "env_file" in service] == ["worker"]
    assert [name for name, service in services.items() if "ports" in service] == []


def test_the_files_that_hold_secrets_are_neither_committed_nor_built_in() -> None:
    ignored = (ROOT / ".gitignore").read_text("utf-8").splitlines()
    assert {"deploy/.env", "deploy/environment", "picks.env", "*.db", "*.session"} <= set(ignored)


def test_every_recipe_runs_commands_that_there_are() -> None:
    known = {item.name or item.callback.__name__ for item in cli.registered_commands if item.callback} | {"db"}
    texts = [file.read_text("utf-8") for file in (*DEPLOY.iterdir(), ROOT / "Procfile") if file.is_file()]
    called = {name for text in texts for name in re.findall(r'(?:bin/|\["|\[|: |worker )picks"?,? "?([a-z]+)', text)}
    assert called >= {"worker", "healthcheck", "db", "status"}
    assert called - known == set()


def _packages(lock: str) -> dict[str, str]:
    text = (ROOT / lock).read_text("utf-8")
    found = re.findall(r"^([a-z0-9-]+)==(\S+)((?: ; [^\\\n]*)?)", text, flags=re.MULTILINE)
    return {name + marker.strip(" "): version for name, version, marker in found}


def test_the_workers_lock_is_the_whole_one_without_what_training_needs() -> None:
    whole, worker = _packages("requirements.txt"), _packages("requirements-worker.txt")
    assert worker == {name: version for name, version in whole.items() if name.split(";")[0].strip() not in TRAINING}
    assert len(worker) < len(whole)


def test_procfile_hosts_migrate_first_and_run_one_worker() -> None:
    lines = (ROOT / "Procfile").read_text("utf-8").splitlines()
    assert lines == ["release: picks db upgrade", "worker: picks worker"]


def _write(database: Database, name: str) -> None:
    with database.transaction() as session:
        session.add(TrainingState(channel=name))


def _restored(litestream: Path, place: str, file: Path) -> list[str]:
    """Return what a restored copy holds; nothing where there is no copy yet."""
    file.unlink(missing_ok=True)
    if _run(litestream, "restore", "-o", file, place).returncode:
        return []
    database = Database(f"sqlite:///{file}")
    with database.reading() as session:
        found = [row.channel for row in session.exec(select(TrainingState))]
    database.close()
    return sorted(found)


@pytest.mark.slow
def test_litestream_brings_back_what_was_written_before_it_was_killed(tmp_path: Path) -> None:
    litestream, place = _program("litestream"), f"file://{tmp_path}/elsewhere"
    database = Database(f"sqlite:///{tmp_path}/picks.db")
    upgrade(database)
    _write(database, "before")
    process = subprocess.Popen(
        [litestream, "replicate", "-config", DEPLOY / "litestream.yml"],
        env={**os.environ, "PICKS_DATA": str(tmp_path), "LITESTREAM_URL": place},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    names = ["before", *(f"later-{number}" for number in range(5))]
    try:
        for name in names[1:]:
            _write(database, name)
        end = time.monotonic() + 30
        while _restored(litestream, place, tmp_path / "restored.db") != names and time.monotonic() < end:
            time.sleep(0.2)
    finally:
        process.kill()
        process.wait()
        database.close()
    assert _restored(litestream, place, tmp_path / "restored.db") == names
