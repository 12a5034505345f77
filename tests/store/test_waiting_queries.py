"""What a query says of a stored time is what ``held_until`` and ``meant`` say of it."""

from datetime import timedelta

from sqlmodel import col, select

from bot.domain.waiting import LONGEST, held_until, meant
from bot.store.database import Database
from bot.store.tables import FeedState
from bot.store.waiting import holds_back, is_later, is_over
from samples import NOON

AHEAD = [timedelta(seconds=number) for number in (-90, -1, 0, 1, 90, 86_399, 86_400, 86_401, 5_000_000)]


def test_a_query_and_the_rule_agree(database: Database) -> None:
    moments = {f"cs.{number}": NOON + ahead for number, ahead in enumerate(AHEAD)}
    with database.transaction() as session:
        session.add_all(FeedState(feed=name, next_poll_at=moment) for name, moment in moments.items())
        session.add(FeedState(feed="never"))
    column = col(FeedState.next_poll_at)
    with database.reading() as session:
        waiting, later, over = (
            set(session.exec(select(FeedState.feed).where(rule(column, now=NOON))))
            for rule in (holds_back, is_later, is_over)
        )
    assert waiting == {name for name, moment in moments.items() if held_until(moment, now=NOON)}
    assert later == {name for name, moment in moments.items() if meant(moment, now=NOON) is None}
    assert over == set(moments) - waiting
    assert timedelta(days=1) == LONGEST
