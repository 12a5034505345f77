"""The account behind the stand-in for Mastodon: which posts it made, which are up, and how the server shows them.

It keeps the truth and the server's rules about posts (length, whom to answer, keys of requests); it knows no HTTP.
Lengths are counted by rules of its own, written from the server's validator and not taken from the program.
"""

import html
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import regex

NUMBER: Final = "109000000000000001"
STRANGER: Final = "109000000000000077"
NAME: Final = "example_picks"
_KEY_HOLDS: Final = timedelta(hours=1)
_URL: Final = re.compile(
    r"(?<![A-Za-z0-9@#$＠＃/])https?://(?:[a-z0-9-]+\.)+[a-z]{2,}(?::\d+)?(?:[/?#][^\s<>]*[^\s<>.,;:!?)\]'\"])?",
    re.IGNORECASE,
)
_REMOTE: Final = re.compile(r"(?<![=/\w])@(\w+)@[\w.-]+\w")
_MARKED: Final = re.compile(
    rf"(?P<url>{_URL.pattern})|(?<![=/\w])@(?P<name>\w+)(?:@[\w.-]+\w)?|(?<![/)a-z0-9])#(?P<tag>\w*[^\W\d_]\w*)",
    re.IGNORECASE,
)


class RefusedError(Exception):
    """The server does not do it; the words are its own."""

    def __init__(self, status: int, error: str) -> None:
        super().__init__(status, error)
        self.status = status
        self.error = error


@dataclass(frozen=True)
class Accepted:
    """One post that the account made: the words as they were sent."""

    id: str
    text: str
    in_reply_to: str | None
    visibility: str
    language: str
    key: str
    created_at: datetime
    spoiler_text: str = ""

    @property
    def mentions(self) -> list[str]:
        """Return whom the server would tell of it."""
        return [found["name"] for found in _MARKED.finditer(self.text) if found["name"]]


def utc_now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


def count(text: str, spoiler_text: str, *, per_url: int) -> int:
    """Count as app/validators/status_length_validator.rb does: content warning and text together, in graphemes."""
    shortened = _REMOTE.sub(r"@\1", _URL.sub("x" * per_url, text))
    return len(regex.findall(r"\X", spoiler_text + shortened))


class Account:
    """One account and its posts; ``strangers`` are posts of somebody else.

    ``fails_at_repeat`` plays the servers that answer the repeat of a request with an error.
    """

    def __init__(
        self, *, clock: Callable[[], datetime], url: str, number: str = NUMBER, characters: int = 500, per_url: int = 23
    ) -> None:
        self.id = number
        self.name = NAME
        self.characters = characters
        self.per_url = per_url
        self.accepted: list[Accepted] = []
        self.strangers: list[Accepted] = []
        self.fails_at_repeat = False
        self.shows_other_words = False
        self.profile: dict[str, object] = {"display_name": "Example", "note": "", "bot": False}
        self._url = url
        self._clock = clock
        self._deleted: set[str] = set()

    @property
    def live(self) -> list[Accepted]:
        """Return the posts that are up, oldest first."""
        return [post for post in self.accepted if post.id not in self._deleted]

    def find(self, post_id: str) -> Accepted:
        """Return a post that is up, ours or a stranger's."""
        for post in (*self.live, *self.strangers):
            if post.id == post_id:
                return post
        raise RefusedError(404, "Record not found")

    def post(
        self, text: str, *, parent: str | None, visibility: str, language: str, key: str, spoiler_text: str = ""
    ) -> Accepted:
        """Make a post, or return the one that the same key has made within the hour; refuse as the server would."""
        earlier = [post for post in self.accepted if post.key == key and self._clock() - post.created_at < _KEY_HOLDS]
        if earlier and self.fails_at_repeat:
            raise RefusedError(500, "Internal Server Error")
        if earlier:
            return self.find(earlier[-1].id)
        if not text.strip():
            raise RefusedError(422, "Validation failed: Text can't be blank")
        if count(text, spoiler_text, per_url=self.per_url) > self.characters:
            raise RefusedError(422, f"Validation failed: Text character limit of {self.characters} exceeded")
        if parent is not None and parent not in {post.id for post in (*self.live, *self.strangers)}:
            raise RefusedError(404, "The post you are trying to reply to does not appear to exist.")
        made = Accepted(
            self._next_id(), text.strip(), parent, visibility, language, key, self._clock(), spoiler_text=spoiler_text
        )
        self.accepted.append(made)
        return made

    def delete(self, post_id: str) -> Accepted:
        """Take one of the account's own posts down."""
        for post in self.live:
            if post.id == post_id:
                self._deleted.add(post_id)
                return post
        raise RefusedError(404, "Record not found")

    def shown(self) -> dict[str, object]:
        """Return the account as the server shows it to itself."""
        return {
            "id": self.id,
            "username": self.name,
            "acct": self.name,
            "url": f"{self._url}/@{NAME}",
            **self.profile,
            "note": f"<p>{html.escape(str(self.profile['note']))}</p>",
            "source": {"note": self.profile["note"]},
        }

    def as_status(self, post: Accepted) -> dict[str, object]:
        """Return one post as the server shows it."""
        owner = STRANGER if post in self.strangers else self.id
        return {
            "id": post.id,
            "created_at": post.created_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z",
            "in_reply_to_id": post.in_reply_to,
            "in_reply_to_account_id": self.id if post.in_reply_to else None,
            "sensitive": bool(post.spoiler_text),
            "spoiler_text": post.spoiler_text,
            "visibility": post.visibility,
            "language": post.language,
            "uri": f"{self._url}/users/{NAME}/statuses/{post.id}",
            "url": f"{self._url}/@{NAME}/{post.id}",
            "content": "<p>…</p>" if self.shows_other_words else as_html(post.text, self._url),
            "reblog": None,
            "account": {"id": owner, "username": NAME, "acct": NAME, "url": f"{self._url}/@{NAME}"},
            "media_attachments": [],
            "mentions": [],
            "tags": [],
            "emojis": [],
        }

    def _next_id(self) -> str:
        stamp = int(self._clock().timestamp() * 1000) << 16
        last = int(self.accepted[-1].id) if self.accepted else 0
        return str(max(stamp, last + 1))


def as_html(text: str, server: str) -> str:
    """Return a text as lib/text_formatter.rb makes HTML of it."""
    parts, end = [], 0
    names = Counter(found["name"] for found in _MARKED.finditer(text))
    for found in _MARKED.finditer(text):
        shown = found[0].removeprefix("@") if names[found["name"]] > 1 else found["name"]
        parts += [html.escape(text[end : found.start()], quote=False), _marked(found, server, name=shown)]
        end = found.end()
    marked = "".join(parts) + html.escape(text[end:], quote=False)
    paragraphs = re.split(r"\n{2,}", marked)
    return "".join("<p>" + paragraph.replace("\n", "<br />") + "</p>" for paragraph in paragraphs)


def _marked(found: re.Match[str], server: str, *, name: str | None) -> str:
    if found["url"]:
        url = html.escape(found["url"])
        scheme, _, rest = url.partition("://")
        head, tail = rest[:30], rest[30:]
        shown = f'<span class="invisible">{scheme}://</span><span class="ellipsis">{head}</span>'
        return (
            f'<a href="{url}" target="_blank" rel="nofollow noopener">{shown}<span class="invisible">{tail}</span></a>'
        )
    if found["name"]:
        link = f'<a href="{server}/@{found["name"]}" class="u-url mention">@<span>{name}</span></a>'
        return f'<span class="h-card" translate="no">{link}</span>'
    tag = found["tag"]
    return f'<a href="{server}/tags/{tag.lower()}" class="mention hashtag" rel="tag">#<span>{tag}</span></a>'
