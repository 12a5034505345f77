"""What the documents say of commands is what the program takes."""

import re

import pytest
from typer import Context
from typer.exceptions import TyperException
from typer.main import get_command

from bot.interfaces.cli.program import cli
from documents import COMMON, code, commands, documents, options, read, rows, shell_words

COMMANDS = commands()
PLACEHOLDERS = {"COMMAND"}


def _rows(name: str) -> str:
    """Return all that the list of commands says of one, in one or several rows."""
    own = [
        " ".join(cells) for cells in rows("docs/commands.md") if re.match(rf"`picks {name}(?![\w ]*[a-z])", cells[0])
    ]
    return " ".join(own)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_and_option_is_described(name: str) -> None:
    said = _rows(name)
    assert said, f"docs/commands.md has no row for picks {name}"
    assert {item for item in options(COMMANDS[name]) - COMMON if item not in said} == set()


def test_the_list_has_no_command_and_no_option_that_there_is_not() -> None:
    listed = [cells for cells in rows("docs/commands.md") if cells[0].startswith("`picks ")]
    assert [cells[0] for cells in listed if _unknown(cells[0].strip("`").removeprefix("picks "))] == []


def _resolve(words: list[str]) -> tuple[str, list[str]]:
    """Return the command that words call, and the words behind it; common options may stand before."""
    rest = list(words)
    while rest and rest[0].startswith("--"):
        rest = rest[1:] if rest[0] in {"--json", "--no-pager", "--help", "--version"} or "=" in rest[0] else rest[2:]
    name = " ".join(rest[:2])
    if name in COMMANDS:
        return name, rest[2:]
    return (rest[0] if rest else ""), rest[1:]


def _unknown(text: str) -> list[str]:
    """Return what is unknown of a command in prose, where a placeholder may stand for anything."""
    name, _ = _resolve(text.split())
    if name in PLACEHOLDERS or not re.fullmatch(r"[a-z]+( [a-z]+)?", name):
        return []
    if name not in COMMANDS:
        return [] if any(known.startswith(f"{name} ") for known in COMMANDS) else [name]
    known = options(COMMANDS[name]) | COMMON
    return [item for item in re.findall(r"(?<![\w-])--[a-z][a-z-]*", text) if item not in known]


@pytest.mark.parametrize("name", documents())
def test_every_command_in_prose_exists_with_its_options(name: str) -> None:
    prose = re.sub(r"\s+", " ", re.sub(r"^    .*$", "", read(name), flags=re.MULTILINE))
    said = re.findall(r"`picks ([^`]+)`", prose)
    assert {text: _unknown(text) for text in said if _unknown(text)} == {}


def _parsed(words: list[str]) -> str:
    """Parse words as the shell would hand them over; return what is wrong."""
    name, rest = _resolve(words)
    if name not in COMMANDS:
        return f"there is no command {name!r}"
    try:
        COMMANDS[name].make_context(name, rest, parent=Context(get_command(cli), info_name="picks"))
    except TyperException as error:
        return str(error)
    return ""


@pytest.mark.parametrize("name", documents())
def test_every_command_line_is_understood(name: str) -> None:
    lines = [words for line in code(name) for words in shell_words(line)]
    assert {" ".join(words): _parsed(words) for words in lines if _parsed(words)} == {}


def test_a_command_line_with_an_option_that_does_not_exist_is_noticed() -> None:
    assert [_parsed(words) for words in shell_words("A=b picks queue --all  # picks x")] == [""]
    assert shell_words("sudo -u somebody env A=b /opt/bin/picks log") == [["log"]]
    [queue, frob] = [_parsed(words) for words in shell_words("picks queue --al | cat && .venv/bin/picks frob")]
    assert "--al" in queue
    assert frob == "there is no command 'frob'"
