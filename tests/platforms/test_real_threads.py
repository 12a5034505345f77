"""The table of docs/threads.md: what becomes of the curators' real notes in each form.

After an intended change write the table anew, and read the difference:

    PICKS_UPDATE_GOLDEN=1 pytest tests/platforms/test_real_threads.py
"""

import gzip
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.domain.channel_sections import ThreadForm, ThreadStyle, XRules
from bot.domain.papers import ArxivId
from bot.domain.posts import Platform, Thread
from bot.platforms.registry import TRAITS
from bot.threads.draft import Draft
from composing import compose

pytestmark = pytest.mark.slow

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "threads.md"
LINE = "🔍 Today's pick in Interpretability & Analysis of LMs"
STYLES = {
    "`title`": ThreadStyle(form=ThreadForm.TITLE, hashtags=("interpretability", "NLP")),
    "`hook`": ThreadStyle(hashtags=("interpretability", "NLP")),
    "`hook`, with a `heading` of 53 characters": ThreadStyle(hashtags=("interpretability", "NLP"), heading=LINE),
}
PLATFORMS = [platform for platform in TRAITS if platform is not Platform.CONSOLE]
HEADER = (
    "| form | platform | posts: mean | worst | threads of 1, 2, 3, 4, 5 posts "
    "| first posts with words of the note | price: mean | worst |"
)


@pytest.fixture(scope="module")
def drafts(shared_data: Path) -> list[Draft]:
    """Return the picks that have a note, with their real authors where the listings have them."""
    lines = (shared_data / "picks" / "collection.jsonl").read_text("utf-8").splitlines()
    picks = {pick["arxiv_id"]: pick for pick in map(json.loads, lines) if pick["note"]}
    authors = dict(_authors(shared_data, set(picks)))
    return [
        Draft(
            arxiv_id=ArxivId(name),
            title=pick["title"],
            abstract="An abstract.",
            authors=authors.get(name, ("A. One", "B. Two", "C. Three", "D. Four")),
            note=pick["note"],
            thread_url=pick["thread_url"],
            code_url=pick["code_url"],
        )
        for name, pick in picks.items()
    ]


def _authors(shared_data: Path, wanted: set[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for file in sorted((shared_data / "arxiv" / "listings").glob("*.jsonl.gz")):
        with gzip.open(file, "rt", encoding="utf-8") as listing:
            for line in listing:
                name = line.split('"', 4)[3]
                if name in wanted:
                    yield name, tuple(json.loads(line)["authors"])


def test_the_table_of_the_document_says_what_becomes_of_the_real_notes(drafts: list[Draft]) -> None:
    assert len(drafts) == 54
    rows = [HEADER, "|" + " --- |" * 8]
    for form, style in STYLES.items():
        for platform in PLATFORMS:
            threads = [compose(draft, platform, style=style, x_rules=XRules()) for draft in drafts]
            rows.append(f"| {form} | {platform} | {_figures(drafts, threads)} | {_prices(threads)} |")
    written = DOCUMENT.read_text("utf-8")
    before, table, after = _parts(written)
    if os.environ.get("PICKS_UPDATE_GOLDEN"):
        DOCUMENT.write_text("\n".join([*before, *rows, *after]) + "\n", "utf-8")
        before, table, after = _parts(DOCUMENT.read_text("utf-8"))
    assert table == rows


def _parts(text: str) -> tuple[list[str], list[str], list[str]]:
    lines = text.splitlines()
    start = lines.index(HEADER)
    end = next(place for place in range(start, len(lines)) if not lines[place].startswith("|"))
    return lines[:start], lines[start:end], lines[end:]


def _figures(drafts: list[Draft], threads: list[Thread]) -> str:
    counts = [len(thread.posts) for thread in threads]
    spread = ", ".join(str(counts.count(number)) for number in range(1, 6))
    begun = sum(map(_has_note, drafts, threads))
    return f"{sum(counts) / len(counts):.2f} | {max(counts)} | {spread} | {begun} of {len(threads)}"


def _has_note(draft: Draft, thread: Thread) -> bool:
    return _bare(draft.note)[:20] in _bare(thread.posts[0].text)


def _bare(text: str) -> str:
    return "".join(text.split())


def _prices(threads: list[Thread]) -> str:
    prices = [thread.cost_usd for thread in threads]
    return f"${sum(prices) / len(prices):.3f} | ${max(prices):.3f}" if any(prices) else "free | free"


def test_the_channels_line_stands_where_it_costs_neither_a_post_nor_the_hook(drafts: list[Draft]) -> None:
    style = STYLES["`hook`, with a `heading` of 53 characters"]
    shown = dict.fromkeys(PLATFORMS, 0)
    for draft in drafts:
        for platform in PLATFORMS:
            thread = compose(draft, platform, style=style, x_rules=XRules())
            has_line = thread.posts[0].text.startswith(LINE)
            shown[platform] += has_line
            assert any("the channel's line" in remark for remark in thread.remarks) is not has_line
    assert shown == {Platform.BLUESKY: 32, Platform.X: 29, Platform.MASTODON: 44}  # as docs/threads.md says


@pytest.mark.parametrize("platform", PLATFORMS)
def test_no_real_thread_grew_and_no_post_has_a_few_words(drafts: list[Draft], platform: Platform) -> None:
    alone = 0
    for draft in drafts:
        title, hook = (compose(draft, platform, style=STYLES[form], x_rules=XRules()) for form in ("`title`", "`hook`"))
        assert len(hook.posts) <= len(title.posts)
        assert hook.cost_usd <= title.cost_usd
        assert min(len(post.text) for post in hook.posts) >= 60  # letters, of addresses too
        assert all(0 < post.length <= post.limit for post in hook.posts)
        alone += _bare(draft.note)[-40:] not in _bare(hook.posts[-1].text)
    assert alone == {Platform.BLUESKY: 0, Platform.X: 3}.get(platform, alone)  # their last sentence leaves no room
