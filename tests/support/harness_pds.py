"""A real Bluesky server (PDS) on this machine for the tests, and a wire to it that can be cut.

A plugin: register it with ``pytest_plugins``. It needs Node.js and ``npm ci`` in tests/node; without them its tests are
skipped, except where CI=true says that nothing may be skipped.
"""

import itertools
import json
import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import httpx2
import pytest
from pydantic import SecretStr

from bot.platforms.memory import MemorySessionStore
from bot.platforms.sessions import SessionStore

if TYPE_CHECKING:
    from bot.platforms.bluesky.publisher import BlueskyPublisher

_FOLDER = Path(__file__).resolve().parents[1] / "node"
_POSTS = "app.bsky.feed.post"


@dataclass(frozen=True)
class Account:
    """A throw-away account; ``token`` is an access token of its own, which no publisher knows."""

    handle: str
    did: str
    password: str
    app_password: str
    token: str


class Pds:
    """The server's process; ``url`` is the server, ``plc_url`` the account directory."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.addresses: dict[str, str] = json.loads(self._answer())
        self.url = self.addresses["url"]
        self.plc_url = self.addresses["plc_url"]
        self._numbers = itertools.count(1)

    def create_account(self, *, messages: bool = False, handle: str | None = None) -> Account:
        """Make an account with a name of its own and an app password, which may allow direct messages."""
        handle = handle or f"account-{next(self._numbers)}-{secrets.token_hex(3)}.test"
        password = secrets.token_urlsafe(12)
        made = self.call(
            "com.atproto.server.createAccount",
            {"handle": handle, "password": password, "email": f"{handle}@example.com"},
        )
        token = made["accessJwt"]
        wanted = {"name": "tests", **({"privileged": True} if messages else {})}
        app_password = self.call("com.atproto.server.createAppPassword", wanted, token=token)["password"]
        return Account(handle=handle, did=made["did"], password=password, app_password=app_password, token=token)

    def create_post(self, account: Account, text: str) -> dict[str, Any]:
        """Post as another program would; return the record's uri and cid."""
        return self.create_record(account, _POSTS, {"text": text})

    def create_record(
        self, account: Account, collection: str, value: Mapping[str, Any], *, rkey: str | None = None
    ) -> dict[str, Any]:
        """Make a record of any kind as another program would; return its uri and cid."""
        record = {"$type": collection, "createdAt": "2024-12-16T10:00:00.000Z", **value}
        body = {"repo": account.did, "collection": collection, "record": record, **({"rkey": rkey} if rkey else {})}
        return self.call("com.atproto.repo.createRecord", body, token=account.token)

    def rename(self, account: Account, handle: str) -> None:
        """Give the account another handle."""
        self.call("com.atproto.identity.updateHandle", {"handle": handle}, token=account.token)

    def delete_post(self, account: Account, rkey: str) -> None:
        """Delete a post as another program would."""
        body = {"repo": account.did, "collection": _POSTS, "rkey": rkey}
        self.call("com.atproto.repo.deleteRecord", body, token=account.token)

    def records(self, did: str, collection: str = _POSTS) -> list[dict[str, Any]]:
        """Return the account's posts, or other records, in the order of their keys: each with uri, cid and value."""
        query = {"repo": did, "collection": collection, "reverse": "true", "limit": "100"}
        answer = httpx2.get(f"{self.url}/xrpc/com.atproto.repo.listRecords", params=query).raise_for_status()
        records: list[dict[str, Any]] = answer.json()["records"]
        return records

    def call(self, method: str, body: dict[str, Any], *, token: str | None = None) -> dict[str, Any]:
        """Call a procedure of the server and return its answer."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        answer = httpx2.post(f"{self.url}/xrpc/{method}", json=body, headers=headers).raise_for_status()
        return dict(answer.json()) if answer.content else {}

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Refuse connections for a while; accounts and posts are kept."""
        self._order("stop")
        try:
            yield
        finally:
            self._order("start")

    def route(self, service: str, url: str) -> None:
        """Let the server take a service, named as DID#ID, to be at an address."""
        self._order("route", f"{service}={url}")

    def _order(self, word: str, *values: str) -> None:
        if self._process.stdin is None:
            raise RuntimeError("the server was started without an input")
        self._process.stdin.write(" ".join([word, *values]) + "\n")
        self._process.stdin.flush()
        if self._answer() != word:
            raise RuntimeError(f"the server did not {word}")

    def _answer(self) -> str:
        line = self._process.stdout.readline() if self._process.stdout else ""
        if not line:
            raise RuntimeError("the server ended; its reason stands above, on standard error")
        return line.strip()


class Wire(httpx.BaseTransport):
    """The network between a publisher and the server: counts the calls, and may cut them.

    ``answers`` maps a method's name to what happens instead of the next call; ``lose`` lets the call through and drops
    its answer.
    """

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.answers: dict[str, list[httpx.Response | Exception]] = {}
        self._lost: list[str] = []
        self._network = httpx.HTTPTransport()

    def count(self, method: str) -> int:
        """Return how often a method was called."""
        return self.calls.count(method)

    def instead_of(self, method: str, *answers: httpx.Response | Exception) -> None:
        """Give these answers to the coming calls of the method, and do not ask the server."""
        self.answers.setdefault(method, []).extend(answers)

    def lose_answer_of(self, method: str) -> None:
        """Let the next call through and lose its answer."""
        self._lost.append(method)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Carry a request."""
        method = request.url.path.rpartition("/")[2]
        self.calls.append(method)
        if planned := self.answers.get(method):
            answer = planned.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer
        response = self._network.handle_request(request)
        if method in self._lost:
            self._lost.remove(method)
            response.close()
            raise httpx.ReadTimeout("the answer did not come", request=request)
        return response

    def close(self) -> None:
        """Let go of connections."""
        self._network.close()


def bluesky_publisher(
    pds: Pds, account: Account, *, sessions: SessionStore | None = None, wire: Wire | None = None
) -> "BlueskyPublisher":
    """Make a publisher for the account."""
    from bot.platforms.bluesky.publisher import BlueskyPublisher  # slow to import, and most runs do without

    return BlueskyPublisher(
        service=pds.url,
        handle=account.handle,
        app_password=SecretStr(account.app_password),
        sessions=sessions or MemorySessionStore(),
        timeout=10.0,
        transport=wire,
    )


@pytest.fixture
def publisher(pds: Pds, account: Account, wire: Wire) -> Iterator["BlueskyPublisher"]:
    """Return a publisher for the account, through the wire."""
    made = bluesky_publisher(pds, account, wire=wire)
    yield made
    made.close()


def missing_for_pds(*packages: str) -> str | None:
    """Return what the server, and ``packages`` beside it, need and this machine has not; None when it can run."""
    if shutil.which("node") is None:
        return "needs Node.js 20 or newer"
    if not all((_FOLDER / "node_modules" / "@atproto" / name).is_dir() for name in ("pds", *packages)):
        return f"needs npm ci in {_FOLDER}"
    return None


@contextmanager
def running_pds() -> Iterator[Pds]:
    """Run the server until the end of the block."""
    with running_script("pds.mjs") as process:
        yield Pds(process)


@contextmanager
def running_script(*words: str) -> Iterator[subprocess.Popen[str]]:
    """Run a script of tests/node until the end of the block; it obeys on standard input."""
    command = [str(shutil.which("node")), *words]
    with subprocess.Popen(command, cwd=_FOLDER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.terminate()  # not by the end of its input: another process of the tests may hold the pipe open


@pytest.fixture(scope="session")
def pds() -> Iterator[Pds]:
    """Run the server for the whole session."""
    if missing := missing_for_pds():
        miss(missing)
    with running_pds() as pds:
        yield pds


@pytest.fixture
def account(pds: Pds) -> Account:
    """Return a new account."""
    return pds.create_account()


@pytest.fixture
def wire() -> Iterator[Wire]:
    """Return the way between a publisher and the server, which a test can cut."""
    wire = Wire()
    yield wire
    wire.close()


def miss(reason: str) -> None:
    """Skip the test for want of something, but fail in CI."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{reason}; nothing may be skipped where CI=true")
    pytest.skip(reason)
