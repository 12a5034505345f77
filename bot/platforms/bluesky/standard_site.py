"""The records of standard.site: a document beside each thread, and the publication that all documents name.

Pure, as ``records``. A document has the key of its thread's first post, in a collection of its own: who knows the post
finds the document, and a thread that is posted anew has another. The publication has the key of the archive's lasting
name, so that it is one record however often it is written.

The lexicons were taken from https://github.com/bluesky-social/atproto/tree/main/lexicons/site/standard (document.json
and publication.json, commit 72bfddd8); the way in which a site proves that a record is its own from
https://standard.site/docs/verification. Servers that do not know the lexicons keep such records unchecked.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from bot.domain.posts import Document
from bot.platforms.bluesky.records import (
    PageRecords,
    Record,
    RecordName,
    RecordRef,
    ThreadBatch,
    record_cid,
    rfc3339,
    strong_ref,
    thread_keys,
)

DOCUMENT: Final = "site.standard.document"
PUBLICATION: Final = "site.standard.publication"


def with_document(
    batch: ThreadBatch, document: Document | None, *, below: RecordRef | None = None, now: datetime
) -> ThreadBatch:
    """Return the batch with the document of its thread; as it is where there is none.

    ``below`` is the thread's first post where the batch goes out below it: its document is written anew.
    """
    if document is None:
        return batch
    first, key = _named(below) if below else batch.posts[0], publication_key(document.lasting)
    record = document_record(document, site=f"at://{batch.repo}/{PUBLICATION}/{key}", first=first, now=now)
    page = PageRecords(
        document=record,
        name=RecordName(rkey=first.rkey, cid=record_cid(record), uri=f"at://{batch.repo}/{DOCUMENT}/{first.rkey}"),
        publication=publication_record(document),
        publication_key=key,
    )
    return batch.model_copy(update={"page": page})


def _named(ref: RecordRef) -> RecordName:
    return RecordName(rkey=ref.uri.rpartition("/")[2], cid=ref.cid, uri=ref.uri)


def document_record(document: Document, *, site: str, first: RecordName, now: datetime) -> Record:
    """Write the document; ``site`` is the publication's at:// URI, ``first`` the first post of the thread."""
    record: Record = {
        "$type": DOCUMENT,
        "site": site,
        "path": document.path,
        "title": document.title,
        "publishedAt": rfc3339(document.published_at or now),
        "bskyPostRef": strong_ref(first.uri, first.cid),
    }
    if document.published_at:
        record["updatedAt"] = rfc3339(now)
    if document.text:
        record |= {"description": document.description, "textContent": document.text}
    if document.tags:
        record["tags"] = list(document.tags)
    return record


def publication_record(document: Document) -> Record:
    """Write what we say of the archive itself."""
    return {"$type": PUBLICATION, "url": document.site, "name": document.site_name}


def brought_up_to_date(stored: Mapping[str, object], ours: Record) -> Record | None:
    """Return the publication as it should be, None where it is; what others have added to it stays."""
    merged = {**stored, **ours}
    return None if merged == stored else merged


def publication_key(lasting: str) -> str:
    """Return the key of an archive's publication; the lexicon asks for one of the form of ``tid``."""
    return thread_keys(f"publication {lasting}", [0])[0]


def publication_of(document_uri: str, lasting: str) -> str:
    """Return the at:// URI of the publication beside a document, on the same account."""
    repo = document_uri.removeprefix("at://").partition("/")[0]
    return f"at://{repo}/{PUBLICATION}/{publication_key(lasting)}"


def document_write(page: PageRecords, *, replaces: bool) -> Record:
    """Return the write of a document; ``replaces`` says that an old one stands at its key, left by a lost thread."""
    kind = f"com.atproto.repo.applyWrites#{'update' if replaces else 'create'}"
    return {"$type": kind, "collection": DOCUMENT, "rkey": page.name.rkey, "value": page.document}
