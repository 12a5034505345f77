"""Whether a post on the account's timeline is the one we meant to send.

X gives no id to a request, so after a lost answer only the words tell. They come back changed: ``& < >`` escaped, every
address replaced by a t.co link. Where X does not say what is behind such a link, the words alone cannot tell. This
module owns that comparison and the form of a timeline; it asks nobody.
Source: https://docs.x.com/x-api/fundamentals/data-dictionary
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import timedelta
from enum import Enum, auto
from typing import Final
from urllib.parse import unquote

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from bot.domain.text import sanitize

CLOCK_MARGIN: Final = timedelta(minutes=10)
"""How far this machine's clock may be ahead of X's before a post of ours looks older than our intention to send it."""

_SHOWN: Final = 100
_SHORT_LINK: Final = re.compile(r"(https?://t\.co/\w+)")
_ANY_ADDRESS: Final = r"\S*\w\.\w\S*"
_ATTACHED: Final = re.compile(r"https?://(?:x|twitter)\.com/[^/]+/status/\d+/(?:photo|video)/\d+")
_ESCAPED: Final = re.compile("&(amp|lt|gt);")
_UNESCAPED: Final[Mapping[str, str]] = {"amp": "&", "lt": "<", "gt": ">"}


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True)


class Draft(_Data):
    """A post that we mean to send: the body of a ``Request`` to X."""

    text: str
    in_reply_to: str | None
    prepared_at: AwareDatetime


class Link(_Data):
    """One address in a post; ``url`` is the t.co link that stands in the text, for a picture or video too."""

    url: str
    expanded_url: str = Field(min_length=1)
    media_key: str | None = None

    @property
    def attached(self) -> bool:
        """Say whether the link stands for media, so that nobody wrote it."""
        return self.media_key is not None or _ATTACHED.fullmatch(self.expanded_url) is not None


class Entities(_Data):
    """The marked stretches of a post, of which only the links matter here; X leaves out what there is none of."""

    urls: tuple[Link, ...] | None = None


class Reference(_Data):
    """Another post that this one answers or quotes."""

    type: str
    id: str


class OwnPost(_Data):
    """One post as X shows it."""

    id: str = Field(pattern=r"^\d{1,20}$")
    text: str
    created_at: AwareDatetime
    author_id: str | None = None
    entities: Entities = Entities()
    referenced_tweets: tuple[Reference, ...] = ()

    @property
    def in_reply_to(self) -> str | None:
        """Return the id of the post that this one answers."""
        return next((other.id for other in self.referenced_tweets if other.type == "replied_to"), None)

    def is_older_than(self, draft: Draft) -> bool:
        """Say whether the post was surely up before the draft was made."""
        return self.created_at < draft.prepared_at - CLOCK_MARGIN


class PageEnd(_Data):
    """Where a page of a timeline ends; no token means that nothing older can be had."""

    result_count: int
    next_token: str | None = None


class Page(_Data):
    """One page of a timeline, newest first; whole, so without errors beside the data."""

    meta: PageEnd
    data: tuple[OwnPost, ...] = ()
    errors: tuple[object, ...] = Field((), max_length=0)


class Likeness(Enum):
    """How a post compares with a draft; ``UNCERTAIN`` is one whose links X does not name, and that is like it else."""

    SAME = auto()
    OTHER = auto()
    UNCERTAIN = auto()


def compare(draft: Draft, post: OwnPost) -> Likeness:
    """Say whether the post has the draft's words and answers the same post; the time is left to the caller."""
    if draft.in_reply_to != post.in_reply_to or _text_pattern(post).fullmatch(_fold(draft.text)) is None:
        return Likeness.OTHER
    return Likeness.UNCERTAIN if _hides_links(post) else Likeness.SAME


def matches(draft: Draft, post: OwnPost) -> bool:
    """Say whether the post surely is the draft."""
    return compare(draft, post) is Likeness.SAME


def has_line(post: OwnPost, line: str) -> bool:
    """Say whether the post begins a thread and has this line among its own."""
    return post.in_reply_to is None and _fold(line) in {_fold(_unescape(part)) for part in post.text.split("\n")}


def in_words(post: OwnPost) -> str:
    """Return what a post says, for a message: on one line, quoted, and not too long."""
    words = _unescape(" ".join(sanitize(post.text).split()))
    return repr(words if len(words) <= _SHOWN else words[: _SHOWN - 1] + "…")


def _hides_links(post: OwnPost) -> bool:
    """Say whether there are links in the post of which X says nothing at all."""
    return post.entities.urls is None and _SHORT_LINK.search(post.text) is not None


def _text_pattern(post: OwnPost) -> re.Pattern[str]:
    """Return a pattern of all texts that X would show like this one."""
    links = {link.url: link for link in post.entities.urls or ()}
    words = _fold(_without_media(post.text, links))
    pieces = _SHORT_LINK.split(words)
    if post.entities.urls is None:  # any address may be behind the links, which stand between the other pieces
        return re.compile(_ANY_ADDRESS.join(re.escape(_unescape(piece)) for piece in pieces[::2]))
    return re.compile("".join(_piece_pattern(piece, links) for piece in pieces))


def _piece_pattern(piece: str, links: Mapping[str, Link]) -> str:
    link = links.get(piece)
    if link is None:
        return re.escape(_unescape(piece))
    forms = {_bare(link.expanded_url), _bare(unquote(link.expanded_url)), _bare(_unescape(link.expanded_url))}
    # The scheme may be X's addition (`cs.CL` is a link to it), the last slash too; hosts come back in lower case.
    return rf"(?i:(?:https?://)?(?:{'|'.join(map(re.escape, sorted(forms)))})/?)"


def _without_media(text: str, links: Mapping[str, Link]) -> str:
    """Drop the links that X itself put at the end of the text."""
    words = text.rstrip()
    while (link := links.get(words.rpartition(" ")[2].rpartition("\n")[2])) and link.attached:
        words = words.removesuffix(link.url).rstrip()
    return words


def _fold(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def _bare(url: str) -> str:
    return re.sub("^https?://", "", url, flags=re.IGNORECASE).removesuffix("/")


def _unescape(text: str) -> str:
    return _ESCAPED.sub(lambda match: _UNESCAPED[match[1]], text)
