"""Documents from the approval to the archive, on a real Bluesky server: one a thread, whatever happens between."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from sqlmodel import select

from archive_site import seen
from bot.archive.build import build
from bot.curation import corrections, decisions
from bot.curation.context import Account as PostingAccount
from bot.curation.context import Context, Edits
from bot.domain.actors import Actor
from bot.domain.corrections import CorrectionForm
from bot.domain.posts import Platform
from bot.domain.states import DeliveryState
from bot.intake.ingest import Capture, ingest
from bot.platforms.bluesky.publisher import BlueskyPublisher
from bot.platforms.bluesky.standard_site import DOCUMENT, PUBLICATION
from bot.platforms.memory import MemoryPublisher
from bot.publishing import rounds
from bot.publishing.outbox import LEASE
from bot.publishing.retract import retract
from bot.publishing.sender import Outbox
from bot.store.database import Database
from bot.store.tables import Delivery
from harness_pds import Account, Pds, Wire, bluesky_publisher
from publishing_stage import CHANNEL, PAPER, KilledError, Stage, no_quote
from samples import NOON, announcement, batch, channel

pytestmark = pytest.mark.node

ADA = Actor("ada", "test")
APPLY_WRITES = "com.atproto.repo.applyWrites"
URL = "https://picks.example.org/"
DOCUMENTED = channel(
    posting={"platforms": ["bluesky"], "time_zone": "UTC", "times": ["10:00"]},
    archive={"url": URL, "standard_site": True},
)
PROOF = ".well-known/site.standard.publication"


@dataclass
class Documented(Stage):
    """A pick of a channel that wants documents, approved for an account on the real server."""

    def context(self, *, account: str = "an account") -> Context:
        accounts = {Platform.BLUESKY: PostingAccount(account)}
        return Context(self.database, DOCUMENTED, accounts, no_quote, ADA, self.now)

    def outbox(self, worker: str = "w1") -> Outbox:
        return replace(super().outbox(worker), channels={CHANNEL.name: DOCUMENTED})

    def approve(self) -> None:
        publisher = self.publishers[Platform.BLUESKY]
        decisions.approve(self.context(account=publisher.account), PAPER, Edits(note="Worth reading."), at=self.now)


@pytest.fixture
def stage(database: Database, pds: Pds, account: Account, wire: Wire) -> Iterator[Documented]:
    ingest(database, [Capture(batch(announcement(PAPER, "Probing")), "test")], channels=[DOCUMENTED], now=NOON)
    publisher = bluesky_publisher(pds, account, wire=wire)
    stage = Documented(database, publishers={Platform.BLUESKY: cast("MemoryPublisher", publisher)})
    stage.approve()
    yield stage
    publisher.close()


def linked(folder: Path) -> list[str]:
    """Return the documents that the pick's page names."""
    elements = seen(folder / PAPER / "index.html").elements
    return [item["href"] for name, item in elements if name == "link" and item["rel"] == "site.standard.document"]


def test_an_approved_document_goes_out_is_proven_by_the_archive_and_goes_with_the_thread(
    stage: Documented, pds: Pds, account: Account, tmp_path: Path
) -> None:
    [post, *_] = stage.shown()["deliveries"][0]["posts"]
    assert post["document"] == f"{URL}{PAPER}/"
    assert stage.tick() == {"bluesky": "sent"}
    assert stage.shown()["deliveries"][0]["remarks"] == []
    [document], [publication] = pds.records(account.did, DOCUMENT), pds.records(account.did, PUBLICATION)
    assert document["value"]["path"] == f"/{PAPER}/"
    assert document["value"]["textContent"] == "Worth reading."

    build(stage.database, [DOCUMENTED], tmp_path / "site")
    assert linked(tmp_path / "site") == [document["uri"]]
    assert (tmp_path / "site" / PROOF).read_text() == f"{publication['uri']}\n"

    stage.now += timedelta(days=1)
    retract(stage.outbox(), DOCUMENTED, PAPER, actor=ADA)
    build(stage.database, [DOCUMENTED], tmp_path / "site")
    assert pds.records(account.did, DOCUMENT) == pds.records(account.did) == []
    assert linked(tmp_path / "site") == []
    assert not (tmp_path / "site" / PROOF).exists()

    decisions.reopen(stage.context(), PAPER)
    stage.now += timedelta(days=1)
    stage.approve()
    assert stage.tick() == {"bluesky": "sent"}
    build(stage.database, [DOCUMENTED], tmp_path / "site")
    [anew] = pds.records(account.did, DOCUMENT)
    assert anew["uri"] != document["uri"]
    assert linked(tmp_path / "site") == [anew["uri"]]


@pytest.mark.parametrize("landed", [False, True])
def test_a_worker_killed_where_the_batch_is_sent_leaves_one_thread_and_one_document(
    stage: Documented, pds: Pds, account: Account, *, landed: bool
) -> None:
    publisher = cast("BlueskyPublisher", stage.publishers[Platform.BLUESKY])
    dying = _Dying(publisher, landed=landed)
    stage.publishers[Platform.BLUESKY] = cast("MemoryPublisher", dying)
    with pytest.raises(KilledError):
        stage.tick()
    stage.publishers[Platform.BLUESKY] = cast("MemoryPublisher", publisher)
    stage.now += LEASE + timedelta(seconds=1)
    assert stage.tick("w2") == {"bluesky": "sent"}

    [document] = pds.records(account.did, DOCUMENT)
    posts = pds.records(account.did)
    assert len(posts) == len(stage.approved(Platform.BLUESKY))
    assert document["value"]["bskyPostRef"]["cid"] == posts[0]["cid"]


def test_a_database_that_has_forgotten_the_thread_takes_its_document_over(
    stage: Documented, pds: Pds, account: Account, wire: Wire, tmp_path: Path
) -> None:
    publisher = cast("BlueskyPublisher", stage.publishers[Platform.BLUESKY])
    stage.publishers[Platform.BLUESKY] = cast("MemoryPublisher", _Dying(publisher, landed=True))
    with pytest.raises(KilledError):
        stage.tick()
    stage.publishers[Platform.BLUESKY] = cast("MemoryPublisher", publisher)
    _forget(stage.database)
    assert stage.tick("w2") == {"bluesky": "sent"}
    assert wire.count(APPLY_WRITES) == 1
    [document] = pds.records(account.did, DOCUMENT)
    build(stage.database, [DOCUMENTED], tmp_path / "site")
    assert linked(tmp_path / "site") == [document["uri"]]


def test_a_curator_is_told_of_a_thread_that_went_out_without_its_document(
    stage: Documented, pds: Pds, account: Account, wire: Wire, tmp_path: Path
) -> None:
    wire.instead_of(APPLY_WRITES, _refusal())
    assert stage.tick() == {"bluesky": "sent"}
    [remark] = stage.shown()["deliveries"][0]["remarks"]
    assert "without its document" in remark
    assert pds.records(account.did, DOCUMENT) == []
    build(stage.database, [DOCUMENTED], tmp_path / "site")
    assert linked(tmp_path / "site") == []
    assert not (tmp_path / "site" / PROOF).exists()


@pytest.mark.parametrize("form", CorrectionForm)
def test_a_correction_of_either_form_corrects_the_document_and_its_day_stays(
    stage: Documented, pds: Pds, account: Account, tmp_path: Path, form: CorrectionForm
) -> None:
    stage.tick()
    [before] = pds.records(account.did, DOCUMENT)
    _correct(stage, form)
    [document], first = pds.records(account.did, DOCUMENT), pds.records(account.did)[0]
    assert (document["uri"] == before["uri"]) is (form is CorrectionForm.REPLY)
    value = document["value"]
    assert (value["textContent"], value["description"]) == ("Not worth it.", "Not worth it.")
    assert (value["publishedAt"], value["updatedAt"]) == (
        before["value"]["publishedAt"],
        "2026-02-18T12:00:00.000Z",
    )
    assert value["bskyPostRef"] == {"$type": value["bskyPostRef"]["$type"], "uri": first["uri"], "cid": first["cid"]}
    assert stage.shown()["deliveries"][0]["remarks"] == []
    build(stage.database, [DOCUMENTED], tmp_path / "site")
    assert linked(tmp_path / "site") == [document["uri"]]
    retract(stage.outbox(), DOCUMENTED, PAPER, actor=ADA)
    assert pds.records(account.did, DOCUMENT) == pds.records(account.did) == []


def test_a_curator_is_told_of_a_document_that_keeps_the_former_note(
    stage: Documented, pds: Pds, account: Account, wire: Wire
) -> None:
    stage.tick()
    wire.instead_of(APPLY_WRITES, _refusal())
    _correct(stage, CorrectionForm.REPLY)
    [delivery] = stage.shown()["deliveries"]
    assert delivery["state"] == "sent"
    assert delivery["remarks"] == [
        "The document beside the thread keeps the former note: the server did not take the corrected one."
    ]
    [document] = pds.records(account.did, DOCUMENT)
    assert document["value"]["textContent"] == "Worth reading."


def _correct(stage: Documented, form: CorrectionForm) -> None:
    stage.now += timedelta(days=1)
    corrections.approve(stage.context(), PAPER, "Not worth it.", form=form, at=stage.now)
    rounds.send_due(stage.outbox(), [DOCUMENTED])


class _Dying:
    """A publisher in whose process nothing comes after the batch, or the batch neither."""

    def __init__(self, publisher: BlueskyPublisher, *, landed: bool) -> None:
        self._publisher, self._landed = publisher, landed

    def __getattr__(self, name: str) -> Any:
        return getattr(self._publisher, name)

    def send(self, request: Any) -> None:
        if self._landed:
            self._publisher.send(request)
        raise KilledError


def _forget(database: Database) -> None:
    """Put the delivery back to what it was before the worker came, as a backup of that moment does."""
    with database.transaction() as session:
        [delivery] = session.exec(select(Delivery)).all()
        delivery.state, delivery.request, delivery.attempts = DeliveryState.PLANNED, None, 0
        delivery.claimed_by = delivery.lease_until = None
        session.add(delivery)


def _refusal() -> httpx.Response:
    return httpx.Response(400, json={"error": "InvalidRequest", "message": "no such documents here"})
