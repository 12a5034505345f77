"""The publisher for X against a strict stand-in, over real connections."""

import logging
import socket
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr

import x_errors
from bot.domain.accounts import Identity
from bot.domain.errors import AccountError, PermanentError, PicksError, TransientError, UnknownOutcomeError
from bot.domain.posts import Platform, Post
from bot.platforms.publisher import DuplicatePostError, Publisher, Receipt, Request, WrongAccountError
from bot.platforms.x.publisher import MAX_PAGES, PAGE_SIZE, XPublisher
from harness_x import publisher_for
from x_account import Accepted
from x_http import Trick
from x_standin import Endpoint, Fault, XStandin

pytestmark = pytest.mark.network
LOST = [Trick.DROP, Trick.RESET, Trick.CUT, Trick.GARBAGE, Trick.LATE, Trick.ONLY_ERRORS]


def thread(*texts: str) -> tuple[Post, ...]:
    return tuple(Post(text=text, length=len(text), limit=280) for text in texts)


def request_for(publisher: Publisher, text: str = "words", *, sent: tuple[Receipt, ...] = ()) -> Request:
    posts = thread(*("earlier" for _ in sent), text)
    return publisher.prepare(posts, sent=sent, name="a thread", now=datetime.now(UTC))


def send_thread(publisher: Publisher, posts: tuple[Post, ...]) -> list[Receipt]:
    sent: list[Receipt] = []
    while len(sent) < len(posts):
        sent += publisher.send(publisher.prepare(posts, sent=sent, name="a thread", now=datetime.now(UTC)))
    return sent


def receipt_of(x: XStandin, position: int, post_id: str) -> Receipt:
    number = x.account.id
    account = Identity(f"x.com/i/user/{number}", number)
    return Receipt(position, post_id, f"https://x.com/i/status/{post_id}", account=account)


def put_up(x: XStandin, text: str, *, parent: str | None = None, age: timedelta = timedelta(0)) -> Accepted:
    """Let a post stand on the account that somebody made without the publisher."""
    made = x.account.post(text, parent=parent)
    x.accepted[-1] = Accepted(made.id, text, parent, made.created_at - age)
    return x.accepted[-1]


@pytest.fixture
def hasty(x_standin: XStandin) -> Iterator[XPublisher]:
    """Return a publisher that soon gives up waiting for an answer."""
    publisher = publisher_for(x_standin, timeout=1.0)
    yield publisher
    publisher.close()


def test_a_thread_of_five_goes_out_as_a_chain_of_replies(x_standin: XStandin, x_publisher: XPublisher) -> None:
    receipts = send_thread(x_publisher, thread("one", "two", "three", "four", "five"))
    ids = [receipt.remote_id for receipt in receipts]
    assert [(post.text, post.in_reply_to) for post in x_standin.accepted] == [
        ("one", None),
        ("two", ids[0]),
        ("three", ids[1]),
        ("four", ids[2]),
        ("five", ids[3]),
    ]
    assert ids == [post.id for post in x_standin.accepted]


def test_a_receipt_names_position_id_and_public_address(x_standin: XStandin, x_publisher: XPublisher) -> None:
    _, second = send_thread(x_publisher, thread("one", "two"))
    post_id = x_standin.accepted[1].id
    assert second == receipt_of(x_standin, 1, post_id)


def test_preparing_asks_nobody(x_standin: XStandin, x_publisher: XPublisher) -> None:
    now = datetime(2026, 11, 2, 15, tzinfo=UTC)
    sent = (Receipt(position=0, remote_id="19", url=""),)
    request = x_publisher.prepare(thread("one", "two"), sent=sent, name="a thread", now=now)
    assert request == Request(
        positions=(1,), body={"text": "two", "in_reply_to": "19", "prepared_at": "2026-11-02T15:00:00Z"}
    )
    assert x_standin.requests == []


def test_a_thread_that_is_out_has_no_next_request(x_publisher: XPublisher) -> None:
    sent = (Receipt(position=0, remote_id="19", url=""),)
    with pytest.raises(ValueError, match="the whole thread is out already"):
        x_publisher.prepare(thread("one"), sent=sent, name="a thread", now=datetime.now(UTC))


def test_the_account_is_named_by_its_public_address(x_standin: XStandin, x_publisher: XPublisher) -> None:
    publisher: Publisher = x_publisher
    assert (publisher.platform, publisher.account) == (Platform.X, f"x.com/i/user/{x_standin.account.id}")


def test_a_token_of_another_form_is_not_shown() -> None:
    secret = SecretStr("0123456789abcdef")
    publisher = XPublisher(consumer_key=secret, consumer_secret=secret, access_token=secret, access_token_secret=secret)
    assert publisher.account == "the X account"
    publisher.close()


@pytest.mark.parametrize("name", x_errors.NAMED)
def test_a_refused_post_is_sent_once_and_not_made(name: str, x_standin: XStandin, x_publisher: XPublisher) -> None:
    x_standin.order(Fault(Trick.REFUSE, error=name, reset=60))
    with pytest.raises(PicksError, match=rf"\({x_errors.NAMED[name].status}: "):
        x_publisher.send(request_for(x_publisher))
    assert [seen.endpoint for seen in x_standin.requests] == [Endpoint.CREATE]
    assert x_standin.accepted == []


@pytest.mark.parametrize(("reset", "low", "high"), [(60, 50, 61), (86_400, 900, 900), (-60, 1, 1)])
def test_a_rate_limit_tells_how_long_to_wait(
    reset: int, low: float, high: float, x_standin: XStandin, x_publisher: XPublisher
) -> None:
    x_standin.order(Fault(Trick.REFUSE, error="rate-limit", reset=reset))
    with pytest.raises(TransientError) as caught:
        x_publisher.send(request_for(x_publisher))
    assert caught.value.retry_after is not None
    assert low <= caught.value.retry_after <= high


@pytest.mark.parametrize("reset", [None, "soon"])
def test_a_rate_limit_without_a_time_is_not_waited_for(
    reset: str | None, x_standin: XStandin, x_publisher: XPublisher
) -> None:
    x_standin.order(Fault(Trick.REFUSE, error="rate-limit", reset=reset), times=5)
    with pytest.raises(TransientError) as caught:
        x_publisher.send(request_for(x_publisher))
    assert caught.value.retry_after is None
    assert len(x_standin.requests) == 1


@pytest.mark.parametrize("trick", LOST)
def test_a_post_whose_answer_is_lost_is_found(
    trick: Trick, x_standin: XStandin, x_publisher: XPublisher, hasty: XPublisher
) -> None:
    first = Receipt(0, put_up(x_standin, "one").id, "")
    x_standin.order(Fault(trick, carried_out=True, seconds=30))
    request = request_for(x_publisher, "two", sent=(first,))
    with pytest.raises(UnknownOutcomeError):
        (hasty if trick is Trick.LATE else x_publisher).send(request)
    made = x_standin.accepted[-1]
    assert made.text == "two"
    assert x_publisher.find(request) == (receipt_of(x_standin, 1, made.id),)


@pytest.mark.parametrize("trick", [trick for trick in LOST if trick is not Trick.LATE])
def test_a_post_that_was_never_made_is_surely_absent(
    trick: Trick, x_standin: XStandin, x_publisher: XPublisher
) -> None:
    (first,) = x_publisher.send(request_for(x_publisher, "one"))
    x_standin.order(Fault(trick))
    request = request_for(x_publisher, "two", sent=(first,))
    with pytest.raises(UnknownOutcomeError):
        x_publisher.send(request)
    assert x_publisher.find(request) is None
    assert [post.text for post in x_standin.accepted] == ["one"]


def test_a_lost_post_is_sent_once(x_standin: XStandin, x_publisher: XPublisher) -> None:
    x_standin.order(Fault(Trick.RESET, carried_out=True))
    with pytest.raises(UnknownOutcomeError):
        x_publisher.send(request_for(x_publisher))
    assert [seen.endpoint for seen in x_standin.requests] == [Endpoint.CREATE]


def test_on_an_empty_account_nothing_is_found(x_publisher: XPublisher) -> None:
    assert x_publisher.find(request_for(x_publisher)) is None


def test_a_duplicate_of_our_own_lost_post_leads_to_that_post(x_standin: XStandin, x_publisher: XPublisher) -> None:
    request = request_for(x_publisher)
    (receipt,) = x_publisher.send(request)
    with pytest.raises(DuplicatePostError):
        x_publisher.send(request)
    assert x_publisher.find(request) == (receipt,)


def test_the_same_words_from_long_before_are_not_ours(x_standin: XStandin, x_publisher: XPublisher) -> None:
    older = put_up(x_standin, "words", age=timedelta(days=2))
    with pytest.raises(PermanentError, match=f"{older.created_at:%Y-%m-%d}.*{older.id}.*delete that one or change"):
        x_publisher.find(request_for(x_publisher))


def test_a_reply_to_our_own_post_is_ours_whatever_the_clocks_say(x_standin: XStandin, x_publisher: XPublisher) -> None:
    parent = put_up(x_standin, "one", age=timedelta(days=2))
    reply = put_up(x_standin, "reply", parent=parent.id, age=timedelta(days=2))
    found = x_publisher.find(request_for(x_publisher, "reply", sent=(Receipt(0, parent.id, ""),)))
    assert found == (receipt_of(x_standin, 1, reply.id),)


def test_the_same_words_below_another_post_are_not_ours(x_standin: XStandin, x_publisher: XPublisher) -> None:
    first, second = (Receipt(0, put_up(x_standin, text).id, "") for text in ("one", "two"))
    put_up(x_standin, "reply", parent=first.remote_id)
    assert x_publisher.find(request_for(x_publisher, "reply", sent=(second,))) is None


def test_a_deleted_post_is_not_found(x_standin: XStandin, x_publisher: XPublisher) -> None:
    request = request_for(x_publisher)
    (receipt,) = x_publisher.send(request)
    x_standin.account.delete(receipt.remote_id)
    assert x_publisher.find(request) is None


@pytest.mark.parametrize(
    "text",
    [
        "R&D < 5 > 3 &amp; &lt;",
        "Paper: https://arxiv.org/abs/2412.11965\nCode: https://example.org/a?b=1&c=2#d",
        "cs.CL and stat.ML by example.org/a, see https://Example.org/",
        "Größe – “quoted” 中文 👩‍👩‍👧 ∑ 100% + 1 = ~ ! * ' ( )",
        "line one\n\n  line  two",
    ],
)
def test_any_text_arrives_unchanged_and_is_found_again(text: str, x_standin: XStandin, x_publisher: XPublisher) -> None:
    request = request_for(x_publisher, text)
    sent = x_publisher.send(request)
    assert [post.text for post in x_standin.accepted] == [text]
    assert x_publisher.find(request) == sent


def test_a_post_far_back_is_found(x_standin: XStandin, x_publisher: XPublisher) -> None:
    request = request_for(x_publisher)
    sent = x_publisher.send(request)
    for number in range(2 * PAGE_SIZE):
        put_up(x_standin, f"later {number}")
    assert x_publisher.find(request) == sent
    assert [seen.endpoint for seen in x_standin.requests].count(Endpoint.TIMELINE) == 3


def test_looking_back_ends_where_the_post_cannot_be_any_more(x_standin: XStandin, x_publisher: XPublisher) -> None:
    for number in range(2 * PAGE_SIZE):
        put_up(x_standin, f"earlier {number}", age=timedelta(days=3))
    assert x_publisher.find(request_for(x_publisher)) is None
    assert [seen.endpoint for seen in x_standin.requests] == [Endpoint.ME, Endpoint.TIMELINE]


def test_a_timeline_that_does_not_reach_back_tells_nothing(x_standin: XStandin, x_publisher: XPublisher) -> None:
    for number in range(MAX_PAGES * PAGE_SIZE + 1):
        put_up(x_standin, f"later {number}")
    with pytest.raises(UnknownOutcomeError, match="its newest 200 posts do not reach back far enough"):
        x_publisher.find(request_for(x_publisher))


def test_the_account_is_asked_for_its_number_once(x_standin: XStandin, x_publisher: XPublisher) -> None:
    for _ in range(3):
        x_publisher.find(request_for(x_publisher))
    assert [seen.endpoint for seen in x_standin.requests].count(Endpoint.ME) == 1


@pytest.mark.parametrize("endpoint", [Endpoint.ME, Endpoint.TIMELINE])
@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault(Trick.REFUSE, error="rate-limit", reset=60), TransientError),
        (Fault(Trick.REFUSE, error="unavailable"), TransientError),
        (Fault(Trick.DROP), TransientError),
        (Fault(Trick.CUT, carried_out=True), TransientError),
        (Fault(Trick.LATE, seconds=30), TransientError),
        (Fault(Trick.REFUSE, error="unauthorized"), AccountError),
        (Fault(Trick.REFUSE, error="credits"), AccountError),
        (Fault(Trick.REFUSE, error="not-permitted"), UnknownOutcomeError),
    ],
    ids=lambda value: f"{value.trick}-{value.error}" if isinstance(value, Fault) else value.__name__,
)
def test_a_timeline_that_cannot_be_read_never_means_absent(
    fault: Fault,
    kind: type[PicksError],
    endpoint: Endpoint,
    *,
    x_standin: XStandin,
    x_publisher: XPublisher,
    hasty: XPublisher,
) -> None:
    request = request_for(x_publisher)
    x_standin.order(fault, endpoint=endpoint)
    with pytest.raises(kind):
        (hasty if fault.trick is Trick.LATE else x_publisher).find(request)
    assert x_publisher.find(request) is None


@pytest.mark.parametrize("trick", [Trick.GARBAGE, Trick.ONLY_ERRORS])
@pytest.mark.parametrize("endpoint", [Endpoint.ME, Endpoint.TIMELINE])
def test_a_look_that_gets_nonsense_is_repeated_at_once(
    trick: Trick, endpoint: Endpoint, x_standin: XStandin, x_publisher: XPublisher
) -> None:
    request = request_for(x_publisher)
    sent = x_publisher.send(request)
    x_standin.order(Fault(trick), endpoint=endpoint)
    assert x_publisher.find(request) == sent
    assert [seen.endpoint for seen in x_standin.requests].count(endpoint) == 2


@pytest.mark.parametrize("trick", [Trick.GARBAGE, Trick.ONLY_ERRORS])
@pytest.mark.parametrize("endpoint", [Endpoint.ME, Endpoint.TIMELINE])
def test_a_look_that_gets_nonsense_twice_tells_nothing(
    trick: Trick, endpoint: Endpoint, x_standin: XStandin, x_publisher: XPublisher
) -> None:
    request = request_for(x_publisher)
    x_standin.order(Fault(trick), endpoint=endpoint, times=2)
    with pytest.raises(UnknownOutcomeError, match="has not the documented form"):
        x_publisher.find(request)
    assert [seen.endpoint for seen in x_standin.requests].count(endpoint) == 2
    assert x_publisher.find(request) is None


def test_a_post_that_gets_nonsense_is_not_repeated(x_standin: XStandin, x_publisher: XPublisher) -> None:
    x_standin.order(Fault(Trick.GARBAGE))
    with pytest.raises(UnknownOutcomeError, match="without naming its id"):
        x_publisher.send(request_for(x_publisher))
    assert [seen.endpoint for seen in x_standin.requests] == [Endpoint.CREATE]


def test_nothing_was_sent_where_nobody_listens(x_standin: XStandin) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        publisher = publisher_for(x_standin, api_url=f"http://127.0.0.1:{free.getsockname()[1]}")
        with pytest.raises(TransientError, match="nothing was sent"):
            publisher.send(request_for(publisher))
        with pytest.raises(TransientError, match="cannot ask X"):
            publisher.find(request_for(publisher))
        publisher.close()


def test_a_wrong_secret_is_refused_by_name(x_standin: XStandin) -> None:
    publisher = publisher_for(x_standin, access_token_secret="another")
    with pytest.raises(AccountError, match="check X_CONSUMER_KEY, X_CONSUMER_SECRET, X_ACCESS_TOKEN and"):
        publisher.send(request_for(publisher))
    assert x_standin.accepted == []
    publisher.close()


@pytest.mark.parametrize("reason", ["unauthorized", "credits"])
def test_the_same_request_goes_out_once_the_account_is_mended(
    reason: str, x_standin: XStandin, x_publisher: XPublisher
) -> None:
    request = request_for(x_publisher)
    x_standin.order(Fault(Trick.REFUSE, error=reason))
    with pytest.raises(AccountError):
        x_publisher.send(request)
    assert len(x_publisher.send(request)) == len(x_standin.accepted) == 1


def test_a_redirect_is_not_followed(x_standin: XStandin, x_publisher: XPublisher) -> None:
    with XStandin() as elsewhere:
        x_standin.order(Fault(Trick.REDIRECT, location=f"{elsewhere.url}/2/tweets"))
        with pytest.raises(AccountError, match="check X_API_URL"):
            x_publisher.send(request_for(x_publisher))
        assert elsewhere.requests == []


def test_a_proxy_of_the_environment_sees_nothing(
    x_standin: XStandin, x_publisher: XPublisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    with XStandin() as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("NO_PROXY", "")
        x_publisher.send(request_for(x_publisher))
        assert proxy.requests == []
    assert len(x_standin.accepted) == 1


def test_no_secret_is_shown_or_logged(x_standin: XStandin, hasty: XPublisher, caplog: pytest.LogCaptureFixture) -> None:
    faults = [Fault(Trick.REFUSE, error=name) for name in x_errors.NAMED] + [Fault(trick, seconds=30) for trick in LOST]
    shown = [repr(hasty), hasty.account]
    with caplog.at_level(logging.DEBUG):
        for number, fault in enumerate(faults):
            x_standin.order(fault)
            with pytest.raises(PicksError) as caught:
                hasty.send(request_for(hasty, f"words {number}"))
            shown += [str(caught.value), repr(caught.value), repr(caught.value.__cause__)]
    secrets = [*asdict(x_standin.credentials).values(), "oauth_signature", "Authorization"]
    everything = "\n".join([*shown, caplog.text])
    assert [secret for secret in secrets if secret in everything] == []


def test_a_survey_of_an_account_that_is_as_we_left_it_reads_five_posts(
    x_standin: XStandin, x_publisher: XPublisher
) -> None:
    sent = send_thread(x_publisher, thread("one", "two"))
    before = len(x_standin.requests)
    assert x_publisher.survey({receipt.remote_id for receipt in sent}) == ()
    assert [seen.endpoint for seen in x_standin.requests[before:]] == [Endpoint.TIMELINE]
    assert x_standin.queries[-1]["max_results"] == "5"


def test_a_survey_returns_what_is_newer_than_anything_known(x_standin: XStandin, x_publisher: XPublisher) -> None:
    known = put_up(x_standin, "known")
    new = [put_up(x_standin, f"new {number}").id for number in range(130)]
    assert [stray.remote_id for stray in x_publisher.survey({known.id})] == new[::-1]


def test_a_thread_that_nobody_remembers_is_recognised_by_its_words(
    x_standin: XStandin, x_publisher: XPublisher
) -> None:
    posts = thread("R&D, see https://example.org/1", "two", "three")
    receipts = send_thread(x_publisher, posts)
    put_up(x_standin, "something else")
    strays = x_publisher.survey(())
    assert x_publisher.recognise(posts, sent=(), name="2412.11965", strays=strays) == tuple(receipts)
    assert x_publisher.recognise(thread("one"), sent=(), name="2412.11965", strays=strays) == ()
    x_standin.account.delete(receipts[2].remote_id)
    assert x_publisher.recognise(posts, sent=(), name="2412.11965", strays=strays) == tuple(receipts[:2])
    x_standin.account.delete(receipts[0].remote_id)
    assert x_publisher.recognise(posts, sent=(), name="2412.11965", strays=strays) == ()


def test_a_post_that_a_person_names_is_read(x_standin: XStandin, x_publisher: XPublisher) -> None:
    posts = thread("R&D, see https://example.org/1", "two")
    first, second = send_thread(x_publisher, posts)
    assert x_publisher.confirm(posts[0], remote_id=first.remote_id, position=0, parent=None) == first
    assert x_publisher.confirm(posts[1], remote_id=second.remote_id, position=1, parent=first) == second


@pytest.mark.parametrize(
    ("text", "parent", "reason"),
    [
        ("other words", None, "has other words, 'other words'; give the address of the right post"),
        ("words", "7", "answers https://x.com/i/status/.*, and ours should begin a thread"),
    ],
)
def test_a_post_of_ours_that_is_another_one_is_refused(
    text: str, parent: str | None, reason: str, *, x_standin: XStandin, x_publisher: XPublisher
) -> None:
    above = put_up(x_standin, "above").id if parent else None
    found = put_up(x_standin, text, parent=above)
    with pytest.raises(PermanentError, match=reason):
        x_publisher.confirm(thread("words")[0], remote_id=found.id, position=0, parent=None)


def test_a_strangers_post_with_our_words_is_refused_by_its_author(x_standin: XStandin, x_publisher: XPublisher) -> None:
    x_standin.account.strangers.append(Accepted("42", "words", None, datetime.now(UTC)))
    with pytest.raises(PermanentError, match=r"a post of another account, x\.com/i/user/77.* it says 'words'"):
        x_publisher.confirm(thread("words")[0], remote_id="42", position=0, parent=None)


def test_a_post_that_x_does_not_know_is_refused(x_publisher: XPublisher) -> None:
    with pytest.raises(PermanentError, match=r"X knows no post at https://x\.com/i/status/42"):
        x_publisher.confirm(thread("words")[0], remote_id="42", position=0, parent=None)


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault(Trick.REFUSE, error="rate-limit", reset=60), TransientError),
        (Fault(Trick.DROP), TransientError),
        (Fault(Trick.REFUSE, error="not-permitted"), UnknownOutcomeError),
    ],
    ids=["rate limit", "no answer", "refused"],
)
def test_a_post_that_cannot_be_read_is_not_believed(
    fault: Fault, kind: type[PicksError], *, x_standin: XStandin, x_publisher: XPublisher
) -> None:
    found = put_up(x_standin, "words")
    x_standin.order(fault, endpoint=Endpoint.POST)
    with pytest.raises(kind):
        x_publisher.confirm(thread("words")[0], remote_id=found.id, position=0, parent=None)


def test_without_the_addresses_in_a_post_nobody_knows_whether_it_is_ours(
    x_standin: XStandin, x_publisher: XPublisher
) -> None:
    request = request_for(x_publisher, "Paper: https://arxiv.org/abs/2412.11965")
    sent = x_publisher.send(request)
    x_standin.account.hides_entities = True
    with pytest.raises(UnknownOutcomeError, match=f"{sent[0].remote_id}, without the addresses in it"):
        x_publisher.find(request)
    assert x_publisher.find(request_for(x_publisher, "Paper: none")) is None
    assert x_publisher.find(request_for(x_publisher, "See https://arxiv.org/abs/2412.11965")) is None
    x_standin.account.hides_entities = False
    assert x_publisher.find(request) == sent


def test_a_thread_of_another_account_is_not_taken_down(x_standin: XStandin, x_publisher: XPublisher) -> None:
    theirs = Identity("x.com/i/user/77", "77")
    x_standin.account.strangers.append(Accepted("42", "words", None, datetime.now(UTC)))
    receipt = Receipt(0, "42", "", account=theirs)
    with pytest.raises(WrongAccountError, match=r"it is on the account x\.com/i/user/77 \(77\), and"):
        x_publisher.remove([receipt])
    x_standin.account.strangers.clear()  # or it is hidden from us: X says the same of both
    with pytest.raises(
        WrongAccountError, match=r"it is on the account x\.com/i/user/77 \(77\), and .* does not see it"
    ):
        x_publisher.remove([receipt])
    assert {seen.method for seen in x_standin.requests} == {"GET"}


def test_a_delete_counts_when_a_look_does_not_find_the_post(x_standin: XStandin, x_publisher: XPublisher) -> None:
    receipts = send_thread(x_publisher, thread("one"))
    x_standin.order(Fault(Trick.ONLY_ERRORS), endpoint=Endpoint.DELETE)
    with pytest.raises(TransientError, match=r"X took the delete of .*, and the post is still there"):
        x_publisher.remove(receipts)
    assert x_publisher.remove(receipts) == 1
    assert x_standin.live == []
