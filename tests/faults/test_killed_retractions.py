"""A retraction killed on either side of each of its steps: the same command again takes down the thread, no more."""

import signal
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import accumulate, islice

import pytest

import json_views as views
from bot.domain.posts import Platform
from bot.publishing.endings import GRACE
from bot.publishing.outbox import LEASE
from harness_faults import Lab, Nursery, Plan, Scene
from killable_worker import Death, Errand, Side, Step
from platform_truth import Removal

PAST_THE_LEASE = LEASE.total_seconds() + 1
POSTS = {Platform.BLUESKY: 5, Platform.X: 5, Platform.MASTODON: 3}
REMOVES = {**POSTS, Platform.BLUESKY: 1}
KINDS = ("sqlite", "postgres")
EACH = (Step.REMOVE, Step.MARK)

Case = tuple[tuple[Platform, ...], tuple[Death, ...]]


def _params(cases: Sequence[Case], kinds: Sequence[str] = KINDS) -> list[object]:
    return [_param(kind, *case) for kind in kinds for case in cases]


def _param(kind: str, platforms: Sequence[Platform], deaths: Sequence[Death]) -> object:
    marks = [pytest.mark.node, *([pytest.mark.postgres] if kind == "postgres" else [])]
    return pytest.param(kind, platforms, deaths, marks=marks, id="-".join([kind, *platforms, *map(str, deaths)]))


def _killed_once() -> Iterator[Case]:
    """Yield every step on one platform; with all of them, the steps around each passage from one to the next."""
    for platform, count in REMOVES.items():
        numbered = [Death(side, step, number) for side in Side for number in range(1, count + 1) for step in EACH]
        yield from (((platform,), (death,)) for death in [Death(side, Step.DECIDE) for side in Side] + numbered)
    firsts = accumulate(REMOVES.values(), initial=1)
    for done, first in islice(enumerate(firsts), 1, len(REMOVES)):
        passage = (Death(Side.AFTER, Step.OTHER, done), *(Death(side, Step.REMOVE, first) for side in Side))
        yield from ((tuple(REMOVES), (death,)) for death in passage)


def _killed_twice() -> Iterator[Case]:
    """Yield deletes that were not recorded, and another death on the way back from them."""
    for platform, count in REMOVES.items():
        first = Death(Side.AFTER, Step.REMOVE, (count + 1) // 2)
        yield from (((platform,), (first, Death(side, step))) for side in Side for step in (Step.DECIDE, *EACH))


def _in_the_sample(platforms: Sequence[Platform], deaths: Sequence[Death]) -> bool:
    """Say whether a case runs in the normal suite: every kind of step, in the middle of a thread.

    Of Mastodon, where a thread comes down as on X, the worst moment is enough.
    """
    [death] = deaths
    if platforms[0] is Platform.MASTODON:
        return death == Death(Side.AFTER, Step.REMOVE, 2)
    middle = 1 if death.step is Step.DECIDE else (REMOVES[platforms[0]] + 1) // 2
    return len(platforms) == 1 and death.crossing == middle


SAMPLE = [case for case in _killed_once() if _in_the_sample(*case)]
WORST = [((platform,), (Death(Side.AFTER, Step.REMOVE),)) for platform in REMOVES]


@dataclass
class Thread:
    """A pick's posts that are up before it is retracted, and what else is up, as the platforms show it."""

    scene: Scene
    paper: str

    def __post_init__(self) -> None:
        texts = {text for (paper, _), texts in self.scene.approved.items() if paper == self.paper for text in texts}
        up = [post for platform in self.scene.plan.platforms for post in self.scene.up(platform)]
        self.posts = {post.id for post in up if post.text in texts}
        self.others = {post.id for post in up} - self.posts

    @property
    def up(self) -> set[str]:
        """Return what is up now, of this thread or not."""
        return {post.id for platform in self.scene.plan.platforms for post in self.scene.up(platform)}

    def removal(self) -> Removal:
        """Return what has become of it; whatever is up and is none of the others counts as left."""
        up = self.up
        asked = self.scene.deletes()
        return Removal(
            down=len(self.posts - up),
            left=len(up - self.others),
            others=len(self.others - up),
            again=len(asked) - len(set(asked)),
        )


@pytest.mark.parametrize(("kind", "platforms", "deaths"), [*_params(SAMPLE, ["sqlite"]), *_params(WORST, ["postgres"])])
def test_a_killed_retraction_is_finished_by_the_same_command(
    lab: Lab, kind: str, platforms: tuple[Platform, ...], deaths: Sequence[Death]
) -> None:
    scene = lab.scene(Plan(kind, platforms, picks=2))
    scene.pds.create_post(scene.account, "A post by another program")
    assert lab.nursery.run(scene.job(patient=True)) == 0
    thread = Thread(scene, scene.papers[0])
    assert len(thread.posts) == sum(POSTS[platform] for platform in platforms)
    _retract(lab.nursery, thread, deaths)
    removal = thread.removal()
    lab.tally.add_removal(f"retraction killed, {' and '.join(platforms)}", scene, removal, kills=len(deaths))
    again = sum(_deletes_in_vain(platforms, death) for death in deaths)
    assert removal == Removal(down=len(thread.posts), again=again)
    _assert_it_stays_down(lab.nursery, thread)


@pytest.mark.faults
@pytest.mark.parametrize(("kind", "platforms", "deaths"), _params([*_killed_once(), *_killed_twice()]))
def test_a_retraction_killed_anywhere_is_finished_by_the_same_command(
    lab: Lab, kind: str, platforms: tuple[Platform, ...], deaths: Sequence[Death]
) -> None:
    test_a_killed_retraction_is_finished_by_the_same_command(lab, kind, platforms, deaths)


def _in_doubt() -> Iterator[Case]:
    """Yield the death of a worker that leaves a request of unknown fate, and one of the retraction that follows."""
    requests = [(platform, number) for platform, count in REMOVES.items() for number in sorted({1, (count + 1) // 2})]
    for platform, request in requests:
        for sent in Side:
            steps = list(_steps_after_a_doubt(platform, request, carried_out=sent is Side.AFTER))
            deaths = (Death(side, step) for side in Side for step in steps)
            yield from (((platform,), (Death(sent, Step.SEND, request), death)) for death in deaths)


def _steps_after_a_doubt(platform: Platform, request: int, *, carried_out: bool) -> Iterator[Step]:
    yield Step.FIND
    if carried_out:
        yield Step.RECORD
    elif platform is Platform.BLUESKY:
        yield Step.STORE  # the request is forgotten; elsewhere it stays, because the post may still show up
    if carried_out or request > 1:
        yield from EACH


DOUBTS = [
    (
        (platform,),
        (Death(Side.AFTER, Step.SEND, (REMOVES[platform] + 1) // 2), Death(Side.AFTER, Step.FIND)),
    )
    for platform in REMOVES
]


@pytest.mark.parametrize(("kind", "platforms", "deaths"), _params(DOUBTS, ["sqlite"]))
def test_a_killed_retraction_of_what_a_killed_worker_left_is_finished_by_the_same_command(
    lab: Lab, kind: str, platforms: tuple[Platform, ...], deaths: tuple[Death, Death]
) -> None:
    worker, retraction = deaths
    scene = lab.scene(Plan(kind, platforms, picks=2))
    assert lab.nursery.run(scene.job(death=worker, behind=PAST_THE_LEASE)) == -signal.SIGKILL
    assert lab.nursery.run(scene.job(behind=PAST_THE_LEASE)) == 0  # in the lease of the dead: sends the other pick
    thread = Thread(scene, scene.papers[0])
    assert len(thread.others) == POSTS[platforms[0]]
    _retract(lab.nursery, thread, [retraction])
    removal = thread.removal()
    lab.tally.add_removal(f"worker and retraction killed, {platforms[0]}", scene, removal, kills=2)
    assert removal == Removal(down=len(thread.posts), again=_deletes_in_vain(platforms, retraction))
    _assert_it_stays_down(lab.nursery, thread)


@pytest.mark.faults
@pytest.mark.parametrize(("kind", "platforms", "deaths"), _params(list(_in_doubt())))
def test_a_retraction_killed_anywhere_takes_down_what_a_killed_worker_left(
    lab: Lab, kind: str, platforms: tuple[Platform, ...], deaths: tuple[Death, Death]
) -> None:
    test_a_killed_retraction_of_what_a_killed_worker_left_is_finished_by_the_same_command(lab, kind, platforms, deaths)


def _retract(nursery: Nursery, thread: Thread, deaths: Sequence[Death]) -> None:
    """Let the command die each of the deaths, a worker living after each, and then run it to its end."""
    scene = thread.scene
    for death in deaths:
        assert nursery.run(scene.job(errand=Errand.RETRACT, paper=thread.paper, death=death)) == -signal.SIGKILL
        left = thread.up
        assert nursery.run(scene.job(patient=True)) == 0
        assert thread.up == left  # the worker puts nothing back
    if nursery.run(scene.job(errand=Errand.RETRACT, paper=thread.paper)) != 0:
        # Without keys a post whose answer was lost is looked for twice, with a grace between.
        later = -(GRACE + timedelta(seconds=1)).total_seconds()
        assert nursery.run(scene.job(errand=Errand.RETRACT, paper=thread.paper, behind=later)) == 0


def _deletes_in_vain(platforms: Sequence[Platform], death: Death) -> int:
    """Count the deletes of one post that were carried out and not recorded, so that they are asked for once more."""
    unrecorded = {(Side.AFTER, Step.REMOVE), (Side.BEFORE, Step.MARK)}
    return int(platforms[-1] is not Platform.BLUESKY and (death.side, death.step) in unrecorded)


def _assert_it_stays_down(nursery: Nursery, thread: Thread) -> None:
    """Check what the program knows of it, and that a worker sends nothing of it again."""
    scene, left = thread.scene, thread.up
    assert nursery.run(scene.job(patient=True)) == 0
    assert thread.up == left
    shown = views.show(scene.app.database, scene.app.channel(None), thread.paper)
    assert shown["state"] == "retracted"
    told = {(delivery["state"], delivery["error"]) for delivery in shown["deliveries"]}
    assert told == {("retracted", None)}
