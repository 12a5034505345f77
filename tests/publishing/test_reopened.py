"""Picks that were taken down and are posted anew, and threads that are taken down on one platform alone."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

import json_views as views
from bot.curation import decisions
from bot.curation.context import Edits
from bot.curation.posting_anew import post_anew
from bot.domain.actors import Actor
from bot.domain.errors import PermanentError, PicksError, TransientError, UnknownOutcomeError
from bot.domain.posts import Platform
from bot.domain.states import TransitionError
from bot.interfaces.views.history import history
from bot.platforms.memory import Moment
from bot.publishing.resolve import Verdict, resolve
from bot.publishing.retract import Retraction, retract
from bot.store.database import Database
from publishing_stage import CHANNEL, NOTE, PAPER, Stage, approved_stage

ADA = Actor("ada", "test")
BLUESKY, X = Platform.BLUESKY, Platform.X


@pytest.fixture
def stage(database: Database) -> Stage:
    """Return a stage on which one pick is approved for now."""
    return approved_stage(database)


def _retract(stage: Stage, platform: Platform | None = None) -> list[Retraction]:
    return retract(stage.outbox(), CHANNEL, PAPER, actor=ADA, platform=platform)


def _log(stage: Stage) -> list[str]:
    return [item["action"] for item in stage.shown()["decisions"]]


def _reopened(stage: Stage) -> Stage:
    stage.tick()
    _retract(stage)
    stage.now += timedelta(days=1)
    decisions.reopen(stage.context(), PAPER)
    return stage


def test_a_retracted_pick_is_mended_approved_and_posted_anew(stage: Stage) -> None:
    _reopened(stage)
    assert (stage.shown()["state"], stage.shown()["note"], stage.states()) == ("queued", NOTE, {})
    decisions.note(stage.context(), PAPER, Edits(note="Mended."))
    decisions.approve(stage.context(), PAPER, Edits(), at=stage.now)
    assert stage.tick() == {"bluesky": "sent", "x": "sent"}
    assert stage.shown()["state"] == "published"
    for platform in (BLUESKY, X):
        assert stage.out(platform) == stage.approved(platform)
        assert any("Mended." in text for text in stage.out(platform))


def test_what_was_down_stays_for_the_log_the_history_and_the_spending(stage: Stage) -> None:
    def spent() -> float:
        usd: float = views.status(stage.database, CHANNEL, accounts={}, now=stage.now)["x_spending"]["usd"]
        return usd

    _reopened(stage)
    before, shown = spent(), stage.shown()
    assert before > 0
    former = [(item["platform"], item["state"]) for item in shown["former_deliveries"]]
    assert former == [("bluesky", "retracted"), ("x", "retracted")]
    assert all(post["removed_at"] for item in shown["former_deliveries"] for post in item["posts"])
    decisions.approve(stage.context(), PAPER, Edits(), at=stage.now)
    stage.tick()
    assert spent() > before
    [row] = history(stage.database, CHANNEL, limit=5)
    assert [str(item.state) for item in row.deliveries] == ["retracted", "retracted", "sent", "sent"]


def test_it_may_be_taken_down_and_posted_anew_again(stage: Stage) -> None:
    for _ in range(3):
        _reopened(stage)
        decisions.approve(stage.context(), PAPER, Edits(), at=stage.now)
    assert stage.tick() == {"bluesky": "sent", "x": "sent"}
    assert len(stage.out(BLUESKY)) == len(stage.approved(BLUESKY))
    assert len(stage.shown()["former_deliveries"]) == 6


def test_while_anything_is_up_it_is_not_reopened(stage: Stage) -> None:
    stage.tick()
    stage.publishers[X].fail(Moment.REMOVE, TransientError("not now"))
    _retract(stage)
    with pytest.raises(PicksError) as caught:
        decisions.reopen(stage.context(), PAPER)
    assert str(caught.value) == (
        f"posts of {PAPER} are still up on x, or may be; take them down first: picks retract {PAPER}"
    )
    assert (stage.shown()["state"], len(stage.shown()["former_deliveries"])) == ("retracted", 0)
    _retract(stage)
    decisions.reopen(stage.context(), PAPER)


def test_while_the_fate_of_a_post_is_open_it_is_not_reopened(stage: Stage) -> None:
    stage.publishers[X].fail(Moment.BEFORE, None, UnknownOutcomeError("no answer"))
    stage.tick()
    _retract(stage)
    with pytest.raises(PicksError, match="or may be; take them down first"):
        decisions.reopen(stage.context(), PAPER)
    resolve(stage.database, CHANNEL, PAPER, Verdict(give_up=True), actor=ADA, now=stage.now)
    decisions.reopen(stage.context(), PAPER)


def test_only_what_was_taken_down_is_reopened(stage: Stage) -> None:
    with pytest.raises(TransitionError, match=f"cannot reopen {PAPER}: it is approved"):
        decisions.reopen(stage.context(), PAPER)
    stage.tick()
    with pytest.raises(TransitionError, match=f"it is already out; picks retract {PAPER} takes it down"):
        decisions.reopen(stage.context(), PAPER)


def test_a_reopened_pick_may_be_rejected_and_taken_back_like_any_other(stage: Stage) -> None:
    _reopened(stage)
    decisions.reject(stage.context(), PAPER)
    decisions.undo(stage.context(), PAPER)
    decisions.approve(stage.context(), PAPER, Edits())
    decisions.undo(stage.context(), PAPER)
    assert (stage.shown()["state"], stage.tick()) == ("queued", {})


# One platform alone


def test_one_platform_alone_comes_down_and_the_other_stays(stage: Stage) -> None:
    stage.tick()
    assert [(item.platform, item.left) for item in _retract(stage, X)] == [(X, 0)]
    assert (stage.out(X), stage.out(BLUESKY)) == ([], stage.approved(BLUESKY))
    assert (stage.shown()["state"], stage.states()) == ("published", {"bluesky": "sent", "x": "retracted"})
    last = stage.shown()["decisions"][-1]
    assert (last["action"], last["before"], last["after"], last["detail"], last["by"]) == (
        "take-down",
        "published",
        "published",
        "x alone",
        "ada",
    )


def test_with_the_last_platform_the_pick_is_retracted(stage: Stage) -> None:
    stage.tick()
    _retract(stage, X)
    _retract(stage, BLUESKY)
    assert (stage.shown()["state"], stage.out(BLUESKY)) == ("retracted", [])
    assert _log(stage)[-2:] == ["take-down", "retract"]
    decisions.reopen(stage.context(), PAPER)


def test_the_rest_comes_down_with_the_whole(stage: Stage) -> None:
    stage.tick()
    _retract(stage, X)
    _retract(stage)
    assert (stage.shown()["state"], stage.out(BLUESKY)) == ("retracted", [])


@pytest.mark.parametrize("error", [PermanentError("no"), TransientError("not now")])
def test_a_platform_that_waits_or_was_refused_is_taken_back_and_the_pick_is_whole(
    stage: Stage, error: PermanentError
) -> None:
    stage.publishers[X].fail(Moment.BEFORE, error)
    stage.tick()
    _retract(stage, X)
    assert (stage.shown()["state"], stage.states()) == ("published", {"bluesky": "sent", "x": "retracted"})
    stage.now += timedelta(days=1)
    assert stage.tick() == {}


def test_while_the_other_platform_waits_the_pick_is_still_on_its_way(stage: Stage) -> None:
    stage.publishers[X].fail(Moment.BEFORE, TransientError("not now"))
    stage.tick()
    _retract(stage, BLUESKY)
    assert (stage.shown()["state"], stage.out(BLUESKY)) == ("publishing", [])
    stage.now += timedelta(days=1)
    assert stage.tick() == {"x": "sent"}
    assert stage.shown()["state"] == "published"


def test_what_is_left_of_one_platform_is_listed_with_the_command_for_that_platform(stage: Stage) -> None:
    stage.tick()
    stage.publishers[X].fail(Moment.REMOVE, TransientError("not now"))
    _retract(stage, X)
    found = views.status(stage.database, CHANNEL, accounts={}, now=stage.now)["attention"]
    assert [(item["platform"], item["commands"]) for item in found] == [("x", [f"picks retract {PAPER} --platform x"])]
    _retract(stage, X)
    assert views.status(stage.database, CHANNEL, accounts={}, now=stage.now)["attention"] == []
    assert stage.out(BLUESKY) == stage.approved(BLUESKY)


def test_a_person_may_say_that_nothing_is_left_on_one_platform(stage: Stage) -> None:
    stage.publishers[X].fail(Moment.BEFORE, None, UnknownOutcomeError("no answer"))
    stage.tick()
    _retract(stage, X)
    assert stage.shown()["state"] == "published"
    resolve(stage.database, CHANNEL, PAPER, Verdict(give_up=True), actor=ADA, now=stage.now)
    assert views.status(stage.database, CHANNEL, accounts={}, now=stage.now)["attention"] == []
    assert (stage.shown()["state"], stage.states()["bluesky"]) == ("published", "sent")


def test_a_platform_to_which_the_pick_does_not_go_is_refused(stage: Stage) -> None:
    stage.tick()
    with pytest.raises(PicksError, match=f"{PAPER} does not go to console; see picks show {PAPER}"):
        _retract(stage, Platform.CONSOLE)


def test_nothing_is_taken_down_of_a_pick_that_is_not_out(stage: Stage) -> None:
    with pytest.raises(TransitionError, match="picks undo"):
        _retract(stage, X)


@pytest.mark.parametrize("platform", [None, X])
def test_the_same_retraction_again_leaves_no_second_decision(stage: Stage, platform: Platform | None) -> None:
    stage.tick()
    _retract(stage, platform)
    before = _log(stage)
    assert all((item.removed, item.left, item.error) == (0, 0, None) for item in _retract(stage, platform))
    assert _log(stage) == before


# One platform alone, anew


def _anew(stage: Stage, platform: Platform = X) -> datetime:
    return post_anew(stage.context(), PAPER, platform).slot


def test_one_platform_alone_is_posted_anew_in_the_words_that_were_approved(stage: Stage) -> None:
    stage.tick()
    kept, words = stage.out(BLUESKY), stage.out(X)
    _retract(stage, X)
    slot = _anew(stage)
    assert (stage.shown()["state"], stage.states()) == ("publishing", {"bluesky": "sent", "x": "planned"})
    assert (slot > stage.now, stage.tick()) == (True, {})
    stage.now = slot
    assert stage.tick() == {"x": "sent"}
    assert (stage.shown()["state"], stage.out(X), stage.out(BLUESKY)) == ("published", words, kept)
    assert [(item["platform"], item["state"]) for item in stage.shown()["former_deliveries"]] == [("x", "retracted")]
    last = [item for item in stage.shown()["decisions"] if item["by"] == "ada"][-1]
    assert (last["action"], last["before"], last["after"]) == ("post-anew", "published", "publishing")
    assert last["detail"].startswith("x alone, slot ")


def test_bluesky_too_is_posted_anew_alone(stage: Stage) -> None:
    stage.tick()
    words = stage.out(BLUESKY)
    _retract(stage, BLUESKY)
    stage.now = _anew(stage, BLUESKY)
    assert stage.tick() == {"bluesky": "sent"}
    assert stage.out(BLUESKY) == words


def test_what_was_given_up_on_one_platform_can_go_out_after_all(stage: Stage) -> None:
    stage.publishers[X].fail(Moment.BEFORE, PermanentError("no"))
    stage.tick()
    resolve(stage.database, CHANNEL, PAPER, Verdict(give_up=True), actor=ADA, now=stage.now)
    assert stage.shown()["state"] == "published"
    stage.now = _anew(stage)
    assert stage.tick() == {"x": "sent"}


def test_what_is_posted_anew_alone_may_be_taken_back(stage: Stage) -> None:
    stage.tick()
    _retract(stage, X)
    _anew(stage)
    _retract(stage, X)
    assert (stage.shown()["state"], stage.states()) == ("published", {"bluesky": "sent", "x": "retracted"})
    stage.now += timedelta(days=9)
    assert stage.tick() == {}


def test_while_another_platform_needs_a_person_it_still_does(stage: Stage) -> None:
    stage.tick()
    _retract(stage, X)
    stage.publishers[X].fail(Moment.BEFORE, PermanentError("no"))
    stage.now = _anew(stage)
    stage.tick()
    assert stage.shown()["state"] == "attention"
    _retract(stage, BLUESKY)
    _anew(stage, BLUESKY)
    assert (stage.shown()["state"], stage.states()) == ("attention", {"x": "refused", "bluesky": "planned"})


@pytest.mark.parametrize("platform", [BLUESKY, X])
def test_what_is_out_is_not_posted_anew(stage: Stage, platform: Platform) -> None:
    stage.tick()
    with pytest.raises(PicksError) as caught:
        _anew(stage, platform)
    assert str(caught.value) == (
        f"cannot post {PAPER} anew on {platform}: it is sent there; "
        f"picks retract {PAPER} --platform {platform} takes it down first"
    )


def test_what_may_still_be_up_is_not_posted_anew(stage: Stage) -> None:
    stage.tick()
    stage.publishers[X].fail(Moment.REMOVE, TransientError("not now"))
    _retract(stage, X)
    with pytest.raises(PicksError, match=f"are still up on x, or may be; .*picks retract {PAPER} --platform x"):
        _anew(stage)
    assert stage.states() == {"bluesky": "sent", "x": "retracted"}


def test_a_pick_of_which_everything_is_down_is_reopened_as_a_whole(stage: Stage) -> None:
    stage.tick()
    _retract(stage)
    with pytest.raises(PicksError, match=f"picks reopen {PAPER} without --platform"):
        _anew(stage)


def test_whoever_wants_the_whole_back_learns_of_the_way_for_one_platform(stage: Stage) -> None:
    stage.tick()
    _retract(stage, X)
    with pytest.raises(PicksError, match=f"picks reopen {PAPER} --platform x posts it anew there alone"):
        decisions.reopen(stage.context(), PAPER)


def test_where_another_channel_has_the_paper_on_the_account_meanwhile_it_is_not_posted_anew(stage: Stage) -> None:
    stage.tick()
    _retract(stage, X)
    other = CHANNEL.model_copy(update={"name": "other"})
    decisions.approve(replace(stage.context(), channel=other), PAPER, Edits(note="Theirs."), at=stage.now)
    with pytest.raises(PicksError, match="the channel other has this paper for the same account"):
        _anew(stage)
