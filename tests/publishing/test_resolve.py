"""A person's word on what waits for one."""

import pytest

from bot.domain.actors import Actor
from bot.domain.errors import PermanentError, PicksError, UnknownOutcomeError
from bot.domain.posts import Platform
from bot.domain.states import DeliveryState
from bot.platforms.memory import Moment
from bot.platforms.publisher import WrongAccountError
from bot.publishing.resolve import Verdict, resolve
from bot.store.database import Database
from publishing_stage import CHANNEL, PAPER, Stage, approved_stage


@pytest.fixture
def stage(database: Database) -> Stage:
    """Return a stage on which X cannot tell whether the first post is out."""
    stage = approved_stage(database)
    x = stage.publishers[Platform.X]
    x.fail(Moment.AFTER, UnknownOutcomeError("no answer"))
    x.fail(Moment.FIND, UnknownOutcomeError("the timeline cannot be read"))
    stage.tick()
    assert stage.shown()["state"] == "attention"
    return stage


def _resolve(stage: Stage, verdict: Verdict, platform: Platform | None = None) -> DeliveryState:
    return resolve(
        stage.database,
        CHANNEL,
        PAPER,
        verdict,
        actor=Actor("ada", "test"),
        now=stage.now,
        platform=platform,
        publisher_for=stage.outbox().publisher_for,
    )[2]


def _last_decision(stage: Stage) -> tuple[str, str]:
    row = [item for item in stage.shown()["decisions"] if item["action"] == "resolve"][-1]
    return row["by"], row["detail"]


def test_a_post_that_a_person_found_is_taken_over_and_the_thread_goes_on(database: Database) -> None:
    stage = approved_stage(database)
    x = stage.publishers[Platform.X]
    x.fail(Moment.BEFORE, UnknownOutcomeError("no answer"))
    x.fail(Moment.FIND, UnknownOutcomeError("the timeline cannot be read"))
    stage.tick()
    stage.put_up(Platform.X, "42", stage.approved(Platform.X)[0])
    assert _resolve(stage, Verdict(sent_url="https://x.com/picks/status/42?s=20")) is DeliveryState.PLANNED
    assert stage.tick() == {"x": DeliveryState.SENT}
    assert stage.out(Platform.X) == stage.approved(Platform.X)
    assert stage.shown()["deliveries"][1]["posts"][0]["remote_id"] == "42"
    assert _last_decision(stage) == ("ada", "x: sent: https://x.com/picks/status/42?s=20")


def test_a_post_that_is_not_out_is_sent_again(database: Database) -> None:
    stage = approved_stage(database)
    x = stage.publishers[Platform.X]
    x.fail(Moment.BEFORE, UnknownOutcomeError("no answer"))
    x.fail(Moment.FIND, UnknownOutcomeError("the timeline cannot be read"))
    stage.tick()
    assert _resolve(stage, Verdict(resend=True)) is DeliveryState.PLANNED
    assert stage.tick() == {"x": DeliveryState.SENT}
    assert stage.out(Platform.X) == stage.approved(Platform.X)
    assert stage.shown()["state"] == "published"


def test_giving_up_ends_the_pick_with_what_is_out(stage: Stage) -> None:
    assert _resolve(stage, Verdict(give_up=True)) is DeliveryState.GIVEN_UP
    assert stage.tick() == {}
    assert stage.shown()["state"] == "published"


def test_with_everything_given_up_the_pick_is_out_nowhere(database: Database) -> None:
    stage = approved_stage(database)
    for publisher in stage.publishers.values():
        publisher.fail(Moment.BEFORE, PermanentError("no"))
    stage.tick()
    with pytest.raises(PicksError, match=r"--platform \(bluesky, x\)"):
        _resolve(stage, Verdict(give_up=True))
    _resolve(stage, Verdict(give_up=True), Platform.X)
    assert stage.shown()["state"] == "attention"
    _resolve(stage, Verdict(give_up=True), Platform.BLUESKY)
    assert stage.shown()["state"] == "retracted"


def test_nothing_that_does_not_wait_is_decided_about(stage: Stage) -> None:
    with pytest.raises(PicksError, match="waits for a person"):
        _resolve(stage, Verdict(resend=True), Platform.BLUESKY)


@pytest.mark.parametrize(
    "url",
    [
        "https://x.com/i/web/status/42",
        "https://twitter.com/picks/status/42/photo/1",
        "http://mobile.twitter.com/picks/statuses/42?s=20",
        "HTTPS://X.com/picks/status/42",
    ],
)
def test_an_address_may_have_any_form_that_x_gives_it(stage: Stage, url: str) -> None:
    with pytest.raises(PicksError, match="has no post 42"):
        _resolve(stage, Verdict(sent_url=url))


FOUND = Verdict(sent_url="https://x.com/picks/status/42")


def test_a_strangers_words_are_not_taken_for_ours(stage: Stage) -> None:
    stage.put_up(Platform.X, "42", "Words that nobody approved")
    with pytest.raises(PicksError, match="42 is another post, 'Words that nobody approved'"):
        _resolve(stage, FOUND)
    assert stage.shown()["state"] == "attention"
    assert stage.tick() == {}


def test_our_words_below_another_post_are_not_the_post_in_doubt(stage: Stage) -> None:
    stage.put_up(Platform.X, "42", stage.approved(Platform.X)[0], parent="7")
    with pytest.raises(PicksError, match="42 is another post"):
        _resolve(stage, FOUND)


def test_an_address_at_which_there_is_nothing_is_refused(stage: Stage) -> None:
    with pytest.raises(PicksError, match="has no post 42"):
        _resolve(stage, FOUND)


def test_what_another_account_shows_does_not_count(stage: Stage) -> None:
    stage.put_up(Platform.X, "42", stage.approved(Platform.X)[0])
    stage.publishers[Platform.X].account = "a new account"
    with pytest.raises(WrongAccountError, match=r"on the account picks\.test, and a new account is signed in"):
        _resolve(stage, FOUND)


def test_where_nobody_can_look_no_address_is_believed(stage: Stage) -> None:
    del stage.publishers[Platform.X]
    with pytest.raises(PicksError, match="x is switched off, no credentials in the environment; set them, or"):
        _resolve(stage, FOUND)


@pytest.mark.parametrize("url", ["https://nitter.net/a/status/42", "x.com/a/status/1", "https://x.com/a/status/none"])
def test_an_address_that_is_no_post_on_x_is_refused_and_changes_nothing(stage: Stage, url: str) -> None:
    with pytest.raises(PicksError, match="is not the address of a post on X"):
        _resolve(stage, Verdict(sent_url=url))
    assert stage.shown()["state"] == "attention"


def test_a_verdict_is_exactly_one_thing() -> None:
    with pytest.raises(PicksError, match="exactly one of --sent URL, --resend and --give-up"):
        Verdict(resend=True, give_up=True)
