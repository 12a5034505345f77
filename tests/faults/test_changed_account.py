"""The credentials become another account's in the middle of a thread: nothing of it goes out or comes down there."""

import signal
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace

import pytest

import json_views as views
from bot.app import App
from bot.curation import decisions
from bot.curation.context import Edits
from bot.domain.actors import Actor
from bot.domain.posts import Platform
from bot.intake.ingest import Capture, ingest
from bot.publishing.outbox import LEASE
from bot.publishing.retract import retract
from bot.publishing.sender import deliver_due
from harness_faults import Lab, MastodonProcess, Plan, Scene, XProcess
from harness_pds import Account
from killable_worker import Death, Job, Side, Step, settings_for
from platform_truth import Outcome, Seen, records
from samples import announcement, batch

PAST_THE_LEASE = LEASE.total_seconds() + 1
POSTS = {Platform.BLUESKY: 5, Platform.X: 5, Platform.MASTODON: 3}
REQUESTS = {**POSTS, Platform.BLUESKY: 1}
KINDS = ("sqlite", "postgres")


@dataclass
class Elsewhere:
    """Other accounts than the scene's."""

    scene: Scene
    account: Account
    server: XProcess | MastodonProcess | None

    @property
    def environ(self) -> dict[str, str]:
        """Return the environment with their credentials."""
        return {
            "BLUESKY_SERVICE": self.scene.pds.url,
            "BLUESKY_HANDLE": self.account.handle,
            "BLUESKY_APP_PASSWORD": self.account.app_password,
            **(self.server.environ if self.server else {}),
        }

    def job(self) -> Job:
        """Return a worker's life with their credentials."""
        return replace(self.scene.job(patient=True), environ=self.environ)

    @property
    def posts(self) -> list[Seen | str]:
        """Return what is on them."""
        there = self.server.log("accepted") if self.server else ()
        return [*records(self.scene.pds, self.account), *(post["text"] for post in there)]


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def _elsewhere(scene: Scene, stack: ExitStack) -> Elsewhere:
    server: XProcess | MastodonProcess | None = None
    if scene.x:
        server = stack.enter_context(XProcess(number="1580000000000000002"))
    elif scene.mastodon:
        server = stack.enter_context(MastodonProcess(number="109000000000000002"))
    return Elsewhere(scene, scene.pds.create_account(), server)


def _moments(platform: Platform) -> Iterator[Death]:
    """Yield the moments after which something of a delivery is out, or may be, and something is left to do."""
    for request in range(1, REQUESTS[platform] + 1):
        yield Death(Side.AFTER, Step.STORE, request)
        yield from (Death(side, Step.SEND, request) for side in Side)
        yield Death(Side.BEFORE, Step.RECORD, request)
        if request < REQUESTS[platform]:
            yield Death(Side.AFTER, Step.RECORD, request)


def _in_the_sample(platform: Platform, kind: str, moment: Death) -> bool:
    if platform is Platform.MASTODON:  # as on X: the worst moment is enough
        return kind == "sqlite" and moment == Death(Side.AFTER, Step.SEND, 2)
    return kind == "sqlite" and moment.crossing == (REQUESTS[platform] + 1) // 2


def _case(platform: Platform, kind: str, moment: Death) -> object:
    marks = [pytest.mark.node, *([pytest.mark.postgres] if kind == "postgres" else [])]
    return pytest.param(platform, kind, moment, marks=marks, id=f"{platform}-{kind}-{moment}")


MATRIX = [(platform, kind, moment) for platform in REQUESTS for kind in KINDS for moment in _moments(platform)]


@pytest.mark.parametrize(("platform", "kind", "moment"), [_case(*it) for it in MATRIX if _in_the_sample(*it)])
def test_a_thread_goes_on_where_it_began_or_not_at_all(
    lab: Lab, stack: ExitStack, *, platform: Platform, kind: str, moment: Death
) -> None:
    scene = lab.scene(Plan(kind, (platform,)))
    elsewhere = _elsewhere(scene, stack)
    assert lab.nursery.run(scene.job(death=moment, behind=PAST_THE_LEASE)) == -signal.SIGKILL
    assert lab.nursery.run(elsewhere.job()) == 0
    assert elsewhere.posts == []
    deliver_due(scene.app.outbox(sleep=lambda _: False), channels=["test"], arxiv_id=scene.papers[0])
    assert elsewhere.posts == []
    outcome = lab.tally.add(f"account changed, {platform}", scene, kills=1)
    assert outcome == Outcome(posts=POSTS[platform], sent=1)


@pytest.mark.faults
@pytest.mark.parametrize(("platform", "kind", "moment"), [_case(*it) for it in MATRIX])
def test_a_thread_goes_on_where_it_began_or_not_at_all_at_any_moment(
    lab: Lab, stack: ExitStack, *, platform: Platform, kind: str, moment: Death
) -> None:
    test_a_thread_goes_on_where_it_began_or_not_at_all(lab, stack, platform=platform, kind=kind, moment=moment)


@pytest.mark.node
def test_a_retraction_with_other_credentials_takes_nothing_down_and_names_the_account(
    lab: Lab, stack: ExitStack
) -> None:
    """On X and on Mastodon it is the same; see the tests of their publishers: each stand-in is a world of its own."""
    scene = lab.scene(Plan("sqlite", (Platform.BLUESKY,)))
    elsewhere = _elsewhere(scene, stack)
    assert lab.nursery.run(scene.job(patient=True)) == 0
    moved = App(settings_for(scene.job()), clock=scene.app.clock, environ=elsewhere.environ)
    stack.callback(moved.close)
    ada, paper = Actor("ada", "test"), scene.papers[0]
    [done] = retract(moved.outbox(sleep=lambda _: False), moved.channel(None), paper, actor=ada)
    assert (done.removed, done.left, len(scene.up(Platform.BLUESKY))) == (0, *[POSTS[Platform.BLUESKY]] * 2)
    assert f"it is on the account {scene.account.handle} ({scene.account.did}), and" in str(done.error)
    [done] = retract(scene.app.outbox(sleep=lambda _: False), scene.app.channel(None), paper, actor=ada)
    assert (done.left, done.error, scene.up(Platform.BLUESKY)) == (0, None, [])


@pytest.mark.node
def test_a_channel_that_knows_the_account_by_its_new_handle_posts_no_paper_again(lab: Lab, stack: ExitStack) -> None:
    scene = lab.scene(Plan("sqlite", (Platform.BLUESKY,)))
    assert lab.nursery.run(scene.job(patient=True)) == 0
    before = scene.up(Platform.BLUESKY)
    handle = scene.account.handle.replace("account", "moved")
    scene.pds.rename(scene.account, handle)
    config = scene.folder / "config"
    (config / "other.toml").write_text((config / "test.toml").read_text("utf-8"), "utf-8")
    environ = {
        **scene.job().environ,
        "OTHER_BLUESKY_HANDLE": handle,
        "OTHER_BLUESKY_APP_PASSWORD": scene.account.app_password,
    }
    app = App(settings_for(scene.job()), clock=scene.app.clock, environ=environ)
    stack.callback(app.close)
    other, paper = app.channels["other"], scene.papers[0]
    capture = Capture(batch(announcement(paper, "Probing Number 00001"), feed="cs.CL"), "test")
    ingest(app.database, [capture], channels=[other], now=app.clock())
    decisions.approve(app.context(other, Actor("bob", "test")), paper, Edits(note="Mine."), at=app.clock())
    assert lab.nursery.run(replace(scene.job(patient=True), environ=environ)) == 0
    assert scene.up(Platform.BLUESKY) == before
    [delivery] = views.show(app.database, other, paper)["deliveries"]
    assert delivery["state"] == "refused"
    assert f"the channel test has this paper out on {handle} already" in delivery["error"]
