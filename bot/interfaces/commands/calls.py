"""How a mouth makes the Call that a verb works with."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

from bot.interfaces.commands.registry import Call

if TYPE_CHECKING:
    from bot.app import App
    from bot.curation.context import Context
    from bot.domain.actors import Actor


def _sleep(seconds: float) -> bool:
    time.sleep(seconds)
    return False


def make_call(
    app: "App",
    actor: "Actor",
    *,
    channel_name: str | None = None,
    sleep: Callable[[float], bool] = _sleep,
    busy: Callable[[str], AbstractContextManager[object]] = nullcontext,
) -> Call:
    """Return the call of a person; ``channel_name`` may be None where there is one channel, or where all are meant.

    ``sleep`` waits between two posts and returns True when it was told to stop; ``busy`` is as in Call.
    """

    def every() -> "list[Context]":
        channels = app.channels.values() if channel_name is None else [app.channel(channel_name)]
        return [app.context(channel, actor) for channel in channels]

    return Call(
        choose=lambda: app.context(app.channel(channel_name), actor),
        every=every,
        outbox=lambda: app.outbox(sleep=sleep, actor=actor),
        busy=busy,
    )
