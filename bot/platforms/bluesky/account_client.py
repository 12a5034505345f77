"""What whoever acts as one Bluesky account has: its handle, its session, and who it is today."""

import httpx
from pydantic import SecretStr

from bot.domain.accounts import Identity
from bot.platforms.bluesky.session import BlueskySession
from bot.platforms.sessions import SessionStore


class AccountClient:
    """One account, which signs in when it first has to.

    ``service`` is where it signs in. ``timeout`` bounds each step of a request and ``deadline`` the whole of it, in
    seconds; ``transport`` stands in for the network.
    """

    def __init__(
        self,
        *,
        service: str,
        handle: str,
        app_password: SecretStr,
        sessions: SessionStore,
        timeout: float = 30.0,
        deadline: float = 60.0,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.account = handle.strip().removeprefix("@").lower()
        self._session = BlueskySession(
            service=service,
            handle=self.account,
            app_password=app_password,
            sessions=sessions,
            timeout=timeout,
            deadline=deadline,
            transport=transport,
        )

    def identify(self) -> Identity:
        """Return the account that the handle belongs to today; signs in when there is no session."""
        return Identity(self.account, self._session.checked().did)

    def end(self) -> None:
        """End the session at its server, and let go of connections."""
        self._session.end()
        self.close()

    def close(self) -> None:
        """Let go of connections."""
        self._session.close()
