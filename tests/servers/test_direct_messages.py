"""The client for direct messages, through a real Bluesky server to the stand-in for the chat service."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from secrets import token_hex

import pytest
from pydantic import SecretStr

from bot.domain.chat import Unwritable
from bot.domain.errors import PermanentError, TransientError, UnknownOutcomeError
from bot.platforms.bluesky.direct_messages import BlueskyMessages
from bot.platforms.direct_messages import (
    Event,
    EventKind,
    NoConvoError,
    NoPermissionError,
    RateLimitedError,
    UnwritableError,
)
from bot.platforms.memory import MemorySessionStore
from chat_standin import ChatService, RefusalError
from harness_pds import Account, Pds

AN_HOUR_AGO = datetime.now(UTC) - timedelta(hours=1)
CURATOR = f"did:plc:{'curator':2<24}"


def _client(pds: Pds, account: Account) -> BlueskyMessages:
    return BlueskyMessages(
        service=pds.url,
        handle=account.handle,
        app_password=SecretStr(account.app_password),
        sessions=MemorySessionStore(),
        timeout=10.0,
    )


@pytest.fixture(scope="module")
def bot(pds: Pds) -> Account:
    """Return the bot's account."""
    return pds.create_account(messages=True)


@pytest.fixture
def client(pds: Pds, bot: Account, chat_service: ChatService) -> Iterator[BlueskyMessages]:
    """Return a client of the bot."""
    chat_service.allow(CURATOR, "all")
    with closing(_client(pds, bot)) as made:
        yield made


def test_messages_and_reactions_come_from_a_cursor_page_by_page(
    client: BlueskyMessages, bot: Account, chat_service: ChatService
) -> None:
    cursor = client.now()
    ids = [chat_service.write(CURATOR, bot.did, f"queue {number}") for number in range(8)]
    answer = chat_service.write(CURATOR, bot.did, "reject “so”", reply_to=ids[0])
    chat_service.react(CURATOR, ids[0], "👍")
    chat_service.take_away(CURATOR, ids[0], "👍")
    chat_service.note_unknown(CURATOR, bot.did)
    found: list[Event] = []
    pages = 0
    while True:
        events, cursor = client.events(cursor)
        if not events:
            break
        found += events
        pages += 1
    assert pages > 1
    assert [event.rev for event in found] == sorted({event.rev for event in found})
    written = [event for event in found if event.kind is EventKind.MESSAGE]
    assert [event.message_id for event in written] == [*ids, answer]
    assert {event.sender for event in written} == {CURATOR}
    assert (written[-1].text, written[-1].reply_to) == ("reject “so”", ids[0])
    reactions = [event for event in found if event.emoji]
    assert [(event.kind, event.message_id, event.sender, event.emoji) for event in reactions] == [
        (EventKind.REACTION, ids[0], CURATOR, "👍"),
        (EventKind.REACTION_REMOVED, ids[0], CURATOR, "👍"),
    ]


def test_a_message_is_sent_with_links_and_found_again(
    client: BlueskyMessages, bot: Account, chat_service: ChatService
) -> None:
    convo = client.convo_with(CURATOR)
    assert (convo.others, convo.is_group, convo.accepted) == ((CURATOR,), False, True)
    text = "“Wörds” 👍\nhttps://arxiv.org/abs/2602.00001\nnot https://evil.example here"
    sent = client.send(convo.id, text)
    [said] = chat_service.said_by(bot.did, CURATOR)
    assert (said.id, said.text) == (sent.id, text)
    [facet] = said.facets
    index = facet["index"]
    assert text.encode()[index["byteStart"] : index["byteEnd"]] == b"https://arxiv.org/abs/2602.00001"
    assert [item.id for item in client.newest(convo.id, since=AN_HOUR_AGO)] == [sent.id]
    client.accept(convo.id)
    client.mark_read(convo.id, sent.id)


def test_more_than_a_page_of_newest_messages_is_read(
    client: BlueskyMessages, bot: Account, chat_service: ChatService
) -> None:
    ids = [chat_service.write(CURATOR, bot.did, f"number {number}") for number in range(12)]
    convo = client.convo_with(CURATOR)
    assert [item.id for item in client.newest(convo.id, since=AN_HOUR_AGO)] == ids[::-1]


def test_a_lost_answer_is_an_unknown_outcome(client: BlueskyMessages, bot: Account, chat_service: ChatService) -> None:
    convo = client.convo_with(CURATOR)
    chat_service.lose_answer_of("sendMessage")
    with pytest.raises(UnknownOutcomeError):
        client.send(convo.id, "once")
    assert len(chat_service.said_by(bot.did, CURATOR)) == 1
    assert chat_service.calls.count("sendMessage") == 1


@pytest.mark.parametrize(("incoming", "kind"), [("none", Unwritable.DISABLED), ("following", Unwritable.NOT_FOLLOWED)])
def test_who_cannot_be_written_to_has_a_reason(
    client: BlueskyMessages, chat_service: ChatService, incoming: str, kind: Unwritable
) -> None:
    chat_service.allow(CURATOR, incoming)
    with pytest.raises(UnwritableError) as caught:
        client.convo_with(CURATOR)
    assert caught.value.kind is kind


def test_a_rate_limit_is_told_from_other_troubles(client: BlueskyMessages, chat_service: ChatService) -> None:
    convo = client.convo_with(CURATOR)
    chat_service.limit("sendMessage", seconds=90)
    with pytest.raises(RateLimitedError) as caught:
        client.send(convo.id, "now")
    assert caught.value.retry_after is None  # the server between keeps to itself how long: we double our own pauses


def test_a_conversation_that_is_gone_and_a_refused_message_are_told_apart(
    client: BlueskyMessages, chat_service: ChatService
) -> None:
    with pytest.raises(NoConvoError):
        client.send("convo-unknown", "words")
    convo = client.convo_with(CURATOR)
    with pytest.raises(PermanentError, match="message too long"):
        client.send(convo.id, "x" * 1001)
    chat_service.refuse("sendMessage", RefusalError("BlockedActor", "blocked"))
    with pytest.raises(UnwritableError):
        client.send(convo.id, "words")


def test_an_app_password_without_the_permission_is_named(pds: Pds, chat_service: ChatService) -> None:
    with (
        closing(_client(pds, pds.create_account())) as plain,
        pytest.raises(NoPermissionError, match="Allow access to your direct messages"),
    ):
        plain.now()
    assert chat_service.calls == []


def test_a_chat_service_that_does_not_answer_is_a_trouble_that_passes(
    client: BlueskyMessages, chat_service: ChatService
) -> None:
    chat_service.lose_request_of("getLog")
    with pytest.raises(TransientError):
        client.events(client.now())


def test_handles_are_looked_up_and_nobodys_is_none(pds: Pds, client: BlueskyMessages, bot: Account) -> None:
    other = pds.create_account()
    assert client.holder_of(other.handle) == other.did
    renamed = f"new-{token_hex(3)}.test"
    pds.rename(other, renamed)
    assert client.holder_of(other.handle) is None
    assert client.holder_of(renamed) == other.did
    assert client.identify().id == bot.did
