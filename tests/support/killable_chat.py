"""The worker's chat in a process that dies on order: before or after any write to the database, or any request.

``python tests/support/killable_chat.py`` loads everything once, then obeys orders on standard input, one JSON object a
line: ``{"run": LIFE}`` forks a worker's life, waits for its end and says ``{"status": S}``, the negated signal if one
ended it. The end of standard input ends everything.

App, database and client are the program's own; they are only watched. Each crossing of a gate has a name: the request,
or the tables that a transaction has written. ``BEFORE`` a write means that its statements have run and nothing is
committed. A life writes down which gates it crossed.
"""

import json
import os
import re
import signal
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from pydantic import SecretStr, TypeAdapter
from sqlalchemy import event
from sqlmodel import Session

from bot.app import App
from bot.interfaces.chat.job import ChatJob
from bot.platforms.direct_messages import DirectMessages
from bot.settings import BlueskyAccount, Settings
from bot.store.database import Database

_WRITTEN: Final = re.compile(r"^\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+\"?(\w+)", re.IGNORECASE)
_WATCHED: Final = frozenset(
    {"now", "events", "convo", "convo_with", "accept", "newest", "send", "mark_read", "holder_of"}
)
_ROUNDS: Final = 3


@dataclass(frozen=True)
class Life:
    """A worker's life of some rounds: its clock is ``ahead`` seconds, and each round comes ``pause`` seconds later.

    ``death`` is the gate at which it ends itself, None for a life that comes to its end.
    """

    folder: Path
    database: str
    environ: Mapping[str, str]
    ahead: float = 0.0
    pause: float = 5.0
    death: tuple[str, str, int] | None = None


_LIFE: Final = TypeAdapter(Life)


def life_to_json(life: Life) -> dict[str, Any]:
    """Return a life as an order holds it."""
    data: dict[str, Any] = _LIFE.dump_python(life, mode="json")
    return data


class Gate:
    """Counts crossings, and ends the process at the one that was named: its side, its name, and the how-manieth."""

    def __init__(self, death: tuple[str, str, int] | None) -> None:
        self.crossed: list[tuple[str, str, int]] = []
        self._counts: Counter[tuple[str, str]] = Counter()
        self._death = tuple(death) if death else None

    def cross(self, side: str, name: str) -> None:
        """Pass, or end."""
        self._counts[side, name] += 1
        crossing = (side, name, self._counts[side, name])
        self.crossed.append(crossing)
        if crossing == self._death:
            os.kill(os.getpid(), signal.SIGKILL)


class WatchedDatabase(Database):
    """The database, with every write through the gate."""

    def __init__(self, address: str, gate: Gate) -> None:
        super().__init__(address)
        self._gate = gate
        self._tables: set[str] = set()
        event.listen(self._engine, "before_cursor_execute", self._note)

    def _note(self, _connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if match := _WRITTEN.match(statement):
            self._tables.add(match[1])

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Give a session that may write."""
        self._tables.clear()
        with super().transaction() as session:
            yield session
            session.flush()
            name = "write " + " ".join(sorted(self._tables))
            self._gate.cross("before", name)
        self._gate.cross("after", name)


class WatchedMessages:
    """A client, with every request through the gate."""

    def __init__(self, messages: DirectMessages, gate: Gate) -> None:
        self._messages = messages
        self._gate = gate

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._messages, name)
        if name not in _WATCHED:
            return found

        def call(*values: Any, **named: Any) -> Any:
            self._gate.cross("before", name)
            answer = found(*values, **named)
            self._gate.cross("after", name)
            return answer

        return call


class WatchedApp(App):
    """The program's wiring, with the gate in it."""

    def __init__(self, life: Life, *, gate: Gate, clock: Callable[[], datetime]) -> None:
        super().__init__(settings_for(life), clock=clock, environ=life.environ)
        self.database.close()
        self.database = WatchedDatabase(life.database, gate)
        self._gate = gate

    def _direct_messages(self, account: BlueskyAccount) -> DirectMessages:
        return WatchedMessages(super()._direct_messages(account), self._gate)


def settings_for(life: Life) -> Settings:
    """Return the settings that the life stands for."""
    return Settings(
        database_url=SecretStr(life.database), PICKS_CONFIG=life.folder / "config", PICKS_DATA=life.folder / "data"
    )


def live(life: Life) -> None:
    """Live the life, and write down which gates were crossed."""
    moment = datetime.now(UTC) + timedelta(seconds=life.ahead)
    gate = Gate(life.death)
    app = WatchedApp(life, gate=gate, clock=lambda: moment)
    job = ChatJob(app, sleep=lambda _: False)
    for _ in range(_ROUNDS):
        job.run()
        moment += timedelta(seconds=life.pause)
    app.close()
    (life.folder / "crossed").write_text(json.dumps(gate.crossed), "utf-8")


def _run(life: Life) -> int:
    pid = os.fork()
    if pid:
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    status = 1
    try:
        log = os.open(life.folder / "log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        for target in (1, 2):
            os.dup2(log, target)
        live(life)
        status = 0
    except BaseException:
        sys.excepthook(*sys.exc_info())
        raise
    finally:
        sys.stderr.flush()
        os._exit(status)  # never back into the loop of the parent, whatever happened


def main() -> None:
    """Load what takes long, then obey until standard input ends."""
    import bot.interfaces.commands.curating
    import bot.platforms.bluesky.direct_messages  # noqa: F401
    from bot.interfaces import logs

    logs.configure(form="json", level=20)
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        print(json.dumps({"status": _run(_LIFE.validate_python(json.loads(line)["run"]))}), flush=True)


if __name__ == "__main__":
    main()
