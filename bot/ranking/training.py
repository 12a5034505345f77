"""Learn a channel's weights from papers and what became of them, with scikit-learn's own parts.

The only module that imports scikit-learn and NumPy: both cost hundreds of megabytes, so it runs in a process of its own
(``training_process``). Deterministic: the same examples give the same weights, to the last bit on one machine. What
was tried, and why these parts stayed, stands in docs/ranking.md.
"""

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from heapq import nlargest, nsmallest
from operator import itemgetter
from typing import Final, TypeAlias
from zlib import crc32

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict

from bot.domain.channel_sections import Ranking
from bot.ranking.examples import Example, Label, TrainingError
from bot.ranking.features import author_keys, history, levelled, terms
from bot.ranking.keywords import WordRanker
from bot.ranking.model import Calibration, Counts, Decided, Model
from bot.ranking.ranker import Ranker

Floats: TypeAlias = npt.NDArray[np.float64]

TERMS: Final = 14_000
"""The most frequent terms have weights; more of them made no difference and a larger file."""

BACKGROUND: Final = 16_000
"""So many papers that nobody named stand for all others, always the same ones: memory and time stay bounded."""

DOUBT: Final = 50
"""With so many decisions of its own a channel's curators count as much as the weights that it began with."""

_WORTH: Final = {
    Label.PICK: 1.0,
    Label.APPROVED: 1.0,
    Label.RELATED: 0.5,
    Label.REJECTED: 1.0,
    Label.EXPIRED: 0.1,
    Label.UNLABELLED: 0.0,
}
_REASONED: Final = 1.5  # a rejection whose reason the curator took the time to give
_STRENGTH: Final = 10.0  # how far the weights may follow the examples: C of LogisticRegression
_FOLDS: Final = 5
_LEAST: Final = 2  # examples of a kind: one is learned from while the other is held back
_DECIDED: Final = (Label.APPROVED, Label.REJECTED)
_AUTHORS: Final = 1_000  # those with the most chosen papers, of equals the new ones
_CHOSEN: Final = 800
_DECISIONS: Final = 30  # the newest ones, which reasons can name
_SHARES: Final = 15
_LONGEST_TITLE: Final = 300


@dataclass(frozen=True, slots=True)
class _Known:
    """The examples to learn from, by day and id, of all ``papers`` that are known."""

    examples: Sequence[Example]
    papers: int
    until: date

    @property
    def wanted(self) -> npt.NDArray[np.bool_]:
        return np.array([example.label.wanted for example in self.examples], dtype=bool)

    @property
    def unlabelled(self) -> npt.NDArray[np.bool_]:
        return np.array([example.label is Label.UNLABELLED for example in self.examples], dtype=bool)

    @property
    def labels(self) -> Counter[Label]:
        found = Counter(example.label for example in self.examples)
        found[Label.UNLABELLED] += self.papers - len(self.examples)
        return found


def train(
    examples: Iterable[Example],
    *,
    created: date | None = None,
    until: date | None = None,
    ranking: Ranking | None = None,
    base: Model | None = None,
) -> Model:
    """Learn weights from what was known at the end of the day ``until``; the same examples give the same model.

    1. Take all papers that somebody chose or turned down, and some of the others.
    2. Read their texts as tf-idf values, by the terms of the ``base`` if it has any.
    3. Fit a logistic regression: what tells the chosen papers from the others?
    4. Fit a second one on its answers for papers that were held back, beside the channel's words, the authors' history
       and what the base says: what is each worth? Its answer is a probability.
    5. Mix that with the base: the more decisions there are, the less does the base count.

    ``created`` is the date to write into the weights, the last known day by default. ``ranking`` is the channel's own,
    so that its words are weighed against what is learned. Raises TrainingError when there is nothing to learn from, or
    when the base has seen days after ``until``.
    """
    old = base or _NOTHING
    known = _known(examples, until, old)
    _require(known, until, old)
    vectorizer, values = _read(known, old)
    worth = _worth(known.examples)
    text = LogisticRegression(C=_STRENGTH, max_iter=1000)
    folds = min(_FOLDS, int(known.wanted.sum()))
    answers = cross_val_predict(
        text, values, known.wanted, cv=folds, method="decision_function", params={"sample_weight": worth}
    )
    text.fit(values, known.wanted, sample_weight=worth)
    histories, authorship = _histories(known.examples, old)
    second = _weighed(_beside(answers, known, histories, ranking, base), known)
    slope, words, authors, earlier = second.coef_[0].tolist()
    share = _share(known) if base else 1.0
    kept = share * earlier + (1.0 - share)  # of the base's own log-odds
    names = vectorizer.get_feature_names_out()
    coefficients = share * slope * text.coef_[0] + kept * np.array(old.coefficients or 0.0)
    bias = share * (second.intercept_[0] + slope * text.intercept_[0]) + kept * old.calibration.bias
    pull = share * slope * _STRENGTH * worth * (known.wanted - text.predict_proba(values)[:, 1])
    return Model(
        created=created or known.until,
        trained_until=max(known.until, old.trained_until),
        data=_counts(known.labels, old.data),
        calibration=Calibration(
            bias=round(float(bias), 7),
            words=round(share * words + kept * old.calibration.words, 7),
            authors=round(share * authors + kept * old.calibration.authors, 7),
        ),
        vocabulary=tuple(names.tolist()),
        idf=tuple(np.round(vectorizer.idf_, 6).tolist()),
        coefficients=tuple(np.round(coefficients, 6).tolist()),
        authors=dict(sorted(nlargest(_AUTHORS, reversed(authorship.items()), key=itemgetter(1)))),
        chosen=(*old.chosen, *(str(item.paper.arxiv_id) for item in known.examples if item.label.wanted))[-_CHOSEN:],
        decisions=tuple(_decisions(known.examples, values, pull, names)),
    )


_NOTHING: Final = Model(
    created=date.min, trained_until=date.min, data=Counts(), calibration=Calibration(bias=0.0, words=0.0, authors=0.0)
)


def _known(examples: Iterable[Example], until: date | None, old: Model) -> _Known:
    """Return what was known then: every example with a label, and of the others those with the least hashes.

    What the base has learned already as chosen is left out: it would count twice. A decision about it counts.
    """
    labelled: list[Example] = []
    learned = frozenset(old.chosen)
    count, last = 0, date.min

    def others() -> Iterator[Example]:
        nonlocal count, last
        for given in examples:
            if example := given.as_of(until):
                last = max(last, example.day)
                if str(example.paper.arxiv_id) in learned and example.label not in _DECIDED:
                    continue
                count += 1
                if example.label is not Label.UNLABELLED:
                    labelled.append(example)
                else:
                    yield example

    background = nsmallest(BACKGROUND, others(), key=lambda example: crc32(str(example.paper.arxiv_id).encode()))
    known = sorted([*labelled, *background], key=lambda example: (example.day, example.paper.arxiv_id))
    return _Known(known, count, until or last)


def _require(known: _Known, until: date | None, old: Model) -> None:
    """Raise TrainingError when nothing can be learned from the examples."""
    if until and old.trained_until > until:
        raise TrainingError(f"the earlier weights have seen days up to {old.trained_until}, after --until {until}")
    when = f" up to {until}" if until else ""
    for rows, what, source in (
        (known.wanted, "that is a pick or related", "name picks of these days"),
        (~known.wanted, "that nobody chose", "they come with picks fetch or --listings"),
    ):
        if (count := int(rows.sum())) < _LEAST:
            few = "only one paper" if count else "no paper"
            raise TrainingError(
                f"there is nothing to learn from: {known.papers:,} known{when} and {few} {what}; {source}"
            )


def _read(known: _Known, old: Model) -> tuple[TfidfVectorizer, sparse.csr_matrix]:
    """Return the papers' tf-idf values, a row a paper, with what made them."""
    papers = [example.paper for example in known.examples]
    given = old.vocabulary or None
    vectorizer = TfidfVectorizer(
        analyzer=terms, vocabulary=given, min_df=3, max_df=0.5, max_features=TERMS, sublinear_tf=True
    )
    if given:
        vectorizer.idf_ = np.array(old.idf)
        return vectorizer, vectorizer.transform(papers)
    try:
        return vectorizer, vectorizer.fit_transform(papers)
    except ValueError as error:
        raise TrainingError(
            f"there is nothing to learn from: no word stands in 3 of the {len(papers):,} papers, and not in most of "
            "them; name more listings"
        ) from error


def _worth(examples: Sequence[Example]) -> Floats:
    """Return how much each example counts.

    The chosen papers together weigh as much as all others; what a curator turned down weighs at most as much again,
    however often that happened.
    """
    worth = np.array([_WORTH[example.label] * (_REASONED if example.reason else 1.0) for example in examples])
    wanted = np.array([example.label.wanted for example in examples])
    chosen, turned_down, others = worth[wanted].sum(), worth[~wanted].sum(), (~wanted).sum()
    refused = 1.0 + worth * others / max(chosen, turned_down)
    result: Floats = np.where(wanted, worth * others / chosen, refused)
    return result


def _beside(
    answers: Floats, known: _Known, histories: Sequence[float], ranking: Ranking | None, base: Model | None
) -> Floats:
    """Return a row a paper: the text's answer, the channel's points, the authors' history, and what the base says."""
    papers = [example.paper for example in known.examples]
    points = WordRanker(ranking).points if ranking else lambda _: 0.0
    earlier: Callable[..., float] = Ranker(ranking or Ranking.model_construct(), base).total if base else lambda _: 0.0
    return np.column_stack(
        (
            answers,
            [levelled(points(paper)) for paper in papers],
            [levelled(value) for value in histories],
            [earlier(paper) for paper in papers],
        )
    )


def _weighed(columns: Floats, known: _Known) -> LogisticRegression:
    """Fit what each column is worth; one that would count against a paper is left out, and the others fitted again.

    The papers that nobody named stand for all of their kind.
    """
    background = known.labels[Label.UNLABELLED] / max(known.unlabelled.sum(), 1)
    stands_for = np.where(known.unlabelled, background, 1.0)
    while True:
        fitted = LogisticRegression(max_iter=1000).fit(columns, known.wanted, sample_weight=stands_for)
        against = fitted.coef_[0] < 0
        if not against.any():
            return fitted
        columns = np.where(against, 0.0, columns)


def _histories(examples: Sequence[Example], old: Model) -> tuple[list[float], dict[str, float]]:
    """Return each paper's author history as it was on its day, and how many chosen papers each author has in the end.

    On its day means: by papers that were chosen on earlier days.
    """
    chosen = deque(sorted((item for item in examples if item.label.wanted), key=lambda item: item.known_since))
    found, known = list[float](), dict(old.authors)
    for example in examples:
        while chosen and chosen[0].known_since < example.day:
            _credit(known, chosen.popleft())
        found.append(history(example.paper.authors, known))
    for example in chosen:
        _credit(known, example)
    return found, known


def _credit(known: dict[str, float], example: Example) -> None:
    for key in author_keys(example.paper.authors):
        known[key] = known.get(key, 0.0) + _WORTH[example.label]


def _share(known: _Known) -> float:
    """Return how much the channel's own decisions count beside the base, from 0 to 1."""
    labels = known.labels
    decided = labels[Label.PICK] + labels[Label.APPROVED] + labels[Label.RELATED] + labels[Label.REJECTED]
    return decided / (decided + DOUBT)


def _counts(labels: Counter[Label], earlier: Counts) -> Counts:
    before = earlier.model_dump()
    return Counts(**{label.value: labels[label] + before[label.value] for label in Label})


def _decisions(
    examples: Sequence[Example], values: sparse.csr_matrix, pull: Floats, names: Sequence[str]
) -> Iterator[Decided]:
    """Yield the newest decisions of curators with what they added to the coefficients.

    At its optimum a logistic regression's coefficients are the sum of its rows, each times its pull.
    """
    rows = [row for row, example in enumerate(examples) if example.label in {Label.APPROVED, Label.REJECTED}]
    rows.sort(key=lambda row: (examples[row].known_since, examples[row].paper.arxiv_id), reverse=True)
    for row in rows[:_DECISIONS]:
        example, added = examples[row], (values[row] * pull[row]).tocoo()
        largest = sorted(zip(added.data.tolist(), added.col.tolist(), strict=True), key=lambda item: -abs(item[0]))
        yield Decided(
            arxiv_id=str(example.paper.arxiv_id),
            title=example.paper.title[:_LONGEST_TITLE],
            verdict="approved" if example.label is Label.APPROVED else "rejected",
            shares={names[column]: round(share, 3) for share, column in largest[:_SHARES] if round(share, 3)},
        )
