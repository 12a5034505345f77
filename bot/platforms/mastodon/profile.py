"""The profile of one Mastodon account: its name, its words, and the mark that says it is automated."""

from typing import Final

import requests
from pydantic import SecretStr

from bot.domain.errors import PermanentError
from bot.domain.profile import Profile
from bot.platforms.mastodon.client import FAILURES, MastodonClient, answer_of, behind
from bot.platforms.mastodon.errors import not_changed, unasked

_DISPLAY_NAME: Final = "display_name"
_NOTE: Final = "note"
_BOT: Final = "bot"


class MastodonProfile:
    """The profile of the account that a token belongs to; ``name`` is what it is called before it was asked."""

    def __init__(
        self,
        *,
        server: str,
        access_token: SecretStr,
        name: str,
        timeout: tuple[float, float] = (10.0, 30.0),
        deadline: float = 60.0,
    ) -> None:
        self.account = name
        self._server = server
        self._client = MastodonClient(server=server, access_token=access_token, timeout=timeout, deadline=deadline)

    def changes(self, wanted: Profile) -> dict[str, object]:
        """Return what differs from what is wanted, by the names that Mastodon has for it."""
        found = self._client.account_anew()
        self.account = found.url
        new = {_DISPLAY_NAME: wanted.name, _NOTE: wanted.description, _BOT: True}
        old = {_DISPLAY_NAME: found.display_name, _NOTE: found.source.get(_NOTE), _BOT: found.bot}
        return {key: value for key, value in new.items() if value is not None and value != old[key]}

    def write(self, changes: dict[str, object]) -> None:
        """Change that, and nothing else; it may be repeated."""
        try:
            self._client.api.account_update_credentials(**changes)
        except FAILURES as error:
            raised = behind(error)
            if raised is None:
                raise PermanentError(
                    f"Mastodon's answer to a change of {self.account} cannot be read; look at the profile there"
                ) from error
            if isinstance(raised, requests.HTTPError):
                raise not_changed(answer_of(raised)) from error
            raise unasked(raised, server=self._server) from error

    def close(self) -> None:
        """Let go of connections."""
        self._client.close()
