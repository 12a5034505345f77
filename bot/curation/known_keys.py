"""Who posts on a platform, where this process has no keys but a worker has."""

from collections.abc import Sequence
from dataclasses import replace

from bot.curation.context import Account
from bot.domain.posts import Platform
from bot.store.worker_keys import Key


def known_to_workers(own: Account, platform: Platform, keys: Sequence[Key]) -> Account:
    """Return who posts on a platform, as far as this process or a worker knows."""
    there = [key for key in keys if key.platform is platform]
    if not there:
        return own
    posts = next((key for key in there if key.account), None)
    if posts is None:
        return replace(own, workers_lack=there[0].problem or "no keys")
    return replace(own, name=own.name or posts.account, workers_lack="")
