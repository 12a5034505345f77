"""What curators wrote about a pick, who of them, and whose words another one replaces.

Works on rows of its caller's transaction; it never checks the words and never changes a state.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.curation.context import Context, Edits
from bot.store.tables import Pick


def edit(pick: Pick, edits: Edits) -> set[str]:
    """Take the edits over; return what changed: note, thread, code."""
    before = _words(pick)
    if edits.note is not None:
        pick.note = edits.note
    if edits.thread_url is not None:
        pick.thread_url = edits.thread_url or None
    if edits.code_url is not None:
        pick.code_url = edits.code_url or None
    after = _words(pick)
    return {kind for kind in after if after[kind] != before[kind]}


def write(context: Context, pick: Pick, edits: Edits) -> bool:
    """Take the edits over as the words of whoever edits; say whether anything changed."""
    changed = edit(pick, edits)
    writer = {"by": context.actor.name, "at": context.now.isoformat()}
    pick.writers = {**pick.writers, **dict.fromkeys(changed, writer)}
    return bool(changed)


def writer_of(pick: Pick, kind: str) -> tuple[str, datetime] | None:
    """Return who changed the note or a link last, and when; None where nobody knows."""
    writer = pick.writers.get(kind)
    return (writer["by"], datetime.fromisoformat(writer["at"])) if writer else None


def words_of_others(pick: Pick, *, by: str) -> dict[str, str]:
    """Return who wrote what stands in the pick, apart from one curator."""
    found = {kind: writer_of(pick, kind) for kind, words in _words(pick).items() if words}
    return {kind: writer[0] for kind, writer in found.items() if writer and writer[0] != by}


def _words(pick: Pick) -> dict[str, str | None]:
    return {"note": pick.note, "thread": pick.thread_url, "code": pick.code_url}


@dataclass(frozen=True, slots=True)
class Overwritten:
    """What another curator had written, and is replaced now: ``words`` are the old ones by what they are."""

    by: str
    at: datetime
    words: Mapping[str, str]

    def __str__(self) -> str:
        return "; ".join(f"{self.by}'s {kind}: {words}" for kind, words in self.words.items())


def overwritten(pick: Pick, edits: Edits, *, by: str) -> tuple[Overwritten, ...]:
    """Return what of other people's words the edits would replace, one for each of them."""
    new = {"note": edits.note, "thread": edits.thread_url, "code": edits.code_url}
    lost: dict[tuple[str, datetime], dict[str, str]] = {}
    for kind, old in _words(pick).items():
        writer = writer_of(pick, kind)
        if old and new[kind] not in {None, old} and writer and writer[0] != by:
            lost.setdefault(writer, {})[kind] = old
    return tuple(Overwritten(name, at, words) for (name, at), words in lost.items())
