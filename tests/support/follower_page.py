"""A thread as a follower sees it: a plain page made of the AppView's answers, in the manner of Bluesky's own app.

Pure: answers in, HTML out. Facets are applied as the app applies them, by their UTF-8 bytes; one that does not fit the
text is left out. Nothing of it is part of the program.
Source of the manner: https://github.com/bluesky-social/social-app (src/lib/api/feed-manip.ts, @atproto/api rich-text).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from html import escape
from typing import Any, Final
from urllib.parse import urlsplit

Json = Mapping[str, Any]
Pictures = Callable[[str], str]
"""Turns a picture's address into one that works where the page is read."""

Parts = Mapping[str, str]
"""What one column shows, each part below its heading."""

_STYLE: Final = """
:root { color-scheme: light dark; --back: #fff; --text: #0b0f14; --soft: #42576c; --line: #d4dbe2; --link: #1083fe; }
@media (prefers-color-scheme: dark) {
  :root { --back: #000; --text: #f1f3f5; --soft: #aebbc9; --line: #232e3e; --link: #208bfe; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--text); font: 15px/1.35 Inter, "Segoe UI", Roboto, "Noto Sans",
  "Liberation Sans", sans-serif; }
a { color: var(--link); text-decoration: none; }
main { display: flex; flex-wrap: wrap; justify-content: center; align-items: flex-start; }
section { width: 600px; max-width: 100%; border: solid var(--line); border-width: 0 1px 1px; }
h1, h2 { margin: 0; padding: 10px 16px; font-size: 15px; border-bottom: 1px solid var(--line); }
h1 { color: var(--back); background: var(--soft); }
article { display: grid; grid-template-columns: 42px minmax(0, 1fr); column-gap: 10px; padding: 12px 16px 4px; }
article.opened { font-size: 17px; border-bottom: 1px solid var(--line); }
.side { display: flex; flex-direction: column; align-items: center; }
.face { width: 42px; height: 42px; border-radius: 50%; background: #2456c8; color: #fff; font: 700 20px/42px sans-serif;
  text-align: center; object-fit: cover; }
.joined .side::after { content: ""; flex: 1; width: 2px; margin: 4px 0 -14px; background: var(--line); }
.who { color: var(--soft); font-size: 15px; overflow: hidden; white-space: nowrap; text-overflow: ellipsis; }
.who b { color: var(--text); }
.label { display: inline-block; padding: 1px 7px; border-radius: 9px; background: var(--line); color: var(--soft);
  font-size: 11px; }
.words { white-space: pre-wrap; overflow-wrap: anywhere; }
.card, .quote { display: block; margin-top: 8px; border: 1px solid var(--line); border-radius: 12px; overflow: hidden;
  color: var(--text); font-size: 14px; line-height: 1.3; }
.card img { display: block; width: 100%; aspect-ratio: 1.91; object-fit: cover; border-bottom: 1px solid var(--line); }
.card > span, .quote { padding: 10px 12px; }
.card > span { display: block; }
.card b, .card i { display: -webkit-box; -webkit-box-orient: vertical; overflow: hidden; -webkit-line-clamp: 3; }
.card i { -webkit-line-clamp: 2; font-style: normal; color: var(--soft); margin-top: 3px; }
.card small { display: block; margin-top: 8px; padding-top: 6px; border-top: 1px solid var(--line);
  color: var(--soft); }
.counts { padding: 8px 0; color: var(--soft); font-size: 13px; display: flex; gap: 48px; }
.gap { padding: 6px 16px 2px 68px; color: var(--link); }
"""


def page(title: str, columns: Mapping[str, Parts]) -> str:
    """Return a whole page with columns side by side, one below the other where the screen is narrow."""
    parts = "".join(
        f"<section><h1>{escape(name)}</h1>{_column(content)}</section>" for name, content in columns.items()
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body><main>{parts}</main></body></html>\n"
    )


def _column(parts: Parts) -> str:
    return "".join(f"<h2>{escape(name)}</h2>{content}" for name, content in parts.items())


def timeline(item: Json, *, pictures: Pictures) -> str:
    """Return how a timeline shows a thread whose newest post is this item: its first post, then its last two."""
    posts = [item["post"]]
    gap = False
    if reply := item.get("reply"):
        root, parent = reply["root"], reply["parent"]
        posts = [root, item["post"]] if parent["uri"] == root["uri"] else [root, parent, item["post"]]
        gap = parent["uri"] != root["uri"] and parent["record"]["reply"]["parent"]["uri"] != root["uri"]
    shown = [_post(post, pictures=pictures, joined=post is not posts[-1]) for post in posts]
    if gap:
        shown.insert(1, '<div class="gap">View full thread</div>')
    return "".join(shown)


def thread(view: Json, *, pictures: Pictures) -> str:
    """Return a post that somebody opened, below what is above it and above what is below it."""
    above = [_post(post, pictures=pictures, joined=True) for post in reversed(list(_above(view)))]
    below = list(_below(view))
    rest = [_post(post, pictures=pictures, joined=post is not below[-1]) for post in below]
    return "".join([*above, _post(view["post"], pictures=pictures, opened=True), *rest])


def segments(text: str, facets: Sequence[Json]) -> Iterator[tuple[str, Json | None]]:
    """Yield the text in pieces, each with what it is marked as, None for plain words."""
    content, end = text.encode(), 0
    for facet in sorted(facets, key=lambda item: int(item["index"]["byteStart"])):
        start, stop = facet["index"]["byteStart"], facet["index"]["byteEnd"]
        if not end <= start < stop <= len(content):
            continue
        if start > end:
            yield content[end:start].decode(errors="replace"), None
        yield content[start:stop].decode(errors="replace"), next(iter(facet["features"]), None)
        end = stop
    if end < len(content):
        yield content[end:].decode(errors="replace"), None


def _above(view: Json) -> Iterator[Json]:
    parent = view.get("parent")
    while parent and "post" in parent:
        yield parent["post"]
        parent = parent.get("parent")


def _below(view: Json) -> Iterator[Json]:
    for reply in view.get("replies", []):
        if "post" in reply:
            yield reply["post"]
            yield from _below(reply)


def _post(post: Json, *, pictures: Pictures, joined: bool = False, opened: bool = False) -> str:
    author = post["author"]
    name = author.get("displayName") or author["handle"]
    face = f'<img class="face" alt="" src="{escape(pictures(author["avatar"]))}">' if author.get("avatar") else ""
    labels = "".join(f' <span class="label">{escape(label["val"])}</span>' for label in author.get("labels", []))
    classes = " ".join(name for name, on in (("joined", joined), ("opened", opened)) if on)
    counts = "".join(
        f"<span>{sign} {post.get(key) or ''}</span>"
        for sign, key in (("↩", "replyCount"), ("⟲", "repostCount"), ("♡", "likeCount"))
    )
    return (
        f'<article class="{classes}"><div class="side">{face or _initial(name)}</div><div>'
        f'<div class="who"><b>{escape(name)}</b>{labels} @{escape(author["handle"])}</div>'
        f'<div class="words">{_words(post["record"])}</div>'
        f'{_embed(post.get("embed", {}), pictures)}<div class="counts">{counts}</div></div></article>'
    )


def _initial(name: str) -> str:
    return f'<div class="face">{escape(name[:1])}</div>'


def _words(record: Json) -> str:
    pieces = segments(record["text"], record.get("facets", []))
    return "".join(_marked(escape(words), feature) for words, feature in pieces)


def _marked(words: str, feature: Json | None) -> str:
    address = _address(feature) if feature else None
    return f'<a href="{escape(address)}">{words}</a>' if address else words


def _address(feature: Json) -> str | None:
    match feature["$type"]:
        case "app.bsky.richtext.facet#link" if urlsplit(feature["uri"]).scheme in {"http", "https"}:
            return str(feature["uri"])
        case "app.bsky.richtext.facet#tag":
            return f"https://bsky.app/hashtag/{feature['tag']}"
        case "app.bsky.richtext.facet#mention":
            return f"https://bsky.app/profile/{feature['did']}"
    return None


def _embed(embed: Json, pictures: Pictures) -> str:
    match embed.get("$type"):
        case "app.bsky.embed.external#view":
            return _card(embed["external"], pictures)
        case "app.bsky.embed.record#view":
            return _quote(embed["record"])
        case "app.bsky.embed.recordWithMedia#view":
            return _embed(embed["media"], pictures) + _quote(embed["record"]["record"])
    return ""


def _card(card: Json, pictures: Pictures) -> str:
    picture = f'<img alt="" src="{escape(pictures(card["thumb"]))}">' if card.get("thumb") else ""
    return (
        f'<a class="card" href="{escape(card["uri"])}">{picture}<span><b>{escape(card["title"])}</b>'
        f"<i>{escape(card['description'])}</i><small>🌐 {escape(urlsplit(card['uri']).netloc)}</small></span></a>"
    )


def _quote(quoted: Json) -> str:
    if "value" not in quoted:
        return '<div class="quote">This post is not shown.</div>'
    author = quoted["author"]
    name = author.get("displayName") or author["handle"]
    return (
        f'<div class="quote"><div class="who"><b>{escape(name)}</b> @{escape(author["handle"])}</div>'
        f'<div class="words">{_words(quoted["value"])}</div></div>'
    )
