"""What goes out in one round: one pick that a person names, or all that is due.

What missed its slot gets another one before what is due goes out.
"""

from collections.abc import Collection
from datetime import datetime

import structlog

from bot.curation.context import find_pick, locate
from bot.curation.slots import ChannelPlatform, space_out, to_be_moved
from bot.domain.channels import Channel
from bot.domain.errors import PicksError
from bot.domain.states import CandidateState
from bot.publishing.corrections import carry_on
from bot.publishing.outbox import due_deliveries
from bot.publishing.sender import Outbox, Report, deliver_due
from bot.store.corrections import open_correction
from bot.store.database import Database

_log = structlog.get_logger(__name__)


def send_due(outbox: Outbox, channels: Collection[Channel]) -> list[Report]:
    """Send what is due on the channels; after an outage one thread an account now, and the others in free slots.

    Corrections whose time has come begin first: they put into the outbox what goes out. What waits for a platform that
    is off here keeps its time until it is on.
    """
    pairs = ((channel.name, platform) for channel in channels for platform in channel.posting.platforms)
    off = {pair for pair in pairs if outbox.is_off(*pair)}
    carry_on(outbox, channels)
    if moved := space_out(outbox.database, channels, now=outbox.clock(), off=off):
        _log.info("missed slots moved", channels=[channel.name for channel in channels], picks=moved)
    return deliver_due(outbox, channels=[channel.name for channel in channels])


def would_be_sent(
    database: Database, channels: Collection[str], *, now: datetime, off: Collection[ChannelPlatform] = ()
) -> list[int]:
    """Return the ids of the deliveries that ``send_due`` would try to send; change nothing.

    Those of platforms that are ``off`` are among them, as they keep their times; they wait for an account.
    """
    with database.reading() as session:
        later = to_be_moved(session, channels, now=now, off=off)
    return [item for item in due_deliveries(database, now=now, channels=channels) if item not in later]


def approved_paper(database: Database, channel: Channel, text: str) -> str:
    """Return the arXiv id of an approved pick, or of one with a correction that waits.

    Raises PicksError, naming the way to approve it, when it is neither.
    """
    with database.reading() as session:
        paper, candidate = locate(session, channel, text)
        pick = find_pick(session, candidate)
        waits = pick is not None and open_correction(session, pick.id) is not None
    state = candidate.state if candidate else None
    if state in {CandidateState.APPROVED, CandidateState.PUBLISHING, CandidateState.ATTENTION}:
        return paper.arxiv_id
    if waits:
        return paper.arxiv_id
    if state in {CandidateState.PUBLISHED, CandidateState.RETRACTED}:
        raise PicksError(f"{paper.arxiv_id} is {state} already; see picks history")
    standing = f"{state or 'not in the queue'}{', and withdrawn by its authors' if paper.withdrawn else ''}"
    raise PicksError(f"{paper.arxiv_id} is not approved ({standing}); approve it first: picks approve {text}")
