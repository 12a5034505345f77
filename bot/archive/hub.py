"""A small client of the Hugging Face Hub: the six requests that a collection of papers needs.

Each request is sent once, within a time and a size, and what it means is said by its error's kind; who sends it again
is for the caller. This module keeps nothing between two requests and never shows the token.

Source: https://huggingface.co/docs/hub/api, and the OpenAPI document that it names.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Self
from urllib.parse import quote

import httpx2
from pydantic import SecretStr

import bot
from bot.archive.hub_errors import HubError, HubSilentError, HubUnavailableError, refusal
from bot.domain.collection_section import CollectionSlug
from bot.domain.papers import ArxivId
from bot.domain.text import sanitize
from bot.http import Deadline

PUBLIC_HUB: Final = "https://huggingface.co"
_MOST_BYTES: Final = 20_000_000
_MOST_REDIRECTS: Final = 3
_NEVER_LEFT: Final = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.ProxyError)


@dataclass(frozen=True, slots=True)
class Item:
    """An item of a collection: ``item_id`` is what changes name, ``arxiv_id`` None where it is no paper."""

    item_id: str
    arxiv_id: str | None
    title: str
    note: str
    published: date | None


@dataclass(frozen=True, slots=True)
class Collection:
    """A collection as it is now, its items in order."""

    slug: CollectionSlug
    title: str
    items: tuple[Item, ...]

    @property
    def papers(self) -> dict[str, Item]:
        """Return the items that are papers, by arXiv id."""
        return {item.arxiv_id: item for item in self.items if item.arxiv_id}


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of an item: another note, another place among all items; None leaves it."""

    item_id: str
    note: str | None = None
    position: int | None = None

    def to_json(self) -> dict[str, object]:
        """Return it as one operation of a batch."""
        data = {"note": self.note, "position": self.position}
        kept = {name: value for name, value in data.items() if value is not None}
        return {"action": "update", "_id": self.item_id, "data": kept}


class Hub:
    """A connection to the Hub; use it in a ``with`` statement.

    ``token`` is needed to change anything, and to read what is private. ``timeout`` bounds each step and ``deadline`` a
    whole request, in seconds; ``transport`` stands in for the network.
    """

    def __init__(
        self,
        endpoint: str = PUBLIC_HUB,
        *,
        token: SecretStr | None = None,
        timeout: float = 20.0,
        deadline: float = 60.0,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        self._endpoint = endpoint.rstrip("/")
        self._token = token
        self._deadline = deadline
        self._client = httpx2.Client(
            headers={
                "User-Agent": f"daily-picks/{bot.__version__}",
                "Accept": "application/json",
                "Connection": "close",  # a few requests; and a deadline sees new connections only
            },
            timeout=timeout,
            follow_redirects=False,
            transport=transport,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    @property
    def may_write(self) -> bool:
        """Say whether there is a token."""
        return self._token is not None

    def whose_token(self) -> str:
        """Return the name of the account whose token this is; raise PicksError when the Hub knows no such token."""
        task = "ask the Hub whose HF_TOKEN is"
        data = self._ask("GET", "/api/whoami-v2", task=task)
        if not isinstance(data, dict) or not isinstance(data.get("name"), str):
            raise HubError(f"cannot {task}: its answer has no name; try again later")
        return str(data["name"])

    def read(self, slug: CollectionSlug) -> Collection:
        """Return a collection with all its items; raise HubNotFoundError when there is none of that name."""
        task = f"read the collection {slug}"
        return _collection(self._ask("GET", f"/api/collections/{quote(slug.text)}", task=task), task)

    def add(self, slug: CollectionSlug, arxiv_id: str, note: str) -> Collection:
        """Add a paper at the end, and return the collection.

        Raises HubNotFoundError when the Hub does not know the paper, HubConflictError when it is there already (its
        note stays then), HubSilentError when it may have been added.
        """
        body = {"item": {"id": arxiv_id, "type": "paper"}, **({"note": note} if note else {})}
        task = f"add {arxiv_id} to the collection {slug}"
        answer = self._ask("POST", f"/api/collections/{quote(slug.text)}/items", task=task, body=body)
        try:
            found = _collection(answer, task)
        except HubUnavailableError as error:
            raise HubSilentError(str(error)) from error
        if arxiv_id not in found.papers:
            raise HubSilentError(f"no clear answer to the attempt to {task}: it is not in the answer")
        return found

    def change(self, slug: CollectionSlug, changes: Sequence[Change]) -> None:
        """Change notes and places in one request; the places count as the changes are made one after the other."""
        body = [change.to_json() for change in changes]
        task = f"change {len(changes)} items of the collection {slug}"
        self._ask("POST", f"/api/collections/{quote(slug.text)}/items/batch", task=task, body=body)

    def remove(self, slug: CollectionSlug, item_id: str) -> None:
        """Take an item out; one that is gone already raises HubNotFoundError."""
        task = f"take an item out of the collection {slug}"
        self._ask("DELETE", f"/api/collections/{quote(slug.text)}/items/{quote(item_id)}", task=task)

    def index(self, arxiv_id: str) -> None:
        """Ask the Hub to get to know a paper, which takes it a moment; harmless to repeat."""
        self._ask("POST", "/api/papers/index", task=f"tell the Hub of {arxiv_id}", body={"arxivId": arxiv_id})

    def _ask(self, method: str, path: str, *, task: str, body: object = None) -> Any:
        """Send a request and return its answer as JSON; raise what went wrong."""
        writes = method != "GET"
        try:
            with Deadline(self._deadline) as deadline:
                return self._exchange(method, path, deadline, task=task, body=body)
        except TimeoutError as error:
            raise _no_answer(f"the Hub {error}", task=task, writes=writes) from error
        except (httpx2.InvalidURL, httpx2.UnsupportedProtocol, httpx2.LocalProtocolError) as error:
            raise HubError(f"cannot {task}: HF_ENDPOINT is no address of a server") from error
        except _NEVER_LEFT as error:
            raise HubUnavailableError(f"cannot {task}: no connection to the Hub; try again later") from error
        except httpx2.RequestError as error:
            raise _no_answer("the connection failed", task=task, writes=writes) from error

    def _exchange(self, method: str, path: str, deadline: Deadline, *, task: str, body: object) -> Any:
        headers = {"Authorization": f"Bearer {self._token.get_secret_value()}"} if self._token else {}
        request = self._client.build_request(method, f"{self._endpoint}{path}", headers=headers, json=body)
        for _ in range(_MOST_REDIRECTS + 1):
            request.extensions = {**request.extensions, "trace": deadline.trace}
            response = self._client.send(request, stream=True)
            try:
                if response.next_request is None:
                    return _answer(response, task=task, writes=method != "GET")
                there = response.next_request.url
                here = request.url
                same_place = (there.scheme, there.host, there.port) == (here.scheme, here.host, here.port)
                if not same_place or response.next_request.method != method:
                    raise HubError(f"cannot {task}: what answers leads elsewhere; check HF_ENDPOINT")
                request = response.next_request
            finally:
                response.close()
        raise HubError(f"cannot {task}: the Hub redirects in a circle; check the slug")


def _answer(response: httpx2.Response, *, task: str, writes: bool) -> Any:
    body = bytearray()
    for chunk in response.iter_bytes():
        body += chunk
        if len(body) > _MOST_BYTES:
            raise HubError(f"cannot {task}: the answer is larger than any collection; check HF_ENDPOINT")
    if not response.is_success:
        raise refusal(response, task=task, writes=writes)
    try:
        return json.loads(bytes(body))
    except (ValueError, RecursionError) as error:
        raise _no_answer("what answers is no Hub", task=task, writes=writes) from error


def _no_answer(reason: str, *, task: str, writes: bool) -> Exception:
    if writes:
        return HubSilentError(f"no clear answer to the attempt to {task}: {reason}; it is looked up first")
    return HubUnavailableError(f"cannot {task}: {reason}; try again later")


def _collection(data: object, task: str) -> Collection:
    if isinstance(data, Mapping) and isinstance(data.get("items"), list):
        try:
            slug = CollectionSlug.parse(str(data.get("slug")))
        except ValueError:
            pass
        else:
            return Collection(slug, sanitize(str(data.get("title", ""))), tuple(map(_item, data["items"])))
    raise HubUnavailableError(f"cannot {task}: the answer is no collection; try again later")


def _item(data: object) -> Item:
    found: Mapping[str, Any] = data if isinstance(data, Mapping) else {}
    note = found.get("note")
    text = note.get("text") if isinstance(note, Mapping) else None
    return Item(
        str(found.get("_id", "")),
        _arxiv_id(found),
        sanitize(str(found.get("title", "")))[:1000],
        text if isinstance(text, str) else "",
        _day(found.get("publishedAt")),
    )


def _arxiv_id(data: Mapping[str, Any]) -> str | None:
    try:
        return str(ArxivId.parse(str(data.get("id")))) if data.get("type") == "paper" else None
    except ValueError:
        return None


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(value[:10] if isinstance(value, str) else "")
    except ValueError:
        return None
