"""The curators' verbs: look, note, preview, decide."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Final

from bot.domain.dates import parse_date, parse_time
from bot.domain.errors import UsageError
from bot.domain.posts import Platform
from bot.domain.states import CandidateState
from bot.interfaces.commands import answers
from bot.interfaces.commands.registry import Argument, Call, Follows, Id, Ids, Option, Reply, verb
from bot.interfaces.commands.several import for_each, is_one

if TYPE_CHECKING:
    from datetime import date

    from bot.curation.context import Context
    from bot.interfaces.views.candidates import Shown

_Thread = Annotated[str | None, Option("The authors' own thread, on Bluesky or X; '' removes it.")]
_Code = Annotated[str | None, Option("Where the code is; '' removes it.")]
_Limit = Annotated[int | None, Option("How many to list. It is 20 if nothing is said.")]
_All = Annotated[bool, Option("List all.")]
_MOST: Final = 20


@verb(quiet=True)
def queue(
    call: Call,
    *,
    limit: _Limit = None,
    all: _All = False,  # noqa: A002 - as people type it
    state: Annotated[CandidateState, Option("Which candidates to list.")] = CandidateState.QUEUED,
    day: Annotated[str | None, Option("Of this day alone: 2026-11-30, today, yesterday, mon.", value="DATE")] = None,
    new: Annotated[bool, Option("Of the newest day alone.")] = False,
    by: Annotated[str, Option("Of this author alone: a name, or a part of one.", value="NAME")] = "",
) -> Reply:
    """List the candidates, best first, with score and reasons."""
    from bot.interfaces.views import candidates as views

    context = call.context
    if new and day is not None:
        raise UsageError("give either --day or --new, not both")
    wanted = _past_day(context, day) if day is not None else None
    if new:
        wanted = views.newest_day(context.database, context.channel)
    most = _most(limit, every=all)
    found = views.queue(context.database, context.channel, state=state, limit=most, day=wanted, by=by)
    chosen = f"{f' of {wanted}' if wanted else ''}{f' by {by!r}' if by else ''}"
    if not found:
        return Reply(found, answers.nothing_chosen(state, chosen) if chosen else answers.empty_queue(context, state))
    return Reply(found, answers.since_last_night(context), count=answers.count(found, f"{state} candidates{chosen}"))


@verb(quiet=True)
def digest(
    call: Call,
    *,
    day: Annotated[str | None, Option("The day of announcement; the newest one, if none is named.", "DATE")] = None,
    markdown: Annotated[bool, Option("Print Markdown, for a mail or a page.")] = False,
) -> Reply:
    """Show the morning's digest: the best five candidates of a day, each with the one reason that matters."""
    from bot.intake.schedule import expected_day
    from bot.interfaces.views import digest as views

    context = call.context
    wanted = _past_day(context, day) if day is not None else expected_day(context.now)
    with context.database.reading() as session:
        shown = views.digest(session, context, wanted)
    if not shown.candidates:
        return Reply(shown, answers.empty_digest(context, shown), view="nothing")
    return Reply(shown, document=views.as_markdown(shown) if markdown else "")


@verb(quiet=True)
def show(call: Call, paper: Ids) -> Reply:
    """Show candidates whole, with their decisions and deliveries."""
    return for_each(paper, lambda one: Reply(_shown(call.context, one)))


@verb(quiet=True)
def open_(call: Call, paper: Id) -> Reply:
    """Open the paper's page at arXiv in the browser."""
    from bot.interfaces.views import candidates as views

    context = call.context
    page = views.page(context.database, context.channel, paper)
    return Reply(page, f"{page.arxiv_id}: {page.title}", page=page.url)


@verb(quiet=True)
def search(
    call: Call,
    words: Annotated[list[str], Argument("Words of a title or an abstract, names, or an arXiv id; all must be there.")],
    *,
    limit: _Limit = None,
    all: _All = False,  # noqa: A002 - as people type it
) -> Reply:
    """Find stored papers that have all these words, whether they were candidates or not."""
    from bot.curation import search as searching

    context = call.context
    found = searching.search(context.database, context.channel, words, limit=_most(limit, every=all))
    if not found:
        return Reply(found, "no stored paper has all these words")
    return Reply(found, count=answers.count(found, "stored papers with all these words"))


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
    from bot.interfaces.views.deliveries import words_of

    context, edits = call.context, Edits(note=note, thread_url=thread, code_url=code)
    frozen = {} if edits else thread_views.frozen_threads(context.database, context.channel, paper)
    missing = [platform for platform in context.platforms if platform not in frozen]
    composed = drafts.compose_threads(context, paper, edits) if missing else {}
    shown = _shown(context, paper)
    words = words_of(
        shown.note if note is None else note,
        shown.code_url if code is None else code,
        shown.thread_url if thread is None else thread,
    )
    threads = {**thread_views.composed_threads(composed, words=words), **frozen}
    ordered = {item: thread_views.PreviewedThread(threads[item], on) for item, on in context.platforms.items()}
    return Reply(thread_views.Preview(shown.arxiv_id, shown.title, ordered))


@verb(decides=True)
def approve(
    call: Call,
    paper: Ids,
    *,
    note: Annotated[str | None, Option("The note, if it is not set yet.", follows=Follows.COLON)] = None,
    thread: _Thread = None,
    code: _Code = None,
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
        shown = _shown(context, approval.arxiv_id)
        return Reply(shown, answers.approved(context, shown, approval))

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
        return Reply(_shown(context, arxiv_id), f"rejected {arxiv_id}")

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
        return Reply(_shown(context, arxiv_id), f"{arxiv_id} is held until {day:%a} {day}")

    return for_each(papers, act)


def _until(paper: str | Sequence[str], until: str | None) -> tuple[Sequence[str], str]:
    """Return the papers and the date, which may stand behind them."""
    papers = [paper] if isinstance(paper, str) else list(paper)
    if until is not None:
        return papers, until
    if is_one(papers):
        raise UsageError(f"it is not said until when; picks hold {papers[0]} mon, or --until DATE")
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


def _past_day(context: "Context", text: str) -> "date":
    """Return a day of announcements, which are of arXiv's calendar; raise UsageError when it is none."""
    from bot.arxiv.calendar import EASTERN

    return parse_date(text, today=context.now.astimezone(EASTERN).date(), back=True)


def _undo(context: "Context", paper: str | None) -> Reply:
    from bot.curation import decisions

    arxiv_id, before, slot = decisions.undo(context, paper)
    freed = f"; its slot, {answers.local(context, slot)}, is free" if slot and slot > context.now else ""
    shown = _shown(context, arxiv_id)
    now = f"held until {shown.held_until}" if shown.held_until else "queued"
    which = f"your last decision was about #{shown.id}, {shown.title}:\n" if paper is None else ""
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
        shown, when = _shown(context, done.arxiv_id), answers.local(context, done.slot)
        lines = [f"{done.arxiv_id} goes out on {platform} again, slot: {when}", *answers.withdrawn(shown)]
        return Reply(shown, "\n".join(lines))
    arxiv_id = decisions.reopen(context, paper)
    words = "picks note changes its words, picks approve posts it anew"
    return Reply(_shown(context, arxiv_id), f"{arxiv_id} is queued again; {words}")


@verb(quiet=True)
def history(
    call: Call,
    *,
    limit: _Limit = None,
    all: _All = False,  # noqa: A002 - as people type it
) -> Reply:
    """List what went out, the newest first, with addresses and prices."""
    from bot.interfaces.views import history as history_view

    context = call.context
    found = history_view.history(context.database, context.channel, limit=_most(limit, every=all))
    if not found:
        return Reply(found, "nothing has gone out yet")
    return Reply(found, count=answers.count(found, "picks of which something went out"))


@verb(quiet=True)
def log(
    call: Call,
    *,
    limit: _Limit = None,
    all: _All = False,  # noqa: A002 - as people type it
    after: Annotated[int, Option("Only entries behind this one, by its number in --json.")] = 0,
) -> Reply:
    """List who decided what about which paper, the newest first."""
    from bot.interfaces.views import log as log_view

    context = call.context
    found = log_view.log(context.database, context.channel, after=after, limit=_most(limit, every=all))
    if not found:
        return Reply(found, "nothing has been decided since then" if after else "nothing has been decided yet")
    return Reply(found, count=answers.count(found, "entries of the log"))


@verb()
def status(call: Call) -> Reply:
    """Show what is going on: the queue, the coming slots, platforms, feeds, the worker, and what needs a person.

    Where several channels are configured and none is named it shows all of them.
    """
    from bot.interfaces.views import status as status_view

    found = [
        status_view.status(context.database, context.channel, accounts=context.accounts, now=context.now)
        for context in call.every()
    ]
    return Reply(found if len(found) > 1 else found[0])


def _shown(context: "Context", paper: str) -> "Shown":
    from bot.interfaces.views import candidates as views

    return views.show(context.database, context.channel, paper)


def _most(limit: int | None, *, every: bool) -> int | None:
    """Return how many are listed at the most, None for all; raise UsageError where that is unclear."""
    if every and limit is not None:
        raise UsageError("give either --limit or --all, not both")
    return None if every else _at_least_one(_MOST if limit is None else limit)


def _at_least_one(limit: int) -> int:
    if limit < 1:
        raise UsageError(f"--limit must be at least 1 (it is {limit})")
    return limit
