"""The exact record behind the address of a Bluesky post, so that it can be quoted.

Public reads only, without an account: who has the handle, where that account lives, what its record's content id is.
The addresses on the way are strangers' data: every request is short, small, without redirects, and encrypted unless our
own service is not. This module never writes and never sends a token.
"""

import re
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, TypeVar
from urllib.parse import urlsplit

import httpx2
from pydantic import BaseModel, Field, ValidationError

from bot.domain.posts import Quote
from bot.http import Deadline, beginning
from bot.platforms.bluesky.post_urls import DID, PostAddress, QuoteRefusedError, QuoteUnreachableError, parse_post_url
from bot.platforms.bluesky.records import POST_COLLECTION

_ANSWER_LIMIT: Final = 256 * 1024
_ORIGIN: Final = re.compile(r"(?P<scheme>https?)://[A-Za-z0-9.-]+(?::\d{1,5})?")
_CID: Final = re.compile(r"[A-Za-z0-9+/=]{8,256}")
_TRANSIENT: Final = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS})
_Answer = TypeVar("_Answer", bound=BaseModel)


class _Identity(BaseModel):
    did: str = Field(pattern=f"^(?:{DID.pattern})$")


class _Service(BaseModel):
    id: str
    type: str
    endpoint: object = Field(alias="serviceEndpoint")


class _DidDocument(BaseModel):
    id: str
    services: list[_Service] = Field(default_factory=list, alias="service")


class _Record(BaseModel):
    uri: str
    cid: str


def resolve_quote(
    url: str,
    *,
    service: str,
    plc_directory: str = "https://plc.directory",
    timeout: float = 5.0,
    deadline: float = 15.0,
    transport: httpx2.BaseTransport | None = None,
) -> Quote:
    """Return the post at a bsky.app address as something to quote.

    ``service`` is asked first; ``plc_directory`` says where an account lives that it does not know. ``timeout`` bounds
    each step of a request and ``deadline`` the whole of it, in seconds; ``transport`` stands in for the network. Raises
    QuoteRefusedError when there is no such post, QuoteUnreachableError when it could not be looked up.
    """
    address = parse_post_url(url)
    headers = {"Connection": "close"}  # a deadline sees new connections only
    with httpx2.Client(headers=headers, timeout=timeout, transport=transport, follow_redirects=False) as http:
        return _Search(http, deadline, address, service.rstrip("/"), plc_directory.rstrip("/")).run()


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
        except QuoteRefusedError:
            home = self._home(did)
            if home == self.service:
                raise
        return self._quote(home, did)

    def _did(self) -> str:
        if DID.fullmatch(self.address.profile):
            return self.address.profile
        url = f"{self.service}/xrpc/com.atproto.identity.resolveHandle"
        return self._ask(_Identity, url, {"handle": self.address.profile}).did

    def _quote(self, host: str, did: str) -> Quote:
        query = {"repo": did, "collection": POST_COLLECTION, "rkey": self.address.rkey}
        record = self._ask(_Record, f"{host}/xrpc/com.atproto.repo.getRecord", query)
        uri = f"at://{did}/{POST_COLLECTION}/{self.address.rkey}"
        if record.uri != uri or not _CID.fullmatch(record.cid):
            raise self._refused(f"{_name(host)} names another post")
        return Quote(url=self.address.url, uri=uri, cid=record.cid)

    def _home(self, did: str) -> str:
        """Return the server that keeps the account, as its DID document says (https://atproto.com/specs/did)."""
        document = self._ask(_DidDocument, self._document_url(did), {})
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
            raise self._refused(f"{_name(url)} knows no such account or post (HTTP {status})")
        try:
            return kind.model_validate_json(body)
        except ValidationError as error:
            raise self._refused(f"the answer of {_name(url)} cannot be read") from error

    def _get(self, url: str, query: Mapping[str, str]) -> tuple[int, bytes]:
        with Deadline(self.deadline) as deadline:
            request = self.http.build_request("GET", url, params=query or None, extensions={"trace": deadline.trace})
            with closing(self.http.send(request, stream=True)) as response:
                return response.status_code, beginning(response.iter_bytes(), limit=_ANSWER_LIMIT)

    def _refused(self, reason: str) -> QuoteRefusedError:
        return QuoteRefusedError(f"cannot quote {self.address.url}: {reason}; check the address or use a plain link")

    def _unreachable(self, url: str, reason: str) -> QuoteUnreachableError:
        return QuoteUnreachableError(
            f"cannot look up {self.address.url}: {_name(url)} does not answer ({reason}); try again or use a plain link"
        )


def _name(url: str) -> str:
    return urlsplit(url).netloc
