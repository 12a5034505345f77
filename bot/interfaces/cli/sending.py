"""Picks out, and down again: ``picks publish``, ``retract`` and ``resolve``."""

import sys
import time
from collections.abc import Collection
from contextlib import nullcontext
from typing import Annotated

import typer

from bot.app import App
from bot.curation.context import Account
from bot.domain.channels import Channel
from bot.domain.errors import PicksError
from bot.domain.posts import Platform
from bot.domain.states import DeliveryState
from bot.interfaces.cli import terminal
from bot.interfaces.cli.invocation import Shell, shell
from bot.interfaces.cli.options import CURATOR, OPERATOR, AsOption, ChannelOption, ConfigOption, JsonOption, cli
from bot.interfaces.views import candidates as views
from bot.interfaces.views.deliveries import DeliveryView
from bot.interfaces.views.threads import DueThread, frozen_deliveries
from bot.publishing.outbox import due_deliveries
from bot.publishing.resolve import Verdict
from bot.publishing.resolve import resolve as decide
from bot.publishing.retract import retract as take_down
from bot.publishing.sender import approved_paper, deliver_due


@cli.command(rich_help_panel=OPERATOR)
def publish(
    context: typer.Context,
    paper: Annotated[str | None, typer.Argument(metavar="[ID]", help="This pick now, whatever its slot.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would go out; send nothing.")] = False,
    single: Annotated[
        bool, typer.Option("--single", help="On X, as the single post approved in place of the thread.")
    ] = False,
    config: ConfigOption = None,
    channel_name: ChannelOption = None,
    as_json: JsonOption = False,
    curator: AsOption = None,
) -> None:
    """Send what is due now, or this one pick."""
    with shell(context, config=config, channel_name=channel_name, as_json=as_json, curator=curator) as opened:
        if single and (paper is None or dry_run):
            raise PicksError("--single needs the ID of a pick, and shows in picks preview instead of a dry run")
        arxiv_id = approved_paper(opened.app.database, opened.channel, paper) if paper else None
        if dry_run:
            _rehearse(opened, arxiv_id)
        else:
            _send(opened, arxiv_id, single=single)


def _rehearse(opened: Shell, arxiv_id: str | None) -> None:
    threads = [thread for channel in opened.channels for thread in _due_threads(opened.app, channel, arxiv_id)]
    opened.say(threads, _left(opened, arxiv_id, {item.platform for item in threads}), view="dry-run")


def _due_threads(app: App, channel: Channel, arxiv_id: str | None) -> list[DueThread]:
    """Return what would go out of a channel; what waits for a platform that is off would not."""
    due = due_deliveries(app.database, now=app.clock(), channels=[channel.name], arxiv_id=arxiv_id)
    off = {platform for platform, account in app.accounts(channel).items() if not account.on}
    return [thread for thread in frozen_deliveries(app.database, due) if thread.platform not in off]


def _send(opened: Shell, arxiv_id: str | None, *, single: bool) -> None:
    outbox = opened.app.outbox(sleep=_sleep, actor=opened.actor)
    with terminal.make_console(stderr=True).status("sending ...") if sys.stderr.isatty() else nullcontext():
        names = [item.name for item in opened.channels]
        reports = deliver_due(outbox, channels=names, arxiv_id=arxiv_id, single=single)
    opened.say(
        reports,
        _left(opened, arxiv_id, {item.platform for item in reports}, single=single),
        view="publish",
    )
    failed = [f"{item.arxiv_id} on {item.platform} ({item.state})" for item in reports if item.error]
    if failed:
        raise PicksError(f"not sent: {', '.join(failed)}; the reason is above and in picks status")


def _sleep(seconds: float) -> bool:
    time.sleep(seconds)
    return False


def _left(opened: Shell, arxiv_id: str | None, tried: Collection[Platform], *, single: bool = False) -> str:
    """Return why something is not sent, empty when all is; raise PicksError when that is all of what was asked for."""
    if arxiv_id is None:
        return "" if tried else _nothing_due(opened)
    shown = views.show(opened.app.database, opened.channel, arxiv_id)
    accounts = opened.app.accounts(opened.channel)
    reasons = "; ".join(
        f"{item.platform}: {_why_not(item, accounts.get(item.platform))}"
        for item in shown.deliveries
        if item.platform not in tried
        and item.state is not DeliveryState.SENT
        and (item.platform is Platform.X or not single)
    )
    if not tried:
        raise PicksError(f"nothing of {arxiv_id} can be sent now; {reasons}")
    return f"left out: {reasons}" if reasons else ""


def _why_not(delivery: DeliveryView, account: Account | None) -> str:
    if account is not None and not account.on:
        return f"off, {account.problem}"
    match delivery.state:
        case DeliveryState.UNKNOWN:
            return f"it may be out already, {delivery.error}"
        case DeliveryState.REFUSED:
            return f"refused, {delivery.error}"
        case DeliveryState.PLANNED if delivery.error:
            return delivery.error
        case _:
            return "another process is sending it; see picks status"


def _nothing_due(opened: Shell) -> str:
    accounts = [pair for item in opened.channels for pair in opened.app.accounts(item).items()]
    off = dict.fromkeys(f"; {platform} is off: {account.problem}" for platform, account in accounts if not account.on)
    return f"nothing is due{''.join(off)}"


@cli.command(rich_help_panel=CURATOR)
def retract(
    context: typer.Context,
    paper: Annotated[str, typer.Argument(metavar="ID", help="A queue number, or an arXiv id in any form.")],
    config: ConfigOption = None,
    channel_name: ChannelOption = None,
    as_json: JsonOption = False,
    curator: AsOption = None,
) -> None:
    """Take a pick's threads down on every platform; the same call again goes on where it broke off."""
    with shell(context, config=config, channel_name=channel_name, as_json=as_json, curator=curator) as opened:
        outbox = opened.app.outbox(sleep=_sleep, actor=opened.actor)
        done = take_down(outbox, opened.channel, paper, actor=opened.actor)
        opened.say(done, view="retract")
        if any(item.error for item in done):
            raise PicksError(f"posts of {done[0].arxiv_id} are still up, or may be; run: picks retract {paper}")


@cli.command(rich_help_panel=CURATOR)
def resolve(
    context: typer.Context,
    paper: Annotated[str, typer.Argument(metavar="ID", help="A queue number, or an arXiv id in any form.")],
    sent: Annotated[str | None, typer.Option("--sent", help="It is out: its address on X.", metavar="URL")] = None,
    resend: Annotated[bool, typer.Option("--resend", help="It is not out: send it again.")] = False,
    give_up: Annotated[bool, typer.Option("--give-up", help="Leave it as it is.")] = False,
    platform: Annotated[Platform | None, typer.Option("--platform", help="Which, if several wait.")] = None,
    config: ConfigOption = None,
    channel_name: ChannelOption = None,
    as_json: JsonOption = False,
    curator: AsOption = None,
) -> None:
    """Decide about a delivery that waits for a person."""
    with shell(context, config=config, channel_name=channel_name, as_json=as_json, curator=curator) as opened:
        arxiv_id, where, state = decide(
            opened.app.database,
            opened.channel,
            paper,
            Verdict(sent, resend, give_up),
            actor=opened.actor,
            now=opened.app.clock(),
            platform=platform,
        )
        shown = views.show(opened.app.database, opened.channel, arxiv_id)
        opened.say(shown, f"{arxiv_id} on {where} is {state} now")
