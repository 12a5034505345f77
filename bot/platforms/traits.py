"""What is special to a platform, known without its account and without its library.

The rest of the program asks these facts and never the platform's name: how a thread looks there, what it costs, whether
replies may be refused. A ``Publisher`` is the other half: one account that sends.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Final

from bot.domain.channels import Channel
from bot.domain.people import Mention
from bot.domain.post_limits import PostLimits
from bot.domain.posts import Document, FacetKind, Post, Thread
from bot.threads.draft import Draft

FREE: Final = Decimal(0)


@dataclass(frozen=True, slots=True)
class PostAddress:
    """A post that a person named by its address: its id on the platform, and its public address."""

    remote_id: str
    url: str


@dataclass(frozen=True, slots=True)
class Prices:
    """What a platform charges, in US dollars; ``budget`` is what a channel may spend there in a calendar month."""

    post: Callable[[Post], Decimal]
    delete: Decimal
    budget: Callable[[Channel], Decimal]


@dataclass(frozen=True, slots=True)
class SinglePost:
    """A platform may refuse the replies of a thread; one approved post can then go out in its place.

    ``at_once`` says whether the channel wants that without asking a person.
    """

    at_once: Callable[[Channel], bool]


@dataclass(frozen=True, slots=True)
class NamedByAddress:
    """A platform cannot always tell what is out, and a person may name the post; ``read`` returns None for nonsense."""

    read: Callable[[str], PostAddress | None]
    name: str
    example: str


@dataclass(frozen=True, slots=True)
class Allowance:
    """How often an account may do something there: so many times ``within`` any stretch of time that long."""

    most: int
    within: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Mentioning:
    """A platform on which people can be mentioned.

    ``compose`` makes the same thread as ``Traits.compose`` does, with these people mentioned; a remark says of each
    whether they are. ``by_id`` says that a mention there needs what the platform calls the person for good.
    """

    compose: Callable[[Draft, Channel, Sequence[Mention]], Thread]
    by_id: bool = False


def mentioned_by_facets(post: Post) -> tuple[str, ...]:
    """Return the words of a post that mention somebody, where that takes a mark of their own."""
    text = post.text.encode()
    return tuple(text[item.start : item.end].decode() for item in post.facets if item.kind is FacetKind.MENTION)


@dataclass(frozen=True, slots=True, kw_only=True)
class Alteration:
    """A stretch of a post's text, ``end`` excluded, the words that it ``was``, and why it is written otherwise."""

    start: int
    end: int
    was: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What a curator wrote: the note, and the links that were given."""

    note: str = ""
    links: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """One platform's facts; None where the platform has nothing of the kind.

    ``compose`` makes a thread: the same input always gives the same one, no post is empty or above its limit.
    ``idempotent`` says that the platform refuses to carry out the same request twice, because of the keys in it.
    ``same_words`` returns what two posts have in common where the platform refuses the second one as a repetition.
    ``can_quote`` says whether the post at an address can be embedded below one of ours, ``has_post`` whether an address
    has the form of a post there, in any client. ``shows_picture`` says whether a channel's posts show a picture there.
    ``web_address`` returns the web page of a post that is named in the platform's own way, as ``at://`` does.
    ``altered`` returns the stretches of a post's text that are written otherwise there than in the words of the pick.
    ``mentioning`` is how people are mentioned there, ``mentions`` returns the words of a post that do it.
    ``reply`` makes posts of a curator's words alone, to go below a thread that is out, as long as a server takes them
    where that is known. ``document`` makes what goes out beside a thread there, None where the channel wants none.
    ``deletes`` is how many posts an account may delete. ``limits_are_the_servers`` says that each server has its own
    length of posts, which ``Draft.limits`` brings once it is known. ``marks_language`` says that a post bears its
    language there.
    """

    compose: Callable[[Draft, Channel], Thread]
    idempotent: bool
    prices: Prices | None = None
    single_post: SinglePost | None = None
    named_by_address: NamedByAddress | None = None
    same_words: Callable[[str], str] | None = None
    deletes: Allowance | None = None
    limits_are_the_servers: bool = False
    marks_language: bool = True
    can_quote: Callable[[str], bool] = lambda _: False
    has_post: Callable[[str], bool] = lambda _: False
    shows_picture: Callable[[Channel], bool] = lambda _: False
    web_address: Callable[[str], str | None] = lambda _: None
    altered: Callable[[str, Words], Sequence[Alteration]] = lambda _text, _words: ()
    mentioning: Mentioning | None = None
    mentions: Callable[[Post], Sequence[str]] = mentioned_by_facets
    reply: Callable[[str, Channel, PostLimits | None], tuple[Post, ...]] | None = None
    document: Callable[[Draft, Channel], Document | None] = lambda _draft, _channel: None

    def price(self, posts: Iterable[Post]) -> Decimal:
        """Return what it costs to post these."""
        return sum(map(self.prices.post, posts), FREE) if self.prices else FREE
