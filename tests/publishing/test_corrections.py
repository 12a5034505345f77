"""Corrections of picks that are out: approved like a pick, sent once whatever is killed, and one way out each."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest
from sqlmodel import Session

import json_views as views
from backups import Backup
from bot.archive.entries import entries
from bot.curation import corrections, decisions
from bot.curation.posting_anew import post_anew
from bot.domain.actors import Actor
from bot.domain.channels import Channel
from bot.domain.corrections import CorrectionForm
from bot.domain.errors import PicksError, TransientError, UnknownOutcomeError
from bot.domain.posts import Platform
from bot.platforms.memory import Moment
from bot.platforms.publisher import ReplyRefusedError
from bot.publishing import rounds
from bot.publishing.resolve import Verdict, resolve
from bot.publishing.retract import retract
from bot.store.database import Database
from publishing_stage import CHANNEL, NOTE, PAPER, KilledError, Stage, approved_stage

ADA = Actor("ada", "test")
BLUESKY, X = Platform.BLUESKY, Platform.X
REPLY, ANEW = CorrectionForm.REPLY, CorrectionForm.ANEW
CORRECTED = NOTE.replace("nothing new", "something new")


@pytest.fixture
def stage(database: Database) -> Stage:
    """Return a stage on which one pick is out on both platforms."""
    stage = approved_stage(database)
    stage.tick()
    assert stage.shown()["state"] == "published"
    stage.now += timedelta(days=1)
    return stage


def _approve(stage: Stage, form: CorrectionForm, note: str = CORRECTED, **options: object) -> None:
    given = {"at": stage.now, **options}
    corrections.approve(stage.context(), PAPER, note, form=form, **given)  # type: ignore[arg-type]


def _round(stage: Stage, channel: Channel = CHANNEL) -> None:
    rounds.send_due(stage.outbox(), [channel])


def _replies(stage: Stage, platform: Platform) -> list[str]:
    """Return what stands below the thread."""
    return [text for text in stage.out(platform) if text.startswith("Correction: ")]


def _reads(stage: Stage, platform: Platform, note: str) -> bool:
    return "".join(note.split()) in "".join("".join(stage.out(platform)).split())


def _log(stage: Stage) -> list[str]:
    return [item["action"] for item in stage.shown()["decisions"]]


def test_a_reply_goes_below_each_thread_once_and_the_thread_stays(stage: Stage) -> None:
    before = {platform: stage.out(platform) for platform in (BLUESKY, X)}
    _approve(stage, REPLY)
    assert stage.shown()["note"] == NOTE  # until it begins
    _round(stage)
    _round(stage)
    for platform, thread in before.items():
        out = stage.publishers[platform].timeline.posts
        assert [item.post.text for item in out][: len(thread)] == thread
        assert out[len(thread)].parent == out[len(thread) - 1].remote_id
        assert len(_replies(stage, platform)) == 1
        assert _reads(stage, platform, f"Correction: {CORRECTED}")
    shown = stage.shown()
    assert (shown["state"], shown["note"], stage.states()) == ("published", CORRECTED, {"bluesky": "sent", "x": "sent"})
    assert _log(stage)[-3:] == ["correct", "append", "finish"]
    assert [item["sent_at"] for item in shown["deliveries"]] == ["2026-02-17T12:00:00Z"] * 2


def test_anew_takes_the_threads_down_and_posts_them_once_with_the_corrected_note(stage: Stage) -> None:
    _approve(stage, ANEW)
    assert stage.shown()["state"] == "published"
    assert _reads(stage, X, NOTE)
    _round(stage)
    _round(stage)
    for platform in (BLUESKY, X):
        assert stage.out(platform) == stage.approved(platform)
        assert _reads(stage, platform, CORRECTED)
        assert not _reads(stage, platform, NOTE)
    shown = stage.shown()
    assert (shown["state"], shown["note"]) == ("published", CORRECTED)
    assert [item["state"] for item in shown["former_deliveries"]] == ["retracted", "retracted"]
    assert [row["state"] for row in shown["corrections"]] == ["done"]


@pytest.mark.parametrize("form", CorrectionForm)
def test_what_was_shown_is_what_goes_out(stage: Stage, form: CorrectionForm) -> None:
    proposal = corrections.propose(stage.context(), PAPER, CORRECTED, form=form)
    assert (proposal.before, proposal.note, stage.shown()["corrections"]) == (NOTE, CORRECTED, [])
    before = {platform: stage.out(platform) for platform in (BLUESKY, X)}
    _approve(stage, form)
    _round(stage)
    for platform, thread in proposal.threads.items():
        kept = before[platform] if form is REPLY else []
        assert stage.out(platform) == [*kept, *(post.text for post in thread.posts)]


def test_the_channel_says_the_form_and_a_free_slot_is_taken(stage: Stage) -> None:
    context = stage.context()
    assert corrections.propose(context, PAPER, CORRECTED).form is REPLY
    done = corrections.approve(context, PAPER, CORRECTED)
    assert done.due_at > stage.now
    assert (done.due_at.hour, done.due_at.minute) == (10, 0)
    _round(stage)
    assert _replies(stage, X) == []
    stage.now = done.due_at
    _round(stage)
    assert len(_replies(stage, X)) == 1


@pytest.mark.parametrize("form", CorrectionForm)
def test_until_it_begins_undo_takes_it_back_and_nothing_changes(stage: Stage, form: CorrectionForm) -> None:
    before = {platform: stage.out(platform) for platform in (BLUESKY, X)}
    _approve(stage, form, at=stage.now + timedelta(hours=1))
    with pytest.raises(PicksError, match=r"a correction of 2602.00001 waits already; picks undo 2602.00001 takes it"):
        _approve(stage, form, "Other words.")
    assert decisions.undo(stage.context(), None)[1] == "published"  # the curator's last decision
    stage.now += timedelta(hours=2)
    _round(stage)
    assert {platform: stage.out(platform) for platform in (BLUESKY, X)} == before
    assert (stage.shown()["note"], stage.shown()["state"]) == (NOTE, "published")
    with pytest.raises(PicksError, match=r"it is already out; picks retract 2602\.00001 takes it down"):
        decisions.undo(stage.context(), PAPER)


def test_once_it_has_begun_it_is_too_late(stage: Stage) -> None:
    stage.publishers[X].fail(Moment.REMOVE, TransientError("not now"))
    _approve(stage, ANEW)
    _round(stage)
    with pytest.raises(PicksError, match=r"too late: the correction of 2602.00001 has begun"):
        decisions.undo(stage.context(), PAPER)


@pytest.mark.parametrize(
    ("note", "said"),
    [
        (NOTE, "nothing to correct: the note of 2602.00001 says that already"),
        ("x" * 2001, "the note has 2001 characters, the channel allows 2000"),
        ("", "a correcting reply needs a note; --form anew posts 2602.00001 without one"),
    ],
)
def test_what_cannot_be_is_refused_with_a_way_out(stage: Stage, note: str, said: str) -> None:
    with pytest.raises(PicksError, match=said):
        corrections.propose(stage.context(), PAPER, note, form=REPLY)


def test_what_is_not_out_is_not_corrected(database: Database) -> None:
    stage = approved_stage(database)
    with pytest.raises(PicksError, match=r"nothing of 2602.00001 is out yet; picks note 2602.00001 changes its note"):
        corrections.propose(stage.context(), PAPER, CORRECTED)
    stage.tick()
    retract(stage.outbox(), CHANNEL, PAPER, actor=ADA)
    with pytest.raises(PicksError, match=r"it was taken down; picks reopen 2602.00001"):
        corrections.propose(stage.context(), PAPER, CORRECTED)


def test_only_where_it_is_out_something_changes(stage: Stage) -> None:
    retract(stage.outbox(), CHANNEL, PAPER, actor=ADA, platform=X)
    proposal = corrections.propose(stage.context(), PAPER, CORRECTED, form=ANEW)
    assert (set(proposal.threads), proposal.left_out) == ({BLUESKY}, {X: "it is retracted there"})
    _approve(stage, ANEW)
    _round(stage)
    assert _reads(stage, BLUESKY, CORRECTED)
    assert stage.out(X) == []
    with pytest.raises(PicksError, match=r"the note of 2602.00001 was corrected after its thread on x was over"):
        post_anew(stage.context(), PAPER, X)


def test_one_platforms_failure_does_not_hold_back_the_other(stage: Stage) -> None:
    stage.publishers[X].fail(Moment.REMOVE, *[TransientError("not now")] * 2)
    _approve(stage, ANEW)
    _round(stage)
    assert _reads(stage, BLUESKY, CORRECTED)
    assert _reads(stage, X, NOTE)
    [row] = stage.shown()["corrections"]
    assert (row["state"], row["error"]) == ("underway", "not now")
    [case] = views.status(stage.database, CHANNEL, accounts={}, now=stage.now)["attention"]
    assert case["commands"] == ["picks publish 2602.00001", "picks retract 2602.00001 --platform x"]
    _round(stage)  # not before its pause
    assert _reads(stage, X, NOTE)
    for minutes in (2, 4):
        stage.now += timedelta(minutes=minutes)
        _round(stage)
    assert _reads(stage, X, CORRECTED)
    assert (stage.shown()["state"], stage.states()) == ("published", {"bluesky": "sent", "x": "sent"})


def test_a_person_who_takes_the_pick_down_ends_its_correction(stage: Stage) -> None:
    stage.publishers[X].fail(Moment.REMOVE, TransientError("not now"))
    _approve(stage, ANEW)
    _round(stage)
    retract(stage.outbox(), CHANNEL, PAPER, actor=ADA)
    stage.now += timedelta(hours=3)
    _round(stage)
    assert (stage.out(BLUESKY), stage.out(X), stage.shown()["state"]) == ([], [], "retracted")
    assert [row["state"] for row in stage.shown()["corrections"]] == []


def test_a_reply_that_x_refuses_leaves_the_thread_and_a_person_decides(stage: Stage) -> None:
    before = stage.out(X)
    stage.publishers[X].fail(Moment.BEFORE, ReplyRefusedError("X refused a reply"))
    _approve(stage, REPLY)
    _round(stage)
    shown = stage.shown()
    assert (shown["state"], stage.states()) == ("attention", {"bluesky": "sent", "x": "refused"})
    assert stage.out(X) == before
    error = next(item["error"] for item in shown["deliveries"] if item["platform"] == "x")
    assert "picks resolve 2602.00001 --platform x --give-up leaves the thread as it is" in error
    resolve(stage.database, CHANNEL, PAPER, Verdict(give_up=True), actor=ADA, now=stage.now)
    assert (stage.shown()["state"], stage.states()["x"]) == ("published", "sent")
    [entry] = entries(stage.database, CHANNEL)
    assert len(entry.posts) == 2
    _approve(stage, ANEW, "Other words.")
    _round(stage)
    assert _reads(stage, X, "Other words.")


def test_the_single_post_never_stands_in_for_a_corrected_thread(stage: Stage) -> None:
    before = stage.out(X)
    stage.publishers[X].fail(Moment.BEFORE, *[ReplyRefusedError("X refused a reply")] * 3)
    channel = CHANNEL.model_copy(update={"x": CHANNEL.x.model_copy(update={"when_reply_refused": "single"})})
    _approve(stage, REPLY)
    _round(stage, channel)
    assert stage.out(X) == before


def test_a_reply_whose_answer_is_lost_is_looked_up_and_not_sent_again(stage: Stage) -> None:
    for platform in (BLUESKY, X):
        stage.publishers[platform].fail(Moment.AFTER, UnknownOutcomeError("no answer"))
    _approve(stage, REPLY)
    for _ in range(3):
        _round(stage)
        stage.now += timedelta(minutes=5)
    assert [len(_replies(stage, platform)) for platform in (BLUESKY, X)] == [1, 1]
    assert stage.shown()["state"] == "published"


@pytest.mark.parametrize("form", CorrectionForm)
def test_a_database_from_before_it_went_out_posts_nothing_twice(stage: Stage, form: CorrectionForm) -> None:
    _approve(stage, form)
    backup = Backup.of(stage.database)
    _round(stage)
    out = {platform: stage.out(platform) for platform in (BLUESKY, X)}
    backup.put_back()
    stage.now += timedelta(minutes=1)
    _round(stage)
    assert {platform: stage.out(platform) for platform in (BLUESKY, X)} == out
    assert stage.shown()["state"] == "published"


class Mortal:
    """A database whose process dies at one of its writes: before it is committed, or right after."""

    def __init__(self, database: Database, *, write: int, committed: bool) -> None:
        self._database, self._left, self._committed = database, write, committed

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        self._left -= 1
        with self._database.transaction() as session:
            yield session
            session.flush()
            if not self._left and not self._committed:
                raise KilledError
        if not self._left:
            raise KilledError

    def __getattr__(self, name: str) -> Any:
        return getattr(self._database, name)


@pytest.mark.parametrize("form", CorrectionForm)
def test_killed_at_a_write_it_loses_and_doubles_nothing(stage: Stage, form: CorrectionForm) -> None:
    _kill(stage, form, committed=False, every=5)


@pytest.mark.faults
@pytest.mark.parametrize("committed", [False, True])
@pytest.mark.parametrize("form", CorrectionForm)
def test_killed_at_every_write_it_loses_and_doubles_nothing(
    stage: Stage, form: CorrectionForm, *, committed: bool
) -> None:
    _kill(stage, form, committed=committed, every=1)


def _kill(stage: Stage, form: CorrectionForm, *, committed: bool, every: int) -> None:
    """Let a round die at each of its writes in turn, or at every so many, and see that the next ones finish it."""
    threads = corrections.propose(stage.context(), PAPER, CORRECTED, form=form).threads
    _approve(stage, form)
    backup, then = Backup.of(stage.database), stage.now
    timelines = {platform: list(stage.publishers[platform].timeline.posts) for platform in (BLUESKY, X)}
    expected = {
        platform: [*([] if form is ANEW else stage.out(platform)), *(post.text for post in threads[platform].posts)]
        for platform in (BLUESKY, X)
    }
    write, killed = 1 - every, True
    while killed:
        write += every
        backup.put_back()
        stage.now, killed = then, False
        for platform, posts in timelines.items():
            stage.publishers[platform].timeline.posts[:] = posts
        outbox = replace(
            stage.outbox(), database=cast("Database", Mortal(stage.database, write=write, committed=committed))
        )
        try:
            rounds.send_due(outbox, [CHANNEL])
        except KilledError:
            killed = True
        for _ in range(3):
            stage.now += timedelta(minutes=6)  # past the lease of the dead
            _round(stage)
        assert {platform: stage.out(platform) for platform in (BLUESKY, X)} == expected, write
        assert (stage.shown()["state"], stage.shown()["note"]) == ("published", CORRECTED), write
    assert write > 8
