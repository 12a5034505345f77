"""A queue is not ten papers of one group."""

from bot.domain.papers import ArxivId, Paper
from bot.intake.queue import varied


def _paper(number: int, *authors: str) -> Paper:
    return Paper(ArxivId(f"2602.{number:05}"), 1, "A Paper", "", authors, ("cs.CL",))


def _numbers(ranked: list[Paper], *, most: int) -> list[int]:
    return [int(paper.arxiv_id.value.partition(".")[2]) for paper in varied(ranked, most=most)]


def test_of_a_group_the_best_few_are_offered() -> None:
    group = [_paper(number, "A. One", f"Student {number}") for number in range(1, 6)]
    assert _numbers([*group, _paper(9, "C. Three")], most=3) == [1, 2, 3, 9]


def test_a_person_is_known_whatever_the_accents_and_place_in_the_list() -> None:
    assert _numbers([_paper(1, "J. Müster"), _paper(2, "A. One", "J. MUSTER")], most=1) == [1]


def test_a_paper_that_is_passed_over_does_not_count_for_its_other_authors() -> None:
    ranked = [_paper(1, "A. One"), _paper(2, "A. One", "B. Two"), _paper(3, "B. Two")]
    assert _numbers(ranked, most=1) == [1, 3]


def test_papers_without_authors_are_all_offered() -> None:
    assert _numbers([_paper(1), _paper(2)], most=1) == [1, 2]
