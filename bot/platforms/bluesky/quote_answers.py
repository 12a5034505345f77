"""The answers that tell whether a post can be quoted, as much of them as is read.

They are strangers' data: what has another form is no answer.
Source: https://github.com/bluesky-social/atproto/tree/main/lexicons
"""

from pydantic import BaseModel, Field

from bot.platforms.bluesky.post_urls import DID


class Identity(BaseModel):
    """Whose a handle is."""

    did: str = Field(pattern=f"^(?:{DID.pattern})$")


class Service(BaseModel):
    """One service that an account names."""

    id: str
    type: str
    endpoint: object = Field(alias="serviceEndpoint")


class DidDocument(BaseModel):
    """What an account says about itself (https://atproto.com/specs/did)."""

    id: str
    services: list[Service] = Field(default_factory=list, alias="service")


class Label(BaseModel):
    """A word that somebody put on a post or an account; ``neg`` takes it back."""

    val: str = Field(max_length=128)
    neg: bool = False


class SelfLabels(BaseModel):
    """The labels that authors put on their own post."""

    values: list[Label] = Field(default_factory=list)


class PostValue(BaseModel):
    """A post as its author wrote it."""

    labels: SelfLabels = SelfLabels()


class Record(BaseModel):
    """A post in its author's repository, with its exact content id."""

    uri: str
    cid: str
    value: PostValue = PostValue()


class GateValue(BaseModel):
    """What an author allows others to do with a post."""

    rules: list[object] = Field(default_factory=list, alias="embeddingRules")


class Gate(BaseModel):
    """The record that stands beside a post under the same key (app.bsky.feed.postgate)."""

    value: GateValue


class Author(BaseModel):
    """Who wrote a post, as the network shows it."""

    labels: list[Label] = Field(default_factory=list)


class ShownPost(BaseModel):
    """A post as the network shows it."""

    cid: str
    author: Author
    labels: list[Label] = Field(default_factory=list)


class ShownPosts(BaseModel):
    """Those of the wanted posts that the network shows."""

    posts: list[ShownPost]


class Relationship(BaseModel):
    """Who of two accounts blocks the other."""

    blocking: str | None = None
    blocking_by_list: str | None = Field(default=None, alias="blockingByList")
    blocked_by: str | None = Field(default=None, alias="blockedBy")
    blocked_by_list: str | None = Field(default=None, alias="blockedByList")


class Relationships(BaseModel):
    """What stands between an account and others."""

    relationships: list[Relationship]


class BlockValue(BaseModel):
    """Whom an account blocks."""

    subject: str = ""


class Block(BaseModel):
    """One block of an account (app.bsky.graph.block)."""

    value: BlockValue


class Blocks(BaseModel):
    """A page of an account's blocks."""

    records: list[Block]
    cursor: str | None = None
