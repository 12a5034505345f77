"""Which addresses are Bluesky posts, and how far strangers' servers are trusted on the way to one."""

from collections.abc import Mapping

import httpx2
import pytest

from bot.domain.errors import PermanentError, TransientError
from bot.domain.posts import Quote
from bot.platforms.bluesky.post_urls import (
    PostAddress,
    QuoteError,
    QuoteRefusedError,
    QuoteUnreachableError,
    looks_like_post,
    parse_post_url,
    web_address,
)
from bot.platforms.bluesky.quotes import resolve_quote

DID = "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa"
KEY = "3ldg2z7tem227"
ADDRESS = f"https://bsky.app/profile/name.test/post/{KEY}"
CID = "bafyreiao5b7eis3mvgcuhql5ap4ge3v6kfefsa35nptbv2knzujm4docf4"


@pytest.mark.parametrize(
    ("url", "profile"),
    [
        (ADDRESS, "name.test"),
        (f"  {ADDRESS}/?ref=share#top\n", "name.test"),
        (f"http://BSKY.app/profile/Name.Test/post/{KEY}", "name.test"),
        (f"https://bsky.app/profile/{DID}/post/{KEY}", DID),
        (f"https://deer.social/profile/name.test/post/{KEY}", "name.test"),
        (f"https://main.bsky.dev/profile/{DID}/post/{KEY}?x", DID),
        (f"https://bsky.app/profile/did:web:name.example.org/post/{KEY}", "did:web:name.example.org"),
    ],
)
def test_addresses_as_people_paste_them_are_read(url: str, profile: str) -> None:
    assert parse_post_url(url) == PostAddress(profile=profile, rkey=KEY)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "not an address",
        "https://x.com/name/status/1",
        "https://bsky.app/profile/name.test",
        f"https://bsky.app.example.org/profile/name.test/post/{KEY}",
        f"https://bsky.app@example.org/profile/name.test/post/{KEY}",
        f"https://bsky.app/profile/noname/post/{KEY}",
        f"https://bsky.app/profile/did:key:abc/post/{KEY}",
        f"https://bsky.app/profile/did:web:127.0.0.1:80/post/{KEY}",
        f"https://bsky.app/profile/did:web:a.test%2Fb/post/{KEY}",
        "https://bsky.app/profile/name.test/post/a b",
        f"https://bsky.app/profile/name.test/post/{KEY}/liked-by",
        f"ftp://bsky.app/profile/name.test/post/{KEY}",
        "https://[bsky.app/profile/name.test/post/1",
    ],
)
def test_other_addresses_are_refused_in_one_line(url: str) -> None:
    with pytest.raises(QuoteRefusedError) as caught:
        parse_post_url(url)
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize("profile", ["name.test", "Name.Test", DID])
def test_an_at_address_has_a_web_page(profile: str) -> None:
    page = web_address(f"at://{profile}/app.bsky.feed.post/{KEY}")
    assert page == f"https://bsky.app/profile/{profile.lower()}/post/{KEY}"


@pytest.mark.parametrize(
    "uri", ["at://name.test", f"at://name.test/app.bsky.feed.like/{KEY}", f"at://x/app.bsky.feed.post/{KEY}", ADDRESS]
)
def test_what_names_no_post_has_none(uri: str) -> None:
    assert web_address(uri) is None


def test_an_unknown_web_site_may_be_meant_as_a_post() -> None:
    url = f"https://sky.example.org/profile/name.test/post/{KEY}"
    assert looks_like_post(url)
    with pytest.raises(QuoteRefusedError, match=r"copy its address from bsky\.app"):
        parse_post_url(url)


def document(endpoint: object = "https://home.test", did: str = DID) -> dict[str, object]:
    service = {"id": "#atproto_pds", "type": "AtprotoPersonalDataServer", "serviceEndpoint": endpoint}
    return {"id": did, "service": [{"id": "#other", "type": "Other", "serviceEndpoint": {}}, service]}


def record(**changes: object) -> dict[str, object]:
    return {"uri": f"at://{DID}/app.bsky.feed.post/{KEY}", "cid": CID, "value": {}, **changes}


HANDLE_URL = "https://pds.test/xrpc/com.atproto.identity.resolveHandle?handle=name.test"
DOCUMENT_URL = f"https://plc.test/{DID}"
RECORD_URL = (
    f"https://home.test/xrpc/com.atproto.repo.getRecord?repo={DID}&collection=app.bsky.feed.post&rkey={KEY}"
).replace("did:plc:", "did%3Aplc%3A")
WORLD: Mapping[str, object] = {HANDLE_URL: {"did": DID}, DOCUMENT_URL: document(), RECORD_URL: record()}


def resolve(
    changes: Mapping[str, object] | None = None,
    *,
    url: str = ADDRESS,
    appview: str | None = None,
    viewer: str | None = None,
) -> Quote:
    world = {**WORLD, **(changes or {})}

    def answer(request: httpx2.Request) -> httpx2.Response:
        found = world.get(str(request.url).replace("repo=did:plc:", "repo=did%3Aplc%3A"))
        if isinstance(found, Exception):
            raise found
        if isinstance(found, httpx2.Response):
            return found
        return httpx2.Response(200, json=found) if found is not None else httpx2.Response(404)

    transport = httpx2.MockTransport(answer)
    return resolve_quote(
        url,
        service="https://pds.test/",
        plc_directory="https://plc.test/",
        appview=appview,
        viewer=viewer,
        transport=transport,
    )


QUOTE = Quote(url=ADDRESS, uri=f"at://{DID}/app.bsky.feed.post/{KEY}", cid=CID)


def test_a_post_on_another_server_is_found_through_the_directory() -> None:
    assert resolve() == QUOTE


def test_a_post_that_our_service_knows_needs_no_directory() -> None:
    own_url = RECORD_URL.replace("home.test", "pds.test")
    assert resolve({own_url: record(), DOCUMENT_URL: httpx2.ConnectError("not to be asked")}) == QUOTE


@pytest.mark.parametrize(
    "changes",
    [
        {HANDLE_URL: {"did": "did:plc:../../admin"}},
        {HANDLE_URL: {"did": 7}},
        {DOCUMENT_URL: document(did="did:plc:bbbbbbbbbbbbbbbbbbbbbbbb")},
        {DOCUMENT_URL: document(endpoint="http://169.254.169.254")},
        {DOCUMENT_URL: document(endpoint="file:///etc/passwd")},
        {DOCUMENT_URL: document(endpoint={"uri": "https://home.test"})},
        {DOCUMENT_URL: document(endpoint="https://[home.test")},
        {DOCUMENT_URL: document(endpoint="https://home.test/path?query")},
        {DOCUMENT_URL: {"id": DID}},
        {DOCUMENT_URL: httpx2.Response(404)},
        {RECORD_URL: record(uri=f"at://{DID}/app.bsky.feed.post/other")},
        {RECORD_URL: record(cid='"}')},
        {RECORD_URL: httpx2.Response(400, json={"error": "RecordNotFound"})},
        {RECORD_URL: httpx2.Response(302, headers={"location": "https://pds.test/"})},
        {RECORD_URL: httpx2.Response(200, text="{")},
        {RECORD_URL: record(value={"text": "x" * 300_000})},
    ],
)
def test_an_answer_that_cannot_be_trusted_makes_no_quote(changes: Mapping[str, object]) -> None:
    with pytest.raises(QuoteRefusedError):
        resolve(changes)


@pytest.mark.parametrize("url", [HANDLE_URL, DOCUMENT_URL, RECORD_URL])
@pytest.mark.parametrize(
    "answer",
    [httpx2.Response(500), httpx2.Response(429), httpx2.ConnectError("refused"), httpx2.ReadTimeout("timed out")],
)
def test_a_server_that_does_not_answer_can_be_asked_again(url: str, answer: object) -> None:
    with pytest.raises(QuoteUnreachableError):
        resolve({url: answer})


def test_the_two_errors_are_of_the_common_kinds() -> None:
    assert issubclass(QuoteRefusedError, (QuoteError, PermanentError))
    assert issubclass(QuoteUnreachableError, (QuoteError, TransientError))
    assert QuoteUnreachableError("later", retry_after=2.0).retry_after == 2.0


GATE_URL = RECORD_URL.replace("app.bsky.feed.post&", "app.bsky.feed.postgate&")
APPVIEW = "https://appview.test"
POSTS_URL = f"{APPVIEW}/xrpc/app.bsky.feed.getPosts?uris="
OUR_HANDLE_URL = "https://pds.test/xrpc/com.atproto.identity.resolveHandle?handle=picks.test"
OUR_DID = "did:plc:xxxxxxxxxxxxxxxxxxxxxxxx"
RELATIONS_URL = f"{APPVIEW}/xrpc/app.bsky.graph.getRelationships?actor={OUR_DID.replace(':', '%3A')}&others="


def gate(*rules: object) -> dict[str, object]:
    value = {"$type": "app.bsky.feed.postgate", "post": QUOTE.uri, "embeddingRules": list(rules)}
    return {"uri": QUOTE.uri.replace("post/", "postgate/"), "cid": CID, "value": value}


def shown(**changes: object) -> dict[str, object]:
    post = {"uri": QUOTE.uri, "cid": CID, "author": {"did": DID, "labels": []}, "labels": [], **changes}
    return {"posts": [post]}


def test_a_refusal_that_our_service_knows_of_needs_no_directory() -> None:
    world = {
        url.replace("home.test", "pds.test"): answer for url, answer in ((RECORD_URL, record()), (GATE_URL, gate({})))
    }
    with pytest.raises(QuoteRefusedError, match="allows no quotes"):
        resolve({**world, DOCUMENT_URL: httpx2.ConnectError("not to be asked")})


def test_an_author_who_allows_no_quotes_is_not_quoted() -> None:
    with pytest.raises(QuoteRefusedError, match="its author allows no quotes of it"):
        resolve({GATE_URL: gate({"$type": "app.bsky.feed.postgate#disableRule"})})


@pytest.mark.parametrize(
    "answer",
    [
        gate(),
        {"uri": "at://x", "cid": CID, "value": {"createdAt": "2026-02-17T12:00:00Z"}},
        httpx2.Response(400, json={"error": "RecordNotFound"}),
    ],
)
def test_without_a_rule_everybody_may_quote(answer: object) -> None:
    assert resolve({GATE_URL: answer}) == QUOTE


@pytest.mark.parametrize(
    "answer", [gate({"$type": "app.bsky.feed.postgate#aRuleOfTheFuture"}), httpx2.Response(200, text="{")]
)
def test_a_rule_that_nobody_here_knows_is_taken_for_a_no(answer: object) -> None:
    with pytest.raises(QuoteRefusedError):
        resolve({GATE_URL: answer})


def test_a_gate_that_cannot_be_asked_for_can_be_asked_again() -> None:
    with pytest.raises(QuoteUnreachableError):
        resolve({GATE_URL: httpx2.Response(502)})


@pytest.mark.parametrize(("label", "quoted"), [("porn", False), ("!warn", False), ("!no-unauthenticated", True)])
def test_a_post_that_its_author_labelled_is_not_quoted(label: str, *, quoted: bool) -> None:
    value = {"labels": {"$type": "com.atproto.label.defs#selfLabels", "values": [{"val": label}]}}
    assert _quoted({RECORD_URL: record(value=value)}) is quoted


def _quoted(changes: Mapping[str, object], *, appview: str | None = None, viewer: str | None = None) -> bool:
    try:
        return resolve(changes, appview=appview, viewer=viewer) == QUOTE
    except QuoteRefusedError:
        return False


@pytest.mark.parametrize(
    ("answer", "quoted"),
    [
        (shown(), True),
        ({"posts": []}, False),
        (shown(cid="another"), False),
        (shown(labels=[{"val": "spam", "src": "did:plc:x"}]), False),
        (shown(labels=[{"val": "spam", "neg": True}]), True),
        (shown(author={"did": DID, "labels": [{"val": "!hide"}]}), False),
        (shown(author={"did": DID, "labels": [{"val": "bot"}, {"val": "!no-unauthenticated"}]}), True),
    ],
)
def test_what_bluesky_no_longer_shows_or_labels_is_not_quoted(answer: object, *, quoted: bool) -> None:
    assert _quoted({f"{POSTS_URL}{_asked(QUOTE.uri)}": answer}, appview=APPVIEW) is quoted


@pytest.mark.parametrize(
    ("relation", "quoted"),
    [
        ({}, True),
        ({"following": "at://x"}, True),
        ({"blockedBy": "at://x"}, False),
        ({"blockedByList": "at://x"}, False),
        ({"blocking": "at://x"}, False),
        ({"blockingByList": "at://x"}, False),
    ],
)
def test_where_one_blocks_the_other_there_is_no_quote(relation: Mapping[str, object], *, quoted: bool) -> None:
    world = {
        f"{POSTS_URL}{_asked(QUOTE.uri)}": shown(),
        OUR_HANDLE_URL: {"did": OUR_DID},
        f"{RELATIONS_URL}{_asked(DID)}": {"actor": OUR_DID, "relationships": [{"did": DID, **relation}]},
    }
    for viewer in ("picks.test", OUR_DID):
        assert _quoted(world, appview=APPVIEW, viewer=viewer) is quoted


def test_an_appview_that_does_not_answer_can_be_asked_again() -> None:
    with pytest.raises(QuoteUnreachableError):
        resolve({f"{POSTS_URL}{_asked(QUOTE.uri)}": httpx2.Response(503)}, appview=APPVIEW)


def _asked(value: str) -> str:
    return str(httpx2.QueryParams({"v": value})).removeprefix("v=")
