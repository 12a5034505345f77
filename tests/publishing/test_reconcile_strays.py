"""What stands on X and looks like ours, or is none of ours: the very thread alone is adopted, nothing is sent twice."""

from dataclasses import replace

import pytest

from bot.domain.actors import Actor
from bot.domain.posts import Platform
from bot.domain.states import DeliveryState
from bot.publishing.reconcile import Reconciled, reconcile
from bot.publishing.waiting_mode import FirstLooks
from bot.store.database import Database
from publishing_stage import CHANNEL, PAPER, Stage, approved_stage

X = Platform.X


@pytest.fixture
def stage(database: Database) -> Stage:
    """Return a stage with one approved pick."""
    return approved_stage(database, account="picks.test")


def _reconcile(stage: Stage) -> Reconciled:
    outbox = replace(stage.outbox(), channels={CHANNEL.name: CHANNEL}, actor=Actor("ada", "test"))
    FirstLooks(outbox).take([CHANNEL])
    return reconcile(outbox, [CHANNEL.name], dry_run=False)


def _on_x(found: Reconciled) -> tuple[list[tuple[int, bool]], list[tuple[str, int]], int]:
    """Return what of X was adopted, which threads about papers are unknown, and how many other posts there are."""
    adopted = [(item.posts, item.whole) for item in found.adopted if item.platform is X]
    unknown = [(item.arxiv_id, item.posts) for item in found.unknown if item.platform is X]
    [others] = [item.other_posts for item in found.accounts if item.platform is X]
    return adopted, unknown, others


def _put_up_thread(stage: Stage, texts: list[str], *, name: str) -> None:
    parent = None
    for number, text in enumerate(texts):
        stage.put_up(X, f"{name}{number}", text, parent=parent)
        parent = f"{name}{number}"


def test_our_thread_is_adopted_from_among_posts_of_other_people_s_hands(stage: Stage) -> None:
    texts = stage.approved(X)
    stage.put_up(X, "hello", "Hello from the operator")
    _put_up_thread(stage, texts, name="ours")
    stage.put_up(X, "below", "Thank you!", parent=f"ours{len(texts) - 1}")
    stage.put_up(X, "answer", "An answer to somebody", parent="a stranger's post")
    found = _reconcile(stage)
    assert _on_x(found) == ([(len(texts), True)], [], 3)
    stage.tick()
    assert stage.out(X).count(texts[0]) == 1


def test_a_look_alike_whose_second_post_differs_is_not_adopted_and_nothing_is_sent(stage: Stage) -> None:
    texts = stage.approved(X)
    _put_up_thread(stage, [texts[0], "Other words", *texts[2:]], name="alike")
    before = stage.out(X)
    found = _reconcile(stage)
    assert _on_x(found)[0] == []
    stage.tick()
    assert stage.out(X) == before
    [delivery] = [item for item in stage.shown()["deliveries"] if item["platform"] == "x"]
    assert delivery["state"] == DeliveryState.REFUSED
    assert "alike0" in delivery["error"]


def test_of_two_threads_with_the_same_words_one_is_adopted_and_the_other_is_listed(stage: Stage) -> None:
    texts = stage.approved(X)
    _put_up_thread(stage, texts, name="one")
    _put_up_thread(stage, texts, name="two")
    adopted, unknown, others = _on_x(_reconcile(stage))
    assert adopted == [(len(texts), True)]
    assert (unknown, others) == ([(PAPER, len(texts))], 0)
    stage.tick()
    assert stage.out(X).count(texts[0]) == 2


def test_our_words_below_somebody_else_s_post_are_none_of_our_thread(stage: Stage) -> None:
    texts = stage.approved(X)
    stage.put_up(X, "below", texts[0], parent="a stranger's post")
    assert _on_x(_reconcile(stage))[0] == []
    assert stage.tick()["x"] is DeliveryState.SENT
    assert stage.out(X) == [texts[0], *texts]


def test_a_part_that_lacks_its_middle_is_adopted_as_far_as_it_goes(stage: Stage) -> None:
    texts = stage.approved(X)
    stage.put_up(X, "first", texts[0])
    stage.put_up(X, "last", texts[-1], parent="somewhere")
    adopted, _, _ = _on_x(_reconcile(stage))
    assert adopted == [(1, False)]
    stage.tick()
    assert stage.states()["x"] == "sent"
    assert stage.out(X).count(texts[0]) == 1
