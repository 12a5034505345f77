"""The documents name what there is: every command, key and variable."""

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from bot.domain.channels import Channel
from bot.interfaces.cli.program import cli
from bot.interfaces.commands import VERBS, Option
from bot.settings import Settings

ROOT = Path(__file__).resolve().parents[2]


def _read(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def _commands() -> list[str]:
    plain = [item.name or item.callback.__name__ for item in cli.registered_commands if item.callback]
    return [*plain, "db upgrade", "collection pull", "collection push", "collection status"]


@pytest.mark.parametrize("name", sorted(_commands()))
def test_every_command_is_described(name: str) -> None:
    assert f"| `picks {name}" in _read("docs/commands.md")


@pytest.mark.parametrize("verb", VERBS.values(), ids=VERBS.keys())
def test_every_option_of_a_verb_is_described(verb: object) -> None:
    name, parameters = verb.name, verb.parameters  # type: ignore[attr-defined]
    [line] = [line for line in _read("docs/commands.md").splitlines() if line.startswith(f"| `picks {name}")]
    options = [item.name for item in parameters if isinstance(item.form, Option)]
    assert [option for option in options if f"--{option.replace('_', '-')}" not in line] == []


def _keys(model: type[BaseModel]) -> list[str]:
    sections = [field.annotation for name, field in model.model_fields.items() if name != "name"]
    return [
        key
        for section in sections
        if isinstance(section, type) and issubclass(section, BaseModel)
        for key in section.model_fields
        if key not in {"words", "authors"}
    ]


def test_every_key_of_a_channel_file_is_described() -> None:
    text = _read("docs/channel-file.md")
    assert [key for key in _keys(Channel) if f"| `{key}` |" not in text] == []


def test_every_environment_variable_is_in_the_example() -> None:
    own = {str(field.validation_alias or name).upper() for name, field in Settings.model_fields.items()}
    accounts = set(re.findall(r'"((?:BLUESKY|X)_[A-Z_]+)"', _read("bot/settings.py")))
    example = set(re.findall(r"^#([A-Z_]+)=", _read(".env.example"), flags=re.MULTILINE))
    assert (own | accounts) - example == set()


def test_the_changelog_has_a_place_for_what_comes_next() -> None:
    assert "## Unreleased" in _read("CHANGELOG.md")
