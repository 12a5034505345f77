"""Corrections on a real Bluesky server and on the stand-in for X: both forms, as followers see them."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.curation import corrections
from bot.domain.corrections import CorrectionForm
from bot.domain.errors import PermanentError
from bot.domain.posts import Platform, Post
from bot.platforms.bluesky.publisher import BlueskyPublisher
from bot.platforms.publisher import Publisher
from bot.platforms.x.publisher import XPublisher
from bot.publishing import rounds
from bot.publishing.resolve import Verdict, resolve
from bot.publishing.retract import retract
from bot.publishing.sender import Outbox
from bot.store.database import Database
from harness_pds import Account, Pds, Wire
from publishing_stage import CHANNEL, PAPER, approved_stage
from x_standin import XStandin

NOTE = "It does not do what I said: it does the opposite, see https://example.org/erratum."


class Network:
    """The accounts of a pick that is out on both platforms."""

    def __init__(self, database: Database, publishers: dict[Platform, Publisher]) -> None:
        self.stage, self._publishers = approved_stage(database), publishers

    def outbox(self) -> Outbox:
        return replace(self.stage.outbox(), publisher_for=lambda _, platform: self._publishers[platform])

    def round(self) -> None:
        rounds.send_due(self.outbox(), [CHANNEL])

    def correct(self, form: CorrectionForm, note: str = NOTE) -> dict[Platform, list[str]]:
        """Approve a correction for now, and return its posts."""
        self.stage.now += timedelta(days=1)
        done = corrections.approve(self.stage.context(), PAPER, note, form=form, at=self.stage.now)
        return {platform: [post.text for post in thread.posts] for platform, thread in done.proposal.threads.items()}


@pytest.fixture
def network(sqlite_database: Database, publisher: BlueskyPublisher, x_publisher: XPublisher) -> Network:
    network = Network(sqlite_database, {Platform.BLUESKY: publisher, Platform.X: x_publisher})
    network.round()
    return network


def _on_bluesky(pds: Pds, account: Account) -> list[tuple[str, str | None]]:
    """Return the words of each post and those that it answers, in the order of the thread."""
    records = pds.records(account.did)
    words = {record["uri"]: record["value"]["text"] for record in records}
    return [
        (item["value"]["text"], words.get(item["value"].get("reply", {}).get("parent", {}).get("uri")))
        for item in records
    ]


def _on_x(x: XStandin) -> list[tuple[str, str | None]]:
    words = {post.id: post.text for post in x.live}
    return [(post.text, words.get(post.in_reply_to or "")) for post in x.live]


def _chain(texts: list[str]) -> list[tuple[str, str | None]]:
    return list(zip(texts, [None, *texts], strict=False))


def test_a_reply_stands_below_both_threads_and_comes_down_with_them(
    network: Network, pds: Pds, account: Account, x_standin: XStandin
) -> None:
    before = [text for text, _ in _on_bluesky(pds, account)], [text for text, _ in _on_x(x_standin)]
    replies = network.correct(CorrectionForm.REPLY)
    network.round()
    network.round()
    assert _on_bluesky(pds, account) == _chain([*before[0], *replies[Platform.BLUESKY]])
    assert _on_x(x_standin) == _chain([*before[1], *replies[Platform.X]])
    [*_, last] = pds.records(account.did)
    [facet] = last["value"]["facets"]
    assert facet["features"][0]["uri"] == "https://example.org/erratum"
    done = retract(network.outbox(), CHANNEL, PAPER, actor=network.stage.context().actor)
    assert [item.error for item in done] == [None, None]
    assert (pds.records(account.did), x_standin.live) == ([], [])


def test_anew_the_old_threads_are_gone_and_the_corrected_ones_stand_alone_under_other_keys(
    network: Network, pds: Pds, account: Account, x_standin: XStandin
) -> None:
    keys = {record["uri"] for record in pds.records(account.did)}
    threads = network.correct(CorrectionForm.ANEW)
    network.round()
    network.round()
    assert _on_bluesky(pds, account) == _chain(threads[Platform.BLUESKY])
    assert _on_x(x_standin) == _chain(threads[Platform.X])
    assert not keys & {record["uri"] for record in pds.records(account.did)}
    assert network.stage.shown()["state"] == "published"


@pytest.mark.parametrize("gone", [0, -1])
def test_below_a_thread_that_somebody_has_deleted_no_reply_stands_alone(
    network: Network, pds: Pds, account: Account, gone: int
) -> None:
    pds.delete_post(account, pds.records(account.did)[gone]["uri"].rpartition("/")[2])
    left = pds.records(account.did)
    network.correct(CorrectionForm.REPLY)
    network.round()
    assert pds.records(account.did) == left
    [delivery] = [item for item in network.stage.shown()["deliveries"] if item["platform"] == "bluesky"]
    assert delivery["state"] == "refused"
    assert "was deleted on Bluesky, so nothing goes out below it" in delivery["error"]
    stage = network.stage
    resolve(stage.database, CHANNEL, PAPER, Verdict(give_up=True), actor=stage.context().actor, now=stage.now)
    thread = network.correct(CorrectionForm.ANEW, "It does the opposite.")[Platform.BLUESKY]
    network.round()
    assert _on_bluesky(pds, account) == _chain(thread)


def test_a_reply_that_the_database_has_forgotten_is_found_at_its_keys(
    network: Network, publisher: BlueskyPublisher, wire: Wire
) -> None:
    replies = network.correct(CorrectionForm.REPLY)[Platform.BLUESKY]
    network.round()
    [delivery] = [item for item in network.stage.shown()["deliveries"] if item["platform"] == "bluesky"]
    posts = [Post(text=post["text"], length=1, limit=300) for post in delivery["posts"]]
    first = len(posts) - len(replies)
    receipts = publisher.recognise(posts[:first], sent=(), name=PAPER, strays=())
    found = publisher.recognise(posts, sent=receipts, name=PAPER, strays=())
    assert [item.remote_id for item in found] == [post["remote_id"] for post in delivery["posts"][first:]]
    assert [item.position for item in found] == list(range(first, len(posts)))
    other = [*posts[:first], Post(text="Other words.", length=1, limit=300)]
    with pytest.raises(PermanentError, match="has other words below the thread"):
        publisher.recognise(other, sent=receipts, name=PAPER, strays=())
