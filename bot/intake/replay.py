"""Named captures in: files or addresses, ingested in order of the date inside them.

Order makes no difference to the result, but to the work: of 90 captures in a random order each makes others be judged
and ranked again, which takes three times as long. So a file is read twice, first for its date alone (a hundredth of the
work) and again when its turn comes: a year of captures takes no more memory than a day. What an address gave is kept,
so that no server is asked twice.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from pathlib import Path

from bot.arxiv.captured_date import stated_date
from bot.arxiv.captures import read, unpacked
from bot.arxiv.client import FeedClient
from bot.arxiv.errors import FeedError
from bot.arxiv.feeds import parse
from bot.domain.channels import Channel
from bot.domain.errors import PicksError
from bot.domain.redaction import redact_address
from bot.intake.ingest import BatchReport, Capture, body_digest, ingest, recognise
from bot.intake.schedule import require_come
from bot.store.database import Database


@dataclass(slots=True)
class IntakeReport:
    """What came of an intake: batches, how many papers joined each channel's queue, and errors in words."""

    batches: list[BatchReport] = field(default_factory=list)
    queued: dict[str, int] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Source:
    """A capture before its turn: its name, the date in its head, and its content where that came from an address.

    Of an address the name is what may be shown and stored.
    """

    name: str
    date: datetime
    body: bytes | None

    def read(self) -> bytes:
        return read(Path(self.name)) if self.body is None else self.body


def replay(
    database: Database,
    sources: Sequence[str],
    *,
    channels: Collection[Channel],
    client: FeedClient,
    now: datetime,
    advance: Callable[[str], object] = str,
) -> IntakeReport:
    """Ingest the captures; one that cannot be read, or is dated ahead, is an error in the report and changes nothing.

    ``advance`` is called with the name of each source after it was dealt with.
    """
    report = IntakeReport()
    dated = sorted(_dated(sources, client, report), key=attrgetter("date"))
    for _, group in groupby(dated, key=attrgetter("date")):
        same_date = list(group)
        known: list[BatchReport] = []
        captures = list(_captures(database, same_date, known, report, now=now))
        result = ingest(database, captures, channels=channels, now=now, known=known)
        report.batches += result.batches
        for name, count in result.queued.items():
            report.queued[name] = report.queued.get(name, 0) + count
        for source in same_date:
            advance(source.name)
    return report


def _dated(sources: Iterable[str], client: FeedClient, report: IntakeReport) -> Iterable[_Source]:
    for name in sources:
        try:
            yield _look(name, client)
        except PicksError as error:
            report.errors.append(str(error))


def _look(name: str, client: FeedClient) -> _Source:
    if not name.lower().startswith(("http://", "https://")):
        return _Source(name, stated_date(read(Path(name))), body=None)
    shown = redact_address(name)
    body = unpacked(client.fetch(name).body or b"", source=shown)
    return _Source(shown, stated_date(body), body)


def _captures(
    database: Database, sources: Iterable[_Source], known: list[BatchReport], report: IntakeReport, *, now: datetime
) -> Iterable[Capture]:
    """Read the sources one by one; add those that were ingested before to ``known``, errors to the report."""
    for source in sources:
        try:
            body = source.read()
            digest = body_digest(body)
            seen = recognise(database, digest, source=source.name)
            if seen is not None:
                known.append(seen)
            else:
                batch = parse(body, source=source.name)
                require_come(batch.day, source=source.name, now=now)
                yield Capture(batch, source.name, digest)
        except FeedError as error:  # what is wrong with the database is wrong for every source, and ends the whole
            report.errors.append(str(error))
