"""A pick whose note was corrected: its page says so, its day stays, and feeds bring it once more as changed."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from bot.archive.build import build
from bot.archive.entries import Entry, entries
from bot.archive.records import record
from bot.curation import corrections, decisions
from bot.curation.context import Edits
from bot.domain.actors import Actor
from bot.domain.corrections import CorrectionForm
from bot.domain.errors import TransientError
from bot.domain.posts import Platform
from bot.platforms.memory import Moment
from bot.publishing import rounds
from bot.publishing.retract import retract
from bot.store.database import Database
from publishing_stage import CHANNEL, NOTE, PAPER, Stage, approved_stage
from samples import NOON

CORRECTED = "The corrected words."
LATER = NOON + timedelta(days=3)
SITE = CHANNEL.model_copy(
    update={"archive": CHANNEL.archive.model_copy(update={"url": "https://picks.example.org/", "authority": "e.org"})}
)


def _entry(stage: Stage) -> Entry:
    [entry] = entries(stage.database, CHANNEL)
    return entry


@pytest.fixture
def stage(sqlite_database: Database) -> Stage:
    stage = approved_stage(sqlite_database)
    stage.tick()
    return stage


def _correct(stage: Stage, form: CorrectionForm) -> None:
    stage.now = LATER
    corrections.approve(stage.context(), PAPER, CORRECTED, form=form, at=LATER)


@pytest.mark.parametrize("form", CorrectionForm)
def test_the_corrected_note_stands_there_with_its_day_and_the_pick_keeps_its_own(
    stage: Stage, form: CorrectionForm, tmp_path: Path
) -> None:
    before = _entry(stage)
    _correct(stage, form)
    assert _entry(stage) == before  # until it begins
    rounds.send_due(stage.outbox(), [CHANNEL])
    entry = _entry(stage)
    assert (entry.note, entry.corrected_at, entry.published_at, entry.day) == (
        CORRECTED,
        LATER,
        before.published_at,
        before.day,
    )
    assert (entry.live, len(entry.posts), entry.changed_at) == (True, 2, LATER)
    assert record(entry)["corrected_at"] == "2026-02-20T12:00:00Z"
    build(stage.database, [SITE], tmp_path)
    page = (tmp_path / PAPER / "index.html").read_text("utf-8")
    assert 'The note was corrected on <time datetime="2026-02-20T12:00:00Z">20 February 2026</time>' in page
    assert CORRECTED in page
    assert "This is sentence number 1" not in page
    atom = (tmp_path / "feed.atom").read_text("utf-8")
    assert "<published>2026-02-17T12:00:00Z</published>\n<updated>2026-02-20T12:00:00Z</updated>" in atom
    [item] = json.loads((tmp_path / "feed.json").read_text("utf-8"))["items"]
    assert (item["date_published"], item["date_modified"]) == ("2026-02-17T12:00:00+00:00", "2026-02-20T12:00:00+00:00")
    assert "The note was corrected on 20 February 2026." in item["content_html"]


def test_while_its_threads_are_down_to_be_posted_anew_it_is_no_retracted_pick(stage: Stage) -> None:
    _correct(stage, CorrectionForm.ANEW)
    for publisher in stage.publishers.values():
        publisher.fail(Moment.BEFORE, TransientError("not now"))
    rounds.send_due(stage.outbox(), [CHANNEL])
    assert stage.out(Platform.X) == []
    entry = _entry(stage)
    assert (entry.live, entry.note, entry.posts) == (True, CORRECTED, ())


def test_while_a_reply_is_on_its_way_the_thread_is_still_linked(stage: Stage) -> None:
    _correct(stage, CorrectionForm.REPLY)
    stage.publishers[Platform.X].fail(Moment.BEFORE, TransientError("not now"))
    rounds.send_due(stage.outbox(), [CHANNEL])
    assert [post.platform for post in _entry(stage).posts] == ["bluesky", "x"]


def test_a_pick_that_is_taken_down_and_approved_anew_is_no_corrected_one(stage: Stage) -> None:
    _correct(stage, CorrectionForm.ANEW)
    rounds.send_due(stage.outbox(), [CHANNEL])
    retract(stage.outbox(), CHANNEL, PAPER, actor=Actor("ada", "test"))
    assert (_entry(stage).live, _entry(stage).note, _entry(stage).corrected_at) == (False, "", None)
    decisions.reopen(stage.context(), PAPER)
    decisions.approve(stage.context(), PAPER, Edits(note=NOTE), at=stage.now)
    stage.tick()
    entry = _entry(stage)
    assert (entry.live, entry.corrected_at, entry.published_at) == (True, None, LATER)
