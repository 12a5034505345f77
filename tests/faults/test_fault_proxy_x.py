"""A broken network between the bot and X, at each post of a thread: nothing is doubled, nothing is lost."""

from collections.abc import Iterator

import pytest

from bot.platforms.x.publisher import XPublisher
from bot.platforms.x.text import weighted_length
from bot.store.database import Database
from fault_proxy import (
    ANSWER_DRIPS,
    ANSWER_LATE,
    ANSWER_LOST,
    FAULTS,
    GARBAGE_AFTER,
    GARBAGE_INSTEAD,
    ONE_OF_EACH,
    REQUEST_LATE,
    REQUEST_LOST,
    Fault,
    FaultProxy,
    Passage,
)
from fault_scene import (
    AT_ONCE,
    NEEDS_PERSON,
    NEEDS_PERSON_AFTER_A_REPEAT,
    SECOND_LOOK,
    SLOW_DRIP,
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
from harness_x import publisher_for
from x_standin import Endpoint, XStandin

pytestmark = pytest.mark.network

POSTS = range(4)
CREATE = "/2/tweets"


@pytest.fixture
def x() -> Iterator[XStandin]:
    """Run an X that counts as X does."""
    with XStandin(length=weighted_length) as x:
        yield x


@pytest.fixture
def proxy(x: XStandin) -> Iterator[FaultProxy]:
    """Stand before X."""
    with FaultProxy(x.url) as proxy:
        x.hosts.add(proxy.host)
        yield proxy


@pytest.fixture
def make_scene(proxy: FaultProxy, x: XStandin, request: pytest.FixtureRequest) -> Iterator[MakeScene]:
    """Return what makes scenes on X."""

    def publisher(timeout: float, deadline: float) -> XPublisher:
        return publisher_for(x, api_url=proxy.url, timeout=timeout, deadline=deadline)

    with scenes(request, publisher_for=publisher, truth=lambda: truth(x)) as make:
        yield make


def truth(x: XStandin) -> list[Shown]:
    """Return every post that X ever made; none is deleted in these tests."""
    assert x.live == x.accepted
    return [Shown(post.id, post.text, post.in_reply_to) for post in x.accepted]


BEFORE = {Endpoint.ME: 0, Endpoint.TIMELINE: 1}
"""How many looks of a kind come before the first post."""


def path_of(look: Endpoint, x: XStandin) -> str:
    return "/2/users/me" if look is Endpoint.ME else f"/2/users/{x.account.id}/tweets"


def course_of_a_spoilt_look(first: Fault, look: Fault) -> States:
    """A look without an answer is repeated later, one that got nonsense at once; one that drips succeeds."""
    settled_at_once = look in {ANSWER_DRIPS, GARBAGE_INSTEAD, GARBAGE_AFTER}
    return course_of_a_spoilt_write(first) if settled_at_once else SECOND_LOOK


def assert_each_post_was_made_once(scene: Scene, proxy: FaultProxy, fault: Fault, states: States) -> None:
    assert_came_out(scene, states, course_of_a_spoilt_write(fault))
    assert len(scene.approved) == len(POSTS)
    assert (proxy.asked(CREATE), proxy.count(CREATE)) == (len(POSTS) + (not fault.forwarded), len(POSTS))


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_a_fault_at_one_post_on_x(make_scene: MakeScene, proxy: FaultProxy, fault: Fault) -> None:
    scene = make_scene(fault)
    proxy.spoil(CREATE, fault, at=1)
    assert_each_post_was_made_once(scene, proxy, fault, scene.run())


@pytest.mark.parametrize("look", ONE_OF_EACH, ids=str)
def test_a_fault_at_the_look_on_x_after_a_lost_answer(
    make_scene: MakeScene, proxy: FaultProxy, x: XStandin, look: Fault
) -> None:
    scene = make_scene(look)
    proxy.spoil(CREATE, ANSWER_LOST, at=1)
    proxy.spoil(path_of(Endpoint.TIMELINE, x), look, at=BEFORE[Endpoint.TIMELINE])
    assert_came_out(scene, scene.run(), course_of_a_spoilt_look(ANSWER_LOST, look))


@pytest.mark.parametrize("what", [Endpoint.ME, Endpoint.TIMELINE])
def test_a_look_on_x_that_gets_nonsense_twice_is_left_to_a_person(
    make_scene: MakeScene, proxy: FaultProxy, x: XStandin, what: Endpoint
) -> None:
    scene = make_scene()
    proxy.spoil(CREATE, ANSWER_LOST, at=1)
    proxy.spoil(path_of(what, x), GARBAGE_INSTEAD, at=BEFORE[what])
    proxy.spoil(path_of(what, x), GARBAGE_AFTER, at=BEFORE[what] + 1)
    assert_came_out(scene, scene.run(), NEEDS_PERSON)


@pytest.mark.parametrize("fault", [ANSWER_LOST, REQUEST_LOST], ids=str)
def test_what_was_lost_on_x_comes_out_right_on_every_database(
    make_scene: MakeScene, proxy: FaultProxy, database: Database, fault: Fault
) -> None:
    scene = make_scene(database=database)
    proxy.spoil(CREATE, fault, at=2)
    assert_each_post_was_made_once(scene, proxy, fault, scene.run())


@pytest.mark.parametrize("at", [0, 2])
def test_a_post_that_reaches_x_after_we_gave_it_up_is_found_at_the_second_look(
    make_scene: MakeScene, proxy: FaultProxy, at: int
) -> None:
    scene = make_scene(REQUEST_LATE)
    proxy.spoil(CREATE, REQUEST_LATE, at=at)
    assert_came_out(scene, run_with_a_late_request(scene, proxy), SECOND_LOOK)
    assert proxy.count(CREATE) == len(POSTS)


def test_a_post_that_reaches_x_after_its_repeat_is_refused_as_a_duplicate(
    make_scene: MakeScene, proxy: FaultProxy
) -> None:
    scene = make_scene(REQUEST_LATE)
    proxy.spoil(CREATE, REQUEST_LATE, at=1)
    states = scene.run()
    proxy.deliver_late()
    assert proxy.passages[-1] == Passage(CREATE, REQUEST_LATE, 403)
    assert_came_out(scene, states, SECOND_LOOK)


def test_a_post_that_is_lost_on_its_way_to_x_twice_is_left_to_a_person(
    make_scene: MakeScene, proxy: FaultProxy
) -> None:
    scene = make_scene()
    proxy.spoil(CREATE, REQUEST_LOST, at=1)
    proxy.spoil(CREATE, REQUEST_LOST, at=2)
    assert_came_out(scene, scene.run(), NEEDS_PERSON_AFTER_A_REPEAT)
    assert len(scene.truth()) == 1


def course_of_a_spoilt_look_back(look: Fault) -> States:
    """Nothing was sent yet: a look without an answer is repeated later, one that got nonsense at once."""
    return AT_ONCE if look in {ANSWER_DRIPS, GARBAGE_INSTEAD, GARBAGE_AFTER} else TRIED_LATER


@pytest.mark.parametrize("look", ONE_OF_EACH, ids=str)
def test_a_fault_at_the_look_on_x_before_a_thread(
    make_scene: MakeScene, proxy: FaultProxy, x: XStandin, look: Fault
) -> None:
    scene = make_scene(look)
    proxy.spoil(path_of(Endpoint.TIMELINE, x), look)
    assert_came_out(scene, scene.run(), course_of_a_spoilt_look_back(look))
    assert proxy.asked(CREATE) == len(POSTS)


@pytest.mark.faults
@pytest.mark.parametrize("look", FAULTS, ids=str)
def test_every_fault_at_the_look_on_x_before_a_thread(
    *, make_scene: MakeScene, proxy: FaultProxy, x: XStandin, tally: Tally, look: Fault
) -> None:
    scene = make_scene(look)
    proxy.spoil(path_of(Endpoint.TIMELINE, x), look)
    states = tally.run("X: the look before a thread", scene)
    assert_came_out(scene, states, course_of_a_spoilt_look_back(look))
    assert proxy.asked(CREATE) == len(POSTS)


@pytest.mark.faults
@pytest.mark.parametrize("at", POSTS)
@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_every_fault_at_every_post_on_x(
    make_scene: MakeScene, proxy: FaultProxy, tally: Tally, fault: Fault, at: int
) -> None:
    scene = make_scene(fault)
    proxy.spoil(CREATE, fault, at=at)
    states = tally.run("X: a post", scene)
    assert_each_post_was_made_once(scene, proxy, fault, states)


@pytest.mark.faults
@pytest.mark.parametrize("at", POSTS)
@pytest.mark.parametrize("first", [ANSWER_LOST, REQUEST_LOST], ids=str)
@pytest.mark.parametrize("look", FAULTS, ids=str)
@pytest.mark.parametrize("what", [Endpoint.ME, Endpoint.TIMELINE])
def test_every_fault_at_every_look_on_x(
    *,
    make_scene: MakeScene,
    proxy: FaultProxy,
    x: XStandin,
    tally: Tally,
    what: Endpoint,
    look: Fault,
    first: Fault,
    at: int,
) -> None:
    scene = make_scene(look)
    proxy.spoil(CREATE, first, at=at)
    proxy.spoil(path_of(what, x), look, at=BEFORE[what])
    states = tally.run(f"X: the look after a post ({what})", scene)
    assert_came_out(scene, states, course_of_a_spoilt_look(first, look))


@pytest.mark.faults
@pytest.mark.parametrize("second", FAULTS, ids=str)
@pytest.mark.parametrize("first", [fault for fault in FAULTS if not fault.forwarded], ids=str)
def test_every_fault_at_the_repeat_of_a_post_on_x(
    make_scene: MakeScene, proxy: FaultProxy, tally: Tally, first: Fault, second: Fault
) -> None:
    scene = make_scene(first, second)
    proxy.spoil(CREATE, first, at=1)
    proxy.spoil(CREATE, second, at=2)
    states = tally.run("X: a post and its repeat", scene)
    assert_came_out(scene, states, SECOND_LOOK if second.forwarded else NEEDS_PERSON_AFTER_A_REPEAT)


@pytest.mark.faults
def test_an_answer_of_x_that_drips_slowly_is_given_up(make_scene: MakeScene, proxy: FaultProxy) -> None:
    scene = make_scene(ANSWER_LATE)
    proxy.spoil(CREATE, SLOW_DRIP)
    assert_came_out(scene, scene.run(), AT_ONCE)
    assert proxy.drips_taken == 0
