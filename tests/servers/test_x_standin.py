"""The stand-in for X is as strict as it says: a publisher that passes against it was really checked."""

import json
import os
import subprocess
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests
from requests_oauthlib import OAuth1

import x_errors
from x_standin import XStandin

pytestmark = pytest.mark.network
HERE = Path(__file__).resolve().parents[1] / "support"


def auth_for(x: XStandin, **other: str) -> OAuth1:
    keys = asdict(x.credentials) | other
    return OAuth1(keys["consumer_key"], keys["consumer_secret"], keys["access_token"], keys["access_token_secret"])


def post(x: XStandin, body: object) -> requests.Response:
    return requests.post(f"{x.url}/2/tweets", json=body, auth=auth_for(x), timeout=5)


def get(x: XStandin, path: str, **query: str) -> requests.Response:
    return requests.get(f"{x.url}{path}", params=query, auth=auth_for(x), timeout=5)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"text": ""},
        {"text": 5},
        {"text": "words", "reply_settings": "everyone"},
        {"text": "words", "reply": None},
        {"text": "words", "reply": {"in_reply_to_tweet_id": 19}},
        {"text": "words", "reply": {"in_reply_to_tweet_id": "at://19"}},
        {"text": "words", "reply": {"in_reply_to_tweet_id": "19", "more": True}},
        ["words"],
    ],
)
def test_a_body_of_another_form_is_invalid(body: object, x_standin: XStandin) -> None:
    answer = post(x_standin, body)
    assert (answer.status_code, answer.json()["title"]) == (400, "Invalid Request")
    assert x_standin.accepted == []


def test_a_form_instead_of_json_is_invalid(x_standin: XStandin) -> None:
    answer = requests.post(f"{x_standin.url}/2/tweets", data={"text": "words"}, auth=auth_for(x_standin), timeout=5)
    assert answer.status_code in {400, 401}
    assert x_standin.accepted == []


def test_a_reply_to_a_stranger_is_refused(x_standin: XStandin) -> None:
    answer = post(x_standin, {"text": "words", "reply": {"in_reply_to_tweet_id": "19"}})
    assert (answer.status_code, answer.json()) == (403, x_errors.REPLY_RULE.body)


def test_a_reply_to_a_deleted_post_is_refused(x_standin: XStandin) -> None:
    parent = x_standin.account.post("gone", parent=None)
    deleted = requests.delete(f"{x_standin.url}/2/tweets/{parent.id}", auth=auth_for(x_standin), timeout=5)
    assert deleted.json() == {"data": {"deleted": True}}
    answer = post(x_standin, {"text": "words", "reply": {"in_reply_to_tweet_id": parent.id}})
    assert (answer.status_code, answer.json()) == (403, x_errors.PARENT_UNSEEN.body)


def test_a_text_above_the_limit_is_refused_by_the_given_count() -> None:
    with XStandin(length=lambda text: 2 * len(text)) as x:
        assert [post(x, {"text": "a" * size}).status_code for size in (140, 141)] == [201, 403]


def test_the_same_words_are_a_duplicate_until_they_are_deleted(x_standin: XStandin) -> None:
    first = post(x_standin, {"text": "words"})
    again = post(x_standin, {"text": "words"})
    assert (again.status_code, again.json()) == (403, x_errors.DUPLICATE.body)
    x_standin.account.delete(first.json()["data"]["id"])
    assert post(x_standin, {"text": "words"}).status_code == 201


@pytest.mark.parametrize("part", ["consumer_key", "consumer_secret", "access_token", "access_token_secret"])
def test_a_request_signed_with_anything_else_is_unauthorized(part: str, x_standin: XStandin) -> None:
    answer = requests.get(f"{x_standin.url}/2/users/me", auth=auth_for(x_standin, **{part: "wrong"}), timeout=5)
    assert (answer.status_code, answer.json()) == (401, x_errors.UNAUTHORIZED.body)


def test_a_signed_request_is_good_once(x_standin: XStandin) -> None:
    signed = requests.Request("GET", f"{x_standin.url}/2/users/me", auth=auth_for(x_standin)).prepare()
    with requests.Session() as session:
        assert [session.send(signed, timeout=5).status_code for _ in range(2)] == [200, 401]


def test_a_signature_holds_for_its_query_only(x_standin: XStandin) -> None:
    path = f"/2/users/{x_standin.account.id}/tweets"
    signed = requests.Request("GET", f"{x_standin.url}{path}?max_results=5", auth=auth_for(x_standin)).prepare()
    signed.url = f"{x_standin.url}{path}?max_results=6"
    with requests.Session() as session:
        assert session.send(signed, timeout=5).status_code == 401


def test_a_request_from_another_time_is_unauthorized() -> None:
    with XStandin(clock=lambda: datetime(2020, 1, 1, tzinfo=UTC)) as x:
        assert get(x, "/2/users/me").status_code == 401


@pytest.mark.parametrize(
    "query", [{"max_results": "4"}, {"max_results": "101"}, {"since": "1"}, {"tweet.fields": "geo"}]
)
def test_a_timeline_is_shown_as_documented_only(query: dict[str, str], x_standin: XStandin) -> None:
    assert get(x_standin, f"/2/users/{x_standin.account.id}/tweets", **query).status_code == 400


def test_a_timeline_has_only_the_wished_fields(x_standin: XStandin) -> None:
    made = post(x_standin, {"text": "see https://example.org/a & b"}).json()["data"]
    path = f"/2/users/{x_standin.account.id}/tweets"
    (plain,) = get(x_standin, path).json()["data"]
    assert plain == made
    (full,) = get(x_standin, path, **{"tweet.fields": "created_at,entities,referenced_tweets"}).json()["data"]
    (link,) = full["entities"]["urls"]
    assert full["text"] == f"see {link['url']} &amp; b"
    assert (link["expanded_url"], full["text"][link["start"] : link["end"]]) == ("https://example.org/a", link["url"])
    assert set(full) == {"id", "text", "edit_history_tweet_ids", "created_at", "entities"}


def test_the_hundred_and_first_post_is_too_many(x_standin: XStandin) -> None:
    answers = [post(x_standin, {"text": f"words {number}"}) for number in range(101)]
    assert {answer.status_code for answer in answers[:100]} == {201}
    assert (answers[99].headers["x-rate-limit-remaining"], answers[100].status_code) == ("0", 429)


def test_as_a_process_it_takes_orders_and_shows_its_log() -> None:
    command = [sys.executable, str(HERE / "x_standin.py")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=os.environ) as process:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        keys = told["env"]
        auth = OAuth1(*(keys[f"X_{name}"] for name in ("CONSUMER_KEY", "CONSUMER_SECRET")))
        auth.client.resource_owner_key = keys["X_ACCESS_TOKEN"]
        auth.client.resource_owner_secret = keys["X_ACCESS_TOKEN_SECRET"]
        url = keys["X_API_URL"]
        order = {"trick": "refuse", "error": "credits", "at": 1}
        assert requests.post(f"{url}/_control", json=order, timeout=5).status_code == 200
        assert requests.post(f"{url}/_control", json={"trick": "jump"}, timeout=5).status_code == 400
        statuses = [
            requests.post(f"{url}/2/tweets", json={"text": text}, auth=auth, timeout=5).status_code
            for text in ("one", "two", "three")
        ]
        log = requests.get(f"{url}/_log", timeout=5).json()
        process.communicate()
    assert statuses == [201, 402, 201]
    assert [item["text"] for item in log["accepted"]] == ["one", "three"]
    assert [item["status"] for item in log["requests"]] == [201, 402, 201]
    assert process.returncode == 0


def test_inside_a_test_it_offers_no_control_endpoint(x_standin: XStandin) -> None:
    assert requests.get(f"{x_standin.url}/_log", timeout=5).status_code == 404
