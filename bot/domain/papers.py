"""The nouns everyone shares: what arXiv announced, as plain frozen values.

This module owns the form of an arXiv id and of one feed entry. It never does I/O and knows no other module of ours.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Self
from urllib.parse import unquote

_NEW_SCHEME = r"\d{2}(?:0[1-9]|1[0-2])\.\d{4,5}"
_OLD_SCHEME = r"[a-z][a-z-]*(?:\.[a-z]{2})?/\d{2}(?:0[1-9]|1[0-2])\d{3}"
_ARXIV_ID = re.compile(
    rf"""
    (?: (?:(?:arxiv\s+(?:preprint|e-?prints?)|e-?print|corr)\s*,?\s*)? (?: arxiv\s*[:\s]\s* | arxiv\.(?=\d) | abs/ )
      | oai:arxiv\.org:
      | (?:https?:)?(?://)? (?:[a-z0-9-]+\.)* (?:arxiv\.org|ar5iv\.org|alphaxiv\.org) / (?:[a-z-]*/)+ (?:arxiv:)?
      | (?:https?:)?(?://)? (?:www\.)? (?:huggingface\.co|hf\.co) / papers/
      | (?:https?:)?(?://)? (?:(?:www|api)\.)? (?:semanticscholar\.org|scirate\.com|papers\.cool|inspirehep\.net)
          / arxiv[/:]
      | (?:https?:)?(?://)? (?:www\.)? connectedpapers\.com/main/arxiv/
      | (?:https?:)?(?://)? ui\.adsabs\.harvard\.edu/abs/arxiv:
      | /? (?:abs|pdf|html)/ (?:arxiv:)?
      | (?:doi:\s*|(?:https?://)?(?:dx\.|www\.)?doi\.org/)? 10\.48550/arxiv\.
    )?
    (?P<id>{_NEW_SCHEME}|{_OLD_SCHEME})
    (?:v(?P<version>[1-9]\d*))?
    (?:\.pdf)? (?:/[a-z0-9_./-]*)? (?:[?\#].*)?
    (?:\s*[\[(][a-z.-]+[\])]?)?  (?:\s+\d{{1,2}}\s+[a-z]{{3}}\s+\d{{4}})?  # the stamp in a paper's margin
    (?:,?\s*\(?(?:19|20)\d{{2}})?  # the year of a citation
    """,
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)
_TAB = re.compile(rf"\[(?P<id>{_NEW_SCHEME}|{_OLD_SCHEME})\]\s.+", re.IGNORECASE | re.ASCII | re.DOTALL)
"""The title of arXiv's page, as a browser's tab has it."""

_AROUND = " \t\r\n<>()[]{}\"'`*“”.,;:"
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")


@dataclass(frozen=True, order=True, slots=True)
class ArxivId:
    """An arXiv identifier without its version, such as ``2412.11965`` or ``nlin/0408039``.

    Forms: https://info.arxiv.org/help/arxiv_identifier.html
    """

    value: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read an id from any form people paste.

        It may stand bare, behind ``arXiv:``, with a version, in the stamp of a paper's margin, in a DOI, or in the
        address of a page on arXiv, ar5iv, alphaXiv, Hugging Face and others. Raises ValueError otherwise.
        """
        return cls(_canonical(_match(text)["id"]))

    @property
    def abs_url(self) -> str:
        """Return the address of the abstract page."""
        return f"https://arxiv.org/abs/{self.value}"

    def __str__(self) -> str:
        return self.value


def split_id(text: str) -> tuple[ArxivId, int]:
    """Return the id and the version, 1 where the text carries none; raise ValueError when it is no arXiv id."""
    match = _match(text)
    return ArxivId(_canonical(match["id"])), int(match["version"] or 1)


def _canonical(found: str) -> str:
    """Return an id as arXiv prefers it, in its own case and without a subject class: ``math/0309136``.

    https://info.arxiv.org/help/arxiv_identifier_for_services.html
    """
    archive, slash, number = found.partition("/")
    return f"{archive.partition('.')[0].lower()}{slash}{number}" if slash else found


def _match(text: str) -> re.Match[str]:
    plain = unicodedata.normalize("NFKC", _INVISIBLE.sub("", unquote(text))).strip()
    tab = _TAB.fullmatch(plain)
    match = _ARXIV_ID.fullmatch(tab["id"] if tab else plain.strip(_AROUND))
    if match is None:
        raise ValueError(f"{text!r} is not an arXiv id, such as 2412.11965 or https://arxiv.org/abs/2412.11965")
    return match


class AnnounceType(StrEnum):
    """Why a feed lists a paper; the values are arXiv's own (``arxiv:announce_type``)."""

    NEW = "new"
    CROSS = "cross"
    REPLACE = "replace"
    REPLACE_CROSS = "replace-cross"

    @property
    def first_seen(self) -> bool:
        """Say whether the entry shows the paper to the feed's readers for the first time."""
        return self in {AnnounceType.NEW, AnnounceType.CROSS}


@dataclass(frozen=True, slots=True)
class Announcement:
    """One feed entry: one version of one paper, its text already plain (no TeX, no markup).

    ``withdrawn`` says that this version is the authors' or arXiv's notice that the paper is withdrawn. ``notice`` is
    the sentence that says so, or, where ``withdrawn`` is false, one that only may say so.
    """

    arxiv_id: ArxivId
    version: int
    type: AnnounceType
    title: str
    abstract: str
    authors: tuple[str, ...]
    categories: tuple[str, ...]
    license: str | None = None
    withdrawn: bool = False
    notice: str | None = None


@dataclass(frozen=True, slots=True)
class OddEntry:
    """One feed entry that cannot be read as an announcement.

    ``why`` says which entry it is and what is odd; id and type are there where it says them all the same.
    """

    why: str
    arxiv_id: ArxivId | None = None
    type: AnnounceType | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """What one feed announced on one date.

    ``feed`` is the arXiv category, ``day`` the announcement date in US/Eastern time as the feed states it,
    ``built_at`` the moment (UTC) at which arXiv built the feed. ``cut_off`` marks a feed that broke off on its way:
    the announcements are those that arrived whole. ``odd`` are the entries that could not be read.
    """

    feed: str
    day: date
    built_at: datetime
    announcements: tuple[Announcement, ...]
    cut_off: bool = False
    odd: tuple[OddEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class Paper:
    """One arXiv id with the text of its newest known version."""

    arxiv_id: ArxivId
    version: int
    title: str
    abstract: str
    authors: tuple[str, ...]
    categories: tuple[str, ...]
