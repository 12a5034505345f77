"""The curators' verbs that change something: note and decide."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

from bot.domain.dates import parse_date, parse_time
from bot.domain.errors import UsageError
from bot.domain.posts import Platform
from bot.domain.states import CandidateState
from bot.interfaces.commands import answers
from bot.interfaces.commands.common import CodeUrl, ThreadUrl, shown_now
from bot.interfaces.commands.registry import Argument, Call, Follows, Id, Ids, Option, Reply, verb
from bot.interfaces.commands.several import for_each, is_one

if TYPE_CHECKING:
    from bot.curation.context import Context


@verb(decides=True)
def note(
    call: Call,
    paper: Id,
    text: Annotated[str | None, Argument("The note; - reads standard input, none opens $EDITOR.")] = None,
    *,
    thread: ThreadUrl = None,
    code: CodeUrl = None,
) -> Reply:
    """Set a pick's note and links; an approved pick goes back to the queue."""
    from bot.curation import decisions
    from bot.curation.context import Edits

    context = call.context
    edits = Edits(note=text, thread_url=thread, code_url=code)
    if not edits:
        raise UsageError("nothing to set: give a text, --thread or --code")
    done = decisions.note(context, paper, edits, seen=call.seen)
    shown = shown_now(context, done.arxiv_id)
    summary = f"noted for {done.arxiv_id}" if done.before else f"nothing changed for {done.arxiv_id}"
    if done.before and text is not None and not shown.note:
        summary = f"the note of {done.arxiv_id} is removed"
    if done.before is CandidateState.APPROVED:
        summary += "; it was approved and is queued again: picks approve asks for its words as they are now"
        if done.kept_slot and done.kept_slot > context.now:
            summary += f", and for its slot, {answers.local(context, done.kept_slot)}"
    lines = [summary, *answers.told(context, done.arxiv_id, done.overwritten)]
    return Reply(shown, "\n".join(lines))


@verb(decides=True)
def approve(
    call: Call,
    paper: Ids,
    *,
    note: Annotated[str | None, Option("The note, if it is not set yet.", follows=Follows.COLON)] = None,
    thread: ThreadUrl = None,
    code: CodeUrl = None,
    at: Annotated[
        str | None, Option("When: 10:30, 'mon 10:00', '2026-11-23 10:30' or ISO 8601; the channel's time zone.")
    ] = None,
    now: Annotated[bool, Option("Due at once instead of in the next free slot.")] = False,
) -> Reply:
    """Approve a pick: its exact posts are frozen and go out in the next free slot. Several picks take one slot each."""
    from bot.curation import decisions
    from bot.curation.context import Edits

    context, edits = call.context, Edits(note=note, thread_url=thread, code_url=code)
    if at is not None and now:
        raise UsageError("give either --at or --now, not both")
    if not is_one(paper) and (edits or now or at is not None):
        raise UsageError("--note, --thread, --code, --at and --now are for one pick: approve the others apart from it")
    posting = context.channel.posting
    moment = parse_time(at, zone=posting.zone, now=context.now) if at is not None else None

    def act(one: str) -> Reply:
        approval = decisions.approve(context, one, edits, at=context.now if now else moment, seen=call.seen)
        shown = shown_now(context, approval.arxiv_id)
        return Reply(shown, answers.approved(context, shown, approval), besides=answers.lacking(context, approval))

    return for_each(paper, act)


@verb(decides=True)
def reject(
    call: Call,
    paper: Ids,
    *,
    reason: Annotated[
        str, Option("Why, in a word or two: kept in the log, and it teaches the ranking more.", follows=Follows.WORDS)
    ] = "",
) -> Reply:
    """Reject candidates: they leave the queue.

    Rejections teach: the ranking learns from each of them overnight, and from one with a reason half as much again.
    """
    from bot.curation import decisions

    context = call.context

    def act(one: str) -> Reply:
        arxiv_id = decisions.reject(context, one, reason=reason)
        shown = shown_now(context, arxiv_id)
        return Reply(shown, f"rejected {arxiv_id}: {answers.named(shown)}")

    return for_each(paper, act)


@verb(decides=True)
def hold(
    call: Call,
    paper: Annotated[list[str], Argument("The papers, and behind them the date if --until does not say it.")],
    *,
    until: Annotated[
        str | None,
        Option(
            "When it comes back: 2026-11-30, tomorrow, 3d or mon; without it the last word says it.",
            "DATE",
            follows=Follows.WORDS,
        ),
    ] = None,
) -> Reply:
    """Put candidates aside until a date: picks hold 5 6 mon."""
    from bot.curation import decisions

    context = call.context
    papers, when = _until(paper, until)
    zone = context.channel.posting.zone
    day = parse_date(when, today=context.now.astimezone(zone).date())

    def act(one: str) -> Reply:
        arxiv_id = decisions.hold(context, one, until=day)
        shown = shown_now(context, arxiv_id)
        return Reply(shown, f"{arxiv_id} is held until {day:%a} {day}: {answers.named(shown)}")

    return for_each(papers, act)


def _until(paper: str | Sequence[str], until: str | None) -> tuple[Sequence[str], str]:
    """Return the papers and the date, which may stand behind them."""
    papers = [paper] if isinstance(paper, str) else list(paper)
    if until is not None:
        return papers, until
    if is_one(papers):
        from bot.curation.context import parse_id

        parse_id(papers[0])  # a date alone is no paper, and that is said
        raise UsageError(f"until when? write picks hold {papers[0]} mon, or --until DATE")
    return papers[:-1], papers[-1]


@verb(decides=True)
def undo(
    call: Call,
    paper: Annotated[
        list[str] | None, Argument("The papers; without any, your own last decision is taken back.")
    ] = None,
) -> Reply:
    """Take the last decision back, as long as nothing has gone out."""
    context = call.context
    if not paper:
        return _undo(context, None)
    return for_each(paper, lambda one: _undo(context, one))


def _undo(context: "Context", paper: str | None) -> Reply:
    from bot.curation import decisions

    arxiv_id, before, slot = decisions.undo(context, paper)
    freed = f"; its slot, {answers.local(context, slot)}, is free" if slot and slot > context.now else ""
    shown = shown_now(context, arxiv_id)
    which = f"your last decision was about {answers.named(shown)}:\n" if paper is None else ""
    if before is CandidateState.PUBLISHED:
        said = f"the correction of {arxiv_id} is taken back, and what is out stays as it is{freed}"
        return Reply(shown, f"{which}{said}")
    now = f"held until {shown.held_until}" if shown.held_until else "queued"
    return Reply(shown, f"{which}{arxiv_id} was {before}, now it is {now} again{freed}")


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
        shown, when = shown_now(context, done.arxiv_id), answers.local(context, done.slot)
        lines = [f"{done.arxiv_id} goes out on {platform} again, slot: {when}", *answers.withdrawn(shown)]
        return Reply(shown, "\n".join(lines))
    arxiv_id = decisions.reopen(context, paper)
    words = "picks note changes its words, picks approve posts it anew"
    return Reply(shown_now(context, arxiv_id), f"{arxiv_id} is queued again; {words}")
