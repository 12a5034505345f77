"""The worker's part in the archive: build what changed since the last time, and nothing where nothing did.

What a site was built of stands in its folder, so several workers, each with a disk of its own, need not agree.
"""

from collections.abc import Sequence
from pathlib import Path

from bot.archive.build import Built, build
from bot.archive.listing import read_stamp
from bot.archive.stamps import stamp
from bot.domain.channels import Channel
from bot.store.database import Database


def refresh(database: Database, channels: Sequence[Channel], folder: Path) -> Built | None:
    """Bring the site of these channels up to date; None where it was. Raises as ``build`` does."""
    if read_stamp(folder) == stamp(database, channels):
        return None
    return build(database, channels, folder, anew=False)
