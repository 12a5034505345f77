"""A deadline cuts a connection from outside, and says so whatever the cut looked like."""

import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress

import pytest

from bot.http import Deadline, beginning

SOON = 0.05
LATER = 60.0
Ends = tuple[socket.socket, socket.socket]


@pytest.fixture
def ends() -> Iterator[Ends]:
    """Return both ends of a connection; a read that nothing ends fails after a while."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.settimeout(LATER)
        yield ours, theirs


def exchange(seconds: float, connections: Sequence[socket.socket], act: Callable[[socket.socket], bytes]) -> bytes:
    """Do the same with each connection, one after the other, under one deadline; return the last result."""
    result = b""
    with Deadline(seconds) as deadline:
        for connection in connections:
            deadline.hold(connection)
            result = act(connection)
    return result


def read(connection: socket.socket) -> bytes:
    return connection.recv(100)


def read_and_write(connection: socket.socket) -> bytes:
    connection.sendall(connection.recv(100) + b"more")
    return b""


def read_and_stop(connection: socket.socket) -> bytes:
    connection.recv(100)
    raise KeyboardInterrupt


def encrypt(connection: socket.socket) -> bytes:
    with suppress(OSError), ssl.create_default_context().wrap_socket(connection, server_hostname="a.test"):
        pass
    return b""


def fail(connection: socket.socket) -> bytes:
    raise ValueError("nonsense")


def test_who_waits_for_a_silent_server_is_woken_and_told_though_a_cut_looks_like_an_end(ends: Ends) -> None:
    with pytest.raises(TimeoutError, match=r"took longer than 0\.05 s"):
        exchange(SOON, ends[:1], read)


def test_an_error_that_the_cut_led_to_is_the_cause(ends: Ends) -> None:
    with pytest.raises(TimeoutError) as caught:
        exchange(SOON, ends[:1], read_and_write)
    assert isinstance(caught.value.__cause__, BrokenPipeError)


def test_who_wants_to_stop_may(ends: Ends) -> None:
    with pytest.raises(KeyboardInterrupt):
        exchange(SOON, ends[:1], read_and_stop)


def test_encryption_that_never_comes_about_is_cut_too(ends: Ends) -> None:
    with pytest.raises(TimeoutError, match="took longer"):
        exchange(SOON, ends[:1], encrypt)


def test_a_connection_that_comes_too_late_is_cut_at_once(ends: Ends) -> None:
    late, far = socket.socketpair()
    late.settimeout(LATER)
    with late, far, pytest.raises(TimeoutError, match="took longer"):
        exchange(SOON, [ends[0], late], read)


def test_what_ends_in_time_is_left_alone(ends: Ends) -> None:
    ours, theirs = ends
    theirs.sendall(b"an answer")
    answer = exchange(LATER, [ours], read)
    theirs.sendall(b"and more")
    assert (answer, ours.recv(100)) == (b"an answer", b"and more")


def test_an_error_in_time_stays_what_it_is(ends: Ends) -> None:
    with pytest.raises(ValueError, match="nonsense"):
        exchange(LATER, ends[:1], fail)


def test_without_a_connection_there_is_nothing_to_cut() -> None:
    with pytest.raises(ConnectionRefusedError), Deadline(0.0):
        raise ConnectionRefusedError


def test_the_beginning_of_an_answer_is_read_and_nothing_behind_it() -> None:
    chunks = iter([b"abc", b"def", b"ghi"])
    assert (beginning(chunks, limit=4), list(chunks)) == (b"abcd", [b"ghi"])


def test_an_answer_as_long_as_the_limit_is_whole() -> None:
    assert beginning(iter([b"abc", b"def"]), limit=6) == b"abcdef"
