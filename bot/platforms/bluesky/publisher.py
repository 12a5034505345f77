"""Bluesky: a whole thread in one atomic write, under record keys chosen beforehand.

Because keys and content ids are known before anything is sent, any doubt about the outcome ends in a look at those
keys: ``find`` is exact, and sending the same request twice cannot make two threads. This module never chooses new keys
for a request, never waits and never repeats a write, except when the server refused the session and so did nothing.

Importing it takes more than a second (the SDK): only the composition root does, and only when it needs a publisher.
"""

import json
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

import httpx
from atproto import Client, models
from atproto.exceptions import BadRequestError
from pydantic import SecretStr

from bot.domain.errors import PermanentError, TransientError, UnknownOutcomeError
from bot.domain.posts import Platform, Post
from bot.platforms.bluesky.errors import SDK_FAILURES, error_name, read_failure, token_refused, write_failure
from bot.platforms.bluesky.records import (
    POST_COLLECTION,
    RecordRef,
    ThreadBatch,
    microseconds,
    public_url,
    thread_batch,
    tid,
)
from bot.platforms.bluesky.session import BlueskySession
from bot.platforms.publisher import Receipt, Request
from bot.platforms.sessions import SessionStore

_CLOCK_IDS: Final = 1024
_DELETE: Final = "com.atproto.repo.applyWrites#delete"


class BlueskyPublisher:
    """One Bluesky account.

    ``service`` is where the account signs in. ``timeout`` bounds each step of a request and ``deadline`` the whole of
    it, in seconds; ``transport`` stands in for the network.
    """

    platform: Final = Platform.BLUESKY
    idempotent: Final = True
    pause: Final = 0.0

    def __init__(
        self,
        *,
        service: str,
        handle: str,
        app_password: SecretStr,
        sessions: SessionStore,
        timeout: float = 30.0,
        deadline: float = 60.0,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.account = handle.strip().removeprefix("@").lower()
        self._session = BlueskySession(
            service=service,
            handle=self.account,
            app_password=app_password,
            sessions=sessions,
            timeout=timeout,
            deadline=deadline,
            transport=transport,
        )
        self._clock_id = secrets.randbelow(_CLOCK_IDS)
        self._next_key_time = 0

    def prepare(self, posts: Sequence[Post], *, sent: Sequence[Receipt], now: datetime) -> Request:
        """Write the rest of the thread as one batch; ``now`` (aware) dates the posts and their keys.

        Signs in when there is no session, because records live under the account's DID; raises AccountError when that
        is refused, TransientError when the server cannot be asked.
        """
        rest = posts[len(sent) :]
        if not rest:
            raise ValueError("the whole thread is out already")
        session = self._session.current()
        batch = thread_batch(
            rest,
            host=(session.pds_endpoint or "").removesuffix("/xrpc"),
            repo=session.did,
            keys=self._keys(len(rest), now=now),
            now=now,
            after=[RecordRef(receipt.remote_id, receipt.cid or "") for receipt in sent],
        )
        return Request(positions=tuple(range(len(sent), len(posts))), body=batch.model_dump(mode="json"))

    def send(self, request: Request) -> tuple[Receipt, ...]:
        """Write the batch once, exactly as prepared.

        Raises PermanentError (refused), TransientError (it never left) or UnknownOutcomeError (everything else, the
        repeat of a batch that is out already included).
        """
        batch = ThreadBatch.model_validate(request.body)
        if self._session.current().did != batch.repo:
            raise PermanentError(
                f"the thread was prepared for the account {batch.repo}, and {self.account} is another; "
                "set BLUESKY_HANDLE back, or approve the pick again"
            )
        task = f"post on Bluesky as {self.account}"
        try:
            answer = self._write(batch)
        except SDK_FAILURES as error:
            raise write_failure(error, task=task) from error
        if _names(answer) != [(name.uri, name.cid) for name in batch.posts]:
            raise UnknownOutcomeError(
                f"no clear answer to the attempt to {task}: the server names other records; "
                "look there before trying again"
            )
        return self._receipts(request.positions, batch)

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
            return self._receipts(request.positions, batch)
        if not any(found):
            return None
        first = public_url(batch.posts[0].uri, profile=self.account)
        matching = sum(cid == name.cid for cid, name in zip(found, batch.posts, strict=True))
        raise PermanentError(
            f"only {matching} of the {len(wanted)} posts of the thread stand on Bluesky as they were sent; "
            f"look at {first} and delete what is left of it"
        )

    def remove(self, receipts: Sequence[Receipt]) -> int:
        """Delete the thread in one batch, of those posts that are still there: the server refuses any other."""
        session = self._session.current()
        host = (session.pds_endpoint or "").removesuffix("/xrpc")
        keys = [receipt.remote_id.rpartition("/")[2] for receipt in receipts]
        there = [key for key, cid in zip(keys, self._cids(host, session.did, keys), strict=True) if cid]
        if there:
            self._delete(session.did, there)
        return len(receipts)

    def close(self) -> None:
        """Let go of connections."""
        self._session.close()

    def _keys(self, count: int, *, now: datetime) -> list[str]:
        """Choose record keys that grow, also when the clock stands still or steps back."""
        start = max(microseconds(now), self._next_key_time)
        self._next_key_time = start + count
        return [tid(start + index, clock=self._clock_id) for index in range(count)]

    def _write(self, batch: ThreadBatch) -> object:
        try:
            return _apply_writes(self._session.client(), batch)
        except SDK_FAILURES as error:
            if not token_refused(error):
                raise
        return _apply_writes(self._session.renew(), batch)

    def _delete(self, repo: str, keys: Sequence[str]) -> None:
        """Delete records in one batch, once more with a new session where the server refuses the present one."""
        task = f"take a thread of {self.account} down from Bluesky"
        deletes = [{"$type": _DELETE, "collection": POST_COLLECTION, "rkey": key} for key in keys]
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
        client = self._session.public_client(host)
        try:
            return [_cid_at(client, repo, key) for key in keys]
        except SDK_FAILURES as error:
            raise read_failure(error, task=f"look up the thread of {self.account} on Bluesky") from error
        finally:
            client.request.close()

    def _receipts(self, positions: Sequence[int], batch: ThreadBatch) -> tuple[Receipt, ...]:
        return tuple(
            Receipt(position, name.uri, public_url(name.uri, profile=self.account), name.cid)
            for position, name in zip(positions, batch.posts, strict=True)
        )


def _apply_writes(client: Client, batch: ThreadBatch) -> object:
    return _apply(client, batch.repo, batch.writes)


def _apply(client: Client, repo: str, writes: Sequence[Mapping[str, object]]) -> object:
    # Raw bytes instead of the SDK's models, which would rewrite the records and so change their content ids.
    data = {"repo": repo, "validate": True, "writes": list(writes)}
    answer = client.invoke_procedure(
        "com.atproto.repo.applyWrites",
        content=json.dumps(data, ensure_ascii=False).encode(),
        input_encoding="application/json",
    )
    return answer.content


def _names(answer: object) -> list[tuple[object, object]]:
    results = answer.get("results") if isinstance(answer, dict) else None
    if not isinstance(results, list):
        return []
    return [(result.get("uri"), result.get("cid")) for result in results if isinstance(result, dict)]


def _cid_at(client: Client, repo: str, rkey: str) -> str | None:
    """Return the content id of the record at a key, None where there is no record."""
    params = models.ComAtprotoRepoGetRecord.Params(repo=repo, collection=POST_COLLECTION, rkey=rkey)
    try:
        answer = client.invoke_query("com.atproto.repo.getRecord", params=params).content
    except BadRequestError as error:
        if error_name(error) == "RecordNotFound":
            return None
        raise
    cid = answer.get("cid") if isinstance(answer, dict) else None
    if isinstance(cid, str):
        return cid
    raise TransientError(
        f"cannot look up the record {rkey} of {repo}: the answer is not a record; it can be tried again later"
    )
