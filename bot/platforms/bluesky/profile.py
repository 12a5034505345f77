"""The profile record of one Bluesky account: changed in some fields, all others kept.

The server takes the record only if it is still the one that was read (``swapRecord``), so no edit of a person is lost.
"""

import base64
import hashlib
import json
from dataclasses import dataclass
from typing import Any, Final

from atproto import models
from atproto.exceptions import BadRequestError

from bot.domain.errors import PermanentError, TransientError
from bot.platforms.bluesky.account_client import AccountClient
from bot.platforms.bluesky.errors import SDK_FAILURES, error_name, read_failure, token_refused, write_failure

_COLLECTION: Final = "app.bsky.actor.profile"
_SELF: Final = "self"
_LABELS: Final = "com.atproto.label.defs#selfLabels"
_BOT: Final = "bot"
_RAW_SHA256: Final = b"\x01\x55\x12\x20"
_KINDS: Final = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}
_MOST_BYTES: Final = 1_000_000

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Read:
    """The record as it stands, and the version that a change replaces; both None where there is none."""

    record: Record | None
    cid: str | None


class BlueskyProfile(AccountClient):
    """The profile of one account."""

    def read(self) -> Read:
        """Return the profile record; raise TransientError or AccountError when it cannot be read."""
        self._session.checked()
        try:
            return self._read()
        except SDK_FAILURES as error:
            if not token_refused(error):
                raise read_failure(error, task=f"read the profile of {self.account}") from error
        self._session.renew()
        try:
            return self._read()
        except SDK_FAILURES as error:
            raise read_failure(error, task=f"read the profile of {self.account}") from error

    def upload(self, image: bytes) -> Record:
        """Store a picture with the account's server; return what a record points to it with."""
        try:
            answer = self._session.client().invoke_procedure(
                "com.atproto.repo.uploadBlob",
                content=image,
                input_encoding=kind_of(image),
                output_encoding="application/json",
            )
        except SDK_FAILURES as error:
            raise write_failure(error, task=f"upload the avatar of {self.account}") from error
        blob: Record = _json(answer.content)["blob"]
        return blob

    def write(self, record: Record, *, instead_of: Read) -> None:
        """Put the record in the place of the one that was read; raise TransientError when that one has changed."""
        session = self._session.current()
        body = {"repo": session.did, "collection": _COLLECTION, "rkey": _SELF, "record": record}
        content = json.dumps({**body, "swapRecord": instead_of.cid}, ensure_ascii=False).encode()
        try:
            self._session.client().invoke_procedure(
                "com.atproto.repo.putRecord",
                content=content,
                input_encoding="application/json",
                output_encoding="application/json",
            )
        except SDK_FAILURES as error:
            if error_name(error) == "InvalidSwap":
                raise TransientError(f"the profile of {self.account} changed meanwhile; run it again") from error
            raise write_failure(error, task=f"change the profile of {self.account}") from error

    def _read(self) -> Read:
        params = models.ComAtprotoRepoGetRecord.Params(
            repo=self._session.current().did, collection=_COLLECTION, rkey=_SELF
        )
        try:
            answer = self._session.client().invoke_query(
                "com.atproto.repo.getRecord", params=params, output_encoding="application/json"
            )
        except BadRequestError as error:
            if error_name(error) == "RecordNotFound":
                return Read(None, None)
            raise
        found = _json(answer.content)
        return Read(found["value"], found["cid"])


def labelled(record: Record) -> Record:
    """Return the record with the label that says the account is a bot; other labels stay."""
    values = (record.get("labels") or {}).get("values") or []
    if any(item.get("val") == _BOT for item in values):
        return record
    return {**record, "labels": {"$type": _LABELS, "values": [*values, {"val": _BOT}]}}


def new_record() -> Record:
    """Return the record of an account that has none."""
    return {"$type": _COLLECTION}


def is_picture(record: Record, image: bytes) -> bool:
    """Say whether the record's avatar is this picture: the address of what is stored is made of its bytes."""
    digest = _RAW_SHA256 + hashlib.sha256(image).digest()
    address = "b" + base64.b32encode(digest).decode().lower().rstrip("=")
    return bool((record.get("avatar") or {}).get("ref", {}).get("$link") == address)


def kind_of(image: bytes) -> str:
    """Return the media type of a picture; raise PermanentError when Bluesky takes none such."""
    if len(image) > _MOST_BYTES:
        raise PermanentError(f"the avatar has {len(image):,} bytes and may have {_MOST_BYTES:,}; make it smaller")
    for start, kind in _KINDS.items():
        if image.startswith(start):
            return kind
    raise PermanentError("the avatar is neither PNG nor JPEG; convert it")


def _json(content: object) -> Record:
    if isinstance(content, dict):
        return content
    raise TransientError("Bluesky answered without meaning; try again later")
