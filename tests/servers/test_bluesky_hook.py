"""The form that begins with the hook against a real Bluesky server: what is read back is what was approved."""

import itertools
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.domain.channel_sections import ThreadStyle, XRules
from bot.domain.papers import ArxivId
from bot.domain.posts import Platform, Quote
from bot.platforms.bluesky.publisher import BlueskyPublisher
from bot.platforms.publisher import Receipt
from bot.threads.cards.drawing import draw
from bot.threads.cards.words import CardWords
from bot.threads.draft import Draft
from composing import compose
from harness_pds import Account, Pds

pytestmark = pytest.mark.node

NOW = datetime(2024, 12, 16, 10, 0, tzinfo=UTC)
NUMBERS = itertools.count(1)
STYLE = ThreadStyle(heading="🔍 Today's #NLP pick", hashtags=("interpretability",))
LINKS = ["Code", "Authors' thread", "All picks"]
SENTENCE = "It finds neurons — d’après les auteurs — that know what the model does not know, and it names every one. "


def _draft(**changes: Any) -> Draft:
    given: dict[str, Any] = {
        "arxiv_id": ArxivId("2412.06769"),
        "title": "Neurons That Know",
        "abstract": "We study neurons.",
        "authors": ("A. One", "Zoë Two"),
        "code_url": "https://example.org/code",
        "thread_url": "https://x.com/one/status/1",
    }
    return Draft(**{**given, **changes})


def _sent(publisher: BlueskyPublisher, draft: Draft) -> tuple[Receipt, ...]:
    thread = compose(draft, Platform.BLUESKY, style=STYLE, x_rules=XRules(), archive="https://picks.example.org/")
    request = publisher.prepare(thread.posts, sent=(), name=f"thread {next(NUMBERS)}", now=NOW)
    return publisher.send(request)


def _values(pds: Pds, account: Account) -> list[dict[str, Any]]:
    return [record["value"] for record in pds.records(account.did)]


def _marked(value: dict[str, Any]) -> list[tuple[str, str]]:
    data = value["text"].encode()
    return [
        (data[item["index"]["byteStart"] : item["index"]["byteEnd"]].decode(), item["features"][0].get("uri", "tag"))
        for item in value.get("facets", [])
    ]


def test_links_are_words_and_every_mark_is_on_its_own(pds: Pds, account: Account, publisher: BlueskyPublisher) -> None:
    receipts = _sent(publisher, _draft(note=SENTENCE * 4))
    first, *_, last = values = _values(pds, account)
    assert len(receipts) == len(values)
    assert first["text"].startswith("🔍 Today's #NLP pick\n\nNeurons That Know\nA. One, Zoë Two\n\nIt finds neurons")
    assert first["embed"]["external"]["uri"] == "https://arxiv.org/abs/2412.06769"
    assert _marked(first) == [("#NLP", "tag")]
    addresses = ["https://example.org/code", "https://x.com/one/status/1", "https://picks.example.org/"]
    assert _marked(last) == [*zip(LINKS, addresses, strict=True), ("#interpretability", "tag")]
    assert last["text"].endswith("\n\nCode · Authors' thread on x.com · All picks\n\n#interpretability")
    assert "embed" not in last
    assert "arxiv.org" not in "".join(value["text"] for value in values)


def test_one_post_may_have_card_picture_and_quote(pds: Pds, account: Account, publisher: BlueskyPublisher) -> None:
    quoted = _sent(publisher, _draft(note="What is quoted."))[0]
    card = draw(CardWords("2412.06769", "A Title", ("Ana",), "A note.", "A channel", "#2456c8"))
    publisher.bring(card.picture, card.png)
    quote = Quote(url=quoted.url or "", uri=quoted.remote_id, cid=quoted.cid or "")
    _sent(publisher, _draft(note="Worth reading.", thread_url=quote.url, quote=quote, picture=card.picture))
    value = next(value for value in _values(pds, account) if "Worth reading." in value["text"])
    assert value["embed"]["$type"] == "app.bsky.embed.recordWithMedia"
    assert value["embed"]["record"]["record"]["uri"] == quoted.remote_id
    assert value["embed"]["media"]["external"]["thumb"]["ref"]["$link"] == card.picture.cid
    assert value["text"].endswith("Worth reading.\n\nCode · All picks\n\n#interpretability")
