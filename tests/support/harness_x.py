"""Fixtures around the stand-in for X."""

from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from bot.platforms.x.publisher import XPublisher
from bot.platforms.x.text import weighted_length
from x_standin import XStandin


def publisher_for(
    x: XStandin,
    *,
    timeout: float = 10.0,
    deadline: float = 60.0,
    api_url: str | None = None,
    access_token_secret: str | None = None,
) -> XPublisher:
    """Make a publisher for the stand-in's account; what is given takes the place of what is right."""
    return XPublisher(
        api_url=api_url or x.url,
        consumer_key=SecretStr(x.credentials.consumer_key),
        consumer_secret=SecretStr(x.credentials.consumer_secret),
        access_token=SecretStr(x.credentials.access_token),
        access_token_secret=SecretStr(access_token_secret or x.credentials.access_token_secret),
        timeout=(timeout, timeout),
        deadline=deadline,
        pause=0.0,
    )


@pytest.fixture
def x_standin() -> Iterator[XStandin]:
    """Run a stand-in for X with an account of its own."""
    with XStandin(length=weighted_length) as x:
        yield x


@pytest.fixture
def x_publisher(x_standin: XStandin) -> Iterator[XPublisher]:
    """Return a publisher for the stand-in's account."""
    publisher = publisher_for(x_standin)
    yield publisher
    publisher.close()
