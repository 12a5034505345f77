"""The exact record behind the address of a Bluesky post, so that it can be quoted where that is welcome.

Public reads only, without an account: who has the handle, where that account lives, what its record's content id is.
And what speaks against a quote: the author's own rule for the post (its postgate), labels, a block, or that Bluesky no
longer shows it. The addresses on the way are strangers' data: every request is short, small, without redirects, and
encrypted unless our own service is not. This module never writes and never sends a token.
"""

import re
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, TypeVar
from urllib.parse import urlsplit

import httpx2
from pydantic import BaseModel, ValidationError

from bot.domain.posts import Quote
from bot.domain.text import sanitize
from bot.http import Deadline, beginning
from bot.platforms.bluesky.post_urls import DID, PostAddress, QuoteRefusedError, QuoteUnreachableError, parse_post_url
from bot.platforms.bluesky.quote_answers import (
    DidDocument,
    Gate,
    Identity,
    Label,
    Record,
    Relationships,
    ShownPosts,
)
from bot.platforms.bluesky.records import POST_COLLECTION

_ANSWER_LIMIT: Final = 256 * 1024
_ORIGIN: Final = re.compile(r"(?P<scheme>https?)://[A-Za-z0-9.-]+(?::\d{1,5})?")
_GATE: Final = "app.bsky.feed.postgate"
_FOR_MEMBERS: Final = "!no-unauthenticated"
_CID: Final = re.compile(r"[A-Za-z0-9+/=]{8,256}")
_TRANSIENT: Final = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS})
_Answer = TypeVar("_Answer", bound=BaseModel)


def resolve_quote(
    url: str,
    *,
    service: str,
    plc_directory: str = "https://plc.directory",
    appview: str | None = None,
    viewer: str | None = None,
    timeout: float = 5.0,
    deadline: float = 15.0,
    transport: httpx2.BaseTransport | None = None,
) -> Quote:
    """Return the post at a bsky.app address as something to quote.

    ``service`` is asked first; ``plc_directory`` says where an account lives that it does not know. ``appview`` is the
    server that shows the network, asked for labels and blocks; None asks nobody for them. ``viewer`` is the account
    that would quote. ``timeout`` bounds each step of a request and ``deadline`` the whole of it, in seconds;
    ``transport`` stands in for the network. Raises QuoteRefusedError when there is no such post or a quote of it is not
    welcome, QuoteUnreachableError when it could not be looked up.
    """
    address = parse_post_url(url)
    headers = {"Connection": "close"}  # a deadline sees new connections only
    with httpx2.Client(headers=headers, timeout=timeout, transport=transport, follow_redirects=False) as http:
        search = _Search(http, deadline, address, service.rstrip("/"), plc_directory.rstrip("/"))
        quote = search.run()
        if appview is not None:
            search.ask_appview(appview.rstrip("/"), quote, viewer=viewer)
        return quote


class _UnwelcomeError(QuoteRefusedError):
    """There is such a post, and it must not be quoted."""


class _NotThereError(QuoteRefusedError):
    """The server knows no such thing."""


@dataclass(frozen=True, slots=True)
class _Search:
    http: httpx2.Client
    deadline: float
    address: PostAddress
    service: str
    plc_directory: str

    def run(self) -> Quote:
        did = self._did()
        try:
            return self._quote(self.service, did)
        except _UnwelcomeError:
            raise
        except QuoteRefusedError:
            home = self._home(did)
            if home == self.service:
                raise
        return self._quote(home, did)

    def _did(self) -> str:
        if DID.fullmatch(self.address.profile):
            return self.address.profile
        url = f"{self.service}/xrpc/com.atproto.identity.resolveHandle"
        return self._ask(Identity, url, {"handle": self.address.profile}).did

    def _quote(self, host: str, did: str) -> Quote:
        query = {"repo": did, "collection": POST_COLLECTION, "rkey": self.address.rkey}
        record = self._ask(Record, f"{host}/xrpc/com.atproto.repo.getRecord", query)
        uri = f"at://{did}/{POST_COLLECTION}/{self.address.rkey}"
        if record.uri != uri or not _CID.fullmatch(record.cid):
            raise self._refused(f"{_name(host)} names another post")
        self._object_to_labels(record.value.labels.values)
        gate = self._ask_for(Gate, f"{host}/xrpc/com.atproto.repo.getRecord", {**query, "collection": _GATE})
        if gate is not None and gate.value.rules:  # by the lexicon no rule allows everybody, and any rule forbids
            raise self._unwelcome("its author allows no quotes of it")
        return Quote(url=self.address.url, uri=uri, cid=record.cid)

    def ask_appview(self, appview: str, quote: Quote, *, viewer: str | None) -> None:
        """Raise QuoteRefusedError when Bluesky shows the post no longer, labels it, or one blocks the other."""
        found = self._ask(ShownPosts, f"{appview}/xrpc/app.bsky.feed.getPosts", {"uris": quote.uri})
        if not found.posts or found.posts[0].cid != quote.cid:
            raise self._refused(f"{_name(appview)} does not show it, or not as it is")
        [post] = found.posts[:1]
        self._object_to_labels(post.labels)
        self._object_to_labels([item for item in post.author.labels if item.val.startswith("!")])
        if viewer is None:
            return
        pair = {"actor": viewer, "others": quote.uri.split("/")[2]}
        known = self._ask_for(Relationships, f"{appview}/xrpc/app.bsky.graph.getRelationships", pair)
        for relation in known.relationships if known else []:
            if relation.blocked_by or relation.blocked_by_list:
                raise self._unwelcome(f"its author blocks {viewer}")
            if relation.blocking or relation.blocking_by_list:
                raise self._unwelcome(f"{viewer} blocks its author")

    def _object_to_labels(self, labels: Sequence[Label]) -> None:
        """Raise QuoteRefusedError when there is a label; what only hides from people without an account is none."""
        values = [item.val for item in labels if not item.neg and item.val != _FOR_MEMBERS]
        if values:
            raise self._unwelcome(f"it is labelled {sanitize(', '.join(values))}")

    def _home(self, did: str) -> str:
        """Return the server that keeps the account, as its DID document says (https://atproto.com/specs/did)."""
        document = self._ask(DidDocument, self._document_url(did), {})
        for service in document.services if document.id == did else []:
            if service.type == "AtprotoPersonalDataServer" and service.id in {"#atproto_pds", f"{did}#atproto_pds"}:
                endpoint = str(service.endpoint).rstrip("/")
                if self._acceptable(endpoint):
                    return endpoint
        raise self._refused(f"{did} has no server")

    def _document_url(self, did: str) -> str:
        if did.startswith("did:web:"):
            return f"https://{did.removeprefix('did:web:')}/.well-known/did.json"
        return f"{self.plc_directory}/{did}"

    def _acceptable(self, endpoint: str) -> bool:
        origin = _ORIGIN.fullmatch(endpoint)
        return origin is not None and origin["scheme"] in {"https", urlsplit(self.service).scheme}

    def _ask(self, kind: type[_Answer], url: str, query: Mapping[str, str]) -> _Answer:
        """Return an answer in its documented form; raise QuoteError where there is none."""
        try:
            status, body = self._get(url, query)
        except (TimeoutError, httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise self._unreachable(url, str(error) or type(error).__name__) from error
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in _TRANSIENT:
            raise self._unreachable(url, f"HTTP {status}")
        if status != HTTPStatus.OK:
            raise _NotThereError(self._words(f"{_name(url)} knows no such account or post (HTTP {status})"))
        try:
            return kind.model_validate_json(body)
        except ValidationError as error:
            raise self._refused(f"the answer of {_name(url)} cannot be read") from error

    def _ask_for(self, kind: type[_Answer], url: str, query: Mapping[str, str]) -> _Answer | None:
        """Return an answer in its documented form, None where the server knows no such thing."""
        try:
            return self._ask(kind, url, query)
        except _NotThereError:
            return None

    def _get(self, url: str, query: Mapping[str, str]) -> tuple[int, bytes]:
        with Deadline(self.deadline) as deadline:
            request = self.http.build_request("GET", url, params=query or None, extensions={"trace": deadline.trace})
            with closing(self.http.send(request, stream=True)) as response:
                return response.status_code, beginning(response.iter_bytes(), limit=_ANSWER_LIMIT)

    def _refused(self, reason: str) -> QuoteRefusedError:
        return QuoteRefusedError(self._words(reason))

    def _unwelcome(self, reason: str) -> _UnwelcomeError:
        return _UnwelcomeError(self._words(reason))

    def _words(self, reason: str) -> str:
        return f"cannot quote {self.address.url}: {reason}; check the address or use a plain link"

    def _unreachable(self, url: str, reason: str) -> QuoteUnreachableError:
        return QuoteUnreachableError(
            f"cannot look up {self.address.url}: {_name(url)} does not answer ({reason}); try again or use a plain link"
        )


def _name(url: str) -> str:
    return urlsplit(url).netloc
