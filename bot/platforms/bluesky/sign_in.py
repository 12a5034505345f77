"""A fresh sign-in on Bluesky, which finds a wrong password also where a session of before still works.

It costs one of the log-ins that a server allows (some 300 a day for an account), so only a person asks for it.
"""

from bot.domain.accounts import Identity
from bot.domain.advice import split_advice
from bot.platforms.bluesky.direct_messages import BlueskyMessages
from bot.platforms.direct_messages import NoPermissionError
from bot.platforms.sign_in import Right


class BlueskySignIn:
    """One account, whose ``client`` was given a session store that is empty; ``messages`` says they are wanted."""

    def __init__(self, client: BlueskyMessages, *, messages: bool) -> None:
        self._client = client
        self._messages = messages

    def sign_in(self) -> Identity:
        """Sign in with the password."""
        return self._client.identify()

    def rights(self) -> tuple[Right, ...]:
        """Return whether the password allows direct messages, where they are wanted."""
        if not self._messages:
            return ()
        try:
            self._client.now()
        except NoPermissionError as error:
            detail, step = split_advice(str(error))
            return (Right("direct messages", detail, allowed=False, next=step),)
        return (Right("direct messages", "the app password allows them", allowed=True),)

    def close(self) -> None:
        """End the session, which was made for the question alone."""
        self._client.end()
