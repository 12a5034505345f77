"""The addresses of a channel and of its operator, for mail, chat services and webhooks: what apprise makes of one.

An address holds secrets. It is known here by its name alone, and of what apprise says of it nothing is passed on but
the number of an answer: its words may quote the address.
"""

import logging
import re
from typing import TYPE_CHECKING, Final

from pydantic import SecretStr

from bot.domain.errors import PermanentError, TransientError, UnknownOutcomeError
from bot.domain.text import sanitize

if TYPE_CHECKING:
    from apprise import AppriseResult, NotifyBase

_SECONDS: Final = 30.0
"""How long one address may take."""

_STATUS: Final = re.compile(r"\berror=(\d{3})\b")
_MENTION: Final = re.compile(r"[@<](?=\S)")
_WORD_JOINER: Final = "\u2060"
"""Shows nothing, and takes apart what a chat service would make a mention or a command of."""


class Address:
    """One address, by its name; apprise is loaded when something is sent."""

    def __init__(self, name: str, url: SecretStr, *, seconds: float = _SECONDS) -> None:
        self.name = name
        self._url = url
        self._seconds = seconds

    def send(self, title: str, body: str) -> None:
        """Send a message as plain text.

        Raises TransientError where it was not taken, UnknownOutcomeError where no answer came in time, and
        PermanentError where it cannot be sent: apprise is not installed, or does not know the address.
        """
        try:
            result = self._notify(title, body)
        except ImportError:
            raise PermanentError(
                "a package that sends to addresses is not installed, apprise; install it: "
                "pip install 'daily-picks[alerts]'"
            ) from None
        if result:  # an object, never True itself
            return
        if result.status.name == "TIMEOUT":
            raise UnknownOutcomeError(f"it did not answer within {self._seconds:.0f} seconds, and may have taken it")
        raise TransientError(f"it was not taken{_answer(result)}")

    def _notify(self, title: str, body: str) -> "AppriseResult":
        logging.getLogger("apprise").propagate = False  # it names hosts, and of some services these are the secret
        from apprise import Apprise, NotifyFormat

        sender = Apprise()
        sender.add(self._service())
        return sender.notify(body, title, body_format=NotifyFormat.TEXT, timeout=self._seconds)

    def _service(self) -> "NotifyBase":
        """Return what sends to the address; raise PermanentError where there is no such thing."""
        from apprise import Apprise, AppriseAsset, PersistentStoreMode

        asset = AppriseAsset(app_id="Daily Picks", app_desc="Daily Picks", storage_mode=PersistentStoreMode.MEMORY)
        service = Apprise.instantiate(self._url.get_secret_value(), asset=asset)
        if service is None:
            raise PermanentError(
                "apprise knows no such address; how those of this service look: https://github.com/caronc/apprise/wiki"
            )
        # A silent service must end as a time-out of ours, which is told from a refusal: it may have taken the message.
        service.socket_read_timeout = 2 * self._seconds
        return service


def harmless(text: str) -> str:
    """Return strangers' text without what a chat service could take for a mention or a command."""
    return _MENTION.sub(lambda found: found[0] + _WORD_JOINER, sanitize(text))


def _answer(result: "AppriseResult") -> str:
    """Return in words what the service answered, as far as that holds no part of the address."""
    numbers = [found[1] for line in result.logs() if (found := _STATUS.search(str(line)))]
    return f": the answer was {numbers[-1]}" if numbers else "; is it reachable from here?"
