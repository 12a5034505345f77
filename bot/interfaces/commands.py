"""The curator's verbs, each once: its name, its help, its arguments, what it does.

A mouth (the shell, later chat) reads the parameters from the signature, calls the verb with a context, shows the reply.
A verb never prints and never asks; it raises PicksError with one line for the person.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Final, get_args, get_origin, get_type_hints

from bot.curation import decisions, drafts
from bot.curation import search as searching
from bot.curation.context import Context, Edits
from bot.curation.decisions import Approval
from bot.domain.errors import PicksError
from bot.domain.slots import parse_time
from bot.domain.states import CandidateState
from bot.interfaces.views import candidates as views
from bot.interfaces.views import history as history_view
from bot.interfaces.views import ranking as taste_views
from bot.interfaces.views import status as status_view
from bot.interfaces.views import threads as thread_views


@dataclass(frozen=True, slots=True)
class Argument:
    """A value that stands by its place."""

    help: str


@dataclass(frozen=True, slots=True)
class Option:
    """A value that stands behind ``--name``."""

    help: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What a verb answers: ``data``, a view or a list of views, and ``summary``, which people read besides."""

    data: Any
    summary: str = ""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a verb, as its signature says it."""

    name: str
    type: Any
    default: Any
    form: Argument | Option

    @property
    def required(self) -> bool:
        """Say whether the verb needs it."""
        return self.default is inspect.Parameter.empty


@dataclass(frozen=True, slots=True)
class Verb:
    """One thing a curator can say; ``decides`` marks those that change something and so need to know who speaks."""

    name: str
    help: str
    run: Callable[..., Reply]
    decides: bool

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """Return the parameters after the context."""
        hints = get_type_hints(self.run, include_extras=True)
        signature = inspect.signature(self.run)
        return tuple(_parameter(hints[name], item) for name, item in list(signature.parameters.items())[1:])


VERBS: Final[dict[str, Verb]] = {}

_Id = Annotated[str, Argument("A queue number, or an arXiv id in any form.")]
_Thread = Annotated[str | None, Option("The authors' own thread, on Bluesky or X; '' removes it.")]
_Code = Annotated[str | None, Option("Where the code is; '' removes it.")]


def _verb(*, decides: bool) -> Callable[[Callable[..., Reply]], Callable[..., Reply]]:
    def register(run: Callable[..., Reply]) -> Callable[..., Reply]:
        VERBS[run.__name__] = Verb(run.__name__, (run.__doc__ or "").strip(), run, decides)
        return run

    return register


def _parameter(hint: Any, item: inspect.Parameter) -> Parameter:
    if get_origin(hint) is not Annotated:
        raise TypeError(f"the parameter {item.name} of a verb lacks its help")
    kind, form = get_args(hint)
    return Parameter(item.name, kind, item.default, form)


@_verb(decides=False)
def queue(
    context: Context,
    *,
    limit: Annotated[int, Option("How many to list.")] = 20,
    state: Annotated[CandidateState, Option("Which candidates to list.")] = CandidateState.QUEUED,
) -> Reply:
    """List the candidates, best first, with score and reasons."""
    found = views.queue(context.database, context.channel, state=state, limit=_at_least_one(limit))
    return Reply(found, "" if found else f"no candidates are {state}; new papers come with picks fetch")


@_verb(decides=False)
def show(context: Context, paper: _Id) -> Reply:
    """Show one candidate whole, with its decisions and deliveries."""
    return Reply(views.show(context.database, context.channel, paper))


@_verb(decides=False)
def search(
    context: Context,
    words: Annotated[list[str], Argument("Words of a title or an abstract, names, or an arXiv id; all must be there.")],
    *,
    limit: Annotated[int, Option("How many to list.")] = 20,
) -> Reply:
    """Find stored papers that have all these words, whether they were candidates or not."""
    found = searching.search(context.database, context.channel, words, limit=_at_least_one(limit))
    return Reply(found, "" if found else "no stored paper has all these words")


@_verb(decides=False)
def similar(context: Context, paper: _Id, *, limit: Annotated[int, Option("How many to list.")] = 10) -> Reply:
    """Find the stored papers, and the picks, that are most like this one."""
    return Reply(searching.similar(context.database, context.channel, paper, limit=_at_least_one(limit)))


@_verb(decides=False)
def why(context: Context, paper: _Id) -> Reply:
    """Explain a score whole: what was learned, what the channel file adds, and the probability."""
    return Reply(taste_views.why(context.database, context.channel, paper))


@_verb(decides=True)
def note(
    context: Context,
    paper: _Id,
    text: Annotated[str | None, Argument("The note; - reads standard input, none opens $EDITOR.")] = None,
    *,
    thread: _Thread = None,
    code: _Code = None,
) -> Reply:
    """Set a pick's note and links; an approved pick goes back to the queue."""
    edits = Edits(note=text, thread_url=thread, code_url=code)
    if not edits:
        raise PicksError("nothing to set: give a text, --thread or --code")
    arxiv_id, before = decisions.note(context, paper, edits)
    summary = f"noted for {arxiv_id}" if before else f"nothing changed for {arxiv_id}"
    if before is CandidateState.APPROVED:
        summary += "; it was approved and is queued again: picks approve asks for its words as they are now"
    return Reply(views.show(context.database, context.channel, arxiv_id), summary)


@_verb(decides=False)
def preview(context: Context, paper: _Id) -> Reply:
    """Show the exact posts per platform with their lengths, and the price on X."""
    frozen = thread_views.frozen_threads(context.database, context.channel, paper)
    missing = [platform for platform in context.platforms if platform not in frozen]
    composed = drafts.compose_threads(context, paper) if missing else {}
    threads = {**thread_views.composed_threads(composed), **frozen}
    shown = views.show(context.database, context.channel, paper)
    ordered = {item: thread_views.PreviewedThread(threads[item], on) for item, on in context.platforms.items()}
    return Reply(thread_views.Preview(shown.arxiv_id, shown.title, ordered))


@_verb(decides=True)
def approve(
    context: Context,
    paper: _Id,
    *,
    note: Annotated[str | None, Option("The note, if it is not set yet.")] = None,
    thread: _Thread = None,
    code: _Code = None,
    at: Annotated[str | None, Option("When: 10:30, '2026-11-23 10:30' or ISO 8601; the channel's time zone.")] = None,
    now: Annotated[bool, Option("Due at once instead of in the next free slot.")] = False,
) -> Reply:
    """Approve a pick: its exact posts are frozen and go out in the next free slot."""
    if at is not None and now:
        raise PicksError("give either --at or --now, not both")
    moment = parse_time(at, posting=context.channel.posting, now=context.now) if at is not None else None
    edits = Edits(note=note, thread_url=thread, code_url=code)
    approval = decisions.approve(context, paper, edits, at=context.now if now else moment)
    shown = views.show(context.database, context.channel, approval.arxiv_id)
    return Reply(shown, _approved(context, shown, approval))


@_verb(decides=True)
def reject(context: Context, paper: _Id, *, reason: Annotated[str, Option("Why, for the log.")] = "") -> Reply:
    """Reject a candidate: it leaves the queue."""
    arxiv_id = decisions.reject(context, paper, reason=reason)
    return Reply(views.show(context.database, context.channel, arxiv_id), f"rejected {arxiv_id}")


@_verb(decides=True)
def hold(
    context: Context, paper: _Id, until: Annotated[str, Option("The date on which it comes back, YYYY-MM-DD.")]
) -> Reply:
    """Put a candidate aside until a date."""
    try:
        day = date.fromisoformat(until)
    except ValueError:
        raise PicksError(f"cannot read the date {until!r}; write it as 2026-11-30") from None
    arxiv_id = decisions.hold(context, paper, until=day)
    return Reply(views.show(context.database, context.channel, arxiv_id), f"{arxiv_id} is held until {day}")


@_verb(decides=True)
def undo(context: Context, paper: _Id) -> Reply:
    """Take the last decision back, as long as nothing has gone out."""
    arxiv_id, before = decisions.undo(context, paper)
    return Reply(
        views.show(context.database, context.channel, arxiv_id), f"{arxiv_id} was {before}, now it is queued again"
    )


@_verb(decides=False)
def history(context: Context, *, limit: Annotated[int, Option("How many to list.")] = 20) -> Reply:
    """List what went out, the newest first, with addresses and prices."""
    found = history_view.history(context.database, context.channel, limit=_at_least_one(limit))
    return Reply(found, "" if found else "nothing has gone out yet")


@_verb(decides=False)
def status(context: Context) -> Reply:
    """Show what is going on: the queue, the coming slots, platforms, feeds, the worker, and what needs a person."""
    return Reply(status_view.status(context.database, context.channel, accounts=context.accounts, now=context.now))


def _at_least_one(limit: int) -> int:
    if limit < 1:
        raise PicksError(f"--limit must be at least 1 (it is {limit})")
    return limit


def _approved(context: Context, shown: views.Shown, approval: Approval) -> str:
    posting = context.channel.posting
    due = approval.slot <= context.now
    local = approval.slot.astimezone(posting.zone)
    when = "now (the worker sends it, or picks publish)" if due else f"{local:%a %d %b %Y %H:%M %Z}"
    remarks = [remark for delivery in shown.deliveries for remark in delivery.remarks]
    off = [f"{platform}: {account.problem}" for platform, account in context.accounts.items() if not account.on]
    return "\n".join(
        [
            f"approved {shown.arxiv_id}, slot: {when}",
            *([] if shown.note else ["it has no note; picks note adds one, and asks for approval again"]),
            *dict.fromkeys(remarks),
            *_over_the_cap(approval.picks_that_day, cap=posting.daily_cap),
            *(f"left out: {item}: the channel {other} posts it there" for item, other in approval.taken.items()),
            *(["no platform is switched on, so it waits"] if len(off) == len(context.accounts) else []),
            *(f"left out: {reason}" for reason in off),
        ]
    )


def _over_the_cap(picks: int, *, cap: int) -> list[str]:
    return [f"that day has {picks} picks now, the channel's daily cap is {cap}"] if picks > cap else []
