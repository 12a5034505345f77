"""A quote against its author's wish: asked at approval and once more before sending; the plain link is approved too."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import select

import json_views as views
from bot.curation import decisions
from bot.curation.context import Context, Edits
from bot.domain.posts import Platform, Quote, post_from_json
from bot.domain.states import DeliveryState
from bot.platforms.bluesky.post_urls import QuoteRefusedError, QuoteUnreachableError
from bot.platforms.memory import Moment
from bot.publishing.quotes import MOST_LOOKS
from bot.publishing.sender import deliver_due
from bot.store.database import Database
from bot.store.tables import Delivery, FrozenPost
from publishing_stage import CHANNEL, PAPER, Stage, approved_stage
from samples import NOON

URL = "https://bsky.app/profile/name.test/post/3ldg2z7tem227"
QUOTE = Quote(url=URL, uri="at://did:plc:one/app.bsky.feed.post/3ldg2z7tem227", cid="bafyone")
REFUSED = f"cannot quote {URL}: its author allows no quotes of it; check the address or use a plain link"
SAID = f"Sent with a plain link instead of the quote: {REFUSED}"
Resolve = Callable[[str], Quote]


def _refuse(url: str) -> Quote:
    raise QuoteRefusedError(REFUSED)


@pytest.fixture
def stage(sqlite_database: Database) -> Stage:
    """Return a stage whose pick quotes the authors' thread on Bluesky."""
    stage = approved_stage(sqlite_database)
    decisions.approve(_context(stage, lambda _: QUOTE), PAPER, Edits(thread_url=URL), at=NOON)
    return stage


def _context(stage: Stage, resolve: Resolve) -> Context:
    return replace(stage.context(), resolve_quote=resolve)


def _tick(stage: Stage, resolve: Resolve) -> dict[str, DeliveryState]:
    outbox = replace(stage.outbox(), resolve_quote=lambda _, url: resolve(url))
    return {str(item.platform): item.state for item in deliver_due(outbox, channels=[CHANNEL.name])}


def _bluesky(stage: Stage) -> views.Json:
    delivery: views.Json = stage.shown()["deliveries"][0]
    return delivery


def _quotes(stage: Stage) -> list[Quote | None]:
    return [item.post.quote for item in stage.publishers[Platform.BLUESKY].timeline.posts]


def test_a_quote_that_is_not_welcome_at_approval_is_a_link_with_a_remark(stage: Stage) -> None:
    decisions.approve(_context(stage, _refuse), PAPER, Edits(), at=NOON)
    assert [post["quote"] for post in _bluesky(stage)["posts"]] == [None] * 4
    assert _bluesky(stage)["posts"][-1]["links"] == [{"text": "Authors' thread", "url": URL}]
    assert REFUSED in _bluesky(stage)["remarks"]


def test_the_plain_link_is_approved_beside_the_quote_and_can_be_read(stage: Stage) -> None:
    last = _bluesky(stage)["posts"][-1]
    assert last["quote"] == URL
    assert "Authors' thread" not in last["text"]
    assert last["instead"] == f"{last['text']}\n\nAuthors' thread"


def test_a_welcome_quote_goes_out(stage: Stage) -> None:
    _tick(stage, lambda _: QUOTE)
    assert _quotes(stage)[-1] == QUOTE
    assert _bluesky(stage)["unquoted"] is False


def test_a_quote_that_is_no_longer_welcome_goes_out_as_the_link_that_was_approved(stage: Stage) -> None:
    instead = _bluesky(stage)["posts"][-1]["instead"]
    assert _tick(stage, _refuse) == {"bluesky": DeliveryState.SENT, "x": DeliveryState.SENT}
    assert _quotes(stage) == [None] * 4
    assert stage.out(Platform.BLUESKY)[-1] == instead
    shown = _bluesky(stage)
    assert (shown["unquoted"], shown["posts"][-1]["text"], shown["posts"][-1]["quote"]) == (True, instead, None)
    assert shown["remarks"] == [SAID]


def test_what_was_approved_stays_readable(stage: Stage) -> None:
    _tick(stage, _refuse)
    with stage.database.reading() as session:
        rows = session.exec(
            select(FrozenPost).join(Delivery).where(Delivery.platform == Platform.BLUESKY).order_by(FrozenPost.position)  # type: ignore[arg-type]
        ).all()
    approved = post_from_json(rows[-1].content)
    assert approved.quote == QUOTE
    assert approved.instead is not None
    assert rows[-1].remote_id is not None


def test_a_post_that_was_changed_since_the_approval_is_not_quoted(stage: Stage) -> None:
    _tick(stage, lambda _: replace(QUOTE, cid="bafyother"))
    assert _quotes(stage) == [None] * 4
    assert "another post now than the one that was approved" in _bluesky(stage)["remarks"][0]


def test_who_cannot_be_asked_is_asked_again_and_then_the_link_goes_out(stage: Stage) -> None:
    def silent(url: str) -> Quote:
        raise QuoteUnreachableError(f"cannot look up {url}: appview.test does not answer (HTTP 503)")

    for _ in range(MOST_LOOKS - 1):
        assert _tick(stage, silent)["bluesky"] is DeliveryState.PLANNED
        stage.now += timedelta(hours=1)
    assert _tick(stage, silent)["bluesky"] is DeliveryState.SENT
    assert _quotes(stage) == [None] * 4
    assert stage.states()["x"] == "sent"


def test_a_failure_after_the_quote_was_dropped_does_not_bring_it_back(stage: Stage) -> None:
    bluesky = stage.publishers[Platform.BLUESKY]
    bluesky.fail(Moment.BEFORE, QuoteUnreachableError("busy"))
    assert _tick(stage, _refuse)["bluesky"] is DeliveryState.PLANNED
    stage.now += timedelta(hours=1)
    assert _tick(stage, lambda _: QUOTE)["bluesky"] is DeliveryState.SENT
    assert _quotes(stage) == [None] * 4
    assert _bluesky(stage)["remarks"] == [SAID]


def test_what_was_approved_before_there_was_a_link_beside_it_asks_a_person(stage: Stage) -> None:
    with stage.database.transaction() as session:
        for row in session.exec(select(FrozenPost)):
            row.content = {key: value for key, value in row.content.items() if key != "instead"}
            session.add(row)
    assert _tick(stage, _refuse)["bluesky"] is DeliveryState.REFUSED
    assert "picks undo 2602.00001 takes the approval back" in _bluesky(stage)["error"]


def test_a_new_approval_asks_anew(stage: Stage) -> None:
    stage.publishers.pop(Platform.X)
    stage.publishers[Platform.BLUESKY].fail(Moment.BEFORE, QuoteUnreachableError("busy"))
    _tick(stage, _refuse)
    decisions.undo(stage.context(), PAPER)
    decisions.approve(_context(stage, lambda _: QUOTE), PAPER, Edits(), at=stage.now)
    _tick(stage, lambda _: QUOTE)
    assert _quotes(stage)[-1] == QUOTE
