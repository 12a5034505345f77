"""Checks the OAuth 1.0a signature of a request, as X does (HMAC-SHA1, RFC 5849).

What X's API asks of that RFC, written apart from the library that signs, so that the two check each other.
"""

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self
from urllib.parse import quote, unquote

CLOCK_TOLERANCE = 300
_PARAMETER = re.compile(r'\s*(\w+)="([^"]*)"\s*')
_NAMES = {
    "oauth_consumer_key",
    "oauth_nonce",
    "oauth_signature",
    "oauth_signature_method",
    "oauth_timestamp",
    "oauth_token",
    "oauth_version",
}


@dataclass(frozen=True)
class Credentials:
    """What an app and its user sign with."""

    consumer_key: str
    consumer_secret: str
    access_token: str
    access_token_secret: str

    @classmethod
    def fresh(cls, *, user_id: str) -> Self:
        """Make credentials that nobody has seen before, in the form of X's own."""
        return cls(
            consumer_key=secrets.token_hex(12),
            consumer_secret=secrets.token_hex(25),
            access_token=f"{user_id}-{secrets.token_hex(20)}",
            access_token_secret=secrets.token_hex(22),
        )


def wrong(
    authorization: str,
    *,
    method: str,
    url: str,
    query: Sequence[tuple[str, str]],
    credentials: Credentials,
    nonces: set[str],
    now: float,
) -> str | None:
    """Return what is wrong with an Authorization header, None when it is right; a right one uses up its nonce.

    ``url`` is the address without its query, ``query`` the decoded parameters.
    """
    scheme, _, rest = authorization.partition(" ")
    pairs = [_PARAMETER.fullmatch(part) for part in rest.split(",")]
    if scheme != "OAuth" or None in pairs:
        return "no OAuth header"
    given = {unquote(pair[1]): unquote(pair[2]) for pair in pairs if pair}
    if set(given) != _NAMES or len(pairs) != len(_NAMES):
        return f"parameters {sorted(given)}"
    expected = _signature(method, url, [*query, *given.items()], credentials)
    checks: Mapping[str, bool] = {
        "consumer key": given["oauth_consumer_key"] == credentials.consumer_key,
        "token": given["oauth_token"] == credentials.access_token,
        "method": (given["oauth_signature_method"], given["oauth_version"]) == ("HMAC-SHA1", "1.0"),
        "timestamp": abs(int(given["oauth_timestamp"]) - now) <= CLOCK_TOLERANCE,
        "nonce": given["oauth_nonce"] not in nonces,
        "signature": hmac.compare_digest(given["oauth_signature"], expected),
    }
    failed = next((name for name, right in checks.items() if not right), None)
    if failed is None:
        nonces.add(given["oauth_nonce"])
    return failed


def _signature(method: str, url: str, parameters: Sequence[tuple[str, str]], credentials: Credentials) -> str:
    signed = sorted((_escape(name), _escape(value)) for name, value in parameters if name != "oauth_signature")
    normal = "&".join(f"{name}={value}" for name, value in signed)
    base = "&".join((method.upper(), _escape(url), _escape(normal)))
    key = f"{_escape(credentials.consumer_secret)}&{_escape(credentials.access_token_secret)}"
    return base64.b64encode(hmac.new(key.encode(), base.encode(), hashlib.sha1).digest()).decode()


def _escape(text: str) -> str:
    return quote(text, safe="-._~")
