"""What is special to X: posts cost money, replies and repetitions are refused, a person may have to say what is out.

Quick to import: what composes is loaded when something is composed.
"""

import re
import unicodedata
from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from bot.domain.channel_sections import WhenReplyRefused
from bot.domain.channels import Channel
from bot.domain.people import Mention
from bot.domain.post_limits import PostLimits
from bot.domain.posts import Post, Thread
from bot.platforms.broken_words import broken_words
from bot.platforms.traits import (
    Alteration,
    Mentioning,
    NamedByAddress,
    PostAddress,
    Prices,
    SinglePost,
    Traits,
    Words,
)
from bot.platforms.x.prices import X_DELETE, x_price
from bot.threads.draft import Draft

_STATUS: Final = re.compile(
    r"https?://(?P<host>[a-z0-9.-]+)/(?:i/web|[^/?#\s]+)/status(?:es)?/(?P<id>\d{1,20})(?:[/?#]\S*)?", re.IGNORECASE
)
"""The address of a post, on X or on a web site that shows X's posts at the same paths."""

_OF_X: Final = re.compile(r"(?:[a-z]+\.)?(?:x|twitter)\.com", re.IGNORECASE)
_ALIKE: Final = re.compile(
    r"(?:[a-z0-9-]+\.)*(?:fixupx|fixvx|fxtwitter|nitter|vxtwitter|xcancel)\.[a-z]+", re.IGNORECASE
)
"""Web sites that show X's posts."""

_ENCODED: Final = re.compile("%|xn--")


def _compose(draft: Draft, channel: Channel) -> Thread:
    from bot.platforms.x.thread import compose_for_x

    return compose_for_x(draft, style=channel.thread, rules=channel.x, all_picks=channel.archive.url)


def _compose_mentioning(draft: Draft, channel: Channel, people: Sequence[Mention]) -> Thread:
    from bot.platforms.mentions import mention_by_handle
    from bot.platforms.x.mentions import WRITING

    return mention_by_handle(_compose, draft, channel, people, writing=WRITING)


def _mentions(post: Post) -> list[str]:
    """Return the handles in a post: strangers' are broken, so those that are left were approved as mentions."""
    if "@" not in post.text:
        return []
    from bot.platforms.x.tags import find_mentions

    return [span.text for span in find_mentions(post.text)]


def _reply(words: str, channel: Channel, _: PostLimits | None) -> tuple[Post, ...]:
    from bot.platforms.x.replies import reply_on_x

    return reply_on_x(words, style=channel.thread)


def _price(post: Post) -> Decimal:
    return x_price([post.text])


def _budget(channel: Channel) -> Decimal:
    return channel.x.monthly_budget_usd


def _at_once(channel: Channel) -> bool:
    return channel.x.when_reply_refused is WhenReplyRefused.SINGLE


def _read_address(url: str) -> PostAddress | None:
    match = _STATUS.fullmatch(url)
    if match is None or not _OF_X.fullmatch(match["host"]):
        return None
    return PostAddress(match["id"], f"https://x.com/i/status/{match['id']}")


def _has_post(url: str) -> bool:
    match = _STATUS.fullmatch(url)
    return match is not None and any(site.fullmatch(match["host"]) for site in (_OF_X, _ALIKE))


def _same_words(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def _altered(text: str, words: Words) -> list[Alteration]:
    """Return what X gets otherwise: words that ``text.unlink`` has broken, and addresses that it would cut."""
    broken = list(broken_words(text, signs=".@＠$#＃"))
    return broken + (_spelled_otherwise(text, words) if _ENCODED.search(text) else [])


def _spelled_otherwise(text: str, words: Words) -> list[Alteration]:
    from bot.platforms.x.links import linked_whole
    from bot.threads.addresses import find_links

    addresses = (*words.links, *(found.url for found in find_links(words.note)))
    spelled = {linked_whole(address): address for address in addresses}
    why = "encoded, so that X links the whole of it"
    return [
        Alteration(start=text.index(form), end=text.index(form) + len(form), was=address, why=why)
        for form, address in spelled.items()
        if form != address and form in text
    ]


TRAITS: Final = Traits(
    marks_language=False,
    compose=_compose,
    idempotent=False,
    prices=Prices(_price, X_DELETE, _budget),
    single_post=SinglePost(_at_once),
    has_post=_has_post,
    same_words=_same_words,
    altered=_altered,
    mentioning=Mentioning(compose=_compose_mentioning),
    mentions=_mentions,
    reply=_reply,
    named_by_address=NamedByAddress(_read_address, name="X", example="https://x.com/NAME/status/123"),
)
