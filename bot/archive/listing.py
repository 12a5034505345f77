"""What the folder of a site says of itself: which files are ours, and of what each was made.

The list is a file in the folder. Where it is lost or damaged, our files are known by their names, so that none of them
stays for ever; they are then made anew.
"""

import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

LIST: Final = ".daily-picks.json"
_FORM: Final = 1
_FEED: Final = "feed.atom"
_MARK: Final = b"<generator>Daily Picks</generator>"
_BEGINNING: Final = 2000
"""Bytes of a feed in which the mark stands."""

_OURS: Final = re.compile(
    r"""
    (?:index|404)\.html | feed\.(?:atom|json) | cite\.bib | sitemap\.xml | \.nojekyll | search-data\.js
    | style\.css | (?:site|search|minisearch)\.js | minisearch\.LICENSE\.txt | icon\.svg
    | \.well-known/site\.standard\.publication
    | (?:\d{4}\.\d{4,5} | [a-z-]+(?:\.[A-Z]{2})?/\d{7}) / (?:index\.html | cite\.bib)
    | (?:months | tags | authors | search | about) / (?:[^/]+/)? index\.html
    | (?:month | tag | author | channel) / [^/]+ / (?:(?:\d+/)? index\.html | feed\.(?:atom|json) | cite\.bib)
    | cards/(?:[^/]+/){0,2}[^/]+\.png
    """,
    re.VERBOSE,
)
"""The files that a site can have; a test holds this to those that it has."""


def read_list(place: Path) -> tuple[str | None, Mapping[str, str]]:
    """Return the stamp of the site in a folder and the keys of its files; None and nothing where there is no site.

    Where the list is lost or damaged, there is no stamp, and the key of each of our files is empty.
    """
    return _listed(place) or (None, dict.fromkeys(filter(is_ours, _files(place)), "") if is_site(place) else {})


def read_stamp(place: Path) -> str | None:
    """Return the stamp of the site in a folder, None where there is no site, or none that is whole."""
    found = _listed(place)
    return found[0] if found else None


def listed(stamp: str, keys: Mapping[str, str]) -> str:
    """Return the list of a site as its file has it."""
    data = {"form": _FORM, "stamp": stamp, "files": dict(sorted(keys.items()))}
    return json.dumps(data, ensure_ascii=False, indent=0) + "\n"


def is_site(place: Path) -> bool:
    """Say whether a folder holds a site of ours: our list, or a feed of ours where that is lost."""
    return (place / LIST).is_file() or _has_feed(place)


def is_ours(file: str) -> bool:
    """Say whether a file of a site has one of the names that ours have."""
    return _OURS.fullmatch(file) is not None


def folders_below(place: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield each folder in a place, by its path there, with the names of its files and symbolic links."""
    for folder, below, files in os.walk(place):
        links = [name for name in below if (Path(folder) / name).is_symlink()]
        yield os.path.relpath(folder, place), [*files, *links]


def _listed(place: Path) -> tuple[str, Mapping[str, str]] | None:
    try:
        data = json.loads((place / LIST).read_bytes())
    except (OSError, ValueError):
        return None
    if not isinstance(data, dict) or data.get("form") != _FORM or not isinstance(data.get("files"), dict):
        return None
    return str(data.get("stamp")), data["files"]


def _has_feed(place: Path) -> bool:
    try:
        with (place / _FEED).open("rb") as feed:
            return _MARK in feed.read(_BEGINNING)
    except OSError:
        return False


def _files(place: Path) -> Iterator[str]:
    for folder, names in folders_below(place):
        yield from (name if folder == "." else f"{folder}/{name}" for name in names)
