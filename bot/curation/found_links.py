"""The addresses that authors give in an abstract, and which of them is their code."""

from typing import Final
from urllib.parse import urlsplit

from bot.threads.addresses import find_bare_links, find_links, looks_like_file

_CODE_HOSTS: Final = frozenset({"bitbucket.org", "codeberg.org", "github.com", "gitlab.com", "huggingface.co", "sr.ht"})


def links_in(text: str) -> tuple[str, ...]:
    """Return the addresses that stand in a text, each once, in their order there."""
    bare = (link for link in find_bare_links(text) if not looks_like_file(link))
    found = sorted([*find_links(text), *bare], key=lambda link: link.start)
    return tuple(dict.fromkeys(link.url for link in found))


def code_among(links: tuple[str, ...]) -> str | None:
    """Return the first address on a host of code, None where there is none."""
    return next((link for link in links if _host(link) in _CODE_HOSTS), None)


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").removeprefix("www.")
