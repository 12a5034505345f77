"""What ``picks reconcile`` does."""

from bot.domain.errors import PicksError
from bot.interfaces.cli import terminal
from bot.interfaces.cli.invocation import Shell
from bot.interfaces.views.reconciling import reconciliation
from bot.publishing.reconcile import reconcile as compare


def reconcile(opened: Shell, *, dry_run: bool) -> None:
    """Compare the accounts with the database; raise PicksError when one of them could not be compared."""
    names = [channel.name for channel in opened.channels]
    outbox = opened.app.outbox(sleep=lambda _: False, actor=opened.actor)
    with terminal.busy("reading what is on the accounts"):
        found = compare(outbox, names, dry_run=dry_run)
    if not found.accounts:
        raise PicksError(
            "there is no account to compare: this shell has no credentials for any platform; run it where the worker's "
            "environment is set"
        )
    nothing = "" if found.adopted or found.unknown else "the database knows everything that is on the accounts"
    opened.say(reconciliation(found), nothing, view="reconcile")
    failed = [item for item in found.accounts if item.problem]
    if failed:
        raise PicksError(f"{failed[0].account} on {failed[0].platform} was not compared: {failed[0].problem}")
