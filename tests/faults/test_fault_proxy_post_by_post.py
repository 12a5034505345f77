"""A broken network before X and Mastodon, at each post of a thread: nothing is doubled, nothing is lost."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from bot.platforms.publisher import Publisher
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
    SHORT,
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
from harness_mastodon import mastodon_publisher_for
from harness_x import publisher_for
from mastodon_standin import MastodonStandin
from x_standin import XStandin

pytestmark = pytest.mark.network

POSTS = {"x": 5, "mastodon": 5}


@dataclass(frozen=True)
class Place:
    """A platform behind the proxy, where a thread goes out post by post.

    ``timeline`` and ``me`` are the paths of the looks, ``create`` that of a post. ``late_repeat`` is what a request is
    answered that comes after its repeat.
    """

    name: str
    proxy: FaultProxy
    create: str
    timeline: str
    me: str
    late_repeat: int
    publisher: Callable[[float, float], Publisher]
    truth: Callable[[], list[Shown]]

    def before(self, look: str) -> int:
        """Return how many looks at a path come before the first post."""
        return 1 if look == self.timeline else 0


@pytest.fixture
def x() -> Iterator[Place]:
    """Run an X that counts as X does, behind a proxy."""
    with XStandin(length=weighted_length) as x, FaultProxy(x.url) as proxy:
        x.hosts.add(proxy.host)

        def truth() -> list[Shown]:
            assert x.live == x.accepted  # none is deleted in these tests
            return [Shown(post.id, post.text, post.in_reply_to) for post in x.accepted]

        yield Place(
            name="X",
            proxy=proxy,
            create="/2/tweets",
            timeline=f"/2/users/{x.account.id}/tweets",
            me="/2/users/me",
            late_repeat=403,
            publisher=lambda timeout, deadline: publisher_for(x, api_url=proxy.url, timeout=timeout, deadline=deadline),
            truth=truth,
        )


@pytest.fixture
def mastodon() -> Iterator[Place]:
    """Run a Mastodon with short posts, behind a proxy."""
    with MastodonStandin(characters=SHORT.characters) as mastodon, FaultProxy(mastodon.url) as proxy:

        def truth() -> list[Shown]:
            assert mastodon.live == mastodon.accepted
            assert not any(post.mentions for post in mastodon.accepted)
            return [Shown(post.id, post.text, post.in_reply_to) for post in mastodon.accepted]

        def publisher(timeout: float, deadline: float) -> Publisher:
            return mastodon_publisher_for(mastodon, server=proxy.url, timeout=timeout, deadline=deadline)

        yield Place(
            name="Mastodon",
            proxy=proxy,
            create="/api/v1/statuses",
            timeline=f"/api/v1/accounts/{mastodon.account.id}/statuses",
            me="/api/v1/accounts/verify_credentials",
            late_repeat=200,
            publisher=publisher,
            truth=truth,
        )


@pytest.fixture
def place(request: pytest.FixtureRequest) -> Place:
    """Return the platform of this run."""
    found = request.getfixturevalue(request.param)
    assert isinstance(found, Place)
    return found


@pytest.fixture
def make_scene(place: Place, request: pytest.FixtureRequest) -> Iterator[MakeScene]:
    """Return what makes scenes on the platform."""
    with scenes(request, publisher_for=place.publisher, truth=place.truth) as make:
        yield make


def on(*names: str) -> pytest.MarkDecorator:
    """Run a test on the named platforms, on all where none is named."""
    return pytest.mark.parametrize("place", names or tuple(POSTS), indirect=True)


at_every_post = pytest.mark.parametrize(
    ("place", "at"), [(name, at) for name, posts in POSTS.items() for at in range(posts)], indirect=["place"]
)


def course_of_a_spoilt_look(first: Fault, look: Fault) -> States:
    """A look without an answer is repeated later, one that got nonsense at once; one that drips succeeds."""
    settled_at_once = look in {ANSWER_DRIPS, GARBAGE_INSTEAD, GARBAGE_AFTER}
    return course_of_a_spoilt_write(first) if settled_at_once else SECOND_LOOK


def assert_each_post_was_made_once(scene: Scene, place: Place, fault: Fault, states: States) -> None:
    assert_came_out(scene, states, course_of_a_spoilt_write(fault))
    posts = POSTS[place.name.lower()]
    assert len(scene.approved) == posts
    assert (place.proxy.asked(place.create), place.proxy.count(place.create)) == (posts + (not fault.forwarded), posts)


@on()
@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_a_fault_at_one_post(make_scene: MakeScene, place: Place, fault: Fault) -> None:
    scene = make_scene(fault)
    place.proxy.spoil(place.create, fault, at=1)
    assert_each_post_was_made_once(scene, place, fault, scene.run())


@on()
@pytest.mark.parametrize("look", ONE_OF_EACH, ids=str)
def test_a_fault_at_the_look_after_a_lost_answer(make_scene: MakeScene, place: Place, look: Fault) -> None:
    scene = make_scene(look)
    place.proxy.spoil(place.create, ANSWER_LOST, at=1)
    place.proxy.spoil(place.timeline, look, at=place.before(place.timeline))
    assert_came_out(scene, scene.run(), course_of_a_spoilt_look(ANSWER_LOST, look))


@pytest.mark.parametrize(
    ("place", "what"), [("x", "me"), ("x", "timeline"), ("mastodon", "timeline")], indirect=["place"]
)
def test_a_look_that_gets_nonsense_twice_is_left_to_a_person(make_scene: MakeScene, place: Place, what: str) -> None:
    path = getattr(place, what)
    scene = make_scene()
    place.proxy.spoil(place.create, ANSWER_LOST, at=1)
    place.proxy.spoil(path, GARBAGE_INSTEAD, at=place.before(path))
    place.proxy.spoil(path, GARBAGE_AFTER, at=place.before(path) + 1)
    assert_came_out(scene, scene.run(), NEEDS_PERSON)


@on("mastodon")
def test_a_server_that_says_nonsense_of_whose_token_it_is_is_asked_again_later(
    make_scene: MakeScene, place: Place
) -> None:
    scene = make_scene()
    place.proxy.spoil(place.me, GARBAGE_INSTEAD)
    place.proxy.spoil(place.me, GARBAGE_AFTER, at=1)
    assert_came_out(scene, scene.run(), TRIED_LATER)


@on()
@pytest.mark.parametrize("fault", [ANSWER_LOST, REQUEST_LOST], ids=str)
def test_what_was_lost_comes_out_right_on_every_database(
    make_scene: MakeScene, place: Place, database: Database, fault: Fault
) -> None:
    scene = make_scene(database=database)
    place.proxy.spoil(place.create, fault, at=2)
    assert_each_post_was_made_once(scene, place, fault, scene.run())


@on()
@pytest.mark.parametrize("at", [0, 2])
def test_a_post_that_arrives_after_we_gave_it_up_is_found_at_the_second_look(
    make_scene: MakeScene, place: Place, at: int
) -> None:
    scene = make_scene(REQUEST_LATE)
    place.proxy.spoil(place.create, REQUEST_LATE, at=at)
    assert_came_out(scene, run_with_a_late_request(scene, place.proxy), SECOND_LOOK)
    assert place.proxy.count(place.create) == POSTS[place.name.lower()]


@on()
def test_a_post_that_arrives_after_its_repeat_doubles_nothing(make_scene: MakeScene, place: Place) -> None:
    """X refuses it as a duplicate, and Mastodon knows its key."""
    scene = make_scene(REQUEST_LATE)
    place.proxy.spoil(place.create, REQUEST_LATE, at=1)
    states = scene.run()
    place.proxy.deliver_late()
    assert place.proxy.passages[-1] == Passage(place.create, REQUEST_LATE, place.late_repeat)
    assert_came_out(scene, states, SECOND_LOOK)


@on()
def test_a_post_that_is_lost_on_its_way_twice_is_left_to_a_person(make_scene: MakeScene, place: Place) -> None:
    scene = make_scene()
    place.proxy.spoil(place.create, REQUEST_LOST, at=1)
    place.proxy.spoil(place.create, REQUEST_LOST, at=2)
    assert_came_out(scene, scene.run(), NEEDS_PERSON_AFTER_A_REPEAT)
    assert len(scene.truth()) == 1


def course_of_a_spoilt_look_back(look: Fault) -> States:
    """Nothing was sent yet: a look without an answer is repeated later, one that got nonsense at once."""
    return AT_ONCE if look in {ANSWER_DRIPS, GARBAGE_INSTEAD, GARBAGE_AFTER} else TRIED_LATER


LOOKS_BEFORE = pytest.mark.parametrize(
    ("place", "what"), [("x", "timeline"), ("mastodon", "timeline"), ("mastodon", "me")], indirect=["place"]
)
LOOKS_AFTER = pytest.mark.parametrize(
    ("place", "what", "at"),
    [
        (name, what, at)
        for name, what in (("x", "me"), ("x", "timeline"), ("mastodon", "timeline"))
        for at in range(POSTS[name])
    ],
    indirect=["place"],
)


@on()
@pytest.mark.parametrize("look", ONE_OF_EACH, ids=str)
def test_a_fault_at_the_look_before_a_thread(make_scene: MakeScene, place: Place, look: Fault) -> None:
    scene = make_scene(look)
    place.proxy.spoil(place.timeline, look)
    assert_came_out(scene, scene.run(), course_of_a_spoilt_look_back(look))
    assert place.proxy.asked(place.create) == POSTS[place.name.lower()]


@pytest.mark.faults
@LOOKS_BEFORE
@pytest.mark.parametrize("look", FAULTS, ids=str)
def test_every_fault_at_the_look_before_a_thread(
    *, make_scene: MakeScene, place: Place, tally: Tally, what: str, look: Fault
) -> None:
    scene = make_scene(look)
    place.proxy.spoil(getattr(place, what), look)
    states = tally.run(f"{place.name}: the look before a thread ({what})", scene)
    assert_came_out(scene, states, course_of_a_spoilt_look_back(look))
    assert place.proxy.asked(place.create) == POSTS[place.name.lower()]


@pytest.mark.faults
@at_every_post
@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_every_fault_at_every_post(make_scene: MakeScene, place: Place, tally: Tally, fault: Fault, at: int) -> None:
    scene = make_scene(fault)
    place.proxy.spoil(place.create, fault, at=at)
    states = tally.run(f"{place.name}: a post", scene)
    assert_each_post_was_made_once(scene, place, fault, states)


@pytest.mark.faults
@LOOKS_AFTER
@pytest.mark.parametrize("first", [ANSWER_LOST, REQUEST_LOST], ids=str)
@pytest.mark.parametrize("look", FAULTS, ids=str)
def test_every_fault_at_every_look(
    *, make_scene: MakeScene, place: Place, tally: Tally, what: str, look: Fault, first: Fault, at: int
) -> None:
    path = getattr(place, what)
    scene = make_scene(look)
    place.proxy.spoil(place.create, first, at=at)
    place.proxy.spoil(path, look, at=place.before(path))
    states = tally.run(f"{place.name}: the look after a post ({what})", scene)
    assert_came_out(scene, states, course_of_a_spoilt_look(first, look))


@pytest.mark.faults
@on()
@pytest.mark.parametrize("second", FAULTS, ids=str)
@pytest.mark.parametrize("first", [fault for fault in FAULTS if not fault.forwarded], ids=str)
def test_every_fault_at_the_repeat_of_a_post(
    make_scene: MakeScene, place: Place, tally: Tally, first: Fault, second: Fault
) -> None:
    scene = make_scene(first, second)
    place.proxy.spoil(place.create, first, at=1)
    place.proxy.spoil(place.create, second, at=2)
    states = tally.run(f"{place.name}: a post and its repeat", scene)
    assert_came_out(scene, states, SECOND_LOOK if second.forwarded else NEEDS_PERSON_AFTER_A_REPEAT)


@pytest.mark.faults
@on()
def test_an_answer_that_drips_slowly_is_given_up(make_scene: MakeScene, place: Place) -> None:
    scene = make_scene(ANSWER_LATE)
    place.proxy.spoil(place.create, SLOW_DRIP)
    assert_came_out(scene, scene.run(), AT_ONCE)
    assert place.proxy.drips_taken == 0
