"""Whether arXiv answers, and whether its clock and ours agree."""

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bot.arxiv.client import Fetched, feed_url
from bot.domain.channels import Channel
from bot.domain.errors import PicksError
from bot.interfaces.doctor.checks import Check, attempt, failed, right, skipped

if TYPE_CHECKING:
    from bot.app import App

_APART: Final = timedelta(minutes=2)


def arxiv(app: "App", channel: Channel, *, offline: bool) -> Iterator[Check]:
    """Yield the checks of arXiv: one feed is asked for, once."""
    if offline:
        yield skipped("arXiv", "it was not asked: offline")
        return
    answers: list[Fetched] = []
    yield attempt("arXiv", lambda: _ask(app, channel, answers))
    for answer in answers:
        if answer.sent_at is not None:
            yield clock(app.clock() - answer.sent_at)


def clock(ahead: timedelta) -> Check:
    """Say whether this machine's clock is right; X refuses signatures of another time."""
    seconds = round(abs(ahead).total_seconds())
    if abs(ahead) > _APART:
        which = "ahead of" if ahead > timedelta(0) else "behind"
        return failed("clock", f"it is {seconds} seconds {which} arXiv's", step="set this machine's clock, with NTP")
    return right("clock", f"within {max(seconds, 1)} seconds of arXiv's")


def _ask(app: "App", channel: Channel, answers: list[Fetched]) -> str:
    if not channel.feeds.categories:
        raise PicksError(f"{channel.name} reads no feed; name one under feeds.categories")
    url = feed_url(app.settings.arxiv_rss_url.rstrip("/"), channel.feeds.format, channel.feeds.categories[0])
    with app.feed_client(attempts=1) as client:
        answers.append(client.fetch(url))
    return f"{channel.feeds.categories[0]} was read"
