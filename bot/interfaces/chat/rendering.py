"""What a verb answers, as plain text for a phone.

Strangers' words (titles, names, posts) stand behind a mark of ours, so that no line of theirs looks like one of ours,
and an address of theirs never stands alone on its line: only such addresses become links.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from bot.domain.curators import Role
from bot.domain.text import sanitize
from bot.interfaces.chat.status_text import status, when
from bot.interfaces.commands import VERBS, Reply, Verb
from bot.interfaces.views.differences import difference
from bot.interfaces.views.digest import as_message, by_answer
from bot.interfaces.views.percent import percent
from bot.threads.measure import graphemes

if TYPE_CHECKING:
    from bot.curation.search import Alike, Found, Similar
    from bot.interfaces.views.candidates import PageView, QueueRow, Shown
    from bot.interfaces.views.corrections import ProposedCorrection
    from bot.interfaces.views.deliveries import PostView
    from bot.interfaces.views.history import HistoryRow
    from bot.interfaces.views.log import LogEntry
    from bot.interfaces.views.ranking import Why
    from bot.interfaces.views.threads import DueThread, Preview
    from bot.publishing.retract import Retraction
    from bot.publishing.sender import Report

_AUTHORS: Final = 4
_REASONS: Final = 3
_ABSTRACT: Final = 420
_PARTS: Final = 6
_DECISIONS: Final = 4
_COMMAND: Final = re.compile(rf"\bpicks (?=(?:{'|'.join(VERBS)})\b)")


def render(reply: Reply, verb: Verb, *, zone: ZoneInfo, role: Role) -> str:
    """Return an answer as text for somebody of that role: what was done, then what there is to see."""
    show = _VIEWS.get(reply.view or verb.name)
    if verb.name == "digest" and reply.data:
        seen = as_message(reply.data, by_answer(role))
    else:
        seen = show(reply.data, zone) if show and reply.data else ""
    return tidy(
        "\n\n".join(
            filter(None, [said(reply.summary), seen, said(reply.besides), said(reply.count), said(reply.failed)])
        )
    )


def said(text: str) -> str:
    """Return words of the program as a person in a chat types what they name: without the program's name."""
    return _COMMAND.sub("", text)


def tidy(text: str) -> str:
    """Return a text without anything that could hide or reorder words."""
    return sanitize(text).strip()


def card(item: "Shown", *, hint: str) -> str:
    """Return one paper whole, and how to decide about it."""
    return tidy("\n\n".join(filter(None, [_paper(item), hint])))


def threads(item: "Shown", zone: ZoneInfo) -> str:
    """Return the threads that were approved as they will be posted, and when."""
    return "\n\n".join(
        _thread(delivery.platform, [post.post for post in delivery.posts], f"due {when(delivery.due_at, zone)}")
        for delivery in item.deliveries
    )


def state(item: "Shown", zone: ZoneInfo) -> str:
    """Return in one line how a paper stands."""
    if item.state is None:
        return f"{_name(item)} is not in the queue"
    until = f" until {item.held_until}" if item.held_until else ""
    slot = f", slot: {when(item.slot, zone)}" if item.slot else ""
    waits = [f"; its correction ({row.form}) is {row.state} for {when(row.due_at, zone)}" for row in item.corrections]
    return f"{_name(item)} is {item.state}{until}{slot}{waits[-1] if waits and item.corrections[-1].is_open else ''}"


def _queue(rows: "Sequence[QueueRow]", _: ZoneInfo) -> str:
    return "\n\n".join(
        "\n".join(
            filter(
                None,
                [
                    f"#{row.id} · {percent(row.score)} · {_line(row.title)}",
                    _first(row.reasons, _REASONS),
                    f"may be withdrawn: “{_line(row.perhaps_withdrawn)}”" if row.perhaps_withdrawn else "",
                ],
            )
        )
        for row in rows
    )


def _show(item: "Shown", zone: ZoneInfo) -> str:
    log = [
        f"{when(row.at, zone)}: {row.action} by {_line(row.by)} ({row.mouth})" for row in item.decisions[-_DECISIONS:]
    ]
    out = [
        f"{delivery.platform}: {delivery.state}\n" + "\n".join(post.url for post in delivery.posts[:1] if post.url)
        for delivery in item.deliveries
    ]
    return "\n\n".join(filter(None, [_paper(item), state(item, zone), *out, "\n".join(log)])).replace("\n\n\n", "\n\n")


def _paper(item: "Shown") -> str:
    head = [f"{_name(item)} · {_line(item.title)}", f"by {_first(item.authors, _AUTHORS)}", item.url]
    if item.score is not None:
        head.append(f"{percent(item.score)}: {_first(item.reasons, _REASONS)}")
    if item.withdrawn or item.perhaps_withdrawn:
        sure = "withdrawn by its authors" if item.withdrawn else "may be withdrawn"
        head.append(f"{sure}{f': “{_line(item.perhaps_withdrawn)}”' if item.perhaps_withdrawn else ''}")
    if item.like:
        head.append(f"like {_line(item.like.title)}, picked {item.like.picked.day} {item.like.picked:%B}")
    links = [f"{kind}:\n{url}" for kind, url in (("thread", item.thread_url), ("code", item.code_url)) if url]
    parts = ["\n".join(head), f"“{_cut(item.abstract, _ABSTRACT)}”", f"note: “{_line(item.note)}”" if item.note else ""]
    return "\n\n".join(filter(None, [*parts, *links]))


def _approved(item: "Shown", zone: ZoneInfo) -> str:
    return threads(item, zone)


def _why(data: "Why", _: ZoneInfo) -> str:
    parts = sorted((*data.learned.parts, *data.channel.parts), key=lambda part: -abs(part.weight))
    lines = [f"{part.weight:+.2f} {_line(part.label)}" for part in parts[:_PARTS]]
    excluded = [f"the channel file excludes it: {data.excluded}"] if data.excluded else []
    together = f"{data.base:+.2f} to begin with, {data.log_odds:+.2f} together: {percent(data.score)}"
    return "\n".join([f"{data.arxiv_id} · {_line(data.title)}", *lines, together, *excluded])


def _preview(data: "Preview", _: ZoneInfo) -> str:
    blocks = [f"{data.arxiv_id} · {_line(data.title)}"]
    for platform, shown in data.platforms.items():
        words = ["approved" if shown.thread.frozen else "a draft", *([] if shown.on else ["switched off here"])]
        blocks.append(_thread(platform, list(shown.thread.posts), ", ".join(words)))
        blocks += [f"note: {remark}" for remark in shown.thread.remarks]
    return "\n\n".join(blocks)


def _correction(data: "ProposedCorrection", _: ZoneInfo) -> str:
    changed = "".join(map(str, difference(data.before, data.note)))
    blocks = [f"{data.arxiv_id} · {_line(data.title)}", "\n".join(f"│ {line}" for line in changed.splitlines())]
    for platform, thread in data.platforms.items():
        blocks.append(_thread(platform, list(thread.posts), "a reply" if data.form == "reply" else "posted anew"))
        blocks += [f"note: {remark}" for remark in thread.remarks]
    blocks += [f"{platform}: nothing changes, {why}" for platform, why in data.left_out.items()]
    return "\n\n".join(blocks)


def _due(items: "Sequence[DueThread]", _: ZoneInfo) -> str:
    return "\n\n".join(
        f"{item.arxiv_id} · {_thread(item.platform, list(item.thread.posts), _why_due(item))}" for item in items
    )


def _why_due(item: "DueThread") -> str:
    return f"due as a correction ({item.correction})" if item.correction else "due"


def _thread(platform: str, posts: "Sequence[PostView]", about: str) -> str:
    """Return a thread: each post behind bars, with its length."""
    many = "1 post" if len(posts) == 1 else f"{len(posts)} posts"
    return "\n\n".join([f"{platform}, {many}, {about}", *map(_post, posts)])


def _post(post: "PostView") -> str:
    lines = post.text.splitlines()
    lines += [f"[{link.text}: {link.url}]" for link in post.links.links] if post.links else []
    lines += [f"[card: {post.card}]"] if post.card else []
    lines += [f"[quote: {post.quote}]"] if post.quote else []
    lines += [f"[mentions: {', '.join(post.mentioning.mentions)}]"] if post.mentioning else []
    return "\n".join(f"│ {line}" for line in lines) + f" ({post.length}/{post.limit})"


def _history(rows: "Sequence[HistoryRow]", zone: ZoneInfo) -> str:
    blocks = []
    for row in rows:
        lines = [f"#{row.id} · {_line(row.title)}"]
        lines += [f"corrected {when(row.corrected_at, zone)}"] if row.corrected_at else []
        for item in row.deliveries:
            sent = f", {when(item.sent_at, zone)}" if item.sent_at else ""
            lines += [f"{item.platform}: {item.state}{sent}", *([item.url] if item.url else [])]
            lines += [item.error] if item.error else []
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks)


def _reports(items: "Sequence[Report]", _: ZoneInfo) -> str:
    return "\n\n".join(
        "\n".join(filter(None, [f"{item.arxiv_id} on {item.platform}: {item.state}", *item.urls, item.error]))
        for item in items
    )


def _retractions(items: "Sequence[Retraction]", _: ZoneInfo) -> str:
    return "\n".join(
        f"{item.arxiv_id} on {item.platform}: {item.removed} taken down"
        f"{f', {item.left} still up' if item.left else ''}{f'; {said(item.error)}' if item.error else ''}"
        for item in items
    )


def _found(papers: "Sequence[Found]", _: ZoneInfo) -> str:
    return "\n\n".join(map(_short, papers))


def _similar(data: "Similar", _: ZoneInfo) -> str:
    return "\n\n".join(
        [
            f"{data.arxiv_id} · {_line(data.title)}",
            *_liked("papers most like it", data.similar),
            *_liked("picks most like it", data.picks),
        ]
    )


def _liked(title: str, papers: "Sequence[Alike]") -> Iterator[str]:
    yield f"{title}: {'none' if not papers else len(papers)}"
    yield from (f"{_short(paper)}\n{paper.likeness:.2f}: {', '.join(paper.shared)}" for paper in papers)


def _short(paper: "Found") -> str:
    number = f"#{paper.id} ({paper.state})" if paper.id is not None else paper.arxiv_id
    return f"{number} · {_line(paper.title)}\n{_first(paper.authors, _AUTHORS)}"


def _name(item: "Shown") -> str:
    return f"#{item.id} ({item.arxiv_id})" if item.id is not None else item.arxiv_id


def _line(text: str | None) -> str:
    """Return strangers' words on one line."""
    return " ".join((text or "").split())


def _cut(text: str, most: int) -> str:
    """Return the beginning of a text, cut between words where it is longer."""
    line = _line(text)
    found = graphemes(line)
    if len(found) <= most:
        return line
    return "".join(found[:most]).rpartition(" ")[0].rstrip(".,;:") + " …"


def _first(names: Sequence[str], most: int) -> str:
    more = len(names) - most
    return _line(", ".join(names[:most])) + (f" and {more} more" if more > 0 else "")


def _page(data: "PageView", _: ZoneInfo) -> str:
    return data.url


def _log(entries: "Sequence[LogEntry]", zone: ZoneInfo) -> str:
    return "\n".join(
        f"{when(done.at, zone)}: {done.action} of #{entry.id} by {_line(done.by)} · {_line(entry.title)}"
        for entry in entries
        for done in [entry.decision]
    )


_VIEWS: Final[Mapping[str, Callable[[Any, ZoneInfo], str]]] = {
    "queue": _queue,
    "open": _page,
    "log": _log,
    "show": _show,
    "why": _why,
    "preview": _preview,
    "approve": _approved,
    "correct": _correction,
    "history": _history,
    "status": status,
    "publish": _reports,
    "dry-run": _due,
    "retract": _retractions,
    "search": _found,
    "similar": _similar,
}
"""By the name of the view; one that is not here shows its summary alone."""
