"""The site in a real Chromium, and before two checkers: read, searched and worked by keys, with and without scripts."""

from typing import Any

import pytest

pytestmark = pytest.mark.timeout(300)  # the browser's run takes long where others work on the machine


def test_the_checkers_of_markup_and_accessibility_find_nothing(browsed: dict[str, Any]) -> None:
    assert browsed["markup"]["files"] > 20
    assert browsed["markup"]["found"] == []
    assert browsed["accessibility"] == []


def test_no_page_complains_or_asks_another_server(browsed: dict[str, Any]) -> None:
    assert browsed["complaints"] == []


def test_every_page_fits_a_phone_a_tablet_and_a_desk(browsed: dict[str, Any]) -> None:
    assert browsed["widths"] == []


def test_the_search_finds_titles_notes_names_ids_and_words_with_a_slip(browsed: dict[str, Any]) -> None:
    answers = browsed["search"]["answers"]
    assert answers["plural"]["status"] == "6 picks"
    assert answers["plural"]["marks"] == ["plural"]
    assert answers["jose muster"]["titles"] == ["An old paper"]
    assert answers["2412.00769"]["titles"][0] == "Reasoning 0: a circuit for “plural” nouns"
    assert answers["circiut"]["status"] == "No pick has all these words; 6 with similar ones:"
    assert answers["zebra"] == {"status": "No pick has all these words.", "titles": [], "marks": [], "focused": "find"}
    assert browsed["search"]["address"].endswith("search/?q=zebra")


def test_a_word_is_found_in_the_middle_of_writing_without_spaces(browsed: dict[str, Any]) -> None:
    answers = browsed["search"]["answers"]
    for words, marks in (("解释", ["解释"]), ("释性研究", ["释性研究"]), ("究", ["究"]), ("GPT模型", ["GPT", "模型"])):
        assert (answers[words]["titles"], answers[words]["marks"]) == (["GPT模型的可解释性研究"], marks)
    assert answers["알아"]["titles"] == ["GPT模型的可解释性研究"]
    assert answers["究大"]["titles"] == []


def test_hostile_words_are_text_in_the_search_too(browsed: dict[str, Any]) -> None:
    [title] = browsed["search"]["answers"]["<img src=x onerror=alert(1)>"]["titles"]
    assert title.startswith("<script>alert(1)</script> ]]>")


def test_keys_alone_lead_to_the_search_and_through_its_results(browsed: dict[str, Any]) -> None:
    found = browsed["keyboard"]
    assert found["first"] == "Skip to the content"
    first, second, back, field, again, escaped, last = found["steps"]
    assert (field, escaped) == ("find", "find")
    assert first == back == again == last != second
    assert found["arrived"].endswith(first.removeprefix(".."))


def test_the_theme_is_the_systems_until_somebody_chooses_and_then_stays(browsed: dict[str, Any]) -> None:
    dark, light = "rgb(23, 22, 19)", "rgb(252, 251, 247)"
    assert browsed["theme"]["seen"] == [dark, light, light, dark, dark]
    assert browsed["theme"]["names"] == ["Colours: light", "Colours: dark", "Colours: as the system has them"]


def test_without_scripts_all_can_be_read_and_the_search_says_where_to_go(browsed: dict[str, Any]) -> None:
    found = browsed["withoutScript"]
    assert "Circuits of attention heads" in found["shown"]
    assert not found["button"]
    assert "The search needs JavaScript. Without it, go by month, tag or author." in found["search"]


def test_a_site_opened_as_files_has_working_links_and_a_search(browsed: dict[str, Any]) -> None:
    found = browsed["asFiles"]
    assert found["pick"].endswith("/index.html")
    assert len(found["titles"]) == 6
    assert found["arrived"] in {f"24{12 - number:02}.0{number}769/index.html" for number in range(6)}


def test_paper_gets_the_note_and_no_navigation(browsed: dict[str, Any]) -> None:
    assert browsed["printed"] == {"navigation": False, "note": True}
