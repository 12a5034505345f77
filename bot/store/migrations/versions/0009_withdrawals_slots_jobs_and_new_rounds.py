"""Withdrawals by version, slots that survive a change, writers of notes, the worker's jobs, former deliveries."""

import re

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# What the version before wrote into its log.
_NOTICE = re.compile(r"version (\d+) is a notice of withdrawal")


def upgrade() -> None:
    op.add_column("candidates", sa.Column("withdrawn_version", sa.Integer(), nullable=True))
    op.add_column("picks", sa.Column("former_slot_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
    op.add_column("picks", sa.Column("slot_chosen", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("picks", sa.Column("written_by", sqlmodel.sql.sqltypes.AutoString(length=100), nullable=True))
    op.add_column("picks", sa.Column("written_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
    op.create_table(
        "jobs",
        sa.Column("worker", sqlmodel.sql.sqltypes.AutoString(length=100), nullable=False),
        sa.Column("job", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("started_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("ended_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("result", sa.String(length=32), nullable=False),
        sa.Column("due_by", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("worker", "job", name=op.f("pk_jobs")),
    )
    _allow_several_rounds()
    _read_withdrawals()
    _read_writers()


def _allow_several_rounds() -> None:
    """Let a pick that was reopened have another delivery on the same platform; one of them is the present one."""
    newest = _newest_number()
    with op.batch_alter_table("deliveries", schema=None, table_kwargs={"sqlite_autoincrement": True}) as batch_op:
        batch_op.add_column(sa.Column("former", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.drop_constraint("uq_deliveries_pick_id_platform", type_="unique")
    op.create_index(
        "uq_deliveries_present",
        "deliveries",
        ["pick_id", "platform"],
        unique=True,
        sqlite_where=sa.text("NOT former"),
        postgresql_where=sa.text("NOT former"),
    )
    if newest is not None:  # SQLite rebuilt the table, and forgot the numbers of rows that are gone
        op.execute(sa.text("UPDATE sqlite_sequence SET seq = :seq WHERE name = 'deliveries'").bindparams(seq=newest))


def _newest_number() -> int | None:
    """Return the last number that SQLite gave to a delivery; None on another database, or where there was none."""
    if op.get_bind().dialect.name != "sqlite":
        return None
    seq: int | None = op.get_bind().scalar(sa.text("SELECT seq FROM sqlite_sequence WHERE name = 'deliveries'"))
    return seq


def _read_withdrawals() -> None:
    """Take over which version's withdrawal was acted on."""
    candidates = sa.table("candidates", sa.column("id"), sa.column("withdrawn_version"))
    decisions = sa.table("decisions", *(sa.column(name) for name in ("id", "candidate_id", "action", "detail")))
    noticed = sa.select(decisions).where(decisions.c.action == "withdraw").order_by(decisions.c.id)
    for row in op.get_bind().execute(noticed).all():
        found = _NOTICE.match(row.detail)
        known = candidates.update().where(candidates.c.id == row.candidate_id)
        op.execute(known.values(withdrawn_version=int(found[1]) if found else None))


def _read_writers() -> None:
    """Take over who wrote each note, and when: the person of the newest change or approval."""
    picks = sa.table("picks", *(sa.column(name) for name in ("candidate_id", "written_by", "written_at")))
    at = sa.column("at", sqlmodel.sql.sqltypes.UTCDateTime())
    decisions = sa.table("decisions", at, *(sa.column(name) for name in ("id", "candidate_id", "action", "by")))
    wrote = sa.select(decisions).where(decisions.c.action.in_(("note", "approve"))).order_by(decisions.c.id)
    for row in op.get_bind().execute(wrote).all():
        op.execute(
            picks.update()
            .where(picks.c.candidate_id == row.candidate_id)
            .values(written_by=row.by, written_at=sa.bindparam("at", row.at, sqlmodel.sql.sqltypes.UTCDateTime()))
        )
