"""The accounts of a channel, put together from its credentials: what signs in, what posts to Mastodon, what it takes.

Each platform's library is imported when it is first used.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from bot.domain.channels import Channel
from bot.domain.errors import PicksError
from bot.domain.post_limits import PostLimits
from bot.domain.posts import Platform
from bot.settings import Credentials, MastodonAccount, SettingsError, require_network
from bot.store.database import Database
from bot.store.worker_keys import Key

if TYPE_CHECKING:
    from bot.platforms.mastodon.profile import MastodonProfile
    from bot.platforms.publisher import Publisher
    from bot.platforms.sign_in import SignIn

_LIMITS_HOLD: Final = timedelta(days=7)


def sign_in(channel: Channel, platform: Platform, environ: Mapping[str, str]) -> "SignIn":
    """Return what tries a channel's credentials, believing no session of before; close it after use.

    Raises SettingsError when there are none.
    """
    credentials = Credentials(channel, environ)
    require_network(environ)
    made: SignIn | None = None
    match platform:
        case Platform.BLUESKY:
            made = _bluesky(credentials, messages=bool(channel.curators))
        case Platform.X:
            made = _x(credentials)
        case Platform.MASTODON:
            made = _mastodon(credentials)
        case Platform.CONSOLE:
            pass
    if made is None:
        raise SettingsError(f"there are no credentials of {platform} in the environment")
    return made


def _bluesky(credentials: Credentials, *, messages: bool) -> "SignIn | None":
    from bot.platforms.bluesky.direct_messages import BlueskyMessages
    from bot.platforms.bluesky.sign_in import BlueskySignIn
    from bot.platforms.memory import MemorySessionStore

    account = credentials.bluesky()
    if account is None:
        return None
    client = BlueskyMessages(
        service=account.service,
        handle=account.handle,
        app_password=account.app_password,
        sessions=MemorySessionStore(),
    )
    return BlueskySignIn(client, messages=messages)


def _x(credentials: Credentials) -> "SignIn | None":
    from bot.platforms.x.sign_in import XSignIn

    keys = credentials.x()
    if keys is None:
        return None
    return XSignIn(
        api_url=keys.api_url,
        consumer_key=keys.consumer_key,
        consumer_secret=keys.consumer_secret,
        access_token=keys.access_token,
        access_token_secret=keys.access_token_secret,
    )


def _mastodon(credentials: Credentials) -> "SignIn | None":
    account = credentials.mastodon()  # first: it says when the library is not installed
    if account is None:
        return None
    from bot.platforms.mastodon.sign_in import MastodonSignIn

    return MastodonSignIn(server=account.server, access_token=account.access_token)


def mastodon_publisher(account: MastodonAccount, environ: Mapping[str, str]) -> "Publisher":
    """Return what posts as an account on Mastodon; close it after use."""
    from bot.platforms.mastodon.publisher import MastodonPublisher

    require_network(environ)
    return MastodonPublisher(server=account.server, access_token=account.access_token, account=account.name)


def mastodon_profile(channel: Channel, environ: Mapping[str, str]) -> "MastodonProfile":
    """Return the profile of the channel's Mastodon account; close it after use. Needs its credentials."""
    require_network(environ)
    account = Credentials(channel, environ).mastodon()
    if account is None:
        raise SettingsError("no credentials of mastodon; set MASTODON_URL and MASTODON_ACCESS_TOKEN")
    from bot.platforms.mastodon.profile import MastodonProfile

    return MastodonProfile(server=account.server, access_token=account.access_token, name=account.name)


def mastodon_server(channel: Channel, environ: Mapping[str, str]) -> str | None:
    """Return the server of the channel's Mastodon account, as far as this process knows it."""
    try:
        return Credentials(channel, environ).mastodon_server
    except SettingsError:  # said where the account is asked for
        return None


def post_limits(
    channel: Channel,
    platform: Platform,
    *,
    database: Database,
    environ: Mapping[str, str],
    keys: Sequence[Key],
    now: datetime,
) -> PostLimits | None:
    """Return how long a post may be, where each server says so itself; None where that is not known.

    A server is asked once a week at most, and what it said is kept: also when it does not answer any more.
    """
    if platform is not Platform.MASTODON:
        return None
    server = mastodon_server(channel, environ) or next((key.service for key in keys if key.platform is platform), None)
    if server is None:
        return None
    import structlog  # a quiet verb loads nothing that writes a log

    from bot.store.limits import keep_limits, kept_limits

    with database.reading() as session:
        kept = kept_limits(session, platform, server)
    if kept and now - kept[1] < _LIMITS_HOLD:
        return kept[0]
    try:
        limits = _asked(server, environ)
    except PicksError as error:
        structlog.get_logger(__name__).warning("length of posts not known", server=server, reason=str(error))
        return kept[0] if kept else None
    with database.transaction() as session:
        keep_limits(session, platform, server, limits, now=now)
    return limits


def _asked(server: str, environ: Mapping[str, str]) -> PostLimits:
    from bot.platforms.mastodon.limits import ask_limits

    require_network(environ)
    return ask_limits(server)
