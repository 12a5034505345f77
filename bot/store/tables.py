"""The tables: what is kept, one class a table.

This module owns columns, keys and constraints. It never decides anything: a candidate's state is changed by
``store.candidates.change`` alone, a delivery's by ``store.deliveries.change`` alone. JSON columns hold plain data and
are reassigned, never mutated: SQLAlchemy would not see it.
"""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final

from sqlalchemy import JSON, Column, ForeignKey, Index, Integer, Numeric, Text, UniqueConstraint, false, text
from sqlmodel import Field

from bot.domain.accounts import Identity
from bot.domain.json import Json
from bot.domain.papers import AnnounceType
from bot.domain.posts import Platform
from bot.domain.states import Action, CandidateState, DeliveryAction, DeliveryState
from bot.domain.waiting import LONGEST_LEASE, held_until
from bot.store import (
    account_tables,
    alert_tables,
    chat_tables,
    collection_tables,
    correction_tables,
    key_tables,
    learning_tables,
    limit_tables,
    message_tables,
    picture_tables,
    worker_tables,
)
from bot.store.base import Table, enum_of, owner, partial_index
from bot.store.packing import PackedText


class Origin(StrEnum):
    """How a batch came to us."""

    FEED = "feed"
    API = "api"


class PaperRow(Table, table=True):
    """One arXiv id with the text of its newest known version.

    ``announced`` is the first day on which a feed listed it as new or cross-listed, None while only replacements were
    seen. ``text_day`` is the newest day of a batch with this text. ``backfilled`` marks a paper that no feed has listed
    so far: it was found through arXiv's API. ``withdrawn`` says that the text is a notice of withdrawal; ``notice``
    is the sentence that says so, or, of a paper that is not ``withdrawn``, one that only may say so.
    """

    __tablename__ = "papers"
    __table_args__ = (partial_index("ix_papers_withdrawn", "arxiv_id", where="withdrawn", on_sqlite="withdrawn = 1"),)

    arxiv_id: str = Field(primary_key=True, max_length=32)
    version: int
    title: str = Field(sa_type=Text)
    abstract: str = Field(sa_type=PackedText)
    authors: list[str] = Field(sa_column=Column(JSON, nullable=False))
    categories: list[str] = Field(sa_column=Column(JSON, nullable=False))
    license: str | None = Field(default=None, sa_type=Text)
    announced: date | None = Field(default=None, index=True)
    text_day: date
    first_seen_at: datetime
    backfilled: bool = False
    withdrawn: bool = False
    notice: str | None = Field(default=None, sa_type=Text)


class PaperText(Table, table=True):
    """A text that a paper had before, or that lost against a newer one; the newest stands in ``papers``."""

    __tablename__ = "paper_texts"

    arxiv_id: str = Field(primary_key=True, foreign_key="papers.arxiv_id")
    digest: str = Field(primary_key=True, max_length=64)
    version: int
    text_day: date
    title: str = Field(sa_type=Text)
    abstract: str = Field(sa_type=Text)
    authors: list[str] = Field(sa_column=Column(JSON, nullable=False))
    categories: list[str] = Field(sa_column=Column(JSON, nullable=False))
    license: str | None = Field(default=None, sa_type=Text)
    withdrawn: bool = False
    notice: str | None = Field(default=None, sa_type=Text)


class BatchRow(Table, table=True):
    """What one feed announced on one day; ``digest`` tells one capture of that day from another.

    ``origin`` says whether the feed itself was read or the API was asked for what it had missed. ``highest`` is the
    highest number among the first versions that are new. ``odd`` are the entries that could not be read: ``why`` of
    each, with its ``arxiv_id`` and ``type`` where it says them. ``brings`` is the earlier day whose papers a delayed
    batch has. Of a ``thinned`` one only the entries are left that announce a paper.
    """

    __tablename__ = "batches"
    __table_args__ = (UniqueConstraint("feed", "day", "digest"),)

    id: int = Field(default=None, primary_key=True)
    feed: str = Field(sa_type=Text)
    day: date = Field(index=True)
    digest: str = Field(max_length=64)
    built_at: datetime
    ingested_at: datetime
    source: str = Field(sa_type=Text)
    items: int
    new_papers: int
    updated_papers: int
    health: str = Field(max_length=16)
    reason: str = Field(default="", sa_type=Text)
    origin: Origin = Field(default=Origin.FEED, sa_column=Column(enum_of(Origin), nullable=False))
    cut_off: bool = False
    highest: str | None = Field(default=None, max_length=32)
    odd: list[dict[str, str | None]] = Field(
        default_factory=list, sa_column=Column(JSON, nullable=False, server_default=text("'[]'"))
    )
    brings: date | None = None
    thinned: bool = Field(default=False, sa_column_kwargs={"server_default": false()})


class FeedBody(Table, table=True):
    """A body that was ingested, by the digest of its bytes: the same bytes need not be read twice."""

    __tablename__ = "feed_bodies"

    digest: str = Field(primary_key=True, max_length=64)
    batch_id: int = Field(sa_column=owner("batches.id"))


class FeedDay(Table, table=True):
    """What became of one feed on one day, and of the repair where papers may be missing.

    ``next_try_at`` is when the repair goes on; ``repaired`` says in words how it ended, and ``found`` how many papers
    arXiv's API knew of the day then. ``asked`` is how often in a row the API answered that it knows none; its
    failures in between do not count. ``came_on`` is the later day whose feed brought the papers: nothing is left to
    repair then.
    """

    __tablename__ = "feed_days"

    feed: str = Field(primary_key=True, sa_type=Text)
    day: date = Field(primary_key=True)
    health: str = Field(max_length=16)
    reason: str = Field(default="", sa_type=Text)
    tries: int = 0
    next_try_at: datetime | None = Field(default=None, index=True)
    repaired: str | None = Field(default=None, sa_type=Text)
    error: str | None = Field(default=None, sa_type=Text)
    found: int | None = None
    asked: int = 0
    came_on: date | None = None


class RateLimit(Table, table=True):
    """From when on the next request to a service may go out: how several processes keep its pause together."""

    __tablename__ = "turns"

    service: str = Field(primary_key=True, max_length=40)
    free_at: datetime


class AnnouncementRow(Table, table=True):
    """One feed entry."""

    __tablename__ = "announcements"

    batch_id: int = Field(sa_column=Column(Integer, ForeignKey("batches.id", ondelete="CASCADE"), primary_key=True))
    arxiv_id: str = Field(primary_key=True, foreign_key="papers.arxiv_id", index=True)
    type: AnnounceType = Field(sa_column=Column(enum_of(AnnounceType), nullable=False))
    version: int


class FeedState(Table, table=True):
    """What is known about polling one feed: for conditional requests, pauses after failures and ``picks status``."""

    __tablename__ = "feeds"

    feed: str = Field(primary_key=True)
    etag: str | None = Field(default=None, sa_type=Text)
    polled_at: datetime | None = None
    next_poll_at: datetime | None = None
    last_day: date | None = None
    failures: int = 0
    error: str | None = Field(default=None, sa_type=Text)


class RankedDay(Table, table=True):
    """How many batches of one day a channel's queue has taken into account: more in the store means rank again.

    ``weights`` is the digest of the learned weights by which it was chosen, empty where the channel had none.
    """

    __tablename__ = "ranked_days"

    channel: str = Field(primary_key=True, max_length=40)
    day: date = Field(primary_key=True)
    batches: int
    weights: str = Field(default="", max_length=64, sa_column_kwargs={"server_default": ""})


class Candidate(Table, table=True):
    """A paper in a channel's queue, with its score and the reasons; ``id`` is the short number people type.

    ``withdrawn_version`` is the newest version of the paper whose withdrawal was acted on.
    """

    __tablename__ = "candidates"
    __table_args__ = (
        UniqueConstraint("channel", "arxiv_id"),
        Index("ix_candidates_channel_state", "channel", "state"),
        {"sqlite_autoincrement": True},  # a number that a person has seen is never given to another paper
    )

    id: int = Field(default=None, primary_key=True)
    channel: str = Field(max_length=40)
    arxiv_id: str = Field(foreign_key="papers.arxiv_id", index=True)
    announced: date | None = None
    score: float
    reasons: list[str] = Field(sa_column=Column(JSON, nullable=False))
    state: CandidateState = Field(sa_column=Column(enum_of(CandidateState), nullable=False))
    queued_at: datetime
    held_until: date | None = None
    by_hand: bool = False
    withdrawn_version: int | None = None


class Pick(Table, table=True):
    """What the curators wrote about a candidate, and, once approved, when it goes out.

    ``writers`` says of the note and of each link who changed it last, and when. ``former_slot_at`` is the slot that it
    had before a change sent it back to the queue; ``slot_chosen`` says of either slot that a person chose the time.
    """

    __tablename__ = "picks"
    __table_args__ = (UniqueConstraint("candidate_id"), {"sqlite_autoincrement": True})

    id: int = Field(default=None, primary_key=True)
    candidate_id: int = Field(sa_column=owner("candidates.id"))
    note: str = Field(default="", sa_type=Text)
    thread_url: str | None = Field(default=None, sa_type=Text)
    code_url: str | None = Field(default=None, sa_type=Text)
    slot_at: datetime | None = Field(default=None, index=True)
    approved_at: datetime | None = None
    approved_by: str | None = Field(default=None, max_length=100)
    former_slot_at: datetime | None = None
    slot_chosen: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    writers: Json = Field(default_factory=dict, sa_column=Column(JSON, nullable=False, server_default="{}"))


class Delivery(Table, table=True):
    """One pick on one platform: a row of the outbox.

    ``request`` is the stored intention: set before a request goes out, cleared with its result. A row in state
    ``sending`` belongs to ``claimed_by`` until ``lease_until``. ``account`` is who is to post it, from its approval on,
    as people call it, and ``account_id`` what that account keeps for good; both as far as known. ``not_out_at`` is when
    a person has said that nothing of it is out. ``single`` says that it goes out as its single post, because the
    platform refused a reply; ``unquoted`` that it goes out without its quote, because that is no longer welcome;
    ``unpictured`` that it goes out without its picture, because that cannot be had. A ``former`` one is of an approval
    before the pick was reopened: it is down, and stays for the log and the spending.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        partial_index("uq_deliveries_present", "pick_id", "platform", where="NOT former", unique=True),
        Index("ix_deliveries_state_due_at", "state", "due_at"),
        {"sqlite_autoincrement": True},  # an old list of ids must never name another pick's delivery
    )

    id: int = Field(default=None, primary_key=True)
    pick_id: int = Field(sa_column=owner("picks.id"))
    platform: Platform = Field(sa_column=Column(enum_of(Platform), nullable=False))
    state: DeliveryState = Field(sa_column=Column(enum_of(DeliveryState), nullable=False))
    fingerprint: str = Field(max_length=64)
    remarks: list[str] = Field(sa_column=Column(JSON, nullable=False))
    single: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    former: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    unquoted: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    unpictured: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    due_at: datetime
    next_try_at: datetime | None = None
    attempts: int = 0
    claimed_by: str | None = Field(default=None, max_length=100)
    lease_until: datetime | None = None
    request: Json | None = Field(default=None, sa_column=Column(JSON(none_as_null=True), nullable=True))
    account: str | None = Field(default=None, sa_type=Text)
    account_id: str | None = Field(default=None, sa_type=Text)
    not_out_at: datetime | None = None
    error: str | None = Field(default=None, sa_type=Text)
    sent_at: datetime | None = None

    @property
    def poster(self) -> Identity | None:
        """Return who is to post it, or has; None while that is not known."""
        return Identity(self.account, self.account_id) if self.account else None

    @property
    def corrects(self) -> bool:
        """Say whether its thread is out whole, and what is still to go out is a correction below it."""
        return self.sent_at is not None and self.state in {
            DeliveryState.PLANNED,
            DeliveryState.SENDING,
            DeliveryState.UNKNOWN,
            DeliveryState.REFUSED,
        }

    @property
    def awaits_second_look(self) -> bool:
        """Say whether its outcome is unknown and the bot itself will look again: no person is needed yet."""
        return self.state is DeliveryState.UNKNOWN and self.next_try_at is not None

    def is_being_sent(self, now: datetime) -> bool:
        """Say whether a worker has it at this moment."""
        lease = held_until(self.lease_until, now=now, longest=LONGEST_LEASE)
        return self.state is DeliveryState.SENDING and lease is not None


class DeliveryChange(Table, table=True):
    """The log of a delivery: who did what to it, when, through which mouth, and what went wrong."""

    __tablename__ = "delivery_changes"

    id: int = Field(default=None, primary_key=True)
    delivery_id: int = Field(sa_column=owner("deliveries.id"))
    at: datetime
    action: DeliveryAction = Field(sa_column=Column(enum_of(DeliveryAction), nullable=False))
    before: DeliveryState | None = Field(default=None, sa_column=Column(enum_of(DeliveryState), nullable=True))
    after: DeliveryState = Field(sa_column=Column(enum_of(DeliveryState), nullable=False))
    by: str = Field(max_length=100)
    mouth: str = Field(max_length=20)
    detail: str = Field(default="", sa_type=Text)


class FrozenPost(Table, table=True):
    """One post in the exact form that was approved, and what became of it.

    ``single`` marks the one post that stands in for the whole thread where replies are refused.
    """

    __tablename__ = "posts"
    __table_args__ = (UniqueConstraint("delivery_id", "single", "position"),)

    id: int = Field(default=None, primary_key=True)
    delivery_id: int = Field(sa_column=owner("deliveries.id"))
    single: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    position: int
    content: Json = Field(sa_column=Column(JSON, nullable=False))
    price_usd: Decimal = Field(sa_column=Column(Numeric(10, 4), nullable=False))
    remote_id: str | None = Field(default=None, sa_type=Text)
    cid: str | None = Field(default=None, max_length=100)
    url: str | None = Field(default=None, sa_type=Text)
    document: str | None = Field(default=None, sa_type=Text)
    sent_at: datetime | None = Field(default=None, index=True)
    removed_at: datetime | None = Field(default=None, index=True)


class Decision(Table, table=True):
    """The log: who did what to a candidate, when, through which mouth, and why."""

    __tablename__ = "decisions"

    id: int = Field(default=None, primary_key=True)
    candidate_id: int = Field(sa_column=owner("candidates.id"))
    at: datetime
    action: Action = Field(sa_column=Column(enum_of(Action), nullable=False))
    before: CandidateState | None = Field(default=None, sa_column=Column(enum_of(CandidateState), nullable=True))
    after: CandidateState = Field(sa_column=Column(enum_of(CandidateState), nullable=False))
    by: str = Field(max_length=100)
    mouth: str = Field(max_length=20)
    detail: str = Field(default="", sa_type=Text)


_ELSEWHERE: Final = (
    account_tables.AccountState,
    alert_tables.Alert,
    key_tables.WorkerKey,
    chat_tables.ChatAccount,
    collection_tables.CollectionItem,
    correction_tables.Correction,
    picture_tables.PictureRow,
    learning_tables.WeightsRow,
    limit_tables.ServerLimits,
    message_tables.Message,
    worker_tables.Heartbeat,
)
METADATA: Final = _ELSEWHERE[0].metadata
"""All tables, for migrations: here, so that whoever asks for it has loaded every class."""
