"""The form of a thread that begins with its hook: title, authors and the curator's first sentences in one post.

The links stand with the last words. This module owns that form for every platform; what is special to one comes in as
its ``Manner``. It never sends or prices anything.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Final

from bot.domain.channel_sections import ThreadStyle
from bot.threads.arranging import GAP, Arrangement, Frame, arrange, beginning
from bot.threads.draft import Draft
from bot.threads.heading import heading
from bot.threads.links import Link, all_picks_link, choose, links_of, mentioned_links
from bot.threads.measure import Measure
from bot.threads.rich import Mark, Words, joined, marks_within
from bot.threads.splitting import Layout, Stretch

_ROOM_FOR_HEADING: Final = 120
"""What the links leave to title and authors at least where they share the first post."""


class PaperPlace(Enum):
    """Where readers find the paper: on a card, at an address in the first post, or among the other links."""

    CARD = auto()
    FIRST_POST = auto()
    WITH_LINKS = auto()


def _as_they_are(text: str) -> str:
    return text


def _unmarked(_: str) -> tuple[Mark, ...]:
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How a platform counts, what it makes of words, and how links look there.

    ``measure`` counts finished words. ``strangers`` and ``curators`` write a text so that nothing in it is taken for
    what it is not meant as. ``marks`` are those of a curator's text; a platform that has any writes it as it is.
    ``closing`` writes links and hashtags. ``paper`` says where the paper's address stands; ``links_first`` that all
    links and hashtags stand in the first post, ``tags_first`` that the hashtags do. ``mentioned`` says that addresses
    of the note are no links where they stand, so that they are among the others. ``without_links`` says that a thread
    has none, ``quotes`` that the authors' thread can be embedded below the last post.
    """

    measure: Measure
    closing: Callable[[Sequence[Link], Sequence[str]], Words]
    strangers: Callable[[str], str] = _as_they_are
    curators: Callable[[str], str] = _as_they_are
    marks: Callable[[str], Sequence[Mark]] = _unmarked
    paper: PaperPlace = PaperPlace.WITH_LINKS
    links_first: bool = False
    tags_first: bool = False
    mentioned: bool = False
    without_links: bool = False
    quotes: bool = False


@dataclass(frozen=True, slots=True)
class Hook:
    """The words of each post, the links below the last of them, and what had no room.

    ``unquoted`` is the last post with a plain link to the authors' thread, where the thread itself is quoted below it.
    ``remarks`` say to the curator why no sentence of a note stands in the first post. ``title`` is its line.
    """

    posts: tuple[Words, ...]
    links: tuple[Link, ...]
    title: str
    left_out: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    unquoted: Words | None = None


@dataclass(frozen=True, slots=True)
class _Chosen:
    """Links and hashtags, the opening, the note, and what stands below it: in the first post, and in the last."""

    links: tuple[Link, ...]
    tags: tuple[str, ...]
    opening: Words
    first: Words
    last: Words
    arrangement: Arrangement


def compose_hook(draft: Draft, *, style: ThreadStyle, manner: Manner, all_picks: str | None = None) -> Hook:
    """Lay out the thread of a pick.

    1. Take the links that fit into one post (``choose``).
    2. Try all names of the authors, then the first alone where that spares a post or brings words into the first one.
    3. Leave hashtags out that would cost a post, or the note its place in the first one.
    4. Add the address of all picks (``all_picks``) where that costs neither post nor place.
    """
    return _Composing(draft, style, manner, all_picks).hook()


def single_post(draft: Draft, *, style: ThreadStyle, manner: Manner) -> Hook:
    """Make the one post that stands in for a thread: opening, as many whole sentences as have room, links."""
    plain = style.model_copy(update={"heading": None})  # the room is better used for the curator's words
    return _Composing(draft, plain, replace(manner, links_first=True), None).single()


class _Composing:
    """The composing of one thread."""

    def __init__(self, draft: Draft, style: ThreadStyle, manner: Manner, all_picks: str | None) -> None:
        self._draft, self._style, self._manner = draft, style, manner
        self._all_picks = all_picks_link(all_picks) if all_picks and not manner.without_links else None
        self._note = manner.measure.written(manner.curators)
        self._line = (
            Words(manner.curators(style.heading), tuple(manner.marks(style.heading))) if style.heading else None
        )
        self._marks = manner.marks(draft.note)
        self._layout = Layout(draft.note, self._note)
        self._left_out: list[str] = []

    def hook(self) -> Hook:
        chosen = self._chosen()
        posts = tuple(self._posts(chosen, chosen.last))
        title, remarks = self._title_line(chosen.opening), tuple(self._remarks(chosen))
        if self._line and not chosen.opening.text.startswith(f"{self._line.text}{GAP}"):
            self._left_out.append(f"the channel's line: {self._style.heading}")
        hook = Hook(posts, chosen.links, title, tuple(self._left_out), remarks)
        if self._draft.quote is None or not self._manner.quotes:
            return hook
        quoting = self._without_quoted(chosen)
        return replace(hook, posts=tuple(self._posts(chosen, quoting)), unquoted=posts[-1])

    def single(self) -> Hook:
        links, tags = self._fitting()
        closing = self._manner.closing(links, tags)
        found = [self._in_one(closing, shown=shown) for shown in self._numbers_of_names()]
        opening, words = next(((above, some) for above, some in found if some.start < some.end), found[0])
        post = joined((opening, self._written(words), closing), gap=GAP)
        return Hook((post,), links, self._title_line(opening), tuple(self._left_out))

    def _in_one(self, closing: Words, *, shown: int) -> tuple[Words, Stretch]:
        """Return the words above a closing, and as many whole sentences as have room between them."""
        opening = self._opening(closing, line=None, shown=shown)
        taken = opening.text + GAP + (closing.text + GAP if closing.text else "")
        room = self._note.reduced(self._manner.measure.length(taken), in_bytes=len(taken.encode()))
        return opening, beginning(self._layout, room)

    def _chosen(self) -> _Chosen:
        """Choose what goes into the thread, and how it is laid out."""
        chosen = self._with_welcome_tags(*self._fitting())
        if self._all_picks is None:
            return chosen
        more = self._laid_out((*chosen.links, self._all_picks), chosen.tags)
        fits = self._has_room(more.first, more.last) and more.opening == chosen.opening
        return more if fits and more.arrangement.cost <= chosen.arrangement.cost else chosen

    def _fitting(self) -> tuple[tuple[Link, ...], tuple[str, ...]]:
        """Take the links and hashtags that fit into the post that holds them."""
        manner, own = self._manner, links_of(self._draft)
        if manner.paper is not PaperPlace.WITH_LINKS:
            own = tuple(link for link in own if link.url != self._draft.arxiv_id.abs_url)
        closing = choose(
            () if manner.without_links else own,
            self._style.hashtags,
            mentioned=mentioned_links(self._draft) if manner.mentioned and not manner.without_links else (),
            fits=lambda kept, tags: self._has_room(*self._below_note(kept, tags)),
        )
        self._left_out += closing.left_out
        return closing.links, closing.tags

    def _below_note(self, links: Sequence[Link], tags: Sequence[str]) -> tuple[Words, Words]:
        """Return what stands below the words of the note in the first post, and in the last."""
        closing = self._manner.closing
        if self._manner.links_first:
            return closing(links, tags), Words()
        if self._manner.tags_first:
            return closing((), tags), closing(links, ())
        return Words(), closing(links, tags)

    def _has_room(self, first: Words, last: Words) -> bool:
        """Say whether the last post has room for its words, and the first one also for title and authors."""
        measure = self._manner.measure
        beside = measure.reduced(_ROOM_FOR_HEADING)
        return measure.fits(last.text) and (not first.text or beside.fits(first.text))

    def _with_welcome_tags(self, links: tuple[Link, ...], tags: tuple[str, ...]) -> _Chosen:
        """Leave out hashtags, the last ones first, that would cost a post or the note its place in the first one."""
        bare = self._laid_out(links, ())
        for count in range(len(tags), 0, -1):
            tagged = self._laid_out(links, tags[:count])
            if not bare.arrangement.reads_better_than(tagged.arrangement):
                break
        else:
            count, tagged = 0, bare
        self._left_out += [f"#{tag}" for tag in tags[count:]]
        return tagged

    def _laid_out(self, links: tuple[Link, ...], tags: tuple[str, ...]) -> _Chosen:
        """Lay the note out with all names of the authors, or with one where that is better.

        The channel's line is left out where it would cost a post, or the note its place in the first one.
        """
        whole = self._below_line(links, tags, line=self._line)
        if self._line is None:
            return whole
        bare = self._below_line(links, tags, line=None)
        return bare if bare.arrangement.reads_better_than(whole.arrangement) else whole

    def _below_line(self, links: tuple[Link, ...], tags: tuple[str, ...], *, line: Words | None) -> _Chosen:
        found = [self._with_names(links, tags, line=line, shown=shown) for shown in self._numbers_of_names()]
        return min(found, key=lambda chosen: chosen.arrangement.cost)

    def _numbers_of_names(self) -> tuple[int, ...]:
        """Return how many authors may be named: as many as the channel shows, or the first alone."""
        shown = self._style.authors_shown
        return (shown, 1) if shown > 1 and len(self._draft.authors) > 1 else (shown,)

    def _with_names(self, links: tuple[Link, ...], tags: tuple[str, ...], *, line: Words | None, shown: int) -> _Chosen:
        first, last = self._below_note(links, tags)
        opening = self._opening(first, line=line, shown=shown)
        frame = Frame(self._manner.measure, self._note, joined((opening, first), gap=GAP).text, last.text)
        return _Chosen(links, tags, opening, first, last, arrange(self._layout, frame))

    def _opening(self, closing: Words, *, line: Words | None, shown: int) -> Words:
        """Return the channel's line, title and authors, as much as has room above the ``closing``."""
        manner = self._manner
        address = Words(self._draft.arxiv_id.abs_url) if manner.paper is PaperPlace.FIRST_POST else Words()
        below = joined((address, closing), gap=GAP).text
        room = manner.measure.beside(GAP + below) if below else manner.measure
        title = self._title(room, shown=shown)
        if line is None:
            return joined((title, address), gap=GAP)
        whole = joined((line, title), gap=GAP)
        return joined((whole if self._line_fits(room, whole, title, shown=shown) else title, address), gap=GAP)

    def _line_fits(self, room: Measure, whole: Words, title: Words, *, shown: int) -> bool:
        """Say whether the channel's line has room above the title without shortening it."""
        return room.fits(whole.text) and title == self._title(room.beside(whole.text[: -len(title.text)]), shown=shown)

    def _title(self, room: Measure, *, shown: int) -> Words:
        strangers = room.written(self._manner.strangers)
        return Words(self._manner.strangers(heading(self._draft, strangers, authors_shown=shown, gap="\n")))

    def _title_line(self, opening: Words) -> str:
        line = f"{self._line.text}{GAP}" if self._line else ""
        return opening.text.removeprefix(line).partition("\n")[0]

    def _without_quoted(self, chosen: _Chosen) -> Words:
        """Return the closing words without the link to what is quoted below them, unless nothing else would be left."""
        links = [link for link in chosen.links if link.url != self._draft.thread_url]
        _, last = self._below_note(links, chosen.tags)
        return last if last.text or not chosen.arrangement.has_links_alone else chosen.last

    def _remarks(self, chosen: _Chosen) -> Iterator[str]:
        if chosen.arrangement.begins_with_note or not self._draft.note.strip():
            return
        sentence = self._layout.cut(Stretch(self._layout.whole.start, self._layout.sentence_ends()[0]))
        room, needed = self._most_room(chosen.links), self._note.size(sentence)
        if needed > room:
            yield f"The first post has room for {max(room, 0)} characters of the note; its first sentence has {needed}."

    def _most_room(self, links: Sequence[Link]) -> int:
        """Return what the first post has for the note beside no more than must stand there: no line, no hashtags."""
        first, _ = self._below_note(links, ())
        openings = (self._opening(first, line=None, shown=shown) for shown in self._numbers_of_names())
        above = (joined((opening, first), gap=GAP).text + GAP for opening in openings)
        return max(self._manner.measure.beside(text).limit for text in above)

    def _posts(self, chosen: _Chosen, last: Words) -> Iterator[Words]:
        stretches = chosen.arrangement.posts
        for number, stretch in enumerate(stretches):
            parts = [self._written(stretch)]
            if number == 0:
                parts.insert(0, chosen.opening)
            if number == len(stretches) - 1:
                parts.append(last)
            if number == 0:
                parts.append(chosen.first)
            yield joined(parts, gap=GAP)

    def _written(self, stretch: Stretch) -> Words:
        text = self._draft.note[stretch.start : stretch.end]
        return Words(self._manner.curators(text), marks_within(self._marks, stretch.start, stretch.end))
