"""At the desk a pick that is out is found, its note corrected, the change looked at and approved."""

import pytest
from sqlmodel import update

from bot.domain.posts import Platform
from bot.domain.states import CandidateState
from bot.platforms.memory import MemoryPublisher
from bot.publishing.sender import Outbox, deliver_due
from bot.store.database import Database
from bot.store.tables import Candidate
from desk_stage import PAPERS, Table

FIRST, *_ = PAPERS
FOUND = ("/", "'2602.00001'", "enter", "enter")


@pytest.fixture
def table(sqlite_database: Database) -> Table:
    """Return a table to which a pick that is out can be brought."""
    table = Table(sqlite_database)
    table.does("ada", "approve", FIRST, note="a note.", now=True)
    publishers = {item: MemoryPublisher(item) for item in (Platform.BLUESKY, Platform.X)}
    outbox = Outbox(
        database=table.database,
        publisher_for=lambda _, platform: publishers[platform],
        clock=lambda: table.now,
        sleep=lambda _: False,
        worker="w1",
    )
    deliver_due(outbox, channels=[table.channel.name])
    return table


def test_a_correction_is_written_looked_at_and_approved(table: Table) -> None:
    looked_at = table.sit(*FOUND, "C", "' twice'", "ctrl+s")
    assert "a correction, as it would go out in the next free slot" in looked_at.window
    assert table.paper(FIRST).corrections == ()
    seen = table.sit(*FOUND, "C", "' twice'", "ctrl+s", "enter")
    [row] = table.paper(FIRST).corrections
    assert (row.note, row.state, row.by) == ("a note. twice", "planned", "ada")
    assert "approved the correction of 2602.00001" in seen.said
    assert "correction: reply, planned" in seen.about
    assert table.sit(*FOUND, "u").said.startswith("the correction of 2602.00001 is taken back")


def test_what_is_wrong_with_it_is_said_and_the_words_stay(table: Table) -> None:
    seen = table.sit(*FOUND, "C", "ctrl+s")
    assert "nothing to correct: the note of 2602.00001 says that already" in seen.said
    assert "the corrected note, whole" in seen.window


def test_a_window_that_is_left_corrects_nothing_and_goes_back_to_the_words(table: Table) -> None:
    seen = table.sit(*FOUND, "C", "' twice'", "ctrl+s", "escape")
    assert "the corrected note, whole" in seen.window
    assert table.sit(*FOUND, "C", "' twice'", "escape").window == ""
    assert table.paper(FIRST).corrections == ()


def test_a_pick_that_is_out_on_one_platform_alone_is_said_to_be_on_its_way(table: Table) -> None:
    with table.database.transaction() as session:
        session.exec(update(Candidate).values(state=CandidateState.PUBLISHING))
    assert "2602.00001 is not out everywhere yet; C corrects it once it is" in table.sit(*FOUND, "C").said


def test_what_is_not_out_is_not_corrected(table: Table) -> None:
    seen = table.sit("C")
    assert "C corrects the note of a pick that is out; n writes that of any other" in seen.said
    assert table.paper(FIRST).state is CandidateState.PUBLISHED
