"""The curators' verbs: look, note, preview, decide."""

import shlex
from typing import TYPE_CHECKING, Annotated

from bot.domain.dates import parse_date
from bot.domain.errors import UsageError
from bot.domain.posts import Platform
from bot.domain.states import CandidateState
from bot.interfaces.commands import answers
from bot.interfaces.commands.registry import Argument, Call, Id, Option, Reply, verb

if TYPE_CHECKING:
    from bot.curation.context import Context
    from bot.interfaces.views.candidates import Shown

_Thread = Annotated[str | None, Option("The authors' own thread, on Bluesky or X; '' removes it.")]
_Code = Annotated[str | None, Option("Where the code is; '' removes it.")]


@verb(quiet=True)
def queue(
    call: Call,
    *,
    limit: Annotated[int, Option("How many to list.")] = 20,
    state: Annotated[CandidateState, Option("Which candidates to list.")] = CandidateState.QUEUED,
) -> Reply:
    """List the candidates, best first, with score and reasons."""
    from bot.interfaces.views import candidates as views

    context = call.context
    found = views.queue(context.database, context.channel, state=state, limit=_at_least_one(limit))
    if not found:
        return Reply(found, answers.empty_queue(context, state))
    chosen = "" if state is CandidateState.QUEUED else f" --state {state}"
    return Reply(
        found,
        answers.since_last_night(context),
        count=answers.count(found, f"{state} candidates", f"picks queue{chosen}"),
    )


@verb(quiet=True)
def show(call: Call, paper: Id) -> Reply:
    """Show one candidate whole, with its decisions and deliveries."""
    return Reply(_shown(call.context, paper))


@verb(quiet=True)
def search(
    call: Call,
    words: Annotated[list[str], Argument("Words of a title or an abstract, names, or an arXiv id; all must be there.")],
    *,
    limit: Annotated[int, Option("How many to list.")] = 20,
) -> Reply:
    """Find stored papers that have all these words, whether they were candidates or not."""
    from bot.curation import search as searching

    context = call.context
    found = searching.search(context.database, context.channel, words, limit=_at_least_one(limit))
    if not found:
        return Reply(found, "no stored paper has all these words")
    again = f"picks search {shlex.join(words)}"
    return Reply(found, count=answers.count(found, "stored papers with all these words", again))


@verb(quiet=True)
def similar(call: Call, paper: Id, *, limit: Annotated[int, Option("How many to list.")] = 10) -> Reply:
    """Find the stored papers, and the picks, that are most like this one."""
    from bot.curation import search as searching

    context = call.context
    return Reply(searching.similar(context.database, context.channel, paper, limit=_at_least_one(limit)))


@verb()
def why(call: Call, paper: Id) -> Reply:
    """Explain a score whole: what was learned, what the channel file adds, and the probability."""
    from bot.interfaces.views.ranking import why as explain

    context = call.context
    return Reply(explain(context.database, context.channel, paper))


@verb(decides=True)
def note(
    call: Call,
    paper: Id,
    text: Annotated[str | None, Argument("The note; - reads standard input, none opens $EDITOR.")] = None,
    *,
    thread: _Thread = None,
    code: _Code = None,
) -> Reply:
    """Set a pick's note and links; an approved pick goes back to the queue."""
    from bot.curation import decisions
    from bot.curation.context import Edits

    context = call.context
    edits = Edits(note=text, thread_url=thread, code_url=code)
    if not edits:
        raise UsageError("nothing to set: give a text, --thread or --code")
    done = decisions.note(context, paper, edits, seen=call.seen)
    summary = f"noted for {done.arxiv_id}" if done.before else f"nothing changed for {done.arxiv_id}"
    if done.before is CandidateState.APPROVED:
        summary += "; it was approved and is queued again: picks approve asks for its words as they are now"
        if done.kept_slot and done.kept_slot > context.now:
            summary += f", and for its slot, {answers.local(context, done.kept_slot)}"
    lines = [summary, *answers.told(context, done.arxiv_id, done.overwritten)]
    return Reply(_shown(context, done.arxiv_id), "\n".join(lines))


@verb(quiet=True)
def preview(
    call: Call,
    paper: Id,
    *,
    note: Annotated[str | None, Option("What it would be with this note; nothing is stored.")] = None,
    thread: _Thread = None,
    code: _Code = None,
) -> Reply:
    """Show the exact posts per platform with their lengths, and the price on X."""
    from bot.curation import drafts
    from bot.curation.context import Edits
    from bot.interfaces.views import threads as thread_views

    context, edits = call.context, Edits(note=note, thread_url=thread, code_url=code)
    frozen = {} if edits else thread_views.frozen_threads(context.database, context.channel, paper)
    missing = [platform for platform in context.platforms if platform not in frozen]
    composed = drafts.compose_threads(context, paper, edits) if missing else {}
    threads = {**thread_views.composed_threads(composed), **frozen}
    shown = _shown(context, paper)
    ordered = {item: thread_views.PreviewedThread(threads[item], on) for item, on in context.platforms.items()}
    return Reply(thread_views.Preview(shown.arxiv_id, shown.title, ordered))


@verb(decides=True)
def approve(
    call: Call,
    paper: Id,
    *,
    note: Annotated[str | None, Option("The note, if it is not set yet.")] = None,
    thread: _Thread = None,
    code: _Code = None,
    at: Annotated[str | None, Option("When: 10:30, '2026-11-23 10:30' or ISO 8601; the channel's time zone.")] = None,
    now: Annotated[bool, Option("Due at once instead of in the next free slot.")] = False,
) -> Reply:
    """Approve a pick: its exact posts are frozen and go out in the next free slot."""
    from bot.curation import decisions
    from bot.curation.context import Edits
    from bot.domain.slots import parse_time

    context = call.context
    if at is not None and now:
        raise UsageError("give either --at or --now, not both")
    moment = parse_time(at, posting=context.channel.posting, now=context.now) if at is not None else None
    edits = Edits(note=note, thread_url=thread, code_url=code)
    approval = decisions.approve(context, paper, edits, at=context.now if now else moment, seen=call.seen)
    shown = _shown(context, approval.arxiv_id)
    return Reply(shown, answers.approved(context, shown, approval))


@verb(decides=True)
def reject(
    call: Call,
    paper: Id,
    *,
    reason: Annotated[str, Option("Why: kept in the log, and the ranking learns more from it.")] = "",
) -> Reply:
    """Reject a candidate: it leaves the queue."""
    from bot.curation import decisions

    context = call.context
    arxiv_id = decisions.reject(context, paper, reason=reason)
    return Reply(_shown(context, arxiv_id), f"rejected {arxiv_id}")


@verb(decides=True)
def hold(call: Call, paper: Id, until: Annotated[str, Option("The date on which it comes back, YYYY-MM-DD.")]) -> Reply:
    """Put a candidate aside until a date."""
    from bot.curation import decisions

    context = call.context
    day = parse_date(until)
    arxiv_id = decisions.hold(context, paper, until=day)
    return Reply(_shown(context, arxiv_id), f"{arxiv_id} is held until {day}")


@verb(decides=True)
def undo(call: Call, paper: Id) -> Reply:
    """Take the last decision back, as long as nothing has gone out."""
    from bot.curation import decisions

    context = call.context
    arxiv_id, before, slot = decisions.undo(context, paper)
    freed = f"; its slot, {answers.local(context, slot)}, is free" if slot and slot > context.now else ""
    shown = _shown(context, arxiv_id)
    now = f"held until {shown.held_until}" if shown.held_until else "queued"
    return Reply(shown, f"{arxiv_id} was {before}, now it is {now} again{freed}")


@verb(decides=True)
def reopen(
    call: Call,
    paper: Id,
    *,
    platform: Annotated[
        Platform | None, Option("Post it anew on this platform alone, in the words that were approved.")
    ] = None,
) -> Reply:
    """Bring a retracted pick back to the queue, to be mended, approved and posted anew."""
    from bot.curation import decisions, posting_anew

    context = call.context
    if platform is not None:
        done = posting_anew.post_anew(context, paper, platform)
        shown, when = _shown(context, done.arxiv_id), answers.local(context, done.slot)
        lines = [f"{done.arxiv_id} goes out on {platform} again, slot: {when}", *answers.withdrawn(shown)]
        return Reply(shown, "\n".join(lines))
    arxiv_id = decisions.reopen(context, paper)
    words = "picks note changes its words, picks approve posts it anew"
    return Reply(_shown(context, arxiv_id), f"{arxiv_id} is queued again; {words}")


@verb(quiet=True)
def history(call: Call, *, limit: Annotated[int, Option("How many to list.")] = 20) -> Reply:
    """List what went out, the newest first, with addresses and prices."""
    from bot.interfaces.views import history as history_view

    context = call.context
    found = history_view.history(context.database, context.channel, limit=_at_least_one(limit))
    if not found:
        return Reply(found, "nothing has gone out yet")
    return Reply(found, count=answers.count(found, "picks of which something went out", "picks history"))


@verb(quiet=True)
def log(
    call: Call,
    *,
    limit: Annotated[int, Option("How many to list.")] = 20,
    after: Annotated[int, Option("Only entries behind this one, by its number in --json.")] = 0,
) -> Reply:
    """List who decided what about which paper, the newest first."""
    from bot.interfaces.views import log as log_view

    context = call.context
    found = log_view.log(context.database, context.channel, after=after, limit=_at_least_one(limit))
    if not found:
        return Reply(found, "nothing has been decided since then" if after else "nothing has been decided yet")
    return Reply(found, count=answers.count(found, "entries of the log", "picks log"))


@verb()
def status(call: Call) -> Reply:
    """Show what is going on: the queue, the coming slots, platforms, feeds, the worker, and what needs a person."""
    from bot.interfaces.views import status as status_view

    context = call.context
    return Reply(status_view.status(context.database, context.channel, accounts=context.accounts, now=context.now))


def _shown(context: "Context", paper: str) -> "Shown":
    from bot.interfaces.views import candidates as views

    return views.show(context.database, context.channel, paper)


def _at_least_one(limit: int) -> int:
    if limit < 1:
        raise UsageError(f"--limit must be at least 1 (it is {limit})")
    return limit
