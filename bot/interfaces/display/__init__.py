"""How the shell shows what a command answers: one function a view, from a dataclass to something rich can print.

Everything that strangers wrote goes through ``Text``, which knows no markup. The modules import the views for their
types alone: showing a queue must not load what a backtest needs.
"""

from collections.abc import Callable
from typing import Any, Final
from zoneinfo import ZoneInfo

from rich.console import RenderableType

from bot.interfaces.display import (
    candidates,
    corrections,
    digest,
    intake,
    outgoing,
    ranking,
    reconciling,
    search,
    status,
    threads,
)

VIEWS: Final[dict[str, Callable[[Any, ZoneInfo], RenderableType]]] = {
    "queue": candidates.queue,
    "digest": digest.digest,
    "show": candidates.show,
    "log": candidates.log,
    "why": ranking.why,
    "preview": threads.preview,
    "correct": corrections.proposed,
    "history": outgoing.history,
    "status": status.status,
    "fetch": intake.batches,
    "publish": outgoing.deliveries,
    "dry-run": threads.due,
    "reconcile": reconciling.reconciliation,
    "retract": outgoing.retractions,
    "search": search.found,
    "similar": search.similar,
}
"""By the name of the command; one without a view shows its summary alone."""
