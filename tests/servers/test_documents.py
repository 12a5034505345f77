"""standard.site documents beside threads, on a real server."""

from dataclasses import replace
from datetime import UTC, datetime

import httpx
import pytest

from bot.domain.errors import TransientError, UnknownOutcomeError
from bot.domain.posts import Document, Post
from bot.platforms.bluesky.publisher import BlueskyPublisher
from bot.platforms.bluesky.standard_site import DOCUMENT, PUBLICATION, publication_key, publication_of
from harness_pds import Account, Pds, Wire

pytestmark = pytest.mark.node

NOW = datetime(2024, 12, 16, 10, 0, tzinfo=UTC)
NAME = "2412.11965"
APPLY_WRITES = "com.atproto.repo.applyWrites"
PUT_RECORD = "com.atproto.repo.putRecord"
PAGE = Document(
    site="https://picks.example.org/papers",
    site_name="Daily Picks – naïve",
    lasting="picks.example.org/papers",
    path="/2412.11965/",
    title="A title – naïve",
    description="Worth reading.",
    text="Worth reading.\n\nReally 🧠.",
    tags=("interpretability",),
)
POSTS = (
    Post(text="A title", length=7, limit=300, document=PAGE),
    Post(text="Worth reading.", length=14, limit=300),
)


def refusal() -> httpx.Response:
    return httpx.Response(400, json={"error": "InvalidRequest", "message": "no such documents here"})


def test_a_document_goes_out_in_the_batch_of_its_thread_and_names_the_first_post_and_the_publication(
    pds: Pds, account: Account, publisher: BlueskyPublisher, wire: Wire
) -> None:
    receipts = publisher.send(publisher.prepare(POSTS, sent=(), name=NAME, now=NOW))

    [document] = pds.records(account.did, DOCUMENT)
    [publication] = pds.records(account.did, PUBLICATION)
    assert wire.count(APPLY_WRITES) == 1
    assert [receipt.document for receipt in receipts] == [document["uri"], None]
    assert document["value"] == {
        "$type": "site.standard.document",
        "site": publication["uri"],
        "path": "/2412.11965/",
        "title": "A title – naïve",
        "description": "Worth reading.",
        "textContent": "Worth reading.\n\nReally 🧠.",
        "tags": ["interpretability"],
        "publishedAt": "2024-12-16T10:00:00.000Z",
        "bskyPostRef": {
            "$type": "com.atproto.repo.strongRef",
            "uri": receipts[0].remote_id,
            "cid": receipts[0].cid,
        },
    }
    assert publication["value"] == {
        "$type": "site.standard.publication",
        "url": "https://picks.example.org/papers",
        "name": "Daily Picks – naïve",
    }
    assert publication["uri"] == publication_of(document["uri"], PAGE.lasting)


def test_a_lost_answer_and_a_second_send_double_neither_thread_nor_document(
    pds: Pds, account: Account, publisher: BlueskyPublisher, wire: Wire
) -> None:
    request = publisher.prepare(POSTS, sent=(), name=NAME, now=NOW)
    wire.lose_answer_of(APPLY_WRITES)
    with pytest.raises(UnknownOutcomeError):
        publisher.send(request)
    found = publisher.find(request)
    with pytest.raises(UnknownOutcomeError):
        publisher.send(request)

    [document] = pds.records(account.did, DOCUMENT)
    assert found is not None
    assert [receipt.document for receipt in found] == [document["uri"], None]
    assert len(pds.records(account.did)) == len(POSTS)


def test_a_thread_of_which_nobody_knows_is_taken_over_with_its_document(
    pds: Pds, account: Account, publisher: BlueskyPublisher
) -> None:
    receipts = publisher.send(publisher.prepare(POSTS, sent=(), name=NAME, now=NOW))
    assert publisher.recognise(POSTS, sent=(), name=NAME, strays=()) == receipts
    assert receipts[0].document is not None


def test_a_document_goes_with_its_thread_and_another_comes_with_the_thread_that_is_posted_anew(
    pds: Pds, account: Account, publisher: BlueskyPublisher
) -> None:
    receipts = publisher.send(publisher.prepare(POSTS, sent=(), name=NAME, now=NOW))
    forgotten = [replace(receipt, document=None) for receipt in receipts]
    assert publisher.remove(forgotten) == len(POSTS)
    assert pds.records(account.did, DOCUMENT) == pds.records(account.did) == []

    again = publisher.send(publisher.prepare(POSTS, sent=(), name=f"{NAME} after 1", now=NOW))
    assert [record["uri"] for record in pds.records(account.did, DOCUMENT)] == [again[0].document]
    assert again[0].document != receipts[0].document
    assert len(pds.records(account.did, PUBLICATION)) == 1


def test_what_a_thread_deleted_by_hand_has_left_is_taken_down_and_stands_in_nobodys_way(
    pds: Pds, account: Account, publisher: BlueskyPublisher
) -> None:
    receipts = publisher.send(publisher.prepare(POSTS, sent=(), name=NAME, now=NOW))
    for receipt in receipts:
        pds.delete_post(account, receipt.remote_id.rpartition("/")[2])
    later = replace(PAGE, title="Another title")
    posts = (replace(POSTS[0], document=later), POSTS[1])
    publisher.send(publisher.prepare(posts, sent=(), name=NAME, now=NOW))
    assert [record["value"]["title"] for record in pds.records(account.did, DOCUMENT)] == ["Another title"]

    for receipt in receipts:
        pds.delete_post(account, receipt.remote_id.rpartition("/")[2])
    assert publisher.remove(receipts) == len(POSTS)
    assert pds.records(account.did, DOCUMENT) == []


def test_a_document_that_is_refused_leaves_the_thread_alone(
    pds: Pds, account: Account, publisher: BlueskyPublisher, wire: Wire
) -> None:
    request = publisher.prepare(POSTS, sent=(), name=NAME, now=NOW)
    wire.instead_of(APPLY_WRITES, refusal())
    receipts = publisher.send(request)
    assert [receipt.document for receipt in receipts] == [None, None]
    assert pds.records(account.did, DOCUMENT) == []
    assert [record["uri"] for record in pds.records(account.did)] == [receipt.remote_id for receipt in receipts]
    assert publisher.find(request) == receipts


def test_where_it_is_not_known_whether_it_was_refused_nothing_is_repeated(
    pds: Pds, account: Account, publisher: BlueskyPublisher, wire: Wire
) -> None:
    request = publisher.prepare(POSTS, sent=(), name=NAME, now=NOW)
    wire.instead_of(APPLY_WRITES, httpx.Response(502))
    with pytest.raises(UnknownOutcomeError):
        publisher.send(request)
    wire.instead_of(APPLY_WRITES, httpx.Response(429))
    with pytest.raises(TransientError):
        publisher.send(request)
    assert wire.count(APPLY_WRITES) == 2
    assert pds.records(account.did) == pds.records(account.did, DOCUMENT) == []


def test_a_publication_that_cannot_be_written_holds_nothing_up_and_is_written_with_the_next_thread(
    pds: Pds, account: Account, publisher: BlueskyPublisher, wire: Wire
) -> None:
    wire.instead_of(PUT_RECORD, refusal())
    first = publisher.send(publisher.prepare(POSTS, sent=(), name=NAME, now=NOW))
    assert first[0].document is not None
    assert pds.records(account.did, PUBLICATION) == []
    publisher.send(publisher.prepare(POSTS, sent=(), name="2412.11966", now=NOW))
    [publication] = pds.records(account.did, PUBLICATION)
    assert {record["value"]["site"] for record in pds.records(account.did, DOCUMENT)} == {publication["uri"]}


def test_what_others_have_added_to_the_publication_stays_when_its_name_changes(
    pds: Pds, account: Account, publisher: BlueskyPublisher, wire: Wire
) -> None:
    theirs = {"url": "https://old.example.org", "name": "Old", "description": "By hand"}
    pds.create_record(account, PUBLICATION, theirs, rkey=publication_key(PAGE.lasting))
    publisher.send(publisher.prepare(POSTS, sent=(), name=NAME, now=NOW))
    publisher.send(publisher.prepare(POSTS, sent=(), name="2412.11966", now=NOW))
    [publication] = pds.records(account.did, PUBLICATION)
    said = publication["value"]
    assert (said["url"], said["name"], said["description"]) == (PAGE.site, PAGE.site_name, "By hand")
    assert wire.count(PUT_RECORD) == 1


def test_without_a_document_nothing_is_new(pds: Pds, account: Account, publisher: BlueskyPublisher) -> None:
    posts = (replace(POSTS[0], document=None), POSTS[1])
    request = publisher.prepare(posts, sent=(), name=NAME, now=NOW)
    assert request.body["page"] is None
    assert [receipt.document for receipt in publisher.send(request)] == [None, None]
    assert pds.records(account.did, DOCUMENT) == pds.records(account.did, PUBLICATION) == []
