"""The Mastodon publisher against the strict stand-in: what it sends, and what it makes of every answer."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr, ValidationError

from bot.domain.accounts import Identity
from bot.domain.errors import AccountError, PermanentError, PicksError, TransientError, UnknownOutcomeError
from bot.domain.post_limits import PostLimits
from bot.domain.posts import Post
from bot.domain.profile import Profile
from bot.platforms.mastodon.limits import ask_limits
from bot.platforms.mastodon.matching import OwnStatus
from bot.platforms.mastodon.profile import MastodonProfile
from bot.platforms.mastodon.publisher import MastodonPublisher
from bot.platforms.mastodon.sign_in import MastodonSignIn
from bot.platforms.publisher import Receipt, Request, Stray, WrongAccountError
from harness_mastodon import mastodon_publisher_for
from mastodon_account import Accepted, utc_now
from mastodon_standin import Endpoint, Fault, MastodonStandin
from x_http import Answer, Server

NOW = datetime.now(UTC)
WORDS = (
    "Title <b> & more\n\nAda, Eve\n\nhttps://arxiv.org/abs/2412.11965",
    "A note with https://example.org/" + "a" * 60 + "?a=1&b=2 in it,\nand #two lines.",
    "Code: https://github.com/a/b",
)


def posts(*texts: str, lang: str = "en") -> tuple[Post, ...]:
    return tuple(Post(text, len(text), 500, langs=(lang,)) for text in texts)


def sent_thread(publisher: MastodonPublisher, *texts: str) -> list[Receipt]:
    out: list[Receipt] = []
    for _ in texts:
        out += publisher.send(publisher.prepare(posts(*texts), sent=out, name="a thread", now=NOW))
    return out


def request(publisher: MastodonPublisher, text: str = WORDS[0], *, name: str = "a thread") -> Request:
    return publisher.prepare(posts(text), sent=(), name=name, now=NOW)


def test_the_first_post_is_public_replies_are_unlisted_and_the_language_is_set(
    mastodon_publisher: MastodonPublisher, mastodon_standin: MastodonStandin
) -> None:
    receipts = sent_thread(mastodon_publisher, *WORDS)
    made = mastodon_standin.live
    assert [post.text for post in made] == list(WORDS)
    assert [post.visibility for post in made] == ["public", "unlisted", "unlisted"]
    assert [post.in_reply_to for post in made] == [None, made[0].id, made[1].id]
    assert {post.language for post in made} == {"en"}
    assert receipts[0].url == f"{mastodon_standin.url}/@example_picks/{made[0].id}"


def test_every_post_has_a_key_of_its_own_that_who_forgot_the_request_makes_again(
    mastodon_publisher: MastodonPublisher,
) -> None:
    first, again = request(mastodon_publisher), request(mastodon_publisher)
    others = (request(mastodon_publisher, name="another"), request(mastodon_publisher, "Other words"))
    assert first.body["key"] == again.body["key"]
    assert first.body["key"] not in {other.body["key"] for other in others}


def test_the_same_request_twice_within_the_hour_makes_one_post(
    mastodon_publisher: MastodonPublisher, mastodon_standin: MastodonStandin
) -> None:
    wanted = request(mastodon_publisher)
    assert mastodon_publisher.send(wanted) == mastodon_publisher.send(wanted)
    assert len(mastodon_standin.accepted) == 1


def test_a_server_that_fails_at_a_repeat_leaves_a_doubt_that_a_look_settles(
    mastodon_publisher: MastodonPublisher, mastodon_standin: MastodonStandin
) -> None:
    mastodon_standin.account.fails_at_repeat = True
    wanted = request(mastodon_publisher)
    receipts = mastodon_publisher.send(wanted)
    with pytest.raises(UnknownOutcomeError):
        mastodon_publisher.send(wanted)
    assert mastodon_publisher.find(wanted) == receipts


@pytest.mark.parametrize(
    ("fault", "kind", "made"),
    [
        (Fault(401), AccountError, 0),
        (Fault(403), AccountError, 0),
        (Fault(422), PermanentError, 0),
        (Fault(429), TransientError, 0),
        (Fault(500, carried_out=True), UnknownOutcomeError, 1),
        (Fault(503, error=None), UnknownOutcomeError, 0),
        (Fault(504, error=None, carried_out=True), UnknownOutcomeError, 1),
    ],
)
def test_an_answer_is_of_its_kind_and_a_look_tells_what_became_of_the_post(
    mastodon_publisher: MastodonPublisher,
    mastodon_standin: MastodonStandin,
    fault: Fault,
    kind: type[PicksError],
    made: int,
) -> None:
    mastodon_standin.order(fault)
    wanted = request(mastodon_publisher)
    with pytest.raises(kind):
        mastodon_publisher.send(wanted)
    assert len(mastodon_publisher.find(wanted) or ()) == len(mastodon_standin.live) == made


def test_too_many_requests_say_until_when(
    mastodon_publisher: MastodonPublisher, mastodon_standin: MastodonStandin
) -> None:
    end = datetime.now(UTC) + timedelta(minutes=4)
    mastodon_standin.order(Fault(429, "Too many requests", reset=end.isoformat()))
    with pytest.raises(TransientError, match="Too many requests") as caught:
        mastodon_publisher.send(request(mastodon_publisher))
    assert caught.value.retry_after == pytest.approx(240, abs=10)


def test_a_wrong_token_is_the_accounts_and_is_not_said(mastodon_standin: MastodonStandin) -> None:
    publisher = mastodon_publisher_for(mastodon_standin, token="canary-of-a-token")
    with closing(publisher), pytest.raises(AccountError, match="check MASTODON_ACCESS_TOKEN") as caught:
        publisher.identify()
    assert "canary" not in str(caught.value)


def test_a_token_follows_no_redirect_to_another_server(mastodon_standin: MastodonStandin) -> None:
    elsewhere = Server(lambda call: Answer(307, b"", {"Location": f"{mastodon_standin.url}{call.path}"}), port=0)
    elsewhere.start()
    publisher = mastodon_publisher_for(mastodon_standin, server=elsewhere.url)
    with closing(publisher), pytest.raises(AccountError, match="no Mastodon server"):
        publisher.identify()
    with closing(publisher), pytest.raises(AccountError, match="no Mastodon server"):
        publisher.send(request(publisher))
    with pytest.raises(TransientError, match="cannot ask"):
        ask_limits(elsewhere.url)
    elsewhere.stop()
    assert mastodon_standin.requests == []


@pytest.mark.parametrize("status", [401, 403])
def test_an_account_that_was_moved_or_disabled_is_no_fault_of_the_pick(
    mastodon_publisher: MastodonPublisher, mastodon_standin: MastodonStandin, status: int
) -> None:
    mastodon_standin.order(Fault(status, "Your login is currently disabled"), endpoint=Endpoint.ME)
    with pytest.raises(AccountError, match="currently disabled"):
        mastodon_publisher.identify()


def test_a_reply_to_a_post_that_is_gone_is_refused_for_good(
    mastodon_publisher: MastodonPublisher, mastodon_standin: MastodonStandin
) -> None:
    first = sent_thread(mastodon_publisher, WORDS[0])
    mastodon_standin.account.delete(first[0].remote_id)
    below = mastodon_publisher.prepare(posts(*WORDS), sent=first, name="a thread", now=NOW)
    with pytest.raises(PermanentError, match="the post before it is gone"):
        mastodon_publisher.send(below)


def test_a_post_that_somebody_deleted_can_be_sent_again_once_its_key_is_forgotten(
    mastodon_publisher: MastodonPublisher, mastodon_standin: MastodonStandin
) -> None:
    wanted = request(mastodon_publisher)
    [made] = mastodon_publisher.send(wanted)
    mastodon_standin.account.delete(made.remote_id)
    with pytest.raises(TransientError, match="after an hour") as caught:
        mastodon_publisher.send(wanted)
    assert (caught.value.retry_after, caught.value.of_account) == (3600, False)


def test_what_a_server_shows_in_other_words_is_found_by_its_source(
    mastodon_publisher: MastodonPublisher, mastodon_standin: MastodonStandin
) -> None:
    mastodon_standin.account.shows_other_words = True
    wanted = request(mastodon_publisher)
    with pytest.raises(UnknownOutcomeError):
        mastodon_publisher.send(wanted)
    [found] = mastodon_publisher.find(wanted) or ()
    assert found.remote_id == mastodon_standin.live[0].id
    assert mastodon_publisher.find(request(mastodon_publisher, "Other words")) is None


@pytest.mark.parametrize("people", ["@Ana@social.example", "@ana", "@ana@social.example, @ana@other.example"])
def test_a_post_that_mentions_people_is_known_again_although_it_is_shown_without_their_servers(
    mastodon_publisher: MastodonPublisher, mastodon_standin: MastodonStandin, people: str
) -> None:
    [post] = posts(f"Title\n\nAna ({people}), B. Two (@\u200avictim)\n\nhttps://arxiv.org/abs/2412.11965")
    wanted = request(mastodon_publisher, post.text)
    receipts = mastodon_publisher.send(wanted)
    assert mastodon_publisher.find(wanted) == receipts
    strays = mastodon_publisher.survey(())
    assert mastodon_publisher.recognise([post], sent=(), name="a thread", strays=strays) == receipts
    assert mastodon_standin.asked(Endpoint.SOURCE) == 0
    other = replace(post, text=post.text.replace("(@", "(@x"))
    assert mastodon_publisher.recognise([other], sent=(), name="a thread", strays=strays) == ()


def test_a_post_of_before_is_not_taken_for_the_one_in_doubt(mastodon_standin: MastodonStandin) -> None:
    mastodon_standin.account.accepted.append(
        Accepted("1", WORDS[0], None, "public", "en", "key", NOW - timedelta(hours=3))
    )
    with closing(mastodon_publisher_for(mastodon_standin)) as publisher:
        assert publisher.find(request(publisher)) is None


def test_a_look_goes_back_over_many_posts_of_others_hands(
    mastodon_publisher: MastodonPublisher, mastodon_standin: MastodonStandin
) -> None:
    wanted = request(mastodon_publisher)
    [receipt] = mastodon_publisher.send(wanted)
    for number in range(95):
        mastodon_standin.account.post(
            f"By hand {number}", parent=None, visibility="public", language="en", key=f"hand-{number}"
        )
    assert mastodon_publisher.find(wanted) == (receipt,)
    assert len(mastodon_publisher.survey(())) == 96
    assert len(mastodon_publisher.survey([receipt.remote_id])) == 95
    assert len(mastodon_publisher.inventory([mastodon_standin.live[50].id])) == 95


def test_a_forgotten_thread_about_the_same_paper_in_other_words_is_not_posted_beside(
    mastodon_publisher: MastodonPublisher,
) -> None:
    [receipt, _] = sent_thread(mastodon_publisher, WORDS[0], WORDS[1])
    edited = [replace(post, about="Title <b> & more") for post in posts(f"{WORDS[0]}\n\nAnother note.")]
    strays = mastodon_publisher.survey(())
    with pytest.raises(PermanentError, match=f"another thread about this at .*/{receipt.remote_id}, with other words"):
        mastodon_publisher.recognise(edited, sent=(), name="a thread", strays=strays)
    other = [replace(edited[0], about="Another title")]
    assert mastodon_publisher.recognise(other, sent=(), name="a thread", strays=strays) == ()


def test_the_post_of_another_account_is_none_of_ours(
    mastodon_publisher: MastodonPublisher, mastodon_standin: MastodonStandin
) -> None:
    theirs = Accepted("5", WORDS[0], None, "public", "en", "key", utc_now())
    mastodon_standin.account.strangers.append(theirs)
    [post] = posts(WORDS[0])
    with pytest.raises(PermanentError, match="a post of another account"):
        mastodon_publisher.confirm(post, remote_id="5", position=0, parent=None)
    with pytest.raises(PermanentError, match="one of another server"):
        mastodon_publisher.confirm(post, remote_id="6", position=0, parent=None)


def test_nothing_is_deleted_on_another_account(
    mastodon_publisher: MastodonPublisher, mastodon_standin: MastodonStandin
) -> None:
    other = Identity("another", "https://other.example/@picks")
    [receipt] = sent_thread(mastodon_publisher, WORDS[0])
    with pytest.raises(WrongAccountError, match="another"):
        mastodon_publisher.remove([Receipt(0, receipt.remote_id, receipt.url, account=other)])
    assert len(mastodon_standin.live) == 1


def test_the_thirty_first_delete_within_half_an_hour_waits(
    mastodon_publisher: MastodonPublisher, mastodon_standin: MastodonStandin
) -> None:
    receipts = sent_thread(mastodon_publisher, *(f"Post {number}" for number in range(31)))
    while len(receipts) > 1:
        receipts = receipts[: -mastodon_publisher.remove(receipts)]
    with pytest.raises(TransientError, match="deletes no more posts") as caught:
        mastodon_publisher.remove(receipts)
    assert caught.value.retry_after == pytest.approx(1800, abs=60)


@pytest.fixture
def sign_in(mastodon_standin: MastodonStandin) -> Iterator[MastodonSignIn]:
    made = MastodonSignIn(server=mastodon_standin.url, access_token=SecretStr(mastodon_standin.token))
    yield made
    made.close()


def test_a_sign_in_names_the_account_and_what_is_missing(
    sign_in: MastodonSignIn, mastodon_standin: MastodonStandin
) -> None:
    host = mastodon_standin.url.removeprefix("http://")
    assert sign_in.sign_in().name == f"@example_picks@{host}"
    assert [(item.name, item.allowed, item.needed) for item in sign_in.rights()] == [
        ("scopes", True, True),
        ("bot mark", False, False),
    ]


def test_nothing_that_a_server_says_moves_the_cursor_of_a_terminal(
    sign_in: MastodonSignIn, mastodon_standin: MastodonStandin
) -> None:
    mastodon_standin.account.name = "example\x1b[2Jpicks"
    assert "\x1b" not in sign_in.sign_in().name
    status = mastodon_standin.account.as_status(Accepted("5", "Words", None, "public", "en", "key", utc_now()))
    shown = OwnStatus.model_validate(status)
    with pytest.raises(ValidationError):
        OwnStatus.model_validate({**status, "account": {"id": "1", "url": "https://a.example/\x1b[2J"}})
    with closing(mastodon_publisher_for(mastodon_standin)) as publisher:
        stray = Stray(shown.id, {**status, "url": "https://a.example/\x9b2J"})
        assert publisher.shown(stray).url == f"{mastodon_standin.url}/web/statuses/5"


def test_a_token_that_may_only_read_is_told_of() -> None:
    with MastodonStandin(scopes=("read",)) as mastodon:
        made = MastodonSignIn(server=mastodon.url, access_token=SecretStr(mastodon.token))
        with closing(made):
            scopes, _ = made.rights()
    assert (scopes.allowed, scopes.detail) == (False, "the token lacks write:statuses")


def test_the_profile_is_changed_where_it_differs_and_marked_as_a_bots(mastodon_standin: MastodonStandin) -> None:
    token = SecretStr(mastodon_standin.token)
    with closing(MastodonProfile(server=mastodon_standin.url, access_token=token, name="picks")) as profile:
        wanted = Profile(name="Daily Picks", description="One paper a day.")
        changes = profile.changes(wanted)
        assert changes == {"display_name": "Daily Picks", "note": "One paper a day.", "bot": True}
        profile.write(changes)
        assert profile.changes(wanted) == {}
        assert profile.changes(Profile()) == {}


def test_a_server_says_how_long_a_post_may_be_without_a_token() -> None:
    with MastodonStandin(characters=1234) as mastodon:
        assert ask_limits(mastodon.url) == PostLimits(1234, 23)
        mastodon.order(Fault(503, error=None), endpoint=Endpoint.INSTANCE)
        with pytest.raises(TransientError, match="cannot ask"):
            ask_limits(mastodon.url)
    with pytest.raises(TransientError):
        ask_limits("http://127.0.0.1:9")
