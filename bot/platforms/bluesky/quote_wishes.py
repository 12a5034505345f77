"""Whether a post that is there may be quoted: its author's rule, labels, blocks, and whether Bluesky still shows it.

Each function asks and raises UnwelcomeError where something speaks against a quote. Nothing is written anywhere.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from bot.domain.posts import Quote
from bot.domain.text import sanitize
from bot.platforms.bluesky.post_urls import DID
from bot.platforms.bluesky.quote_answers import Blocks, Gate, Identity, Label, Relationships, ShownPosts
from bot.platforms.bluesky.quote_asking import Asking, name_of

_GATE: Final = "app.bsky.feed.postgate"
_BLOCK: Final = "app.bsky.graph.block"
_FOR_MEMBERS: Final = "!no-unauthenticated"
_PAGES_OF_BLOCKS: Final = 10


def respect_author(asking: Asking, host: str, did: str, labels: Sequence[Label]) -> None:
    """Ask the author's own server for the rule beside the post; ``labels`` are those of the author."""
    _object_to(asking, labels)
    query = {"repo": did, "collection": _GATE, "rkey": asking.address.rkey}
    gate = asking.ask_for(Gate, f"{host}/xrpc/com.atproto.repo.getRecord", query)
    if gate is not None and gate.value.rules:  # by the lexicon no rule allows everybody, and any rule forbids
        raise asking.unwelcome("its author allows no quotes of it")


def respect_network(asking: Asking, appview: str, quote: Quote, *, service: str, viewer: str | None) -> None:
    """Ask the server that shows the network for the post, its labels and blocks between its author and the viewer."""
    found = asking.ask(ShownPosts, f"{appview}/xrpc/app.bsky.feed.getPosts", {"uris": quote.uri})
    if not found.posts or found.posts[0].cid != quote.cid:
        raise asking.unwelcome(f"{name_of(appview)} does not show it, or not as it is")
    [post] = found.posts[:1]
    _object_to(asking, post.labels)
    _object_to(asking, [item for item in post.author.labels if item.val.startswith("!")])
    own = _did_of(asking, service, viewer)
    if own is None:
        return
    pair = {"actor": own, "others": _author(quote)}  # a handle here is taken, and no block of it is found
    known = asking.ask_for(Relationships, f"{appview}/xrpc/app.bsky.graph.getRelationships", pair)
    for relation in known.relationships if known else []:
        if relation.blocked_by or relation.blocked_by_list:
            raise asking.unwelcome(f"its author blocks {viewer}")
        if relation.blocking or relation.blocking_by_list:
            raise asking.unwelcome(f"{viewer} blocks its author")


def respect_blocks(asking: Asking, *, service: str, host: str, quote: Quote, viewer: str) -> None:
    """Look for blocks in both accounts' own records, where no server shows the network."""
    author, own = _author(quote), _did_of(asking, service, viewer)
    if own is None:
        return
    if own in _blocked(asking, host, author):
        raise asking.unwelcome(f"its author blocks {viewer}")
    if author in _blocked(asking, service, own):
        raise asking.unwelcome(f"{viewer} blocks its author")


def _did_of(asking: Asking, service: str, viewer: str | None) -> str | None:
    """Return the lasting id of the account that would quote, None where nobody knows it."""
    if viewer is None or DID.fullmatch(viewer):
        return viewer
    known = asking.ask_for(Identity, f"{service}/xrpc/com.atproto.identity.resolveHandle", {"handle": viewer})
    return known.did if known else None


def _blocked(asking: Asking, host: str, did: str) -> Iterator[str]:
    """Yield whom an account blocks, the newest first."""
    query = {"repo": did, "collection": _BLOCK, "limit": "100"}
    for _ in range(_PAGES_OF_BLOCKS):
        page = asking.ask_for(Blocks, f"{host}/xrpc/com.atproto.repo.listRecords", query)
        if page is None:
            return
        yield from (record.value.subject for record in page.records)
        if not page.cursor:
            return
        query["cursor"] = page.cursor


def _author(quote: Quote) -> str:
    return quote.uri.split("/")[2]


def _object_to(asking: Asking, labels: Sequence[Label]) -> None:
    """Object to any label but the one that only hides a post from people without an account."""
    values = [item.val for item in labels if not item.neg and item.val != _FOR_MEMBERS]
    if values:
        raise asking.unwelcome(f"it is labelled {sanitize(', '.join(values))}")
