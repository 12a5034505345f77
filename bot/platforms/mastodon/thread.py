"""A pick as a Mastodon thread: plain text, in posts as long as the account's server takes.

This module owns the layout there. The first address of a thread is the paper's, because the server makes its card of
that. Strangers' text links, mentions and tags nobody and nothing. In the form that begins with the hook, hashtags stand
in the first post: the server lists public posts under a hashtag, and the replies are not public
(https://docs.joinmastodon.org/user/posting/#privacy).
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Final

from bot.domain.channel_sections import ThreadForm, ThreadStyle
from bot.domain.post_limits import PostLimits
from bot.domain.posts import Platform, Post, Thread
from bot.platforms.mastodon.text import USUAL, length, unlink, unmention
from bot.threads.addresses import find_bare_links, looks_like_file
from bot.threads.draft import Draft
from bot.threads.heading import heading
from bot.threads.hook import Manner, PaperPlace, compose_hook
from bot.threads.links import Closing, Link, choose, links_of
from bot.threads.measure import Measure
from bot.threads.rich import Words
from bot.threads.splitting import split

_GAP: Final = "\n\n"


def compose_for_mastodon(draft: Draft, *, style: ThreadStyle, all_picks: str | None = None) -> Thread:
    """Make the thread in the channel's form; ``all_picks`` is the address of the archive.

    It is one post where all of it has room.
    """
    limits = draft.limits or USUAL
    measure = Measure(partial(length, per_address=limits.per_address), limits.characters)
    if style.form is ThreadForm.HOOK:
        return _from_hook(draft, style, limits, measure, all_picks)
    return _from_title(draft, style, limits, measure)


def _from_hook(draft: Draft, style: ThreadStyle, limits: PostLimits, measure: Measure, all_picks: str | None) -> Thread:
    manner = Manner(
        measure=measure,
        closing=lambda links, tags: Words(_written(links, tags)),
        strangers=unlink,
        curators=unmention,
        paper=PaperPlace.FIRST_POST,
        tags_first=True,
    )
    hook = compose_hook(draft, style=style, manner=manner, all_picks=all_picks)
    first, *others = (_post(words.text, style, limits, measure) for words in hook.posts)
    remarks = (*hook.remarks, *_remarks(draft, hook.left_out, place="thread"))
    return Thread(Platform.MASTODON, (replace(first, about=hook.title), *others), remarks=remarks, form=style.form)


def _from_title(draft: Draft, style: ThreadStyle, limits: PostLimits, measure: Measure) -> Thread:
    """Make the thread: title, authors and the paper's address; the note; the other links with the hashtags."""
    closing = _closing(draft, style, measure)
    texts = _texts(draft, style, measure, ending=_written(closing.links, closing.tags))
    posts = tuple(_post(text, style, limits, measure) for text in texts)
    remarks = tuple(_remarks(draft, closing.left_out, place="last post"))
    return Thread(Platform.MASTODON, posts, remarks=remarks, form=style.form)


def _post(text: str, style: ThreadStyle, limits: PostLimits, measure: Measure) -> Post:
    return Post(text, measure.length(text), limits.characters, langs=style.langs)


def _texts(draft: Draft, style: ThreadStyle, measure: Measure, *, ending: str) -> list[str]:
    first = _first(draft, style, measure)
    whole = _GAP.join(filter(None, (first, unmention(draft.note), ending)))
    if measure.fits(whole):
        return [whole]
    curators = Measure(lambda text: measure.length(unmention(text)), measure.limit)
    notes = [unmention(draft.note[part.start : part.end]) for part in split(draft.note, curators)]
    texts = [first, *notes]
    if ending and measure.fits(shared := f"{texts[-1]}{_GAP}{ending}"):
        return [*texts[:-1], shared]
    return [*texts, *([ending] if ending else [])]


def _first(draft: Draft, style: ThreadStyle, measure: Measure) -> str:
    address = f"{_GAP}{draft.arxiv_id.abs_url}"
    strangers = Measure(lambda text: measure.length(unlink(text)), measure.limit - measure.length(address))
    return unlink(heading(draft, strangers, authors_shown=style.authors_shown)) + address


def _closing(draft: Draft, style: ThreadStyle, measure: Measure) -> Closing:
    others = [link for link in links_of(draft) if link.url != draft.arxiv_id.abs_url]
    return choose(others, style.hashtags, fits=lambda kept, tags: measure.fits(_written(kept, tags)))


def _written(links: Sequence[Link], tags: Sequence[str]) -> str:
    lines = "\n".join(f"{link.label}: {link.url}" for link in links)
    return _GAP.join(filter(None, (lines, " ".join(f"#{tag}" for tag in tags))))


def _remarks(draft: Draft, left_out: Sequence[str], *, place: str) -> Iterator[str]:
    if left_out:
        yield f"The {place} has no room for {', '.join(left_out)}."
    if bare := [draft.note[link.start : link.end] for link in find_bare_links(draft.note) if not looks_like_file(link)]:
        yield f"Mastodon does not link {', '.join(bare)} in the note: write https:// before it."
