"""A question to X that only right credentials get an answer to, and what they may do."""

from typing import Any, Final

import requests
import tweepy
from pydantic import SecretStr

from bot.domain.accounts import Identity
from bot.domain.errors import TransientError, UnknownOutcomeError
from bot.platforms.sign_in import Right
from bot.platforms.x.account import name_of
from bot.platforms.x.errors import UnaskedError
from bot.platforms.x.reading import XReader
from bot.platforms.x.session import XSession

_LEVEL: Final = "x-access-level"
_WRITES: Final = "write"


class XSignIn:
    """One account on X: asks once who it is, and hears in the answer's header what its tokens may do."""

    def __init__(
        self,
        *,
        api_url: str,
        consumer_key: SecretStr,
        consumer_secret: SecretStr,
        access_token: SecretStr,
        access_token_secret: SecretStr,
        timeout: tuple[float, float] = (10.0, 30.0),
        deadline: float = 60.0,
    ) -> None:
        client = tweepy.Client(
            consumer_key=consumer_key.get_secret_value(),
            consumer_secret=consumer_secret.get_secret_value(),
            access_token=access_token.get_secret_value(),
            access_token_secret=access_token_secret.get_secret_value(),
            return_type=requests.Response,
        )
        self._url = url = api_url.rstrip("/")
        self._session = client.session = XSession(api_url=url, timeout=timeout, deadline=deadline)
        self._session.hooks["response"].append(self._hear)
        self._reader = XReader(client, api_url=url)
        self._level = ""

    def sign_in(self) -> Identity:
        """Ask X who the tokens belong to."""
        try:
            number = self._reader.own_id()
        except UnaskedError as error:
            raise error.at_sign_in() from error
        except UnknownOutcomeError as error:
            raise TransientError(
                f"what answers at {self._url} does not say whose the tokens are; look at X_API_URL, or try again later"
            ) from error
        return Identity(name_of(number), number)

    def rights(self) -> tuple[Right, ...]:
        """Return whether the tokens may post, as far as X says so."""
        if not self._level:
            return (Right("write permission", "not known: X did not say what the tokens may do", allowed=None),)
        if _WRITES in self._level:
            return (Right("write permission", "the tokens may post", allowed=True),)
        step = "give the app read and write permission in X's developer console, then make new access tokens"
        return (Right("write permission", f"the tokens may only {self._level}", allowed=False, next=step),)

    def close(self) -> None:
        """Let go of connections."""
        self._session.close()

    def _hear(self, response: requests.Response, *_: Any, **__: Any) -> None:
        self._level = response.headers.get(_LEVEL, "")
