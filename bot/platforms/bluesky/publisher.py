"""Bluesky: a whole thread in one atomic write, under record keys chosen beforehand.

Because keys and content ids are known before anything is sent, any doubt about the outcome ends in a look at those
keys: ``find`` is exact, and sending the same request twice cannot make two threads. The keys are made of the thread's
name, so that even who has lost the request finds the thread. This module never waits and never repeats a write, except
when the server refused the session and so did nothing.

Importing it takes more than a second (the SDK): only the composition root does, and only when it needs a publisher.
"""

import json
from collections.abc import Collection, Container, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Final

import structlog
from atproto import Client, Session

from bot.domain.accounts import Identity
from bot.domain.errors import PermanentError, TransientError, UnknownOutcomeError
from bot.domain.posts import Picture, Platform, Post
from bot.domain.text import sanitize
from bot.platforms.bluesky import inventory
from bot.platforms.bluesky.account_client import AccountClient
from bot.platforms.bluesky.errors import SDK_FAILURES, read_failure, token_refused, write_failure
from bot.platforms.bluesky.pages import Pages
from bot.platforms.bluesky.records import (
    POST_COLLECTION,
    Record,
    RecordRef,
    StoredPost,
    ThreadBatch,
    public_url,
    repo_of,
    stored_post,
    thread_batch,
    thread_keys,
    uploaded,
    written,
)
from bot.platforms.bluesky.standard_site import DOCUMENT, with_document
from bot.platforms.bluesky.stored_records import Place, record_at
from bot.platforms.publisher import Receipt, Request, ShownPost, Stray, WrongAccountError

_log = structlog.get_logger(__name__)

_DELETE: Final = "com.atproto.repo.applyWrites#delete"


class BlueskyPublisher(AccountClient):
    """One Bluesky account that posts."""

    platform: Final = Platform.BLUESKY
    idempotent: Final = True
    pause: Final = 0.0

    def prepare(self, posts: Sequence[Post], *, sent: Sequence[Receipt], name: str, now: datetime) -> Request:
        """Write the rest of the thread as one batch; ``name`` makes the posts' keys, ``now`` (aware) dates them.

        Signs in when there is no session, because records live under the account's DID; raises AccountError when that
        is refused, TransientError when the server cannot be asked.
        """
        rest = posts[len(sent) :]
        if not rest:
            raise ValueError("the whole thread is out already")
        session = self._session.current()
        after = [RecordRef(receipt.remote_id, receipt.cid or "") for receipt in sent]
        batch = thread_batch(
            rest,
            host=_host(session),
            repo=session.did,
            keys=thread_keys(name, range(len(sent), len(posts))),
            now=now,
            after=after,
        )
        batch = with_document(batch, rest[0].document, below=after[0] if after else None, now=now)
        return Request(positions=tuple(range(len(sent), len(posts))), body=batch.model_dump(mode="json"))

    def bring(self, picture: Picture, content: bytes) -> None:
        """Upload the picture under the media type that it has; the server names it by its content as we do.

        Raises PermanentError when it is refused, or when the server keeps something else than was sent.
        """
        task = f"upload a picture to Bluesky as {self.account}"
        try:
            try:
                answer = _upload(self._session.client(), picture, content)
            except SDK_FAILURES as error:
                if not token_refused(error):
                    raise
                answer = _upload(self._session.renew(), picture, content)
        except SDK_FAILURES as error:
            raise read_failure(error, task=task) from error  # like a read it may be repeated: it shows nothing
        if (kept := uploaded(answer)) != (picture.cid, picture.media_type):
            raise PermanentError(f"cannot {task}: the server keeps {kept} and not {picture.cid}, {picture.media_type}")

    def send(self, request: Request) -> tuple[Receipt, ...]:
        """Write the batch once, exactly as prepared; a document that is refused stays away, the thread does not.

        Raises PermanentError (refused), TransientError (it never left) or UnknownOutcomeError (everything else, the
        repeat of a batch that is out already included).
        """
        batch = ThreadBatch.model_validate(request.body)
        if self._session.current().did != batch.repo:
            raise PermanentError(
                f"the thread was prepared for the account {batch.repo}, and {self.account} is another; "
                "set BLUESKY_HANDLE back, or approve the pick again"
            )
        if batch.page is None:
            self._send_once(batch)
            return self._receipts(request.positions, batch)
        pages = Pages(self._session, batch)
        pages.publish()
        try:
            self._send_once(batch, pages.write())
        except PermanentError as error:  # surely nothing of the batch was carried out
            _log.warning("a thread goes out without its document", account=self.account, reason=str(error))
            self._send_once(batch)
            return self._receipts(request.positions, batch)
        return self._receipts(request.positions, batch, document=batch.page.name.uri)

    def _send_once(self, batch: ThreadBatch, document: Record | None = None) -> None:
        """Write the posts, with the document in the same batch if there is one; raises as ``send`` does."""
        task = f"post on Bluesky as {self.account}"
        try:
            answer = self._write(batch, document)
        except SDK_FAILURES as error:
            raise write_failure(error, task=task) from error
        wanted = [*batch.posts, *([batch.page.name] if batch.page and document else [])]
        if written(answer) != [(name.uri, name.cid) for name in wanted]:
            raise UnknownOutcomeError(
                f"no clear answer to the attempt to {task}: the server names other records; "
                "look there before trying again"
            )

    def find(self, request: Request) -> tuple[Receipt, ...] | None:
        """Look for every record of the batch at its key, without signing in; None when there is none of them.

        Raises PermanentError when only some are there or one differs, TransientError when the server cannot be asked.
        """
        batch = ThreadBatch.model_validate(request.body)
        wanted = [name.cid for name in batch.posts]
        keys = [name.rkey for name in batch.posts]
        found = self._cids(batch.host, batch.repo, keys)
        if None in found and any(found):
            found = self._cids(
                batch.host, batch.repo, keys
            )  # the batch may have landed, as a whole, between two of our questions
        if found == wanted:
            document = self._document(batch.host, batch.repo, batch.page.name.rkey) if batch.page else None
            return self._receipts(request.positions, batch, document=document)
        if not any(found):
            return None
        first = public_url(batch.posts[0].uri, profile=self.account)
        matching = sum(cid == name.cid for cid, name in zip(found, batch.posts, strict=True))
        raise PermanentError(
            f"only {matching} of the {len(wanted)} posts of the thread stand on Bluesky as they were sent; "
            f"look at {first} and delete what is left of it"
        )

    def survey(self, known: Container[str]) -> tuple[Stray, ...]:  # noqa: ARG002
        """Return nothing: the keys tell whether a thread is out."""
        return ()

    def inventory(self, known: Collection[str]) -> tuple[Stray, ...]:
        """Read all posts of the account's repository: that is free."""
        session = self._session.checked()
        client = self._session.public_client(_host(session))
        try:
            return inventory.list_strays(client, session.did, known=known)
        except SDK_FAILURES as error:
            raise read_failure(error, task=f"list the posts of {self.account} on Bluesky") from error
        finally:
            client.request.close()

    def shown(self, stray: Stray) -> ShownPost:
        """Return what the record says."""
        return inventory.shown(stray, profile=self.account)

    def recognise(
        self, posts: Sequence[Post], *, sent: Sequence[Receipt], name: str, strays: Sequence[Stray]
    ) -> tuple[Receipt, ...]:
        """Look at the keys of that name; whatever stands there was posted by somebody who has forgotten it.

        Where nothing stands there, the strays may have the thread under other keys. What goes out together is written
        whole, so behind a known beginning there is the rest of it or nothing.
        """
        session = self._session.current()
        if sent:
            return self._rest(posts, session, sent=sent, name=name)
        keys = thread_keys(name, range(len(posts)))
        first = self._records(_host(session), session.did, keys[:1])
        if not first:
            return self._by_words(posts, [self.shown(stray) for stray in strays])
        found = {**first, **self._records(_host(session), session.did, keys[1:])}
        if [key for key in keys if key in found and found[key].text == posts[keys.index(key)].text] == keys:
            return self._taken_over(found, keys)
        address = public_url(found[keys[0]].uri, profile=self.account)
        raise PermanentError(
            f"{self.account} has another thread about this at {address}, with other words or not whole; "
            "delete that one on Bluesky and publish again, or give this one up"
        )

    def _rest(
        self, posts: Sequence[Post], session: Session, *, sent: Sequence[Receipt], name: str
    ) -> tuple[Receipt, ...]:
        """Look for what goes out below a thread, at its own keys; the thread must be there still."""
        first, keys = len(sent), thread_keys(name, range(len(sent), len(posts)))
        found = self._records(_host(session), session.did, keys)
        words = {key: post.text for key, post in zip(keys, posts[first:], strict=True)}
        if not found:
            self._require_up(session, (sent[0], sent[-1]))
        if found and {key: post.text for key, post in found.items()} != words:
            address = public_url(next(iter(found.values())).uri, profile=self.account)
            raise PermanentError(
                f"{self.account} has other words below the thread at {address}; delete that post on Bluesky and "
                "publish again, or give it up"
            )
        below = tuple(self._receipt(first + place, found[key]) for place, key in enumerate(keys) if key in found)
        if not below or posts[first].document is None:
            return below
        document = self._document(_host(session), session.did, sent[0].remote_id.rpartition("/")[2])
        return replace(below[0], document=document), *below[1:]

    def _require_up(self, session: Session, ends: Sequence[Receipt]) -> None:
        """Raise PermanentError where a thread was deleted by hand: what goes below it would stand alone."""
        places = [Place(POST_COLLECTION, item.remote_id.rpartition("/")[2]) for item in ends]
        if len(self._there(_host(session), session.did, places)) < len(places):
            raise PermanentError(f"the thread at {ends[0].url} was deleted on Bluesky, so nothing goes out below it")

    def _by_words(self, posts: Sequence[Post], seen: Sequence[ShownPost]) -> tuple[Receipt, ...]:
        """Look for the whole thread among posts that were seen, and whether it is still there."""
        chain: list[str] = []
        for post in posts:
            wanted = (post.text, chain[-1] if chain else None)
            ours = next((item for item in seen if (item.text, item.parent) == wanted), None)
            if ours is None:
                return ()
            chain.append(ours.remote_id)
        session = self._session.current()
        keys = [uri.rpartition("/")[2] for uri in chain]
        there = self._records(_host(session), session.did, keys)
        if set(there) != set(keys):
            return ()
        return self._taken_over(there, keys)

    def _taken_over(self, found: Mapping[str, StoredPost], keys: Sequence[str]) -> tuple[Receipt, ...]:
        """Return the receipts of a thread that stands there, and of its document if that does."""
        first, *rest = (self._receipt(position, found[key]) for position, key in enumerate(keys))
        session = self._session.current()
        return replace(first, document=self._document(_host(session), session.did, keys[0])), *rest

    def confirm(self, post: Post, *, remote_id: str, position: int, parent: Receipt | None) -> Receipt:
        """Read the record at an at:// address; its author is in the address."""
        session = self._session.current()
        if repo_of(remote_id) != session.did:
            raise PermanentError(f"{remote_id} is not on {self.account}; give the address of the account's own post")
        key = remote_id.rpartition("/")[2]
        found = self._records(_host(session), session.did, [key]).get(key)
        if found is None:
            raise PermanentError(f"there is no post at {remote_id}; give the address of the post itself")
        if (found.text, found.parent) != (post.text, parent.remote_id if parent else None):
            raise PermanentError(
                f"{remote_id} is another post, {sanitize(found.text or '')!r}; give the address of the right one"
            )
        return self._receipt(position, found)

    def remove(self, receipts: Sequence[Receipt]) -> int:
        """Delete the thread in one batch, of those posts that are still there: the server refuses any other.

        Its document goes with it, also one of which nobody knows. Looks for each record in the repository that its
        address names, and once more when it should be gone.
        """
        session = self._session.current()
        owner = repo_of(receipts[0].remote_id)
        keys = [Place(POST_COLLECTION, receipt.remote_id.rpartition("/")[2]) for receipt in receipts]
        keys += [Place(DOCUMENT, place.rkey) for place, item in zip(keys, receipts, strict=True) if not item.position]
        if owner != session.did:
            return self._seen_gone(session, owner, keys, receipts)
        there = self._there(_host(session), owner, keys)
        if not there:
            return len(receipts)
        self._delete(owner, there)
        if left := self._there(_host(session), owner, there):
            raise TransientError(
                f"Bluesky took the deletes of {self.account}, and {len(left)} posts are still there; try again later"
            )
        return len(receipts)

    def _seen_gone(self, session: Session, owner: str, keys: Sequence[Place], receipts: Sequence[Receipt]) -> int:
        """Say that another account's posts are down if a look says so; raise WrongAccountError where it does not."""
        with suppress(PermanentError):  # a server that does not keep the account cannot tell
            if not self._there(_host(session), owner, keys):
                return len(receipts)
        first = receipts[0]
        raise WrongAccountError(
            f"take {first.url or first.remote_id} down",
            theirs=first.account or Identity(owner, owner),
            ours=Identity(self.account, session.did),
        )

    def _there(self, host: str, owner: str, places: Sequence[Place]) -> list[Place]:
        """Return those places at which a record stands."""
        client = self._session.public_client(host)
        try:
            return [place for place in places if record_at(client, owner, place) is not None]
        except SDK_FAILURES as error:
            raise read_failure(error, task=f"look up the thread of {self.account} on Bluesky") from error
        finally:
            client.request.close()

    def _document(self, host: str, repo: str, key: str) -> str | None:
        """Return the at:// URI of the document at a key, None where there is none."""
        return f"at://{repo}/{DOCUMENT}/{key}" if self._there(host, repo, [Place(DOCUMENT, key)]) else None

    def _write(self, batch: ThreadBatch, document: Record | None) -> object:
        writes = [*batch.writes, *([document] if document else [])]
        try:
            return _apply(self._session.client(), batch.repo, writes, known=document is None)
        except SDK_FAILURES as error:
            if not token_refused(error):
                raise
        return _apply(self._session.renew(), batch.repo, writes, known=document is None)

    def _delete(self, repo: str, places: Sequence[Place]) -> None:
        """Delete records in one batch, once more with a new session where the server refuses the present one."""
        task = f"take a thread of {self.account} down from Bluesky"
        deletes = [{"$type": _DELETE, "collection": place.collection, "rkey": place.rkey} for place in places]
        try:
            try:
                _apply(self._session.client(), repo, deletes)
            except SDK_FAILURES as error:
                if not token_refused(error):
                    raise
                _apply(self._session.renew(), repo, deletes)
        except SDK_FAILURES as error:
            raise read_failure(
                error, task=task
            ) from error  # like a read it may be repeated: it asks what is there first

    def _cids(self, host: str, repo: str, keys: Sequence[str]) -> list[str | None]:
        records = self._records(host, repo, keys)
        return [records[key].cid if key in records else None for key in keys]

    def _records(self, host: str, repo: str, keys: Sequence[str]) -> dict[str, StoredPost]:
        """Return the posts that stand at these keys."""
        client = self._session.public_client(host)
        try:
            found = {key: _record_at(client, repo, key) for key in keys}
        except SDK_FAILURES as error:
            raise read_failure(error, task=f"look up the thread of {self.account} on Bluesky") from error
        finally:
            client.request.close()
        return {key: record for key, record in found.items() if record}

    def _receipt(self, position: int, post: StoredPost) -> Receipt:
        url = public_url(post.uri, profile=self.account)
        return Receipt(position, post.uri, url, post.cid, account=Identity(self.account, repo_of(post.uri)))

    def _receipts(
        self, positions: Sequence[int], batch: ThreadBatch, *, document: str | None = None
    ) -> tuple[Receipt, ...]:
        """Return the receipts of a batch that is out; the ``document`` belongs to its first post."""
        account = Identity(self.account, batch.repo)
        first, *rest = (
            Receipt(position, name.uri, public_url(name.uri, profile=self.account), name.cid, account)
            for position, name in zip(positions, batch.posts, strict=True)
        )
        return replace(first, document=document), *rest


def _apply(client: Client, repo: str, writes: Sequence[Mapping[str, object]], *, known: bool = True) -> object:
    """Write once; of kinds of records that the server need not know it may not be asked to check them."""
    # Raw bytes instead of the SDK's models, which would rewrite the records and so change their content ids.
    data = {"repo": repo, "writes": list(writes), **({"validate": True} if known else {})}
    answer = client.invoke_procedure(
        "com.atproto.repo.applyWrites",
        content=json.dumps(data, ensure_ascii=False).encode(),
        input_encoding="application/json",
    )
    return answer.content


def _upload(client: Client, picture: Picture, content: bytes) -> object:
    answer = client.invoke_procedure("com.atproto.repo.uploadBlob", content=content, input_encoding=picture.media_type)
    return answer.content


def _host(session: Session) -> str:
    """Return the server that keeps the account."""
    return (session.pds_endpoint or "").removesuffix("/xrpc")


def _record_at(client: Client, repo: str, rkey: str) -> StoredPost | None:
    """Return the post at a key, None where there is no record."""
    answer = record_at(client, repo, Place(POST_COLLECTION, rkey))
    return None if answer is None else stored_post(answer, uri=f"at://{repo}/{POST_COLLECTION}/{rkey}")
