"""Ask a Bluesky server for any record by its key, and put one there.

Nothing here is repeated, and the SDK's own failures come through: the caller knows what was tried.
"""

import json
from collections.abc import Mapping
from typing import NamedTuple

from atproto import Client, models
from atproto.exceptions import BadRequestError

from bot.domain.errors import TransientError
from bot.platforms.bluesky.errors import error_name


class Place(NamedTuple):
    """Where a record stands in a repository."""

    collection: str
    rkey: str


def record_at(client: Client, repo: str, place: Place) -> Mapping[str, object] | None:
    """Return the server's answer about a record, None where there is none."""
    params = models.ComAtprotoRepoGetRecord.Params(repo=repo, collection=place.collection, rkey=place.rkey)
    try:
        answer = client.invoke_query("com.atproto.repo.getRecord", params=params).content
    except BadRequestError as error:
        if error_name(error) == "RecordNotFound":
            return None
        raise
    if isinstance(answer, Mapping) and isinstance(answer.get("cid"), str):
        return answer
    raise TransientError(
        f"cannot look up the record {place.rkey} of {repo}: the answer is not a record; it can be tried again later"
    )


def put_record(client: Client, repo: str, place: Place, record: Mapping[str, object]) -> None:
    """Put a record at a key, whatever stands there; the server may not know what kind of record it is."""
    data = {"repo": repo, "collection": place.collection, "rkey": place.rkey, "record": record}
    client.invoke_procedure(
        "com.atproto.repo.putRecord",
        content=json.dumps(data, ensure_ascii=False).encode(),
        input_encoding="application/json",
    )
