"""The environment, read in one place: addresses, credentials, folders.

Secrets live in SecretStr and leave it only where a request is signed; no error quotes a value. Credentials come in
groups; a channel's own group (with the channel's prefix) replaces the plain one as a whole, so that two accounts are
never mixed.
"""

import getpass
import os
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final, Literal
from urllib.parse import urlsplit

from platformdirs import user_data_path
from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.domain.channels import Channel
from bot.domain.errors import PicksError
from bot.domain.mastodon_section import server_address
from bot.domain.web_addresses import web_address_problem
from bot.domain.wrong_values import in_words
from bot.platforms.mastodon.addresses import account_name

_API_PAUSE: Final = 3.0
"""In seconds, between two requests of all processes together: https://info.arxiv.org/help/api/tou.html"""

_THIS_MACHINE: Final = {"127.0.0.1", "::1", "localhost"}
_PROXIES: Final = {"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"}


class SettingsError(PicksError):
    """An environment variable is missing or wrong."""


@dataclass(frozen=True, slots=True)
class BlueskyAccount:
    """Who posts on Bluesky, and at which server (``service``)."""

    service: str
    handle: str
    app_password: SecretStr


@dataclass(frozen=True, slots=True)
class XAccount:
    """Who posts on X: the application's key pair and the account's token pair (OAuth 1.0a)."""

    api_url: str
    consumer_key: SecretStr
    consumer_secret: SecretStr
    access_token: SecretStr
    access_token_secret: SecretStr


@dataclass(frozen=True, slots=True)
class MastodonAccount:
    """Who posts on Mastodon: a token of one account, the server that it is for, and what the account is called."""

    server: str
    name: str
    access_token: SecretStr


_PRINTABLE_ASCII: Final = re.compile("[ -~]+")


def _login_name() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        return "curator"


class Settings(BaseSettings):
    """What the environment says, apart from the accounts."""

    model_config = SettingsConfigDict(frozen=True, hide_input_in_errors=True, extra="ignore", env_ignore_empty=True)

    database_url: SecretStr | None = None
    config: Path = Field(Path("config"), validation_alias="PICKS_CONFIG")
    data: Path = Field(default_factory=lambda: user_data_path("daily-picks"), validation_alias="PICKS_DATA")
    curator: str = Field(default_factory=_login_name, validation_alias="PICKS_CURATOR", min_length=1)
    channel: str | None = Field(None, validation_alias="PICKS_CHANNEL")
    contact: str | None = Field(None, validation_alias="PICKS_CONTACT")
    log_format: Literal["auto", "json", "text"] = Field("auto", validation_alias="PICKS_LOG_FORMAT")
    keep_feed_days: int = Field(180, validation_alias="PICKS_KEEP_FEED_DAYS", ge=30, le=36_500)
    heartbeat_url: SecretStr | None = Field(None, validation_alias="PICKS_HEARTBEAT_URL")
    metrics_file: Path | None = Field(None, validation_alias="PICKS_METRICS_FILE")
    arxiv_rss_url: str = Field("https://rss.arxiv.org", repr=False)
    arxiv_api_url: str = Field("https://export.arxiv.org", repr=False)
    arxiv_api_pause: float = Field(_API_PAUSE, ge=0, le=60)
    hf_token: SecretStr | None = None
    hf_endpoint: str = Field("https://huggingface.co", repr=False)
    alert_url: SecretStr | None = Field(None, validation_alias="PICKS_ALERT_URL")

    @field_validator("contact")
    @classmethod
    def _fits_a_header(cls, contact: str | None) -> str | None:
        if contact is not None and not _PRINTABLE_ASCII.fullmatch(contact):
            raise ValueError("it may hold plain ASCII characters only, such as mailto:picks@example.org")
        return contact

    @field_validator("heartbeat_url")
    @classmethod
    def _is_a_web_address(cls, url: SecretStr | None) -> SecretStr | None:
        if url is not None and not url.get_secret_value().startswith(("https://", "http://")):
            raise ValueError("it must be the address, https://…, that the service gave you")
        return url

    @field_validator("hf_endpoint")
    @classmethod
    def _names_no_user(cls, url: str) -> str:
        if "@" in url or "?" in url or "#" in url:  # the token is the secret, and goes with every request
            raise ValueError("it must be an address without user, password and what stands behind ? or #")
        return url

    @field_validator("arxiv_rss_url", "arxiv_api_url", "hf_endpoint")
    @classmethod
    def _is_address(cls, url: str) -> str:
        if problem := web_address_problem(url):
            raise ValueError(f"it {problem}")
        return url

    @field_validator("config", "data", mode="before")
    @classmethod
    def _is_folder(cls, path: object) -> object:
        if "://" in str(path):
            raise ValueError("it must be the path of a folder, not an address")
        return path

    @field_validator("arxiv_api_pause")
    @classmethod
    def _is_polite(cls, pause: float, info: ValidationInfo) -> float:
        """Keep arXiv's rule, whatever is set, for every server but one's own."""
        if pause < _API_PAUSE and urlsplit(info.data.get("arxiv_api_url", "")).hostname not in _THIS_MACHINE:
            raise ValueError(f"arXiv wants {_API_PAUSE:g} seconds or more; fewer are for an API on this machine")
        return pause

    @property
    def database_address(self) -> str:
        """Return where the database is: ``DATABASE_URL``, or a SQLite file in the data folder."""
        if self.database_url and self.database_url.get_secret_value().strip():
            return self.database_url.get_secret_value().strip()
        return f"sqlite:///{self.data / 'picks.db'}"

    @property
    def sessions(self) -> Path:
        """Return the folder in which signed-in sessions are kept."""
        return self.data / "sessions"

    def alert_addresses(self) -> dict[str, SecretStr]:
        """Return the addresses of whoever operates this, by names that may be shown, as ``digest_addresses`` does."""
        return _addresses("PICKS_ALERT_URL", self.alert_url.get_secret_value() if self.alert_url else "")


def load_settings() -> Settings:
    """Read the environment; raise SettingsError naming the variable when a value is impossible."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        name = str(first["loc"][0]).upper()
        raise SettingsError(f"the environment variable {name} is wrong: {in_words(first)}") from None


def require_proxies(environ: Mapping[str, str] = os.environ) -> None:
    """Raise SettingsError, naming the variable, when no connection can be made through a proxy of the environment."""
    for name, value in environ.items():
        if name.upper() in _PROXIES and value.strip() and (problem := _proxy_problem(value.strip())):
            raise SettingsError(
                f"the environment variable {name} is wrong: it {problem}; name a proxy such as http://proxy.example:3128"
            )


def require_network(environ: Mapping[str, str] = os.environ) -> None:
    """Raise SettingsError, naming the variable, when no connection can be made as the environment asks for it."""
    require_proxies(environ)
    for name, problem in _ENCRYPTION.items():
        value = environ.get(name)
        if value and (found := problem(value)):
            raise SettingsError(f"the environment variable {name} is wrong: {found}; correct it, or leave it out")


def _certificates_problem(value: str) -> str | None:
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=value)
    except ssl.SSLError:
        return f"{value} is no file of certificates"
    except OSError as error:
        return f"{value} cannot be read ({error.strerror})"
    return None


def _certificate_folder_problem(value: str) -> str | None:
    return None if Path(value).is_dir() else f"{value} is no folder of certificates"


def _key_log_problem(value: str) -> str | None:
    """Return why keys cannot be written there: the libraries try to whenever they connect."""
    try:
        Path(value).open("ab").close()
    except OSError as error:
        return f"{value} cannot be written ({error.strerror})"
    return None


_ENCRYPTION: Final = {
    "SSL_CERT_FILE": _certificates_problem,
    "SSL_CERT_DIR": _certificate_folder_problem,
    "SSLKEYLOGFILE": _key_log_problem,
}
"""What the environment says of encryption, and what can be wrong with it."""


def _proxy_problem(value: str) -> str | None:
    scheme, mark, place = value.partition("://")
    if not mark:
        return web_address_problem(f"http://{value}")
    if not scheme.lower().startswith("socks"):
        return web_address_problem(value)
    if find_spec("socksio") is None:
        return "needs a package that is not installed, socksio"
    return web_address_problem(f"http://{place}")


_BLUESKY: Final = ("BLUESKY_HANDLE", "BLUESKY_APP_PASSWORD")
_X_APP: Final = ("X_CONSUMER_KEY", "X_CONSUMER_SECRET")
_X_USER: Final = ("X_ACCESS_TOKEN", "X_ACCESS_TOKEN_SECRET")
_MASTODON: Final = ("MASTODON_URL", "MASTODON_ACCESS_TOKEN")
_TOKEN: Final = re.compile(r"[!#-&(-~]+")
_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9]{0,19})://.")


def _mastodon_server(name: str, value: str) -> str:
    try:
        return server_address(value)
    except ValueError as error:
        raise SettingsError(f"{name}: {error}") from error


class Credentials:
    """The accounts of one channel, as the environment names them."""

    def __init__(self, channel: Channel, environ: Mapping[str, str] = os.environ) -> None:
        self._channel = channel
        self._prefix = channel.env_prefix
        self._environ = {key: value.strip() for key, value in environ.items() if value.strip()}

    def bluesky(self) -> BlueskyAccount | None:
        """Return the Bluesky account, None when none is set; raise SettingsError when only half of it is."""
        group = self._group(_BLUESKY)
        if group is None:
            return None
        handle, password = group
        return BlueskyAccount(self.bluesky_service, handle.strip().removeprefix("@").lower(), SecretStr(password))

    @property
    def bluesky_service(self) -> str:
        """Return the server of the account, or, without one, the one that is asked for what is public."""
        return self._single("BLUESKY_SERVICE", default="https://bsky.social")

    @property
    def bluesky_appview(self) -> str | None:
        """Return the server that shows the network and knows its labels and blocks, None where there is none.

        A service without encryption belongs to a network of its own, such as one on this machine.
        """
        service = self.bluesky_service
        named = self._environ.get(self._prefix + "BLUESKY_APPVIEW") or self._environ.get("BLUESKY_APPVIEW")
        if named is None and not service.startswith("https://"):
            return None
        return self._single("BLUESKY_APPVIEW", default="https://public.api.bsky.app")

    def x(self) -> XAccount | None:
        """Return the X account, None when none is set; raise SettingsError when only a part of it is."""
        app, user = self._group(_X_APP), self._group(_X_USER)
        if app is None and user is None:
            return None
        if app is None or user is None:
            missing = _X_APP if app is None else _X_USER
            raise SettingsError(f"X needs four variables; missing: {', '.join(missing)}")
        api_url = self._single("X_API_URL", default="https://api.x.com")
        return XAccount(api_url, *(SecretStr(value) for value in (*app, *user)))

    def mastodon(self) -> MastodonAccount | None:
        """Return the Mastodon account, None when no token is set; raise SettingsError when nobody can post with it."""
        own = self._environ.get(self._prefix + _MASTODON[1])
        token = own or self._environ.get(_MASTODON[1])
        if token is None:
            return None
        server = self.mastodon_server
        if server is None:
            raise SettingsError(
                "MASTODON_ACCESS_TOKEN is set but no server; set MASTODON_URL, or mastodon.instance in the channel file"
            )
        if find_spec("mastodon") is None:
            raise SettingsError(
                "posting to Mastodon needs a package that is not there; install it: pip install 'daily-picks[mastodon]'"
            )
        if not _TOKEN.fullmatch(token):
            raise SettingsError(
                "MASTODON_ACCESS_TOKEN holds a sign that no token has; copy the token anew, without blanks and quotes"
            )
        name = account_name(server, channel=self._channel.name if own else None)
        return MastodonAccount(server, name, SecretStr(token))

    @property
    def mastodon_server(self) -> str | None:
        """Return the server of the account, None where none is named; raise SettingsError where two are.

        A token must not go to another server than its own, so nothing is guessed there.
        """
        url, token = _MASTODON
        named = self._channel.mastodon.instance
        of_channel = self._prefix + url in self._environ
        has_own_token = self._prefix + token in self._environ
        if not of_channel and named is not None and (has_own_token or url not in self._environ):
            return named  # the plain address belongs to the plain token
        if not of_channel and url not in self._environ:
            return None
        server = _mastodon_server(url, self._single(url, default="https://mastodon.example"))
        if named not in {None, server}:
            raise SettingsError(f"{url} is {server}, and mastodon.instance in the channel file is {named}; keep one")
        return server

    def digest_addresses(self) -> dict[str, SecretStr]:
        """Return the addresses that get the digest, by names that may be shown: the service, and which of several.

        Raises SettingsError where one is no address.
        """
        name = "PICKS_DIGEST_URL"
        return _addresses(name, self._environ.get(self._prefix + name) or self._environ.get(name) or "")

    def _single(self, name: str, *, default: str) -> str:
        value = self._environ.get(self._prefix + name) or self._environ.get(name) or default
        if web_address_problem(value):
            raise SettingsError(f"{name} must be an address such as {default}")
        if "@" in value or "?" in value or "#" in value:  # who signs in with a token cannot send a password too
            raise SettingsError(
                f"{name} must be an address such as {default}: leave out user, password and what stands behind ? or #"
            )
        return value.rstrip("/")

    def _group(self, names: tuple[str, str]) -> tuple[str, str] | None:
        """Return the values of a group: the channel's own if any of its variables is set, else the plain ones."""
        own = tuple(self._prefix + name for name in names)
        wanted = own if any(name in self._environ for name in own) else names
        first, second = (self._environ.get(name) for name in wanted)
        if first and second:
            return first, second
        if not first and not second:
            return None
        missing = wanted[1] if first else wanted[0]
        present = wanted[0] if first else wanted[1]
        raise SettingsError(f"{present} is set but {missing} is not; set both, or neither")


def _addresses(variable: str, value: str) -> dict[str, SecretStr]:
    """Return the addresses that a variable names, by service; raise SettingsError where one is none."""
    given = value.split()
    found: dict[str, SecretStr] = {}
    for number, url in enumerate(given, 1):
        scheme = _SCHEME.match(url)
        if scheme is None:
            raise SettingsError(
                f"{variable} is wrong: number {number} of {len(given)} is no address such as mailto://…; "
                "write blanks between addresses, and %20 for a blank in one"
            )
        service = scheme[1].lower()
        same = sum(item.partition(" ")[0] == service for item in found)
        found[f"{service} {same + 1}" if same else service] = SecretStr(url)
    return found
