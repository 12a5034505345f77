"""Which kind of error each failure of the server is; a made-up wire plays the server."""

import base64
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime

import httpx
import pytest
from pydantic import SecretStr

from bot.domain.errors import AccountError, PermanentError, PicksError, TransientError, UnknownOutcomeError
from bot.domain.posts import Post
from bot.platforms.bluesky.publisher import BlueskyPublisher
from bot.platforms.memory import MemorySessionStore
from bot.platforms.publisher import Request

NOW = datetime(2024, 12, 16, 10, 0, tzinfo=UTC)
PASSWORD = "abcd-efgh-ijkl-mnop"
DID = "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa"
POSTS = (Post(text="First", length=5, limit=300), Post(text="Second", length=6, limit=300))
SERVICE = "https://pds.test"
NOT_FOUND = httpx.Response(400, json={"error": "RecordNotFound", "message": "Could not locate record"})

Answer = Callable[[httpx.Request], httpx.Response]


def token() -> str:
    payload = base64.urlsafe_b64encode(json.dumps({"exp": int(time.time()) + 7200}).encode()).decode().rstrip("=")
    header = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
    return f"{header}.{payload}.c2ln"


def stored_session() -> MemorySessionStore:
    return MemorySessionStore(f"picks.test:::{DID}:::{token()}:::{token()}:::{SERVICE}")


def publisher(answer: Answer, *, sessions: MemorySessionStore | None = None) -> BlueskyPublisher:
    return BlueskyPublisher(
        service=SERVICE,
        handle="picks.test",
        app_password=SecretStr(PASSWORD),
        sessions=sessions or stored_session(),
        transport=httpx.MockTransport(answer),
    )


def always(status: int, body: object = None, headers: dict[str, str] | None = None) -> Answer:
    return lambda request: httpx.Response(status, json=body, headers=headers)


def failing(error: Exception) -> Answer:
    def answer(request: httpx.Request) -> httpx.Response:
        raise error

    return answer


def ended(status: int, error: str, message: str) -> Answer:
    return always(status, {"error": error, "message": message})


def failure_of_send(answer: Answer) -> PicksError:
    subject = publisher(answer)
    request = subject.prepare(POSTS, sent=(), name="a thread", now=NOW)
    with pytest.raises(PicksError) as caught:
        subject.send(request)
    return caught.value


def failure_of_find(answer: Answer) -> PicksError:
    subject = publisher(answer)
    request = subject.prepare(POSTS, sent=(), name="a thread", now=NOW)
    with pytest.raises(PicksError) as caught:
        subject.find(request)
    return caught.value


def failure_of_sign_in(answer: Answer) -> PicksError:
    subject = publisher(answer, sessions=MemorySessionStore())
    with pytest.raises(PicksError) as caught:
        subject.prepare(POSTS, sent=(), name="a thread", now=NOW)
    return caught.value


def test_the_server_gets_exactly_the_prepared_records_and_must_check_them() -> None:
    bodies: list[object] = []

    def answer(request: httpx.Request) -> httpx.Response:
        bodies.append(json.loads(request.content))
        return httpx.Response(200, json={"results": prepared.body["posts"]})

    subject = publisher(answer)
    prepared = subject.prepare(POSTS, sent=(), name="a thread", now=NOW)
    assert [receipt.position for receipt in subject.send(prepared)] == [0, 1]
    assert bodies == [{"repo": DID, "validate": True, "writes": prepared.body["writes"]}]


NEVER_LEFT = [
    httpx.ConnectError("[Errno 111] Connection refused"),
    httpx.ConnectTimeout("timed out"),
    httpx.PoolTimeout("no free connection"),
    httpx.ProxyError("407 Proxy Authentication Required"),
]
MAYBE_CARRIED_OUT = [
    httpx.ReadTimeout("timed out"),
    httpx.WriteTimeout("timed out"),
    httpx.ReadError("connection reset"),
    httpx.WriteError("broken pipe"),
    httpx.RemoteProtocolError("Server disconnected without sending a response."),
]


@pytest.mark.parametrize("error", NEVER_LEFT, ids=repr)
def test_what_never_left_may_be_sent_again(error: Exception) -> None:
    assert type(failure_of_send(failing(error))) is TransientError


@pytest.mark.parametrize("error", MAYBE_CARRIED_OUT, ids=repr)
def test_a_connection_lost_on_the_way_leaves_the_outcome_unknown(error: Exception) -> None:
    failure = failure_of_send(failing(error))
    assert type(failure) is UnknownOutcomeError
    assert str(error) in str(failure)


@pytest.mark.parametrize("status", [408, 409, 500, 502, 503, 504, 529])
def test_a_server_error_leaves_the_outcome_unknown(status: int) -> None:
    assert type(failure_of_send(always(status))) is UnknownOutcomeError


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(status: int) -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.host)
        return httpx.Response(status, headers={"location": "https://elsewhere.test/"})

    assert type(failure_of_send(answer)) is UnknownOutcomeError
    assert isinstance(failure_of_sign_in(answer), TransientError)
    assert asked == ["pds.test", "pds.test"]


@pytest.mark.parametrize("status", [400, 403, 404, 413, 422])
def test_a_refusal_is_permanent_and_gives_the_reason(status: int) -> None:
    failure = failure_of_send(ended(status, "InvalidRequest", "Record is\nodd"))
    assert type(failure) is PermanentError
    assert f"HTTP {status} InvalidRequest Record is odd" in str(failure)


@pytest.mark.parametrize(
    "answer",
    [
        lambda request: httpx.Response(200, text="{", headers={"content-type": "application/json"}),
        lambda request: httpx.Response(200, text="<p>Welcome"),
        always(200, {}),
        always(200, {"results": [{"uri": "at://other", "cid": "other"}]}),
        always(200, []),
    ],
)
def test_an_answer_that_says_nothing_leaves_the_outcome_unknown(answer: Answer) -> None:
    assert type(failure_of_send(answer)) is UnknownOutcomeError


def test_too_many_requests_say_how_long_to_wait() -> None:
    resets = str(int(time.time()) + 120)
    failure = failure_of_send(
        always(429, {"error": "RateLimitExceeded", "message": "Rate Limit Exceeded"}, {"ratelimit-reset": resets})
    )
    assert type(failure) is TransientError
    assert failure.retry_after is not None
    assert 100 < failure.retry_after <= 120


def test_too_many_requests_without_a_time_leave_the_wait_to_the_caller() -> None:
    failure = failure_of_send(always(429))
    assert type(failure) is TransientError
    assert failure.retry_after is None


def test_a_session_refused_for_good_is_given_up_after_one_log_in() -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path.rpartition(".")[2])
        return httpx.Response(401, json={"error": "AccountTakedown", "message": "Account has been taken down"})

    failure = failure_of_send(answer)
    assert type(failure) is AccountError
    assert failure.retry_after == 900
    assert "Account has been taken down" in str(failure)
    assert asked == ["applyWrites", "refreshSession", "createSession"]


@pytest.mark.parametrize("error", [*NEVER_LEFT, *MAYBE_CARRIED_OUT], ids=repr)
def test_a_look_up_that_fails_on_the_way_can_be_repeated(error: Exception) -> None:
    assert type(failure_of_find(failing(error))) is TransientError


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503])
def test_a_look_up_that_the_server_cannot_answer_can_be_repeated(status: int) -> None:
    assert type(failure_of_find(always(status))) is TransientError


@pytest.mark.parametrize("body", [{}, [], {"cid": None}])
def test_a_look_up_with_an_odd_answer_is_not_believed(body: object) -> None:
    assert type(failure_of_find(always(200, body))) is TransientError


def test_a_look_up_in_a_repository_that_is_gone_needs_a_person() -> None:
    failure = failure_of_find(ended(400, "RepoDeactivated", "Repo has been deactivated"))
    assert type(failure) is AccountError
    assert failure.needs_person
    assert "RepoDeactivated" in str(failure)


@pytest.mark.parametrize("name", ["AccountDeactivated", "AccountTakedown", "RepoSuspended", "InvalidToken"])
@pytest.mark.parametrize("status", [400, 403])
def test_a_refusal_of_the_account_is_none_of_the_thread_whatever_its_status(status: int, name: str) -> None:
    failure = failure_of_send(ended(status, name, "no"))
    assert type(failure) is AccountError
    assert failure.needs_person


@pytest.mark.parametrize("status", [400, 403, 404, 406, 451])
def test_a_page_of_a_firewall_is_no_refusal_of_the_thread(status: int) -> None:
    def page(request: httpx.Request) -> httpx.Response:
        return httpx.Response(status, html="<title>Attention Required!</title>")

    for failure in (failure_of_send(page), failure_of_find(page)):
        assert type(failure) is AccountError
        assert not failure.needs_person
        assert "what answers is not a Bluesky server" in str(failure)


def test_a_redirect_of_a_look_up_names_the_setting() -> None:
    redirect = always(302, headers={"location": "https://elsewhere.test/"})
    for failure in (failure_of_find(redirect), failure_of_sign_in(redirect)):
        assert type(failure) is AccountError
        assert "check BLUESKY_SERVICE" in str(failure)


def test_another_record_at_our_key_needs_a_person() -> None:
    assert type(failure_of_find(always(200, {"uri": "at://x", "cid": "other", "value": {}}))) is PermanentError


def test_a_look_up_asks_the_server_that_the_request_was_prepared_for() -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.host)
        assert "authorization" not in request.headers
        return NOT_FOUND

    subject = publisher(answer)
    body = {**subject.prepare(POSTS, sent=(), name="a thread", now=NOW).body, "host": "https://old.test"}
    assert subject.find(Request(positions=(0, 1), body=body)) is None
    assert asked == ["old.test", "old.test"]


def test_a_server_that_moves_the_account_gets_the_writes() -> None:
    document = {
        "id": DID,
        "service": [
            {"id": "#atproto_pds", "type": "AtprotoPersonalDataServer", "serviceEndpoint": "https://home.test"}
        ],
    }
    made = {"handle": "picks.test", "did": DID, "accessJwt": token(), "refreshJwt": token(), "didDoc": document}
    subject = publisher(always(200, made), sessions=MemorySessionStore())
    assert subject.prepare(POSTS, sent=(), name="a thread", now=NOW).body["host"] == "https://home.test"


@pytest.mark.parametrize("status", [400, 401, 403])
def test_a_refused_log_in_waits_for_a_person_and_keeps_the_password(status: int) -> None:
    failure = failure_of_sign_in(ended(status, "AuthenticationRequired", "Invalid identifier or password"))
    assert type(failure) is AccountError
    assert failure.retry_after == 900
    assert "picks.test" in str(failure)
    assert "Invalid identifier or password" in str(failure)
    assert PASSWORD not in str(failure)


def test_a_refused_log_in_names_the_variables() -> None:
    failure = failure_of_sign_in(ended(401, "AuthenticationRequired", "Invalid identifier or password"))
    assert str(failure) == (
        "Bluesky did not let picks.test sign in (HTTP 401 AuthenticationRequired Invalid identifier or password); "
        "check BLUESKY_HANDLE and BLUESKY_APP_PASSWORD, an app password made in the account's settings"
    )


def test_a_session_that_the_server_renews_and_still_refuses_waits_for_a_person() -> None:
    fresh = {"handle": "picks.test", "did": DID, "accessJwt": token(), "refreshJwt": token()}

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("refreshSession"):
            return httpx.Response(200, json=fresh)
        return httpx.Response(401, json={"error": "AuthMissing", "message": "Authentication Required"})

    assert type(failure_of_send(answer)) is AccountError


def test_a_look_up_that_asks_for_credentials_waits_for_a_person() -> None:
    assert type(failure_of_find(ended(401, "AuthMissing", "Authentication Required"))) is AccountError


@pytest.mark.parametrize("answer", [always(500), always(429), failing(httpx.ReadTimeout("timed out"))])
def test_a_log_in_that_cannot_be_tried_is_transient(answer: Answer) -> None:
    assert isinstance(failure_of_sign_in(answer), TransientError)


def test_a_thread_that_is_out_cannot_be_prepared_again() -> None:
    subject = publisher(failing(httpx.ConnectError("nobody asks")))
    with pytest.raises(ValueError, match="out already"):
        subject.prepare([], sent=(), name="a thread", now=NOW)
