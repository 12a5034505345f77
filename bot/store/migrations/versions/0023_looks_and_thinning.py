"""What a look at an account found that this database does not know; old batches of feeds can be thinned."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("batches", sa.Column("thinned", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_table(
        "account_looks",
        sa.Column("platform", sa.String(length=32), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("looked_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("waits_since", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("threads", sa.Integer(), nullable=False),
        sa.Column("example", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("platform", "account", name=op.f("pk_account_looks")),
    )
