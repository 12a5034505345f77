"""Whether a status of the account is the post that we meant to send.

After a lost answer only the words tell. The server shows them as HTML: paragraphs and line breaks for line ends, a link
for each address, mentions without their host. This module owns that comparison and the form of a status; it asks
nobody. Source: https://docs.joinmastodon.org/entities/Status/
"""

import unicodedata
from collections.abc import Sequence
from datetime import timedelta
from html.parser import HTMLParser
from typing import Final

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, field_validator

from bot.domain.text import sanitize
from bot.platforms.mastodon.text import as_shown

CLOCK_MARGIN: Final = timedelta(minutes=10)
"""How far this machine's clock may be ahead of the server's before a post of ours looks older than our intention."""

ID: Final = r"^[A-Za-z0-9_-]{1,64}$"
ADDRESS: Final = r"^https?://[^\s\x00-\x1f\x7f-\x9f]{1,400}$"
"""Of a server's own words; what a terminal would obey is in no address."""
_SHOWN: Final = 100
_NOT_WRITTEN: Final = frozenset({"mention", "hashtag"})


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True)


class Draft(_Data):
    """A post that we mean to send: the body of a ``Request``; ``key`` makes a repeat of it harmless for an hour."""

    text: str
    in_reply_to: str | None
    language: str | None
    key: str
    prepared_at: AwareDatetime

    @property
    def visibility(self) -> str:
        """Return who sees it in their timelines: the first post everybody, replies only those who follow the thread."""
        return "unlisted" if self.in_reply_to else "public"


class Author(_Data):
    """The account that a status is on; ``url`` is its public address, which lasts."""

    id: str = Field(pattern=ID)
    url: str = Field(pattern=ADDRESS)

    @field_validator("id", mode="before")
    @classmethod
    def _as_text(cls, value: object) -> object:
        return str(value) if isinstance(value, int | str) else value


class OwnStatus(_Data):
    """One status as the server shows it; ``reblog`` is the one that it only passes on."""

    id: str = Field(pattern=ID)
    content: str
    created_at: AwareDatetime
    account: Author
    in_reply_to_id: str | None = None
    spoiler_text: str = ""
    url: str | None = None
    reblog: object | None = None

    @field_validator("id", "in_reply_to_id", mode="before")
    @classmethod
    def _as_text(cls, value: object) -> object:
        return str(value) if isinstance(value, int | str) else value

    @property
    def text(self) -> str:
        """Return its words without the HTML."""
        return read_html(self.content).text

    @property
    def links(self) -> tuple[str, ...]:
        """Return the addresses that it links to, other than of people and hashtags."""
        return read_html(self.content).links

    def is_older_than(self, draft: Draft) -> bool:
        """Say whether it was up before we meant to send the draft, clocks that differ taken into account."""
        return self.created_at < draft.prepared_at - CLOCK_MARGIN


def is_draft(draft: Draft, status: OwnStatus) -> bool:
    """Say whether a status has the draft's words and answers the same post; the time is left to the caller."""
    return may_be_draft(draft, status) and same_words(draft.text, status.text)


def may_be_draft(draft: Draft, status: OwnStatus) -> bool:
    """Say whether a status stands in the draft's place, whatever its words."""
    return status.in_reply_to_id == draft.in_reply_to and not status.spoiler_text and status.reblog is None


def same_words(ours: str, theirs: str) -> bool:
    """Say whether two texts are the same but for white space and for how the server shows a mention."""
    return _fold(ours) == _fold(theirs)


def begins_with(status: OwnStatus, line: str) -> bool:
    """Say whether a status begins a thread and has such a line."""
    lines = {_fold(found) for found in status.text.splitlines()}
    return status.in_reply_to_id is None and status.reblog is None and _fold(line) in lines


def in_words(status: OwnStatus) -> str:
    """Return what a status says, for a message: on one line, quoted, and not too long."""
    words = " ".join(sanitize(status.text).split())
    return repr(words if len(words) <= _SHOWN else words[: _SHOWN - 1] + "…")


class _Read(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._parts: list[str] = []
        self._links: dict[str, None] = {}

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        if tag == "br":
            self._parts.append("\n")
        elif tag == "p" and self._parts:
            self._parts.append("\n\n")
        elif tag == "a":
            self._take_link({name: value or "" for name, value in attrs})

    def handle_data(self, data: str) -> None:
        self._parts.append(data)

    def _take_link(self, attributes: dict[str, str]) -> None:
        if attributes.get("href") and not _NOT_WRITTEN.intersection(attributes.get("class", "").split()):
            self._links[attributes["href"]] = None

    @property
    def text(self) -> str:
        return "".join(self._parts)

    @property
    def links(self) -> tuple[str, ...]:
        return tuple(self._links)


def read_html(content: str) -> _Read:
    """Read a status's HTML, however it is written."""
    reader = _Read()
    reader.feed(content)
    reader.close()
    return reader


def _fold(text: str) -> str:
    return as_shown(" ".join(unicodedata.normalize("NFC", text).split()))
