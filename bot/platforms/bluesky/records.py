"""A thread as AT Protocol records: keys, content ids and the one batch that creates them all.

Pure: this module never asks the network nor the time. Everything that identifies a post is made here beforehand, so
that after a lost answer the server can be asked whether exactly this record exists.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import libipld
from pydantic import BaseModel, ConfigDict

from bot.domain.posts import Facet, FacetKind, LinkCard, Picture, Post, Quote

POST_COLLECTION: Final = "app.bsky.feed.post"

Record = dict[str, object]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_TID_ALPHABET: Final = "234567abcdefghijklmnopqrstuvwxyz"
_IN_MONTH: Final = re.compile(r"(\d\d)(0[1-9]|1[0-2])\.?(\d{3,5})(?!\d)")
_LAST_YEAR: Final = 90
"""arXiv began in 1991: what looks later is of the other century."""
_PAPER: Final = 24_000_000
_SPREAD: Final = 20_000_000
"""In microseconds: the distance between two numbers of a month, and how much of it names share out among themselves."""
_LINK: Final = "$link"
_CIDV1_DAG_CBOR_SHA256: Final = b"\x01\x71\x12\x20"
_FACET_FEATURES: Final[Mapping[FacetKind, tuple[str, str]]] = {
    FacetKind.LINK: ("app.bsky.richtext.facet#link", "uri"),
    FacetKind.TAG: ("app.bsky.richtext.facet#tag", "tag"),
    FacetKind.MENTION: ("app.bsky.richtext.facet#mention", "did"),
}


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RecordName(_Frozen):
    """What tells one record from all others: its key in the repository, its content id, its at:// URI."""

    rkey: str
    cid: str
    uri: str


class PageRecords(_Frozen):
    """The document that goes out in the same batch, and the publication that it names (``standard_site``)."""

    document: Record
    name: RecordName
    publication: Record
    publication_key: str


class ThreadBatch(_Frozen):
    """All posts of a thread as one com.atproto.repo.applyWrites, and the name of each record that it makes.

    ``host`` is the server that keeps the repository ``repo`` (a DID). The values survive a trip through JSON: a
    record's content id does not depend on the order of its keys.
    """

    host: str
    repo: str
    writes: tuple[Record, ...]
    posts: tuple[RecordName, ...]
    page: PageRecords | None = None


@dataclass(frozen=True, slots=True)
class RecordRef:
    """A record as a reply names it (com.atproto.repo.strongRef)."""

    uri: str
    cid: str


def microseconds(moment: datetime) -> int:
    """Return the whole microseconds since 1970 of an aware time."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class StoredPost:
    """A post as a server keeps it: its words, and the at:// URI of the post that it answers."""

    uri: str
    cid: str
    text: str | None
    parent: str | None


def stored_post(answer: object, *, uri: str) -> StoredPost | None:
    """Read what com.atproto.repo.getRecord answers for the record at ``uri``, None when it is no record."""
    cid = _at(answer, "cid")
    if not isinstance(cid, str):
        return None
    text, parent = _at(answer, "value", "text"), _at(answer, "value", "reply", "parent", "uri")
    return StoredPost(
        uri=uri,
        cid=cid,
        text=text if isinstance(text, str) else None,
        parent=parent if isinstance(parent, str) else None,
    )


def _at(data: object, *path: str) -> object:
    """Return what stands at a path in JSON data, None where the path breaks off."""
    for name in path:
        data = data.get(name) if isinstance(data, Mapping) else None
    return data


def repo_of(uri: str) -> str:
    """Return the account's DID in an at:// URI."""
    return uri.removeprefix("at://").partition("/")[0]


def tid(at: int, *, clock: int) -> str:
    """Write a record key: ``at`` in microseconds since 1970, ``clock`` from 0 to 1023 to tell writers apart.

    Source: https://atproto.com/specs/tid
    """
    number = at << 10 | clock
    return "".join(_TID_ALPHABET[number >> shift & 31] for shift in range(60, -1, -5))


def thread_keys(name: str, positions: Sequence[int]) -> list[str]:
    """Return the record keys of a named thread's posts: always the same ones, growing with the position.

    The server refuses a second record under a key, so nobody can post a thread of that name twice on one account,
    whatever a database has forgotten. A name with an arXiv id gives keys that sort as the ids do: their time lies in
    the month of the paper.
    """
    number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8])
    start = _beginning(name) + number % _SPREAD
    return [tid(start + position, clock=number >> 54) for position in positions]


def _beginning(name: str) -> int:
    """Return a moment in microseconds since 1970 that belongs to a name; some time in 2000 where it has no month."""
    found = _IN_MONTH.search(name)
    year, month, number = map(int, found.groups()) if found else (0, 1, 0)
    begun = datetime(1900 + year if year > _LAST_YEAR else 2000 + year, month, 1, tzinfo=UTC)
    return microseconds(begun) + number * _PAPER


def record_cid(record: Mapping[str, object]) -> str:
    """Return the content id that a server gives to the record: CIDv1, DAG-CBOR, SHA-256.

    The record must hold no ``$bytes``; posts never do.
    Source: https://atproto.com/specs/data-model
    """
    block = libipld.encode_dag_cbor(_with_links(record))
    cid: str = libipld.encode_cid(_CIDV1_DAG_CBOR_SHA256 + hashlib.sha256(block).digest())
    return cid


def _with_links(value: object) -> object:
    """Return JSON data with each ``{"$link": CID}``, which names a picture, as the bytes that DAG-CBOR has for it."""
    if isinstance(value, Mapping):
        if value.keys() == {_LINK}:
            return libipld.decode_multibase(str(value[_LINK]))[1]
        return {name: _with_links(part) for name, part in value.items()}
    return [_with_links(part) for part in value] if isinstance(value, list) else value


def post_record(post: Post, *, created_at: datetime, reply_to: tuple[RecordRef, RecordRef] | None = None) -> Record:
    """Write one post as an app.bsky.feed.post; ``reply_to`` is the thread's first post and the one before this.

    Nested objects carry their ``$type`` even where it may be left out: a library that adds it would change the content
    id.
    Source: https://github.com/bluesky-social/atproto/blob/main/lexicons/app/bsky/feed/post.json
    """
    record: Record = {"$type": POST_COLLECTION, "text": post.text, "createdAt": rfc3339(created_at)}
    if post.langs:
        record["langs"] = list(post.langs)
    if post.facets:
        record["facets"] = [_facet(facet) for facet in post.facets]
    if embed := _embed(post.card, post.quote):
        record["embed"] = embed
    if reply_to:
        root, parent = reply_to
        record["reply"] = {
            "$type": "app.bsky.feed.post#replyRef",
            "root": strong_ref(root.uri, root.cid),
            "parent": strong_ref(parent.uri, parent.cid),
        }
    return record


def thread_batch(
    posts: Sequence[Post], *, host: str, repo: str, keys: Sequence[str], now: datetime, after: Sequence[RecordRef] = ()
) -> ThreadBatch:
    """Write the posts as one batch of creates, each replying to the one before.

    ``keys`` are the record keys, one a post; ``after`` are the posts of the same thread that are out already. Posts are
    dated a millisecond apart, because readers sort by that date.
    """
    writes: list[Record] = []
    names: list[RecordName] = []
    chain = list(after)
    for post, key in zip(posts, keys, strict=True):
        created_at = now + timedelta(milliseconds=len(chain))
        record = post_record(post, created_at=created_at, reply_to=(chain[0], chain[-1]) if chain else None)
        name = RecordName(rkey=key, cid=record_cid(record), uri=f"at://{repo}/{POST_COLLECTION}/{key}")
        writes.append(_create(key, record))
        names.append(name)
        chain.append(RecordRef(name.uri, name.cid))
    return ThreadBatch(host=host, repo=repo, writes=tuple(writes), posts=tuple(names))


def uploaded(answer: object) -> tuple[object, object]:
    """Read from the answer to com.atproto.repo.uploadBlob what the server has: the content id and the media type."""
    return _at(answer, "blob", "ref", _LINK), _at(answer, "blob", "mimeType")


def written(answer: object) -> list[tuple[object, object]]:
    """Read from the answer to com.atproto.repo.applyWrites the URI and the content id of each record that it made."""
    results = _at(answer, "results")
    return [(_at(item, "uri"), _at(item, "cid")) for item in results] if isinstance(results, list) else []


def public_url(uri: str, *, profile: str) -> str:
    """Return the bsky.app page of the post at ``uri`` (at://); ``profile`` is the handle or DID to show in it."""
    return f"https://bsky.app/profile/{profile}/post/{uri.rpartition('/')[2]}"


def rfc3339(moment: datetime) -> str:
    """Write a moment as records have it."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _create(key: str, record: Record) -> Record:
    kind = "com.atproto.repo.applyWrites#create"
    return {"$type": kind, "collection": POST_COLLECTION, "rkey": key, "value": record}


def _facet(facet: Facet) -> Record:
    kind, field = _FACET_FEATURES[facet.kind]
    return {
        "$type": "app.bsky.richtext.facet",
        "index": {"$type": "app.bsky.richtext.facet#byteSlice", "byteStart": facet.start, "byteEnd": facet.end},
        "features": [{"$type": kind, field: facet.value}],
    }


def _embed(card: LinkCard | None, quote: Quote | None) -> Record | None:
    if card and quote:
        return {
            "$type": "app.bsky.embed.recordWithMedia",
            "record": _quote_embed(quote),
            "media": _card_embed(card),
        }
    if card:
        return _card_embed(card)
    return _quote_embed(quote) if quote else None


def _card_embed(card: LinkCard) -> Record:
    kind = "app.bsky.embed.external"
    page: Record = {
        "$type": f"{kind}#external",
        "uri": card.url,
        "title": card.title,
        "description": card.description,
    }
    if card.picture:
        page["thumb"] = blob(card.picture)
    return {"$type": kind, "external": page}


def blob(picture: Picture) -> Record:
    """Name a picture as records do; the server must have it before the record is written.

    Source: https://atproto.com/specs/data-model#blob-type
    """
    link = {_LINK: picture.cid}
    return {"$type": "blob", "ref": link, "mimeType": picture.media_type, "size": picture.size}


def _quote_embed(quote: Quote) -> Record:
    return {"$type": "app.bsky.embed.record", "record": strong_ref(quote.uri, quote.cid)}


def strong_ref(uri: str, cid: str) -> Record:
    """Name the exact form of a record (com.atproto.repo.strongRef)."""
    return {"$type": "com.atproto.repo.strongRef", "uri": uri, "cid": cid}
