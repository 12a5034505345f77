"""How the program logs: structured lines on standard error, JSON where no person watches.

What passes by itself is one line a minute: whoever logs it adds ``outage=True``. It stands in the database as well.
Secrets never get here because they are never put into a message. What libraries say is not ours: addresses are shown
without user, password and query wherever they stand, in a traceback too.
"""

import logging
import sys
from datetime import UTC, datetime
from typing import Final

import structlog
from stamina.instrumentation import set_on_retry_hooks
from structlog.typing import EventDict, Processor

from bot.domain.redaction import redact
from bot.domain.seldom import Seldom
from bot.domain.text import sanitize

_QUIET: Final = (
    "alembic",
    "apscheduler",
    "httpx",
    "httpx2",
    "httpcore",
    "urllib3",
    "tweepy",
    "requests_oauthlib",
    "oauthlib",
    "sqlalchemy",
)


def configure(*, form: str, level: int) -> None:
    """Send the program's and the libraries' log to standard error, as ``json``, ``text`` or ``auto``."""
    as_json = form == "json" or (form == "auto" and not sys.stderr.isatty())
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[_Outages(), *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=_last_steps(as_json=as_json))
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    set_on_retry_hooks([])  # the default prints arguments, and to standard output; the last error says it all
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))
    # A tick that finds the one before it at work is left out, and no news: that a job hangs is told by its row.
    logging.getLogger("apscheduler.scheduler").setLevel(max(level, logging.ERROR))


class _Outages:
    """Lets one line a minute through of an outage, whatever it stops; the next one says how many were left out."""

    def __init__(self) -> None:
        self._seldom = Seldom()

    def __call__(self, _logger: object, _method: str, event: EventDict) -> EventDict:
        if not event.pop("outage", False):
            return event
        if not self._seldom.may_say(datetime.now(UTC)):
            raise structlog.DropEvent
        left_out = self._seldom.take_left_out()
        return {**event, "lines_left_out": left_out} if left_out else event


def _last_steps(*, as_json: bool) -> list[Processor]:
    # Plain tracebacks: structlog's own show local variables, and a signed request may be among them.
    steps: list[Processor] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.format_exc_info,
        _harmless,
    ]
    if as_json:
        return [*steps, structlog.processors.JSONRenderer(ensure_ascii=False)]
    plain = structlog.dev.plain_traceback
    return [*steps, structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain)]


def _harmless(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Leave out what may be secret in the addresses of an event, what a terminal would obey, and ends of lines."""
    return {name: _shown(name, value) if isinstance(value, str) else value for name, value in event.items()}


def _shown(name: str, value: str) -> str:
    plain = redact(sanitize(value))
    return plain if name == "exception" else " ".join(plain.splitlines())
