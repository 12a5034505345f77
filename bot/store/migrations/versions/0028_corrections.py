"""Corrections of picks that are out."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = sqlmodel.sql.sqltypes.UTCDateTime()
    op.create_table(
        "corrections",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pick_id", sa.Integer(), nullable=False),
        sa.Column("form", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("picture", sa.LargeBinary(), nullable=True),
        sa.Column("threads", sa.JSON(), nullable=False),
        sa.Column("by", sa.String(length=100), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("due_at", moment, nullable=False),
        sa.Column("published_at", moment, nullable=False),
        sa.Column("started_at", moment, nullable=True),
        sa.Column("next_try_at", moment, nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["pick_id"], ["picks.id"], name=op.f("fk_corrections_pick_id_picks"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_corrections")),
    )
    op.create_index(op.f("ix_corrections_pick_id"), "corrections", ["pick_id"])
    op.create_index(op.f("ix_corrections_due_at"), "corrections", ["due_at"])
    op.add_column("known_picks", sa.Column("corrected_at", moment, nullable=True))
    open_ones = sa.text("state IN ('planned', 'underway')")
    op.create_index(
        "uq_corrections_open",
        "corrections",
        ["pick_id"],
        unique=True,
        sqlite_where=open_ones,
        postgresql_where=open_ones,
    )
