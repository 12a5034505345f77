"""Credentials that are not accepted are known before the first post, and forgotten when they are."""

from dataclasses import replace
from typing import Any

import pytest

import json_views as views
from bot.curation.context import Account
from bot.domain.actors import Actor
from bot.domain.errors import AccountError, TransientError
from bot.domain.posts import Platform
from bot.platforms.mastodon.addresses import account_name
from bot.platforms.memory import Moment
from bot.publishing.circuit_breaker import note_failure
from bot.publishing.waiting_mode import FirstLooks
from bot.store.database import Database
from publishing_stage import CHANNEL, Stage, approved_stage
from samples import NOON

REFUSED = AccountError("Bluesky did not let picks.test sign in", sign_in=True)


@pytest.fixture
def stage(database: Database) -> Stage:
    return approved_stage(database, account="picks.test")


def _start(stage: Stage) -> None:
    """Play the start of a worker, up to where it would send."""
    outbox = replace(stage.outbox(), channels={CHANNEL.name: CHANNEL}, actor=Actor("ada", "test"))
    FirstLooks(outbox).take([CHANNEL])


def _attention(stage: Stage) -> list[dict[str, Any]]:
    accounts = dict.fromkeys(stage.publishers, Account("picks.test"))
    found: list[dict[str, Any]] = views.status(stage.database, CHANNEL, accounts=accounts, now=stage.now)["attention"]
    return found


def test_a_wrong_password_needs_a_person_before_anything_is_sent(stage: Stage) -> None:
    stage.publishers[Platform.BLUESKY].fail(Moment.IDENTIFY, REFUSED)
    _start(stage)
    [case] = _attention(stage)
    assert (case["kind"], case["what"]) == ("sign-in", "the account picks.test on bluesky")
    assert "https://bsky.app/settings/app-passwords" in case["next"]
    assert stage.out(Platform.BLUESKY) == []


def test_a_worker_that_is_started_with_the_right_one_forgets_it_at_once(stage: Stage) -> None:
    stage.publishers[Platform.BLUESKY].fail(Moment.IDENTIFY, REFUSED)
    _start(stage)
    _start(stage)
    assert _attention(stage) == []


@pytest.mark.parametrize("platform", [Platform.BLUESKY, Platform.X, Platform.MASTODON])
@pytest.mark.parametrize("sign_in", [True, False])
def test_on_every_platform_an_account_in_trouble_names_what_to_set_or_where_to_look(
    sign_in: bool, platform: Platform, database: Database
) -> None:
    with database.transaction() as session:
        error = AccountError("it is not let in", sign_in=sign_in)
        note_failure(session, error, platform=platform, account="picks.test", now=NOON)
    accounts = {platform: Account("picks.test")}
    [case] = views.status(database, CHANNEL, accounts=accounts, now=NOON)["attention"]
    assert case["kind"] == ("sign-in" if sign_in else "account")
    assert ("picks doctor tries" in case["next"]) is sign_in
    assert any(place in case["next"] for place in ("https://bsky.app", "https://console.x.com", "Preferences"))


def test_an_account_that_has_no_name_yet_is_not_called_an_account_twice(database: Database) -> None:
    name = account_name("https://mastodon.example", channel=None)
    with database.transaction() as session:
        note_failure(session, AccountError("no", sign_in=True), platform=Platform.MASTODON, account=name, now=NOON)
    [case] = views.status(database, CHANNEL, accounts={Platform.MASTODON: Account(name)}, now=NOON)["attention"]
    assert case["what"] == "the account on mastodon.example on mastodon"


@pytest.mark.parametrize("error", [TransientError("busy"), AccountError("a firewall", needs_person=False)])
def test_what_passes_by_itself_needs_nobody(error: TransientError, stage: Stage) -> None:
    stage.publishers[Platform.BLUESKY].fail(Moment.IDENTIFY, error)
    _start(stage)
    assert _attention(stage) == []


def test_another_trouble_of_the_account_is_not_forgotten_by_a_sign_in(stage: Stage) -> None:
    stage.publishers[Platform.BLUESKY].fail(Moment.SURVEY, AccountError("the account is locked"))
    _start(stage)
    _start(stage)
    assert [case["kind"] for case in _attention(stage)] == ["account"]
