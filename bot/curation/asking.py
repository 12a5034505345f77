"""What is asked of Bluesky while a curator decides: the post that is to be quoted, and whose a handle is.

Each is one question, asked as the account that posts: ours, else that of a worker. Nothing is asked where the network
is switched off.
"""

from collections.abc import Mapping, Sequence

from bot.domain.channels import Channel
from bot.domain.posts import Platform, Quote
from bot.settings import Credentials, require_network
from bot.store.worker_keys import Key


def resolve_quote(channel: Channel, url: str, *, keys: Sequence[Key], environ: Mapping[str, str]) -> Quote:
    """Look a post up as the account that would quote it; raises PicksError where it cannot be quoted."""
    from bot.platforms.bluesky.quotes import resolve_quote as look_up

    require_network(environ)
    credentials = Credentials(channel, environ)
    own, key = credentials.bluesky(), _of_worker(keys)
    if own is None and key is not None and key.service is not None:
        return look_up(url, service=key.service, appview=key.appview, viewer=key.account)
    return look_up(
        url,
        service=credentials.bluesky_service,
        appview=credentials.bluesky_appview,
        viewer=own.handle if own else None,
    )


def resolve_handle(channel: Channel, handle: str, *, keys: Sequence[Key], environ: Mapping[str, str]) -> str:
    """Return the DID of who has a handle on Bluesky; raises PicksError where nobody has it, or nobody can say."""
    from bot.platforms.bluesky.handles import resolve_handle as look_up

    require_network(environ)
    credentials = Credentials(channel, environ)
    own, key = credentials.bluesky(), _of_worker(keys)
    if own is None and key is not None and key.service is not None:
        return look_up(handle, service=key.service)
    return look_up(handle, service=credentials.bluesky_service)


def _of_worker(keys: Sequence[Key]) -> Key | None:
    return next((key for key in keys if key.platform is Platform.BLUESKY and key.account), None)
