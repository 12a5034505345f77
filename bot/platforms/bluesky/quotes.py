"""The exact record behind the address of a Bluesky post, so that it can be quoted where that is welcome.

Public reads only, without an account: who has the handle, where that account lives, what its record's content id is.
And what speaks against a quote: the author's own rule for the post (its postgate), labels, a block, or that Bluesky no
longer shows it. The addresses on the way are strangers' data: every request is short, small, without redirects, and
encrypted unless our own service is not. This module never writes and never sends a token.
"""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

import httpx2

from bot.domain.posts import Quote
from bot.platforms.bluesky.post_urls import DID, QuoteRefusedError, parse_post_url
from bot.platforms.bluesky.quote_answers import DidDocument, Identity, Record
from bot.platforms.bluesky.quote_asking import Asking, UnwelcomeError, name_of
from bot.platforms.bluesky.quote_wishes import respect_author, respect_blocks, respect_network
from bot.platforms.bluesky.records import POST_COLLECTION

_ORIGIN: Final = re.compile(r"(?P<scheme>https?)://[A-Za-z0-9.-]+(?::\d{1,5})?")
_CID: Final = re.compile(r"[A-Za-z0-9+/=]{8,256}")


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
    server that shows the network, asked for labels and blocks; where there is none, blocks are looked for in the two
    accounts' records. ``viewer`` is the account that would quote. ``timeout`` bounds each step of a request and
    ``deadline`` the whole of it, in seconds; ``transport`` stands in for the network. Raises QuoteRefusedError when
    there is no such post or a quote of it is not welcome, QuoteUnreachableError when it could not be looked up.
    """
    address = parse_post_url(url)
    headers = {"Connection": "close"}  # a deadline sees new connections only
    with httpx2.Client(headers=headers, timeout=timeout, transport=transport, follow_redirects=False) as http:
        asking = Asking(http, deadline, address)
        search = _Search(asking, service.rstrip("/"), plc_directory.rstrip("/"))
        quote, host = search.run()
        if appview is not None:
            respect_network(asking, appview.rstrip("/"), quote, service=search.service, viewer=viewer)
        elif viewer is not None:
            respect_blocks(asking, service=search.service, host=host, quote=quote, viewer=viewer)
        return quote


@dataclass(frozen=True, slots=True)
class _Search:
    asking: Asking
    service: str
    plc_directory: str

    def run(self) -> tuple[Quote, str]:
        """Return the quote, and the server that knows it."""
        did = self._did()
        try:
            return self._quote(self.service, did), self.service
        except UnwelcomeError:
            raise
        except QuoteRefusedError:
            home = self._home(did)
            if home == self.service:
                raise
        return self._quote(home, did), home

    def _did(self) -> str:
        if DID.fullmatch(self.asking.address.profile):
            return self.asking.address.profile
        url = f"{self.service}/xrpc/com.atproto.identity.resolveHandle"
        return self.asking.ask(Identity, url, {"handle": self.asking.address.profile}).did

    def _quote(self, host: str, did: str) -> Quote:
        query = {"repo": did, "collection": POST_COLLECTION, "rkey": self.asking.address.rkey}
        record = self.asking.ask(Record, f"{host}/xrpc/com.atproto.repo.getRecord", query)
        uri = f"at://{did}/{POST_COLLECTION}/{self.asking.address.rkey}"
        if record.uri != uri or not _CID.fullmatch(record.cid):
            raise self.asking.refused(f"{name_of(host)} names another post")
        respect_author(self.asking, host, did, record.value.labels.values)
        return Quote(url=self.asking.address.url, uri=uri, cid=record.cid)

    def _home(self, did: str) -> str:
        """Return the server that keeps the account, as its DID document says (https://atproto.com/specs/did)."""
        document = self.asking.ask(DidDocument, self._document_url(did), {})
        for service in document.services if document.id == did else []:
            if service.type == "AtprotoPersonalDataServer" and service.id in {"#atproto_pds", f"{did}#atproto_pds"}:
                endpoint = str(service.endpoint).rstrip("/")
                if self._acceptable(endpoint):
                    return endpoint
        raise self.asking.refused(f"{did} has no server")

    def _document_url(self, did: str) -> str:
        if did.startswith("did:web:"):
            return f"https://{did.removeprefix('did:web:')}/.well-known/did.json"
        return f"{self.plc_directory}/{did}"

    def _acceptable(self, endpoint: str) -> bool:
        origin = _ORIGIN.fullmatch(endpoint)
        return origin is not None and origin["scheme"] in {"https", urlsplit(self.service).scheme}
