"""The wiring: settings, store, channels and accounts put together. Only this module names the concrete classes.

What reads arXiv, what sends and the platforms' libraries are imported when they are first used: they take longer to
load than most commands run.
"""

import os
import socket
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, TextIO

from bot import __version__
from bot.curation.context import Account, Context
from bot.domain.actors import WORKER, Actor
from bot.domain.channels import Channel, choose_channel, load_channels
from bot.domain.posts import Platform, Quote
from bot.platforms.x.account import public_name
from bot.settings import BlueskyAccount, Credentials, Settings, SettingsError, XAccount, require_proxies
from bot.store.database import Database

if TYPE_CHECKING:
    from bot.archive.hub import Hub
    from bot.arxiv.client import FeedClient
    from bot.intake.backfill import Backfiller
    from bot.intake.polling import Poller
    from bot.platforms.publisher import Publisher
    from bot.publishing.sender import Outbox
    from bot.threads.cards.words import Card, CardWords

_PUBLIC_SERVICE: Final = "https://bsky.social"


@dataclass(frozen=True, slots=True)
class _Access:
    """The public name of an account, and what makes its publisher: its library loads slowly, so not before it must."""

    name: str
    make: "Callable[[], Publisher]"


class App:
    """One process's view of the whole: made once at the start, closed at the end."""

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        environ: Mapping[str, str] = os.environ,
        console: TextIO | None = None,
    ) -> None:
        self.settings = settings
        self.clock = clock
        self._environ = environ
        self._console = console
        self.database = Database(settings.database_address)
        self.channels = load_channels(settings.config)
        self.worker_name = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
        self._publishers: dict[tuple[str, Platform], Publisher | None] = {}

    def channel(self, name: str | None) -> Channel:
        """Return the channel of that name, or the only one; raise PicksError naming them all when that is unclear."""
        return choose_channel(self.channels, name, folder=self.settings.config)

    def context(self, channel: Channel, actor: Actor) -> Context:
        """Return a curator's context at this moment."""
        return Context(
            database=self.database,
            channel=channel,
            accounts=self.accounts(channel),
            resolve_quote=lambda url: self._resolve_quote(channel, url),
            actor=actor,
            now=self.clock(),
            draw=_draw,
        )

    def outbox(self, *, sleep: Callable[[float], bool], actor: Actor = WORKER) -> "Outbox":
        """Return what publishing needs in this process; ``actor`` is who starts it."""
        from bot.publishing.sender import Outbox

        return Outbox(
            database=self.database,
            publisher_for=self.publisher,
            clock=self.clock,
            sleep=sleep,
            worker=self.worker_name,
            actor=actor,
            channels=self.channels,
            is_off=lambda channel, platform: not self._account(self.channels[channel], platform).on,
            resolve_quote=lambda channel, url: self._resolve_quote(self.channels[channel], url),
        )

    def feed_client(self) -> "FeedClient":
        """Return a client for arXiv's feeds; close it after use."""
        from bot.arxiv.client import FeedClient

        require_proxies(self._environ)
        return FeedClient(contact=self._contact)

    def poller(self, client: "FeedClient") -> "Poller":
        """Return what polls the feeds of all channels."""
        from bot.intake.polling import Poller

        return Poller(
            database=self.database,
            client=client,
            base_url=self.settings.arxiv_rss_url.rstrip("/"),
            channels=list(self.channels.values()),
            clock=self.clock,
        )

    def api_client(self, *, attempts: int) -> "FeedClient":
        """Return a client that keeps the pause of arXiv's API together with all other processes; close it after use.

        What may pass is tried ``attempts`` times in all.
        """
        from bot.arxiv.client import FeedClient
        from bot.intake.backfill import SERVICE
        from bot.intake.rate_limit import wait_for_turn

        require_proxies(self._environ)
        pause = self.settings.arxiv_api_pause

        def wait() -> None:
            wait_for_turn(self.database, SERVICE, pause=pause, clock=self.clock, sleep=time.sleep)

        return FeedClient(contact=self._contact, wait_for_turn=wait, attempts=attempts)

    def backfiller(self, client: "FeedClient") -> "Backfiller":
        """Return what makes good the days that feeds lost; ``client`` is one for the API."""
        from bot.arxiv.api import Api
        from bot.intake.backfill import Backfiller

        return Backfiller(
            database=self.database,
            api=Api(client, self.settings.arxiv_api_url),
            channels=list(self.channels.values()),
            clock=self.clock,
        )

    def hub(self) -> "Hub":
        """Return a client of the Hugging Face Hub; close it after use."""
        from bot.archive.hub import Hub

        require_proxies(self._environ)
        return Hub(self.settings.hf_endpoint, token=self.settings.hf_token)

    def accounts(self, channel: Channel) -> dict[Platform, Account]:
        """Return who posts where, or why nobody does, without importing anything heavy."""
        return {platform: self._account(channel, platform) for platform in channel.posting.platforms}

    def publisher(self, channel_name: str, platform: Platform) -> "Publisher | None":
        """Return the channel's account on a platform, None when it has no credentials; kept for the next call.

        Raises SettingsError when the credentials are incomplete.
        """
        key = (channel_name, platform)
        if key not in self._publishers:
            access = self._access(self.channels[channel_name], platform)
            self._publishers[key] = access.make() if access else None
        return self._publishers[key]

    def close(self) -> None:
        """Let go of all connections."""
        for publisher in self._publishers.values():
            if publisher is not None:
                publisher.close()
        self.database.close()

    def _account(self, channel: Channel, platform: Platform) -> Account:
        try:
            access = self._access(channel, platform)
        except SettingsError as error:
            return Account(None, str(error))
        return Account(access.name) if access else Account(None, "no credentials in the environment")

    def _access(self, channel: Channel, platform: Platform) -> "_Access | None":
        """Return who posts on a platform and how to get at it, None where the environment has no credentials.

        Raises SettingsError when they are incomplete.
        """
        credentials = Credentials(channel, self._environ)
        match platform:
            case Platform.BLUESKY:
                account = credentials.bluesky()
                return _Access(account.handle, partial(self._bluesky, account)) if account else None
            case Platform.X:
                keys = credentials.x()
                pause = channel.x.pause_seconds
                return _Access(public_name(keys.access_token), partial(self._x, keys, pause=pause)) if keys else None
            case Platform.CONSOLE:
                return _Access("console", self._terminal)

    def _bluesky(self, account: BlueskyAccount) -> "Publisher":
        from bot.platforms.bluesky.publisher import BlueskyPublisher
        from bot.platforms.sessions import FileSessionStore

        require_proxies(self._environ)
        sessions = FileSessionStore(self._sessions, account=f"{account.service} {account.handle}")
        return BlueskyPublisher(
            service=account.service, handle=account.handle, app_password=account.app_password, sessions=sessions
        )

    def _terminal(self) -> "Publisher":
        from bot.platforms.console import ConsolePublisher

        return ConsolePublisher(self._console)

    def _x(self, account: XAccount, *, pause: float) -> "Publisher":
        from bot.platforms.x.publisher import XPublisher

        return XPublisher(
            api_url=account.api_url,
            consumer_key=account.consumer_key,
            consumer_secret=account.consumer_secret,
            access_token=account.access_token,
            access_token_secret=account.access_token_secret,
            pause=pause,
        )

    @property
    def _contact(self) -> str:
        return self.settings.contact or f"daily-picks {__version__}; no contact set"

    @property
    def _sessions(self) -> Path:
        return self.settings.data / "sessions"

    def _resolve_quote(self, channel: Channel, url: str) -> Quote:
        from bot.platforms.bluesky.quotes import resolve_quote

        require_proxies(self._environ)
        credentials = Credentials(channel, self._environ)
        account = credentials.bluesky()
        return resolve_quote(
            url,
            service=account.service if account else _PUBLIC_SERVICE,
            appview=credentials.bluesky_appview,
            viewer=account.handle if account else None,
        )


def _draw(words: "CardWords") -> "Card":
    from bot.threads.cards.drawing import draw  # loads Pillow

    return draw(words)
