"""Threads down: on both platforms, as often as it takes, and never sent again."""

from datetime import timedelta

import pytest
from sqlmodel import select

import json_views as status_view
from bot.domain.actors import Actor
from bot.domain.errors import PermanentError, PicksError, TransientError, UnknownOutcomeError
from bot.domain.posts import Platform
from bot.domain.states import TransitionError
from bot.platforms.memory import Moment
from bot.publishing.endings import GRACE
from bot.publishing.resolve import Verdict, resolve
from bot.publishing.retract import Retraction, retract
from bot.store.database import Database
from bot.store.tables import FrozenPost
from publishing_stage import CHANNEL, PAPER, KilledError, Stage, approved_stage

ADA = Actor("ada", "test")


@pytest.fixture
def stage(database: Database) -> Stage:
    """Return a stage on which one pick is approved for now."""
    return approved_stage(database)


def _retract(stage: Stage) -> list[Retraction]:
    return retract(stage.outbox(), CHANNEL, PAPER, actor=ADA)


def test_both_threads_come_down_and_stay_down(stage: Stage) -> None:
    stage.tick()
    done = _retract(stage)
    assert [(item.platform, item.left, item.error) for item in done] == [
        (Platform.BLUESKY, 0, None),
        (Platform.X, 0, None),
    ]
    assert (stage.out(Platform.BLUESKY), stage.out(Platform.X)) == ([], [])
    stage.now += timedelta(days=1)
    assert stage.tick() == {}
    assert (stage.shown()["state"], stage.states()) == ("retracted", {"bluesky": "retracted", "x": "retracted"})


def test_a_second_retraction_changes_nothing(stage: Stage) -> None:
    stage.tick()
    _retract(stage)
    assert [(item.removed, item.left) for item in _retract(stage)] == [(0, 0), (0, 0)]


@pytest.mark.parametrize("moment", [Moment.REMOVE, Moment.REMOVED])
def test_a_retraction_that_breaks_off_goes_on_where_it_was(stage: Stage, moment: Moment) -> None:
    stage.tick()
    stage.publishers[Platform.X].fail(moment, KilledError())  # type: ignore[arg-type]
    with pytest.raises(KilledError):
        _retract(stage)
    assert stage.tick() == {}
    assert [item.left for item in _retract(stage)] == [0, 0]
    assert (stage.out(Platform.BLUESKY), stage.out(Platform.X)) == ([], [])


def test_one_platforms_failure_leaves_the_other_alone_and_is_said(stage: Stage) -> None:
    stage.tick()
    stage.publishers[Platform.BLUESKY].fail(Moment.REMOVE, TransientError("not now"))
    bluesky, x = _retract(stage)
    assert (bluesky.error, x.error) == ("not now", None)
    assert bluesky.left == len(stage.approved(Platform.BLUESKY))
    assert stage.out(Platform.X) == []
    assert [item["error"] for item in stage.shown()["deliveries"]] == ["not now", None]


def test_half_a_thread_comes_down_and_the_rest_is_not_sent(stage: Stage) -> None:
    stage.stopping = True
    stage.tick()
    _retract(stage)
    stage.stopping = False
    assert stage.tick() == {}
    assert stage.out(Platform.X) == []


def test_a_post_whose_fate_was_unknown_comes_down_too(stage: Stage) -> None:
    publisher = stage.publishers[Platform.X]
    publisher.fail(Moment.AFTER, UnknownOutcomeError("no answer"))
    publisher.fail(Moment.FIND, TransientError("the timeline is busy"))
    stage.tick()
    _retract(stage)
    stage.now += GRACE
    assert stage.tick() == {}
    assert stage.out(Platform.X) == []


def test_a_post_that_does_not_show_up_is_looked_for_twice(stage: Stage) -> None:
    stage.publishers[Platform.X].fail(Moment.BEFORE, None, UnknownOutcomeError("no answer"))
    stage.tick()
    [first] = [item.error for item in _retract(stage) if item.platform is Platform.X]
    assert first == (
        "a post on x whose answer was lost may still show up; look again, with the same command, after 12:02 UTC"
    )
    ways_out = [f"picks retract {PAPER}", f"picks resolve {PAPER} --platform x --give-up"]
    assert _needs_a_person(stage) == [("retracted", ways_out)]
    assert [item.error for item in _retract(stage)] == [None, first]
    stage.now += GRACE
    assert [item.error for item in _retract(stage)] == [None, None]
    assert _needs_a_person(stage) == []


def test_what_is_known_comes_down_even_where_nobody_can_tell_what_else_is_up(stage: Stage) -> None:
    stage.publishers[Platform.X].fail(Moment.BEFORE, None, UnknownOutcomeError("no answer"))
    stage.tick()
    stage.publishers[Platform.X].fail(Moment.FIND, UnknownOutcomeError("its timeline does not reach back far enough"))
    assert [item.error for item in _retract(stage)] == [None, "its timeline does not reach back far enough"]
    assert stage.out(Platform.X) == []
    nothing_left = Verdict(give_up=True)
    resolve(stage.database, CHANNEL, PAPER, nothing_left, actor=stage.context().actor, now=stage.now)
    assert (_needs_a_person(stage), stage.shown()["state"]) == ([], "retracted")


def test_of_a_retraction_a_person_can_only_say_that_nothing_is_left(stage: Stage) -> None:
    stage.publishers[Platform.X].fail(Moment.BEFORE, None, UnknownOutcomeError("no answer"))
    stage.tick()
    _retract(stage)
    with pytest.raises(PicksError, match="picks retract goes on, --give-up says that nothing is left"):
        resolve(stage.database, CHANNEL, PAPER, Verdict(resend=True), actor=stage.context().actor, now=stage.now)


def test_a_retraction_that_was_killed_is_listed_with_the_command_that_ends_it(stage: Stage) -> None:
    stage.tick()
    stage.publishers[Platform.X].fail(Moment.REMOVED, None, KilledError())  # type: ignore[arg-type]
    with pytest.raises(KilledError):
        _retract(stage)
    assert _needs_a_person(stage) == [("retracted", [f"picks retract {PAPER}"])]
    _retract(stage)
    assert _needs_a_person(stage) == []


def _needs_a_person(stage: Stage) -> list[tuple[str, list[str]]]:
    found = status_view.status(stage.database, CHANNEL, accounts={}, now=stage.now)["attention"]
    return [(item["state"], item["commands"]) for item in found]


def test_a_pick_of_which_nothing_was_sent_is_not_retracted_but_undone(stage: Stage) -> None:
    with pytest.raises(TransitionError, match="picks undo"):
        _retract(stage)


def test_a_refused_delete_comes_to_a_person(stage: Stage) -> None:
    stage.tick()
    stage.publishers[Platform.X].fail(Moment.REMOVE, PermanentError("no"))
    assert [item.error for item in _retract(stage)] == [None, "no"]


def test_what_is_being_sent_at_this_moment_is_left_alone(stage: Stage) -> None:
    stage.publishers[Platform.BLUESKY].fail(Moment.BEFORE, KilledError())  # type: ignore[arg-type]
    with pytest.raises(KilledError):
        stage.tick()
    with pytest.raises(PicksError, match="is being sent at this moment"):
        _retract(stage)


def test_deletes_on_x_are_paid_for(stage: Stage) -> None:
    stage.tick()
    spent = status_view.status(stage.database, CHANNEL, accounts={}, now=stage.now)["x_spending"]["usd"]
    _retract(stage)
    after = status_view.status(stage.database, CHANNEL, accounts={}, now=stage.now)["x_spending"]["usd"]
    assert after == pytest.approx(spent + 0.01 * len(stage.approved(Platform.X)))
    with stage.database.reading() as session:
        posts = session.exec(select(FrozenPost).where(FrozenPost.single.is_(False)))  # type: ignore[attr-defined]
        assert all(post.removed_at for post in posts)
