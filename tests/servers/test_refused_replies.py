"""X refuses the replies of a thread: what then stands on the account, as the stand-in for X has it in its own log."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import pytest

from bot.domain.channel_sections import WhenReplyRefused, XRules
from bot.domain.states import DeliveryState
from bot.publishing.sender import deliver_due
from bot.store.database import Database
from fault_scene import PAPER, Scene, Shown
from harness_x import publisher_for
from publishing_stage import with_rules
from x_http import Trick
from x_standin import Endpoint, Fault, XStandin

AT_ONCE = with_rules(XRules(when_reply_refused=WhenReplyRefused.SINGLE))


def _shown(x: XStandin) -> list[Shown]:
    return [Shown(post.id, post.text, post.in_reply_to) for post in x.live]


@pytest.fixture
def scene(sqlite_database: Database, x_standin: XStandin) -> Iterator[Scene]:
    """Return a scene on which X refuses the first reply."""
    x_standin.order(Fault(Trick.REFUSE, error="reply-rule"), at=1)
    with closing(publisher_for(x_standin)) as publisher:
        yield Scene(sqlite_database, publisher, lambda: _shown(x_standin))


def _texts(x: XStandin) -> list[str]:
    return [post.text for post in x.live]


def test_the_first_post_stays_until_a_person_decides(scene: Scene, x_standin: XStandin) -> None:
    assert scene.run() == (DeliveryState.REFUSED,)
    assert _texts(x_standin) == scene.approved[:1]
    assert "403" in scene.delivery["error"]


def test_the_single_post_takes_the_place_of_the_thread(scene: Scene, x_standin: XStandin) -> None:
    scene.run()
    single = scene.delivery["single"]["text"]
    [report] = deliver_due(scene.outbox(), channels=["sample"], arxiv_id=PAPER, single=True)
    assert report.state is DeliveryState.SENT
    assert _texts(x_standin) == [single]
    assert [post.in_reply_to for post in x_standin.live] == [None]


def test_a_delete_without_an_answer_is_repeated_before_the_single_post(scene: Scene, x_standin: XStandin) -> None:
    x_standin.order(Fault(Trick.DROP, carried_out=True), endpoint=Endpoint.DELETE)
    at_once = replace(scene.outbox(), channels=AT_ONCE)
    assert [report.state for report in deliver_due(at_once, channels=["sample"])] == [DeliveryState.PLANNED]
    single = scene.delivery["single"]["text"]
    assert _texts(x_standin) == []
    scene.wait()
    assert scene.run() == (DeliveryState.SENT,)
    assert _texts(x_standin) == [single]
    assert len(x_standin.accepted) == 2
