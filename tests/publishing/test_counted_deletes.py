"""Where a platform counts deletes, a retraction stops before one too many and goes on when there is room again."""

from datetime import timedelta

import pytest
from sqlmodel import col, select, update

from bot.curation import decisions
from bot.curation.context import Account, Context, Edits
from bot.domain.actors import Actor
from bot.domain.errors import TransientError
from bot.domain.posts import Platform
from bot.intake.ingest import Capture, ingest
from bot.platforms.memory import MemoryPublisher
from bot.platforms.registry import TRAITS
from bot.publishing.deletes import require_room
from bot.publishing.retract import Retraction, retract
from bot.store.database import Database
from bot.store.tables import FrozenPost
from publishing_stage import NOTE, PAPER, Stage, no_quote
from samples import NOON, announcement, batch, channel

CHANNEL = channel(
    posting={"platforms": ["mastodon"], "time_zone": "UTC", "times": ["10:00"]}, thread={"note_limit": 2000}
)
EARLIER = "2602.00002"
ADA = Actor("ada", "test")


@pytest.fixture
def stage(database: Database) -> Stage:
    """Return a stage on which two picks are out on Mastodon."""
    ingest(
        database,
        [Capture(batch(announcement(PAPER, "Probing"), announcement(EARLIER, "Before")), "test")],
        channels=[CHANNEL],
        now=NOON,
    )
    stage = Stage(database, publishers={Platform.MASTODON: MemoryPublisher(Platform.MASTODON)})
    accounts = {Platform.MASTODON: Account("picks.test")}
    context = Context(database, CHANNEL, accounts, no_quote, ADA, NOON)
    for number in (PAPER, EARLIER):
        decisions.approve(context, number, Edits(note=NOTE + number), at=NOON)
    stage.tick()
    stage.tick(arxiv_id=EARLIER)
    return stage


def _retract(stage: Stage, paper: str = PAPER) -> Retraction:
    [done] = retract(stage.outbox(), CHANNEL, paper, actor=ADA)
    return done


def _deleted_before(stage: Stage, count: int) -> None:
    """Let so many posts of the account be deleted now: the earlier pick's, copied."""
    with stage.database.transaction() as session:
        rows = session.exec(select(FrozenPost).where(FrozenPost.position == 0)).all()
        template = rows[-1]
        session.add_all(
            FrozenPost(
                delivery_id=template.delivery_id,
                position=100 + number,
                content=template.content,
                price_usd=template.price_usd,
                remote_id=f"old-{number}",
                sent_at=stage.now,
                removed_at=stage.now,
            )
            for number in range(count)
        )


def test_a_retraction_stops_before_one_delete_too_many_and_goes_on_later(stage: Stage) -> None:
    _deleted_before(stage, 29)
    done = _retract(stage)
    assert (done.removed, done.left > 0) == (1, True)
    assert done.error is not None
    assert "lets an account delete 30 posts in 30 minutes" in done.error
    assert f"go on, with the same command, after {stage.now + timedelta(minutes=30):%H:%M} UTC" in done.error
    stage.now += timedelta(minutes=30)
    assert (_retract(stage).left, _retract(stage).error) == (0, None)
    assert len(stage.out(Platform.MASTODON)) > 0  # the other pick is up


def test_deletes_of_another_account_and_of_before_do_not_count(stage: Stage) -> None:
    _deleted_before(stage, 30)
    with stage.database.transaction() as session:
        session.execute(
            update(FrozenPost)
            .where(col(FrozenPost.position) >= 100)
            .values(removed_at=stage.now - timedelta(minutes=31))
        )
    assert _retract(stage).left == 0


def test_where_nothing_is_counted_there_is_always_room(database: Database) -> None:
    assert TRAITS[Platform.BLUESKY].deletes is None
    with database.reading() as session:
        require_room(session, Platform.BLUESKY, None, now=NOON)


def test_no_room_is_a_passing_trouble(stage: Stage) -> None:
    _deleted_before(stage, 30)
    with stage.database.reading() as session, pytest.raises(TransientError) as caught:
        require_room(session, Platform.MASTODON, None, now=stage.now + timedelta(minutes=10))
    assert caught.value.retry_after == 20 * 60
