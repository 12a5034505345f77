"""CSL-JSON by its schema, Markdown by its parser, JSON lines by what comes back."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from archive_entries import HOSTILE, entry
from bot.archive.csl import csl
from bot.archive.entries import Entry, LivePost, entries
from bot.archive.export import exported
from bot.archive.markdown import link, markdown, text
from bot.archive.records import json_lines, record
from bot.archive.words import line
from bot.curation.training_job import import_picks
from bot.domain.export_formats import Format
from bot.store.database import Database
from samples import NOON, channel

SCHEMA = json.loads((Path(__file__).parent / "csl-data.json").read_text("utf-8"))
ODD = (
    entry(),
    entry("2412.00002", title=HOSTILE, note=f"{HOSTILE}\n\nA second\nparagraph.", authors=(HOSTILE, "李伟")),
    entry("cs/9912017", announced=None, authors=(), abstract="", categories=(), topics=(), posts=(), note=""),
    entry("2412.00004", thread_url="javascript:alert(1)", code_url='https://x.example/a b"><script>'),
    entry(
        "2412.00005", retracted_at=datetime(2025, 1, 1, tzinfo=UTC), note="", thread_url=None, code_url=None, posts=()
    ),
    entry("2412.00006", authors=("Gemma Team", "Ludwig van Beethoven", "John Smith Jr."), withdrawn=True),
)


def test_csl_fits_its_schema_whatever_the_words_are() -> None:
    items = csl(ODD)
    jsonschema.validate(items, SCHEMA, cls=jsonschema.Draft7Validator)
    assert [item["id"] for item in items] == list(dict.fromkeys(item["id"] for item in items))
    assert items[1]["title"] == HOSTILE


def test_csl_has_the_parts_of_names_and_the_date() -> None:
    [item] = csl([ODD[-1]])
    assert item["author"] == [
        {"literal": "Gemma Team"},
        {"family": "Beethoven", "given": "Ludwig", "non-dropping-particle": "van"},
        {"family": "Smith", "given": "John", "suffix": "Jr."},
    ]
    assert item["issued"] == {"date-parts": [[2024, 12, 10]]}
    assert csl([ODD[2]])[0]["issued"] == {"date-parts": [[1999, 12]]}
    assert (item["number"], item["URL"]) == ("arXiv:2412.00006", "https://arxiv.org/abs/2412.00006")


def tokens(document: str) -> list[Token]:
    """Return all tokens, as GitHub reads Markdown, addresses that become links by themselves included."""
    parser = MarkdownIt("gfm-like", {"linkify": False}).enable(["table", "strikethrough"])
    found: list[Token] = []
    for token in parser.parse(document):
        found += [token, *(token.children or [])]
    return found


def shown(words: str) -> str:
    """Return what a reader sees of words that were made safe, behind the item of a list."""
    found = tokens(f"- {text(words)}\n")
    kinds = {token.type for token in found}
    assert kinds <= {
        "bullet_list_open",
        "list_item_open",
        "paragraph_open",
        "inline",
        "text",
        "paragraph_close",
        "list_item_close",
        "bullet_list_close",
        "text_special",
    }, kinds
    return "".join(token.content for token in found if token.type in {"text", "text_special"})


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=50).map(line) | st.text("<>&*_`[]()#+-.!|~:/ w1\\@=$^ab", max_size=20).map(line))
def test_words_are_text_in_markdown(words: str) -> None:
    assert shown(words) == words


@pytest.mark.parametrize("words", [HOSTILE, "1. one", "- dash", "# head", "---", "> quote", "    code", "a <b>c</b>"])
def test_hostile_words_are_text_in_markdown(words: str) -> None:
    assert shown(words) == " ".join(words.split())


@pytest.mark.parametrize("words", ["https://evil.example", "www.evil.example", "WWW.evil.example", "a@evil.example"])
def test_no_address_becomes_a_link_by_itself(words: str) -> None:
    assert words not in text(words)
    assert shown(words) == words


def test_only_web_addresses_are_links() -> None:
    assert link("code", "https://x.example/a_(b)?c=[d]&e=f") == "[code](<https://x.example/a_%28b%29?c=%5Bd%5D&e=f>)"
    assert link("code", "javascript:alert(1)") == "code"
    assert link("a]b", "https://x.example/><script>") == "[a\\]b](<https://x.example/%3E%3Cscript%3E>)"


def test_a_document_has_a_heading_a_month_and_every_word_as_text() -> None:
    document = markdown(ODD, title="Picks & <more>")
    found = tokens(document)
    assert not any(token.type.startswith("html") for token in found)
    targets = [str(token.attrs["href"]) for token in found if token.type == "link_open"]
    assert all(target.startswith("https://") for target in targets)
    assert document.startswith(
        "# Picks \\& \\<more\\>\n\n## 2024-12\n\n- **[Training Models to Reason](<https://arxiv.org"
    )
    assert "[on bluesky](<https://bsky.app/profile/picks.test/post/3ldg2z7tem228>)" in document


def test_a_retracted_pick_is_only_where_the_form_can_say_so() -> None:
    for form in Format:
        content, count = exported(ODD, channel(), form)
        assert ("2412.00005" in content) is (form in {Format.JSON, Format.JSONL}), form
        assert count == len(ODD) - (form not in {Format.JSON, Format.JSONL})


def test_a_record_has_the_fields_that_scripts_rely_on() -> None:
    assert record(entry()) == {
        "arxiv_id": "2412.06769",
        "title": "Training Models to Reason",
        "authors": ["Ana Müller", "Ludwig van Beethoven"],
        "abstract": "An abstract.",
        "categories": ["cs.CL", "cs.LG"],
        "topics": ["reasoning"],
        "note": "Worth reading.",
        "thread_url": "https://bsky.app/profile/ana.test/post/3ldg2z7tem227",
        "code_url": "https://github.com/acme/tool",
        "announced": "2024-12-10",
        "picked_at": "2024-12-12T15:00:00Z",
        "published_at": "2024-12-12T15:00:00Z",
        "posts": [{"platform": "bluesky", "url": "https://bsky.app/profile/picks.test/post/3ldg2z7tem228"}],
        "retracted_at": None,
        "corrected_at": None,
        "withdrawn": False,
        "url": "https://arxiv.org/abs/2412.06769",
    }


@pytest.mark.parametrize("form", [Format.JSON, Format.JSONL])
def test_a_round_trip_loses_nothing(sqlite_database: Database, tmp_path: Path, form: Format) -> None:
    sample = channel(archive={"topics": {"reasoning": ["reason*"]}})
    picked = datetime(2024, 12, 11, 9, 30, 1, 250000, tzinfo=UTC)
    given = [*ODD, entry("2412.00007", picked_at=picked, posts=(LivePost("x", "https://x.com/a/status/1"),) * 2)]
    file = tmp_path / "picks.jsonl"
    file.write_text(exported(given, sample, form)[0], "utf-8")
    report = import_picks(sqlite_database, sample, file, now=NOON)
    assert (report.new, report.wrong) == (len(given), ())
    found = entries(sqlite_database, sample)
    # Topics are found anew by the channel's words, and what is derived of where it came from is another matter.
    assert [_facts(item) for item in found] == [_facts(item) for item in _sorted(given)]
    first = json_lines(found)
    file.write_text(first, "utf-8")
    assert import_picks(sqlite_database, sample, file, now=NOON).new == 0
    assert json_lines(entries(sqlite_database, sample)) == first


def _sorted(given: list[Entry]) -> list[Entry]:
    return sorted(given, key=lambda item: (item.published_at, item.arxiv_id), reverse=True)


def _facts(item: Entry) -> dict[str, Any]:
    return {**record(item), "topics": None}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"picked_at": "yesterday"}, "picked_at says 'yesterday', which is no time in ISO 8601"),
        ({"picked_at": "2024-12-12T15:00:00"}, "a time without its zone; end it with Z for UTC"),
        ({"authors": "Ana"}, "authors is not a list of texts"),
        ({"posts": [{"url": 3}]}, "a post has its platform and its url"),
        ({"note": ["a"]}, "note is not a text"),
    ],
)
def test_a_wrong_field_is_named_and_hinders_no_other_pick(
    sqlite_database: Database, tmp_path: Path, changes: dict[str, Any], said: str
) -> None:
    file = tmp_path / "picks.jsonl"
    wrong = json.dumps({**record(entry()), **changes})
    file.write_text(f"{wrong}\n{json_lines([entry('2412.00009')])}", "utf-8")
    report = import_picks(sqlite_database, channel(), file, now=NOON)
    assert report.new == 1
    assert [said in str(error) for error in report.wrong] == [True]
    assert "line 1" in str(report.wrong[0])


def test_an_import_overwrites_nothing_with_nothing(sqlite_database: Database, tmp_path: Path) -> None:
    file = tmp_path / "picks.jsonl"
    file.write_text(json_lines([entry()]), "utf-8")
    import_picks(sqlite_database, channel(), file, now=NOON)
    file.write_text('{"arxiv_id": "2412.06769", "note": null}\n', "utf-8")
    import_picks(sqlite_database, channel(), file, now=NOON)
    [found] = entries(sqlite_database, channel())
    assert _facts(found) == _facts(entry())


def test_a_retraction_is_taken_over_and_so_is_a_pick_that_stands_again(
    sqlite_database: Database, tmp_path: Path
) -> None:
    out = entry(withdrawn=True)
    back = entry(note="", thread_url=None, code_url=None, posts=(), retracted_at=out.published_at + timedelta(days=1))
    again = entry(note="Anew.", code_url=None, posts=(), published_at=out.published_at + timedelta(days=2))

    def taken_over(given: Entry) -> Entry:
        file = tmp_path / "picks.jsonl"
        file.write_text(json_lines([given]), "utf-8")
        import_picks(sqlite_database, channel(), file, now=NOON)
        [found] = entries(sqlite_database, channel())
        return found

    assert _facts(taken_over(out)) == _facts(out)
    assert _facts(taken_over(back)) == _facts(back)
    assert _facts(taken_over(out)) == _facts(back), "a file from before the retraction does not undo it"
    assert _facts(taken_over(again)) == _facts(again)
    assert _facts(taken_over(back)) == _facts(again), "nor does an old retraction take a newer pick down"


def test_a_line_that_says_little_leaves_a_retraction_as_it_is(sqlite_database: Database, tmp_path: Path) -> None:
    file = tmp_path / "picks.jsonl"
    for lines in (json_lines([entry(retracted_at=NOON, note="")]), '{"arxiv_id": "2412.06769", "retracted_at": null}'):
        file.write_text(lines, "utf-8")
        import_picks(sqlite_database, channel(), file, now=NOON)
    [found] = entries(sqlite_database, channel())
    assert found.retracted_at == NOON


def test_the_seed_collections_picks_are_taken_over_with_their_words(
    sqlite_database: Database, shared_data: Path
) -> None:
    import_picks(sqlite_database, channel(), shared_data / "picks" / "collection.jsonl", now=NOON)
    found = {item.arxiv_id: item for item in entries(sqlite_database, channel())}
    lines = [json.loads(text) for text in (shared_data / "picks" / "collection.jsonl").read_text("utf-8").splitlines()]
    assert len(found) == len(lines)
    for expected in lines:
        assert found[expected["arxiv_id"]].note == (expected["note"] or "").strip()
        assert found[expected["arxiv_id"]].thread_url == expected["thread_url"]
        if expected["announced"]:
            assert found[expected["arxiv_id"]].day == date.fromisoformat(expected["announced"])
    for form in Format:
        assert exported(list(found.values()), channel(), form)[1] == len(lines)
