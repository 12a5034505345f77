"""Picks from before with all that is known of them."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_MOMENT = sqlmodel.sql.sqltypes.UTCDateTime()


def upgrade() -> None:
    for name in ("note", "abstract"):
        op.add_column("known_picks", sa.Column(name, sa.Text(), nullable=False, server_default=""))
    for name in ("thread_url", "code_url"):
        op.add_column("known_picks", sa.Column(name, sa.Text(), nullable=True))
    for name in ("authors", "categories", "posts"):
        op.add_column("known_picks", sa.Column(name, sa.JSON(), nullable=False, server_default="[]"))
    for name in ("picked_at", "retracted_at"):
        op.add_column("known_picks", sa.Column(name, _MOMENT, nullable=True))
