"""What people are told without asking: the digest, a reminder, and what became of their picks.

Only plans: a message is a row, once for each recipient and key (``store.messages``), and others send it. Every tick
asks anew what should be told by now, so a tick may come late, twice, or in several workers at once.
"""

from collections.abc import Collection, Mapping

from bot.curation.context import Context
from bot.interfaces.notices.morning import plan_digest, plan_reminders
from bot.interfaces.notices.picks import plan_outcomes
from bot.interfaces.notices.recipients import recipients

__all__ = ["plan_notices"]


def plan_notices(context: Context, *, dids: Mapping[str, str], addresses: Collection[str]) -> int:
    """Plan what the channel's people should be told at this moment; return how many messages that are.

    ``dids`` are the DIDs of curators by the account that the channel file names; who stands there with a DID needs no
    entry, and who has neither is told later, as soon as the DID is known. ``addresses`` are the names of the channel's
    addresses.
    """
    people = recipients(context.channel, dids=dids, addresses=addresses)
    if not people:
        return 0
    with context.database.transaction() as session:
        told = plan_digest(session, context, people)
        told += plan_reminders(session, context, people)
        told += plan_outcomes(session, context, people)
    return told
