"""Train a channel's weights from its curators' decisions and known picks; they choose its next queues.

The numbers are worked out in a process of its own, which gives its memory back. A training that breaks off is begun
again the next night.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from sqlmodel import Session

from bot.curation.training_data import Seen, all_verdicts, examples, seen_now
from bot.curation.training_process import LIBRARY, Order, TrainingProcess, TrainingStoppedError, Wait
from bot.domain.channels import Channel
from bot.domain.errors import PicksError
from bot.domain.waiting import LONGEST_LEASE, held_until, lies_ahead
from bot.intake.known_picks import keep, read_known
from bot.intake.listings import ListingError
from bot.intake.queue import rank
from bot.intake.weights import base_of, unreadable
from bot.ranking.examples import Label, TrainingError
from bot.ranking.model import WORDS_ALONE, Model
from bot.store.database import Database
from bot.store.learning_tables import TrainingState, WeightsRow

LEASE: Final = timedelta(minutes=30)
"""As long as a training may take; then its channel is free for another process."""

FIRST_PICKS: Final = 5
"""A channel with nothing but its words keeps to them until there are so many picks to learn from."""

_LEAST_PICKS: Final = 2  # one is learned from while the other is held back

_NIGHT: Final = 3  # o'clock in the channel's time zone: no slot is near, and no curator looks


class LibraryMissingError(TrainingError):
    """Scikit-learn is missing here; another process that shares the database may have it."""

    def __init__(self) -> None:
        super().__init__("learning needs scikit-learn, which is not installed: pip install scikit-learn")


class TooFewPicksError(TrainingError):
    """There are too few picks to learn from yet: an error where somebody asked for a training, but not at night."""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What a file of picks brought: how many it names, how many of these are new to the channel, and what is wrong."""

    named: int
    new: int
    wrong: tuple[ListingError, ...] = ()


def import_picks(database: Database, channel: Channel, file: Path, *, now: datetime) -> ImportReport:
    """Remember the papers that a file names as picks of the channel; the same file again changes nothing.

    The file has JSON lines with ``arxiv_id`` and what else ``picks export`` writes, as far as it is known, or is the
    JSON of a Hugging Face collection. An entry that names no paper is reported and hinders no other: the mended file
    can be taken in again. Raises ListingError when the file cannot be read or names no paper at all.
    """
    wrong: list[ListingError] = []
    found = read_known(file, wrong=wrong.append)
    if not found:
        raise wrong[0] if wrong else ListingError(f"{file} names no paper; each line names one by its arxiv_id")
    with database.transaction() as session:
        new = sum(keep(session, channel.name, record, now=now) for record in found)
    return ImportReport(len(found), new, tuple(wrong))


def can_train() -> bool:
    """Say whether scikit-learn is there, without importing it."""
    return find_spec(LIBRARY) is not None


def train_channel(
    database: Database,
    channel: Channel,
    *,
    now: datetime,
    wait: Wait = time.sleep,
    able: Callable[[], bool] = can_train,
) -> Model:
    """Train the channel's weights from what its curators decided, and return them.

    1. Read what to build on: the weights that were trained from files for the channel, else those that it began with.
    2. Hand the examples to the process that trains, and wait for the weights outside any transaction.
    3. Store the weights, how much of the decisions they have seen, and what they could not be built on.
    4. Choose the recent queues again.

    Raises TrainingError when scikit-learn is missing, when there is nothing to learn from yet, or when the training
    broke off.
    """
    if not able():
        raise LibraryMissingError
    with database.reading() as session:
        base, unfit = base_of(session, channel)
        order = Order(channel.ranking, base, now.date())
        seen = seen_now(session, channel.name)
        _require_picks(session, channel, base)
        with TrainingProcess() as process:
            process.tell(order, examples(session, channel, now=now), wait=wait)
            session.close()  # training takes minutes, and a transaction must not
            model = process.result(_within_lease(wait))
    with database.transaction() as session:
        _keep_weights(session, channel.name, model, now=now)
        _write_down(session, channel.name, seen, unfit, now=now)
    rank(database, [channel], days=[], now=now)
    return model


def _within_lease(wait: Wait) -> Wait:
    """Return a wait that raises TrainingError once the lease is over: another process may train the channel then."""
    end = time.monotonic() + LEASE.total_seconds()

    def limited(seconds: float) -> object:
        if time.monotonic() > end:
            raise TrainingError(f"training took longer than {LEASE}; it begins again the next night")
        return wait(seconds)

    return limited


def build_on(database: Database, channel: Channel, model: Model, *, now: datetime) -> None:
    """Make weights that were trained from files the channel's own; later nights build on them."""
    with database.transaction() as session:
        row = _keep_weights(session, channel.name, model, now=now)
        row.base = row.content
        lesson = _lesson(session, channel.name)
        lesson.decision_id = lesson.known_picks = 0  # what was decided before is to be learned on top of them
        lesson.taught_at = lesson.error = None
    rank(database, [channel], days=[], now=now)


def begin_anew(database: Database, channel: Channel) -> None:
    """Forget what the channel learned, from files too: it is back at the shipped weights, or at its words alone."""
    with database.transaction() as session:
        if row := session.get(WeightsRow, channel.name):
            session.delete(row)
        lesson = _lesson(session, channel.name)
        lesson.decision_id = lesson.known_picks = 0
        lesson.taught_at = lesson.error = None


def _keep_weights(session: Session, channel: str, model: Model, *, now: datetime) -> WeightsRow:
    """Store a channel's weights in place of those it had; the weights to build on stay."""
    row = session.get(WeightsRow, channel)
    base = row.base if row else None
    return session.merge(
        WeightsRow(
            channel=channel,
            digest=model.digest,
            trained_at=now,
            trained_until=model.trained_until,
            content=model.to_json(),
            base=base,
        )
    )


def train_nightly(
    database: Database,
    channel: Channel,
    *,
    worker: str,
    now: datetime,
    wait: Wait,
    able: Callable[[], bool] = can_train,
) -> Model | None:
    """Train once a night, if anything is new and no other process trains the channel; return the new weights.

    A failure is stored for ``picks status``. Raises TrainingError as ``train_channel`` does.
    """
    if not _claim(database, channel, worker=worker, able=able(), now=now):
        return None
    try:
        return train_channel(database, channel, now=now, wait=wait, able=able)
    except TooFewPicksError:
        with database.reading() as session:
            unfit = base_of(session, channel)[1]
        _note_failure(database, channel, unfit)
        return None
    except PicksError as error:
        _note_failure(database, channel, error)
        raise


def is_due(
    lesson: TrainingState, seen: Seen, *, night: datetime, able: bool, now: datetime, unfit: bool = False
) -> bool:
    """Say whether there is something new to learn and nobody has tried since the night began.

    Where the weights that were learned are ``unfit`` for this version, all is new. A process that is not ``able`` to
    train tries too, so that the missing library is reported. Another one that is able may try again the same night.
    """
    if not unfit and (lesson.decision_id, lesson.known_picks) == (seen.decision_id, seen.known_picks):
        return False
    if held_until(lesson.lease_until, now=now, longest=LONGEST_LEASE):
        return False
    tried = lesson.tried_at is not None and lesson.tried_at >= night and not lies_ahead(lesson.tried_at, now=now)
    return not tried or (able and lesson.library_missing)


def _claim(database: Database, channel: Channel, *, worker: str, able: bool, now: datetime) -> bool:
    with database.transaction() as session:
        lesson = _lesson(session, channel.name)
        seen = seen_now(session, channel.name)
        night, unfit = night_of(channel, now=now), unreadable(session, channel)
        if not is_due(lesson, seen, night=night, able=able, now=now, unfit=unfit):
            return False
        lesson.claimed_by, lesson.lease_until, lesson.tried_at = worker, now + LEASE, now
        return True


def _lesson(session: Session, channel: str) -> TrainingState:
    lesson = session.get(TrainingState, channel) or TrainingState(channel=channel)
    session.add(lesson)
    return lesson


def _require_picks(session: Session, channel: Channel, base: Model) -> None:
    least = FIRST_PICKS if base is WORDS_ALONE else _LEAST_PICKS
    wanted = {name: verdict.label for name, verdict in all_verdicts(session, channel).items() if verdict.label.wanted}
    new = [name for name, label in wanted.items() if label is Label.APPROVED or name not in base.chosen]
    if len(new) < least:
        beyond = f" beyond the {len(wanted) - len(new)} that its weights know" if len(new) < len(wanted) else ""
        raise TooFewPicksError(
            f"{channel.name} has {len(new)} of the {least} picks that it takes to learn from{beyond}; "
            "approve some, or name earlier ones: picks import FILE"
        )


def night_of(channel: Channel, *, now: datetime) -> datetime:
    """Return when the present night, or the last one, began."""
    local = now.astimezone(channel.posting.zone)
    start = local.replace(hour=_NIGHT, minute=0, second=0, microsecond=0)
    return start if start <= local else start - timedelta(days=1)


def _note_failure(database: Database, channel: Channel, error: PicksError | str | None) -> None:
    with database.transaction() as session:
        lesson = _lesson(session, channel.name)
        lesson.error, lesson.claimed_by, lesson.lease_until = str(error) if error else None, None, None
        lesson.library_missing = isinstance(error, LibraryMissingError)
        if isinstance(error, TrainingStoppedError):
            lesson.tried_at = None


def _write_down(session: Session, channel: str, seen: Seen, error: str | None, *, now: datetime) -> None:
    lesson = _lesson(session, channel)
    if seen.decision_id != lesson.decision_id:
        lesson.previous_decision_id, lesson.taught_at = lesson.decision_id, now
    lesson.decision_id, lesson.known_picks, lesson.tried_at = seen.decision_id, seen.known_picks, now
    lesson.claimed_by, lesson.lease_until, lesson.error, lesson.library_missing = None, None, error, False
