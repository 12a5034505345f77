"""BlueskyPublisher and resolve_quote against a real server."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from bot.domain.accounts import Identity
from bot.domain.errors import AccountError, PermanentError, PicksError, TransientError, UnknownOutcomeError
from bot.domain.posts import Facet, FacetKind, LinkCard, Post, Quote
from bot.platforms.bluesky.post_urls import QuoteRefusedError, QuoteUnreachableError
from bot.platforms.bluesky.publisher import BlueskyPublisher
from bot.platforms.bluesky.quotes import resolve_quote
from bot.platforms.bluesky.records import record_cid
from bot.platforms.memory import MemorySessionStore
from bot.platforms.publisher import Receipt, Request, WrongAccountError
from harness_pds import Account, Pds, Wire, bluesky_publisher

pytestmark = pytest.mark.node

NOW = datetime(2024, 12, 16, 10, 0, 0, 123456, tzinfo=UTC)
CREATE_SESSION = "com.atproto.server.createSession"
REFRESH_SESSION = "com.atproto.server.refreshSession"
APPLY_WRITES = "com.atproto.repo.applyWrites"
GET_RECORD = "com.atproto.repo.getRecord"
CARD = LinkCard(url="https://arxiv.org/abs/2412.11965", title="A title — naïve", description="What it says")


@pytest.fixture
def sessions() -> MemorySessionStore:
    return MemorySessionStore()


@pytest.fixture
def publisher(pds: Pds, account: Account, sessions: MemorySessionStore, wire: Wire) -> Iterator[BlueskyPublisher]:
    publisher = bluesky_publisher(pds, account, sessions=sessions, wire=wire)
    yield publisher
    publisher.close()


def post(text: str, **more: Any) -> Post:
    return Post(text=text, length=len(text), limit=300, **more)


def marked(text: str, piece: str, kind: FacetKind, value: str) -> Facet:
    start = len(text.partition(piece)[0].encode())
    return Facet(start=start, end=start + len(piece.encode()), kind=kind, value=value)


def rich_thread(quote: Quote) -> tuple[Post, ...]:
    head = "Größe 🧠👩‍🔬 – see arxiv.org #interpretability"
    facets = (
        marked(head, "arxiv.org", FacetKind.LINK, "https://arxiv.org/abs/2412.11965"),
        marked(head, "#interpretability", FacetKind.TAG, "interpretability"),
    )
    return (
        post(head, facets=facets, card=CARD, langs=("en", "pt-BR")),
        post("A quote with a card", quote=quote, card=CARD, langs=("en",)),
        post("A quote", quote=quote),
        post("Only text\nwith two lines"),
        post("The end"),
    )


def thread(count: int = 3) -> tuple[Post, ...]:
    return tuple(post(f"Post number {number}") for number in range(1, count + 1))


NUMBERS = itertools.count(1)


def publish(publisher: BlueskyPublisher, posts: Sequence[Post]) -> tuple[Request, tuple[Receipt, ...]]:
    """Post a thread with a name of its own."""
    request = publisher.prepare(posts, sent=(), name=f"thread {next(NUMBERS)}", now=NOW)
    return request, publisher.send(request)


def failure_of_send(publisher: BlueskyPublisher, request: Request) -> PicksError:
    with pytest.raises(PicksError) as caught:
        publisher.send(request)
    return caught.value


def test_records_come_back_as_they_were_prepared(pds: Pds, account: Account, publisher: BlueskyPublisher) -> None:
    other = pds.create_account()
    uri = pds.create_post(other, "The authors' own thread")["uri"]
    quote = resolve_quote(f"https://bsky.app/profile/{other.handle}/post/{uri.rpartition('/')[2]}", service=pds.url)

    request, receipts = publish(publisher, rich_thread(quote))

    records = pds.records(account.did)
    assert [record["value"] for record in records] == [write["value"] for write in request.body["writes"]]  # type: ignore[attr-defined]
    assert [record["cid"] for record in records] == [receipt.cid for receipt in receipts]
    assert [record["uri"] for record in records] == [receipt.remote_id for receipt in receipts]
    assert [record_cid(record["value"]) for record in records] == [record["cid"] for record in records]


def test_a_thread_is_a_chain_of_replies_dated_in_order(pds: Pds, account: Account, publisher: BlueskyPublisher) -> None:
    _, receipts = publish(publisher, thread(4))
    values = [record["value"] for record in pds.records(account.did)]
    references = [(receipt.remote_id, receipt.cid) for receipt in receipts]
    roots = [(value["reply"]["root"]["uri"], value["reply"]["root"]["cid"]) for value in values[1:]]
    parents = [(value["reply"]["parent"]["uri"], value["reply"]["parent"]["cid"]) for value in values[1:]]
    assert "reply" not in values[0]
    assert roots == [references[0]] * 3
    assert parents == references[:3]
    assert [value["createdAt"] for value in values] == [f"2024-12-16T10:00:00.12{last}Z" for last in "3456"]


def test_facets_mark_the_bytes_of_their_words(pds: Pds, account: Account, publisher: BlueskyPublisher) -> None:
    quote = Quote(url="", uri="", cid="")
    publish(publisher, rich_thread(quote)[:1])
    value = pds.records(account.did)[0]["value"]
    raw = value["text"].encode()
    words = [raw[facet["index"]["byteStart"] : facet["index"]["byteEnd"]].decode() for facet in value["facets"]]
    assert words == ["arxiv.org", "#interpretability"]
    assert value["facets"][0]["features"][0]["uri"] == "https://arxiv.org/abs/2412.11965"
    assert value["facets"][1]["features"][0]["tag"] == "interpretability"
    assert value["langs"] == ["en", "pt-BR"]
    assert value["embed"]["external"]["uri"] == CARD.url
    assert value["embed"]["external"]["title"] == CARD.title


def test_a_receipt_names_the_public_page(account: Account, publisher: BlueskyPublisher) -> None:
    _, (receipt,) = publish(publisher, thread(1))
    key = receipt.remote_id.rpartition("/")[2]
    assert receipt.remote_id == f"at://{account.did}/app.bsky.feed.post/{key}"
    assert receipt.url == f"https://bsky.app/profile/{account.handle}/post/{key}"


def test_the_rest_of_a_thread_replies_to_what_is_out(pds: Pds, account: Account, publisher: BlueskyPublisher) -> None:
    posts = thread(3)
    _, first = publish(publisher, posts[:1])
    request = publisher.prepare(posts, sent=first, name="a thread", now=NOW + timedelta(minutes=1))
    rest = publisher.send(request)
    assert [receipt.position for receipt in rest] == [1, 2]
    records = {record["uri"]: record["value"] for record in pds.records(account.did)}
    replies = [records[receipt.remote_id]["reply"] for receipt in rest]
    assert [reply["root"]["uri"] for reply in replies] == [first[0].remote_id] * 2
    assert [reply["parent"]["uri"] for reply in replies] == [first[0].remote_id, rest[0].remote_id]


def test_two_threads_of_the_same_moment_get_different_keys(
    pds: Pds, account: Account, publisher: BlueskyPublisher
) -> None:
    publish(publisher, thread(2))
    publish(publisher, thread(2))
    assert len(pds.records(account.did)) == 4


def test_the_server_takes_no_second_thread_of_a_name(pds: Pds, account: Account, publisher: BlueskyPublisher) -> None:
    publisher.send(publisher.prepare(thread(2), sent=(), name="2412.11965", now=NOW))
    again = publisher.prepare(thread(2), sent=(), name="2412.11965", now=NOW + timedelta(days=1))
    assert isinstance(failure_of_send(publisher, again), UnknownOutcomeError)
    with pytest.raises(PermanentError, match="only 0 of the 2 posts"):
        publisher.find(again)
    assert len(pds.records(account.did)) == 2


def test_a_thread_that_nobody_remembers_is_recognised_by_its_name(
    pds: Pds, account: Account, publisher: BlueskyPublisher
) -> None:
    assert publisher.recognise(thread(3), sent=(), name="2412.11965", strays=()) == ()
    receipts = publisher.send(publisher.prepare(thread(3), sent=(), name="2412.11965", now=NOW))
    forgetful = bluesky_publisher(pds, account)
    assert forgetful.recognise(thread(3), sent=(), name="2412.11965", strays=()) == receipts
    assert forgetful.recognise(thread(3), sent=(), name="2412.11966", strays=()) == ()
    forgetful.close()


def test_other_words_under_a_threads_name_are_not_taken_for_it(
    pds: Pds, account: Account, publisher: BlueskyPublisher
) -> None:
    publisher.send(publisher.prepare(thread(2), sent=(), name="2412.11965", now=NOW))
    with pytest.raises(PermanentError, match=f"{account.handle} has another thread about this at https://bsky.app"):
        publisher.recognise([post("Other words")], sent=(), name="2412.11965", strays=())
    with pytest.raises(PermanentError, match="with other words or not whole"):
        publisher.recognise(thread(3), sent=(), name="2412.11965", strays=())


def test_a_post_that_a_person_names_is_read(pds: Pds, account: Account, publisher: BlueskyPublisher) -> None:
    _, (first, second) = publish(publisher, thread(2))
    found = publisher.confirm(thread(2)[1], remote_id=second.remote_id, position=1, parent=first)
    assert found == second
    with pytest.raises(PermanentError, match="is another post, 'Post number 2'"):
        publisher.confirm(thread(2)[0], remote_id=second.remote_id, position=0, parent=None)
    stranger = pds.create_post(pds.create_account(), "Post number 1")["uri"]
    with pytest.raises(PermanentError, match=f"is not on {account.handle}"):
        publisher.confirm(thread(2)[0], remote_id=stranger, position=0, parent=None)
    with pytest.raises(PermanentError, match="there is no post at"):
        publisher.confirm(thread(2)[0], remote_id=first.remote_id[:-1] + "a", position=0, parent=None)


def test_an_account_is_the_same_under_its_new_handle(pds: Pds, account: Account, publisher: BlueskyPublisher) -> None:
    before, handle = publisher.identify(), account.handle.replace("account", "moved")
    pds.rename(account, handle)
    renamed = replace(account, handle=handle)
    subject = bluesky_publisher(pds, renamed)
    assert (before.id, subject.identify()) == (account.did, Identity(handle, account.did))
    assert before.is_same_as(subject.identify())
    subject.close()


def test_a_stored_session_is_not_used_for_a_handle_that_has_come_to_another_account(
    pds: Pds, account: Account, publisher: BlueskyPublisher, sessions: MemorySessionStore
) -> None:
    publish(publisher, thread(1))
    pds.rename(account, account.handle.replace("account", "moved"))
    other = pds.create_account()
    pds.rename(other, account.handle)
    subject = bluesky_publisher(pds, replace(other, handle=account.handle), sessions=sessions)
    assert subject.identify().id == other.did
    publish(subject, thread(1))
    subject.close()
    assert (len(pds.records(account.did)), len(pds.records(other.did))) == (1, 1)


def test_a_stored_session_outlives_the_handle_that_nobody_has_any_more(
    pds: Pds, account: Account, publisher: BlueskyPublisher, sessions: MemorySessionStore, wire: Wire
) -> None:
    publish(publisher, thread(1))
    pds.rename(account, account.handle.replace("account", "moved"))
    subject = bluesky_publisher(pds, account, sessions=sessions, wire=wire)
    assert subject.identify().id == account.did
    subject.close()
    assert wire.count(CREATE_SESSION) == 1


def test_whose_handle_it_is_must_be_known_before_a_stored_session_is_used(
    pds: Pds, account: Account, publisher: BlueskyPublisher, sessions: MemorySessionStore, wire: Wire
) -> None:
    publish(publisher, thread(1))
    subject = bluesky_publisher(pds, account, sessions=sessions, wire=wire)
    wire.instead_of("com.atproto.identity.resolveHandle", httpx.Response(503), httpx.ReadTimeout("timed out"))
    for _ in range(2):
        with pytest.raises(TransientError, match=f"find out which account is {account.handle}"):
            subject.identify()
    assert subject.identify().id == account.did
    subject.close()


def test_a_thread_of_another_account_is_not_taken_down(pds: Pds, account: Account, publisher: BlueskyPublisher) -> None:
    _, receipts = publish(publisher, thread(2))
    other = bluesky_publisher(pds, pds.create_account())
    with pytest.raises(WrongAccountError, match=rf"it is on the account {account.handle} \({account.did}\), and"):
        other.remove(receipts)
    assert len(pds.records(account.did)) == 2
    for receipt in receipts:
        pds.delete_post(account, receipt.remote_id.rpartition("/")[2])
    assert other.remove(receipts) == 2
    other.close()


def test_a_delete_counts_when_a_look_does_not_find_the_record(
    pds: Pds, account: Account, publisher: BlueskyPublisher, wire: Wire
) -> None:
    _, receipts = publish(publisher, thread(2))
    wire.instead_of(APPLY_WRITES, httpx.Response(200, json={"results": []}))
    with pytest.raises(TransientError, match=r"took the deletes of .*, and 2 posts are still there"):
        publisher.remove(receipts)
    assert publisher.remove(receipts) == 2
    assert pds.records(account.did) == []


def test_a_stored_session_saves_the_log_in(
    pds: Pds, account: Account, publisher: BlueskyPublisher, sessions: MemorySessionStore, wire: Wire
) -> None:
    publish(publisher, thread(1))
    second = bluesky_publisher(pds, account, sessions=sessions, wire=wire)
    publish(second, thread(2))
    second.close()
    assert wire.count(CREATE_SESSION) == 1
    assert len(pds.records(account.did)) == 3


def test_a_session_that_the_server_refuses_is_refreshed_and_kept(
    pds: Pds, account: Account, publisher: BlueskyPublisher, sessions: MemorySessionStore, wire: Wire
) -> None:
    publish(publisher, thread(1))
    before = sessions.load()
    expired = {"error": "ExpiredToken", "message": "Token has expired"}
    wire.instead_of(APPLY_WRITES, httpx.Response(400, json=expired))
    publish(publisher, thread(1))
    assert wire.count(REFRESH_SESSION) == 1
    assert wire.count(CREATE_SESSION) == 1
    assert len(pds.records(account.did)) == 2
    assert sessions.load() not in {before, None}


def test_a_session_that_cannot_be_refreshed_ends_in_one_log_in(
    pds: Pds, account: Account, publisher: BlueskyPublisher, sessions: MemorySessionStore, wire: Wire
) -> None:
    publish(publisher, thread(1))
    handle, did, access, refresh, host = str(sessions.load()).split(":::")
    broken = MemorySessionStore(":::".join([handle, did, access[:-8] + "AAAAAAAA", refresh[:-8] + "AAAAAAAA", host]))
    second = bluesky_publisher(pds, account, sessions=broken, wire=wire)
    publish(second, thread(1))
    second.close()
    assert wire.count(CREATE_SESSION) == 2
    assert len(pds.records(account.did)) == 2


@pytest.mark.parametrize("text", ["", "nonsense", "a:::b:::c:::d:::e", "\x00"])
def test_an_unreadable_stored_session_is_replaced(pds: Pds, account: Account, text: str) -> None:
    sessions = MemorySessionStore(text)
    publisher = bluesky_publisher(pds, account, sessions=sessions)
    publish(publisher, thread(1))
    publisher.close()
    assert str(sessions.load()).startswith(f"{account.handle}:::{account.did}:::")


def test_the_session_of_another_account_is_not_used(
    pds: Pds, account: Account, publisher: BlueskyPublisher, sessions: MemorySessionStore
) -> None:
    publish(publisher, thread(1))
    other = pds.create_account()
    second = bluesky_publisher(pds, other, sessions=sessions)
    publish(second, thread(1))
    second.close()
    assert len(pds.records(account.did)) == 1
    assert len(pds.records(other.did)) == 1


def test_a_request_of_another_account_is_refused(pds: Pds, account: Account, publisher: BlueskyPublisher) -> None:
    other = bluesky_publisher(pds, pds.create_account())
    request = other.prepare(thread(1), sent=(), name="a thread", now=NOW)
    other.close()
    failure = failure_of_send(publisher, request)
    assert isinstance(failure, PermanentError)
    assert "prepared for the account" in str(failure)
    assert pds.records(account.did) == []


def test_a_wrong_password_is_said_without_showing_it(pds: Pds, account: Account) -> None:
    publisher = BlueskyPublisher(
        service=pds.url,
        handle=f"@{account.handle.upper()}",
        app_password=SecretStr("wrong-pass-word"),
        sessions=MemorySessionStore(),
    )
    with pytest.raises(AccountError) as caught:
        publisher.prepare(thread(1), sent=(), name="a thread", now=NOW)
    publisher.close()
    message = str(caught.value)
    assert "wrong-pass-word" not in message
    assert account.handle in message
    assert "BLUESKY_APP_PASSWORD" in message
    assert "\n" not in message


def test_after_a_lost_answer_the_thread_is_found(
    pds: Pds, account: Account, publisher: BlueskyPublisher, wire: Wire
) -> None:
    request = publisher.prepare(thread(3), sent=(), name="a thread", now=NOW)
    wire.lose_answer_of(APPLY_WRITES)
    assert isinstance(failure_of_send(publisher, request), UnknownOutcomeError)
    found = publisher.find(request)
    assert found is not None
    assert [receipt.remote_id for receipt in found] == [record["uri"] for record in pds.records(account.did)]


def test_after_a_lost_request_the_same_request_can_be_sent_again(
    pds: Pds, account: Account, publisher: BlueskyPublisher, wire: Wire
) -> None:
    request = publisher.prepare(thread(3), sent=(), name="a thread", now=NOW)
    wire.instead_of(APPLY_WRITES, httpx.ReadError("connection reset"))
    assert isinstance(failure_of_send(publisher, request), UnknownOutcomeError)
    assert publisher.find(request) is None
    publisher.send(request)
    assert len(pds.records(account.did)) == 3


def test_a_repeat_posts_nothing_and_is_looked_up(pds: Pds, account: Account, publisher: BlueskyPublisher) -> None:
    request, receipts = publish(publisher, thread(3))
    assert isinstance(failure_of_send(publisher, request), UnknownOutcomeError)
    assert publisher.find(request) == receipts
    assert len(pds.records(account.did)) == 3


def test_a_thread_that_lost_a_post_needs_a_person(pds: Pds, account: Account, publisher: BlueskyPublisher) -> None:
    request, receipts = publish(publisher, thread(3))
    pds.delete_post(account, receipts[1].remote_id.rpartition("/")[2])
    with pytest.raises(PermanentError, match="only 2 of the 3 posts"):
        publisher.find(request)


def test_a_batch_that_lands_during_the_look_up_is_found(publisher: BlueskyPublisher, wire: Wire) -> None:
    request, receipts = publish(publisher, thread(2))
    not_yet = {"error": "RecordNotFound", "message": "Could not locate record"}
    wire.instead_of(GET_RECORD, httpx.Response(400, json=not_yet))
    assert publisher.find(request) == receipts


def test_looking_up_needs_no_session(pds: Pds, account: Account, publisher: BlueskyPublisher) -> None:
    request, receipts = publish(publisher, thread(1))
    locked_out = BlueskyPublisher(
        service=pds.url, handle=account.handle, app_password=SecretStr("changed"), sessions=MemorySessionStore()
    )
    assert locked_out.find(request) == receipts
    locked_out.close()


def test_the_reason_of_a_refusal_reaches_the_curator(pds: Pds, account: Account, publisher: BlueskyPublisher) -> None:
    request = publisher.prepare([post("fine"), post("x" * 301)], sent=(), name="a thread", now=NOW)
    failure = failure_of_send(publisher, request)
    assert isinstance(failure, PermanentError)
    assert "grapheme too big (maximum 300, got 301)" in str(failure)
    assert pds.records(account.did) == []


def test_a_stopped_server_is_a_transient_error(pds: Pds, account: Account, publisher: BlueskyPublisher) -> None:
    request = publisher.prepare(thread(2), sent=(), name="a thread", now=NOW)
    with pds.stopped():
        assert isinstance(failure_of_send(publisher, request), TransientError)
        with pytest.raises(TransientError):
            publisher.find(request)
    publisher.send(request)
    assert len(pds.records(account.did)) == 2


def test_signing_in_to_a_stopped_server_is_a_transient_error(pds: Pds, publisher: BlueskyPublisher) -> None:
    with pds.stopped(), pytest.raises(TransientError):
        publisher.prepare(thread(1), sent=(), name="a thread", now=NOW)


def test_a_quote_is_found_by_handle_and_by_did(pds: Pds, account: Account) -> None:
    made = pds.create_post(account, "Quote me")
    key = made["uri"].rpartition("/")[2]
    for profile in (account.handle, account.did):
        url = f"https://bsky.app/profile/{profile}/post/{key}"
        assert resolve_quote(f"{url}?ref=share", service=pds.url) == Quote(url=url, uri=made["uri"], cid=made["cid"])


def test_a_quote_on_another_server_is_found_through_the_directory(pds: Pds, account: Account) -> None:
    made = pds.create_post(account, "Quote me from afar")
    url = f"https://bsky.app/profile/{account.did}/post/{made['uri'].rpartition('/')[2]}"
    # The directory answers 404 to every xrpc call, as a server does that keeps other accounts.
    quote = resolve_quote(url, service=pds.plc_url, plc_directory=pds.plc_url)
    assert quote == Quote(url=url, uri=made["uri"], cid=made["cid"])


def test_a_missing_post_or_account_is_refused(pds: Pds, account: Account) -> None:
    for profile in (account.handle, "nobody-here.test", "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa"):
        with pytest.raises(QuoteRefusedError, match="plain link"):
            resolve_quote(
                f"https://bsky.app/profile/{profile}/post/3ldezidgs2227", service=pds.url, plc_directory=pds.plc_url
            )


def test_a_quote_on_a_stopped_server_can_be_tried_again(pds: Pds, account: Account) -> None:
    with pds.stopped(), pytest.raises(QuoteUnreachableError):
        resolve_quote(f"https://bsky.app/profile/{account.handle}/post/3ldezidgs2227", service=pds.url)


def test_a_post_whose_author_allows_no_quotes_is_not_quoted(pds: Pds, account: Account) -> None:
    made = pds.create_post(account, "Do not quote me")
    key = made["uri"].rpartition("/")[2]
    url = f"https://bsky.app/profile/{account.handle}/post/{key}"
    assert resolve_quote(url, service=pds.url).uri == made["uri"]
    pds.create_record(
        account,
        "app.bsky.feed.postgate",
        {"post": made["uri"], "embeddingRules": [{"$type": "app.bsky.feed.postgate#disableRule"}]},
        rkey=key,
    )
    with pytest.raises(QuoteRefusedError, match="its author allows no quotes of it"):
        resolve_quote(url, service=pds.url)


def test_a_post_with_a_label_of_its_author_is_not_quoted(pds: Pds, account: Account) -> None:
    labels = {"$type": "com.atproto.label.defs#selfLabels", "values": [{"val": "graphic-media"}]}
    made = pds.create_record(account, "app.bsky.feed.post", {"text": "Look away", "labels": labels})
    url = f"https://bsky.app/profile/{account.handle}/post/{made['uri'].rpartition('/')[2]}"
    with pytest.raises(QuoteRefusedError, match="it is labelled graphic-media"):
        resolve_quote(url, service=pds.url)


@pytest.mark.parametrize("by_author", [True, False])
def test_without_an_appview_blocks_are_found_in_the_records_of_both(
    pds: Pds, account: Account, *, by_author: bool
) -> None:
    author = pds.create_account()
    made = pds.create_post(author, "Quote me, or not")
    url = f"https://bsky.app/profile/{author.handle}/post/{made['uri'].rpartition('/')[2]}"
    for viewer in (account.handle, account.did):
        assert resolve_quote(url, service=pds.url, viewer=viewer).cid == made["cid"]
    blocker, blocked = (author, account) if by_author else (account, author)
    pds.create_record(blocker, "app.bsky.graph.block", {"subject": blocked.did})
    for viewer in (account.handle, account.did):
        with pytest.raises(QuoteRefusedError, match="its author blocks" if by_author else "blocks its author"):
            resolve_quote(url, service=pds.url, viewer=viewer)
