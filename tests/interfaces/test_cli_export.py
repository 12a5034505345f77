"""``picks export`` and ``picks import``, as other programs use them."""

import json
from pathlib import Path

import pytest
from bibtexparser.entrypoint import parse_string as parse_bibtex

from sharing_place import Place, place


@pytest.fixture
def here(tmp_path: Path) -> Place:
    """Return a place with one published pick and one that waits."""
    found = place(tmp_path / "place")
    found.ok("approve", "2602.00001", "--note", "Worth <b>reading</b> & more.", "--now")
    found.ok("publish")
    return found


def test_what_was_published_is_exported_in_every_form(here: Place) -> None:
    [found] = json.loads(here.ok("export"))
    assert (found["arxiv_id"], found["note"]) == ("2602.00001", "Worth <b>reading</b> & more.")
    assert found["posts"][0]["platform"] == "console"
    assert json.loads(here.ok("export", "--format", "csl"))[0]["title"] == "Probing Models"
    [entry] = parse_bibtex(here.ok("export", "--format", "bibtex")).entries
    assert entry.fields_dict["note"].value == "Worth <b>reading</b> \\& more."
    assert "Worth \\<b\\>reading\\</b\\> \\& more." in here.ok("export", "--format", "markdown")
    assert here.json("export") == [found]


def test_a_file_of_json_lines_is_what_an_import_reads(here: Place, tmp_path: Path) -> None:
    said = here.json("export", "--format", "jsonl", "--out", "picks.jsonl")
    assert said == {"file": "picks.jsonl", "format": "jsonl", "picks": 1}
    other = place(tmp_path / "other")
    file = here.folder / "picks.jsonl"
    assert other.json("import", str(file))["new"] == 1
    assert other.ok("export", "--format", "jsonl") == file.read_text("utf-8")


def test_nothing_published_is_an_empty_export(tmp_path: Path) -> None:
    empty = place(tmp_path / "empty")
    assert json.loads(empty.ok("export")) == []
    assert empty.ok("export", "--format", "jsonl") == ""
    assert "0 picks as bibtex" in empty.ok("export", "--format", "bibtex", "--out", "picks.bib")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--format", "docx"), 2, "'docx' is not one of 'json', 'jsonl', 'bibtex', 'csl', 'markdown'"),
        (("--json", "--format", "csl"), 2, "leave one of them out, or give --out"),
        (("--out", "nowhere/picks.bib"), 1, "there is no folder nowhere"),
    ],
)
def test_a_mistake_is_said(here: Place, words: tuple[str, ...], code: int, said: str) -> None:
    done = here.run("export", *words)
    assert done.returncode == code
    assert said in " ".join(done.stderr.replace("│", " ").split())


def test_a_terminal_that_cannot_say_it_is_told_to_use_a_file(here: Place) -> None:
    here.ok("note", "2602.00002", "Größe")
    here.ok("approve", "2602.00002", "--now")
    here.ok("publish")
    done = here.run("export", PYTHONIOENCODING="ascii")
    assert done.returncode == 1
    assert "write a file: --out FILE" in done.stderr
