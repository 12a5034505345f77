"""Learned weights, what they were learned from, and scores as probabilities."""

import math

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "weights",
        sa.Column("channel", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("digest", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("trained_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("trained_until", sa.Date(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("base", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("channel", name=op.f("pk_weights")),
    )
    op.create_table(
        "lessons",
        sa.Column("channel", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("decision_id", sa.Integer(), nullable=False),
        sa.Column("known_picks", sa.Integer(), nullable=False),
        sa.Column("tried_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("claimed_by", sqlmodel.sql.sqltypes.AutoString(length=100), nullable=True),
        sa.Column("lease_until", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("channel", name=op.f("pk_lessons")),
    )
    op.create_table(
        "known_picks",
        sa.Column("channel", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("arxiv_id", sqlmodel.sql.sqltypes.AutoString(length=32), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("imported_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("channel", "arxiv_id", name=op.f("pk_known_picks")),
    )
    # Only added, as in the migration before this one.
    op.add_column(
        "ranked_days",
        sa.Column("weights", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False, server_default=""),
    )
    _points_to_probabilities()


def _points_to_probabilities() -> None:
    """Bring the scores of the candidates that are there, sums of points, on the scale of those to come."""
    candidates = sa.table("candidates", sa.column("id", sa.Integer()), sa.column("score", sa.Float()))
    connection = op.get_bind()
    for number, points in connection.execute(sa.select(candidates.c.id, candidates.c.score)).all():
        scored = candidates.update().where(candidates.c.id == number)
        connection.execute(scored.values(score=_probability(points)))


def _probability(points: float) -> float:
    log_odds = 0.95 * points - 7.6
    bent = min(log_odds, -3.0) + 0.3 * max(log_odds + 3.0, 0.0)
    return round(1.0 / (1.0 + math.exp(-min(max(bent, -500.0), 500.0))), 6)
