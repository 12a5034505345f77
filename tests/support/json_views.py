"""The views as scripts read them: what a test asks of one is asked of its JSON."""

from collections.abc import Callable
from typing import Any, ParamSpec

from bot.curation import search as searching
from bot.domain.json import Json
from bot.interfaces.views import candidates, feeds, ranking, threads
from bot.interfaces.views import status as statuses
from bot.interfaces.views.json import to_json

_Given = ParamSpec("_Given")

__all__ = ["Json", "feed", "frozen_threads", "learning", "queue", "search", "show", "similar", "status", "why"]


def _as_json(view: Callable[_Given, object]) -> Callable[_Given, Any]:
    def read(*args: _Given.args, **kwargs: _Given.kwargs) -> Any:
        return to_json(view(*args, **kwargs))

    return read


feed = _as_json(feeds.feed)
frozen_threads = _as_json(threads.frozen_threads)
learning = _as_json(ranking.learning)
queue = _as_json(candidates.queue)
search = _as_json(searching.search)
show = _as_json(candidates.show)
similar = _as_json(searching.similar)
status = _as_json(statuses.status)
why = _as_json(ranking.why)
