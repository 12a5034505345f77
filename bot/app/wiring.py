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
from typing import TYPE_CHECKING, TextIO

from bot import __version__
from bot.app import accounts
from bot.curation.asking import resolve_handle, resolve_quote
from bot.curation.context import Account, Acquaintances, Context
from bot.curation.known_keys import known_to_workers
from bot.domain.actors import WORKER, Actor
from bot.domain.channels import Channel, choose_channel, load_channels
from bot.domain.people import load_people
from bot.domain.posts import Platform
from bot.domain.redaction import sharable
from bot.platforms.chat_source import ChatSource
from bot.platforms.x.account import public_name
from bot.settings import BlueskyAccount, Credentials, Settings, SettingsError, XAccount, require_network
from bot.store.database import Database
from bot.store.worker_keys import Key, keys_of_workers
from bot.threads.cards.lazily import draw

if TYPE_CHECKING:
    from bot.archive.hub import Hub
    from bot.arxiv.client import FeedClient
    from bot.intake.backfill import Backfiller
    from bot.intake.polling import Poller
    from bot.platforms.alerts import Address
    from bot.platforms.bluesky.profile import BlueskyProfile
    from bot.platforms.direct_messages import DirectMessages
    from bot.platforms.mastodon.profile import MastodonProfile
    from bot.platforms.publisher import Publisher
    from bot.platforms.sign_in import SignIn
    from bot.publishing.alerts import Alerts
    from bot.publishing.sender import Outbox


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
        self._chats: list[DirectMessages] = []

    def channel(self, name: str | None) -> Channel:
        """Return the channel of that name, or the only one; raise PicksError naming them all when that is unclear."""
        return choose_channel(self.channels, name, folder=self.settings.config)

    def context(self, channel: Channel, actor: Actor) -> Context:
        """Return a curator's context at this moment: who posts is known from the workers, too, who have the keys."""
        now = self.clock()
        with self.database.reading() as session:
            keys = keys_of_workers(session, channel.name, now=now)
        return Context(
            database=self.database,
            channel=channel,
            accounts={item: known_to_workers(own, item, keys) for item, own in self.accounts(channel).items()},
            resolve_quote=lambda url: resolve_quote(channel, url, keys=keys, environ=self._environ),
            acquaintances=Acquaintances(
                partial(load_people, self.settings.config),
                lambda handle: resolve_handle(channel, handle, keys=keys, environ=self._environ),
            ),
            actor=actor,
            now=now,
            draw=draw,
            post_limits=partial(
                accounts.post_limits, channel, database=self.database, environ=self._environ, keys=keys, now=now
            ),
        )

    def keys(self) -> list[Key]:
        """Return with which accounts this process can post, as a worker leaves it for others: names, and no secrets."""
        return [
            self._key(channel, platform, account)
            for channel in self.channels.values()
            for platform, account in self.accounts(channel).items()
        ]

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
            resolve_quote=lambda name, url: resolve_quote(self.channels[name], url, keys=(), environ=self._environ),
        )

    def feed_client(self, *, attempts: int = 3) -> "FeedClient":
        """Return a client for arXiv's feeds; close it after use."""
        from bot.arxiv.client import FeedClient

        require_network(self._environ)
        return FeedClient(contact=self._contact, attempts=attempts)

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

        require_network(self._environ)
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

        require_network(self._environ)
        return Hub(self.settings.hf_endpoint, token=self.settings.hf_token)

    def accounts(self, channel: Channel) -> dict[Platform, Account]:
        """Return as whom this process can post, or why it cannot, without importing anything heavy."""
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

    def sign_in(self, channel: Channel, platform: Platform) -> "SignIn":
        """Return what tries a channel's credentials, believing no session of before; close it after use.

        Raises SettingsError when there are none.
        """
        return accounts.sign_in(channel, platform, self._environ)

    def mastodon_profile(self, channel: Channel) -> "MastodonProfile":
        """Return the profile of the channel's Mastodon account; close it after use. Needs its credentials."""
        return accounts.mastodon_profile(channel, self._environ)

    def bluesky_profile(self, channel: Channel) -> "BlueskyProfile":
        """Return the profile of the channel's Bluesky account; close it after use. Needs its credentials."""
        from bot.platforms.bluesky.profile import BlueskyProfile
        from bot.platforms.memory import MemorySessionStore

        require_network(self._environ)
        account = Credentials(channel, self._environ).bluesky()
        if account is None:
            raise SettingsError("no credentials of bluesky; set BLUESKY_HANDLE and BLUESKY_APP_PASSWORD")
        return BlueskyProfile(
            service=account.service,
            handle=account.handle,
            app_password=account.app_password,
            sessions=MemorySessionStore(),
        )

    def session_file(self, channel: Channel) -> Path | None:
        """Return where the session of the channel's Bluesky account is kept, None where it has none."""
        from bot.platforms.sessions import FileSessionStore

        account = Credentials(channel, self._environ).bluesky()
        if account is None:
            return None
        return FileSessionStore(self.settings.sessions, account=f"{account.service} {account.handle}").file

    def digest_addresses(self, channel_name: str) -> "dict[str, Address]":
        """Return what sends to the channel's addresses, by their names; raise SettingsError when one is none."""
        from bot.publishing.addresses import senders

        found = Credentials(self.channels[channel_name], self._environ).digest_addresses()
        return senders(found, environ=self._environ)

    def alerts(self) -> "Alerts":
        """Return what sends to the channels' addresses."""
        from bot.publishing.alerts import Alerts

        return Alerts(self.database, self.digest_addresses, worker=self.worker_name, clock=self.clock)

    def chat_sources(self) -> list[ChatSource]:
        """Return the Bluesky accounts of channels that have curators, each once; what is off is left out."""
        found: dict[BlueskyAccount, list[Channel]] = {}
        for channel in self.channels.values():
            account = self._chat_account(channel)
            if account is not None:
                found.setdefault(account, []).append(channel)
        return [
            ChatSource(account.handle, channels, partial(self._direct_messages, account))
            for account, channels in found.items()
        ]

    def _chat_account(self, channel: Channel) -> BlueskyAccount | None:
        if not channel.curators or Platform.BLUESKY not in channel.posting.platforms:
            return None
        try:
            return Credentials(channel, self._environ).bluesky()
        except SettingsError:
            return None  # status says why the platform is off

    def _direct_messages(self, account: BlueskyAccount) -> "DirectMessages":
        from bot.platforms.bluesky.direct_messages import BlueskyMessages
        from bot.platforms.sessions import FileSessionStore

        require_network(self._environ)
        # A session of its own: two clients that renew one session's tokens would end each other's.
        sessions = FileSessionStore(self.settings.sessions, account=f"{account.service} {account.handle} messages")
        made = BlueskyMessages(
            service=account.service, handle=account.handle, app_password=account.app_password, sessions=sessions
        )
        self._chats.append(made)
        return made

    def close(self) -> None:
        """Let go of all connections."""
        for publisher in self._publishers.values():
            if publisher is not None:
                publisher.close()
        for messages in self._chats:
            messages.close()
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
            case Platform.MASTODON:
                there = credentials.mastodon()
                make = partial(accounts.mastodon_publisher, there, self._environ) if there else None
                return _Access(there.name, make) if there and make else None
            case Platform.CONSOLE:
                return _Access("console", self._terminal)

    def _bluesky(self, account: BlueskyAccount) -> "Publisher":
        from bot.platforms.bluesky.publisher import BlueskyPublisher
        from bot.platforms.sessions import FileSessionStore

        require_network(self._environ)
        sessions = FileSessionStore(self.settings.sessions, account=f"{account.service} {account.handle}")
        return BlueskyPublisher(
            service=account.service, handle=account.handle, app_password=account.app_password, sessions=sessions
        )

    def _terminal(self) -> "Publisher":
        from bot.platforms.console import ConsolePublisher

        return ConsolePublisher(self._console)

    def _x(self, account: XAccount, *, pause: float) -> "Publisher":
        from bot.platforms.x.publisher import XPublisher

        require_network(self._environ)
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

    def _key(self, channel: Channel, platform: Platform, account: Account) -> Key:
        service, appview = self._servers(channel, platform) if account.on else (None, None)
        return Key(
            channel=channel.name,
            platform=platform,
            account=account.name,
            problem=account.problem,
            service=service,
            appview=appview,
        )

    def _servers(self, channel: Channel, platform: Platform) -> tuple[str | None, str | None]:
        """Return the account's server and who shows its network, as far as others need them to look things up."""
        if platform is Platform.MASTODON and (server := accounts.mastodon_server(channel, self._environ)):
            return sharable(server), None
        if platform is not Platform.BLUESKY:
            return None, None
        credentials = Credentials(channel, self._environ)
        try:
            return sharable(credentials.bluesky_service), sharable(credentials.bluesky_appview)
        except SettingsError:  # said where a quote is looked up
            return None, None
