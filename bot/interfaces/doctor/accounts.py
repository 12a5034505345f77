"""Whether each platform lets the channel's account in, with the credentials as they are now."""

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from typing import TYPE_CHECKING

from bot.domain.advice import split_advice
from bot.domain.channels import Channel
from bot.domain.errors import PicksError
from bot.domain.posts import Platform
from bot.interfaces.doctor.checks import Check, attempt, failed, failed_by, right, skipped, warning

if TYPE_CHECKING:
    from bot.app import App
    from bot.platforms.sign_in import Right


def accounts(app: "App", channel: Channel, *, offline: bool) -> Iterator[Check]:
    """Yield the checks of a channel's accounts."""
    for platform, account in app.accounts(channel).items():
        name = f"{channel.name}: {platform}"
        if not account.on:
            detail, step = split_advice(account.problem)
            yield failed(name, detail, step=step or f"set the variables of {platform}, in picks.env or exported")
        elif platform is Platform.CONSOLE:
            yield right(name, "posts are printed")
        elif offline:
            yield skipped(name, f"{account.name} was not asked for: offline")
        else:
            yield from _try(app, channel, platform, name)


def _try(app: "App", channel: Channel, platform: Platform, name: str) -> Iterator[Check]:
    age = _age(app, channel, platform)
    try:
        made = app.sign_in(channel, platform)
    except PicksError as error:
        yield failed_by(name, error)
        return
    with closing(made) as account:
        entered = attempt(name, lambda: f"signed in as {account.sign_in()}{age}")
        yield entered
        if not entered.ok:
            return
        try:
            for item in account.rights():
                yield _right(f"{name}, {item.name}", item)
        except PicksError as error:
            yield failed_by(f"{name}, permissions", error)


def _right(name: str, found: "Right") -> Check:
    if found.allowed is None:
        return skipped(name, found.detail)
    if found.allowed:
        return right(name, found.detail)
    if found.needed:
        return failed(name, found.detail, step=found.next)
    return warning(name, found.detail, step=found.next or "")


def _age(app: "App", channel: Channel, platform: Platform) -> str:
    """Return how old the worker's session on this machine is, empty where there is none."""
    file = app.session_file(channel) if platform is Platform.BLUESKY else None
    if file is None:
        return ""
    try:
        kept = file.stat()
    except OSError:  # there is none yet, or the worker's user alone may look
        return ""
    made = datetime.fromtimestamp(kept.st_mtime, tz=app.clock().tzinfo)
    hours = max(int((app.clock() - made).total_seconds() // 3600), 0)
    return f"; the kept session was renewed {hours} hours ago"
