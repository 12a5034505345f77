"""Backtests: ranks and figures as promised, and no way to see a day before it is judged."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date

import pytest

import ranking_samples
from bot.domain.papers import ArxivId, Paper
from bot.ranking.backtest import BacktestError, Figures, Ranked, by_day, judge
from bot.ranking.examples import Example, Label, Listed

MONDAY, TUESDAY, WEDNESDAY = (date(2026, 2, number) for number in (16, 17, 18))


def _paper(number: int, title: str = "") -> Paper:
    return Paper(ArxivId(f"2602.{number:05}"), 1, title, "", (), ())


def _by_number(paper: Paper) -> float:
    return -float(paper.arxiv_id.value)


DAYS = {MONDAY: [_paper(3), _paper(1), _paper(2)], TUESDAY: [_paper(number) for number in range(11, 51)]}


def test_the_rank_of_each_chosen_paper_among_its_day() -> None:
    result = judge(DAYS, _by_number, picks=[_paper(2).arxiv_id], related=[_paper(50).arxiv_id, _paper(2).arxiv_id])
    assert result == (
        Ranked(_paper(2).arxiv_id, MONDAY, Label.PICK, 2, 3, -2602.00002),
        Ranked(_paper(50).arxiv_id, TUESDAY, Label.RELATED, 40, 40, -2602.0005),
    )


def test_figures_over_ranks() -> None:
    figures = Figures.of([1, 5, 6, 20, 21])
    assert figures is not None
    assert asdict(figures) == {
        "n": 5,
        "median_rank": 6.0,
        "recall_at_5": 0.4,
        "recall_at_10": 0.6,
        "recall_at_20": 0.8,
        "mrr": round((1 + 1 / 5 + 1 / 6 + 1 / 20 + 1 / 21) / 5, 4),
    }
    assert Figures.of([]) is None


def test_equal_scores_are_ordered_by_id_whatever_the_order_of_the_papers() -> None:
    turned = {day: papers[::-1] for day, papers in reversed(DAYS.items())}
    wanted = [_paper(3).arxiv_id, _paper(20).arxiv_id]
    result = judge(DAYS, lambda paper: 0.0, picks=wanted)
    assert [item.rank for item in result] == [3, 10]
    assert judge(turned, lambda paper: 0.0, picks=wanted) == result


def test_nothing_to_judge_is_an_error() -> None:
    with pytest.raises(BacktestError, match="no listed paper is a pick"):
        judge(DAYS, _by_number, picks=[_paper(99).arxiv_id])


@pytest.mark.parametrize(("until", "seen"), [(MONDAY, True), (TUESDAY, True), (date(2026, 2, 15), False)])
def test_weights_that_have_seen_a_day_are_not_judged_on_it(until: date, seen: bool) -> None:
    picks = [_paper(2).arxiv_id]
    if not seen:
        assert len(judge(DAYS, _by_number, picks=picks, trained_until=until)) == 1
        return
    with pytest.raises(BacktestError, match=f"trained until {until} and have seen 2026-02-16: judge later days"):
        judge(DAYS, _by_number, picks=picks, trained_until=until)


def test_only_days_with_a_chosen_paper_are_scored_and_reported() -> None:
    asked: list[Paper] = []
    reported: list[date] = []

    def score(paper: Paper) -> float:
        asked.append(paper)
        return 0.0

    judge(DAYS, score, picks=[_paper(1).arxiv_id], progress=reported.append)
    assert asked == DAYS[MONDAY]
    assert reported == [MONDAY]


def test_a_paper_stands_on_its_first_day_alone() -> None:
    listed = [
        Listed(_paper(2), WEDNESDAY),
        Listed(_paper(1), TUESDAY),
        Listed(_paper(1), MONDAY),
        Listed(_paper(3), TUESDAY),
    ]
    assert by_day(listed) == {MONDAY: [_paper(1)], TUESDAY: [_paper(3)], WEDNESDAY: [_paper(2)]}
    assert by_day(listed, first=TUESDAY, last=TUESDAY) == {TUESDAY: [_paper(3)]}


def test_a_backtest_of_trained_weights_cannot_see_the_future() -> None:
    pytest.importorskip("sklearn", reason="training needs scikit-learn: the extra named train")
    from bot.domain.channel_sections import Ranking
    from bot.ranking.ranker import Ranker
    from bot.ranking.training import train

    ranking = Ranking.model_validate({"words": {"steering": 1.0}})
    examples = list(ranking_samples.examples(10))
    until = ranking_samples.day(6)
    judged = by_day([Listed(example.paper, example.day) for example in examples if example.day > until])
    picks = [example.paper.arxiv_id for example in examples if example.label is Label.PICK]

    def figures(known: Sequence[Example]) -> tuple[Ranked, ...]:
        model = train(known, created=until, until=until, ranking=ranking)
        scorer = Ranker(ranking, model)
        return judge(judged, lambda paper: scorer.score(paper).log_odds, picks=picks, trained_until=model.trained_until)

    turned = [Example(item.paper, item.day, Label.REJECTED) if item.day > until else item for item in examples]
    words = [
        Example(ranking_samples.paper(kind, 9_000 + number), ranking_samples.day(8), label)
        for number, (kind, label) in enumerate([("circuits", Label.UNLABELLED), ("robots", Label.PICK)] * 30)
    ]
    assert figures([*turned, *words]) == figures(examples)
    assert [item.day for item in figures(examples)] == [ranking_samples.day(number) for number in (7, 8, 9)]
