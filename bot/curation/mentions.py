"""Whom the thread of a pick mentions: people of the channel's choice among the authors, and nobody else.

A mention is made where the channel wants mentions, the file of people has the author, and the platform knows the handle
at this moment. Whatever is left out is said in a remark, which a preview shows and an approval keeps. The title, the
abstract and the note play no part.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.curation.context import Context
from bot.domain.config_files import PEOPLE_FILE
from bot.domain.errors import PicksError
from bot.domain.known_authors import Acquainted, KnownAuthor, known_authors
from bot.domain.people import Mention
from bot.domain.posts import Platform
from bot.platforms.registry import TRAITS
from bot.threads.draft import Draft


@dataclass(frozen=True, slots=True)
class Mentioned:
    """Who is to be mentioned on a platform, and what the curator should know about those who are not."""

    people: tuple[Mention, ...]
    remarks: tuple[str, ...]


def mentions_of(context: Context, draft: Draft) -> dict[Platform, Mentioned]:
    """Return whom the draft's threads are to mention, asking the network whose the handles are; empty where nobody."""
    if not context.channel.thread.mentions:
        return {}
    found = known_authors(draft.authors, context.acquaintances.listed())
    if not (found.known or found.doubtful):
        return {}
    resolved = _resolved(context, found.known)
    return {
        platform: _on(platform, found, resolved)
        for platform in context.channel.posting.platforms
        if TRAITS[platform].mentioning
    }


def _resolved(context: Context, known: Sequence[KnownAuthor]) -> dict[str, str | PicksError]:
    """Ask whose the handles are, where one of the channel's platforms mentions by that; or keep why nobody can say."""
    found: dict[str, str | PicksError] = {}
    for platform in context.channel.posting.platforms:
        mentioning = TRAITS[platform].mentioning
        for item in known if mentioning and mentioning.by_id else ():
            handle = item.person.handles.get(platform)
            if handle is not None and handle not in found:
                found[handle] = _asked(context, handle)
    return found


def _asked(context: Context, handle: str) -> str | PicksError:
    try:
        return context.acquaintances.resolve(handle)
    except PicksError as error:
        return error


def _on(platform: Platform, found: Acquainted, resolved: Mapping[str, str | PicksError]) -> Mentioned:
    people: list[Mention] = []
    remarks: list[str] = []
    for item in found.known:
        handle = item.person.handles.get(platform)
        account = resolved.get(handle) if handle else None
        if isinstance(account, PicksError):
            remarks.append(f"Does not mention {item.author}: @{handle} of {PEOPLE_FILE} does not resolve, {account}.")
        elif handle is not None:
            people.append(Mention(item.author, handle, account))
    remarks += [
        f"Does not mention {item.author}, who may be {' or '.join(item.people)} of {PEOPLE_FILE}: {item.why}."
        for item in found.doubtful
    ]
    return Mentioned(tuple(people), tuple(remarks))
