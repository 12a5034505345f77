"""What the ranker is compared with, and itself without a part: what each learns from the days that it may know."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from bot.domain.channel_sections import Ranking
from bot.domain.channels import load_channel
from bot.domain.papers import ArxivId, Paper
from bot.intake.listings import from_lists, read_listings, read_named
from bot.ranking.backtest import Scorer
from bot.ranking.examples import Example, Label, Listed
from bot.ranking.keywords import WordRanker
from bot.ranking.model import Model
from bot.ranking.ranker import Ranker
from bot.ranking.training import train

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
    """The real data, read once; ``related`` are judged, and learned from as far as the examples say so."""

    listed: tuple[Listed, ...]
    examples: tuple[Example, ...]
    picks: frozenset[ArxivId]
    related: frozenset[ArxivId]
    ranking: Ranking


Maker = Callable[[World, Split], Scorer]


def read(folder: Path) -> World:
    """Read listings, picks, related papers and the shipped channel file."""
    listed = tuple(read_listings(sorted((folder / "arxiv" / "listings").glob("*.jsonl.gz"))))
    picks, related, more = (
        read_named(folder / "picks" / name) for name in ("collection.jsonl", "related.jsonl", "related_more.jsonl")
    )
    return World(
        listed,
        tuple(from_lists(listed, picks=picks, related=related)),
        frozenset(item.arxiv_id for item in picks),
        frozenset(item.arxiv_id for item in (*related, *more)),
        load_channel(ROOT / "config" / "interpretability.toml").ranking,
    )


def words(world: World, split: Split) -> Scorer:
    """Score by the channel file alone."""
    return WordRanker(world.ranking).points


def regression(world: World, split: Split) -> Scorer:
    """Train a plain logistic regression on tf-idf of picks and related papers."""
    machine = LogisticRegression(C=10.0, class_weight="balanced", max_iter=1000)
    worth = {Label.PICK: 1.0, Label.RELATED: 0.5}
    known = split.known(world.examples)
    vectors = TfidfVectorizer(ngram_range=(1, 2), min_df=5, max_df=0.5, sublinear_tf=True)
    values = vectors.fit_transform(_text(item.paper) for item in known)
    machine.fit(
        values, [item.label in worth for item in known], sample_weight=[worth.get(item.label, 1.0) for item in known]
    )
    return lambda paper: float(machine.decision_function(vectors.transform([_text(paper)]))[0])


def _text(paper: Paper) -> str:
    return f"{paper.title}\n{paper.abstract}"


@dataclass(frozen=True)
class Ours:
    """The ranker, whole or without a part of it."""

    related: bool = True
    authors: bool = True
    words: bool = True

    def __call__(self, world: World, split: Split) -> Scorer:
        """Return what scores papers after learning from the days that may be known."""
        ranking = world.ranking if self.words else Ranking.model_construct()
        ranker = Ranker(ranking, self.trained(world, split))
        return lambda paper: ranker.total(self._seen(paper))

    def trained(self, world: World, split: Split) -> Model:
        """Return the weights, learned once for each split."""
        key = (self, split)
        if key not in _known_models:
            examples = [
                item if self.related or item.label is not Label.RELATED else replace(item, label=Label.UNLABELLED)
                for item in split.known(world.examples)
            ]
            seen = [replace(item, paper=self._seen(item.paper)) for item in examples]
            ranking = world.ranking if self.words else None
            _known_models[key] = train(seen, until=split.until, ranking=ranking)
        return _known_models[key]

    def _seen(self, paper: Paper) -> Paper:
        return paper if self.authors else replace(paper, authors=())


_known_models: dict[tuple[Ours, Split], Model] = {}

REGRESSION: Final = "plain logistic regression"
OURS: Final = "ours"
COMPARED: Final[dict[str, Maker]] = {
    "the channel's words alone": words,
    REGRESSION: regression,
    OURS: Ours(),
    "ours without the channel's words": Ours(words=False),
    "ours without authors": Ours(authors=False),
    "ours without related papers": Ours(related=False),
}
