"""What a channel file may say of its public archive."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final, Self
from urllib.parse import urlsplit

from pydantic import Field, Strict, field_validator, model_validator

from bot.domain.channel_sections import Section, String, check_words
from bot.domain.web_addresses import web_address_problem

_LABEL: Final = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST: Final = re.compile(rf"(?:{_LABEL}\.)+{_LABEL}")


class ArchiveSection(Section):
    """Where the archive lies, as a folder and on the web, and by which topics its picks are found.

    ``folder`` is None where the worker builds none; channels that name the same folder share one site. ``url`` is the
    address of the site's first page, None while it has none. ``authority`` is the domain in the lasting ids of the
    feeds, that of ``url`` unless it says so: who moves a site keeps it. ``topics`` has for each topic its words, in
    which a trailing ``*`` stands for any ending. ``standard_site`` says whether a document goes out with each thread on
    Bluesky.
    """

    folder: Path | None = None
    url: String | None = None
    authority: String | None = None
    title: String | None = Field(None, min_length=1, max_length=200)
    standard_site: Annotated[bool, Strict()] = False
    topics: Mapping[String, tuple[String, ...]] = Field(default_factory=dict)

    @field_validator("folder")
    @classmethod
    def _of_its_own(cls, folder: Path | None) -> Path | None:
        if folder is not None and not folder.expanduser().resolve().name:
            raise ValueError("it must be a folder of its own, such as /srv/picks/site")
        return folder.expanduser() if folder else None

    @field_validator("url")
    @classmethod
    def _address(cls, url: str | None) -> str | None:
        if url is None:
            return None
        if problem := web_address_problem(url):
            raise ValueError(f"{url!r} {problem}, such as https://picks.example.org/")
        parts = urlsplit(url)
        if parts.query or parts.fragment or parts.username:
            raise ValueError(f"{url!r} must end with its path: leave out the user, and what stands behind ? or #")
        return f"{url.rstrip('/')}/"

    @field_validator("authority")
    @classmethod
    def _domain(cls, authority: str | None) -> str | None:
        if authority is not None and not _HOST.fullmatch(authority):
            raise ValueError(f"{authority!r} is not a domain in lower case, such as picks.example.org")
        return authority

    @field_validator("topics")
    @classmethod
    def _words(cls, topics: Mapping[str, tuple[str, ...]]) -> Mapping[str, tuple[str, ...]]:
        check_words(topics)
        for topic, words in topics.items():
            if not words:
                raise ValueError(f"the topic {topic!r} has no words")
            check_words(words)
        return topics

    @model_validator(mode="after")
    def _documents_have_an_address(self) -> Self:
        if self.standard_site and self.url is None:
            raise ValueError("standard_site needs url: a document names its page on the web")
        return self

    @property
    def lasting(self) -> str | None:
        """Return what the site's record on Bluesky is called after: it stays when the site moves and says so."""
        if self.authority is not None or self.url is None:
            return self.authority
        return self.url.partition("://")[2].rstrip("/")
