"""The program in a process that has loaded everything once: each run is a fork of it, and costs no start-up.

``run`` and ``Run`` take the place of ``subprocess.run`` and ``subprocess.Popen`` for ``picks`` and for scripts of this
folder. A run has its own arguments, environment, folder and file descriptors 0 to 2, and standard streams made anew on
them, so pipes, terminals, signals and exit codes are real. What is not tested here is how the program loads and what
Python does at the very end: that needs the real script, ``PICKS``.

The other side is ``warm_server``. One is started for each process of the tests, when first needed.
"""

import atexit
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any, Final, Self

PICKS: Final = Path(sys.executable).with_name("picks")
"""The real script, for the tests in which loading the program or its very end matters."""

_FOLDER: Final = Path(__file__).resolve().parent
_LOCALE: Final = "C.UTF-8"
_PIPE_HOLDS: Final = 65_536
_CHUNK: Final = 65_536
_READ_AT_START: Final = ("LC_", "PYTHON", "LANGUAGE", "TERMINAL_WIDTH", "FORCE_COLOR", "PY_COLORS", "TYPER_")
"""Variables that the interpreter or a library reads while it starts: too late for a fork."""


class WarmServer:
    """The process that has loaded everything."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        self._socket = ours
        self._lock = Lock()
        search_path = os.pathsep.join([str(_FOLDER.parent), str(_FOLDER)])
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, str(_FOLDER / "warm_server.py"), str(theirs.fileno())],
                env={"PATH": os.environ["PATH"], "LANG": _LOCALE, "PYTHONPATH": search_path},
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )
        if self._socket.recv(1) != b"+":
            raise RuntimeError("the warm process ended; its reason stands above, on standard error")
        atexit.register(self.close)

    def send(self, call: Mapping[str, Any], descriptors: Sequence[int]) -> None:
        """Order a run."""
        with self._lock:
            line = json.dumps(call).encode("ascii") + b"\n"
            sent = socket.send_fds(self._socket, [line], descriptors)
            self._socket.sendall(line[sent:])

    def close(self) -> None:
        """End the process."""
        self._socket.close()
        self._process.wait(timeout=10)


@cache
def _server() -> WarmServer:
    return WarmServer()


class Run:
    """A run of the program; a context manager, at whose end it is over."""

    def __init__(
        self,
        words: Sequence[str],
        *,
        cwd: Path,
        env: Mapping[str, str],
        entry: str = "picks",
        stdin: int = subprocess.DEVNULL,
        stdout: int = subprocess.PIPE,
        stderr: int = subprocess.PIPE,
        encoding: str = "utf-8",
        errors: str = "strict",
    ) -> None:
        _require_ordinary(env)
        self.args = [entry, *words]
        self.returncode: int | None = None
        self._encoding, self._errors = encoding, errors
        self._status, theirs = socket.socketpair()
        call = {"entry": entry, "argv": [str(PICKS), *words], "cwd": str(cwd), "env": dict(env)}
        with ExitStack() as theirs_to_close:
            theirs_to_close.enter_context(theirs)
            given = [_opened(what, mode, theirs_to_close) for what, mode in ((stdin, 0), (stdout, 1), (stderr, 1))]
            self._pipes = [ours for _, ours in given]
            _server().send(call, [*(fd for fd, _ in given), theirs.fileno()])
        self._lines = self._status.makefile("r", encoding="ascii")
        self.pid = int(self._lines.readline())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.returncode is None:
            self.kill()
            self.wait()
        for pipe in self._pipes:
            if pipe is not None:
                os.close(pipe)
        self._lines.close()
        self._status.close()

    def send_signal(self, number: int) -> None:
        """Send a signal, unless the run is over."""
        if self.returncode is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """Send SIGKILL."""
        self.send_signal(signal.SIGKILL)

    def wait(self, timeout: float | None = None) -> int:
        """Return the exit code, the negated signal if one ended it; raise TimeoutExpired."""
        if self.returncode is None:
            with selectors.DefaultSelector() as selector:
                selector.register(self._status, selectors.EVENT_READ)
                if not selector.select(timeout):
                    raise subprocess.TimeoutExpired(self.args, timeout or 0.0)
            self.returncode = int(self._lines.readline())
        return self.returncode

    def communicate(self, text: str = "", *, timeout: float | None = None) -> tuple[str, str]:
        """Write to standard input, read what comes until the end, and wait for it; raise TimeoutExpired."""
        deadline = None if timeout is None else time.monotonic() + timeout
        self._feed(text.encode(self._encoding, self._errors))
        found: dict[int, bytearray] = {pipe: bytearray() for pipe in self._pipes[1:] if pipe is not None}
        with selectors.DefaultSelector() as selector:
            for pipe in found:
                selector.register(pipe, selectors.EVENT_READ)
            while selector.get_map():
                left = None if deadline is None else deadline - time.monotonic()
                if left is not None and left <= 0:
                    raise subprocess.TimeoutExpired(self.args, timeout or 0.0)
                for key, _ in selector.select(left):
                    chunk = os.read(key.fd, _CHUNK)
                    found[key.fd] += chunk
                    if not chunk:
                        selector.unregister(key.fd)
        self.wait(None if deadline is None else max(0.0, deadline - time.monotonic()))
        out, err = (found.get(pipe, bytearray()) if pipe is not None else b"" for pipe in self._pipes[1:])
        return self._text(out), self._text(err)

    def _feed(self, data: bytes) -> None:
        pipe = self._pipes[0]
        if pipe is None:
            return
        if len(data) > _PIPE_HOLDS:
            raise ValueError(f"a pipe holds {_PIPE_HOLDS} bytes, and nobody may be reading yet")
        with suppress(BrokenPipeError):  # as subprocess does: who does not read has no use for it
            os.write(pipe, data)
        os.close(pipe)
        self._pipes[0] = None

    def _text(self, data: bytes | bytearray) -> str:
        return data.decode(self._encoding, self._errors).replace("\r\n", "\n").replace("\r", "\n")


def run(
    words: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str],
    input: str | None = None,  # noqa: A002 (subprocess's own name)
    timeout: float = 60,
    **options: Any,
) -> subprocess.CompletedProcess[str]:
    """Run ``picks``, or another entry, to its end, with pipes where no descriptor is given."""
    if input is not None:
        options["stdin"] = subprocess.PIPE
    with Run(words, cwd=cwd, env=env, **options) as process:
        out, err = process.communicate(input or "", timeout=timeout)
        return subprocess.CompletedProcess(process.args, process.wait(), out, err)


def _opened(what: int, mode: int, theirs: ExitStack) -> tuple[int, int | None]:
    """Return the descriptor for the run and, when it is a pipe, our end of it; ``mode`` is 1 where the run writes."""
    if what == subprocess.PIPE:
        reader, writer = os.pipe()
        mine, other = (reader, writer) if mode else (writer, reader)
        theirs.callback(os.close, other)
        return other, mine
    if what == subprocess.DEVNULL:
        nothing = os.open(os.devnull, os.O_RDWR)
        theirs.callback(os.close, nothing)
        return nothing, None
    return what, None


def _require_ordinary(env: Mapping[str, str]) -> None:
    odd = [name for name in env if name.startswith(_READ_AT_START) and name != "PYTHONIOENCODING"]
    if odd or env.get("LANG", _LOCALE) != _LOCALE:
        raise ValueError(f"{odd or 'LANG'} must be there when Python starts: run the real script, PICKS")
