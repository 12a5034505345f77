"""A whole day: feeds come in, a curator approves, the worker posts at the slot, and both platforms show the thread."""

import gzip
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

import json_views as views
import sample_feeds
from bot.app import App
from bot.domain.actors import Actor
from bot.interfaces.commands import VERBS, Reply, make_call
from bot.interfaces.views.json import to_json
from bot.interfaces.worker import Worker
from bot.platforms.x.text import find_urls
from bot.settings import Settings
from bot.store.schema import upgrade
from feed_server import FeedServer
from harness_pds import Account, Pds
from x_standin import XStandin

CONFIG = """
title = "A test channel"
[feeds]
categories = ["cs.CL", "cs.LG", "cs.AI"]
[queue]
threshold = 0.003
[posting]
time_zone = "America/New_York"
times = ["10:00"]
[thread]
hashtags = ["interpretability"]
[x]
pause_seconds = 0
[ranking.words]
"neurons" = 3.0
"interpretab*" = 3.0
"language model*" = 1.0
"""
NOTE = (
    "Entropy neurons have large norms and little direct effect on the logits; they change how sure the model is. "
    "Token frequency neurons push logits up or down by how common a token is, cf. Fig. 3 in cs.CL terms. "
    "Ablations on six models, e.g. GPT-2 and Pythia, show how both work together with induction heads, and README.md "
    "says how to repeat them."
)


@dataclass
class Day:
    """The program with real surroundings, and a clock that the test moves."""

    app: App
    feeds: FeedServer
    pds: Pds
    account: Account
    x: XStandin
    now: datetime
    desk: App | None = None
    """Where the curator works, if not where the worker does."""

    def say(self, verb: str, **values: object) -> Reply:
        reply = VERBS[verb].run(make_call(self.desk or self.app, Actor("ada", "shell")), **values)
        return replace(reply, data=to_json(reply.data))


@pytest.fixture
def day(tmp_path: Path, pds: Pds, x_standin: XStandin) -> Iterator[Day]:
    """Return a day that begins just after arXiv's rebuild on Tuesday 25 June 2024."""
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "test.toml").write_text(CONFIG, "utf-8")
    account, credentials = pds.create_account(), x_standin.credentials
    with FeedServer().running() as feeds:
        settings = Settings(
            database_url=SecretStr(f"sqlite:///{tmp_path / 'picks.db'}"),
            PICKS_CONFIG=tmp_path / "config",
            PICKS_DATA=tmp_path,
            arxiv_rss_url=feeds.url,
        )
        environ = {
            "BLUESKY_SERVICE": pds.url,
            "BLUESKY_HANDLE": account.handle,
            "BLUESKY_APP_PASSWORD": account.app_password,
            "X_API_URL": x_standin.url,
            "X_CONSUMER_KEY": credentials.consumer_key,
            "X_CONSUMER_SECRET": credentials.consumer_secret,
            "X_ACCESS_TOKEN": credentials.access_token,
            "X_ACCESS_TOKEN_SECRET": credentials.access_token_secret,
        }
        app = App(settings, clock=lambda: made.now, environ=environ)
        made = Day(app, feeds, pds, account, x_standin, now=datetime(2024, 6, 25, 4, 11, tzinfo=UTC))
        upgrade(app.database)
        yield made
        app.close()


@pytest.mark.node
def test_from_real_feeds_to_threads_on_both_platforms(day: Day, shared_data: Path) -> None:
    for category in ("cs.CL", "cs.LG", "cs.AI"):
        capture = shared_data / "arxiv" / "rss" / f"2024-06-26-{category.lower().replace('.', '-')}.xml.gz"
        day.feeds.bodies[category] = gzip.decompress(capture.read_bytes())
    _a_day_goes_by(day, "2406.16254")


@pytest.mark.node
def test_from_a_sample_feed_to_threads_on_both_platforms(day: Day) -> None:
    body = sample_feeds.rss(sample_feeds.Item(arxiv_id="2602.00001", title="Confidence Neurons in Language Models"))
    for category in ("cs.CL", "cs.LG", "cs.AI"):
        feed = body.replace(b"cs.CL updates", category.encode() + b" updates")
        day.feeds.bodies[category] = feed.replace(b"17 Feb 2026", b"25 Jun 2024")
    _a_day_goes_by(day, "2602.00001")


@pytest.mark.node
def test_a_curator_without_any_keys_approves_what_the_worker_posts(day: Day) -> None:
    body = sample_feeds.rss(sample_feeds.Item(arxiv_id="2602.00001", title="Confidence Neurons in Language Models"))
    for category in ("cs.CL", "cs.LG", "cs.AI"):
        feed = body.replace(b"cs.CL updates", category.encode() + b" updates")
        day.feeds.bodies[category] = feed.replace(b"17 Feb 2026", b"25 Jun 2024")
    day.desk = App(day.app.settings, clock=lambda: day.now, environ={})
    _a_day_goes_by(day, "2602.00001")
    day.desk.close()


def _a_day_goes_by(day: Day, paper: str) -> None:
    worker = Worker(day.app)
    worker.beat()
    worker.poll()
    assert paper in [item["arxiv_id"] for item in day.say("queue").data]

    authors = day.pds.create_account()
    theirs = day.pds.create_post(authors, "Our paper is out!")
    thread = f"https://bsky.app/profile/{authors.handle}/post/{theirs['uri'].rpartition('/')[2]}"
    day.say("note", paper=paper, text=NOTE, thread=thread, code="https://github.com/example/neurons")
    promised = day.say("preview", paper=paper).data["platforms"]
    approved = day.say("approve", paper=paper).data
    assert approved["slot"] == "2024-06-25T14:00:00Z"

    day.now = datetime(2024, 6, 25, 13, 59, tzinfo=UTC)
    worker.publish()
    assert (day.pds.records(day.account.did), day.x.accepted) == ([], [])

    day.now += timedelta(minutes=1)
    worker.publish()
    worker.publish()
    shown = day.say("show", paper=paper).data
    assert shown["state"] == "published"
    _check_bluesky(day, promised["bluesky"], shown, quoted=theirs)
    _check_x(day, promised["x"])


def _check_bluesky(day: Day, promised: views.Json, shown: views.Json, *, quoted: views.Json) -> None:
    records = day.pds.records(day.account.did)
    assert [item["value"]["text"] for item in records] == [post["text"] for post in promised["posts"]]
    [delivery] = [item for item in shown["deliveries"] if item["platform"] == "bluesky"]
    assert [post["remote_id"] for post in delivery["posts"]] == [item["uri"] for item in records]
    parents = [item["value"]["reply"]["parent"]["uri"] for item in records[1:]]
    assert parents == [item["uri"] for item in records[:-1]]
    assert records[0]["value"]["embed"]["external"]["uri"] == shown["url"]
    quote = records[-1]["value"]["embed"]["record"]
    assert (quote["uri"], quote["cid"]) == (quoted["uri"], quoted["cid"])
    assert all(item["value"]["langs"] == ["en"] for item in records)


def _check_x(day: Day, promised: views.Json) -> None:
    texts = [post.text for post in day.x.accepted]
    assert texts == [post["text"] for post in promised["posts"]]
    assert [bool(find_urls(text)) for text in texts] == [False] * (len(texts) - 1) + [True]
