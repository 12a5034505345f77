"""What the shell offers when somebody presses Tab: numbers of candidates with their titles, names of channels.

Loads no settings and no database library, because the shell waits, and never fails: where nothing can be read there are
no words. So it looks at the three variables that it needs by itself, as ``settings`` does.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import typer

from bot.domain.config_files import channel_files
from bot.domain.states import Action, CandidateState, states_before

_LONGEST_NUMBER: Final = 6
"""Digits of a queue number: a longer beginning, or one with a dot, is that of an arXiv id."""

_LONGEST_TITLE: Final = 60
_NOT_A_WORD: Final = re.compile(r"[^\w ,.+-]")


def ids(context: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """Return the numbers, or the arXiv ids, of the candidates about which the command can do something."""
    from bot.store.glance import glance

    folder = Path(_given(context, "config") or os.environ.get("PICKS_CONFIG") or "config")
    names = _names(folder)
    channel = _given(context, "channel_name", "channel") or os.environ.get("PICKS_CHANNEL")
    found = glance(
        database_address(),
        channel=channel or (names[0] if len(names) == 1 else None),
        states=_states(context.info_name or ""),
        beginning=incomplete,
    )
    there = {str(word) for words in context.params.values() if isinstance(words, list | tuple) for word in words}
    written = len(incomplete) > _LONGEST_NUMBER or "." in incomplete
    words = ((item.arxiv_id if written else str(item.id), _harmless(item.title)) for item in found)
    return [(word, title) for word, title in words if word not in there]


def _harmless(title: str) -> str:
    """Return a title as the words that it holds: some shells evaluate what a completion says, and rich reads markup."""
    words = " ".join(_NOT_A_WORD.sub(" ", title).split())
    return words if len(words) <= _LONGEST_TITLE else f"{words[:_LONGEST_TITLE]}…"


def channels(context: typer.Context, incomplete: str) -> list[str]:
    """Return the names of the channel files."""
    folder = Path(_given(context, "config") or os.environ.get("PICKS_CONFIG") or "config")
    return [name for name in _names(folder) if name.startswith(incomplete)]


def _names(folder: Path) -> list[str]:
    try:
        return [file.stem for file in channel_files(folder)]
    except (OSError, ValueError):
        return []


def _states(command: str) -> tuple[CandidateState, ...]:
    """Return the states in which a command can do something; those that only show, in all."""
    action = {"publish": Action.START, **{str(item): item for item in Action}}.get(command)
    return states_before(action) if action else tuple(CandidateState)


def _given(context: typer.Context, *names: str) -> str | None:
    """Return what was given for an option, behind the command or before it."""
    found = (value for params in _params(context) for name in names if (value := params.get(name)))
    return next(map(str, found), None)


def _params(context: Any) -> Iterator[dict[str, Any]]:
    while context is not None:
        yield context.params
        context = context.parent


def database_address() -> str:
    """Return the address of the database, as ``Settings.database_address`` says it."""
    named = os.environ.get("DATABASE_URL", "").strip()
    if named:
        return named
    from platformdirs import user_data_path

    folder = os.environ.get("PICKS_DATA")
    return f"sqlite:///{(Path(folder) if folder else user_data_path('daily-picks')) / 'picks.db'}"
