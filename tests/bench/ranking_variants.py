"""What the ranker is compared with, and itself without a part: what each learns from the days that it may know."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from bot.domain.channels import Ranking, load_channel
from bot.domain.papers import ArxivId, Paper
from bot.ranking.backtest import Scorer
from bot.ranking.examples import Example, Label, from_lists
from bot.ranking.hyperparameters import Hyperparameters
from bot.ranking.keywords import WordRanker
from bot.ranking.listings import Listed, read_listings, read_named
from bot.ranking.model import Model
from bot.ranking.ranker import Ranker
from bot.ranking.training import HYPERPARAMETERS, train

ROOT: Final = Path(__file__).resolve().parents[2]
LAST: Final = date(2024, 8, 31)


@dataclass(frozen=True)
class Split:
    """Days to be judged; what is learned for that are the days before, and those after too where ``both_sides``."""

    first: date
    last: date
    both_sides: bool = False

    @property
    def until(self) -> date:
        """Return the last day that may be learned from."""
        return LAST if self.both_sides else self.first - timedelta(days=1)

    def known(self, examples: Iterable[Example]) -> list[Example]:
        """Return what may be learned from."""
        known = (item for example in examples if (item := example.as_of(self.until)))
        return [item for item in known if not self.first <= item.day <= self.last]


@dataclass(frozen=True)
class World:
    """The real data, read once."""

    listed: tuple[Listed, ...]
    examples: tuple[Example, ...]
    picks: frozenset[ArxivId]
    related: frozenset[ArxivId]
    ranking: Ranking


Maker = Callable[[World, Split], Scorer]


def read(folder: Path) -> World:
    """Read listings, picks, related papers and the shipped channel file."""
    listed = tuple(read_listings(sorted((folder / "arxiv" / "listings").glob("*.jsonl.gz"))))
    picks, related = (read_named(folder / "picks" / name) for name in ("collection.jsonl", "related.jsonl"))
    return World(
        listed,
        tuple(from_lists(listed, picks=picks, related=related)),
        frozenset(item.arxiv_id for item in picks),
        frozenset(item.arxiv_id for item in related),
        load_channel(ROOT / "config" / "interpretability.toml").ranking,
    )


def counting(world: World, split: Split) -> Scorer:
    """Count the channel's words and authors, whatever they weigh."""
    channel = WordRanker(world.ranking)
    return lambda paper: sum(match.weight > 0 for match in channel.matches(paper))


def words(world: World, split: Split) -> Scorer:
    """Score by the channel file alone."""
    return WordRanker(world.ranking).points


def vector_machine(world: World, split: Split) -> Scorer:
    """Train a linear SVM on tf-idf of the picks against all other papers."""
    return _classic(world, split, LinearSVC(C=0.1, class_weight="balanced"), {Label.PICK: 1.0})


def regression(world: World, split: Split) -> Scorer:
    """Train a plain logistic regression on tf-idf of picks and related papers."""
    machine = LogisticRegression(C=10.0, class_weight="balanced", max_iter=1000)
    return _classic(world, split, machine, {Label.PICK: 1.0, Label.RELATED: 0.5})


def _classic(world: World, split: Split, machine: LinearSVC | LogisticRegression, worth: dict[Label, float]) -> Scorer:
    known = split.known(world.examples)
    vectors = TfidfVectorizer(ngram_range=(1, 2), min_df=5, max_df=0.5, sublinear_tf=True)
    values = vectors.fit_transform(_text(item.paper) for item in known)
    machine.fit(
        values, [item.label in worth for item in known], sample_weight=[worth.get(item.label, 1.0) for item in known]
    )
    return lambda paper: float(machine.decision_function(vectors.transform([_text(paper)]))[0])


def _text(paper: Paper) -> str:
    return f"{paper.title}\n{paper.abstract}"


def ours(
    *,
    hyper: Hyperparameters = HYPERPARAMETERS,
    related: bool = True,
    authors: bool = True,
    channel: bool = True,
) -> Maker:
    """Return the ranker, whole or without a part of it."""

    def make(world: World, split: Split) -> Scorer:
        model = trained(world, split, hyper, related=related)
        if not authors:
            model = model.model_copy(update={"authors": {}})
        nothing = Ranking.model_validate({"words": {"no such word": 1.0}})
        return Ranker(world.ranking if channel else nothing, model).log_odds

    return make


_known_models: dict[tuple[Split, Hyperparameters, bool], Model] = {}


def trained(world: World, split: Split, hyper: Hyperparameters, *, related: bool) -> Model:
    """Return the weights of a hyper, learned once for each split."""
    key = (split, hyper, related)
    if key not in _known_models:
        examples = [
            item if related or item.label is not Label.RELATED else replace(item, label=Label.UNLABELLED)
            for item in split.known(world.examples)
        ]
        _known_models[key] = train(examples, created=split.until, until=split.until, ranking=world.ranking, hyper=hyper)
    return _known_models[key]


REGRESSION: Final = "logistic regression on picks and related"
OURS: Final = "ours"
COMPARED: Final[dict[str, Maker]] = {
    "counting the channel's words": counting,
    "the channel's words with their weights": words,
    "tf-idf and linear SVM on picks": vector_machine,
    REGRESSION: regression,
    OURS: ours(),
    "ours without the channel's words": ours(channel=False),
}
VARIANTS: Final[dict[str, Maker]] = {
    **COMPARED,
    "ours without authors": ours(authors=False),
    "ours without related papers": ours(related=False),
    "ours without contrast": ours(hyper=replace(HYPERPARAMETERS, contrast=0.0)),
    "ours without rarity": ours(hyper=replace(HYPERPARAMETERS, rarity=0.0)),
}
