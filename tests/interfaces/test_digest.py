"""The digest's words: one message whatever the titles, strangers' words as words in Markdown, and the command."""

import json
import os
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

import sample_feeds
import warm_process
from bot.curation import decisions
from bot.domain.curators import Role
from bot.domain.errors import UsageError
from bot.domain.markdown import escaped
from bot.interfaces.commands import VERBS, Call, Reply
from bot.interfaces.views import digest as views
from bot.interfaces.views.digest import Digest, DigestRow, as_markdown, as_message, by_answer, by_command
from bot.interfaces.views.json import to_json
from bot.platforms.alerts import harmless
from bot.store.database import Database
from bot.threads.measure import DIRECT_MESSAGE
from morning import Morning, morning_channel
from samples import CONSOLE_CHANNEL, TUESDAY, announcement

MARKUP = (
    "[a](https://evil.example) **bold** `code` <b>html</b> | # ~~no~~ $x$ &amp; ![](a) @ben _it_ \\ www.evil.example"
)


def _row(number: int, title: str = "Probing", reason: str = "probing +2.0") -> DigestRow:
    name = f"2602.{number:05}"
    url = f"https://arxiv.org/abs/{name}"
    return DigestRow(id=number, arxiv_id=name, title=title, score=0.5 / number, reason=reason, url=url)


def _digest(*rows: DigestRow, waiting: int = 9) -> Digest:
    return Digest(
        channel="sample",
        title="Sample",
        time_zone="America/New_York",
        day=date(2026, 2, 17),
        waiting=waiting,
        queued=waiting + 3,
        missing=("cs.LG",),
        empty_slots=(datetime(2026, 2, 17, 15, tzinfo=UTC), datetime(2026, 2, 17, 20, tzinfo=UTC)),
        candidates=rows,
        decide=by_command(rows[0]),
    )


def test_a_message_says_what_a_curator_needs_in_the_morning() -> None:
    shown = _digest(_row(1), _row(2, "Steering", "A. Watched +3.0"))
    assert as_message(shown, by_answer(Role.CURATOR)) == (
        "Sample, Tue 17 Feb 2026: 9 candidates, the best 2\n\n"
        "#1 · 50% · Probing\nprobing +2.0\nhttps://arxiv.org/abs/2602.00001\n\n"
        "#2 · 25% · Steering\nA. Watched +3.0\nhttps://arxiv.org/abs/2602.00002\n\n"
        "not in yet: cs.LG\nof other days 3 wait\nempty today: 10:00, 15:00 (EST)\n"
        "answer: show 1 · note 1 WORDS · approve 1 · reject 1 WHY · hold 1 DATE · help"
    )


@given(st.lists(st.tuples(st.text(max_size=400), st.text(max_size=200)), min_size=1, max_size=5))
def test_a_digest_is_one_message_whatever_the_titles(words: list[tuple[str, str]]) -> None:
    shown = _digest(*(_row(number, title, reason) for number, (title, reason) in enumerate(words, 1)))
    for decide, clean in ((by_answer(Role.OPERATOR), str), (by_command, harmless)):
        text = as_message(shown, decide, clean=clean)
        assert DIRECT_MESSAGE.fits(text)
        assert all(f"\n{row.url}\n" in text for row in shown.candidates)


@pytest.mark.parametrize("char", ["w", "字", "👩‍👩‍👧‍👦", "e" + "\u0301" * 60])
def test_long_titles_are_shortened_and_ordinary_ones_are_not(char: str) -> None:
    long = as_message(_digest(*(_row(number, char * 300, char * 300) for number in range(1, 6))), by_command)
    assert DIRECT_MESSAGE.fits(long)
    assert long.count("…") == 10
    title = "A Mechanistic Interpretability Pipeline for Noise-free Text-Image Corruption"
    ordinary = as_message(_digest(*(_row(number, title) for number in range(1, 6))), by_command)
    assert ordinary.count(title) == 5


def test_strangers_words_are_words_in_markdown() -> None:
    html = MarkdownIt("gfm-like", {"linkify": False}).render(as_markdown(_digest(_row(1, MARKUP, MARKUP))))
    assert html.count("<a ") == 1
    assert '<a href="https://arxiv.org/abs/2602.00001">' in html
    for mark in ("<b>", "<code>code", "<img", "<s>", "<em>"):
        assert mark not in html
    assert "https\\://" in as_markdown(_digest(_row(1, MARKUP)))
    assert "www\\.evil" in as_markdown(_digest(_row(1, MARKUP)))


@given(st.text(st.characters(exclude_categories=("Cc", "Cs", "Zs", "Zl", "Zp", "Cf")) | st.sampled_from(list(MARKUP))))
def test_what_is_escaped_reads_as_it_was(text: str) -> None:
    parsed = MarkdownIt("commonmark").parseInline(f"x{escaped(text)}x")[0].children or []
    assert {token.type for token in parsed} <= {"text", "text_special"}
    assert "".join(token.content for token in parsed) == f"x{' '.join(text.split())}x"


@pytest.fixture
def morning(sqlite_database: Database) -> Morning:
    """Return the morning of a Tuesday with seven candidates."""
    made = Morning(sqlite_database)
    made.all_in(*(f"Probing {subject}" for subject in "abcdefg"))
    return made


def _shown(morning: Morning, day: date = TUESDAY) -> Digest:
    with morning.database.reading() as session:
        return views.digest(session, morning.context, day)


def _reply(morning: Morning, **values: object) -> Reply:
    call = Call(choose=lambda: morning.context, every=list, outbox=lambda: pytest.fail("nothing is sent"))
    return VERBS["digest"].run(call, **values)


def _say(morning: Morning, **values: object) -> tuple[str, str]:
    reply = _reply(morning, **values)
    return reply.summary, reply.document or ""


def test_the_best_five_stand_in_it_in_the_order_of_the_queue(morning: Morning) -> None:
    shown = _shown(morning)
    assert (shown.waiting, shown.queued, shown.missing) == (7, 7, ())
    assert [row.title for row in shown.candidates] == [f"Probing {subject}" for subject in "gfedc"]
    assert {row.reason for row in shown.candidates} == {"probing +4.9"}


def test_what_was_decided_about_makes_room(morning: Morning) -> None:
    decisions.reject(morning.context, "2602.00007", reason="")
    assert [row.title[-1] for row in _shown(morning).candidates] == list("fedcb")


def test_the_reason_that_matters_speaks_for_the_paper_unless_it_may_be_withdrawn(sqlite_database: Database) -> None:
    words = {"vision": -2.1, "probing": 2.0}
    morning = Morning(sqlite_database, morning_channel(ranking={"words": words}, queue={"threshold": 0.0}))
    morning.take(
        announcement("2602.00001", "Probing Vision"),
        announcement("2602.00002", "Probing, Perhaps", notice="Please ignore this version."),
    )
    found = {row.title: row.reason for row in _shown(morning).candidates}
    assert found["Probing Vision"].startswith("probing +")
    assert found["Probing, Perhaps"] == "may be withdrawn: “Please ignore this version.”"


def test_the_command_shows_the_newest_day_or_the_one_that_is_named(morning: Morning) -> None:
    assert _say(morning) == ("", "")
    assert _say(morning, day="2026-02-18") == (
        (
            "no candidates of Wed 18 Feb 2026 wait; not in yet: cs.CL, cs.LG; "
            "picks digest --day 2026-02-17 shows the newest day that had candidates"
        ),
        "",
    )
    assert _say(morning, day="2026-02-15") == (
        (
            "no digest of Sun 15 Feb 2026: arXiv announces nothing at weekends; "
            "picks digest --day 2026-02-17 shows the newest day that had candidates"
        ),
        "",
    )
    assert _say(morning, markdown=True)[1].startswith("## Sample, Tue 17 Feb 2026: 7 candidates, the best 5\n")
    with pytest.raises(UsageError, match="cannot read the date 'soon'"):
        _say(morning, day="soon")


def test_a_day_without_announcements_misses_no_feed_and_makes_no_document(morning: Morning) -> None:
    quiet = _reply(morning, day="2026-02-15", markdown=True)
    assert (quiet.data.missing, quiet.document) == ((), "")
    assert quiet.summary.startswith("no digest of Sun 15 Feb 2026")


def test_the_same_digest_is_json(morning: Morning) -> None:
    shown = to_json(_shown(morning))
    assert list(shown) == [
        "channel",
        "title",
        "time_zone",
        "day",
        "waiting",
        "queued",
        "missing",
        "empty_slots",
        "candidates",
        "decide",
    ]
    assert shown["empty_slots"] == ["2026-02-17T10:00:00Z", "2026-02-17T15:00:00Z"]
    assert list(shown["candidates"][0]) == ["id", "arxiv_id", "title", "score", "reason", "url"]


@pytest.mark.network
def test_the_command_wraps_text_and_never_markdown(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "test.toml").write_text(CONSOLE_CHANNEL, "utf-8")
    title = f"Probing [bold]now[/bold] {'very ' * 30}long\u202e"
    (tmp_path / "feed.xml").write_bytes(sample_feeds.rss(sample_feeds.Item(title=title)))
    env = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "PICKS_DATA": str(tmp_path), "COLUMNS": "60"}

    def say(*words: str) -> str:
        return warm_process.run(words, cwd=tmp_path, env=env).stdout

    say("db", "upgrade")
    say("fetch", "feed.xml")
    day = ("digest", "--day", "2026-02-17")
    assert max(map(len, say(*day).splitlines())) <= 60
    assert "[bold]now[/bold]" in say(*day)
    document = say(*day, "--markdown")
    assert document.splitlines()[2].startswith("1. **[Probing \\[bold\\]now\\[/bold\\] very very ")
    assert document.splitlines()[2].endswith("](https://arxiv.org/abs/2602.00001)**  ")
    assert "\u202e" not in say(*day) + document
    shown = json.loads(say(*day, "--markdown", "--json"))
    assert (shown["day"], len(shown["candidates"])) == ("2026-02-17", 1)
