"""The same words twice on one account, where the platform refuses the second post of them.

Reads only: it tells the curator, who can change the words. Whether a post from long ago still counts only the platform
knows, so nothing is forbidden here.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from sqlmodel import Session, and_, col, or_, select

from bot.curation.context import Context
from bot.curation.occupancy import channels_on
from bot.domain.posts import Platform, Thread
from bot.domain.states import DeliveryState
from bot.platforms.registry import TRAITS
from bot.store.accounts import identity_of
from bot.store.deliveries import is_up
from bot.store.tables import Candidate, Delivery, FrozenPost, Pick
from bot.threads.measure import grapheme_length
from bot.threads.plain import cut, one_line

_MAY_STILL_GO_OUT: Final = (
    DeliveryState.PLANNED,
    DeliveryState.SENDING,
    DeliveryState.UNKNOWN,
    DeliveryState.REFUSED,
)
_QUOTED_AT_MOST: Final = 60


@dataclass(frozen=True, slots=True)
class _Other:
    """A post that was approved or sent on the account for another pick."""

    text: str
    arxiv_id: str
    number: int
    out: bool


def with_repeats(
    session: Session, context: Context, candidate: Candidate | None, threads: Mapping[Platform, Thread]
) -> dict[Platform, Thread]:
    """Return the threads with a remark for each post whose words the platform would refuse as a repetition."""
    return {
        platform: replace(thread, remarks=(*thread.remarks, *_remarks(session, context, candidate, thread)))
        for platform, thread in threads.items()
    }


def _remarks(session: Session, context: Context, candidate: Candidate | None, thread: Thread) -> Iterator[str]:
    key = TRAITS[thread.platform].same_words
    if key is None:
        return
    name = thread.platform.title()
    for text in _twice([post.text for post in thread.posts], key):
        yield f"Two posts of the thread have the same words ({_short(text)}); {name} refuses the second: change them."
    known = {key(other.text): other for other in _others(session, context, candidate, thread.platform)}
    posts = (*thread.posts, *([thread.single] if thread.single else []))
    for text in dict.fromkeys(post.text for post in posts):
        if other := known.get(key(text)):
            which = f"#{other.number} ({other.arxiv_id}), which is {'out' if other.out else 'approved'}"
            yield (
                f"A post has the same words ({_short(text)}) as one of {which} on the same account, "
                f"and {name} refuses the second: change them."
            )


def _twice(texts: Sequence[str], key: Callable[[str], str]) -> list[str]:
    """Return the texts that an earlier one repeats, each once."""
    seen, found = set[str](), dict[str, str]()
    for text in texts:
        if key(text) in seen:
            found.setdefault(key(text), text)
        seen.add(key(text))
    return list(found.values())


def _others(session: Session, context: Context, candidate: Candidate | None, platform: Platform) -> Iterator[_Other]:
    """Yield what is up on the account, and what was approved for it, of other picks; the oldest first."""
    name = context.accounts[platform].name
    account = identity_of(session, platform, name).key if name else None
    out = is_up()
    planned = and_(col(Delivery.state).in_(_MAY_STILL_GO_OUT), col(FrozenPost.single) == col(Delivery.single))
    query = (
        select(col(FrozenPost.content)["text"].as_string(), Candidate.arxiv_id, Candidate.id, out)
        .join(Delivery, col(Delivery.id) == col(FrozenPost.delivery_id))
        .join(Pick, col(Pick.id) == col(Delivery.pick_id))
        .join(Candidate, col(Candidate.id) == col(Pick.candidate_id))
        .where(
            Delivery.platform == platform,
            col(Candidate.channel).in_(channels_on(session, context.channel.name, platform, account)),
            Candidate.id != (candidate.id if candidate else 0),
            or_(out, planned),
        )
        .order_by(col(FrozenPost.id))
    )
    for text, arxiv_id, number, is_out in session.exec(query):
        yield _Other(text, arxiv_id, number, out=bool(is_out))


def _short(text: str) -> str:
    return f"“{cut(one_line(text), lambda words: grapheme_length(words) <= _QUOTED_AT_MOST)}”"
