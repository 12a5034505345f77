"""What X's answers and silences mean, whatever their form."""

import json
import socket
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
from urllib3 import HTTPConnectionPool
from urllib3.connection import HTTPConnection
from urllib3.exceptions import MaxRetryError, NameResolutionError, NewConnectionError, ProtocolError, SSLError

import x_errors
from bot.domain.errors import AccountError, PermanentError, PicksError, TransientError, UnknownOutcomeError
from bot.platforms.publisher import DuplicatePostError, ReplyRefusedError
from bot.platforms.x.errors import (
    RATE_WINDOW,
    Answer,
    refused,
    unanswered,
    unreadable,
)

KINDS: dict[str, type[PicksError]] = {
    "duplicate": DuplicatePostError,
    "reply-rule": ReplyRefusedError,
    "reply-rule-old": ReplyRefusedError,
    "not-permitted": PermanentError,
    "parent-unseen": TransientError,
    "app-only": AccountError,
    "credits": AccountError,
    "rate-limit": TransientError,
    "rate-limit-old": TransientError,
    "unauthorized": AccountError,
    "not-found": AccountError,
    "invalid": PermanentError,
    "internal": UnknownOutcomeError,
    "unavailable": UnknownOutcomeError,
    "duplicate-old": DuplicatePostError,
    "locked": AccountError,
    "suspended": AccountError,
    "suspended-old": AccountError,
    "automated": AccountError,
    "daily-limit": AccountError,
    "permissions": AccountError,
    "read-only": AccountError,
    "not-enrolled": AccountError,
    "usage-capped": AccountError,
}
NEEDS_PERSON = {
    "app-only": True,
    "credits": True,
    "unauthorized": True,
    "not-found": True,
    "locked": True,
    "suspended": True,
    "suspended-old": True,
    "automated": False,
    "daily-limit": False,
    "permissions": True,
    "read-only": True,
    "not-enrolled": True,
    "usage-capped": True,
}
URL = "https://api.x.com"


def read(status: int, content: bytes, *, reset: str | None = None) -> Answer:
    """Read an answer that came at 1000 seconds after 1970."""
    response = requests.Response()
    response.status_code = status
    response._content = content
    if reset is not None:
        response.headers["x-rate-limit-reset"] = reset
    return Answer.of(response, now=1000.0)


def test_every_known_error_has_an_expected_kind() -> None:
    assert set(KINDS) == set(x_errors.NAMED)


@pytest.mark.parametrize("name", KINDS)
def test_an_error_body_says_its_kind(name: str) -> None:
    refusal = x_errors.NAMED[name]
    assert type(refused(Answer(refusal.status, refusal.body))) is KINDS[name]


def seen_errors(shared_data: Path) -> Iterator[tuple[int, object]]:
    for entry in json.loads((shared_data / "x" / "errors.json").read_text("utf-8")):
        body = entry.get("body") or {"detail": entry.get("body_detail"), "code": entry.get("code")}
        yield entry["status"], body


def test_the_error_bodies_seen_in_the_wild_are_known(shared_data: Path) -> None:
    known = [refusal.body for refusal in x_errors.NAMED.values()]
    whole = [body for _, body in seen_errors(shared_data) if isinstance(body, dict) and "title" in body]
    assert [body for body in whole if body not in known] == []


def test_the_errors_seen_in_the_wild_get_their_kind(shared_data: Path) -> None:
    kinds = [(status, type(refused(Answer(status, body)))) for status, body in seen_errors(shared_data)]
    assert kinds == [
        (403, DuplicatePostError),
        (403, ReplyRefusedError),
        (403, ReplyRefusedError),
        (403, PermanentError),
        (403, TransientError),
        (403, AccountError),
        (402, AccountError),
        (429, TransientError),
        (429, TransientError),
        (401, AccountError),
        (400, PermanentError),
        (503, UnknownOutcomeError),
        (409, PermanentError),
    ]


def test_an_unseen_parent_is_known_by_its_code_alone() -> None:
    error = refused(Answer(403, {"errors": [{"code": 385, "message": "reworded"}]}))
    assert isinstance(error, TransientError)
    assert error.retry_after == 5.0


@pytest.mark.parametrize("judge", [refused, unreadable])
def test_missing_credits_are_known_by_the_problem_alone(judge: Callable[[Answer], PicksError]) -> None:
    error = judge(Answer(403, {"type": "https://api.x.com/2/problems/credits", "detail": "reworded"}))
    assert type(error) is AccountError
    assert error.retry_after == 900
    assert str(error) == (
        "the X account is out of credits (403: reworded); buy some in X's developer console, then try again"
    )


def test_a_failure_of_x_that_names_credits_may_still_follow_a_post() -> None:
    answer = Answer(503, {"type": "https://api.x.com/2/problems/credits"})
    assert (type(refused(answer)), type(unreadable(answer))) == (UnknownOutcomeError, TransientError)


MESSAGES = {
    "credits": """
        the X account is out of credits (402: Your enrolled account [0] does not have any credits to fulfill this
        request.); buy some in X's developer console, then try again""",
    "unauthorized": """
        X does not accept the credentials (401: Unauthorized); check X_CONSUMER_KEY, X_CONSUMER_SECRET, X_ACCESS_TOKEN
        and X_ACCESS_TOKEN_SECRET, and this machine's clock""",
    "rate-limit-old": "X takes no more requests for now (429: Rate limit exceeded); try again later",
    "unavailable": """
        X failed while it made a post (503: Service Unavailable); it may be out: look at the account before sending it
        again""",
}


@pytest.mark.parametrize("name", MESSAGES)
def test_a_message_names_the_thing_the_reason_and_the_next_step(name: str) -> None:
    refusal = x_errors.NAMED[name]
    assert str(refused(Answer(refusal.status, refusal.body))) == " ".join(MESSAGES[name].split())


@pytest.mark.parametrize("name", KINDS)
def test_every_message_is_one_line(name: str) -> None:
    refusal = x_errors.NAMED[name]
    assert "\n" not in str(refused(Answer(refusal.status, refusal.body)))


@pytest.mark.parametrize(
    ("reset", "wait"),
    [
        (None, None),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1060", 60.0),
        ("900", 1.0),
        ("9" * 400, RATE_WINDOW),
    ],
)
def test_a_rate_limit_asks_for_a_bounded_wait(reset: str | None, wait: float | None) -> None:
    error = refused(read(429, b"{}", reset=reset))
    assert isinstance(error, TransientError)
    assert error.retry_after == wait


@pytest.mark.parametrize("status", [403, 503])
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html>",
        b"null",
        b"[]",
        b'"text"',
        b"7",
        b'{"errors": null}',
        b'{"errors": [null, 1, "text", {"code": "385"}, {"code": [385]}, {"message": 3}]}',
        b'{"detail": {"a": 1}, "title": [], "type": 9, "code": null}',
        b"[" * 100_000,
        b"\xff\xfe",
    ],
)
def test_a_body_of_any_form_is_read(content: bytes, status: int) -> None:
    expected = {403: AccountError, 503: UnknownOutcomeError}[status]
    error = refused(read(status, content))
    assert type(error) is expected
    assert f"({status}: no reason given)" in str(error)


def test_a_long_reason_of_several_lines_is_shown_short_on_one_line() -> None:
    message = str(refused(Answer(403, {"detail": "line\n" * 200})))
    assert "\n" not in message
    assert len(message) < 400


@pytest.mark.parametrize("status", [200, 201, 204, 408, 500, 502, 503, 504, 599])
def test_an_answer_that_may_follow_a_post_leaves_the_outcome_unknown(status: int) -> None:
    assert type(refused(Answer(status, None))) is UnknownOutcomeError


@pytest.mark.parametrize("status", [301, 307, 404])
def test_an_answer_from_elsewhere_names_the_setting(status: int) -> None:
    assert str(refused(Answer(status, None))) == (
        f"what answers is not X's API ({status}: no reason given); check X_API_URL"
    )


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (429, TransientError),
        (408, TransientError),
        (500, TransientError),
        (503, TransientError),
        (302, AccountError),
        (400, AccountError),
        (401, AccountError),
        (402, AccountError),
        (403, AccountError),
        (404, AccountError),
    ],
)
def test_a_timeline_that_is_refused_tells_nothing(status: int, kind: type[PicksError]) -> None:
    assert type(unreadable(Answer(status, None))) is kind


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("locked", AccountError),
        ("suspended", AccountError),
        ("automated", AccountError),
        ("usage-capped", AccountError),
        ("invalid", UnknownOutcomeError),
        ("not-permitted", UnknownOutcomeError),
        ("permissions", UnknownOutcomeError),  # it may be allowed to post and not to look: only a person can tell then
        ("not-enrolled", UnknownOutcomeError),
    ],
)
def test_a_look_that_x_refuses_is_tried_again_where_it_may_be_allowed_later(name: str, kind: type[PicksError]) -> None:
    refusal = x_errors.NAMED[name]
    assert type(unreadable(Answer(refusal.status, refusal.body))) is kind


@pytest.mark.parametrize("name", NEEDS_PERSON)
def test_a_refusal_of_the_account_says_whether_only_a_person_helps(name: str) -> None:
    refusal = x_errors.NAMED[name]
    error = refused(Answer(refusal.status, refusal.body))
    assert isinstance(error, AccountError)
    assert error.needs_person is NEEDS_PERSON[name]


def test_every_refusal_of_the_account_is_asked_whether_only_a_person_helps() -> None:
    assert set(NEEDS_PERSON) == {name for name, kind in KINDS.items() if kind is AccountError}


@pytest.mark.parametrize(
    ("code", "needs_person"),
    [(326, True), (64, True), (63, True), (226, False), (185, False), (261, True), (453, True)],
)
def test_the_old_numbers_tell_it_whatever_the_words(code: int, *, needs_person: bool) -> None:
    error = refused(Answer(403, {"errors": [{"code": code, "message": "reworded"}]}))
    assert isinstance(error, AccountError)
    assert error.needs_person is needs_person


@pytest.mark.parametrize("code", [32, 89, 99, 215, 231])
@pytest.mark.parametrize("status", [400, 403])
def test_credentials_are_known_by_the_old_numbers_too(status: int, code: int) -> None:
    error = refused(Answer(status, {"errors": [{"code": code, "message": "reworded"}]}))
    assert isinstance(error, AccountError)
    assert (error.needs_person, error.sign_in) == (True, True)


def test_a_thread_that_may_not_be_answered_is_a_refused_reply_by_the_old_number_too() -> None:
    words = "The original Tweet author restricted who can reply to this Tweet."
    for body in ({"errors": [{"code": 433, "message": "reworded"}]}, {"detail": words}):
        assert isinstance(refused(Answer(403, body)), ReplyRefusedError)


@pytest.mark.parametrize(
    "words",
    [
        "The user used for authentication is suspended",
        "User is suspended.",
        "Your account has been deactivated.",
        "Your account is in read-only mode.",
        "Your account may not be allowed to perform this action. Please refresh the page and try again.",
        "We've temporarily limited some of your account features.",
        "Please verify your account.",
    ],
)
def test_whatever_x_says_of_the_account_concerns_no_post(words: str) -> None:
    error = refused(Answer(403, {"title": "Forbidden", "detail": words, "type": "about:blank", "status": 403}))
    assert isinstance(error, AccountError)
    assert error.needs_person
    assert words in str(error)


@pytest.mark.parametrize(
    "words", ["This post violated the X Rules", "The text of your post is too long", "You cannot post this link"]
)
def test_what_x_says_of_the_post_still_refuses_it(words: str) -> None:
    assert type(refused(Answer(403, {"title": "Forbidden", "detail": words}))) is PermanentError


@pytest.mark.parametrize("status", [300, 301, 302, 303, 307, 308, 403, 404, 406, 451])
def test_what_is_not_of_x_says_nothing_about_the_post(status: int) -> None:
    error = refused(read(status, b"<!doctype html><title>Attention Required!</title>"))
    assert type(error) is AccountError
    assert error.needs_person is (status in {300, 301, 302, 303, 307, 308, 404})


@pytest.mark.parametrize(("remaining", "wait"), [("0", 7200.0), ("3", 60.0)])
def test_a_limit_of_the_day_is_waited_for_where_it_is_used_up(remaining: str, wait: float) -> None:
    response = requests.Response()
    response.status_code, response._content = 429, b"{}"
    response.headers.update(
        {
            "x-rate-limit-reset": "1060",
            "x-user-limit-24hour-remaining": remaining,
            "x-user-limit-24hour-reset": "8200",
        }
    )
    error = refused(Answer.of(response, now=1000.0))
    assert isinstance(error, TransientError)
    assert error.retry_after == wait


POOL = HTTPConnectionPool("127.0.0.1")
CONNECTION = HTTPConnection("127.0.0.1")


def gave_up(reason: Exception) -> MaxRetryError:
    return MaxRetryError(POOL, "/2/tweets", reason)


@pytest.mark.parametrize(
    ("error", "obstacle"),
    [
        (requests.ConnectTimeout(gave_up(Exception())), "no connection in time"),
        (requests.ConnectionError(gave_up(NewConnectionError(CONNECTION, "refused"))), "no connection"),
        (
            requests.ConnectionError(gave_up(NameResolutionError("api.x.com", CONNECTION, socket.gaierror()))),
            "its name is not known",
        ),
        (
            requests.exceptions.SSLError(gave_up(SSLError(ssl.SSLCertVerificationError("self-signed")))),
            "its certificate is not valid",
        ),
    ],
    ids=["connect time-out", "refused", "no such name", "bad certificate"],
)
def test_what_failed_before_sending_may_be_repeated(error: requests.RequestException, obstacle: str) -> None:
    found = unanswered(error, api_url=URL)
    assert type(found) is TransientError
    assert str(found) == (
        f"cannot reach X at https://api.x.com ({obstacle}), so nothing was sent; check the network, or try again later"
    )


@pytest.mark.parametrize(
    "error",
    [
        requests.ReadTimeout(),
        requests.ConnectionError(ProtocolError("reset")),
        requests.ConnectionError(),
        requests.exceptions.SSLError(gave_up(SSLError(ssl.SSLError("decryption failed")))),
        requests.exceptions.SSLError(ssl.SSLError("decryption failed")),
        requests.exceptions.ChunkedEncodingError(),
        requests.exceptions.ContentDecodingError(),
    ],
    ids=["read time-out", "reset", "bare", "TLS broke", "TLS broke in the body", "cut", "garbled"],
)
def test_what_may_have_been_sent_leaves_the_outcome_unknown(error: requests.RequestException) -> None:
    assert type(unanswered(error, api_url=URL)) is UnknownOutcomeError


def test_an_address_that_is_none_is_named() -> None:
    error = unanswered(requests.exceptions.MissingSchema(), api_url="api.x.com")
    assert type(error) is PermanentError
    assert str(error) == ("X_API_URL is 'api.x.com', which is no address; correct it, such as https://api.x.com")


def test_the_words_of_x_are_shown_on_one_line_harmless_and_cut() -> None:
    said = str(Answer(400, {"detail": "a\nb\x1b[31m" + "c" * 500}))
    assert said.startswith("400: a b[31mccc")
    assert said.endswith("c…")
    assert len(said) == len("400: ") + 200
