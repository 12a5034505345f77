"""People who are mentioned in the line of authors, on platforms that know a mention by ``@handle`` in the text.

The thread is composed with the handles behind the names, so that they are counted; strangers' text is defused there as
always, and the handles with it. Only those that were asked for are then written out, at their own places. This module
asks nobody: who is who was decided before.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.domain.channels import Channel
from bot.domain.people import Mention
from bot.domain.posts import Post, Thread
from bot.threads.bylines import placed_names, visible_names
from bot.threads.draft import Draft
from bot.threads.plain import one_line

Compose = Callable[[Draft, Channel], Thread]


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """How a platform writes: what it makes of strangers' text, which handles it finds in one, and a post's new text."""

    defused: Callable[[str], str]
    handles_in: Callable[[str], Collection[str]]
    retold: Callable[[Post, str], Post]


def mention_by_handle(
    compose: Compose, draft: Draft, channel: Channel, people: Sequence[Mention], *, writing: Writing
) -> Thread:
    """Compose the thread with the handles of these people behind their names.

    Where the line of authors has no room for them, or not all of it, they are left out and a remark says so.
    """
    plain, shown = compose(draft, channel), channel.thread.authors_shown
    wanted = [item for item in people if item.author in draft.authors[:shown]]
    while wanted:
        handles = {item.author: item.handle for item in wanted}
        named = replace(draft, authors=tuple(_with_handle(author, handles) for author in draft.authors))
        line = _Line(draft.authors, named.authors, handles, shown, writing)
        if (thread := _written_out(compose(named, channel), line, instead=plain.single)) is not None:
            return remarked(thread, people, made=wanted)
        wanted.pop()
    return remarked(plain, people, made=())


def remarked(thread: Thread, people: Sequence[Mention], *, made: Collection[Mention]) -> Thread:
    """Return the thread with a remark for each of these people: mentioned, or why not."""
    lines = [
        f"Mentions {item.author}: @{item.handle}."
        if item in made
        else f"Does not mention {item.author} (@{item.handle}): the line of authors does not show the name, or is full."
        for item in people
    ]
    return replace(thread, remarks=(*thread.remarks, *lines))


@dataclass(frozen=True, slots=True)
class _Line:
    """The line of authors: the names as the paper has them, and ``named`` with handles behind some of them."""

    authors: tuple[str, ...]
    named: tuple[str, ...]
    handles: Mapping[str, str]
    shown: int
    writing: Writing

    def written(self) -> dict[str, str]:
        """Return what stands in the line for each name with a handle, the name defused as always."""
        return {
            one_line(named): f"{self.writing.defused(one_line(author))} (@{self.handles[author]})"
            for author, named in zip(self.authors, self.named, strict=True)
            if author in self.handles
        }


def _with_handle(author: str, handles: Mapping[str, str]) -> str:
    return f"{author} (@{handles[author]})" if author in handles else author


def _written_out(thread: Thread, line: _Line, *, instead: Post | None) -> Thread | None:
    """Return the thread with the mentions made, None where not all of them stand in its first post.

    A single post without room for them is the one of the thread without mentions: ``instead``.
    """
    first = _post(thread.posts[0], line)
    if first is None:
        return None
    single = (_post(thread.single, line) or instead) if thread.single else None
    return replace(thread, posts=(first, *thread.posts[1:]), single=single)


def _post(post: Post, line: _Line) -> Post | None:
    names, written, text = visible_names(line.named), line.written(), post.text
    places = placed_names(text, names, authors_shown=line.shown, written=line.writing.defused)
    for place in reversed(places):
        text = text[: place.start] + written.get(names[place.index], text[place.start : place.end]) + text[place.end :]
    if sorted(line.writing.handles_in(text)) != sorted(f"@{handle}" for handle in line.handles.values()):
        return None
    told = line.writing.retold(post, text)
    return told if told.length <= told.limit else None
