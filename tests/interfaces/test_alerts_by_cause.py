"""Each alert is raised by its real cause and cleared by what mends it: real jobs, a real service, and once each."""

import os
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import stamina
from sqlmodel import col, select

import sample_feeds
from alert_scene import Bot, at
from alert_server import AlertServer
from bot.domain.actors import Actor
from bot.domain.errors import AccountError, PermanentError, TransientError
from bot.domain.posts import Platform, Post
from bot.interfaces.alerts.telling import CALM
from bot.interfaces.alerts.watch import Watch
from bot.platforms.memory import MemoryPublisher, Moment, PublishedPost
from bot.platforms.publisher import Receipt, Request
from bot.publishing.reconcile import reconcile
from bot.publishing.resolve import Verdict, resolve
from bot.store.tables import FrozenPost
from feed_server import FeedServer
from sample_api import ApiPaper

pytestmark = pytest.mark.network

PAPER, OTHER = "2602.00001", "2602.00002"
TUESDAY = sample_feeds.rss(
    sample_feeds.Item(arxiv_id=PAPER, title="Probing"), sample_feeds.Item(arxiv_id=OTHER, title="Probing Again")
)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def bot(tmp_path: Path, migrated_file: Path) -> Iterator[Bot]:
    """Return a bot at noon of the Tuesday of its feed."""
    with stamina.set_testing(True), FeedServer().running() as feeds, AlertServer().running() as service:
        feeds.bodies["cs.CL"] = TUESDAY
        yield Bot(tmp_path, migrated_file, feeds, service)


def test_a_refused_delivery_until_a_person_decided(bot: Bot) -> None:
    bot.accounts[Platform.X].fail(Moment.BEFORE, PermanentError("X refused the post: it is forbidden"))
    name = f"refused: test: {PAPER} on x: refused"
    with bot.started() as running:
        assert running.tick() == []
        running.approve(PAPER)
        assert [running.tick(), running.tick()] == [[name], []]
        channel, give_up = running.app.channel(None), Verdict(give_up=True)
        resolve(running.app.database, channel, PAPER, give_up, actor=Actor("ada", "test"), now=bot.now)
        assert [running.tick(after=CALM), running.tick()] == [[f"over: {name}"], []]


def test_a_password_that_is_not_accepted_until_a_worker_has_the_right_one(bot: Bot) -> None:
    error = AccountError("Bluesky did not let picks.test sign in", sign_in=True)
    bot.accounts[Platform.BLUESKY].fail(Moment.IDENTIFY, error)
    name = "sign-in failing: the account picks.test on bluesky"
    with bot.started() as running:
        assert [running.tick(), running.tick()] == [[name], []]
    with bot.started() as running:
        assert [running.tick(after=CALM), running.tick()] == [[f"over: {name}"], []]


def test_an_account_without_credits_until_a_post_goes_out_again(bot: Bot) -> None:
    bot.accounts[Platform.X].fail(Moment.BEFORE, AccountError("the X account is out of credits"))
    name = f"needs a person: the account {bot.names[Platform.X]} on x"
    with bot.started() as running:
        running.tick()
        running.approve(PAPER)
        assert [running.tick(), running.tick()] == [[name], []]
        assert [running.tick(after=HOUR), running.tick()] == [[f"over: {name}"], []]


def test_an_account_that_rests_for_more_than_an_hour_until_it_posts_again(bot: Bot) -> None:
    bot.accounts[Platform.X].fail(Moment.BEFORE, TransientError("too many requests", retry_after=7200))
    name = f"account resting: {bot.names[Platform.X]} on x"
    with bot.started() as running:
        running.tick()
        running.approve(PAPER)
        assert [running.tick(), running.tick(after=HOUR)] == [[name], []]
        assert [running.tick(after=HOUR), running.tick()] == [[f"over: {name}"], []]


def test_an_account_that_knows_more_than_the_database_until_they_are_reconciled(bot: Bot) -> None:
    text = "Probing: https://arxiv.org/abs/2602.00009"
    post = PublishedPost("x:old", Post(text=text, length=len(text), limit=280), None)
    bot.accounts[Platform.X].timeline.posts.append(post)
    name = f"account waits for picks reconcile: the account {bot.names[Platform.X]} on x waits"
    with bot.started() as running:
        assert [running.tick(), running.tick()] == [[name], []]
        reconcile(running.app.outbox(sleep=lambda _: False), ["test"], dry_run=False)
        assert [running.tick(after=CALM), running.tick()] == [[f"over: {name}"], []]


def test_a_budget_at_eighty_percent_and_reached_until_it_is_raised(bot: Bot) -> None:
    with bot.started() as running:
        running.tick()
        running.approve(PAPER)
        with running.app.database.reading() as session:
            rows = session.exec(select(FrozenPost).where(~col(FrozenPost.single))).all()
            price = float(sum(row.price_usd for row in rows))
        running.set_budget(price * 1.2)
        assert [running.tick(), running.tick()] == [["budget at 80%: test on x"], []]
        running.approve(OTHER)
        assert [running.tick(), running.tick()] == [["budget reached: test on x"], []]
        running.set_budget(price * 10)
        over = ["over: budget at 80%: test on x", "over: budget reached: test on x"]
        assert [running.tick(after=CALM), running.tick()] == [over, []]


def test_a_feed_that_is_overdue_for_a_day_until_it_is_in(bot: Bot) -> None:
    name = "feed overdue: cs.CL"
    with bot.started() as running:
        running.tick()
        bot.now = at("2026-02-18 13:00")
        assert [running.tick(kind="feed overdue"), running.tick(kind="feed overdue", after=DAY)] == [[], [name]]
        assert running.tick(kind="feed overdue") == []
        bot.feeds.bodies["cs.CL"] = TUESDAY.replace(b"17 Feb 2026", b"19 Feb 2026")
        assert [running.tick(kind="feed overdue", after=HOUR), running.tick()] == [[f"over: {name}"], []]


def test_a_feed_that_was_incomplete_for_a_day_until_the_day_is_made_good(bot: Bot) -> None:
    name = "feed incomplete: cs.CL"
    bot.feeds.bodies["cs.CL"] = TUESDAY[: TUESDAY.index(b"Probing Again")]
    bot.feeds.papers = [ApiPaper(PAPER), ApiPaper(OTHER, title="Probing Again")]
    bot.feeds.api_answers = [(503, {}, b"")] * 50
    with bot.started() as running:
        assert [running.tick(), running.tick(after=HOUR)] == [[], []]
        bot.now = at("2026-02-18 13:00")
        bot.feeds.bodies["cs.CL"] = TUESDAY.replace(b"17 Feb 2026", b"18 Feb 2026")
        assert [running.tick(), running.tick(after=HOUR)] == [[name], []]
        bot.feeds.api_answers = []
        assert [running.tick(after=6 * HOUR), running.tick(after=CALM)] == [[f"over: {name}"], []]


def test_a_job_that_fails_until_it_goes_through(bot: Bot) -> None:
    name = "job failing: poll on here"
    bot.environ["HTTPS_PROXY"] = "nonsense://proxy"
    with bot.started() as running:
        assert [running.tick(), running.tick(), running.tick(after=timedelta(minutes=14))] == [[], [], []]
        assert [running.tick(after=timedelta(minutes=1)), running.tick()] == [[name], []]
    del bot.environ["HTTPS_PROXY"]
    with bot.started() as running:
        assert [running.tick(after=CALM), running.tick()] == [[f"over: {name}"], []]


class Stuck(MemoryPublisher):
    """An account whose server takes a request and says nothing."""

    def __init__(self, platform: Platform, *, account: str) -> None:
        super().__init__(platform, account=account)
        self.asked, self.answers = threading.Event(), threading.Event()

    def send(self, request: Request) -> tuple[Receipt, ...]:
        self.asked.set()
        assert self.answers.wait(30)
        return super().send(request)


def test_a_job_that_hangs_until_it_ends(bot: Bot) -> None:
    name = "job hung: publish on here"
    bot.accounts[Platform.X] = stuck = Stuck(Platform.X, account=bot.names[Platform.X])
    with bot.started() as running:
        running.tick()
        running.approve(PAPER)
        thread = threading.Thread(target=running.worker._tick, args=("publish",))
        thread.start()
        assert stuck.asked.wait(10)
        assert running.tick("beat", after=timedelta(minutes=15)) == []
        assert [running.tick("beat", after=timedelta(minutes=1)), running.tick("beat")] == [[name], []]
        stuck.answers.set()
        thread.join(10)
        assert [running.tick(after=CALM), running.tick()] == [[f"over: {name}"], []]


def test_a_disk_that_is_filled_until_there_is_room_again(bot: Bot, tmp_path: Path) -> None:
    free = os.statvfs(tmp_path)
    room = free.f_bavail * free.f_frsize - 200_000_000
    with bot.started() as running:
        watch = Watch(running.app, room=room)
        watch.run()
        assert bot.heard() == []
        file = tmp_path / "filler"
        with file.open("wb") as filler:
            os.posix_fallocate(filler.fileno(), 0, 400_000_000)
        for _ in range(2):
            watch.run()
        [name] = bot.heard()
        assert name.startswith("disk low: disk of ")
        file.unlink()
        bot.now += CALM
        for _ in range(2):
            watch.run()
        assert bot.heard() == [f"over: {name}"]
