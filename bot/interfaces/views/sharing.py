"""What the commands that hand picks on to other programs answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bot.archive.collection_plan import Plan
from bot.archive.collection_pull import Pulled
from bot.archive.collection_push import Pushed
from bot.archive.hub import Collection
from bot.curation.cards import CardFile
from bot.domain.export_formats import Format
from bot.threads.cards.words import HEIGHT, WIDTH


@dataclass(frozen=True, slots=True, kw_only=True)
class CardView:
    """A picture that was written to a file; ``approved`` says whether it is the one that was approved."""

    arxiv_id: str
    file: str
    width: int
    height: int
    bytes: int
    approved: bool
    replaced: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportView:
    """A file of picks."""

    file: str
    format: Format
    picks: int


def card(found: CardFile, file: str) -> CardView:
    """Return what people are told about a picture."""
    return CardView(
        arxiv_id=found.arxiv_id,
        file=file,
        width=WIDTH,
        height=HEIGHT,
        bytes=len(found.content),
        approved=found.approved,
        replaced=found.replaced,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureView:
    """A paper that the Hub does not take, and why."""

    arxiv_id: str
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PushView:
    """What a push did, or would do; ``skipped`` cannot be in a collection, ``index`` comes in with the next push."""

    collection: str
    add: tuple[str, ...]
    update: tuple[str, ...]
    index: tuple[str, ...]
    remove: tuple[str, ...]
    skipped: tuple[str, ...]
    failed: tuple[FailureView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionStatus:
    """How a collection and our picks differ.

    ``ours`` counts the items that we added. ``unknown`` are papers that the Hub has to be told of, ``theirs`` picks
    that are there by another hand, ``retracted`` what is ours and no pick any more, ``strangers`` papers that the
    channel does not know.
    """

    collection: str
    title: str
    items: int
    ours: int
    add: tuple[str, ...]
    update: tuple[str, ...]
    unknown: tuple[str, ...]
    skipped: tuple[str, ...]
    theirs: tuple[str, ...]
    retracted: tuple[str, ...]
    strangers: tuple[str, ...]
    in_step: bool


def would_push(collection: Collection, plan: Plan, *, remove: bool) -> PushView:
    """Return what a push would do."""
    return PushView(
        collection=str(collection.slug),
        add=tuple(item.arxiv_id for item in plan.add),
        update=plan.update,
        index=plan.index,
        remove=plan.retracted if remove else (),
        skipped=plan.skipped,
        failed=(),
    )


def pushed(done: Pushed) -> PushView:
    """Return what a push did."""
    return PushView(
        collection=done.collection,
        add=tuple(done.add),
        update=tuple(done.update),
        index=tuple(done.index),
        remove=tuple(done.remove),
        skipped=tuple(done.skipped),
        failed=tuple(FailureView(arxiv_id=item.arxiv_id, error=item.error) for item in done.failed),
    )


def collection_status(collection: Collection, plan: Plan, *, ours: int, strangers: Sequence[str]) -> CollectionStatus:
    """Return how a collection and our picks differ."""
    return CollectionStatus(
        collection=str(collection.slug),
        title=collection.title,
        items=len(collection.items),
        ours=ours,
        add=tuple(item.arxiv_id for item in plan.add),
        update=plan.update,
        unknown=plan.index,
        skipped=plan.skipped,
        theirs=plan.theirs,
        retracted=plan.retracted,
        strangers=tuple(strangers),
        in_step=plan.is_empty,
    )


def pull_summary(done: Pulled) -> str:
    """Return what people are told of a pull."""
    parts = [f"{done.new:,} new picks", f"{done.known:,} known already"]
    parts += [f"{done.ours:,} of our own"] if done.ours else []
    parts += [f"{done.no_papers:,} items that are no papers"] if done.no_papers else []
    return f"{done.title} ({done.collection}): {', '.join(parts)}"


def push_summary(view: PushView, *, dry: bool) -> str:
    """Return what people are told of a push: a line a kind of change, with the papers."""
    words = _WOULD if dry else _DONE
    lines = [f"{words[name]} {', '.join(found)}" for name in words if (found := getattr(view, name))]
    lines += [f"not taken: {item.arxiv_id}: {item.error}" for item in view.failed]
    lines += [f"left out, the Hub takes no ids of before April 2007: {', '.join(view.skipped)}"] if view.skipped else []
    return "\n".join(lines) or f"{view.collection} is in step"


def status_summary(view: CollectionStatus) -> str:
    """Return what people are told of the differences."""
    lines = [f"{view.title} ({view.collection}): {view.items:,} items, {view.ours:,} of them ours"]
    lines += [f"{words}: {', '.join(found)}" for name, words in _DIFFERENCES.items() if (found := getattr(view, name))]
    return "\n".join([*lines, *(["in step"] if view.in_step else [])])


_WOULD: Final = {
    "add": "would add",
    "update": "would change note or place of",
    "index": "would tell the Hub of",
    "remove": "would take out",
}
_DONE: Final = {
    "add": "added",
    "update": "changed note or place of",
    "index": "told the Hub of, to be added with the next push:",
    "remove": "took out",
}
_DIFFERENCES: Final = {
    "add": "to be added",
    "update": "note or place differs",
    "unknown": "unknown to the Hub yet",
    "skipped": "cannot be there, the Hub takes no ids of before April 2007",
    "theirs": "there by another hand, left alone",
    "retracted": "ours, and retracted since; picks collection push --remove-retracted takes them out",
    "strangers": "not known here; picks collection pull takes them over",
}
