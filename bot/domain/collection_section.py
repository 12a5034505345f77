"""What a channel file may say of the Hugging Face collection that its picks go to."""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from pydantic import field_validator

from bot.domain.channel_sections import Section, String

_SLUG: Final = re.compile(r"(?P<owner>[A-Za-z0-9][\w.-]*)/(?P<name>[\w.-]*?)-?(?P<key>[0-9a-f]{24})")


@dataclass(frozen=True, slots=True)
class CollectionSlug:
    """What names a collection: ``text`` changes with its title, ``key``, the 24 digits at its end, never does."""

    text: str
    key: str

    @classmethod
    def parse(cls, text: str) -> "CollectionSlug":
        """Read a slug, or the address of a collection's page; raise ValueError when it is neither."""
        bare = text.strip()
        if bare.lower().startswith(("https://", "http://")):
            bare = urlsplit(bare).path.strip("/").removeprefix("api/").removeprefix("collections/")
        found = _SLUG.fullmatch(bare)
        if found is None:
            raise ValueError(
                f"{text!r} is no collection: give what stands behind /collections/ in its address, such as "
                "acme/daily-picks-65a1b2c3d4e5f60718293a4b"
            )
        return cls(bare, found["key"])

    def __str__(self) -> str:
        return self.text


class CollectionSection(Section):
    """The collection, by its slug or its address; None where there is none."""

    slug: String | None = None

    @field_validator("slug")
    @classmethod
    def _is_slug(cls, slug: str | None) -> str | None:
        return None if slug is None else CollectionSlug.parse(slug).text

    @property
    def target(self) -> CollectionSlug | None:
        """Return the collection that is meant, None where there is none."""
        return None if self.slug is None else CollectionSlug.parse(self.slug)
