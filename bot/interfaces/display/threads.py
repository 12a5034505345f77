"""How the shell shows the exact posts of a pick."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.text import Text

from bot.interfaces.display.headings import Heading

if TYPE_CHECKING:
    from bot.domain.posts import Platform
    from bot.interfaces.views.deliveries import PostView, SinglePostView
    from bot.interfaces.views.threads import DueThread, Preview, PreviewedThread, ThreadView

_ALTERED: Final = "yellow"
_MENTION: Final = "bold magenta"


def preview(data: Preview, _: ZoneInfo) -> RenderableType:
    """Show each platform's posts in boxes with their lengths."""
    parts: list[RenderableType] = []
    for platform, shown in data.platforms.items():
        thread = shown.thread
        parts += [Heading(_title(platform, shown)), *_posts(thread)]
        if thread.extras and thread.extras.single:
            parts.append(single_post(thread.extras.single))
        parts += [Text(f"note: {remark}", style="yellow") for remark in thread.remarks]
    return Group(*parts)


def due(threads: Sequence[DueThread], _: ZoneInfo) -> RenderableType:
    """Show what would go out."""
    parts: list[RenderableType] = []
    for item in threads:
        what = f", correction ({item.correction})" if item.correction else ""
        title = _size(f"{item.arxiv_id} on {item.platform}{what}", item.thread)
        parts += [Heading(title), *_posts(item.thread)]
    return Group(*parts)


def _title(platform: Platform, shown: PreviewedThread) -> str:
    form = [f"{shown.thread.form} form"] if shown.thread.form else []
    words = [_size(platform, shown.thread), *form, "approved" if shown.thread.frozen else "draft"]
    if not shown.on:
        words.append("switched off")
    return ", ".join(words)


def _size(name: str, thread: ThreadView) -> str:
    price = f", ${thread.extras.cost_usd:.3f}" if thread.extras else ""
    many = "1 post" if len(thread.posts) == 1 else f"{len(thread.posts)} posts"
    return f"{name}: {many}{price}"


def _posts(thread: ThreadView) -> Iterator[Panel]:
    for index, post in enumerate(thread.posts, 1):
        yield panel(post, title=f"{index} of {len(thread.posts)}")


def single_post(single: SinglePostView) -> Panel:
    """Show the post that stands in for a thread where replies are refused."""
    return panel(single.post, title=f"instead of the thread, if X refuses replies: 1 post, ${single.cost_usd:.3f}")


def panel(post: PostView, *, title: str) -> Panel:
    """Show a post in a box, with its length; what the platform writes otherwise is marked and named."""
    size = f"{post.length}/{post.limit}"
    body = Text(post.text)
    altered = post.alterations.altered if post.alterations else ()
    for item in altered:
        body.stylize(_ALTERED, item.start, item.end)
    named = [(link.text, link.url) for link in post.links.links] if post.links else []
    for name, url in (*named, ("card", post.card), ("quote", post.quote)):
        if url:
            body.append(f"\n[{name}: {url}]", style="cyan")
    if post.picture:
        picture = post.picture.picture
        body.append(f"\n[picture: {picture.width}x{picture.height}; picks card writes it to a file]", style="cyan")
    if post.document:
        body.append(f"\n[document: {post.document.document}]", style="cyan")
    if post.mentioning:
        for name in post.mentioning.mentions:
            body.highlight_words([name], _MENTION)
        body.append(f"\n[mentions: {', '.join(post.mentioning.mentions)}]", style=_MENTION)
    if post.instead:
        body.append(f"\n[instead, if the quote is no longer welcome: {post.instead.instead}]", style="cyan")
    for why in dict.fromkeys(item.why for item in altered):
        was = ", ".join(dict.fromkeys(item.was for item in altered if item.why == why))
        body.append(f"\n[{was}: {why}]", style=_ALTERED)
    return Panel(body, title=title, subtitle=size, title_align="left", subtitle_align="right")
