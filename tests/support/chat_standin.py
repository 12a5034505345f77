"""A stand-in for Bluesky's chat service, which is closed: conversations in memory, with its rules and its troubles.

``ChatService.call`` answers a method for an account as the service does, and raises ``RefusalError``; who speaks is for
the caller to prove. Rules and names are those of the lexicons in ``chat/bsky``
(https://github.com/bluesky-social/atproto/tree/main/lexicons/chat/bsky): the log is read from a cursor and repeats its
last event, pages are short, messages have a length, reactions are single emoji, an event names people as they are
called when it is read.
"""

import itertools
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any, Final

import regex

DEFS: Final = "chat.bsky.convo.defs"
SERVICE: Final = "did:web:api.bsky.chat#bsky_chat"
_GRAPHEME: Final = regex.compile(r"\X")
_PAGE: Final = 5
_MOST_GRAPHEMES: Final = 1_000
_MOST_BYTES: Final = 10_000
_MOST_REACTIONS: Final = 5

Json = dict[str, Any]


@dataclass
class RefusalError(Exception):
    """What the service answers instead."""

    error: str
    message: str = ""
    status: HTTPStatus = HTTPStatus.BAD_REQUEST
    headers: Mapping[str, str] = field(default_factory=dict)


class LostAnswer(Exception):  # noqa: N818  # an event on the wire, not a mistake
    """The request was carried out, and the connection breaks before its answer."""


@dataclass
class Said:
    """A message; ``reactions`` are pairs of account and emoji."""

    id: str
    sender: str
    text: str
    at: datetime
    reply_to: str | None = None
    embed: Json | None = None
    facets: list[Json] = field(default_factory=list)
    reactions: list[tuple[str, str]] = field(default_factory=list)
    deleted: bool = False


@dataclass
class Room:
    """A conversation of two, or a group."""

    id: str
    members: tuple[str, ...]
    is_group: bool = False
    said: list[Said] = field(default_factory=list)
    accepted: set[str] = field(default_factory=set)
    read: dict[str, str] = field(default_factory=dict)


class ChatService:
    """All conversations, and what tests do in them beside the account under test."""

    def __init__(self, *, name_of: Callable[[str], str] = lambda did: "handle.invalid") -> None:
        self.calls: list[str] = []
        self.incoming: dict[str, str] = {}
        self.follows: set[tuple[str, str]] = set()
        self.now: Callable[[], datetime] = lambda: datetime.now(UTC)
        self.lock = threading.RLock()
        self._name_of = name_of
        self._rooms: dict[str, Room] = {}
        self._log: list[tuple[frozenset[str], str, Callable[[], Json]]] = []
        self._revs = (f"3l{number:011d}" for number in itertools.count(1))
        self._last_rev = next(self._revs)
        self._lost: list[str] = []
        self._unheard: list[str] = []
        self._refusals: dict[str, list[RefusalError]] = {}

    # What a test arranges.

    def allow(self, did: str, incoming: str) -> None:
        """Say from whom an account takes messages: all, following or none."""
        self.incoming[did] = incoming

    def lose_answer_of(self, method: str) -> None:
        """Carry the next call of a method out, and lose its answer."""
        self._lost.append(method)

    def lose_request_of(self, method: str) -> None:
        """Lose the next call of a method before anything is done, so that it looks like a lost answer."""
        self._unheard.append(method)

    def refuse(self, method: str, refusal: RefusalError) -> None:
        """Answer the next call of a method with a refusal."""
        self._refusals.setdefault(method, []).append(refusal)

    def limit(self, method: str, *, seconds: int) -> None:
        """Answer the next call with 429, to be over in so many seconds."""
        reset = int((datetime.now(UTC) + timedelta(seconds=seconds)).timestamp())
        headers = {
            "ratelimit-limit": "1",
            "ratelimit-remaining": "0",
            "ratelimit-reset": str(reset),
            "retry-after": str(seconds),  # of these the one that a server passes on
        }
        self.refuse(method, RefusalError("RateLimitExceeded", "slow down", HTTPStatus.TOO_MANY_REQUESTS, headers))

    def make_group(self, *members: str) -> str:
        """Make a group and return its id."""
        room = Room(f"group-{len(self._rooms)}", tuple(members), is_group=True, accepted=set(members))
        self._rooms[room.id] = room
        self._note("logBeginConvo", room, dict)
        return room.id

    def write(self, sender: str, to: str, text: str, *, reply_to: str | None = None, embed: Json | None = None) -> str:
        """Write as a person, to another account or into a conversation, and return the message's id."""
        room = self._rooms.get(to) or self._room_of(sender, to)
        body: Json = {"text": text}
        if reply_to:
            body["replyTo"] = {"messageId": reply_to}
        if embed:
            body["embed"] = embed
        return str(self._send(sender, room, body)["id"])

    def react(self, sender: str, message_id: str, emoji: str) -> None:
        """React as a person."""
        room, said = self._find(message_id)
        self._react(sender, {"convoId": room.id, "messageId": said.id, "value": emoji}, added=True)

    def take_away(self, sender: str, message_id: str, emoji: str) -> None:
        """Take a reaction away as a person."""
        room, said = self._find(message_id)
        self._react(sender, {"convoId": room.id, "messageId": said.id, "value": emoji}, added=False)

    def delete(self, message_id: str) -> None:
        """Delete a message for everybody."""
        room, said = self._find(message_id)
        said.deleted = True
        self._note("logDeleteMessage", room, lambda: {"message": self._message(said)})

    def note_unknown(self, *members: str) -> None:
        """Let something happen that the program cannot know."""
        self._note("logSomethingNew", self._room_of(*members), lambda: {"surprise": [1, {"text": "approve 1"}]})

    def note_odd(self, *members: str, data: Json) -> None:
        """Let an event come that is not as the lexicon says."""
        self._note("logCreateMessage", self._room_of(*members), lambda: data)

    def repeat(self, message_id: str) -> None:
        """Deliver what was written once more, under a new place in the order."""
        room, said = self._find(message_id)
        self._note("logCreateMessage", room, lambda: {"message": self._message(said)})

    def move(self, message_id: str) -> None:
        """Deliver what was written last in another place of the order, and no more where it was."""
        self._log.pop()
        self.repeat(message_id)

    def said_by(self, sender: str, to: str) -> list[Said]:
        """Return what one has written to another, the oldest first."""
        return [said for said in self._room_of(sender, to).said if said.sender == sender and not said.deleted]

    def room_of(self, *members: str) -> Room:
        """Return the conversation of two."""
        return self._room_of(*members)

    # What the service answers.

    def call(self, me: str, method: str, params: Mapping[str, str], body: Json) -> Json:
        """Answer a method; ``params`` are those of the address, of ``members`` separated by commas."""
        with self.lock:
            self.calls.append(method)
            if planned := self._refusals.get(method):
                raise planned.pop(0)
            if method in self._unheard:
                self._unheard.remove(method)
                raise LostAnswer
            answer = self._answer(me, method, params, body)
            if method in self._lost:
                self._lost.remove(method)
                raise LostAnswer
            return answer

    def _answer(self, me: str, method: str, params: Mapping[str, str], body: Json) -> Json:
        answers: dict[str, Callable[[], Json]] = {
            "getLog": lambda: self._read_log(me, params.get("cursor")),
            "getConvo": lambda: {"convo": self._view(self._own(me, params["convoId"]), me)},
            "getConvoForMembers": lambda: {"convo": self._view(self._meet(me, params["members"].split(",")), me)},
            "getMessages": lambda: self._messages(self._own(me, params["convoId"]), params),
            "sendMessage": lambda: self._send(me, self._own(me, body["convoId"]), body["message"]),
            "acceptConvo": lambda: self._accept(me, self._own(me, body["convoId"])),
            "updateRead": lambda: self._mark_read(me, self._own(me, body["convoId"]), body.get("messageId", "")),
        }
        if method not in answers:
            raise RefusalError("MethodNotImplemented", method, HTTPStatus.NOT_IMPLEMENTED)
        return answers[method]()

    def _accept(self, me: str, room: Room) -> Json:
        if me in room.accepted:
            return {}
        room.accepted.add(me)
        return {"rev": self._rev()}

    def _mark_read(self, me: str, room: Room, message_id: str) -> Json:
        room.read[me] = message_id
        return {"convo": self._view(room, me)}

    def _read_log(self, me: str, cursor: str | None) -> Json:
        """Answer nothing but "now" without a cursor; with one, a page that may begin with the event at the cursor."""
        if cursor is None:
            return {"logs": [], "cursor": self._last_rev}
        if not regex.fullmatch(r"3l\d{11}", cursor):
            raise RefusalError("InvalidRequest", "Invalid cursor")
        after = [(rev, make) for members, rev, make in self._log if me in members and rev >= cursor]
        fresh = [item for item in after if item[0] > cursor]
        page = after[: _PAGE + 1] if fresh else after[-1:]
        return {"logs": [make() for _, make in page], "cursor": page[-1][0] if page else cursor}

    def _meet(self, me: str, others: Sequence[str]) -> Room:
        [other] = others
        known = self._rooms.get(_direct_id(me, other))
        if known is not None and other in known.accepted:
            return known
        match self.incoming.get(other, "following"):
            case "none":
                raise RefusalError("MessagesDisabled", "recipient has disabled incoming messages")
            case "following" if (other, me) not in self.follows:
                raise RefusalError(
                    "NotFollowedBySender", "recipient requires incoming messages to come from someone they follow"
                )
        return self._room_of(me, other)

    def _room_of(self, *members: str) -> Room:
        name = _direct_id(*members)
        if name not in self._rooms:
            self._rooms[name] = Room(name, tuple(sorted(members)), accepted={members[0]})
            self._note("logBeginConvo", self._rooms[name], dict)
        return self._rooms[name]

    def _own(self, me: str, convo_id: str) -> Room:
        room = self._rooms.get(convo_id)
        if room is None or me not in room.members:
            raise RefusalError("InvalidConvo", "Could not find convo")
        return room

    def _send(self, me: str, room: Room, message: Json) -> Json:
        text = message["text"]
        if len(_GRAPHEME.findall(text)) > _MOST_GRAPHEMES or len(text.encode()) > _MOST_BYTES:
            raise RefusalError("InvalidRequest", "message too long")
        if not text.strip() and not message.get("embed"):
            raise RefusalError("InvalidRequest", "message must have text or an embed")
        _require_facets(text, message.get("facets") or [])
        reply_to = (message.get("replyTo") or {}).get("messageId")
        if reply_to and reply_to not in {said.id for said in room.said}:
            raise RefusalError("InvalidRequest", "the message replied to is not in the conversation")
        said = Said(
            self._rev(), me, text, self.now(), reply_to, message.get("embed"), list(message.get("facets") or [])
        )
        room.said.append(said)
        room.accepted.add(me)
        self._note("logCreateMessage", room, lambda: {"message": self._message(said)})
        return {key: value for key, value in self._message(said).items() if key != "$type"}

    def _react(self, me: str, body: Json, *, added: bool) -> None:
        room = self._own(me, body["convoId"])
        said = next(item for item in room.said if item.id == body["messageId"])
        emoji = body["value"]
        if len(_GRAPHEME.findall(emoji)) != 1:
            raise RefusalError("ReactionInvalidValue", "one emoji")
        present = (me, emoji) in said.reactions
        if present is added:
            return
        if added and sum(who == me for who, _ in said.reactions) >= _MOST_REACTIONS:
            raise RefusalError("ReactionLimitReached")
        if added:
            said.reactions.append((me, emoji))
        else:
            said.reactions.remove((me, emoji))
        view = {"value": emoji, "sender": {"did": me}, "createdAt": _time(self.now())}
        kind = "logAddReaction" if added else "logRemoveReaction"
        self._note(kind, room, lambda: {"message": self._message(said), "reaction": view})

    def _messages(self, room: Room, params: Mapping[str, str]) -> Json:
        items = [said for said in reversed(room.said) if said.id < params.get("cursor", "~")]
        page = items[: min(int(params.get("limit", "50")), _PAGE)]
        more = {"cursor": page[-1].id} if len(items) > len(page) else {}
        return {"messages": [self._message(said) for said in page], **more}

    def _message(self, said: Said, *, nested: bool = False) -> Json:
        head = {"id": said.id, "rev": said.id, "sender": {"did": said.sender}, "sentAt": _time(said.at)}
        if said.deleted:
            return {"$type": f"{DEFS}#deletedMessageView", **head}
        view: Json = {"$type": f"{DEFS}#messageView", **head, "text": said.text}
        if said.embed:
            view["embed"] = said.embed
        if said.facets:
            view["facets"] = said.facets
        if said.reply_to and not nested:
            view["replyTo"] = self._message(self._find(said.reply_to)[1], nested=True)
        return view

    def _view(self, room: Room, me: str) -> Json:
        kind = "groupConvo" if room.is_group else "directConvo"
        return {
            "id": room.id,
            "rev": self._last_rev,
            "members": [{"did": did, "handle": self._name_of(did)} for did in room.members],
            "muted": False,
            "unreadCount": 0,
            "kind": {"$type": f"{DEFS}#{kind}"},
            "status": "accepted" if me in room.accepted else "request",
        }

    def _find(self, message_id: str) -> tuple[Room, Said]:
        found: Iterator[tuple[Room, Said]] = (
            (room, said) for room in self._rooms.values() for said in room.said if said.id == message_id
        )
        return next(found)

    def _note(self, kind: str, room: Room, make: Callable[[], Json]) -> None:
        rev = self._rev()
        head = {"$type": f"{DEFS}#{kind}", "rev": rev, "convoId": room.id}
        self._log.append((frozenset(room.members), rev, lambda: {**head, **make(), **self._profiles(room)}))

    def _profiles(self, room: Room) -> Json:
        return {"relatedProfiles": [{"did": did, "handle": self._name_of(did)} for did in room.members]}

    def _rev(self) -> str:
        self._last_rev = next(self._revs)
        return self._last_rev


def _direct_id(*members: str) -> str:
    return "convo-" + "-".join(sorted(members))


def _require_facets(text: str, facets: Sequence[Json]) -> None:
    size = len(text.encode())
    for facet in facets:
        start, end = facet["index"]["byteStart"], facet["index"]["byteEnd"]
        if not 0 <= start < end <= size:
            raise RefusalError("InvalidRequest", "a facet lies beyond the text")


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
