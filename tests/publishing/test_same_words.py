"""The same words twice on one X account: said at approval, and a refusal with its reason when X refuses them."""

from dataclasses import replace

import pytest
from sqlmodel import select

import json_views as views
from bot.curation import decisions, drafts
from bot.curation.context import Account, Edits
from bot.domain.channel_sections import ThreadForm
from bot.domain.channels import Channel
from bot.domain.errors import TransientError, UnknownOutcomeError
from bot.domain.posts import Platform, Post
from bot.domain.states import DeliveryState
from bot.intake.ingest import Capture, ingest
from bot.platforms.memory import MemoryPublisher, Moment, PublishedPost
from bot.platforms.publisher import DuplicatePostError, Request
from bot.publishing.endings import GRACE
from bot.publishing.retract import retract
from bot.store.database import Database
from bot.store.tables import Delivery
from publishing_stage import CHANNEL as SAMPLE
from publishing_stage import PAPER, Stage, approved_stage
from samples import NOON, announcement, batch

CHANNEL = SAMPLE.model_copy(update={"thread": SAMPLE.thread.model_copy(update={"form": ThreadForm.TITLE})})
"""Its posts of a note hold nothing else, so that short notes are alike."""
SECOND, THIRD = "2602.00002", "2602.00003"
SHORT = "Must read!"
TWICE = (
    "A post has the same words (“Must read!”) as one of #1 (2602.00001), which is {} on the same account, and X refuses"
)


@pytest.fixture
def stage(sqlite_database: Database) -> Stage:
    """Return a stage whose first pick has a short note, and two more papers."""
    stage = approved_stage(sqlite_database)
    stage.channel = CHANNEL
    stage.publishers[Platform.X] = MemoryPublisher(Platform.X, refuses_same_words=True)
    papers = [announcement(item, f"Probing {item}") for item in (SECOND, THIRD)]
    ingest(sqlite_database, [Capture(batch(*papers, feed="cs.LG"), "test")], channels=[CHANNEL], now=NOON)
    decisions.approve(stage.context(), PAPER, Edits(note=SHORT), at=NOON)
    return stage


def _remarks(stage: Stage, paper: str, channel: Channel = CHANNEL) -> dict[str, str]:
    found = views.show(stage.database, channel, paper)["deliveries"]
    return {item["platform"]: " ".join(item["remarks"]) for item in found}


def test_approval_says_that_another_approved_pick_has_the_words(stage: Stage) -> None:
    decisions.approve(stage.context(), SECOND, Edits(note=SHORT), at=NOON)
    remarks = _remarks(stage, SECOND)
    assert TWICE.format("approved") in remarks["x"]
    assert remarks["bluesky"] == ""  # Bluesky takes the same words as often as one likes


def test_approval_says_that_a_post_with_the_words_is_out(stage: Stage) -> None:
    stage.tick()
    decisions.approve(stage.context(), SECOND, Edits(note=SHORT), at=NOON)
    assert TWICE.format("out") in _remarks(stage, SECOND)["x"]


def test_the_preview_says_it_before_the_approval(stage: Stage) -> None:
    decisions.note(stage.context(), SECOND, Edits(note=f" {SHORT} "))
    threads = drafts.compose_threads(stage.context(), SECOND, Edits())
    assert TWICE.format("approved") in " ".join(threads[Platform.X].remarks)


def test_words_of_its_own_are_passed_over(stage: Stage) -> None:
    decisions.approve(stage.context(), PAPER, Edits(note=SHORT), at=NOON)
    decisions.approve(stage.context(), SECOND, Edits(note="Must read, too!"), at=NOON)
    assert _remarks(stage, PAPER)["x"] == _remarks(stage, SECOND)["x"] == ""


def test_words_that_were_taken_down_or_back_are_free_again(stage: Stage) -> None:
    stage.tick()
    retract(stage.outbox(), CHANNEL, PAPER, actor=stage.context().actor)
    decisions.approve(stage.context(), SECOND, Edits(note=SHORT), at=NOON)
    assert _remarks(stage, SECOND)["x"] == ""
    decisions.undo(stage.context(), SECOND)
    decisions.approve(stage.context(), THIRD, Edits(note=SHORT), at=NOON)
    assert _remarks(stage, THIRD)["x"] == ""


def test_the_same_words_in_one_thread_are_said(stage: Stage) -> None:
    sentence = "We read this paper twice, and so should you. " * 5
    note = "\n\n".join([sentence.strip()] * 2)
    decisions.approve(stage.context(), SECOND, Edits(note=note), at=NOON)
    texts = [post["text"] for post in views.show(stage.database, CHANNEL, SECOND)["deliveries"][1]["posts"]]
    assert len(set(texts)) < len(texts)
    assert "Two posts of the thread have the same words (“We read" in _remarks(stage, SECOND)["x"]


def test_another_channel_on_the_account_counts_and_one_elsewhere_does_not(stage: Stage) -> None:
    other = CHANNEL.model_copy(update={"name": "other"})
    ingest(
        stage.database, [Capture(batch(announcement(SECOND, "Probing"), feed="cs.AI"), "test")], channels=[], now=NOON
    )
    shared = replace(stage.context(), channel=other)
    decisions.approve(shared, SECOND, Edits(note=SHORT), at=NOON)
    assert TWICE.format("approved") in _remarks(stage, SECOND, other)["x"]
    apart = replace(shared, accounts=dict.fromkeys(CHANNEL.posting.platforms, Account("another account")))
    decisions.approve(apart, SECOND, Edits(note=SHORT), at=NOON)
    assert _remarks(stage, SECOND, other)["x"] == ""


def _send_both(stage: Stage) -> dict[str, str | None]:
    decisions.approve(stage.context(), SECOND, Edits(note=SHORT), at=NOON)
    stage.tick()
    [x] = [item for item in views.show(stage.database, CHANNEL, SECOND)["deliveries"] if item["platform"] == "x"]
    return dict(x)


def test_a_refused_repetition_is_a_refusal_with_its_reason(stage: Stage) -> None:
    x = _send_both(stage)
    assert x["state"] == DeliveryState.REFUSED
    assert x["error"] == (
        "X refused a post of picks.test: duplicate content; picks publish 2602.00002 --single sends the approved "
        "single post instead, picks retract 2602.00002 takes down what is out"
    )
    assert stage.publishers[Platform.X].send_count == 3 + 2  # nothing is sent again


def test_a_refused_repetition_with_nothing_out_offers_to_change_the_words(stage: Stage) -> None:
    # X remembers the words of a post that was taken down; one that is up would be taken over as ours.
    stage.publishers[Platform.X].fail(Moment.BEFORE, DuplicatePostError("X refuses the same words"))
    stage.publishers.pop(Platform.BLUESKY)
    assert stage.tick() == {"x": DeliveryState.REFUSED}
    [_, x] = stage.shown()["deliveries"]
    assert x["error"].endswith("picks undo 2602.00001 takes the approval back: change the words, then approve it again")
    assert decisions.undo(stage.context(), PAPER)


def test_our_own_post_behind_a_refused_repetition_goes_on(stage: Stage) -> None:
    x = stage.publishers[Platform.X]
    x.fail(Moment.AFTER, UnknownOutcomeError("no answer"))
    x.fail(Moment.FIND, TransientError("the timeline is busy"))
    stage.tick()
    request = Request(positions=(0,), body=_request(stage))
    with pytest.raises(DuplicatePostError):
        x.send(request)
    stage.now += GRACE
    stage.tick()
    assert stage.states()["x"] == "sent"
    assert stage.out(Platform.X) == stage.approved(Platform.X)


def _request(stage: Stage) -> dict[str, object]:
    with stage.database.reading() as session:
        row = session.exec(select(Delivery).where(Delivery.platform == Platform.X)).one()
        assert row.request is not None
        body: dict[str, object] = row.request["body"]
        return body


def test_a_repetition_after_a_lost_answer_is_left_to_a_person_with_the_platforms_words(stage: Stage) -> None:
    x = stage.publishers[Platform.X]
    x.fail(Moment.BEFORE, None, UnknownOutcomeError("no answer"))
    stage.tick()
    x.timeline.posts.append(PublishedPost("x:by-hand", Post(SHORT, length=len(SHORT), limit=280), None))
    stage.now += GRACE
    stage.tick()
    [_, delivery] = stage.shown()["deliveries"]
    assert (delivery["state"], delivery["next_try_at"]) == ("unknown", None)
    assert "duplicate content, and an earlier request was never answered" in delivery["error"]


def test_where_the_timeline_cannot_be_read_it_is_looked_for_later(stage: Stage) -> None:
    stage.publishers[Platform.X].fail(Moment.FIND, TransientError("the timeline is busy"))
    x = _send_both(stage)
    assert x["state"] == DeliveryState.UNKNOWN
    assert x["next_try_at"] is not None
