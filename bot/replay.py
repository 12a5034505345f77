"""Named captures in: files or addresses, ingested in order of the date inside them.

Each is read and parsed when its turn comes, so that a year of captures takes no more memory than a day.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from pathlib import Path

from bot.arxiv.captures import read
from bot.arxiv.dating import stated_date
from bot.arxiv.feeds import parse
from bot.arxiv.fetching import FeedClient
from bot.channels import Channel
from bot.errors import PicksError
from bot.ingest import BatchReport, Capture, ingest
from bot.store.database import Database


@dataclass(slots=True)
class IntakeReport:
    """What came of an intake: batches, how many papers joined each channel's queue, and errors in words."""

    batches: list[BatchReport] = field(default_factory=list)
    queued: dict[str, int] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)


def replay(
    database: Database,
    sources: Sequence[str],
    *,
    channels: Collection[Channel],
    client: FeedClient,
    now: datetime,
    advance: Callable[[str], object] = str,
) -> IntakeReport:
    """Ingest the captures; one that cannot be read is an error in the report and changes nothing.

    ``advance`` is called with the name of each source after it was dealt with.
    """
    report = IntakeReport()
    dated = sorted(_dated(sources, client, report), key=lambda pair: pair[0])
    for _, group in groupby(dated, key=lambda pair: pair[0]):
        names = [source for _, source in group]
        captures = list(_captures(names, client, report))
        result = ingest(database, captures, channels=channels, now=now)
        report.batches += result.batches
        for name, count in result.queued.items():
            report.queued[name] = report.queued.get(name, 0) + count
        for name in names:
            advance(name)
    return report


def _dated(sources: Iterable[str], client: FeedClient, report: IntakeReport) -> Iterable[tuple[datetime, str]]:
    for source in sources:
        try:
            yield stated_date(_body(source, client)), source
        except PicksError as error:
            report.errors.append(str(error))


def _captures(sources: Iterable[str], client: FeedClient, report: IntakeReport) -> Iterable[Capture]:
    for source in sources:
        try:
            yield Capture(parse(_body(source, client), source=source), source)
        except PicksError as error:
            report.errors.append(str(error))


def _body(source: str, client: FeedClient) -> bytes:
    if source.startswith(("http://", "https://")):
        return client.fetch(source, etag=None).body or b""
    return read(Path(source))
