"""The verbs that look and change nothing: the queue, papers, threads, what happened and what is going on."""

from typing import Annotated

from bot.domain.errors import UsageError
from bot.domain.states import CandidateState
from bot.interfaces.commands import answers
from bot.interfaces.commands.common import (
    COUNTABLE,
    All,
    CodeUrl,
    Limit,
    ThreadUrl,
    at_least_one,
    most_of,
    past_day,
    shown_now,
)
from bot.interfaces.commands.registry import Argument, Call, Id, Ids, Option, Reply, verb
from bot.interfaces.commands.several import for_each


@verb(quiet=True)
def queue(
    call: Call,
    *,
    limit: Limit = None,
    all: All = False,  # noqa: A002 - as people type it
    state: Annotated[CandidateState, Option("Which candidates to list.")] = CandidateState.QUEUED,
    day: Annotated[str | None, Option("Of this day alone: 2026-02-17, today, yesterday, mon.", value="DATE")] = None,
    new: Annotated[bool, Option("Of the newest day alone.")] = False,
    by: Annotated[
        str | None, Option("Of this author alone: a name, or the beginnings of its words.", value="NAME")
    ] = None,
) -> Reply:
    """List the candidates, best first, with score and reasons."""
    from bot.interfaces.views import candidates as views

    context = call.context
    if new and day is not None:
        raise UsageError("give either --day or --new, not both")
    if by is not None and not by.strip():
        raise UsageError("--by needs a name")
    wanted = past_day(context, day) if day is not None else None
    if new:
        wanted = views.newest_day(context.database, context.channel)
    most = most_of(limit, every=all)
    found = views.queue(context.database, context.channel, state=state, limit=most, day=wanted, by=by or "")
    chosen = f"{f' of {wanted}' if wanted else ''}{f' by {by!r}' if by else ''}"
    if not found:
        return Reply(found, answers.nothing_chosen(state, chosen) if chosen else answers.empty_queue(context, state))
    return Reply(found, answers.since_last_night(context), count=answers.count(found, f"{state} candidates{chosen}"))


@verb(quiet=True)
def digest(
    call: Call,
    *,
    day: Annotated[
        str | None, Option("The day of announcement; the newest of arXiv's calendar, if none is named.", "DATE")
    ] = None,
    markdown: Annotated[bool, Option("Print Markdown, for a mail or a page.")] = False,
) -> Reply:
    """Show the morning's digest: the best five candidates of a day, each with the one reason that matters."""
    from bot.intake.schedule import expected_day
    from bot.interfaces.views import digest as views
    from bot.interfaces.views.candidates import newest_day

    context = call.context
    wanted = past_day(context, day) if day is not None else expected_day(context.now)
    with context.database.reading() as session:
        shown = views.digest(session, context, wanted)
    if not shown.candidates:
        said = answers.empty_digest(context, shown, newest=newest_day(context.database, context.channel))
        return Reply(shown, said, view="nothing", document="" if markdown else None)
    return Reply(shown, document=views.as_markdown(shown) if markdown else None)


@verb(quiet=True)
def show(call: Call, paper: Ids) -> Reply:
    """Show candidates whole, with their decisions and deliveries."""
    return for_each(paper, lambda one: Reply(shown_now(call.context, one)))


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
    limit: Limit = None,
    all: All = False,  # noqa: A002 - as people type it
) -> Reply:
    """Find stored papers that have all these words, whether they were candidates or not."""
    from bot.curation import search as searching

    context = call.context
    found = searching.search(context.database, context.channel, words, limit=most_of(limit, every=all))
    if not found:
        return Reply(found, "no stored paper has all these words")
    return Reply(found, count=answers.count(found, "stored papers with all these words"))


@verb(quiet=True)
def similar(call: Call, paper: Id, *, limit: Annotated[int, Option("How many to list.")] = 10) -> Reply:
    """Find the stored papers, and the picks, that are most like this one."""
    from bot.curation import search as searching

    context = call.context
    return Reply(searching.similar(context.database, context.channel, paper, limit=at_least_one(limit)))


@verb()
def why(call: Call, paper: Id) -> Reply:
    """Explain a score whole: what was learned, what the channel file adds, and the probability."""
    from bot.interfaces.views.ranking import why as explain

    context = call.context
    return Reply(explain(context.database, context.channel, paper))


@verb(quiet=True)
def preview(
    call: Call,
    paper: Id,
    *,
    note: Annotated[str | None, Option("What it would be with this note; nothing is stored.")] = None,
    thread: ThreadUrl = None,
    code: CodeUrl = None,
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
    shown = shown_now(context, paper)
    words = words_of(
        shown.note if note is None else note,
        shown.code_url if code is None else code,
        shown.thread_url if thread is None else thread,
    )
    threads = {**thread_views.composed_threads(composed, words=words), **frozen}
    ordered = {item: thread_views.PreviewedThread(threads[item], on) for item, on in context.platforms.items()}
    return Reply(thread_views.Preview(shown.arxiv_id, shown.title, ordered))


@verb(quiet=True)
def history(
    call: Call,
    *,
    limit: Limit = None,
    all: All = False,  # noqa: A002 - as people type it
) -> Reply:
    """List what went out, the newest first, with addresses and prices."""
    from bot.interfaces.views import history as history_view

    context = call.context
    found = history_view.history(context.database, context.channel, limit=most_of(limit, every=all))
    if not found:
        return Reply(found, "nothing has gone out yet")
    return Reply(found, count=answers.count(found, "picks of which something went out"))


@verb(quiet=True)
def log(
    call: Call,
    *,
    limit: Limit = None,
    all: All = False,  # noqa: A002 - as people type it
    after: Annotated[int, Option("Only entries behind this one, by its number in --json.")] = 0,
) -> Reply:
    """List who decided what about which paper, the newest first."""
    from bot.interfaces.views import log as log_view

    context = call.context
    if not 0 <= after <= COUNTABLE:
        raise UsageError(f"--after is the number of an entry, 0 to {COUNTABLE} (it is {after})")
    found = log_view.log(context.database, context.channel, after=after, limit=most_of(limit, every=all))
    if not found:
        return Reply(found, "nothing has been decided since then" if after else "nothing has been decided yet")
    return Reply(found, count=answers.count(found, "entries of the log"))


@verb(spans=True)
def status(
    call: Call,
    *,
    exit_code: Annotated[bool, Option("End with 1 if something needs a person.")] = False,
) -> Reply:
    """Show what is going on: the queue, the coming slots, platforms, feeds, the worker, and what needs a person.

    Where several channels are configured and none is named it shows all of them.
    """
    from bot.interfaces.views import status as status_view

    found = [
        status_view.status(context.database, context.channel, accounts=context.accounts, now=context.now)
        for context in call.every()
    ]
    cases = sum(len(item.attention) for item in found) if exit_code else 0
    failed = f"needs a person: {cases}; what, and how, stands above" if cases else ""
    return Reply(found if len(found) > 1 else found[0], failed=failed)
