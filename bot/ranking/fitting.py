"""The numerical part of training: from labelled feature values to weights and a calibration.

The only module that imports scikit-learn and NumPy, and only ``training`` imports it, when it trains: both cost
hundreds of megabytes. Deterministic: the same rows give the same weights, to the last bit on one machine.

The text score is a logistic regression on word values that are scaled by how rare a word is and by how differently the
chosen papers use it (after Wang and Manning, https://aclanthology.org/P12-2018/). What the score, known authors and the
channel's words are worth together is fitted on days that were held back.
"""

from array import array
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression

from bot.ranking.hyperparameters import Belief, Evidence, Hyperparameters, Learned, NothingSharedError

Floats: TypeAlias = npt.NDArray[np.float64]
Flags: TypeAlias = npt.NDArray[np.bool_]
Numbers: TypeAlias = npt.NDArray[np.int64]
Values = Mapping[str, float]

_SMOOTHING: Final = 0.5
_CERTAINTY: Final = (1.0, 10.0, 10.0, 10.0, 50.0)  # of the coefficients in Belief: worth some tens of picks
_LEAST_SLOPE: Final = 0.05


@dataclass(frozen=True, slots=True)
class Table:
    """The values of all papers: one row a paper, one column a feature, the columns in the order of ``names``."""

    values: sparse.csr_matrix
    names: tuple[str, ...]
    papers_with: Numbers


@dataclass(frozen=True, slots=True)
class Fit:
    """Weights of the columns, before and after scaling, with what each row has added to them per unit of its value."""

    weights: Floats
    scale: Floats
    intercept: float
    pull: Floats


def tabulate(rows: Callable[[], Iterable[Values]], hyper: Hyperparameters) -> Table:
    """Put the papers' features into a table, without features that too few or too many papers have."""
    common = _common(rows, hyper)
    columns: dict[str, int] = {}
    starts, places, amounts = array("q", [0]), array("i"), array("f")
    for row in rows():
        for name, value in row.items():
            if hash(name) in common:
                places.append(columns.setdefault(name, len(columns)))
                amounts.append(value)
        starts.append(len(places))
    found = sparse.csr_matrix(
        (np.frombuffer(amounts, np.float32), np.frombuffer(places, np.int32), np.frombuffer(starts, np.int64)),
        shape=(len(starts) - 1, len(columns)),
    )
    names = sorted(columns)
    values = found[:, [columns[name] for name in names]].tocsr()  # columns by name: no order of papers shows in a sum
    values.sort_indices()
    return Table(values, tuple(names), np.bincount(values.indices, minlength=len(names)))


def _common(rows: Callable[[], Iterable[Values]], hyper: Hyperparameters) -> set[int]:
    """Return the hashes of the features that enough papers have: to count the names takes ten times the memory."""
    hashes = array("q")
    papers = 0
    for row in rows():
        papers += 1
        hashes.extend(map(hash, row))
    found, counts = np.unique(np.frombuffer(hashes, np.int64), return_counts=True)
    most = max(hyper.most_papers * papers, hyper.least_papers)
    kept: list[int] = found[(counts >= hyper.least_papers) & (counts <= most)].tolist()
    return set(kept)


def fit(table: Table, *, wanted: Flags, weights: Floats, hyper: Hyperparameters, rows: Flags | None = None) -> Fit:
    """Learn what tells the wanted rows from the others; only ``rows`` are looked at, all by default.

    ``weights`` say how much each row counts.
    """
    chosen = np.ones(len(wanted), dtype=bool) if rows is None else rows
    values, wanted, weights = table.values[chosen], wanted[chosen], weights[chosen]
    scale = _rarity(table, hyper) * _contrast(values, wanted=wanted, weights=weights, hyper=hyper)
    scaled = values.copy()
    scaled.data *= scale.astype(np.float32)[scaled.indices]
    size = np.sqrt(scaled.power(2).sum() / max(scaled.shape[0], 1)) or 1.0
    scaled.data /= np.float32(size)
    scale = scale / size
    model = LogisticRegression(C=hyper.strength, solver="liblinear", max_iter=500, random_state=0)
    model.fit(scaled, wanted, sample_weight=weights)
    log_odds = scaled @ model.coef_[0] + model.intercept_[0]
    pull = np.zeros(len(chosen))
    pull[chosen] = hyper.strength * weights * (wanted - _chance(log_odds))
    return Fit(model.coef_[0] * scale, scale, float(model.intercept_[0]), pull)


def _rarity(table: Table, hyper: Hyperparameters) -> Floats:
    papers = table.values.shape[0]
    rarity: Floats = (np.log((1 + papers) / (1 + table.papers_with)) + 1) ** hyper.rarity
    return rarity


def _contrast(values: sparse.csr_matrix, *, wanted: Flags, weights: Floats, hyper: Hyperparameters) -> Floats:
    """Return for each column how differently the wanted rows have it, in log-odds, about 1 in the mean."""
    present = values.copy()
    present.data = np.ones_like(present.data)
    ours, theirs = (_share(present, worth) for worth in (np.where(wanted, weights, 0.0), (~wanted).astype(float)))
    contrast = np.abs(np.log(ours / theirs))
    mean = np.sqrt(np.mean(contrast**2)) or 1.0
    result: Floats = hyper.contrast * contrast / mean + (1 - hyper.contrast)
    return result


def _share(present: sparse.csr_matrix, worth: Floats) -> Floats:
    """Return for each column how large a part of the papers has it, where the worthiest counts as one paper."""
    papers = worth / worth.max()
    share: Floats = (present.T @ papers + _SMOOTHING) / (papers.sum() + 2 * _SMOOTHING)
    return share


def learn(
    rows: Callable[[], Iterable[Values]],
    evidence: Evidence,
    *,
    hyper: Hyperparameters,
    belief: Belief,
    shares_kept: int,
) -> Learned:
    """Learn the weights, and calibrate them on scores that each paper got while its stretch of days was held back.

    ``rows`` is asked twice and gives one mapping of feature values a paper each time: keeping them all would take
    gigabytes. ``belief`` is how the parts add up as far as is known without these papers. Raises NothingSharedError.
    """
    table = tabulate(rows, hyper)
    if not table.names:
        raise NothingSharedError(
            f"there is nothing to learn from: no word stands in {hyper.least_papers} of the "
            f"{len(evidence.wanted):,} papers, and not in most of them; name more listings"
        )
    wanted, weights = np.array(evidence.wanted), np.array(evidence.weights, dtype=float)
    text = _held_back(table, wanted=wanted, weights=weights, hyper=hyper, blocks=np.array(evidence.blocks))
    seen = np.isfinite(text)
    usual = float(text[seen].mean()) if seen.any() else 0.0
    inputs = np.column_stack([np.ones(len(text)), evidence.base, text - usual, evidence.authors])[seen]
    points = np.array(evidence.words, dtype=float)[seen]
    bias, base, slope, authors, above = calibrate(inputs, wanted[seen], points=points, belief=belief)
    whole = fit(table, wanted=wanted, weights=weights, hyper=hyper)
    slope = max(slope, _LEAST_SLOPE)
    return Learned(
        weights=weightiest(table, slope * whole.weights, keep=hyper.kept),
        base=max(base, 0.0),
        bias=bias + slope * (whole.intercept - usual),
        authors=max(authors, 0.0),
        above=min(max(above, _LEAST_SLOPE), 1.0),
        shares=lambda row: shares(table, whole, row, slope=slope, keep=shares_kept),
    )


def _held_back(table: Table, *, wanted: Flags, weights: Floats, hyper: Hyperparameters, blocks: Numbers) -> Floats:
    """Return each row's text score by weights that have not seen its block, NaN where the others teach nothing."""
    scores = np.full(len(wanted), np.nan)
    for number in np.unique(blocks):
        block = blocks == number
        if (wanted & ~block).any() and (~wanted & ~block).any():
            part = fit(table, wanted=wanted, weights=weights, hyper=hyper, rows=~block)
            scores[block] = table.values[block] @ part.weights + part.intercept
    return scores


def calibrate(inputs: Floats, wanted: Flags, *, points: Floats, belief: Belief) -> list[float]:
    """Return the coefficients of the inputs' columns, and the bend above the knee, that fit the chosen papers best.

    ``inputs`` has the columns 1, text score by earlier weights, text score by new ones, and author value; ``points``
    are those of the channel's words. Few picks move the coefficients little away from the ``belief``.
    """
    believed = np.array([belief.bias, belief.base, belief.text, belief.authors, belief.above])
    certainty = np.array(_CERTAINTY)

    def loss(coefficients: Floats) -> tuple[float, Floats]:
        line = inputs @ coefficients[:-1] + belief.words * points
        beyond = np.maximum(line - belief.knee, 0)
        log_odds = np.minimum(line, belief.knee) + coefficients[-1] * beyond
        away = coefficients - believed
        missed = _chance(log_odds) - wanted
        fall = np.append((missed * np.where(beyond > 0, coefficients[-1], 1.0)) @ inputs, missed @ beyond)
        unlikely = np.logaddexp(0, np.where(wanted, -log_odds, log_odds)).sum()
        return float(unlikely + certainty @ away**2 / 2), fall + certainty * away

    found: list[float] = minimize(loss, believed, jac=True, method="BFGS").x.tolist()
    return found


def _chance(log_odds: Floats) -> Floats:
    chance: Floats = 1 / (1 + np.exp(-np.clip(log_odds, -500, 500)))
    return chance


def weightiest(table: Table, weights: Floats, *, keep: int) -> dict[str, float]:
    """Return the ``keep`` weights that move scores most, by name."""
    moves = np.abs(weights) * np.sqrt(table.papers_with)
    best = np.argsort(-moves, kind="stable")[:keep]
    return _rounded((table.names[column], weights[column]) for column in sorted(best))


def shares(table: Table, learned: Fit, row: int, *, slope: float, keep: int) -> dict[str, float]:
    """Return the ``keep`` largest amounts that one row has added to weights, each ``slope`` times."""
    start, end = table.values.indptr[row : row + 2]
    columns = table.values.indices[start:end]
    # At the optimum the weights are the sum of the rows, each times its pull.
    added = slope * learned.pull[row] * table.values.data[start:end] * learned.scale[columns] ** 2
    order = np.argsort(-np.abs(added), kind="stable")[:keep]
    return _rounded((table.names[columns[place]], added[place]) for place in order)


def _rounded(pairs: Iterable[tuple[str, float]]) -> dict[str, float]:
    rounded = ((name, round(float(weight), 3)) for name, weight in pairs)
    return {name: weight for name, weight in rounded if weight}
