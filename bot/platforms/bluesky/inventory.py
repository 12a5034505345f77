"""All posts that stand on an account, read from its repository, and what each says.

Reading is free and needs no session. This module never writes.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Final

from atproto import Client, models

from bot.domain.errors import UnknownOutcomeError
from bot.platforms.bluesky.records import POST_COLLECTION, public_url, stored_post
from bot.platforms.publisher import ShownPost, Stray

_PAGE: Final = 100
_MOST_PAGES: Final = 200
"""Twenty thousand posts: years of a busy channel, and an end for a server that would never name one."""


def list_strays(client: Client, repo: str, *, known: Collection[str]) -> tuple[Stray, ...]:
    """Return the posts in a repository that are not known, oldest key first.

    Raises UnknownOutcomeError when there are more than can be read, or an answer has another form.
    """
    found = [stray for stray in map(_stray, _records(client, repo)) if stray.remote_id not in known]
    return tuple(found)


def shown(stray: Stray, *, profile: str) -> ShownPost:
    """Return what a post says; ``profile`` is the handle or DID to show in its address."""
    content = stray.content
    parent, links = content.get("parent"), content.get("links")
    return ShownPost(
        remote_id=stray.remote_id,
        url=public_url(stray.remote_id, profile=profile),
        text=str(content.get("text") or ""),
        parent=str(parent) if parent else None,
        links=tuple(map(str, links)) if isinstance(links, list) else (),
    )


def _records(client: Client, repo: str) -> Iterator[Mapping[str, object]]:
    cursor: str | None = None
    for _ in range(_MOST_PAGES):
        params = models.ComAtprotoRepoListRecords.Params(
            repo=repo, collection=POST_COLLECTION, limit=_PAGE, cursor=cursor, reverse=True
        )
        answer = client.invoke_query("com.atproto.repo.listRecords", params=params).content
        records = answer.get("records") if isinstance(answer, dict) else None
        if not isinstance(answer, dict) or not isinstance(records, list):
            raise UnknownOutcomeError(f"cannot list the posts of {repo}: the answer has not the documented form")
        yield from (record for record in records if isinstance(record, dict))
        cursor = answer.get("cursor")
        if not cursor or not records:
            return
    raise UnknownOutcomeError(f"cannot list the posts of {repo}: there are more than {_MOST_PAGES * _PAGE:,}")


def _stray(record: Mapping[str, object]) -> Stray:
    uri = str(record.get("uri"))
    post = stored_post(record, uri=uri)
    if post is None:
        raise UnknownOutcomeError(f"cannot list the posts of {uri}: a record has no content id")
    content = {"text": post.text, "parent": post.parent, "links": list(_links(record.get("value")))}
    return Stray(uri, content)


def _links(value: object) -> Iterator[str]:
    """Yield every ``uri`` with a web address in a record: those of its card and of its marked stretches."""
    if isinstance(value, Mapping):
        uri = value.get("uri")
        if isinstance(uri, str) and uri.startswith(("http://", "https://")):
            yield uri
        for part in value.values():
            yield from _links(part)
    elif isinstance(value, list):
        for part in value:
            yield from _links(part)
