"""How things look on the desk: rows, papers, threads, each as rich text. Strangers' words never become markup."""

from collections.abc import Iterable, Sequence
from typing import Final
from zoneinfo import ZoneInfo

from rich.cells import cell_len, set_cell_size
from rich.console import Group, RenderableType
from rich.rule import Rule
from rich.text import Text

from bot.domain.states import CandidateState
from bot.interfaces.display import corrections, pieces
from bot.interfaces.display.ranking import like
from bot.interfaces.review.desk import Row
from bot.interfaces.review.marks import marked
from bot.interfaces.views.candidates import Shown
from bot.interfaces.views.deliveries import PostView
from bot.interfaces.views.percent import percent
from bot.interfaces.views.threads import Preview, PreviewedThread

_SIGNS: Final = {
    CandidateState.QUEUED: ("·", "bold"),
    CandidateState.APPROVED: ("✓", "bold green"),
    CandidateState.PUBLISHING: ("✓", "bold green"),
    CandidateState.PUBLISHED: ("✓", "bold green"),
    CandidateState.REJECTED: ("✗", "red"),
    CandidateState.EXPIRED: ("✗", "red"),
    CandidateState.HELD: ("~", "blue"),
    CandidateState.ATTENTION: ("!", "bold red"),
}
_AUTHORS: Final = 8
_MARK: Final = "underline"


def row(item: Row, *, width: int) -> Text:
    """Show one row of the list in two lines: state and title, then what is left of it, number, probability or state."""
    sign, style = _SIGNS.get(item.state, (" ", "")) if item.state else (" ", "")
    waits = item.state in {CandidateState.QUEUED, None}
    standing = percent(item.score) if waits and item.score is not None else str(item.state or "")
    facts = f"#{item.id} {standing}" if item.id is not None else "found"
    first, second = _two_lines(item.title, width - 2, width - 3 - cell_len(facts))
    faded = "" if waits else "dim"
    return Text.assemble(
        (f"{sign} ", style),
        (first, faded),
        "\n  ",
        (set_cell_size(second, width - 3 - cell_len(facts)), faded),
        " ",
        (facts, "bold"),
    )


def _two_lines(title: str, first_width: int, second_width: int) -> tuple[str, str]:
    """Return what fits of a title into a line, and into a second one."""
    words, first = title.split(), ""
    while words and cell_len(f"{first} {words[0]}".strip()) <= first_width:
        first = f"{first} {words.pop(0)}".strip()
    rest = " ".join(words)
    if not first:
        return set_cell_size(title, first_width).rstrip(), ""
    if cell_len(rest) > second_width:
        rest = set_cell_size(rest, second_width - 1).rstrip() + "…"
    return first, rest


def paper(item: Shown, phrases: Sequence[str], zone: ZoneInfo) -> RenderableType:
    """Show one paper: title, authors, where it stands, reasons, links, abstract with the ranker's words marked."""
    return Group(*_paper(item, phrases, zone))


def _paper(item: Shown, phrases: Sequence[str], zone: ZoneInfo) -> Iterable[RenderableType]:
    title = marked(item.title, phrases, style=_MARK)
    title.stylize("bold", 0)
    yield title
    yield Text(pieces.names(item.authors, _AUTHORS), style="")
    facts = (item.arxiv_id, " ".join(item.categories[:4]), str(item.announced or ""))
    yield Text("  ".join(filter(None, facts)), style="dim")
    if standing := _standing(item, zone):
        yield Text(standing, style="bold green" if item.state is CandidateState.APPROVED else "bold")
    for name, words in corrections.facts(item.corrections, zone):
        yield Text.assemble(f"{name}: ", words)
    if item.perhaps_withdrawn:
        yield Text(f"may be withdrawn: “{item.perhaps_withdrawn}”", style="bold red")
    if item.withdrawn:
        yield Text("withdrawn by its authors", style="bold red")
    yield from like(item.like)
    if item.reasons:
        yield Text(f"why: {pieces.reasons(item.reasons, 4)}", style="italic")
    for url in item.links:
        offered = "   (c takes it as the code)" if url == item.code_found and url != item.code_url else ""
        yield Text(f"{url}{offered}", style="cyan")
    for name, value in (("thread", item.thread_url), ("code", item.code_url)):
        if value:
            yield Text(f"{name}: {value}", style="green")
    yield Text()
    yield marked(item.abstract, phrases, style=_MARK)


def _standing(item: Shown, zone: ZoneInfo) -> str:
    if item.state is None:
        return "not in the queue; a approves it all the same"
    if item.state is CandidateState.QUEUED:
        return ""
    if item.slot and item.state in {CandidateState.APPROVED, CandidateState.PUBLISHING}:
        return f"{item.state} by {item.approved_by}, goes out {pieces.when(item.slot, zone)}"
    if item.held_until:
        return f"held until {item.held_until}"
    last = item.decisions[-1] if item.decisions else None
    return f"{item.state} by {last.by}" if last else str(item.state)


def threads(preview: Preview) -> RenderableType:
    """Show the posts of each platform, with lengths and price."""
    return Group(*(part for platform, shown in preview.platforms.items() for part in _thread(platform, shown)))


def _thread(platform: str, shown: PreviewedThread) -> Iterable[RenderableType]:
    thread = shown.thread
    price = f" · ${thread.extras.cost_usd:.3f}" if thread.extras else ""
    off = "" if shown.on else " · no account here"
    state = " · approved" if thread.frozen else ""
    count = f"{len(thread.posts)} posts" if len(thread.posts) != 1 else "1 post"
    yield Rule(Text(f"{platform} · {count}{price}{state}{off}"), align="left", style="dim")
    for number, post in enumerate(thread.posts, 1):
        yield _post(post, f"{number}/{len(thread.posts)}")
    for remark in thread.remarks:
        yield Text(f"note: {remark}", style="yellow")


def _post(post: PostView, place: str) -> Text:
    size = f"{post.length}/{post.limit}"
    body = Text.assemble((f"{place}  {size}\n", "bold cyan" if post.length <= post.limit else "bold red"), post.text)
    named = [(link.text, link.url) for link in post.links.links] if post.links else []
    for name, url in (*named, ("card", post.card), ("quote", post.quote)):
        if url:
            body.append(f"\n[{name}: {url}]", style="cyan")
    return body.append("\n")
