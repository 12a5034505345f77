"""The tables of the worker itself: its signs of life, and how its jobs are doing.

Columns and keys only, as in ``tables``.
"""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Column, Text
from sqlmodel import Field

from bot.store.base import Table, enum_of


class Heartbeat(Table, table=True):
    """When a worker last said that it lives, and which of its jobs failed when they last ran."""

    __tablename__ = "heartbeats"

    worker: str = Field(primary_key=True, max_length=100)
    started_at: datetime
    beat_at: datetime
    stopped_at: datetime | None = None
    failing: str = Field(default="", sa_type=Text)


class JobResult(StrEnum):
    """How a job of the worker ended when it last ran, or that it runs."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class JobRow(Table, table=True):
    """A job of a worker: when it last began and ended, and how.

    ``ended_at`` is the end of the run before while it runs. ``due_by`` is when it must have ended, or, while it does
    not run, have begun again: after that it hangs.
    """

    __tablename__ = "jobs"

    worker: str = Field(primary_key=True, max_length=100)
    job: str = Field(primary_key=True, max_length=20)
    started_at: datetime
    ended_at: datetime | None = None
    result: JobResult = Field(sa_column=Column(enum_of(JobResult), nullable=False))
    due_by: datetime
