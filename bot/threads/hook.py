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
    links stand in the first post. ``mentioned`` says that addresses of the note are no links where they stand, so that
    they are among the others. ``without_links`` says that a thread has none, ``quotes`` that the authors' thread can be
    embedded below the last post.
    """

    measure: Measure
    closing: Callable[[Sequence[Link], Sequence[str]], Words]
    strangers: Callable[[str], str] = _as_they_are
    curators: Callable[[str], str] = _as_they_are
    marks: Callable[[str], Sequence[Mark]] = _unmarked
    paper: PaperPlace = PaperPlace.WITH_LINKS
    links_first: bool = False
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
    """Links and hashtags, how they are written, the opening that leaves them room, and the note around them."""

    links: tuple[Link, ...]
    tags: tuple[str, ...]
    closing: Words
    opening: Words
    arrangement: Arrangement


def compose_hook(draft: Draft, *, style: ThreadStyle, manner: Manner, all_picks: str | None = None) -> Hook:
    """Lay out the thread of a pick.

    1. Take the links that fit into one post (``choose``).
    2. Try all names of the authors, then the first alone where that spares a post or brings words into the first one.
    3. Leave hashtags out that would stand in a post without links.
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
        posts = tuple(self._posts(chosen, chosen.closing))
        title, remarks = self._title_line(chosen.opening), tuple(self._remarks(chosen))
        if self._line and not chosen.opening.text.startswith(self._line.text):
            self._left_out.append(f"the channel's line: {self._style.heading}")
        hook = Hook(posts, chosen.links, title, tuple(self._left_out), remarks)
        if self._draft.quote is None or not self._manner.quotes:
            return hook
        quoting = self._without_quoted(chosen)
        return replace(hook, posts=tuple(self._posts(chosen, quoting)), unquoted=posts[-1])

    def single(self) -> Hook:
        links, tags = self._fitting()
        closing = self._manner.closing(links, tags)
        opening = self._opening(closing, line=None, shown=self._style.authors_shown)
        taken = opening.text + GAP + (closing.text + GAP if closing.text else "")
        room = self._note.reduced(self._manner.measure.length(taken), in_bytes=len(taken.encode()))
        words = self._written(beginning(self._layout, room))
        post = joined((opening, words, closing), gap=GAP)
        return Hook((post,), links, self._title_line(opening), tuple(self._left_out))

    def _chosen(self) -> _Chosen:
        """Choose what goes into the thread, and how it is laid out."""
        links, tags = self._fitting()
        chosen = self._laid_out(links, tags)
        if tags and not self._manner.closing(links, ()).text:
            chosen = self._with_welcome_tags(links, tags, chosen)
        if self._all_picks is None:
            return chosen
        more = self._laid_out((*chosen.links, self._all_picks), chosen.tags)
        fits = self._manner.measure.fits(more.closing.text)
        return more if fits and more.arrangement.cost <= chosen.arrangement.cost else chosen

    def _fitting(self) -> tuple[tuple[Link, ...], tuple[str, ...]]:
        """Take the links and hashtags that fit into the post that holds them."""
        manner, own = self._manner, links_of(self._draft)
        if manner.paper is not PaperPlace.WITH_LINKS:
            own = tuple(link for link in own if link.url != self._draft.arxiv_id.abs_url)
        room = manner.measure.reduced(_ROOM_FOR_HEADING if manner.links_first else 0)
        closing = choose(
            () if manner.without_links else own,
            self._style.hashtags,
            mentioned=mentioned_links(self._draft) if manner.mentioned and not manner.without_links else (),
            fits=lambda kept, tags: room.fits(manner.closing(kept, tags).text),
        )
        self._left_out += closing.left_out
        return closing.links, closing.tags

    def _with_welcome_tags(self, links: tuple[Link, ...], tags: tuple[str, ...], most: _Chosen) -> _Chosen:
        """Leave out hashtags, the last ones first, that would make a post alone or a thread that reads worse."""
        none = self._laid_out(links, ())
        for count in range(len(tags), 0, -1):
            fewer = most if count == len(tags) else self._laid_out(links, tags[:count])
            if fewer.arrangement.flaws <= none.arrangement.flaws:
                break
        else:
            count, fewer = 0, none
        self._left_out += [f"#{tag}" for tag in tags[count:]]
        return fewer

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
        found = [self._with_names(links, tags, line=line, shown=self._style.authors_shown)]
        if self._style.authors_shown > 1 and len(self._draft.authors) > 1:
            found.append(self._with_names(links, tags, line=line, shown=1))
        return min(found, key=lambda chosen: chosen.arrangement.cost)

    def _with_names(self, links: tuple[Link, ...], tags: tuple[str, ...], *, line: Words | None, shown: int) -> _Chosen:
        first, closing = self._manner.links_first, self._manner.closing(links, tags)
        opening = self._opening(closing if first else Words(), line=line, shown=shown)
        above = joined((opening, closing), gap=GAP) if first else opening
        below = "" if first else closing.text
        frame = Frame(self._manner.measure, self._note, above.text, below)
        return _Chosen(links, tags, closing, opening, arrange(self._layout, frame))

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
        closing = self._manner.closing(links, chosen.tags)
        alone = chosen.arrangement.has_links_alone
        return closing if closing.text or not alone else chosen.closing

    def _remarks(self, chosen: _Chosen) -> Iterator[str]:
        first = chosen.arrangement.posts[0]
        if first.start < first.end or not self._draft.note.strip():
            return
        sentence = self._layout.cut(Stretch(self._layout.whole.start, self._layout.sentence_ends()[0]))
        above = joined((chosen.opening, chosen.closing if self._manner.links_first else Words()), gap=GAP).text + GAP
        room, needed = self._manner.measure.beside(above).limit, self._note.size(sentence)
        if needed > room:
            yield f"The first post has room for {max(room, 0)} characters of the note; its first sentence has {needed}."

    def _posts(self, chosen: _Chosen, closing: Words) -> Iterator[Words]:
        stretches = chosen.arrangement.posts
        for number, stretch in enumerate(stretches):
            parts = [self._written(stretch)]
            if number == 0:
                parts.insert(0, chosen.opening)
            if number == (0 if self._manner.links_first else len(stretches) - 1):
                parts.append(closing)
            yield joined(parts, gap=GAP)

    def _written(self, stretch: Stretch) -> Words:
        text = self._draft.note[stretch.start : stretch.end]
        return Words(self._manner.curators(text), marks_within(self._marks, stretch.start, stretch.end))
