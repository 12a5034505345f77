"""Fixtures around the stand-in for Mastodon."""

from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from bot.platforms.mastodon.publisher import MastodonPublisher
from mastodon_standin import MastodonStandin


def mastodon_publisher_for(
    mastodon: MastodonStandin,
    *,
    timeout: float = 10.0,
    deadline: float = 60.0,
    server: str | None = None,
    token: str | None = None,
) -> MastodonPublisher:
    """Make a publisher for the stand-in's account; what is given takes the place of what is right."""
    return MastodonPublisher(
        server=server or mastodon.url,
        access_token=SecretStr(token or mastodon.token),
        account="the account on mastodon.example",
        timeout=(timeout, timeout),
        deadline=deadline,
    )


@pytest.fixture
def mastodon_standin() -> Iterator[MastodonStandin]:
    """Run a stand-in for a server with an account of its own."""
    with MastodonStandin() as mastodon:
        yield mastodon


@pytest.fixture
def mastodon_publisher(mastodon_standin: MastodonStandin) -> Iterator[MastodonPublisher]:
    """Return a publisher for the stand-in's account."""
    publisher = mastodon_publisher_for(mastodon_standin)
    yield publisher
    publisher.close()
