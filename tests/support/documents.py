"""What the documents say: their commands, tables and examples. Code stands indented by four blanks."""

import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from bot.interfaces.cli.program import cli

ROOT: Final = Path(__file__).resolve().parents[2]
COMMON: Final = {"--config", "--channel", "--as", "--json", "--no-pager", "--help"}
"""Options of all commands, which stand at the top of their list."""

_INDENT: Final = "    "


def read(name: str) -> str:
    """Return a file of the project."""
    return (ROOT / name).read_text("utf-8")


def documents() -> list[str]:
    """Return the names of all documents for people who use the program."""
    return ["README.md", *sorted(f"docs/{file.name}" for file in (ROOT / "docs").glob("*.md"))]


def commands() -> dict[str, TyperCommand | TyperGroup]:
    """Return every command by its name, such as ``db upgrade``; a group is one that does something by itself."""
    found: dict[str, TyperCommand | TyperGroup] = {}

    def walk(group: TyperGroup, before: str) -> None:
        for name, command in group.commands.items():
            if isinstance(command, TyperGroup):
                if command.invoke_without_command:
                    found[before + name] = command
                walk(command, f"{before}{name} ")
            elif isinstance(command, TyperCommand):
                found[before + name] = command

    program = get_command(cli)
    assert isinstance(program, TyperGroup)
    walk(program, "")
    return found


def options(command: TyperCommand | TyperGroup) -> set[str]:
    """Return the long options of a command."""
    return {name for item in command.params for name in (*item.opts, *item.secondary_opts) if name.startswith("--")}


def code(name: str) -> Iterator[str]:
    """Give the lines of code of a document, each whole: a backslash at its end joins the next one."""
    text = read(name).replace("\\\n", " ")
    yield from (line.strip() for line in text.splitlines() if line.startswith(_INDENT) and line.strip())


def block(name: str, heading: str) -> str:
    """Return the first block of code below a heading."""
    section = re.split(rf"^#+ {re.escape(heading)}$", read(name), flags=re.MULTILINE)[1]
    found = re.search(r"(?:^    .*\n|^\n)*^    .*\n(?:^    .*\n|^\n)*", section, flags=re.MULTILINE)
    assert found, f"{name} has no code below {heading}"
    return "".join(line[4:] if line.strip() else "\n" for line in found[0].splitlines(keepends=True))


def shell_words(line: str) -> list[list[str]]:
    """Return the words of each ``picks`` command of a line, without what stands around it."""
    if not re.search(r"(^|[\s/])picks [^=]", line):
        return []
    line = re.sub(r"\$\([^)]*\)", "WORD", line)
    lexer = shlex.shlex(line, posix=True, punctuation_chars="|;&<>")
    lexer.whitespace_split, lexer.commenters = True, "#"
    parts: list[list[str]] = [[]]
    for word in lexer:
        if set(word) <= set("|;&<>"):
            parts.append([])
        elif parts[-1] or not re.fullmatch(r"[A-Z_]+=.*", word):  # variables stand before a command
            parts[-1].append(word)
    return [words[1:] for words in map(_without_user, parts) if words and words[0].rpartition("/")[2] == "picks"]


def _without_user(words: list[str]) -> list[str]:
    """Return a command without what says as whom, and with which variables, it is to be run."""
    if words[:1] != ["sudo"]:
        return words
    return words[next((place for place, word in enumerate(words) if word.endswith("/picks")), len(words)) :]


def rows(name: str) -> Iterator[list[str]]:
    """Give the cells of each row of a document's tables."""
    for line in read(name).splitlines():
        if line.startswith("| ") and not line.startswith("| ---"):
            yield [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


def toml_value(text: str) -> Any:
    """Return a value as a channel file has it."""
    return tomllib.loads(f"value = {text}")["value"]
