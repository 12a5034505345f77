"""What Mastodon's refusals mean: which of the three kinds, whose fault, and how long to wait."""

import json
from datetime import UTC, datetime, timedelta

import pytest
import requests

from bot.domain.errors import AccountError, PermanentError, PicksError, TransientError, UnknownOutcomeError
from bot.platforms.mastodon.errors import Answer, not_removed, refused, unreadable

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


def answer(status: int, error: object = "An error", *, reset: str | None = None) -> Answer:
    response = requests.Response()
    response.status_code = status
    response._content = b"<h1>no</h1>" if error is None else json.dumps({"error": error}).encode()
    if reset is not None:
        response.headers["X-RateLimit-Reset"] = reset
    return Answer.of(response, now=NOW)


@pytest.mark.parametrize(
    ("status", "error", "kind"),
    [
        (401, "The access token is invalid", AccountError),
        (403, "This action is outside the authorized scopes", AccountError),
        (403, None, AccountError),
        (302, None, AccountError),
        (404, None, AccountError),
        (400, "Bad request", PermanentError),
        (413, "Too large", PermanentError),
        (422, "Validation failed: Text character limit of 500 exceeded", PermanentError),
        (422, "This method requires an authenticated user", AccountError),
        (408, "Timeout", UnknownOutcomeError),
        (409, "Conflict", UnknownOutcomeError),
        (500, "Internal", UnknownOutcomeError),
        (502, None, UnknownOutcomeError),
        (503, "There was a temporary problem", UnknownOutcomeError),
        (504, None, UnknownOutcomeError),
    ],
)
def test_a_refused_post_is_of_its_kind(status: int, error: str | None, kind: type[PicksError]) -> None:
    found = refused(answer(status, error))
    assert type(found) is kind
    assert str(status) in str(found)


@pytest.mark.parametrize("meaning", [refused, unreadable, not_removed])
def test_too_many_requests_wait_until_the_time_that_the_server_names(meaning: object) -> None:
    found = meaning(answer(429, "Too many requests", reset="2026-03-02T10:04:30.123456Z"))  # type: ignore[operator]
    assert type(found) is TransientError
    assert found.retry_after == pytest.approx(270.1, abs=0.1)


@pytest.mark.parametrize(
    ("reset", "wait"),
    [(None, None), ("soon", None), ("2026-03-02T10:04:30", None), ("2026-03-01T00:00:00Z", 1.0)],
)
def test_a_time_that_cannot_be_meant_is_none(reset: str | None, wait: float | None) -> None:
    assert answer(429, reset=reset).wait == wait


def test_no_server_makes_us_wait_longer_than_a_day() -> None:
    assert answer(429, reset=(NOW + timedelta(days=400)).isoformat()).wait == 86_400


@pytest.mark.parametrize(
    ("status", "error", "kind"),
    [
        (401, "The access token is invalid", AccountError),
        (403, None, AccountError),
        (408, None, TransientError),
        (422, "What?", UnknownOutcomeError),
        (500, "Internal", TransientError),
        (503, None, TransientError),
    ],
)
def test_a_look_that_fails_is_of_its_kind(status: int, error: str | None, kind: type[PicksError]) -> None:
    assert type(unreadable(answer(status, error))) is kind


@pytest.mark.parametrize(
    ("status", "error", "kind"),
    [(401, "No", AccountError), (422, "No", PermanentError), (503, None, TransientError), (409, "No", TransientError)],
)
def test_a_delete_that_fails_is_of_its_kind(status: int, error: str | None, kind: type[PicksError]) -> None:
    assert type(not_removed(answer(status, error))) is kind


@pytest.mark.parametrize("error", [7, None, ["a"], {"deep": 1}, "a\nb\x1b[31m" + "c" * 500])
def test_a_body_of_any_shape_makes_one_line_that_is_not_too_long(error: object) -> None:
    said = str(refused(answer(422, error)))
    assert "\n" not in said
    assert "\x1b" not in said
    assert len(said) < 400


def test_a_token_that_is_not_accepted_is_a_sign_in_that_fails_and_a_missing_scope_is_not() -> None:
    token = refused(answer(401, {"error": "The access token is invalid"}))
    scope = refused(answer(403, {"error": "This action is outside the authorized scopes"}))
    assert isinstance(token, AccountError)
    assert isinstance(scope, AccountError)
    assert (token.sign_in, scope.sign_in) == (True, False)
    assert token.needs_person
    assert scope.needs_person


def test_what_stands_in_front_of_a_server_needs_no_person_and_a_wrong_address_does() -> None:
    firewall, elsewhere = refused(answer(403, None)), refused(answer(404, None))
    assert isinstance(firewall, AccountError)
    assert isinstance(elsewhere, AccountError)
    assert (firewall.needs_person, elsewhere.needs_person) == (False, True)
    assert "MASTODON_URL" in str(elsewhere)
