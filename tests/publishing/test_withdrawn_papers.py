"""A paper that is withdrawn while its pick is on the way out: what has not begun waits for a person."""

from datetime import timedelta

import pytest

from bot.curation.housekeeping import retire_withdrawn
from bot.domain.errors import TransientError
from bot.domain.papers import AnnounceType
from bot.domain.posts import Platform
from bot.intake.ingest import Capture, ingest
from bot.platforms.memory import Moment
from bot.publishing.resolve import Verdict, resolve
from bot.store.database import Database
from publishing_stage import CHANNEL, PAPER, Stage, approved_stage
from samples import WEDNESDAY, announcement, batch

NOTICE = announcement(PAPER, "Probing", version=2, type=AnnounceType.REPLACE, withdrawn=True)


@pytest.fixture
def stage(database: Database) -> Stage:
    """Return a stage on which one pick is approved for now."""
    return approved_stage(database)


def _withdraw(stage: Stage) -> None:
    ingest(stage.database, [Capture(batch(NOTICE, day=WEDNESDAY), "test")], channels=[CHANNEL], now=stage.now)


def _retire(stage: Stage) -> list[str]:
    return retire_withdrawn(stage.database, CHANNEL, now=stage.now)


def _half_out(stage: Stage) -> None:
    """Send the thread on Bluesky, and let X wait."""
    stage.publishers[Platform.X].fail(Moment.BEFORE, TransientError("not now"))
    assert stage.tick() == {"bluesky": "sent", "x": "planned"}
    stage.now += timedelta(hours=2)


def test_nothing_is_sent_between_the_notice_and_what_follows_from_it(stage: Stage) -> None:
    _withdraw(stage)
    assert stage.tick() == {}
    assert (stage.out(Platform.BLUESKY), stage.out(Platform.X)) == ([], [])
    assert _retire(stage) == [PAPER]
    assert (stage.shown()["state"], stage.states()) == ("queued", {})


def test_a_platform_that_waits_is_left_to_a_person(stage: Stage) -> None:
    _half_out(stage)
    _withdraw(stage)
    assert stage.tick() == {}
    assert _retire(stage) == [PAPER]
    assert (stage.shown()["state"], stage.states()) == ("attention", {"bluesky": "sent", "x": "refused"})
    [x] = [item for item in stage.shown()["deliveries"] if item["platform"] == "x"]
    assert x["error"] == (
        f"the paper was withdrawn, by version 2; picks publish {PAPER} sends it nevertheless, "
        f"picks resolve {PAPER} --platform x --give-up leaves it out"
    )
    assert stage.tick() == {}
    assert _retire(stage) == []


def test_a_person_may_send_the_rest_nevertheless(stage: Stage) -> None:
    _half_out(stage)
    _withdraw(stage)
    _retire(stage)
    assert stage.tick(arxiv_id=PAPER) == {"x": "sent"}
    assert stage.shown()["state"] == "published"


def test_a_person_may_leave_the_rest_out(stage: Stage) -> None:
    _half_out(stage)
    _withdraw(stage)
    _retire(stage)
    resolve(stage.database, CHANNEL, PAPER, Verdict(give_up=True), actor=stage.context().actor, now=stage.now)
    assert (stage.shown()["state"], stage.states()) == ("published", {"bluesky": "sent", "x": "given-up"})


def test_a_thread_that_has_begun_is_finished(stage: Stage) -> None:
    stage.stopping = True
    stage.tick()
    assert (stage.states()["x"], len(stage.out(Platform.X))) == ("planned", 1)
    _withdraw(stage)
    _retire(stage)
    stage.stopping = False
    stage.tick()
    assert stage.states()["x"] == "sent"
