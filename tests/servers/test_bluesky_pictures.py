"""Pictures against a real Bluesky server: uploaded, named by their content, forgotten, and killed in between."""

import itertools
import signal
from datetime import UTC, datetime
from typing import Any

import httpx
import httpx2
import pytest
from sqlmodel import select

import json_views as views
from bot.domain.errors import PermanentError, TransientError
from bot.domain.posts import LinkCard, Picture, Platform, Post
from bot.platforms.bluesky.publisher import BlueskyPublisher
from bot.platforms.publisher import PictureMissingError, Request
from bot.publishing.outbox import LEASE
from bot.publishing.sender import deliver_due
from bot.store.picture_tables import PictureRow
from bot.threads.cards.drawing import draw
from bot.threads.cards.words import Card, CardWords
from harness_faults import Lab, Plan, Scene
from harness_pds import Account, Pds, Wire
from killable_worker import Death, Side, Step
from platform_truth import Outcome

pytestmark = pytest.mark.node

NOW = datetime(2024, 12, 16, 10, 0, tzinfo=UTC)
UPLOAD = "com.atproto.repo.uploadBlob"
NUMBERS = itertools.count(1)


@pytest.fixture(scope="module")
def card() -> Card:
    return draw(CardWords("2412.06769", "A Title", ("Ana",), "A note.", "A channel", "#2456c8"))


def thread(card: Card) -> tuple[Post, ...]:
    page = LinkCard("https://arxiv.org/abs/2412.06769", "A Title", "What it says", card.picture)
    return (Post("A title", 7, 300, card=page, langs=("en",)), Post("The end", 7, 300))


def prepared(publisher: BlueskyPublisher, card: Card) -> Request:
    return publisher.prepare(thread(card), sent=(), name=f"thread {next(NUMBERS)}", now=NOW)


def test_a_record_with_a_picture_comes_back_as_it_was_prepared(
    pds: Pds, account: Account, publisher: BlueskyPublisher, card: Card
) -> None:
    publisher.bring(card.picture, card.png)
    request = prepared(publisher, card)
    receipts = publisher.send(request)
    records = pds.records(account.did)
    assert [record["value"] for record in records] == [write["value"] for write in request.body["writes"]]  # type: ignore[attr-defined]
    assert [record["cid"] for record in records] == [receipt.cid for receipt in receipts]
    assert publisher.find(request) == receipts


def test_the_server_shows_the_bytes_under_the_name_that_was_computed_here(
    pds: Pds, account: Account, publisher: BlueskyPublisher, card: Card
) -> None:
    publisher.bring(card.picture, card.png)
    publisher.send(prepared(publisher, card))
    query = {"did": account.did, "cid": card.picture.cid}
    answer = httpx2.get(f"{pds.url}/xrpc/com.atproto.sync.getBlob", params=query).raise_for_status()
    assert answer.content == card.png
    assert answer.headers["content-type"] == "image/png"


def test_without_the_picture_nothing_is_written_and_bringing_it_mends_the_same_request(
    pds: Pds, account: Account, publisher: BlueskyPublisher, card: Card
) -> None:
    request = prepared(publisher, card)
    with pytest.raises(PictureMissingError, match="does not have the picture"):
        publisher.send(request)
    assert pds.records(account.did) == []
    assert publisher.find(request) is None
    publisher.bring(card.picture, card.png)
    publisher.bring(card.picture, card.png)
    assert len(publisher.send(request)) == 2


def test_a_picture_of_another_kind_than_it_says_is_refused(publisher: BlueskyPublisher) -> None:
    content = b"\xff\xd8\xff\xe0 no picture at all"
    picture = Picture.of(content, media_type="image/png", width=1, height=1)
    with pytest.raises(PermanentError, match="upload a picture"):
        publisher.bring(picture, content)


def test_a_refused_session_is_renewed_and_the_picture_brought(
    publisher: BlueskyPublisher, wire: Wire, card: Card
) -> None:
    publisher.identify()
    wire.instead_of(UPLOAD, httpx.Response(400, json={"error": "ExpiredToken", "message": "Token has expired"}))
    publisher.bring(card.picture, card.png)
    assert wire.count(UPLOAD) == 2


def test_an_upload_without_an_answer_is_tried_again_later(publisher: BlueskyPublisher, wire: Wire, card: Card) -> None:
    wire.lose_answer_of(UPLOAD)
    with pytest.raises(TransientError, match="upload a picture"):
        publisher.bring(card.picture, card.png)


def _scene(lab: Lab) -> Scene:
    return lab.scene(Plan("sqlite", (Platform.BLUESKY,)))


def _first_record(scene: Scene) -> dict[str, Any]:
    value: dict[str, Any] = scene.pds.records(scene.account.did)[0]["value"]
    return value


def _cid(scene: Scene) -> str:
    with scene.app.database.reading() as session:
        return session.exec(select(PictureRow)).one().cid


@pytest.mark.parametrize("step", [Step.BRING, Step.KEEP, Step.STORE])
@pytest.mark.parametrize("side", Side)
def test_a_worker_killed_between_the_picture_and_the_posts_leaves_one_whole_thread(
    lab: Lab, side: Side, step: Step
) -> None:
    scene = _scene(lab)
    late = LEASE.total_seconds() + 1
    assert lab.nursery.run(scene.job(death=Death(side, step), behind=late)) == -signal.SIGKILL
    assert lab.nursery.run(scene.job(patient=True)) == 0
    assert scene.outcome() == Outcome(posts=5, sent=1)
    assert _first_record(scene)["embed"]["external"]["thumb"]["ref"] == {"$link": _cid(scene)}


def test_a_picture_that_a_real_server_never_had_is_brought_after_all(lab: Lab) -> None:
    scene = _scene(lab)
    with scene.app.database.transaction() as session:
        row = session.exec(select(PictureRow)).one()
        row.brought_to = scene.account.did  # as after an upload that the server has forgotten since
        session.add(row)
    deliver_due(scene.app.outbox(sleep=lambda _: False), channels=list(scene.app.channels))
    assert scene.outcome() == Outcome(posts=5, sent=1)
    assert _first_record(scene)["embed"]["external"]["thumb"]["ref"] == {"$link": _cid(scene)}


def test_a_thread_whose_picture_is_gone_goes_out_in_its_approved_form_without(lab: Lab) -> None:
    scene = _scene(lab)
    with scene.app.database.transaction() as session:
        session.delete(session.exec(select(PictureRow)).one())
    deliver_due(scene.app.outbox(sleep=lambda _: False), channels=list(scene.app.channels))
    assert scene.outcome() == Outcome(posts=5, sent=1)
    assert "thumb" not in _first_record(scene)["embed"]["external"]
    [delivery] = views.show(scene.app.database, scene.app.channel(None), scene.papers[0])["deliveries"]
    assert delivery["unpictured"] is True
