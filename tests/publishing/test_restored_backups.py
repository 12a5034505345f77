"""A database that was put back from a backup posts nothing again that is out."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import select

from backups import Backup
from bot.curation import decisions
from bot.curation.context import Edits
from bot.domain.errors import PermanentError, TransientError, UnknownOutcomeError
from bot.domain.posts import Platform, Quote, post_from_json, post_to_json
from bot.domain.states import DeliveryState
from bot.intake.ingest import Capture, ingest
from bot.platforms.memory import Moment
from bot.publishing.resolve import Verdict, resolve
from bot.publishing.retract import retract
from bot.publishing.sender import deliver_due
from bot.store.account_tables import StrayPost
from bot.store.database import Database
from bot.store.tables import Delivery, FrozenPost
from publishing_stage import CHANNEL, NOTE, PAPER, Stage, approved_stage
from samples import NOON, announcement, batch

SECOND = "2602.00002"
URL = "https://x.com/name/status/1867"
QUOTE = Quote(url=URL, uri="1867", cid="1867")
SENT = {"bluesky": DeliveryState.SENT, "x": DeliveryState.SENT}


@pytest.fixture
def stage(database: Database) -> Stage:
    """Return a stage on which one pick is approved for now, and another paper is queued."""
    stage = approved_stage(database)
    ingest(
        database,
        [Capture(batch(announcement(SECOND, "Steering"), feed="cs.LG"), "test")],
        channels=[CHANNEL],
        now=NOON,
    )
    return stage


def _nothing_more_was_sent(stage: Stage) -> None:
    for platform in stage.publishers:
        assert stage.out(platform) == stage.approved(platform)
    remote_ids = {
        item["platform"]: [post["remote_id"] for post in item["posts"]] for item in stage.shown()["deliveries"]
    }
    for platform, publisher in stage.publishers.items():
        assert remote_ids[platform] == [item.remote_id for item in publisher.timeline.posts]


def test_what_went_out_after_the_backup_is_taken_over(stage: Stage) -> None:
    backup = Backup.of(stage.database)
    stage.tick()
    backup.put_back()
    assert stage.tick() == SENT
    assert stage.shown()["state"] == "published"
    _nothing_more_was_sent(stage)
    for item in stage.shown()["deliveries"]:
        many = len(item["posts"])
        assert item["remarks"] == [f"{many} of {many} posts were on the account already: taken over, not sent again."]


def test_a_backup_of_before_the_approval_is_no_excuse_either(stage: Stage) -> None:
    decisions.undo(stage.context(), PAPER)
    backup = Backup.of(stage.database)
    decisions.approve(stage.context(), PAPER, Edits(note=NOTE), at=stage.now)
    stage.tick()
    backup.put_back()
    stage.now += timedelta(days=3)
    decisions.approve(stage.context(), PAPER, Edits(note=NOTE), at=stage.now)
    assert stage.tick() == SENT
    _nothing_more_was_sent(stage)


def test_other_words_about_the_same_paper_are_refused_where_its_key_is_taken(stage: Stage) -> None:
    backup = Backup.of(stage.database)
    stage.tick()
    backup.put_back()
    decisions.note(stage.context(), PAPER, Edits(note="Other words."))
    decisions.approve(stage.context(), PAPER, Edits(), at=stage.now)
    assert stage.tick()["bluesky"] is DeliveryState.REFUSED
    [bluesky, _] = stage.shown()["deliveries"]
    assert "another thread of that name is on picks.test already" in bluesky["error"]


def test_other_words_do_not_go_below_the_first_post_of_a_forgotten_thread(stage: Stage) -> None:
    backup = Backup.of(stage.database)
    stage.tick()
    before = stage.out(Platform.X)
    backup.put_back()
    decisions.note(stage.context(), PAPER, Edits(note="Other words."))
    decisions.approve(stage.context(), PAPER, Edits(), at=stage.now)
    assert stage.tick()["x"] is DeliveryState.REFUSED
    assert stage.out(Platform.X) == before
    [_, x] = stage.shown()["deliveries"]
    assert "another thread of that name is on picks.test already" in x["error"]
    assert [post["remote_id"] for post in x["posts"]] == [None] * len(x["posts"])
    stage.publishers[Platform.X].timeline.posts.clear()  # the person has deleted it
    assert stage.tick(arxiv_id=PAPER)["x"] is DeliveryState.SENT
    assert stage.out(Platform.X) == stage.approved(Platform.X)


def test_an_answer_by_hand_below_a_thread_that_was_begun_does_not_keep_the_rest_back(stage: Stage) -> None:
    stage.stopping = True
    stage.tick()
    stage.stopping = False
    root = stage.publishers[Platform.X].timeline.posts[0]
    stage.put_up(Platform.X, "77", "The rest follows.", parent=root.remote_id)
    assert stage.tick()["x"] is DeliveryState.SENT


def test_half_a_thread_is_taken_over_and_goes_on(stage: Stage) -> None:
    backup = Backup.of(stage.database)
    stage.stopping = True
    stage.tick()
    stage.stopping = False
    backup.put_back()
    assert stage.tick() == SENT
    _nothing_more_was_sent(stage)


def test_a_single_post_is_recognised_too(stage: Stage) -> None:
    backup = Backup.of(stage.database)
    deliver_due(stage.outbox(), channels=["sample"], arxiv_id=PAPER, single=True)
    backup.put_back()
    stage.tick()
    [x] = [item for item in stage.shown()["deliveries"] if item["platform"] == "x"]
    assert (x["state"], x["as_single"]) == ("sent", True)
    assert stage.out(Platform.X) == [x["single"]["text"]]


@pytest.mark.parametrize(("position", "single"), [(0, False), (1, False), (0, True)])
def test_what_went_out_without_its_quote_is_recognised_on_x_too(stage: Stage, *, position: int, single: bool) -> None:
    _quote_on_x(stage, position)
    backup = Backup.of(stage.database)
    _drop_the_quote(stage)
    deliver_due(stage.outbox(), channels=["sample"], arxiv_id=PAPER, single=single)
    out = stage.out(Platform.X)
    assert any(URL in text for text in out)
    backup.put_back()
    stage.tick()
    assert stage.out(Platform.X) == out
    [x] = [item for item in stage.shown()["deliveries"] if item["platform"] == "x"]
    assert (x["state"], x["as_single"], x["unquoted"]) == ("sent", single, True)


def test_the_rest_of_a_thread_is_recognised_without_its_quote_where_its_beginning_is_known(stage: Stage) -> None:
    _quote_on_x(stage, 2)
    stage.publishers[Platform.X].fail(Moment.BEFORE, None, TransientError("not now"))
    stage.tick()
    assert len(stage.out(Platform.X)) == 1
    backup = Backup.of(stage.database)
    _drop_the_quote(stage)
    stage.now += timedelta(hours=1)
    stage.tick()
    out = stage.out(Platform.X)
    assert URL in out[2]
    backup.put_back()
    stage.tick()
    assert stage.out(Platform.X) == out


def _drop_the_quote(stage: Stage) -> None:
    with stage.database.transaction() as session:
        [delivery] = session.exec(select(Delivery).where(Delivery.platform == Platform.X))
        delivery.unquoted = True
        session.add(delivery)


def _quote_on_x(stage: Stage, position: int) -> None:
    """Let a post of the thread, and the single one, have been approved with a quote, and with a link instead.

    X has no quotes yet; what tells posts apart by their words alone is to know both forms all the same.
    """
    with stage.database.transaction() as session:
        query = select(FrozenPost).join(Delivery).where(Delivery.platform == Platform.X)
        for row in session.exec(query):
            post = post_from_json(row.content)
            if row.position == position or row.single:
                plain = replace(post, text=f"{post.text[:200]} {URL}")
                row.content = post_to_json(replace(post, quote=QUOTE, instead=plain))
                session.add(row)


def test_what_was_forgotten_is_recognised_also_after_newer_posts_of_ours(stage: Stage) -> None:
    """The posts that nobody knew are remembered: later the newest post of the account is one of ours."""
    decisions.undo(stage.context(), PAPER)
    backup = Backup.of(stage.database)
    decisions.approve(stage.context(), PAPER, Edits(note=NOTE), at=stage.now)
    stage.tick()
    before = {platform: stage.out(platform) for platform in stage.publishers}
    backup.put_back()
    decisions.approve(stage.context(), SECOND, Edits(note="Another one."), at=stage.now)
    stage.tick()
    new = {platform: stage.out(platform)[len(before[platform]) :] for platform in stage.publishers}
    assert all(new.values())
    decisions.approve(stage.context(), PAPER, Edits(note=NOTE), at=stage.now)
    stage.tick()
    assert {platform: stage.out(platform) for platform in stage.publishers} == {
        platform: before[platform] + new[platform] for platform in stage.publishers
    }


def test_a_post_is_never_taken_for_two_picks(stage: Stage) -> None:
    backup = Backup.of(stage.database)
    stage.tick()
    backup.put_back()
    stage.tick()
    with stage.database.reading() as session:
        assert len(session.exec(select(StrayPost)).all()) == len(stage.out(Platform.X))
    stage.publishers[Platform.X].timeline.posts.clear()
    decisions.approve(stage.context(), SECOND, Edits(note="Another one."), at=stage.now)
    stage.tick()
    assert len(stage.out(Platform.X)) > 0


def test_posts_by_hand_do_not_disturb(stage: Stage) -> None:
    stage.put_up(Platform.X, "77", "Hello from the operator")
    stage.put_up(Platform.BLUESKY, "by hand", "Hello from the operator")
    assert stage.tick() == SENT
    assert stage.out(Platform.X) == ["Hello from the operator", *stage.approved(Platform.X)]


def test_what_cannot_be_asked_is_not_sent_and_nothing_is_in_doubt(stage: Stage) -> None:
    x = stage.publishers[Platform.X]
    x.fail(Moment.SURVEY, TransientError("X is busy"), UnknownOutcomeError("X cannot tell"))
    for reason in ("X is busy", "X cannot tell"):
        stage.tick()
        [delivery] = [item for item in stage.shown()["deliveries"] if item["platform"] == "x"]
        assert (delivery["state"], delivery["error"], stage.out(Platform.X)) == ("planned", reason, [])
        stage.now += timedelta(hours=2)
    assert stage.tick() == {"x": DeliveryState.SENT}


def test_a_person_who_says_that_nothing_is_out_is_believed_for_a_day(stage: Stage) -> None:
    x = stage.publishers[Platform.X]
    x.fail(Moment.BEFORE, PermanentError("X refused the words"))
    stage.tick()
    x.fail(Moment.SURVEY, *[UnknownOutcomeError("its timeline cannot be read")] * 9)
    again = Verdict(resend=True)
    resolve(stage.database, CHANNEL, PAPER, again, actor=stage.context().actor, now=stage.now)
    backup = Backup.of(stage.database)
    assert stage.tick() == {"x": DeliveryState.SENT}
    backup.put_back()
    stage.now += timedelta(days=1, hours=1)
    assert stage.tick()["x"] is DeliveryState.PLANNED
    assert stage.out(Platform.X) == stage.approved(Platform.X)


def test_what_is_posted_anew_after_a_retraction_gets_keys_of_its_own(stage: Stage) -> None:
    backup = Backup.of(stage.database)
    stage.tick()
    first = [item.remote_id for item in stage.publishers[Platform.BLUESKY].timeline.posts]
    retract(stage.outbox(), CHANNEL, PAPER, actor=stage.context().actor)
    backup.rows["decisions"] = Backup.of(stage.database).rows[
        "decisions"
    ]  # plays a pick that is approved again after it was taken down
    backup.put_back()
    stage.tick()
    second = [item.remote_id for item in stage.publishers[Platform.BLUESKY].timeline.posts]
    assert len(second) == len(first)
    assert not set(first) & set(second)
