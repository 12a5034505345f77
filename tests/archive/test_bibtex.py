"""BibTeX, read by two independent parsers: what goes in comes out."""

from typing import Any

import pytest
from bibtexparser.entrypoint import parse_string as parse_bibtex
from bibtexparser.middlewares import LatexDecodingMiddleware, NormalizeFieldKeys
from hypothesis import given, settings
from hypothesis import strategies as st
from pybtex.database import parse_string

from archive_entries import HOSTILE, entry
from bot.archive.bibtex import bibtex, bibtex_file, bibtex_key, escaped
from bot.archive.words import line


def by_bibtexparser(text: str) -> dict[str, Any]:
    library = parse_bibtex(text, append_middleware=[NormalizeFieldKeys(), LatexDecodingMiddleware()])
    assert library.failed_blocks == []
    assert library.comments == []
    [found] = library.entries
    return {field.key: field.value for field in found.fields}


def by_pybtex(text: str) -> Any:
    [found] = parse_string(text, "bibtex").entries.values()
    return found


def plain(text: str) -> str:
    """Return what TeX prints, as pybtex's codec reads it."""
    for name, mark in (("textbraceleft", "\ue000"), ("textbraceright", "\ue001"), ("textbackslash", "\ue002")):
        text = text.replace(f"\\{name}{{}}", mark)
    for name, mark in (("textasciitilde", "~"), ("textasciicircum", "^")):
        text = text.replace(f"\\{name}{{}}", mark)
    text = text.replace("\\{", "\ue000").replace("\\}", "\ue001")
    for mark in "&%$#_":
        text = text.replace(f"\\{mark}", mark)
    assert "\\" not in text
    return text.replace("{", "").replace("}", "").replace("\ue000", "{").replace("\ue001", "}").replace("\ue002", "\\")


def test_an_entry_says_where_the_paper_is_and_what_the_curator_wrote() -> None:
    assert bibtex(entry()) == (
        "@misc{muller-2412.06769,\n"
        "  title = {{Training Models to Reason}},\n"
        "  author = {Müller, Ana and van Beethoven, Ludwig},\n"
        "  year = {2024},\n"
        "  month = {12},\n"
        "  eprint = {2412.06769},\n"
        "  archivePrefix = {arXiv},\n"
        "  primaryClass = {cs.CL},\n"
        "  url = {https://arxiv.org/abs/2412.06769},\n"
        "  keywords = {reasoning, cs.CL, cs.LG},\n"
        "  note = {Worth reading.},\n"
        "}\n"
    )


def test_both_parsers_read_the_same_names_with_accents_particles_teams_and_other_scripts() -> None:
    names = (
        "Étienne d'Alembert",
        "Ludwig van Beethoven",
        "John Smith Jr.",
        "Gemma Team",
        "李伟",
        "Łukasz Żółć",
        "A. & B.",
    )
    text = bibtex(entry(authors=names))
    fields = by_bibtexparser(text)
    assert fields["author"].split(" and ") == [
        "d'Alembert, Étienne",
        "van Beethoven, Ludwig",
        "Smith, Jr., John",
        "Gemma Team",
        "李伟",
        "Żółć, Łukasz",
        "A. & B.",
    ]
    persons = by_pybtex(text).persons["author"]
    assert len(persons) == len(names)
    assert (persons[1].prelast_names, persons[1].last_names, persons[1].first_names) == (
        ["van"],
        ["Beethoven"],
        ["Ludwig"],
    )
    assert persons[2].lineage_names == ["Jr."]
    assert persons[3].last_names == ["{Gemma Team}"]
    assert (persons[5].last_names, persons[5].first_names) == (["Żółć"], ["Łukasz"])


def test_a_title_keeps_its_capitals_and_its_marks() -> None:
    title = "GPT-4 & {LLaMA}: 100% of $x_1$ ~ a^b #1 <b> C:\\x"
    text = bibtex(entry(title=title))
    assert plain(by_pybtex(text).fields["title"]) == title
    assert by_bibtexparser(text)["title"].strip("{}").startswith("GPT-4 & {LLaMA}: 100% of $x_1$")
    assert "title = {{" in text


def test_hostile_words_end_no_field_and_begin_no_entry() -> None:
    text = bibtex(entry(title=HOSTILE, authors=(HOSTILE, "Ana M"), note=f"{HOSTILE}\n@misc{{b, title={{x}}}}\n"))
    assert set(by_bibtexparser(text)) == {
        "title",
        "author",
        "year",
        "month",
        "eprint",
        "archiveprefix",
        "primaryclass",
        "url",
        "keywords",
        "note",
    }
    found = by_pybtex(text)
    assert plain(found.fields["title"]) == HOSTILE
    assert plain(found.fields["note"]) == f"{HOSTILE} @misc{{b, title={{x}}}}"
    assert len(found.persons["author"]) == 2


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=40).map(line), st.text(max_size=40).map(line))
def test_whatever_a_title_or_a_note_is_it_comes_out_again(title: str, note: str) -> None:
    text = bibtex(entry(title=title, note=note))
    found = by_pybtex(text)
    assert plain(found.fields.get("title", "")) == " ".join(title.split())
    assert plain(found.fields.get("note", "")) == " ".join(note.split())
    by_bibtexparser(text)


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({}, "muller-2412.06769"),
        ({"authors": ("Ludwig van Beethoven",)}, "beethoven-2412.06769"),
        ({"authors": ("Gemma Team",)}, "gemmateam-2412.06769"),
        ({"authors": ("李伟",)}, "arxiv-2412.06769"),
        ({"authors": ()}, "arxiv-2412.06769"),
        ({"arxiv_id": "cs/0301001"}, "muller-cs-0301001"),
    ],
)
def test_a_key_is_plain_and_its_own(changes: dict[str, Any], key: str) -> None:
    assert bibtex_key(entry(**changes)) == key


def test_without_a_day_the_id_says_when_it_came_out() -> None:
    fields = by_bibtexparser(bibtex(entry("cs/9912017", announced=None)))
    assert (fields["year"], fields["month"]) == ("1999", "12")


def test_several_entries_are_one_file() -> None:
    library = parse_bibtex(bibtex_file([entry(), entry("2412.00001"), entry("2412.00002")]))
    assert len(library.entries) == 3
    assert library.failed_blocks == []
    assert bibtex_file([]) == ""


def test_nothing_that_tex_obeys_is_left() -> None:
    assert escaped("a\\b{c}d&e%f$g#h_i~j^k") == (
        "a\\textbackslash{}b\\{c\\}d\\&e\\%f\\$g\\#h\\_i\\textasciitilde{}j\\textasciicircum{}k"
    )


@pytest.mark.parametrize("text", ["a } b", "{ a", "} {", "{{}"])
def test_braces_without_partners_are_named_because_bibtex_counts_them(text: str) -> None:
    assert escaped(text).count("{") == escaped(text).count("}")
    assert "\\{" not in escaped(text)
    assert plain(by_pybtex(bibtex(entry(title=text))).fields["title"]) == text
