"""How long a post may be is asked of the server once, without a token, and kept."""

import io
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.app import App
from bot.domain.actors import Actor
from bot.domain.post_limits import PostLimits
from bot.domain.posts import Platform
from bot.settings import Settings
from bot.store.database import Database
from bot.store.limits import kept_limits
from bot.store.worker_keys import Key, leave
from bot.store.worker_tables import Heartbeat
from mastodon_standin import Endpoint, Fault, MastodonStandin

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
CHANNEL = """
title = "Test"
[feeds]
categories = ["cs.CL"]
[posting]
platforms = ["mastodon"]
[ranking.words]
"probing" = 2.0
"""


class Place:
    """An application whose channel posts on Mastodon, on a database, with a clock that tests set."""

    def __init__(self, folder: Path, database: Database, environ: dict[str, str]) -> None:
        (folder / "config").mkdir(exist_ok=True)
        (folder / "config" / "test.toml").write_text(CHANNEL, "utf-8")
        self.now = NOW
        address = database.url.render_as_string(hide_password=False)
        settings = Settings(database_url=SecretStr(address), PICKS_CONFIG=folder / "config", PICKS_DATA=folder / "data")
        self.app = App(settings, clock=lambda: self.now, environ=environ, console=io.StringIO())

    def close(self) -> None:
        self.app.close()

    def limits(self) -> PostLimits | None:
        context = self.app.context(self.app.channel(None), Actor("ada", "test"))
        return context.post_limits(Platform.MASTODON)


@pytest.fixture
def open_place(tmp_path: Path) -> Iterator[Callable[..., Place]]:
    """Return what opens an application with an environment."""
    with ExitStack() as stack:
        yield lambda database, **environ: stack.enter_context(closing(Place(tmp_path, database, environ)))


@pytest.fixture
def mastodon() -> Iterator[MastodonStandin]:
    """Run a server that takes more than others."""
    with MastodonStandin(characters=1111) as mastodon:
        yield mastodon


def test_a_server_is_asked_once_a_week(
    open_place: Callable[..., Place], sqlite_database: Database, mastodon: MastodonStandin
) -> None:
    place = open_place(sqlite_database, MASTODON_URL=mastodon.url)
    assert [place.limits() for _ in range(3)] == [PostLimits(1111, 23)] * 3
    assert mastodon.asked(Endpoint.INSTANCE) == 1
    mastodon.account.characters = 700
    place.now += timedelta(days=8)
    assert place.limits() == PostLimits(700, 23)
    assert mastodon.asked(Endpoint.INSTANCE) == 2


def test_what_a_server_said_holds_while_it_does_not_answer(
    open_place: Callable[..., Place], sqlite_database: Database, mastodon: MastodonStandin
) -> None:
    place = open_place(sqlite_database, MASTODON_URL=mastodon.url)
    place.limits()
    place.now += timedelta(days=8)
    mastodon.order(Fault(503, error=None), endpoint=Endpoint.INSTANCE)
    assert place.limits() == PostLimits(1111, 23)


@pytest.mark.parametrize("fault", [Fault(503, error=None), Fault(404), Fault(200, error=None)])
def test_a_server_that_says_nothing_of_use_leaves_the_usual_length(
    open_place: Callable[..., Place], sqlite_database: Database, mastodon: MastodonStandin, fault: Fault
) -> None:
    mastodon.order(fault, endpoint=Endpoint.INSTANCE)
    place = open_place(sqlite_database, MASTODON_URL=mastodon.url)
    assert place.limits() is None
    with sqlite_database.reading() as session:
        assert kept_limits(session, Platform.MASTODON, mastodon.url) is None


def test_a_shell_without_keys_asks_the_server_that_a_worker_named(
    open_place: Callable[..., Place], database: Database, mastodon: MastodonStandin
) -> None:
    place = open_place(database)
    assert place.limits() is None
    with database.transaction() as session:
        session.add(Heartbeat(worker="w1", started_at=NOW, beat_at=NOW))
        session.flush()
        key = Key(channel="test", platform=Platform.MASTODON, account="the account", service=mastodon.url)
        leave(session, "w1", [key])
    assert place.limits() == PostLimits(1111, 23)
