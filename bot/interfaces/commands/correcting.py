"""The curators' verb for what is out already: correct a note."""

from typing import TYPE_CHECKING, Annotated

from bot.domain.corrections import CorrectionForm
from bot.domain.dates import parse_time
from bot.domain.errors import UsageError
from bot.interfaces.commands import answers
from bot.interfaces.commands.common import shown_now
from bot.interfaces.commands.registry import Call, Follows, Id, Option, Reply, verb

if TYPE_CHECKING:
    from datetime import datetime

    from bot.curation.context import Context
    from bot.curation.corrections import Proposal


@verb(decides=True)
def correct(
    call: Call,
    paper: Id,
    *,
    note: Annotated[str | None, Option("The corrected note, whole.", "TEXT", follows=Follows.COLON)] = None,
    form: Annotated[
        CorrectionForm | None,
        Option("A reply below the thread, or the thread down and posted anew; else as the channel file says."),
    ] = None,
    at: Annotated[str | None, Option("When: 10:30, 'mon 10:00' or ISO 8601; the channel's time zone.")] = None,
    now: Annotated[bool, Option("Due at once instead of in the next free slot.")] = False,
    yes: Annotated[bool, Option("Approve it; without this it is only shown.")] = False,
) -> Reply:
    """Correct the note of a pick that is out: show the difference and the posts, and with --yes approve them."""
    from bot.curation import corrections
    from bot.interfaces.views.corrections import proposed

    if note is None:
        raise UsageError("say the corrected note, whole: --note TEXT")
    if at is not None and now:
        raise UsageError("give either --at or --now, not both")
    context = call.context
    moment = parse_time(at, zone=context.channel.posting.zone, now=context.now) if at is not None else None
    if not yes:
        proposal = corrections.propose(context, paper, note, form=form)
        shown = shown_now(context, proposal.arxiv_id)
        again = f"nothing is stored yet; the same with --yes approves it: {_meaning(proposal)}"
        return Reply(proposed(proposal, title=shown.title), "\n".join([again, *answers.withdrawn(shown)]))
    done = corrections.approve(context, paper, note, form=form, at=context.now if now else moment)
    shown = shown_now(context, done.proposal.arxiv_id)
    said = "\n".join([_said(context, done.proposal, done.due_at), *answers.withdrawn(shown)])
    named = [item for item in context.accounts.items() if item[0] in done.proposal.threads]
    waits = [answers.waits_for_keys(platform, account) for platform, account in named]
    return Reply(
        proposed(done.proposal, title=shown.title, due_at=done.due_at), said, besides="\n".join(filter(None, waits))
    )


def _meaning(proposal: "Proposal") -> str:
    """Say what followers will see, and what they lose."""
    if proposal.form is CorrectionForm.REPLY:
        return "a reply below the thread"
    return "the thread comes down and is posted anew; its likes, replies and reposts are lost"


def _said(context: "Context", proposal: "Proposal", due_at: "datetime") -> str:
    name = proposal.arxiv_id
    if due_at <= context.now:
        return f"approved the correction of {name}, now (the worker sends it, or picks publish): {_meaning(proposal)}"
    when = answers.local(context, due_at)
    return f"approved the correction of {name}, slot: {when}: {_meaning(proposal)}; picks undo {name} takes it back"
