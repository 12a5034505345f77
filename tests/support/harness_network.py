"""The whole of Bluesky on this machine: the real server, and the open-source AppView that shows what is posted there.

A plugin. Beyond what ``harness_pds`` needs it takes PostgreSQL's programs; without them its tests are skipped, except
where CI=true says that nothing may be skipped. One network serves all tests of a process.
"""

import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, TypeVar

import httpx2
import pytest

from harness_pds import Account, Pds, miss, missing_for_pds, running_script
from harness_store import PostgresCluster, missing_for_postgres

_PATIENCE: Final = 15.0
"""Seconds until the AppView should have read what was posted: it takes half of one."""

_FOLLOW: Final = "app.bsky.graph.follow"

_Answer = TypeVar("_Answer")


class NotShownError(Exception):
    """The AppView said that it does not have what was asked for; the words are its own."""


class Network(Pds):
    """The server with an AppView; ``appview_url`` is where that answers people who are not signed in."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        super().__init__(process)
        self.appview_url = self.addresses["appview_url"]

    def ask(self, method: str, query: Mapping[str, Any], *, reader: Account | None = None) -> dict[str, Any]:
        """Ask what is shown: a reader through the reader's own server, as the app does, and a stranger directly.

        Raises NotShownError where the AppView refuses.
        """
        url = self.url if reader else self.appview_url
        headers = {"Authorization": f"Bearer {reader.token}"} if reader else {}
        answer = httpx2.get(f"{url}/xrpc/{method}", params=dict(query), headers=headers, timeout=10)
        if answer.status_code == httpx2.codes.BAD_REQUEST:
            raise NotShownError(answer.json()["message"])
        found: dict[str, Any] = answer.raise_for_status().json()
        return found

    def thread(self, uri: str, *, reader: Account | None = None) -> dict[str, Any]:
        """Return a post with what is above and below it, as the app asks for it."""
        query = {"uri": uri, "depth": 20}
        return dict(self.ask("app.bsky.feed.getPostThread", query, reader=reader)["thread"])

    def feed(self, account: Account, *, reader: Account | None = None) -> list[dict[str, Any]]:
        """Return what stands on an account's page with all its replies, newest first."""
        query = {"actor": account.did, "filter": "posts_with_replies"}
        return list(self.ask("app.bsky.feed.getAuthorFeed", query, reader=reader)["feed"])

    def timeline(self, reader: Account) -> list[dict[str, Any]]:
        """Return what a reader sees of those whom the reader follows, newest first."""
        return list(self.ask("app.bsky.feed.getTimeline", {}, reader=reader)["feed"])

    def follow(self, account: Account) -> Account:
        """Make a reader who follows an account."""
        reader = self.create_account()
        self.create_record(reader, _FOLLOW, {"subject": account.did})
        self.when(lambda: self._profile(account), lambda shown: shown.get("followersCount", 0) > 0)
        return reader

    def when(self, ask: Callable[[], _Answer], is_so: Callable[[_Answer], bool]) -> _Answer:
        """Ask until it is so, because the AppView reads a moment after the server wrote; return that answer."""
        end = time.monotonic() + _PATIENCE
        while not is_so(answer := ask()):
            if time.monotonic() > end:
                raise AssertionError(f"not so after {_PATIENCE:g} s; the last answer was {answer!r}"[:2000])
            time.sleep(0.05)
        return answer

    def picture(self, url: str) -> httpx2.Response:
        """Return a picture from the address under which the AppView shows it."""
        return httpx2.get(url, timeout=10).raise_for_status()

    def _profile(self, account: Account) -> dict[str, Any]:
        try:
            return self.ask("app.bsky.actor.getProfile", {"actor": account.did})
        except NotShownError:  # so new that it is not read yet
            return {}


@contextmanager
def running_network(cluster: PostgresCluster) -> Iterator[Network]:
    """Run the network until the end of the block, with a database of the cluster."""
    with running_script("network.mjs", cluster.create_database()) as process:
        yield Network(process)


def missing_for_network() -> str | None:
    """Return what the network needs and this machine has not, None when it can run."""
    return missing_for_pds("bsky") or missing_for_postgres()


@pytest.fixture(scope="session")
def network(postgres: PostgresCluster) -> Iterator[Network]:
    """Run the network for the whole session."""
    if missing := missing_for_network():
        miss(missing)
    with running_network(postgres) as network:
        yield network
