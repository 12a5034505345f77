"""All checks in their order: the machine, the database, the channel files, then what needs all three.

1. Each subject yields its checks; a new subject is a module here and a line in one of the two functions below.
2. What rests on a failed check is left out: its own failure would say nothing new.
"""

from collections.abc import Iterator
from contextlib import closing

from bot.app import App
from bot.domain.errors import PicksError
from bot.interfaces.doctor.accounts import accounts
from bot.interfaces.doctor.addresses import addresses
from bot.interfaces.doctor.arxiv import arxiv
from bot.interfaces.doctor.channels import channels
from bot.interfaces.doctor.checks import Check, Examination, failed_by, right
from bot.interfaces.doctor.database import database
from bot.interfaces.doctor.machine import machine
from bot.interfaces.doctor.people import people
from bot.interfaces.doctor.sharing import sharing
from bot.settings import Settings


def examine(settings: Settings, *, channel_name: str | None, offline: bool) -> Examination:
    """Look at everything; raise nothing that a check can say."""
    before = (*machine(settings), *database(settings))
    usable = all(item.ok for item in before if item.name.startswith("database"))
    checks = (*before, *_with_channels(settings, channel_name, usable=usable, offline=offline))
    return Examination(ok=all(item.ok for item in checks), checks=checks)


def _with_channels(settings: Settings, name: str | None, *, usable: bool, offline: bool) -> Iterator[Check]:
    # An address that cannot be read would hide the channel files; without a usable database none is asked below.
    named = settings if usable else settings.model_copy(update={"database_url": None})
    try:
        app = App(named)
        chosen = [app.channel(name)] if name else list(app.channels.values())
    except PicksError as error:
        yield failed_by("channel files", error, step="correct it, then run picks doctor again")
        return
    yield right("channel files", f"{', '.join(item.name for item in chosen)} in {settings.config}")
    yield from people(settings.config, chosen)
    with closing(app):
        for channel in chosen:
            yield from accounts(app, channel, offline=offline)
            yield from addresses(app, channel)
            yield from sharing(app, channel, offline=offline)
        yield from arxiv(app, chosen[0], offline=offline)
        if usable:
            yield from channels(app, chosen)
