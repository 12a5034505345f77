"""Files of papers and picks: every form that is meant, and a clear word with file and line for everything else."""

import gzip
import json
import os
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bot.domain.papers import ArxivId, Paper
from bot.intake.listings import ListingError, from_lists, read_listings, read_named
from bot.ranking.examples import Example, Label, Listed, Named


def _record(**changes: Any) -> dict[str, Any]:
    return {
        "arxiv_id": "2602.00001",
        "version": "v2",
        "title": "A Paper",
        "abstract": "An abstract.",
        "authors": ["A. One"],
        "categories": ["cs.CL"],
        "announce_type": "new",
        "announced": "2026-02-17",
        **changes,
    }


def _file(tmp_path: Path, *records: object, name: str = "papers.jsonl") -> Path:
    file = tmp_path / name
    text = "\n".join(json.dumps(record) for record in records)
    file.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    return file


@pytest.mark.parametrize("name", ["papers.jsonl", "papers.jsonl.gz"])
def test_a_listing_gives_papers_with_their_day(tmp_path: Path, name: str) -> None:
    (listed,) = read_listings([_file(tmp_path, _record(), name=name)])
    paper = Paper(ArxivId("2602.00001"), 2, "A Paper", "An abstract.", ("A. One",), ("cs.CL",))
    assert listed == Listed(paper, date(2026, 2, 17))


def test_replacements_are_passed_over(tmp_path: Path) -> None:
    kinds = ["new", "cross", "new_or_cross", "replace", "replace-cross"]
    records = [_record(arxiv_id=f"2602.0000{place}", announce_type=kind) for place, kind in enumerate(kinds)]
    found = [str(item.paper.arxiv_id) for item in read_listings([_file(tmp_path, *records)])]
    assert found == ["2602.00000", "2602.00001", "2602.00002"]


def test_control_characters_do_not_come_in(tmp_path: Path) -> None:
    (listed,) = read_listings([_file(tmp_path, _record(title="A\x1b[31m \u202ePaper", authors=["A.\x00 One"]))])
    assert (listed.paper.title, listed.paper.authors) == ("A[31m Paper", ("A. One",))


@pytest.mark.parametrize(
    ("change", "hint"),
    [
        ({"arxiv_id": "12"}, "'12' is not an arXiv id"),
        ({"arxiv_id": ""}, "'' is not an arXiv id"),
        ({"title": None}, "title is not a text"),
        ({"abstract": 7}, "abstract is not a text"),
        ({"authors": "A. One"}, "authors is not a list of texts"),
        ({"categories": [["cs.CL"]]}, "categories is not a list of texts"),
        ({"announced": None}, "announced is missing; it is the day as YYYY-MM-DD"),
        ({"announced": "last week"}, "announced says 'last week', which is no day as YYYY-MM-DD"),
        ({"announced": 20260217}, "announced says '20260217'"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, change: dict[str, Any], hint: str) -> None:
    file = _file(tmp_path, _record(), _record(**change))
    with pytest.raises(ListingError) as caught:
        list(read_listings([file]))
    assert str(caught.value).startswith(f"{file}, line 2: ")
    assert hint in str(caught.value)


@pytest.mark.parametrize("change", [{"arxiv_id": None}, {"arxiv_id": 2602.00001}, {"arxiv_id": ["2602.00001"]}])
def test_a_line_without_an_id_is_named(tmp_path: Path, change: dict[str, Any]) -> None:
    file = _file(tmp_path, _record(), _record(**change))
    for read in (lambda: list(read_listings([file])), lambda: read_named(file)):
        with pytest.raises(ListingError, match=r"papers\.jsonl, line 2 has no arxiv_id$"):
            read()


@pytest.mark.parametrize("line", [b"{", b"\xff", b"[" * 5_000, b"9" * 5_000, b'"a text"', b"null", b"[1]"])
def test_a_line_that_holds_no_paper_is_named(tmp_path: Path, line: bytes) -> None:
    file = tmp_path / "papers.jsonl"
    file.write_bytes(json.dumps(_record()).encode() + b"\n\n" + line)
    with pytest.raises(ListingError, match="line 3 is not"):
        list(read_listings([file]))


def test_a_line_without_end_is_not_taken_into_memory(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.jsonl.gz"
    with gzip.open(bomb, "wb") as stream:
        for _ in range(300):
            stream.write(b" " * 1_000_000)
    with pytest.raises(ListingError, match="a line of over 1,000,000 bytes"):
        list(read_listings([bomb]))


@pytest.mark.parametrize(
    ("name", "content"),
    [("plain.jsonl.gz", b"{}"), ("none.gz", None)],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, name: str, content: bytes | None) -> None:
    file = tmp_path / name
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ListingError, match=f"cannot read .*{name}: .*; name a .jsonl or .jsonl.gz file"):
        list(read_listings([file]))


def test_a_file_that_was_cut_off_is_said_to_be(tmp_path: Path) -> None:
    whole = _file(tmp_path, _record(), _record(arxiv_id="2602.00002"), name="cut.jsonl.gz")
    whole.write_bytes(whole.read_bytes()[:-9])
    for read in (lambda: list(read_listings([whole])), lambda: read_named(whole, wrong=lambda _: None)):
        with pytest.raises(ListingError, match=r"cannot read .*cut\.jsonl\.gz: it is cut off; pack it, or fetch it"):
            read()


def test_picks_come_as_lines_each_once(tmp_path: Path) -> None:
    lines = [
        {"arxiv_id": "2602.00001", "title": "A Paper", "note": None, "announced": "2026-02-17"},
        {"arxiv_id": "arXiv:2602.00002v3", "announced": None},
        {"arxiv_id": "2602.00001"},
    ]
    assert read_named(_file(tmp_path, *lines)) == [
        Named(ArxivId("2602.00001"), "A Paper", date(2026, 2, 17)),
        Named(ArxivId("2602.00002")),
    ]


def test_picks_come_as_a_hugging_face_collection(tmp_path: Path) -> None:
    file = tmp_path / "collection.json"
    items = [
        {"_id": "1", "type": "paper", "id": "2602.00001", "title": "A Paper", "note": {"text": "Good."}},
        {"_id": "2", "type": "model", "id": "example/model"},
        {"_id": "3", "type": "paper", "id": "2602.00002"},
    ]
    expected = [Named(ArxivId("2602.00001"), "A Paper"), Named(ArxivId("2602.00002"))]
    for document in ({"slug": "example/picks", "items": items}, items):
        file.write_text(json.dumps(document, indent=2))
        assert read_named(file) == expected


def test_a_collection_without_papers_is_said(tmp_path: Path) -> None:
    file = _file(tmp_path, {"items": [{"type": "model", "id": "example/model"}]}, name="collection.json")
    with pytest.raises(ListingError, match="is a collection without a paper"):
        read_named(file)


def test_a_wrong_entry_of_a_collection_is_named(tmp_path: Path) -> None:
    file = _file(tmp_path, {"items": [{"type": "paper", "id": "2602.00001"}, {"type": "paper", "id": "none"}]})
    with pytest.raises(ListingError, match="item 2: 'none' is not an arXiv id"):
        read_named(file)


def test_wrong_entries_are_handed_over_where_somebody_takes_them(tmp_path: Path) -> None:
    good, bad = {"arxiv_id": "2602.00001"}, {"arxiv_id": "none"}
    for file in (_file(tmp_path, good, bad, "text", good), _file(tmp_path, [good, bad, "text"], name="list.json")):
        wrong: list[ListingError] = []
        assert read_named(file, wrong=wrong.append) == [Named(ArxivId("2602.00001"))]
        word = "item" if file.suffix == ".json" else "line"
        assert [str(error).partition(f", {word} ")[2].partition(" is not ")[0] for error in wrong] == ["2: 'none'", "3"]


def test_picks_may_come_through_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with ThreadPoolExecutor() as threads:
        threads.submit(pipe.write_text, '{"arxiv_id": "2602.00001"}\n{"arxiv_id": "2602.00002"}\n')
        assert read_named(pipe) == [Named(ArxivId("2602.00001")), Named(ArxivId("2602.00002"))]


def test_a_long_collection_may_stand_on_one_line(tmp_path: Path) -> None:
    items = [{"type": "paper", "id": f"2602.{number:05}", "note": "x" * 2_000} for number in range(1, 801)]
    file = tmp_path / "collection.json"
    file.write_text(json.dumps({"items": items}))
    assert file.stat().st_size > 1_500_000
    assert len(read_named(file)) == 800


def test_a_file_too_large_for_picks_is_not_taken_into_memory(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.jsonl.gz"
    with gzip.open(bomb, "wb") as stream:
        for _ in range(60):
            stream.write(b" " * 999_999 + b"\n")
    with pytest.raises(ListingError, match="has over 50,000,000 bytes: it is no list of picks"):
        read_named(bomb)


def test_an_empty_file_names_nobody(tmp_path: Path) -> None:
    assert read_named(_file(tmp_path)) == []


def test_lists_become_examples() -> None:
    day = date(2026, 2, 17)
    papers = [Paper(ArxivId(f"2602.0000{number}"), 1, "A Paper", "", (), ()) for number in range(4)]
    listed = [Listed(paper, day) for paper in [*papers, papers[0]]]
    picks = [Named(papers[1].arxiv_id), Named(ArxivId("2512.00009"), "Lost by the Feed"), Named(ArxivId("2512.00008"))]
    related = [Named(papers[1].arxiv_id), Named(papers[2].arxiv_id)]
    lost = Paper(ArxivId("2512.00009"), 1, "Lost by the Feed", "", (), ())
    assert list(from_lists(listed, picks=picks, related=related)) == [
        Example(papers[0], day),
        Example(papers[1], day, Label.PICK),
        Example(papers[2], day, Label.RELATED),
        Example(papers[3], day),
        Example(lost, date(2025, 12, 31), Label.PICK),
    ]


@pytest.mark.parametrize(
    ("listed_until", "until", "known"),
    [
        (date(2026, 2, 27), None, False),
        (date(2026, 3, 2), None, False),
        (date(2026, 3, 31), None, True),
        (date(2026, 8, 31), date(2026, 2, 28), False),
        (date(2026, 8, 31), date(2026, 3, 30), False),
        (date(2026, 8, 31), date(2026, 3, 31), True),
        (date(2026, 2, 27), date(2026, 8, 31), False),
    ],
)
def test_a_pick_that_may_have_been_announced_later_teaches_nothing(
    listed_until: date, until: date | None, known: bool
) -> None:
    other = Listed(Paper(ArxivId("2602.00001"), 1, "Another", "", (), ()), listed_until)
    lost, dated = Named(ArxivId("2602.00009"), "Lost"), Named(ArxivId("2602.00008"), "Dated", date(2026, 2, 27))
    found = from_lists([other], picks=[lost, dated], until=until)
    titles = [example.paper.title for example in found if example.label is Label.PICK]
    assert titles == (["Lost", "Dated"] if known else ["Dated"])


@pytest.mark.parametrize(
    ("arxiv_id", "day"),
    [("2402.00001", date(2024, 2, 29)), ("cs/9912001", date(1999, 12, 31)), ("cs/0001001", date(2000, 1, 31))],
)
def test_a_pick_without_a_day_was_announced_by_the_end_of_its_month(arxiv_id: str, day: date) -> None:
    (example,) = from_lists([], picks=[Named(ArxivId(arxiv_id), "A Paper")])
    assert example.day == day


def test_the_real_files_are_read_whole(shared_data: Path) -> None:
    listed = list(read_listings([shared_data / "arxiv" / "listings" / "2024-01.jsonl.gz"]))
    assert len(listed) == 2928
    assert len(read_named(shared_data / "picks" / "collection.jsonl")) == 68
    assert len(read_named(shared_data / "picks" / "related.jsonl")) == 141
