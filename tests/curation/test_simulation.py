"""A simulated curator: each day is judged before anything of it is learned."""

from collections.abc import Sequence
from datetime import date

from bot.curation.simulation import learn
from bot.domain.papers import ArxivId, Paper
from bot.ranking.examples import Example, Label

MONDAY, TUESDAY, WEDNESDAY = (date(2026, 2, number) for number in (16, 17, 18))


def _paper(number: int, title: str = "") -> Paper:
    return Paper(ArxivId(f"2602.{number:05}"), 1, title, "", (), ())


class _Curriculum:
    """A trainer that remembers what it was given, and likes the words of the titles it saw approved."""

    def __init__(self) -> None:
        self.seen: list[tuple[date, tuple[Example, ...]]] = []

    def __call__(self, examples: Sequence[Example], until: date) -> "_Likes":
        self.seen.append((until, tuple(examples)))
        return _Likes({example.paper.title for example in examples if example.label is Label.APPROVED})


class _Likes:
    def __init__(self, titles: set[str]) -> None:
        self._titles = titles

    def __call__(self, paper: Paper) -> float:
        return float(paper.title in self._titles)


def _course() -> tuple[dict[date, list[Paper]], list[ArxivId]]:
    days = {
        day: [_paper(10 * place + number, "good" if number == 9 else "dull") for number in range(10)]
        for place, day in enumerate((MONDAY, TUESDAY, WEDNESDAY))
    }
    return days, [_paper(10 * place + 9).arxiv_id for place in range(3)]


def test_the_learning_curve_judges_each_day_before_it_is_learned_from() -> None:
    days, picks = _course()
    trainer = _Curriculum()
    lessons = list(learn(days, trainer, lambda paper: 0.0, picks=picks, shown=2, least=2))
    assert [(lesson.day, lesson.picked, [item.rank for item in lesson.ranks]) for lesson in lessons] == [
        (MONDAY, 0, [10]),
        (TUESDAY, 1, [10]),  # a single pick cannot be learned from: there is none to hold back
        (WEDNESDAY, 2, [1]),
    ]
    assert [until for until, _ in trainer.seen] == [TUESDAY, WEDNESDAY]
    assert all(example.day <= until for until, examples in trainer.seen for example in examples)


def test_the_curator_rejects_what_was_shown_and_says_nothing_of_the_rest() -> None:
    days, picks = _course()
    trainer = _Curriculum()
    list(learn(days, trainer, lambda paper: 0.0, picks=picks, shown=2, least=2))
    _, examples = trainer.seen[0]
    labels = {example.paper.arxiv_id.value[-1]: example.label for example in examples}
    assert labels == {
        "0": Label.REJECTED,
        "1": Label.REJECTED,
        "9": Label.APPROVED,
        **dict.fromkeys("2345678", Label.UNLABELLED),
    }


def test_the_future_of_a_learning_curve_changes_nothing_before_it() -> None:
    days, picks = _course()
    before = list(learn(days, _Curriculum(), lambda paper: 0.0, picks=picks, least=2))[:2]
    days[WEDNESDAY] = [_paper(70 + number, "good") for number in range(9)]
    poisoned = [*picks, *(paper.arxiv_id for paper in days[WEDNESDAY])]
    assert list(learn(days, _Curriculum(), lambda paper: 0.0, picks=poisoned, least=2))[:2] == before


def test_a_few_picks_are_waited_for_as_in_a_real_channel() -> None:
    days, picks = _course()
    trainer = _Curriculum()
    list(learn(days, trainer, lambda paper: 0.0, picks=picks))
    assert trainer.seen == []
