"""Conversations: how far they were handled, and whom a curator's handle stands for."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = sqlmodel.sql.sqltypes.UTCDateTime()
    op.create_table(
        "chat_accounts",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("cursor", sa.Text(), nullable=True),
        sa.Column("since", moment, nullable=True),
        sa.Column("read_at", moment, nullable=True),
        sa.Column("begun", sa.Text(), nullable=True),
        sa.Column("steps", sa.Integer(), nullable=False),
        sa.Column("begun_by", sa.String(length=100), nullable=True),
        sa.Column("begun_at", moment, nullable=True),
        sa.Column("trouble", sa.String(length=32), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("rests_until", moment, nullable=True),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_chat_accounts")),
    )
    op.create_table(
        "chat_convos",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("convo_id", sa.Text(), nullable=False),
        sa.Column("did", sa.Text(), nullable=False),
        sa.Column("accepted", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "convo_id", name=op.f("pk_chat_convos")),
    )
    op.create_table(
        "chat_handled",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.PrimaryKeyConstraint("account_id", "message_id", name=op.f("pk_chat_handled")),
    )
    op.create_table(
        "chat_people",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("did", sa.Text(), nullable=False),
        sa.Column("trouble", sa.String(length=32), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("since", moment, nullable=False),
        sa.PrimaryKeyConstraint("account_id", "did", name=op.f("pk_chat_people")),
    )
    op.create_table(
        "curator_handles",
        sa.Column("handle", sa.Text(), nullable=False),
        sa.Column("did", sa.Text(), nullable=True),
        sa.Column("holder", sa.Text(), nullable=True),
        sa.Column("learned_at", moment, nullable=True),
        sa.Column("checked_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("handle", name=op.f("pk_curator_handles")),
    )
