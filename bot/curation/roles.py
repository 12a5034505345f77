"""Who the people of a channel are: curators as the channel file lists them, by the ids that accounts keep for good."""

from sqlmodel import Session

from bot.domain.channels import Channel
from bot.domain.curators import Curator
from bot.store.curator_handles import did_of, rows_of


def dids_of(session: Session, channel: Channel) -> dict[str, str]:
    """Return the DIDs of the curators by the accounts that the channel file names; who has none yet is left out."""
    rows = rows_of(session, channel.curators)
    found = {
        curator.account: curator.account if curator.account.startswith("did:") else did_of(rows.get(curator.account))
        for curator in channel.curators
    }
    return {account: did for account, did in found.items() if did}


def curator_with(session: Session, channel: Channel, did: str) -> Curator | None:
    """Return the curator that an account is, None for everybody else; the first of two entries counts."""
    known = dids_of(session, channel)
    return next((curator for curator in channel.curators if known.get(curator.account) == did), None)
