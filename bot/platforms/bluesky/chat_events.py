"""What the chat service tells, read with care: one odd event must not hide the others.

Lexicons: https://github.com/bluesky-social/atproto/tree/main/lexicons/chat/bsky/convo. This module reads plain JSON and
not the SDK's models, which refuse a whole page for one field that they do not expect.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from bot.platforms.direct_messages import Convo, Event, EventKind, Sent

_PREFIX: Final = "chat.bsky.convo.defs#"
_KINDS: Final = {
    f"{_PREFIX}logCreateMessage": EventKind.MESSAGE,
    f"{_PREFIX}logAddReaction": EventKind.REACTION,
    f"{_PREFIX}logRemoveReaction": EventKind.REACTION_REMOVED,
}
_MESSAGE: Final = f"{_PREFIX}messageView"
_GROUP: Final = f"{_PREFIX}groupConvo"
_DIRECT_MEMBERS: Final = 2


def event_of(data: object) -> Event | None:
    """Return an event, None where it has not even a place in the order."""
    rev = _word(data, "rev")
    if not rev:
        return None
    kind = _KINDS.get(_word(data, "$type"), EventKind.OTHER)
    message = _part(data, "message")
    if kind is EventKind.OTHER or message.get("$type") != _MESSAGE:
        return Event(rev, EventKind.OTHER, _word(data, "convoId"))  # also what was written and deleted before we came
    if kind is EventKind.MESSAGE:
        return _written(rev, _word(data, "convoId"), message)
    reaction = _part(data, "reaction")
    return Event(
        rev,
        kind,
        _word(data, "convoId"),
        sender=_word(_part(reaction, "sender"), "did"),
        message_id=_word(message, "id"),
        emoji=_word(reaction, "value"),
    )


def _written(rev: str, convo_id: str, message: Mapping[str, Any]) -> Event:
    return Event(
        rev,
        EventKind.MESSAGE,
        convo_id,
        sender=_word(_part(message, "sender"), "did"),
        message_id=_word(message, "id"),
        text=_word(message, "text"),
        reply_to=_word(_part(message, "replyTo"), "id") or None,
        has_embed=bool(message.get("embed")),
    )


def convo_of(data: object, *, own_did: str) -> Convo | None:
    """Return a conversation as a member sees it, None where the answer is none."""
    members = [_word(member, "did") for member in _list(data, "members")]
    if not _word(data, "id"):
        return None
    kind = _word(_part(data, "kind"), "$type")
    is_group = kind == _GROUP or len(members) > _DIRECT_MEMBERS
    others = tuple(did for did in members if did and did != own_did)
    return Convo(_word(data, "id"), others, is_group, _word(data, "status") != "request")


def sent_messages(items: Iterable[object]) -> list[Sent]:
    """Return the messages that are still there."""
    return [sent for sent in map(sent_of, items) if sent]


def sent_of(data: object) -> Sent | None:
    """Return a message, None where it is deleted or of another kind; sendMessage's answer has no ``$type``."""
    if _word(data, "$type") not in {"", _MESSAGE} or not _word(data, "id"):
        return None
    return Sent(_word(data, "id"), _word(_part(data, "sender"), "did"), _word(data, "text"), _moment(data))


def _moment(data: object) -> datetime:
    try:
        moment = datetime.fromisoformat(_word(data, "sentAt"))
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _word(data: object, name: str) -> str:
    value = data.get(name) if isinstance(data, Mapping) else None
    return value if isinstance(value, str) else ""


def _part(data: object, name: str) -> Mapping[str, Any]:
    value = data.get(name) if isinstance(data, Mapping) else None
    return value if isinstance(value, Mapping) else {}


def _list(data: object, name: str) -> list[object]:
    value = data.get(name) if isinstance(data, Mapping) else None
    return value if isinstance(value, list) else []
