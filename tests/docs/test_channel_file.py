"""The document of the channel file, compared with the model that reads channel files."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel, TypeAdapter
from pydantic.fields import FieldInfo

from bot.domain.channels import Channel, load_channel
from bot.domain.people import people_in
from documents import ROOT, block, documents, read, rows, toml_value

DOCUMENT = "docs/channel-file.md"
TABLES = {"words", "authors", "topics"}
"""Tables whose keys are the channel's own words: the model has one key, and the document a heading."""

IN_WORDS = {"Monday to Friday", "the channel's", "the domain of `url`"}


def _models(model: type[BaseModel] = Channel, section: str = "") -> Iterator[tuple[str, type[BaseModel]]]:
    """Give every section of a channel file with its model."""
    yield section, model
    for name, field in model.model_fields.items():
        for found in (field.annotation, *get_args(field.annotation)):
            if isinstance(found, type) and issubclass(found, BaseModel):
                yield from _models(found, f"{section}.{name}".strip("."))


def _fields() -> dict[str, FieldInfo]:
    """Return every key by its whole name, such as ``feeds.format``."""
    sections = {section for section, _ in _models()}
    return {
        f"{section}.{key}".strip("."): field
        for section, model in _models()
        for key, field in model.model_fields.items()
        if f"{section}.{key}".strip(".") not in {*sections, "name"}
    }


def _described() -> dict[str, str]:
    """Return the keys of the table with their defaults."""
    section, found = "", {}
    for key, default, *_ in rows(DOCUMENT):
        if key.startswith("**"):
            section = key.strip("*`[]")
            if section.rpartition(".")[2] in TABLES:
                found[section] = "none"
        elif key.startswith("`"):
            found[f"{section}.{key.strip('`')}".strip(".")] = default
    return found


FIELDS = _fields()


def test_the_table_has_every_key_and_no_other() -> None:
    assert set(_described()) == set(FIELDS)


@pytest.mark.parametrize(("key", "said"), _described().items(), ids=_described().keys())
def test_the_defaults_are_those_of_the_program(key: str, said: str) -> None:
    field = FIELDS[key]
    if said == "required":
        assert field.is_required()
        return
    default = field.get_default(call_default_factory=True)
    if said == "none":
        assert not default
    elif said not in IN_WORDS:
        reader: TypeAdapter[object] = TypeAdapter(field.rebuild_annotation())
        assert reader.validate_python(toml_value(said.strip("`"))) == default


def _keys(data: dict[str, Any], section: str = "") -> set[str]:
    found = set()
    for key, value in data.items():
        whole = f"{section}.{key}".strip(".")
        inner = value[0] if isinstance(value, list) and value and isinstance(value[0], dict) else value
        found |= _keys(inner, whole) if isinstance(inner, dict) and key not in TABLES else {whole}
    return found


def test_the_example_has_every_key_and_is_read(tmp_path: Path) -> None:
    text = block(DOCUMENT, "Every key once")
    assert _keys(tomllib.loads(text)) == set(FIELDS)
    file = tmp_path / "example.toml"
    file.write_text(text, "utf-8")
    assert load_channel(file).title == "Interpretability of language models"


def test_the_channel_file_that_ships_is_read() -> None:
    for file in (ROOT / "config").glob("*.toml"):
        assert load_channel(file).name == file.stem


PERSON = '    ["'
"""What a piece of people.toml begins with: no section of a channel file has quotes around its name."""


def _pieces(*begin: str) -> list[tuple[str, str]]:
    """Return the blocks of all documents whose first line begins so."""
    found = []
    for name in documents():
        for piece in read(name).split("\n\n"):
            lines = piece.splitlines()
            if lines and lines[0].startswith(begin) and all(line.startswith("    ") for line in lines):
                found.append((name, "\n".join(line[4:] for line in lines)))
    return found


@pytest.mark.parametrize(("name", "piece"), _pieces(PERSON))
def test_every_piece_of_a_file_of_people_is_taken(name: str, piece: str) -> None:
    assert people_in(piece, file=ROOT / name)


@pytest.mark.parametrize(
    ("name", "piece"),
    [item for item in _pieces("    [", "    title =") if item not in _pieces(PERSON)],
)
def test_every_piece_of_a_channel_file_is_taken(name: str, piece: str) -> None:
    whole = {"title": "T", "feeds": {"categories": ["cs.CL"]}, "ranking": {"words": {"probing": 1.0}}}
    for key, value in tomllib.loads(piece).items():
        whole[key] = {**whole[key], **value} if isinstance(whole.get(key), dict) else value  # type: ignore[dict-item]
    assert Channel.model_validate({"name": "piece", **whole})
