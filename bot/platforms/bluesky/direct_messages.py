"""Direct messages of one Bluesky account, through its own server to the network's chat service.

The service has no key for what was sent: after an unknown outcome only a look at the conversation tells. This module
never looks by itself and never sends twice, except where the server refused the session and so did nothing.

Importing it takes more than a second (the SDK).
"""

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final, TypeVar

from atproto import Client, models
from atproto.exceptions import RateLimitExceededError

from bot.domain.chat import Unwritable
from bot.domain.errors import PicksError, TransientError, UnknownOutcomeError
from bot.platforms.bluesky.account_client import AccountClient
from bot.platforms.bluesky.chat_events import convo_of, event_of, sent_messages, sent_of
from bot.platforms.bluesky.errors import (
    SDK_FAILURES,
    error_name,
    read_failure,
    reason_of,
    token_refused,
    write_failure,
)
from bot.platforms.bluesky.message_links import link_facets
from bot.platforms.direct_messages import (
    Convo,
    Event,
    NoConvoError,
    NoPermissionError,
    RateLimitedError,
    Sent,
    UnwritableError,
)

_CONVO: Final = "chat.bsky.convo"
_PAGE: Final = 50
_MOST_PAGES: Final = 20
_UNWRITABLE: Final = {
    "NotFollowedBySender": (Unwritable.NOT_FOLLOWED, "lets only accounts write to it that it follows"),
    "MessagesDisabled": (Unwritable.DISABLED, "takes no messages"),
    "BlockedActor": (Unwritable.BLOCKED, "blocks this account, or is blocked by it"),
    "BlockedSubject": (Unwritable.BLOCKED, "blocks this account, or is blocked by it"),
    "RecipientNotFound": (Unwritable.DISABLED, "is no account that takes messages"),
}
"""What getConvoForMembers and sendMessage call a person who cannot be written to."""

_GONE: Final = frozenset({"InvalidConvo", "ConvoNotFound"})
_GONE_WORDS: Final = "could not find convo"  # the service has no name of its own for this one
_NO_PERMISSION: Final = frozenset({"InvalidToken", "BadTokenScope", "ScopeMissingError", "BadTokenMethod"})

_Answer = TypeVar("_Answer")


class BlueskyMessages(AccountClient):
    """The direct messages of one account."""

    _proxied: tuple[Client, Client] | None = None

    def now(self) -> str:
        """Ask for the log without a cursor, which answers nothing but where it ends."""
        answer = self._read("getLog", models.ChatBskyConvoGetLog.Params())
        return _cursor(answer, "")

    def events(self, cursor: str) -> tuple[Sequence[Event], str]:
        """Return one page of the log after the cursor; the service may repeat its last event."""
        answer = self._read("getLog", models.ChatBskyConvoGetLog.Params(cursor=cursor))
        found = [event for event in map(event_of, answer.get("logs") or ()) if event and event.rev > cursor]
        return sorted(found, key=lambda event: event.rev), _cursor(answer, cursor)

    def convo(self, convo_id: str) -> Convo:
        """Return a conversation."""
        return self._convo(self._read("getConvo", models.ChatBskyConvoGetConvo.Params(convo_id=convo_id)))

    def convo_with(self, did: str) -> Convo:
        """Return the conversation with a person."""
        params = models.ChatBskyConvoGetConvoForMembers.Params(members=[did])
        return self._convo(self._read("getConvoForMembers", params, person=did))

    def accept(self, convo_id: str) -> None:
        """Take a request to talk."""
        self._change("acceptConvo", {"convoId": convo_id})

    def newest(self, convo_id: str, *, since: datetime) -> Sequence[Sent]:
        """Return the newest messages of a conversation, page by page until one is older."""
        found: list[Sent] = []
        cursor: str | None = None
        for _ in range(_MOST_PAGES):
            params = models.ChatBskyConvoGetMessages.Params(convo_id=convo_id, limit=_PAGE, cursor=cursor)
            answer = self._read("getMessages", params)
            page = sent_messages(answer.get("messages") or ())
            found += [sent for sent in page if sent.at >= since]
            cursor = answer.get("cursor")
            if not cursor or any(sent.at < since for sent in page):
                break
        return found

    def send(self, convo_id: str, text: str) -> Sent:
        """Send a message once; addresses that stand on lines of their own become links."""
        facets = link_facets(text)
        message = {"text": text, **({"facets": facets} if facets else {})}
        task = f"send a message as {self.account}"
        answer = self._post("sendMessage", {"convoId": convo_id, "message": message}, task=task, failure=write_failure)
        sent = sent_of(answer)
        if sent is None:
            raise UnknownOutcomeError(f"no clear answer to the attempt to {task}; look there before trying again")
        return sent

    def mark_read(self, convo_id: str, message_id: str) -> None:
        """Show that a message was read."""
        self._change("updateRead", {"convoId": convo_id, "messageId": message_id})

    def holder_of(self, handle: str) -> str | None:
        """Return whose a handle is at this moment, None where the server knows nobody of that name."""
        return self._session.holder_of(handle)

    def close(self) -> None:
        """Let go of connections."""
        self._close_proxied()
        super().close()

    def _convo(self, answer: dict[str, Any]) -> Convo:
        convo = convo_of(answer.get("convo"), own_did=self._session.current().did)
        if convo is None:
            raise TransientError(f"cannot read a conversation of {self.account}: the answer is none; try again later")
        return convo

    def _read(self, name: str, params: Any, *, person: str = "") -> dict[str, Any]:
        task = f"read the messages of {self.account}"

        def ask(client: Client) -> Any:
            return client.invoke_query(f"{_CONVO}.{name}", params=params, output_encoding="application/json").content

        return _object(self._call(ask, task=task, failure=read_failure, person=person), task=task)

    def _change(self, name: str, data: dict[str, object]) -> None:
        """Call a procedure that may be repeated at any time."""
        self._post(name, data, task=f"work in the messages of {self.account}", failure=read_failure)

    def _post(self, name: str, data: dict[str, object], *, task: str, failure: Callable[..., PicksError]) -> Any:
        body = json.dumps(data, ensure_ascii=False).encode()

        def ask(client: Client) -> Any:
            return client.invoke_procedure(
                f"{_CONVO}.{name}", content=body, input_encoding="application/json", output_encoding="application/json"
            ).content

        return self._call(ask, task=task, failure=failure)

    def _call(
        self, ask: Callable[[Client], _Answer], *, task: str, failure: Callable[..., PicksError], person: str = ""
    ) -> _Answer:
        """Ask, once more with a new session where the present one is refused, and word what goes wrong."""
        try:
            try:
                return ask(self._through_proxy(self._session.client()))
            except SDK_FAILURES as error:
                if not token_refused(error):
                    raise
            return self._ask_anew(ask, task)
        except SDK_FAILURES as error:
            raise _named_failure(error, task=task, person=person) or _failure(
                failure(error, task=task), error
            ) from error

    def _through_proxy(self, client: Client) -> Client:
        """Return the client that asks the account's server to pass requests on to the chat service.

        Made once for each session: the SDK's copy costs more than a request.
        """
        if self._proxied is None or self._proxied[0] is not client:
            self._close_proxied()
            self._proxied = (client, client.with_bsky_chat_proxy())
        return self._proxied[1]

    def _close_proxied(self) -> None:
        if self._proxied is not None:
            self._proxied[1].request.close()
        self._proxied = None

    def _ask_anew(self, ask: Callable[[Client], _Answer], task: str) -> _Answer:
        try:
            return ask(self._through_proxy(self._session.renew()))
        except SDK_FAILURES as error:
            if error_name(error) not in _NO_PERMISSION:
                raise
            raise NoPermissionError(
                f"cannot {task}: its app password does not allow direct messages ({reason_of(error)}); make one with "
                "“Allow access to your direct messages” in the account's settings, and set BLUESKY_APP_PASSWORD"
            ) from error


def _named_failure(error: BaseException, *, task: str, person: str) -> PicksError | None:
    """Return what a refusal means that the service has a name for."""
    name = error_name(error) or ""
    if name in _UNWRITABLE:
        kind, words = _UNWRITABLE[name]
        return UnwritableError(f"cannot {task}: {person or 'the other side'} {words} ({name})", kind)
    if name in _GONE or _GONE_WORDS in reason_of(error).lower():
        return NoConvoError(f"cannot {task}: the conversation is not there any more ({reason_of(error)})")
    return None


def _failure(found: PicksError, error: BaseException) -> PicksError:
    """Return what a failure means; a rate limit is told from other troubles that pass."""
    if isinstance(error, RateLimitExceededError) and isinstance(found, TransientError):
        return RateLimitedError(str(found), retry_after=found.retry_after)
    return found


def _object(answer: object, *, task: str) -> dict[str, Any]:
    if isinstance(answer, dict):
        return answer
    raise TransientError(f"cannot {task}: the answer is not what the chat service says; it can be tried again later")


def _cursor(answer: dict[str, Any], before: str) -> str:
    cursor = answer.get("cursor")
    if isinstance(cursor, str) and cursor:
        return cursor
    if not before:
        raise TransientError("cannot read the messages: the chat service says not where its log ends; try again later")
    return before
