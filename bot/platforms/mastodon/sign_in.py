"""A question to Mastodon that only a right token gets an answer to, and what its server takes."""

from typing import Final
from urllib.parse import urlsplit

from pydantic import SecretStr

from bot.domain.accounts import Identity
from bot.domain.text import sanitize
from bot.platforms.mastodon.client import MastodonClient
from bot.platforms.sign_in import Right

_NEEDED: Final = ("read:accounts", "read:statuses", "write:statuses")
_BOT_STEP: Final = "picks profile sets the mark that says so, if the token has the scope write:accounts"


class MastodonSignIn:
    """One account: asks once who it is, and whether it says of itself that it is automated."""

    def __init__(
        self,
        *,
        server: str,
        access_token: SecretStr,
        timeout: tuple[float, float] = (10.0, 30.0),
        deadline: float = 60.0,
    ) -> None:
        self._client = MastodonClient(server=server, access_token=access_token, timeout=timeout, deadline=deadline)

    def sign_in(self) -> Identity:
        """Ask who the token belongs to."""
        account = self._client.account()
        return Identity(f"@{sanitize(account.username)}@{urlsplit(account.url).netloc}", account.url)

    def rights(self) -> tuple[Right, ...]:
        """Return whether the token may post and read, and whether the account is marked as a bot."""
        return (*self._scopes(), self._bot_mark())

    def _scopes(self) -> tuple[Right, ...]:
        """Return what the token lacks; nothing where the server does not say what it has."""
        scopes = self._client.scopes()
        if scopes is None:
            return ()
        lacks = [name for name in _NEEDED if name not in scopes and name.partition(":")[0] not in scopes]
        if not lacks:
            return (Right("scopes", "the token may post and read", allowed=True),)
        step = "make a token with the scopes read and write: Preferences, Development"
        return (Right("scopes", f"the token lacks {', '.join(lacks)}", allowed=False, next=step),)

    def _bot_mark(self) -> Right:
        if self._client.account().bot:
            return Right("bot mark", "the profile says that the account is automated", allowed=True)
        said = "the profile does not say that the account is automated"
        return Right("bot mark", said, allowed=False, next=_BOT_STEP, needed=False)

    def close(self) -> None:
        """Let go of connections."""
        self._client.close()
