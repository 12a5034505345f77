"""The tables of learning: a channel's weights, how far its learning has come, and picks from before.

Like ``tables``, this module owns columns and never decides anything.
"""

from datetime import date, datetime

from sqlalchemy import JSON, Column, ColumnElement, Text, false
from sqlmodel import Field, col

from bot.domain.json import Json
from bot.store.base import Table


def _json_list() -> Column[Json]:
    return Column(JSON, nullable=False, server_default="[]")


class WeightsRow(Table, table=True):
    """What a channel has learned: the text of a weights file.

    ``base`` is the text of the weights that were trained from files for the channel, on which its nights build; None
    where these build on the shipped weights or on nothing.
    """

    __tablename__ = "weights"

    channel: str = Field(primary_key=True, max_length=40)
    digest: str = Field(max_length=64)
    trained_at: datetime
    trained_until: date
    content: str = Field(sa_type=Text)
    base: str | None = Field(default=None, sa_type=Text)


class TrainingState(Table, table=True):
    """How far a channel's learning has come: one row a channel, claimed by the process that trains.

    ``decision_id`` and ``known_picks`` say what the last training has seen. The last one that learned new decisions
    did so at ``taught_at``, up from ``previous_decision_id``. ``tried_at`` is when the last one began, ``error`` why it
    came to nothing, and ``library_missing`` whether that was because scikit-learn is not installed. The row belongs to
    ``claimed_by`` until ``lease_until``.
    """

    __tablename__ = "lessons"

    channel: str = Field(primary_key=True, max_length=40)
    decision_id: int = 0
    previous_decision_id: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    taught_at: datetime | None = None
    known_picks: int = 0
    tried_at: datetime | None = None
    claimed_by: str | None = Field(default=None, max_length=100)
    lease_until: datetime | None = None
    error: str | None = Field(default=None, sa_type=Text)
    library_missing: bool = False


class KnownPick(Table, table=True):
    """A paper that the channel's curators picked before this program did it for them; ``day`` when it is known.

    What else is known of it is shown in the archive: the words and links of the curator, the paper's own where no text
    of it is stored (``abstract``, ``authors``, ``categories``), when it was picked and published to the second, and
    ``posts``, where it was published, each ``{"platform", "url"}``. ``retracted_at`` is since when it counts as a pick
    no more; ``withdrawn`` says that its authors have withdrawn the paper. ``corrected_at`` is when its note was last
    corrected after it was published.
    """

    __tablename__ = "known_picks"

    channel: str = Field(primary_key=True, max_length=40)
    arxiv_id: str = Field(primary_key=True, max_length=32)
    title: str = Field(default="", sa_type=Text)
    day: date | None = None
    imported_at: datetime
    note: str = Field(default="", sa_column=Column(Text, nullable=False, server_default=""))
    thread_url: str | None = Field(default=None, sa_type=Text)
    code_url: str | None = Field(default=None, sa_type=Text)
    abstract: str = Field(default="", sa_column=Column(Text, nullable=False, server_default=""))
    authors: list[str] = Field(default_factory=list, sa_column=_json_list())
    categories: list[str] = Field(default_factory=list, sa_column=_json_list())
    picked_at: datetime | None = None
    posts: list[dict[str, str]] = Field(default_factory=list, sa_column=_json_list())
    retracted_at: datetime | None = None
    published_at: datetime | None = None
    withdrawn: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    corrected_at: datetime | None = None


def still_picks() -> ColumnElement[bool]:
    """Match the known picks that were not retracted."""
    return col(KnownPick.retracted_at).is_(None)
