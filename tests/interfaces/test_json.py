"""The JSON of every command, byte for byte: what scripts rely on.

Golden files: ``json/<name>.json`` is what a command of the scene in ``json_scene`` prints. To write them anew, run

    PICKS_UPDATE_GOLDEN=1 pytest tests/interfaces/test_json.py

and read the difference before you keep it: fields may be added, never renamed.
"""

import os
from pathlib import Path

import pytest

import json_scene

pytestmark = pytest.mark.network

GOLDEN = Path(__file__).parent / "json"


def test_the_json_of_every_command_stays_as_it_is(tmp_path: Path) -> None:
    said = json_scene.tell(tmp_path)
    if os.environ.get("PICKS_UPDATE_GOLDEN"):
        for name, text in said.items():
            (GOLDEN / f"{name}.json").write_text(text, "utf-8")
    assert sorted(said) == sorted(file.stem for file in GOLDEN.glob("*.json"))
    for name, text in said.items():
        assert text == (GOLDEN / f"{name}.json").read_text("utf-8"), name
