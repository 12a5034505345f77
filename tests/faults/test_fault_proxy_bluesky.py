"""A broken network between the bot and a real Bluesky server: a thread stands once and whole, or not at all."""

from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from bot.platforms.bluesky.publisher import BlueskyPublisher
from bot.platforms.memory import MemorySessionStore
from bot.store.database import Database
from fault_proxy import (
    ANSWER_DRIPS,
    ANSWER_LATE,
    ANSWER_LOST,
    FAULTS,
    ONE_OF_EACH,
    REQUEST_LATE,
    REQUEST_LOST,
    Fault,
    FaultProxy,
    Passage,
)
from fault_scene import (
    AT_ONCE,
    SECOND_LOOK,
    SLOW_DRIP,
    THIRD_LOOK,
    TRIED_LATER,
    MakeScene,
    Scene,
    Shown,
    States,
    Tally,
    assert_came_out,
    course_of_a_spoilt_write,
    run_with_a_late_request,
    scenes,
)
from harness_pds import Account, Pds

pytestmark = [pytest.mark.network, pytest.mark.node]

POSTS = range(4)
WRITE = "/xrpc/com.atproto.repo.applyWrites"
LOOK = "/xrpc/com.atproto.repo.getRecord"
SIGN_IN = "/xrpc/com.atproto.server.createSession"


@pytest.fixture
def account(pds: Pds) -> Account:
    """Return an account of the test's own."""
    return pds.create_account()


@pytest.fixture
def proxy(pds: Pds) -> Iterator[FaultProxy]:
    """Stand before the server."""
    with FaultProxy(pds.url) as proxy:
        yield proxy


@pytest.fixture
def make_scene(proxy: FaultProxy, pds: Pds, account: Account, request: pytest.FixtureRequest) -> Iterator[MakeScene]:
    """Return what makes scenes on Bluesky."""

    def publisher(timeout: float, deadline: float) -> BlueskyPublisher:
        return BlueskyPublisher(
            service=proxy.url,
            handle=account.handle,
            app_password=SecretStr(account.app_password),
            sessions=MemorySessionStore(),
            timeout=timeout,
            deadline=deadline,
        )

    with scenes(request, publisher_for=publisher, truth=lambda: truth(pds, account)) as make:
        yield make


BEFORE = 1
"""How many looks come before the first write."""


def truth(pds: Pds, account: Account) -> list[Shown]:
    """Return what the server lists, in the order of its keys."""
    return [
        Shown(record["uri"], record["value"]["text"], record["value"].get("reply", {}).get("parent", {}).get("uri"))
        for record in pds.records(account.did)
    ]


def course_of_a_spoilt_look(first: Fault, look: Fault) -> States:
    """A look without a good answer is repeated; one that drips succeeds."""
    return course_of_a_spoilt_write(first) if look is ANSWER_DRIPS else SECOND_LOOK


def assert_written_once(scene: Scene, proxy: FaultProxy, fault: Fault, states: States) -> None:
    assert_came_out(scene, states, course_of_a_spoilt_write(fault))
    assert len(scene.approved) == len(POSTS)
    assert (proxy.asked(WRITE), proxy.count(WRITE)) == (1 + (not fault.forwarded), 1)


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_a_fault_at_the_batch_on_bluesky(make_scene: MakeScene, proxy: FaultProxy, fault: Fault) -> None:
    scene = make_scene(fault)
    proxy.spoil(WRITE, fault)
    assert_written_once(scene, proxy, fault, scene.run())


@pytest.mark.parametrize("look", ONE_OF_EACH, ids=str)
def test_a_fault_at_the_look_on_bluesky_after_a_lost_answer(
    make_scene: MakeScene, proxy: FaultProxy, look: Fault
) -> None:
    scene = make_scene(look)
    proxy.spoil(WRITE, ANSWER_LOST)
    proxy.spoil(LOOK, look, at=BEFORE + 1)
    assert_came_out(scene, scene.run(), course_of_a_spoilt_look(ANSWER_LOST, look))
    assert proxy.asked(WRITE) == 1


@pytest.mark.parametrize("fault", [ANSWER_LOST, REQUEST_LOST], ids=str)
def test_what_was_lost_on_bluesky_comes_out_right_on_every_database(
    make_scene: MakeScene, proxy: FaultProxy, database: Database, fault: Fault
) -> None:
    scene = make_scene(database=database)
    proxy.spoil(WRITE, fault)
    assert_written_once(scene, proxy, fault, scene.run())


def test_a_batch_that_reaches_bluesky_after_we_gave_it_up_is_found_at_the_second_look(
    make_scene: MakeScene, proxy: FaultProxy
) -> None:
    scene = make_scene(REQUEST_LATE)
    proxy.spoil(WRITE, REQUEST_LATE)
    assert_came_out(scene, run_with_a_late_request(scene, proxy), SECOND_LOOK)
    assert proxy.asked(WRITE) == 1


def test_a_batch_that_reaches_bluesky_after_its_repeat_changes_nothing(
    make_scene: MakeScene, proxy: FaultProxy
) -> None:
    scene = make_scene(REQUEST_LATE)
    proxy.spoil(WRITE, REQUEST_LATE)
    states = scene.run()
    proxy.deliver_late()
    assert proxy.passages[-1] == Passage(WRITE, REQUEST_LATE, 500)
    assert_came_out(scene, states, SECOND_LOOK)


def test_a_batch_that_is_lost_on_its_way_to_bluesky_twice_is_sent_a_third_time(
    make_scene: MakeScene, proxy: FaultProxy
) -> None:
    scene = make_scene()
    proxy.spoil(WRITE, REQUEST_LOST, at=0)
    proxy.spoil(WRITE, REQUEST_LOST, at=1)
    assert_came_out(scene, scene.run(), THIRD_LOOK)
    assert (proxy.asked(WRITE), proxy.count(WRITE)) == (3, 1)


def course_of_a_spoilt_look_back(look: Fault) -> States:
    """Nothing was sent yet: a look without a good answer is repeated later, one that drips succeeds."""
    return AT_ONCE if look is ANSWER_DRIPS else TRIED_LATER


@pytest.mark.parametrize("look", ONE_OF_EACH, ids=str)
def test_a_fault_at_the_look_on_bluesky_before_a_thread(make_scene: MakeScene, proxy: FaultProxy, look: Fault) -> None:
    scene = make_scene(look)
    proxy.spoil(LOOK, look)
    assert_came_out(scene, scene.run(), course_of_a_spoilt_look_back(look))
    assert proxy.asked(WRITE) == 1


@pytest.mark.faults
@pytest.mark.parametrize("look", FAULTS, ids=str)
def test_every_fault_at_the_look_on_bluesky_before_a_thread(
    make_scene: MakeScene, proxy: FaultProxy, tally: Tally, look: Fault
) -> None:
    scene = make_scene(look)
    proxy.spoil(LOOK, look)
    states = tally.run("Bluesky: the look before a thread", scene)
    assert_came_out(scene, states, course_of_a_spoilt_look_back(look))
    assert proxy.asked(WRITE) == 1


@pytest.mark.faults
@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_every_fault_at_the_batch_on_bluesky(
    make_scene: MakeScene, proxy: FaultProxy, tally: Tally, fault: Fault
) -> None:
    scene = make_scene(fault)
    proxy.spoil(WRITE, fault)
    states = tally.run("Bluesky: the batch", scene)
    assert_written_once(scene, proxy, fault, states)


@pytest.mark.faults
@pytest.mark.parametrize("at", POSTS)
@pytest.mark.parametrize("first", [ANSWER_LOST, REQUEST_LOST], ids=str)
@pytest.mark.parametrize("look", FAULTS, ids=str)
def test_every_fault_at_every_look_on_bluesky(
    *, make_scene: MakeScene, proxy: FaultProxy, tally: Tally, look: Fault, first: Fault, at: int
) -> None:
    scene = make_scene(look)
    proxy.spoil(WRITE, first)
    proxy.spoil(LOOK, look, at=BEFORE + at)
    states = tally.run("Bluesky: the look after the batch", scene)
    assert_came_out(scene, states, course_of_a_spoilt_look(first, look))
    assert proxy.count(WRITE) == 1


@pytest.mark.faults
@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_every_fault_at_the_sign_in_on_bluesky(
    make_scene: MakeScene, proxy: FaultProxy, tally: Tally, fault: Fault
) -> None:
    scene = make_scene(fault)
    proxy.spoil(SIGN_IN, fault)
    states = tally.run("Bluesky: the sign-in", scene)
    assert_came_out(scene, states, AT_ONCE if fault is ANSWER_DRIPS else TRIED_LATER)
    assert proxy.asked(WRITE) == 1


@pytest.mark.faults
@pytest.mark.parametrize("second", FAULTS, ids=str)
@pytest.mark.parametrize("first", [fault for fault in FAULTS if not fault.forwarded], ids=str)
def test_every_fault_at_the_repeat_of_the_batch_on_bluesky(
    make_scene: MakeScene, proxy: FaultProxy, tally: Tally, first: Fault, second: Fault
) -> None:
    scene = make_scene(first, second)
    proxy.spoil(WRITE, first, at=0)
    proxy.spoil(WRITE, second, at=1)
    states = tally.run("Bluesky: the batch and its repeat", scene)
    assert_came_out(scene, states, SECOND_LOOK if second.forwarded else THIRD_LOOK)
    assert proxy.count(WRITE) == 1


@pytest.mark.faults
def test_an_answer_of_bluesky_that_drips_slowly_is_given_up(make_scene: MakeScene, proxy: FaultProxy) -> None:
    scene = make_scene(ANSWER_LATE)
    proxy.spoil(WRITE, SLOW_DRIP)
    assert_came_out(scene, scene.run(), AT_ONCE)
    assert proxy.drips_taken == 0
