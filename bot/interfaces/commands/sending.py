"""Picks out, and down again: ``publish``, ``retract`` and ``resolve``."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Final

from bot.domain.errors import PicksError, UsageError
from bot.domain.posts import Platform
from bot.domain.roles import Role
from bot.domain.states import DeliveryState
from bot.interfaces.commands.registry import Argument, Call, Id, Option, Reply, verb

if TYPE_CHECKING:
    from bot.curation.context import Account, Context
    from bot.interfaces.views.candidates import Shown
    from bot.interfaces.views.deliveries import DeliveryView
    from bot.interfaces.views.threads import DueThread


_NAMED: Final = 5
_DONE_WITH: Final = (DeliveryState.SENT, DeliveryState.GIVEN_UP, DeliveryState.RETRACTED)


@verb(decides=True, operates=True)
def publish(
    call: Call,
    paper: Annotated[str | None, Argument("This pick now, whatever its slot.")] = None,
    *,
    dry_run: Annotated[bool, Option("Show what would go out; send nothing.")] = False,
    single: Annotated[bool, Option("On X, as the single post approved in place of the thread.")] = False,
) -> Reply:
    """Send what is due now, or this one pick."""
    from bot.publishing.rounds import approved_paper

    if single and (paper is None or dry_run):
        raise UsageError("--single needs the ID of a pick, and shows in picks preview instead of a dry run")
    gone = [] if dry_run else _retire_withdrawn(call)
    arxiv_id = approved_paper(call.context.database, call.context.channel, paper) if paper else None
    reply = _rehearse(call, arxiv_id) if dry_run else _send(call, arxiv_id, single=single)
    notice = [f"withdrawn by their authors, and not sent: {', '.join(gone)}"] if gone else []
    return replace(reply, summary="\n".join([*filter(None, [reply.summary]), *notice]))


def _retire_withdrawn(call: Call) -> list[str]:
    """Act on papers that were withdrawn since the worker did: nothing of them is sent."""
    from bot.curation.housekeeping import retire_withdrawn

    return [
        arxiv_id
        for context in call.every()
        for arxiv_id in retire_withdrawn(context.database, context.channel, now=context.now)
    ]


def _rehearse(call: Call, arxiv_id: str | None) -> Reply:
    contexts = call.every()
    threads = [thread for context in contexts for thread in _due_threads(context, arxiv_id)]
    left = _left(call, contexts, arxiv_id, {item.platform for item in threads})
    return Reply(threads, left, view="dry-run")


def _due_threads(context: "Context", arxiv_id: str | None) -> "list[DueThread]":
    """Return what would go out of a channel; what waits for a platform that is off would not."""
    from bot.interfaces.views.threads import frozen_deliveries
    from bot.publishing.outbox import due_deliveries
    from bot.publishing.rounds import would_be_sent

    names = [context.channel.name]
    off = {platform for platform, account in context.accounts.items() if not account.here}
    if arxiv_id is None:
        pairs = {(context.channel.name, platform) for platform in off}
        due = would_be_sent(context.database, names, now=context.now, off=pairs)
    else:
        due = due_deliveries(context.database, now=context.now, channels=names, arxiv_id=arxiv_id)
    threads = [*_due_corrections(context, arxiv_id), *frozen_deliveries(context.database, due)]
    return [thread for thread in threads if thread.platform not in off]


def _due_corrections(context: "Context", arxiv_id: str | None) -> "list[DueThread]":
    """Return the threads of the corrections that would begin, or go on."""
    from bot.interfaces.views.corrections import threads_of
    from bot.publishing.corrections import due_corrections

    names = [context.channel.name]
    due = due_corrections(context.database, names, now=context.now, arxiv_id=arxiv_id)
    return threads_of(context.database, [row_id for row_id, _, _ in due])


def _send(call: Call, arxiv_id: str | None, *, single: bool) -> Reply:
    """Send, and say what is left; not sent is a failure, shown below the reports."""
    from bot.publishing.corrections import carry_on
    from bot.publishing.rounds import send_due
    from bot.publishing.sender import deliver_due

    contexts = call.every()
    channels = [context.channel for context in contexts]
    with call.busy("sending ..."):
        if arxiv_id is None:
            reports = send_due(call.outbox(), channels)
        else:
            names, outbox = [channel.name for channel in channels], call.outbox()
            carry_on(outbox, channels, arxiv_id=arxiv_id)
            reports = deliver_due(outbox, channels=names, arxiv_id=arxiv_id, single=single)
    left = _left(call, contexts, arxiv_id, {item.platform for item in reports}, single=single)
    failed = ", ".join(f"{item.arxiv_id} on {item.platform} ({item.state})" for item in reports if item.error)
    return Reply(
        reports,
        left,
        failed=f"not sent: {failed}; the reason is above and in picks status" if failed else "",
    )


def _left(
    call: Call,
    contexts: "Sequence[Context]",
    arxiv_id: str | None,
    tried: Collection[Platform],
    *,
    single: bool = False,
) -> str:
    """Return why something is not sent, empty when all is; raise PicksError when that is all of what was asked for."""
    from bot.interfaces.views import candidates as views
    from bot.platforms.registry import TRAITS

    if arxiv_id is None:
        return "\n".join(_waiting(contexts)) or ("" if tried else _nothing_due(contexts))
    shown = views.show(call.context.database, call.context.channel, arxiv_id)
    accounts = call.context.accounts
    asked = [item for item in shown.deliveries if TRAITS[item.platform].single_post or not single]
    if not asked and shown.deliveries:
        raise PicksError(f"--single is for X alone, and {arxiv_id} does not go there; leave --single out")
    waiting = [*_corrections_left(shown, accounts, tried)]
    waiting += [
        f"{item.platform}: {_why_not(item, accounts.get(item.platform))}"
        for item in asked
        if item.platform not in tried and item.state not in _DONE_WITH
    ]
    reasons = "; ".join(waiting)
    if not tried:
        raise PicksError(f"nothing of {arxiv_id} can be sent now; {reasons or f'see picks show {arxiv_id}'}")
    return f"left out: {reasons}" if reasons else ""


def _corrections_left(
    shown: "Shown", accounts: "Mapping[Platform, Account]", tried: Collection[Platform]
) -> "Iterator[str]":
    """Yield why a correction has not begun on a platform, or goes on there later."""
    for row in shown.corrections:
        for platform in row.waiting if row.is_open else ():
            account = accounts.get(platform)
            if account is not None and not account.here:
                yield f"{platform}: off, {_why_off(account)}"
            elif platform not in tried:
                yield f"{platform}: the correction waits{f', {row.error}' if row.error else ''}"


def _waiting(contexts: "Sequence[Context]") -> list[str]:
    """Say what is due and waits because its platform is off here: a line a platform."""
    from bot.interfaces.views.threads import frozen_deliveries
    from bot.publishing.outbox import due_deliveries

    lines = []
    for context in contexts:
        due = due_deliveries(context.database, now=context.now, channels=[context.channel.name])
        threads = [*_due_corrections(context, None), *frozen_deliveries(context.database, due)]
        for platform, account in context.accounts.items():
            ids = [thread.arxiv_id for thread in threads if thread.platform is platform]
            if ids and not account.here:
                more = f" and {len(ids) - _NAMED} more" if len(ids) > _NAMED else ""
                off = f"{platform} is off: {_why_off(account)}"
                lines.append(f"due and not sent: {', '.join(ids[:_NAMED])}{more}; {off}")
    return lines


def _why_off(account: "Account") -> str:
    """Return why nothing is sent from here, and that a worker sends it where one has the keys."""
    return f"{account.problem}{'; a worker has them' if account.on else ''}"


def _why_not(delivery: "DeliveryView", account: "Account | None") -> str:
    if account is not None and not account.here:
        return f"off, {_why_off(account)}"
    match delivery.state:
        case DeliveryState.UNKNOWN:
            return f"it may be out already, {delivery.error}"
        case DeliveryState.REFUSED:
            return f"refused, {delivery.error}"
        case DeliveryState.PLANNED if delivery.error:
            return delivery.error
        case _:
            return "another process is sending it; see picks status"


def _nothing_due(contexts: "Sequence[Context]") -> str:
    accounts = [pair for context in contexts for pair in context.accounts.items() if not pair[1].here]
    off = dict.fromkeys(f"; {platform} is off: {_why_off(account)}" for platform, account in accounts)
    return f"nothing is due{''.join(off)}"


@verb(decides=True, role=Role.OPERATOR)
def retract(
    call: Call,
    paper: Id,
    *,
    platform: Annotated[Platform | None, Option("On this platform alone.")] = None,
) -> Reply:
    """Take a pick's threads down on every platform; the same call again goes on where it broke off."""
    from bot.publishing import retract as retracting

    context = call.context
    done = retracting.retract(call.outbox(), context.channel, paper, actor=context.actor, platform=platform)
    if not any(item.error for item in done):
        return Reply(done)
    alone = f" --platform {platform}" if platform else ""
    again = f"picks retract {done[0].arxiv_id}{alone}"
    return Reply(done, failed=f"posts of {done[0].arxiv_id} are still up, or may be; run: {again}")


@verb(decides=True, role=Role.OPERATOR)
def resolve(
    call: Call,
    paper: Id,
    *,
    sent: Annotated[str | None, Option("It is out: its address on X, which is looked at.", value="URL")] = None,
    resend: Annotated[bool, Option("It is not out: send it again.")] = False,
    give_up: Annotated[bool, Option("Leave it as it is.")] = False,
    platform: Annotated[Platform | None, Option("Which, if several wait.")] = None,
) -> Reply:
    """Decide about a delivery that waits for a person."""
    from bot.interfaces.views import candidates as views
    from bot.publishing import resolve as resolving

    context = call.context
    arxiv_id, where, state = resolving.resolve(
        context.database,
        context.channel,
        paper,
        resolving.Verdict(sent, resend, give_up),
        actor=context.actor,
        now=context.now,
        platform=platform,
        publisher_for=call.outbox().publisher_for if sent else None,
    )
    shown = views.show(context.database, context.channel, arxiv_id)
    return Reply(shown, f"{arxiv_id} on {where} is {state} now")
