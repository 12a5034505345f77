"""The same verb for several papers: what cannot be done to one of them stops none of the others."""

from collections.abc import Callable, Sequence

from bot.domain.errors import PicksError
from bot.interfaces.commands.registry import Reply


def for_each(papers: str | Sequence[str], act: Callable[[str], Reply]) -> Reply:
    """Do something to each paper that is named, and return one reply: that of the one, or a list of all.

    An ID that cannot be read is wrong usage, and nothing is done then. What fails for one of several papers is a line
    of ``failed``; a database that cannot be used ends the row, because it would fail for the others as well.
    """
    from bot.store.database_errors import DatabaseBusyError, DatabaseError

    wanted = _distinct([papers] if isinstance(papers, str) else papers)
    if len(wanted) == 1:
        return act(wanted[0])
    done: list[Reply] = []
    failed: list[str] = []
    for position, paper in enumerate(wanted):
        try:
            done.append(act(paper))
        except (DatabaseError, DatabaseBusyError) as error:
            failed.append(f"{error}; not done: {' '.join(wanted[position:])}")
            break
        except PicksError as error:
            failed.append(str(error))
    summary = "\n".join(filter(None, (reply.summary for reply in done)))
    besides = "\n".join(dict.fromkeys(reply.besides for reply in done if reply.besides))
    return Reply([reply.data for reply in done], summary, besides=besides, failed="\n".join(failed))


def is_one(papers: str | Sequence[str]) -> bool:
    """Say whether one paper is named, and not several."""
    return isinstance(papers, str) or len(papers) == 1


def _distinct(papers: Sequence[str]) -> list[str]:
    """Return the IDs in their order, each paper once; raise UnreadableIdError where one is no ID."""
    from bot.curation.context import parse_id

    found: dict[str, str] = {}
    for paper in papers:
        found.setdefault(str(parse_id(paper)), paper)
    return list(found.values())
