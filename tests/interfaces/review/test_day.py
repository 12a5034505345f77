"""What lies on the desk, without a screen: days, news of what others did, what was done here."""

from datetime import date, timedelta

import pytest

from bot.intake.ingest import Capture, ingest
from bot.interfaces.review.desk import Desk
from bot.store.database import Database
from desk_stage import PAPERS, YESTERDAY, Table
from samples import announcement, batch

FIRST, SECOND, THIRD, FOURTH = PAPERS


@pytest.fixture
def table(sqlite_database: Database) -> Table:
    return Table(sqlite_database)


@pytest.fixture
def desk(table: Table) -> Desk:
    laid = Desk(table.call, "ada")
    laid.load()
    return laid


def _names(desk: Desk) -> list[str]:
    return [row.arxiv_id for row in desk.rows]


def test_what_another_curator_does_is_news_once(table: Table, desk: Desk) -> None:
    table.does("ben", "reject", SECOND)
    table.does("ben", "note", FIRST, text="His.")
    numbers = [table.paper(name).id for name in (FIRST, SECOND)]
    assert [item.what for item in desk.refresh()] == [
        f"ben: reject of #{numbers[1]}, it is rejected now",
        f"ben: note of #{numbers[0]}, it is queued now",
    ]
    assert desk.refresh() == []
    assert desk.done == 1


def test_what_was_done_here_is_no_news_and_what_the_same_person_does_elsewhere_is(table: Table, desk: Desk) -> None:
    desk.decide("reject", FIRST, reason="")
    assert desk.refresh() == []
    table.now += timedelta(minutes=1)
    table.does("ada", "reject", SECOND)
    assert [item.arxiv_id for item in desk.refresh()] == [SECOND]


def test_what_happens_to_papers_that_do_not_lie_here_is_no_news(table: Table, desk: Desk) -> None:
    table.does("ben", "reject", YESTERDAY)
    assert desk.refresh() == []


def test_papers_that_come_in_join_the_desk(table: Table, desk: Desk) -> None:
    late = batch(announcement("2602.00008", "Probing Late", authors=("A. Late",)), feed="cs.LG")
    ingest(table.database, [Capture(late, "test")], channels=[table.channel], now=table.now)
    assert [item.what for item in desk.refresh()] == [f"#{table.paper('2602.00008').id} came in"]
    assert _names(desk)[-1] == "2602.00008"


def test_a_candidate_that_better_papers_push_out_is_said_to_wait_no_longer(table: Table) -> None:
    table.channel = table.channel.model_copy(update={"queue": table.channel.queue.model_copy(update={"size": 4})})
    desk = Desk(table.call, "ada")
    desk.load()
    last = desk.rows[-1]
    better = batch(announcement("2602.00008", "Probing by Steering", authors=("A. Late",)), feed="cs.LG")
    ingest(table.database, [Capture(better, "test")], channels=[table.channel], now=table.now)
    assert [item.what for item in desk.refresh()] == [
        f"#{last.id} waits no longer",
        f"#{table.paper('2602.00008').id} came in",
    ]
    assert desk.refresh() == []


def test_a_day_that_is_laid_out_again_has_what_was_decided(desk: Desk) -> None:
    today = desk.day
    desk.decide("reject", FIRST, reason="")
    desk.load(date(2026, 2, 16))
    assert _names(desk) == [YESTERDAY]
    desk.load(today)
    assert (_names(desk), desk.done) == (list(PAPERS), 1)


def test_all_days_may_lie_together(desk: Desk) -> None:
    desk.load_all()
    assert (desk.day, sorted(_names(desk))) == (None, sorted([*PAPERS, YESTERDAY]))
    assert desk.days() == {date(2026, 2, 17): 4, date(2026, 2, 16): 1}


def test_undo_takes_back_the_last_decision_that_still_stands(desk: Desk) -> None:
    for name in (FIRST, SECOND):
        desk.decide("reject", name, reason="")
    assert [desk.undo(THIRD).data.arxiv_id for _ in range(2)] == [SECOND, FIRST]


def test_the_summary_counts_every_day_that_was_laid_out(desk: Desk) -> None:
    desk.decide("reject", FIRST, reason="")
    desk.decide("approve", SECOND)
    assert desk.summary() == "4 candidates of 2026-02-17: 1 rejected, 1 approved, 2 left"
    desk.load(date(2026, 2, 16))
    desk.decide("hold", YESTERDAY, until="2026-03-01")
    assert desk.summary() == ("5 candidates of 2026-02-17, 2026-02-16: 1 rejected, 1 approved, 1 held, 2 left")


def test_a_day_without_candidates_is_an_empty_desk(table: Table) -> None:
    desk = Desk(table.call, "ada")
    desk.load(date(2026, 1, 1))
    assert (desk.rows, desk.done, desk.summary()) == ([], 0, "nothing was on the desk")


def test_a_quoted_post_is_looked_up_once_and_not_at_every_letter(table: Table) -> None:
    table.does("ada", "note", FIRST, thread="https://bsky.app/profile/did:plc:abc/post/3kabc")
    desk = Desk(table.call, "ada")
    for words in ("a", "ab", "abc"):
        desk.preview(FIRST, words)
    assert len(table.looked_up) == 1
