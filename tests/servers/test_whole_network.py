"""What people see on Bluesky: the worker posts on a real server, and the open-source AppView is asked as the app asks.

Everything here goes through the program's own verbs and worker, and is judged by the AppView's answers alone.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import follower_page
from archive_site import Seen
from harness_network import Network, NotShownError
from harness_pds import Account
from network_stage import NetworkStage, Words, down, posted, staged
from samples import announcement

NOTE = (
    "Doubt has neurons of its own. The authors find them by ablation in six models, and switching them off makes each "
    "model sure of everything, which no earlier account of calibration explains. Token frequency hardly matters. "
    "The largest of the models needs fewer of these neurons than the smallest one does, and they appear late. "
    "Code and the ablated models are public, so that the finding can be tried on other families. "
    "What is left open is how the neurons come to know, and whether fine-tuning for confidence writes to them or past "
    "them. A probe on the same layer finds less than the ablation does, so what a probe reads is not what is used. "
    "The appendix repeats everything with other prompts, other languages and other ways to ablate."
)
PAPER = announcement(
    "2602.00001", "Probing for Doubt: Neurons That Know — Naïvely? 🧠", authors=("Ana One", "José Two")
)
SECOND = announcement("2602.00002", "Probing Again", authors=("Ben Three",))
CODE = "https://github.com/example/doubt"
OUT = "Our paper is out, says {handle}!"
LIKE = "app.bsky.feed.like"
POST = "app.bsky.feed.post"

Json = dict[str, Any]


@dataclass(frozen=True)
class Read:
    """A thread that is out: its posts as the program has them, and a follower of the account."""

    network: Network
    account: Account
    posts: list[Json]
    reader: Account


@pytest.fixture(scope="module")
def read(network: Network, migrated_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Read]:
    """Post one thread as an account whose profile is set; the tests that change nothing share it."""
    with staged(network, tmp_path_factory.mktemp("read"), database=migrated_file) as stage:
        stage.set_profile()
        reader = network.follow(stage.account)
        posts = stage.publish(PAPER, Words(NOTE, code=CODE))
        assert len(posts) >= 3
        posted(network, posts)
        yield Read(network, stage.account, posts, reader)


@pytest.fixture
def stage(network: Network, migrated_file: Path, tmp_path: Path) -> Iterator[NetworkStage]:
    with staged(network, tmp_path, database=migrated_file) as stage:
        yield stage


def up(view: Json) -> list[Json]:
    """Return what is above a post, the nearest first."""
    return [view["parent"]["post"], *up(view["parent"])] if "parent" in view else []


def named(post: Mapping[str, Any]) -> Json:
    """Return what names the exact record of a post."""
    return {"uri": post["uri"], "cid": post["cid"]}


def texts(posts: list[Json]) -> list[str]:
    return [post["record"]["text"] for post in posts]


def post_url(account: Account, record: Mapping[str, Any]) -> str:
    return f"https://bsky.app/profile/{account.handle}/post/{record['uri'].rpartition('/')[2]}"


def paper_thread(network: Network, authors: Account) -> Json:
    """Post the authors' own words about their paper; return the record once the AppView shows it.

    The words are theirs alone, because the AppView counts the quotes of equal records together.
    """
    record = network.create_post(authors, OUT.format(handle=authors.handle))
    network.when(lambda: shown(network, record["uri"]), bool)
    return record


def shown(network: Network, uri: str) -> Json:
    """Return one post, as it is shown by itself; empty where it is not."""
    posts = network.ask("app.bsky.feed.getPosts", {"uris": uri})["posts"]
    return dict(posts[0]) if posts else {}


def test_a_follower_reads_the_thread_in_its_order_from_the_first_post_to_the_last(read: Read) -> None:
    seen = down(read.network.thread(read.posts[0]["remote_id"], reader=read.reader))
    assert [post["uri"] for post in seen] == [post["remote_id"] for post in read.posts]
    assert texts(seen) == [post["text"] for post in read.posts]
    for before, post in pairwise(seen):
        reply = post["record"]["reply"]
        assert (named(reply["root"]), named(reply["parent"])) == (named(seen[0]), named(before))
    assert [post["replyCount"] for post in seen] == [1] * (len(seen) - 1) + [0]
    for feed in (read.network.timeline(read.reader), read.network.feed(read.account, reader=read.reader)):
        assert [item["post"]["uri"] for item in reversed(feed)] == [post["uri"] for post in seen]
        assert feed[0]["reply"]["root"]["uri"] == seen[0]["uri"]  # the app shows it above the last post
        assert feed[0]["reply"]["parent"]["uri"] == seen[-2]["uri"]


def test_a_stranger_who_finds_the_third_post_reads_upwards_to_the_first(read: Read) -> None:
    third = read.network.thread(read.posts[2]["remote_id"])
    assert texts([third["post"], *up(third)]) == [post["text"] for post in reversed(read.posts[:3])]
    assert texts(down(third)) == [post["text"] for post in read.posts[2:]]


def test_who_looks_at_the_account_finds_each_thread_once_and_its_card_with_the_picture(read: Read) -> None:
    query = {"actor": read.account.did, "filter": "posts_no_replies"}
    [first] = [item["post"] for item in read.network.ask("app.bsky.feed.getAuthorFeed", query)["feed"]]
    assert first["uri"] == read.posts[0]["remote_id"]
    card = first["embed"]["external"]
    assert (card["uri"], card["title"]) == ("https://arxiv.org/abs/2602.00001", PAPER.title)
    picture = read.network.picture(card["thumb"])
    assert picture.headers["content-type"].startswith("image/")
    assert len(picture.content) > 5_000


def test_a_page_made_of_the_answers_has_the_approved_words_and_shows_the_card(read: Read) -> None:
    view = read.network.thread(read.posts[0]["remote_id"], reader=read.reader)
    page = Seen()
    page.feed(follower_page.thread(view, pictures=lambda url: read.network.picture(url).headers["content-type"]))
    positions = [page.text.index(post["text"]) for post in read.posts]
    assert positions == sorted(positions)
    assert {"https://arxiv.org/abs/2602.00001", CODE, "https://bsky.app/hashtag/NLP"} <= set(page.links)
    assert any(link.startswith("image/") for link in page.links)


def test_the_account_says_it_is_a_bot_wherever_it_is_shown(read: Read) -> None:
    said = [("bot", read.account.did)]
    profile = read.network.ask("app.bsky.actor.getProfile", {"actor": read.account.did})
    assert [(label["val"], label["src"]) for label in profile["labels"]] == said
    assert (profile["displayName"], profile["description"]) == ("Picks", "A paper a day.")
    for post in down(read.network.thread(read.posts[0]["remote_id"])):
        assert [(label["val"], label["src"]) for label in post["author"]["labels"]] == said
        assert post["labels"] == []


def test_a_pick_that_quotes_counts_at_the_authors_and_shows_their_words(stage: NetworkStage) -> None:
    network = stage.network
    authors = network.create_account()
    theirs = paper_thread(network, authors)
    stage.publish(PAPER, Words(NOTE))
    posts = stage.publish(SECOND, Words("Worth reading twice.", thread=post_url(authors, theirs)))
    network.when(lambda: shown(network, theirs["uri"]), lambda post: post["quoteCount"] == 1)
    quotes = network.ask("app.bsky.feed.getQuotes", {"uri": theirs["uri"]})["posts"]
    ours = [post["remote_id"] for post in posts]
    assert [post["uri"] in ours for post in quotes] == [True]
    embed = quotes[0]["embed"]
    quoted = embed["record"].get("record", embed["record"])  # deeper where a card stands beside it
    assert (quoted["uri"], quoted["value"]["text"]) == (theirs["uri"], OUT.format(handle=authors.handle))
    assert quoted["author"]["handle"] == authors.handle


def test_authors_who_block_the_account_are_linked_and_not_quoted(stage: NetworkStage) -> None:
    network = stage.network
    authors = network.create_account()
    theirs = paper_thread(network, authors)
    network.create_record(authors, "app.bsky.graph.block", {"subject": stage.account.did})
    relation = {"actor": stage.account.did, "others": authors.did}
    network.when(
        lambda: network.ask("app.bsky.graph.getRelationships", relation)["relationships"][0],
        lambda known: "blockedBy" in known,
    )
    url = post_url(authors, theirs)
    seen = down(posted(network, stage.publish(PAPER, Words("Worth reading.", thread=url))))
    facets = [facet for post in seen for facet in post["record"].get("facets", [])]
    assert url in [feature.get("uri") for facet in facets for feature in facet["features"]]
    assert {post["embed"]["$type"] for post in seen if "embed" in post} == {"app.bsky.embed.external#view"}
    assert shown(network, theirs["uri"])["quoteCount"] == 0


def test_of_a_retracted_pick_nothing_is_shown_and_the_pick_before_it_stays(stage: NetworkStage) -> None:
    network = stage.network
    authors = network.create_account()
    reader = network.follow(stage.account)
    theirs = paper_thread(network, authors)
    kept = stage.publish(SECOND, Words("Worth reading twice."))
    posts = stage.publish(PAPER, Words(NOTE, thread=post_url(authors, theirs)))
    seen = down(posted(network, posts, reader=reader))
    network.create_record(reader, LIKE, {"subject": named(seen[0])})
    reply = {"root": named(seen[0]), "parent": named(seen[1])}
    answer = network.create_record(reader, POST, {"text": "Thanks!", "reply": reply})
    network.when(lambda: shown(network, answer["uri"]), bool)
    network.when(lambda: shown(network, theirs["uri"]), lambda post: post["quoteCount"] == 1)

    stage.say("retract", paper="2602.00001")
    uris = [post["remote_id"] for post in posts]
    network.when(lambda: [uri for uri in uris if shown(network, uri)], lambda left: left == [])
    for uri in uris:
        with pytest.raises(NotShownError, match="Post not found"):
            network.thread(uri, reader=reader)
    remaining = [post["remote_id"] for post in reversed(kept)]
    assert [item["post"]["uri"] for item in network.feed(stage.account)] == remaining
    own = {item["post"]["uri"] for item in network.timeline(reader) if item["post"]["author"]["did"] != reader.did}
    assert own == set(remaining)
    assert network.when(lambda: shown(network, theirs["uri"]), lambda post: post["quoteCount"] == 0)
    assert network.ask("app.bsky.feed.getQuotes", {"uri": theirs["uri"]})["posts"] == []
    left = network.thread(answer["uri"])
    assert (left["post"]["record"]["text"], left["parent"]["$type"]) == ("Thanks!", "app.bsky.feed.defs#notFoundPost")
    assert network.ask("app.bsky.actor.getProfile", {"actor": stage.account.did})["postsCount"] == len(kept)
