"""Train a channel's weights from papers and what became of them.

This module owns what each kind of example counts and what the weights may know: nothing of days after ``until``. The
numbers are worked out in ``fitting``, which is imported when training begins and not before; ``training_process`` runs
it in a process of its own, because scikit-learn never gives its memory back.
"""

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from types import ModuleType
from typing import Final

from bot.domain.channels import Ranking
from bot.domain.errors import PermanentError
from bot.ranking.examples import Example, Label
from bot.ranking.features import author_keys, author_value, features
from bot.ranking.hyperparameters import Belief, Evidence, Hyperparameters, Learned
from bot.ranking.keywords import WordRanker
from bot.ranking.model import Calibration, Counts, Decided, Model


class TrainingError(PermanentError):
    """There is nothing to learn from, or nothing to learn with."""


HYPERPARAMETERS: Final = Hyperparameters()

# How the parts add up in a channel of which little is known: what the data of interpretability gave. One point of the
# channel's words is always worth the same: the curator sets them and must be able to foresee what they do.
_BELIEF: Final = Belief(bias=-8.5, base=0.0, text=1.8, authors=1.5, words=0.25, knee=-3.0, above=0.4)
_TEXT_BESIDE_BASE: Final = 0.5  # what new weights count beside earlier ones until held-back days say more
_DECISIONS: Final = 40  # the newest ones, which reasons can name
_SHARES: Final = 25
_LONGEST_TITLE: Final = 300


def train(
    examples: Iterable[Example],
    *,
    created: date,
    until: date | None = None,
    ranking: Ranking | None = None,
    base: Model | None = None,
    hyper: Hyperparameters = HYPERPARAMETERS,
) -> Model:
    """Learn weights from what was known at the end of the day ``until``; the same examples give the same model.

    ``ranking`` is the channel's own, so that its words are weighed against what is learned. ``base`` are earlier
    weights, from other papers, that the new ones are added to: how much of each is worth is found on held-back days.
    Raises TrainingError when no example was chosen by anybody, when none was passed over, when the base has seen days
    after ``until``, or when scikit-learn is missing.
    """
    known = sorted(
        (example for given in examples if (example := given.as_of(until))),
        key=lambda example: (example.day, example.paper.arxiv_id),
    )
    if not any(example.label.wanted for example in known) or all(example.label.wanted for example in known):
        raise TrainingError(_too_little(known, until))
    if base and until and base.trained_until > until:
        raise TrainingError(f"the earlier weights have seen days up to {base.trained_until}, after --until {until}")
    today = until or known[-1].day
    learned = _learn(known, today, WordRanker(ranking) if ranking else None, base, hyper)
    labels = Counter(example.label for example in known)
    return Model(
        created=created,
        trained_until=max(today, base.trained_until) if base else today,
        data=_counts(labels, base),
        calibration=Calibration(
            bias=round(learned.bias, 4),
            authors=round(learned.authors, 4),
            words=_BELIEF.words,
            knee=_BELIEF.knee,
            above=round(learned.above, 4),
            papers=len(known),
            positives=sum(example.label.wanted for example in known),
        ),
        weights=_merged(learned, base, hyper),
        authors={key: round(value, 2) for key, value in sorted(_known_authors(known, base, hyper).items())},
        decisions=tuple(_decided(known, learned)),
    )


def _learn(
    known: Sequence[Example],
    today: date,
    channel: WordRanker | None,
    base: Model | None,
    hyper: Hyperparameters,
) -> Learned:
    """Put together what is known of each paper besides its text, and have ``fitting`` learn from both."""
    evidence = Evidence(
        wanted=[example.label.wanted for example in known],
        weights=_weights(known, today, hyper),
        base=_base_scores(known, base),
        authors=_author_values(known, base, hyper),
        words=[channel.points(example.paper) if channel else 0.0 for example in known],
        blocks=_blocks(known, hyper.blocks),
    )
    learned: Learned = _fitting().learn(
        lambda: (features(example.paper) for example in known),
        evidence,
        hyper=hyper,
        belief=_belief(base),
        shares_kept=_SHARES,
    )
    return learned


def _belief(base: Model | None) -> Belief:
    if base is None:
        return _BELIEF
    known = base.calibration
    return replace(_BELIEF, bias=known.bias, base=1.0, text=_TEXT_BESIDE_BASE, authors=known.authors, above=known.above)


def _base_scores(known: Sequence[Example], base: Model | None) -> list[float]:
    """Return the text scores by earlier weights."""
    if base is None:
        return [0.0] * len(known)
    found = (features(example.paper, base.vocabulary) for example in known)
    return [math.fsum(value * base.weights[name] for name, value in values.items()) for values in found]


def _merged(learned: Learned, base: Model | None, hyper: Hyperparameters) -> dict[str, float]:
    """Return new and earlier weights as one set, the largest of them."""
    if base is None:
        return learned.weights
    merged = dict(learned.weights)
    for name, weight in base.weights.items():
        merged[name] = round(merged.get(name, 0.0) + learned.base * weight, 3)
    largest = sorted(merged, key=lambda name: (-abs(merged[name]), name))[: hyper.kept]
    return {name: merged[name] for name in sorted(largest) if merged[name]}


def _counts(labels: Mapping[Label, int], base: Model | None) -> Counts:
    earlier = base.data.model_dump() if base else {}
    return Counts(**{label.value: labels[label] + earlier.get(label.value, 0) for label in Label})


def _too_little(known: Sequence[Example], until: date | None) -> str:
    when = f" up to {until}" if until else ""
    all_chosen = bool(known) and known[0].label.wanted
    missing = "that nobody chose" if all_chosen else "that is a pick or related"
    source = "they come with picks fetch or --listings" if all_chosen else "name picks of these days"
    return f"there is nothing to learn from: {len(known):,} known{when} and no paper {missing}; {source}"


def _fitting() -> ModuleType:
    try:
        from bot.ranking import fitting
    except ImportError as error:
        raise TrainingError(
            f"training needs scikit-learn, and {error.name} is not installed: pip install scikit-learn"
        ) from error
    return fitting


def _weights(known: Sequence[Example], today: date, hyper: Hyperparameters) -> list[float]:
    """Return how much each example counts.

    The chosen papers together weigh as much as all those that nobody chose; the newest of them count most. What a
    curator turned down weighs at most as much again, however often that happened.
    """
    plain = sum(example.label is Label.UNLABELLED for example in known)
    worth = [_worth(example, hyper) * _freshness(example, today, hyper) for example in known]
    chosen = sum(value for example, value in zip(known, worth, strict=True) if example.label.wanted)
    turned_down = sum(value for example, value in zip(known, worth, strict=True) if _turned_down(example))
    per_pick = max(plain, 1) / chosen
    per_refusal = per_pick * min(1.0, chosen / turned_down) if turned_down else 0.0
    return [
        value * per_pick if example.label.wanted else 1.0 + value * per_refusal
        for example, value in zip(known, worth, strict=True)
    ]


def _worth(example: Example, hyper: Hyperparameters) -> float:
    match example.label:
        case Label.PICK | Label.APPROVED:
            return 1.0
        case Label.RELATED:
            return hyper.related
        case Label.REJECTED:
            return hyper.rejected * (hyper.reasoned if example.reason else 1.0)
        case Label.EXPIRED:
            return hyper.expired
        case Label.UNLABELLED:
            return 0.0


def _turned_down(example: Example) -> bool:
    return example.label in {Label.REJECTED, Label.EXPIRED}


def _freshness(example: Example, today: date, hyper: Hyperparameters) -> float:
    age = max((today - example.known_since).days, 0)
    return max(float(0.5 ** (age / hyper.half_life)), hyper.least_fresh)


def _known_authors(chosen: Iterable[Example], base: Model | None, hyper: Hyperparameters) -> dict[str, float]:
    """Return how much each author of chosen papers counts."""
    known = dict(base.authors) if base else {}
    for example in chosen:
        _make_known(known, example, hyper)
    return known


def _make_known(known: dict[str, float], example: Example, hyper: Hyperparameters) -> None:
    if example.label.wanted:
        worth = hyper.related_author if example.label is Label.RELATED else 1.0
        for key in author_keys(example.paper.authors):
            known[key] = min(known.get(key, 0.0) + worth, hyper.most_author)


def _author_values(known: Sequence[Example], base: Model | None, hyper: Hyperparameters) -> list[float]:
    """Return each paper's author value as it was on its day, by papers chosen on earlier days alone."""
    chosen = sorted((example for example in known if example.label.wanted), key=lambda example: example.known_since)
    earlier = dict(base.authors) if base else {}
    values, place = [], 0
    for example in known:
        while place < len(chosen) and chosen[place].known_since < example.day:
            _make_known(earlier, chosen[place], hyper)
            place += 1
        values.append(author_value(example.paper.authors, earlier))
    return values


def _blocks(known: Sequence[Example], count: int) -> list[int]:
    """Return numbers for the stretches of days, each with about as many chosen papers, that are held back in turn."""
    chosen = sorted({example.day for example in known if example.label.wanted})
    ends = [chosen[len(chosen) * number // count] for number in range(1, count)]
    return [bisect_right(ends, example.day) for example in known]


def _decided(known: Sequence[Example], learned: Learned) -> Iterator[Decided]:
    """Yield the newest decisions of curators with what they added to the weights."""
    rows = [row for row, example in enumerate(known) if example.label in {Label.APPROVED, Label.REJECTED}]
    rows.sort(key=lambda row: (known[row].known_since, known[row].paper.arxiv_id), reverse=True)
    for row in rows[:_DECISIONS]:
        example = known[row]
        yield Decided(
            arxiv_id=str(example.paper.arxiv_id),
            title=example.paper.title[:_LONGEST_TITLE],
            verdict="approved" if example.label is Label.APPROVED else "rejected",
            shares={name: share for name, share in learned.shares(row).items() if name in learned.weights},
        )
