"""What the public sees of a pick, from a store in which it was really published, taken down and posted anew."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from archive_site import CONTROLS, RIGHT_TO_LEFT
from bot.archive import stamps
from bot.archive.entries import Entry, entries
from bot.archive.refreshing import refresh
from bot.archive.stamps import stamp
from bot.curation import decisions
from bot.curation.context import Edits
from bot.domain.actors import Actor
from bot.domain.errors import PermanentError, TransientError
from bot.domain.posts import Platform
from bot.platforms.memory import Moment
from bot.publishing.retract import retract
from bot.store.database import Database
from bot.store.learning_tables import KnownPick
from bot.store.tables import PaperRow
from publishing_stage import CHANNEL, NOTE, PAPER, Stage, approved_stage
from samples import NOON

ADA = Actor("ada", "test")
TOPICAL = CHANNEL.model_copy(
    update={"archive": CHANNEL.archive.model_copy(update={"topics": {"Probes": ("prob*",), "Nothing": ("zebra",)}})}
)


@pytest.fixture
def stage(database: Database) -> Stage:
    return approved_stage(database)


def only(stage: Stage) -> Entry:
    [found] = entries(stage.database, TOPICAL)
    return found


def test_a_pick_is_in_the_archive_once_a_thread_of_it_is_out_whole(stage: Stage) -> None:
    assert entries(stage.database, CHANNEL) == []
    stage.publishers[Platform.X].fail(Moment.BEFORE, PermanentError("no"))
    stage.tick()
    found = only(stage)
    assert (found.arxiv_id, found.title, found.note, found.live) == (PAPER, "Probing", NOTE, True)
    assert found.tags == ("Probes", "cs.CL")
    assert (found.published_at, found.picked_at, found.day) == (NOON, NOON, NOON.date())
    assert [post.platform for post in found.posts] == ["bluesky"]


def test_a_retracted_pick_is_a_notice_without_the_curators_words(stage: Stage) -> None:
    stage.tick()
    stage.now += timedelta(days=1)
    retract(stage.outbox(), CHANNEL, PAPER, actor=ADA)
    found = only(stage)
    assert found.retracted_at == NOON + timedelta(days=1)
    assert (found.note, found.posts, found.topics, found.code_url) == ("", (), (), None)
    assert found.title == "Probing"


def test_a_pick_that_is_down_on_one_platform_stays_with_the_other(stage: Stage) -> None:
    stage.tick()
    retract(stage.outbox(), CHANNEL, PAPER, actor=ADA, platform=Platform.BLUESKY)
    found = only(stage)
    assert found.live
    assert [post.platform for post in found.posts] == ["x"]


def test_new_words_of_a_reopened_pick_show_only_once_they_were_approved_and_are_out(stage: Stage) -> None:
    stage.tick()
    retract(stage.outbox(), CHANNEL, PAPER, actor=ADA)
    decisions.reopen(stage.context(), PAPER)
    decisions.note(stage.context(), PAPER, Edits(note="Words that nobody approved."))
    assert (only(stage).live, only(stage).note) == (False, "")
    stage.now += timedelta(days=2)
    decisions.approve(stage.context(), PAPER, Edits(note="New words."), at=stage.now)
    assert (only(stage).live, only(stage).note) == (False, "")
    stage.tick()
    assert (only(stage).note, only(stage).published_at) == ("New words.", stage.now)


def known(arxiv_id: str, **more: Any) -> KnownPick:
    return KnownPick(channel=CHANNEL.name, arxiv_id=arxiv_id, imported_at=NOON, **more)


def test_picks_from_elsewhere_are_there_with_what_is_known_of_them(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as session:
        session.add(known("2403.00001", title="Title", note="A note.", day=date(2024, 3, 9), authors=["A. One"]))
        session.add(known("cs/0112017", title=""))
    newest, oldest = entries(sqlite_database, CHANNEL)
    assert (newest.title, newest.note, newest.day, newest.elsewhere) == ("Title", "A note.", date(2024, 3, 9), True)
    assert (oldest.title, oldest.day, oldest.authors) == ("arXiv:cs/0112017", date(2001, 12, 1), ())


def test_what_this_program_published_counts_more_than_what_came_from_elsewhere(stage: Stage) -> None:
    with stage.database.transaction() as session:
        session.add(known(PAPER, title="Other", note="Other words."))
    assert only(stage).note == "Other words."
    stage.tick()
    assert only(stage).note == NOTE


def test_words_from_elsewhere_are_cleaned(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as session:
        session.add(
            known(
                "2403.00001",
                title=f"{RIGHT_TO_LEFT}\n{CONTROLS.replace(chr(0), '')}",
                note=f"one\r\ntwo\n\n\n\nthree {RIGHT_TO_LEFT}",
                thread_url="java\nscript:alert(1)",
            )
        )
    [found] = entries(sqlite_database, CHANNEL)
    assert found.title == "שלום عالم gnp.exe ab[31mc d"
    assert found.note == "one\ntwo\n\nthree שלום عالم gnp.exe"
    assert found.thread_url == "java script:alert(1)"


def test_the_stamp_changes_with_publication_retraction_words_and_channel_file_and_with_nothing_else(
    stage: Stage,
) -> None:
    seen = [stamp(stage.database, [CHANNEL])]
    stage.tick()
    seen.append(stamp(stage.database, [CHANNEL]))
    retract(stage.outbox(), CHANNEL, PAPER, actor=ADA)
    seen.append(stamp(stage.database, [CHANNEL]))
    with stage.database.transaction() as session:
        session.add(known("2403.00001", note="A note."))
    seen.append(stamp(stage.database, [CHANNEL]))
    with stage.database.transaction() as session:
        row = session.get_one(KnownPick, (CHANNEL.name, "2403.00001"))
        row.note = "A word."
        session.add(row)
    seen.append(stamp(stage.database, [CHANNEL]))
    seen.append(stamp(stage.database, [TOPICAL]))
    assert len(set(seen)) == len(seen)
    stage.now += timedelta(days=30)
    stage.tick()
    assert stamp(stage.database, [TOPICAL]) == seen[-1]


def test_whatever_a_page_shows_of_a_paper_builds_it_anew(sqlite_database: Database, tmp_path: Path) -> None:
    stage = approved_stage(sqlite_database)
    stage.tick()
    page = tmp_path / "site" / PAPER / "index.html"
    for change in (
        {"abstract": "An abstracT."},
        {"title": "ProbinG"},
        {"authors": ["Bea Author"]},
        {"categories": ["cs.CL", "cs.AI"]},
        {"withdrawn": True},
        {"announced": date(2024, 1, 2)},
    ):
        refresh(stage.database, [CHANNEL], tmp_path / "site")
        before = page.read_bytes()
        with stage.database.transaction() as session:
            paper = session.get_one(PaperRow, PAPER)
            for name, value in change.items():
                setattr(paper, name, value)
            session.add(paper)
        assert refresh(stage.database, [CHANNEL], tmp_path / "site") is not None, change
        assert page.read_bytes() != before, change


def test_a_pick_says_when_a_thread_of_it_last_came_or_went(stage: Stage) -> None:
    stage.publishers[Platform.X].fail(Moment.BEFORE, TransientError("not now"))
    stage.tick()
    assert only(stage).changed_at == only(stage).published_at == NOON
    stage.now += timedelta(hours=2)
    stage.tick()
    assert [post.platform for post in only(stage).posts] == ["bluesky", "x"]
    assert (only(stage).published_at, only(stage).changed_at) == (NOON, stage.now)
    stage.now += timedelta(days=1)
    retract(stage.outbox(), CHANNEL, PAPER, actor=ADA, platform=Platform.BLUESKY)
    assert (only(stage).published_at, only(stage).changed_at) == (NOON, stage.now)
    stage.now += timedelta(days=1)
    retract(stage.outbox(), CHANNEL, PAPER, actor=ADA)
    assert only(stage).changed_at == only(stage).retracted_at == stage.now


def test_the_stamp_does_not_depend_on_the_order_in_which_the_library_fills_a_row() -> None:
    row = known("2403.00001", title="Title", note="A note.")
    before = list(row.model_dump()), stamps._said(row)
    vars(row)["title"] = vars(row).pop("title")
    after = list(row.model_dump()), stamps._said(row)
    assert before[0] != after[0]
    assert before[1] == after[1]


def test_the_worker_builds_after_a_publication_and_a_retraction_and_not_otherwise(
    sqlite_database: Database, tmp_path: Path
) -> None:
    stage = approved_stage(sqlite_database)
    folder, page = tmp_path / "site", tmp_path / "site" / PAPER / "index.html"
    assert refresh(stage.database, [CHANNEL], folder) is not None
    assert refresh(stage.database, [CHANNEL], folder) is None
    stage.tick()
    built = refresh(stage.database, [CHANNEL], folder)
    assert built is not None
    assert built.picks == 1
    assert "sentence number 8" in page.read_text("utf-8")
    retract(stage.outbox(), CHANNEL, PAPER, actor=ADA)
    assert refresh(stage.database, [CHANNEL], folder) is not None
    assert "This pick was retracted" in page.read_text("utf-8")
    assert refresh(stage.database, [CHANNEL], folder) is None


def test_a_date_is_that_of_the_channels_zone(sqlite_database: Database) -> None:
    late = datetime(2024, 3, 1, 2, 0, tzinfo=UTC)
    with sqlite_database.transaction() as session:
        session.add(known("2402.00001", title="Late", picked_at=late, published_at=late))
    zone = CHANNEL.posting.model_copy(update={"time_zone": "America/New_York"})
    [found] = entries(sqlite_database, CHANNEL.model_copy(update={"posting": zone}))
    assert found.day == date(2024, 2, 29)
