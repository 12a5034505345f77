"""Accounts by what they keep for good, and the posts on them that this database has not sent.

Old rows learn the ids that they hold themselves: a Bluesky post's address begins with the account's DID, the name of an
X account ends with its number. The others learn theirs when somebody next signs in with their name.
"""

import re

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_DID = re.compile(r"at://(did:[a-z]+:[A-Za-z0-9._:%-]+)/")
_NUMBERED = re.compile(r"x\.com/i/user/(\d+)")

_deliveries = sa.table(
    "deliveries",
    sa.column("id", sa.Integer),
    sa.column("platform", sa.String),
    sa.column("account", sa.Text),
    sa.column("account_id", sa.Text),
    sa.column("request", sa.JSON),
)
_posts = sa.table("posts", sa.column("delivery_id", sa.Integer), sa.column("remote_id", sa.Text))
_accounts = sa.table("accounts", sa.column("platform", sa.String), sa.column("account", sa.Text))


def upgrade() -> None:
    op.create_table(
        "account_names",
        sa.Column("platform", sa.String(length=32), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("learned_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("platform", "name", name=op.f("pk_account_names")),
    )
    op.create_table(
        "stray_posts",
        sa.Column("platform", sa.String(length=32), nullable=False),
        sa.Column("remote_id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("seen_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("platform", "remote_id", name=op.f("pk_stray_posts")),
    )
    op.add_column("deliveries", sa.Column("account_id", sa.Text(), nullable=True))
    op.add_column("deliveries", sa.Column("not_out_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
    _learn_from_posts()
    _learn_from_requests()
    _learn_from_names()


def _learn_from_posts() -> None:
    connection = op.get_bind()
    rows = connection.execute(
        sa.select(_posts.c.delivery_id, _posts.c.remote_id)
        .join(_deliveries, _deliveries.c.id == _posts.c.delivery_id)
        .where(_deliveries.c.platform == "bluesky", _posts.c.remote_id.is_not(None))
    ).all()
    for delivery_id, remote_id in rows:
        if found := _DID.match(remote_id):
            _learn(_deliveries.c.id == delivery_id, found[1])


def _learn_from_requests() -> None:
    connection = op.get_bind()
    rows = connection.execute(
        sa.select(_deliveries.c.id, _deliveries.c.request).where(
            _deliveries.c.platform == "bluesky", _deliveries.c.account_id.is_(None)
        )
    ).all()
    for delivery_id, request in rows:
        repo = request["body"].get("repo") if request else None
        if isinstance(repo, str) and repo.startswith("did:"):
            _learn(_deliveries.c.id == delivery_id, repo)


def _learn_from_names() -> None:
    connection = op.get_bind()
    for name in connection.scalars(sa.select(_deliveries.c.account).where(_deliveries.c.platform == "x").distinct()):
        if found := _NUMBERED.fullmatch(name or ""):
            _learn(sa.and_(_deliveries.c.platform == "x", _deliveries.c.account == name), found[1])
    for name in connection.scalars(sa.select(_accounts.c.account).where(_accounts.c.platform == "x")).all():
        if found := _NUMBERED.fullmatch(name):
            connection.execute(
                sa.update(_accounts)
                .where(_accounts.c.platform == "x", _accounts.c.account == name)
                .values(account=found[1])
            )


def _learn(which: sa.ColumnElement[bool], account_id: str) -> None:
    op.get_bind().execute(sa.update(_deliveries).where(which).values(account_id=account_id))
