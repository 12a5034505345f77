"""The other side of ``warm_process``: loads the program, then forks at every order.

``python warm_server.py DESCRIPTOR`` talks on that socket. An order is a line of JSON with four descriptors beside it:
the run's standard streams and a socket on which its process id and, in the end, its exit code are said. The end of the
socket ends the server; runs that still go on are left alone, as by a shell.

Each order is forked twice: the first child waits for the second, which is the run. So the server has nothing to wait
for and no thread, and a fork of it is whole.
"""

import atexit
import gc
import importlib
import json
import os
import pkgutil
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from importlib.metadata import entry_points
from io import TextIOWrapper
from typing import Any, Final, TextIO

from sqlalchemy.orm import configure_mappers

_MOST: Final = 1 << 20
_STREAMS: Final = (("stdin", "rb", "r"), ("stdout", "wb", "w"), ("stderr", "wb", "w"))
_NOT_WARM: Final = ("bot.ranking.training", "bot.platforms.bluesky", "bot.store.migrations")
"""NumPy starts threads when it is loaded, and they would not survive a fork; Bluesky's library is large, and makes the
end of every run slower than its few users would gain; Alembic loads the migrations itself."""
_ALSO_WARM: Final = ("alembic.command", "alembic.ddl.postgresql", "alembic.ddl.sqlite", "psycopg", "rich.live")


def warm_up() -> None:
    """Load all that a run may need."""
    import bot

    for module in pkgutil.walk_packages(bot.__path__, "bot."):
        if not module.name.startswith(_NOT_WARM):
            importlib.import_module(module.name)
    for name in _ALSO_WARM:
        importlib.import_module(name)
    configure_mappers()


def serve(orders: socket.socket) -> tuple[Mapping[str, Any], list[int]] | None:
    """Fork at every order; return in the runs, with what was ordered, and at the end of the orders with None."""
    while True:
        data, descriptors, _, _ = socket.recv_fds(orders, _MOST, 4)
        while data and not data.endswith(b"\n"):
            data += orders.recv(_MOST)
        if not data:
            return None
        if threading.active_count() > 1:
            raise RuntimeError("a process with threads cannot be forked")
        if os.fork() == 0:
            orders.close()
            *streams, status = descriptors
            if _fork_and_wait(streams, socket.socket(fileno=status)):
                return json.loads(data), streams
        for descriptor in descriptors:
            os.close(descriptor)


def _fork_and_wait(streams: list[int], status: socket.socket) -> bool:
    """Return True in the run; the process between it and the server ends here, when the run has ended."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    pid = os.fork()
    if pid == 0:
        status.close()
        return True
    for descriptor in streams:
        os.close(descriptor)
    with suppress(BrokenPipeError):  # nobody waits any more
        status.sendall(f"{pid}\n".encode("ascii"))
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        status.sendall(f"{code}\n".encode("ascii"))
    os._exit(0)


def become(call: Mapping[str, Any], streams: list[int]) -> Callable[[], object]:
    """Make this process what the order says, as the interpreter would at its start; return what is to be run."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for target, source in enumerate(streams):
        os.dup2(source, target)
        os.close(source)
    os.chdir(call["cwd"])
    os.environ.clear()
    os.environ.update(call["env"])
    time.tzset()
    sys.argv = list(call["argv"])
    for number, (name, _, _) in enumerate(_STREAMS):
        setattr(sys, name, _stream(number))
        setattr(sys, f"__{name}__", getattr(sys, name))
    if call["entry"] == "picks":
        [script] = entry_points(group="console_scripts", name="picks")
        entry: Callable[[], object] = script.load()
        return entry
    main: Callable[[], object] = importlib.import_module(call["entry"]).main
    return main


def _stream(number: int) -> TextIO:
    """Open a standard stream as Python does (``create_stdio`` in its pylifecycle.c)."""
    name, mode, text_mode = _STREAMS[number]
    encoding, errors = _encoding()
    buffer: Any = open(number, mode, closefd=False)  # noqa: SIM115
    buffer.raw.name = f"<{name}>"
    stream: Any = TextIOWrapper(
        buffer,
        encoding=encoding,
        errors="backslashreplace" if name == "stderr" else errors,
        newline="\n",
        line_buffering=name == "stderr" or buffer.raw.isatty(),
    )
    stream.mode = text_mode
    opened: TextIO = stream
    return opened


def _encoding() -> tuple[str, str]:
    """Return the encoding of the standard streams and how they treat errors."""
    given = os.environ.get("PYTHONIOENCODING", "")
    encoding, _, errors = given.partition(":")
    if not encoding:
        return "utf-8", errors or "surrogateescape"  # of the locale C.UTF-8
    return encoding, errors or "strict"


def main() -> None:
    """Load, obey, and in a run be the program."""
    orders = socket.socket(fileno=int(sys.argv[1]))
    warm_up()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the tests; the end of the socket ends this
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    gc.freeze()  # a run that ends need not look through all that was loaded
    orders.sendall(b"+")
    order = serve(orders)
    if order is None:
        return
    entry = become(*order)
    try:
        sys.exit(entry())  # type: ignore[arg-type]
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            _end_at_once(end.code or 0)
        raise


def _end_at_once(code: int) -> None:
    """End as the interpreter does, but leave its memory to the system: to take that apart takes longer than most runs.

    Return where there is more to do: threads to wait for, or output that cannot be written.
    """
    if sum(not thread.daemon for thread in threading.enumerate()) > 1:
        return
    atexit._run_exitfuncs()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:
        return
    os._exit(code)


if __name__ == "__main__":
    main()
