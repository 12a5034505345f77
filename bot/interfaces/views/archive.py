"""What came of building an archive.

The fields that scripts rely on are listed in docs/commands.md; fields may be added, never renamed.
"""

from dataclasses import dataclass

from bot.archive.build import Built


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltSite:
    """A site: its folder, its picks and pages, and how many files are new or other than before."""

    folder: str
    picks: int
    pages: int
    written: int


def built_site(built: Built) -> BuiltSite:
    """Return what a build came to."""
    return BuiltSite(folder=str(built.folder), picks=built.picks, pages=built.pages, written=built.written)
