"""How good the ranker is and what it costs: every variant and baseline in one table, measured in one run.

Run with ``make bench`` where the folder of real data is; ``python tests/bench/ranking.py --rolling`` adds the
comparison over six months that settled the choices, and takes a quarter of an hour. Costs are CPU seconds beside a
yardstick of the same run.
"""

import argparse
import io
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Final

import feedparser
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import sample_feeds
from bot.backtesting import Material, play
from bot.channels import Ranking, load_channel
from bot.papers import ArxivId, Paper
from bot.ranking.backtest import Figures, Ranked, Scorer, by_day, judge
from bot.ranking.examples import Example, Label, from_lists
from bot.ranking.listings import Listed, read_listings, read_named
from bot.ranking.model import Model, load_default
from bot.ranking.ranker import Ranker
from bot.ranking.recipe import Recipe
from bot.ranking.training import RECIPE, train
from bot.ranking.words import WordRanker

ROOT: Final = Path(__file__).resolve().parents[2]
DATA: Final = ROOT.parent / "shared" / "data"
SPLIT: Final = ((date(2024, 5, 31), date(2024, 8, 31)),)
ROLLING: Final = tuple(
    (date(2024, month, 1) - timedelta(days=1), date(2024, month + 1, 1) - timedelta(days=1)) for month in range(3, 9)
)
ROUNDS: Final = 3


@dataclass(frozen=True)
class World:
    """The real data, read once."""

    listed: tuple[Listed, ...]
    examples: tuple[Example, ...]
    picks: frozenset[ArxivId]
    related: frozenset[ArxivId]
    ranking: Ranking


Maker = Callable[[World, date], Scorer]


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


def counting(world: World, until: date) -> Scorer:
    """Count the channel's words and authors, whatever they weigh."""
    channel = WordRanker(world.ranking)
    return lambda paper: sum(match.weight > 0 for match in channel.matches(paper))


def words(world: World, until: date) -> Scorer:
    """Score by the channel file alone."""
    return WordRanker(world.ranking).points


def vector_machine(world: World, until: date) -> Scorer:
    """Train a linear SVM on tf-idf of the picks against all other papers."""
    return _classic(world, until, LinearSVC(C=0.1, class_weight="balanced"), {Label.PICK: 1.0})


def regression(world: World, until: date) -> Scorer:
    """Train a plain logistic regression on tf-idf of picks and related papers."""
    machine = LogisticRegression(C=10.0, class_weight="balanced", max_iter=1000)
    return _classic(world, until, machine, {Label.PICK: 1.0, Label.RELATED: 0.5})


def _classic(world: World, until: date, machine: LinearSVC | LogisticRegression, worth: dict[Label, float]) -> Scorer:
    known = [item for example in world.examples if (item := example.as_of(until))]
    vectors = TfidfVectorizer(ngram_range=(1, 2), min_df=5, max_df=0.5, sublinear_tf=True)
    values = vectors.fit_transform(_text(item.paper) for item in known)
    machine.fit(
        values, [item.label in worth for item in known], sample_weight=[worth.get(item.label, 1.0) for item in known]
    )
    return lambda paper: float(machine.decision_function(vectors.transform([_text(paper)]))[0])


def _text(paper: Paper) -> str:
    return f"{paper.title}\n{paper.abstract}"


def ours(*, recipe: Recipe = RECIPE, related: bool = True, authors: bool = True, channel: bool = True) -> Maker:
    """Return the ranker, whole or without a part of it."""

    def make(world: World, until: date) -> Scorer:
        model = _trained(world, until, recipe, related=related)
        if not authors:
            model = model.model_copy(update={"authors": {}})
        nothing = Ranking.model_validate({"words": {"no such word": 1.0}})
        ranker = Ranker(world.ranking if channel else nothing, model)
        return lambda paper: ranker.score(paper).log_odds

    return make


_known_models: dict[tuple[date, Recipe, bool], Model] = {}


def _trained(world: World, until: date, recipe: Recipe, *, related: bool) -> Model:
    key = (until, recipe, related)
    if key not in _known_models:
        examples = [
            item if related or item.label is not Label.RELATED else replace(item, label=Label.UNLABELLED)
            for item in world.examples
        ]
        _known_models[key] = train(examples, created=until, until=until, ranking=world.ranking, recipe=recipe)
    return _known_models[key]


VARIANTS: Final[dict[str, Maker]] = {
    "counting the channel's words": counting,
    "the channel's words with their weights": words,
    "tf-idf and linear SVM on picks": vector_machine,
    "logistic regression on picks and related": regression,
    "ours": ours(),
    "ours without the channel's words": ours(channel=False),
    "ours without authors": ours(authors=False),
    "ours without related papers": ours(related=False),
    "ours without contrast": ours(recipe=replace(RECIPE, contrast=0.0)),
    "ours without rarity": ours(recipe=replace(RECIPE, rarity=0.0)),
}


def table(world: World, splits: Sequence[tuple[date, date]], title: str) -> None:
    """Print the figures of all variants, over all splits together."""
    print(f"\n### {title}\n")
    _head("variant")
    for name, maker in VARIANTS.items():
        ranks = [item for until, last in splits for item in _judge(world, maker, until, last)]
        print(f"| {name} | {_row(ranks, Label.PICK)} | {_row(ranks, Label.RELATED)} |", flush=True)


def _head(first: str) -> None:
    print(f"| {first} | picks: median | @5 | @10 | @20 | MRR | related: median | @5 | @10 | @20 | MRR |")
    print("| --- |" + " ---: |" * 10)


def _judge(world: World, maker: Maker, until: date, last: date) -> tuple[Ranked, ...]:
    days = by_day(world.listed, first=until + timedelta(days=1), last=last)
    return judge(days, maker(world, until), picks=world.picks, related=world.related, trained_until=until).ranks


def _row(ranks: Sequence[Ranked], label: Label) -> str:
    figures = Figures.of([item.rank for item in ranks if item.label is label])
    return _cells(figures.as_data() if figures else None)


def _cells(figures: Mapping[str, object] | None) -> str:
    """Return figures in the form of ``Figures.as_data`` as cells of a table."""
    if figures is None:
        return " | ".join("-" * 5)
    shares = " | ".join(f"{figures[f'recall_at_{first}']:.0%}" for first in (5, 10, 20))
    return f"{figures['median_rank']:.0f} | {shares} | {figures['mrr']:.2f}"


def cold_start(world: World) -> None:
    """Print how a channel fares that starts with words alone and knows its newest 5, 10, 20 and 40 picks of May."""
    print("\n### Cold start: few picks and no related papers to the end of May, judged on June to August\n")
    _head("picks known")
    for picks in (0, 5, 10, 20, 40):
        ranks = _judge(world, words_alone if not picks else _knowing(picks), *SPLIT[0])
        name = f"the newest {picks}" if picks else "none: the channel's words alone"
        print(f"| {name} | {_row(ranks, Label.PICK)} | {_row(ranks, Label.RELATED)} |", flush=True)


def words_alone(world: World, until: date) -> Scorer:
    """Score as a channel does that has learned nothing."""
    ranker = Ranker(world.ranking)
    return lambda paper: ranker.score(paper).log_odds


def _knowing(picks: int) -> Maker:
    def make(world: World, until: date) -> Scorer:
        chosen = [item for item in world.examples if item.label is Label.PICK and item.day <= until]
        newest = {item.paper.arxiv_id for item in sorted(chosen, key=lambda item: item.day)[-picks:]}
        examples = [
            item if item.paper.arxiv_id in newest else replace(item, label=Label.UNLABELLED) for item in world.examples
        ]
        ranker = Ranker(world.ranking, train(examples, created=until, until=until, ranking=world.ranking))
        return lambda paper: ranker.score(paper).log_odds

    return make


def learning_curve(world: World) -> None:
    """Print how a curator fares who starts with words alone and decides every day."""
    material = Material(by_day(world.listed), world.picks, world.related, ())
    data, _ = play(material, world.ranking, progress=lambda _: None)
    print("\n### Learning curve: a simulated curator from an empty start, beside words alone on the same days\n")
    _head("picks so far")
    for row in data["curve"]:
        low, high = row["picks_before"]
        for name, figures in (("learned", row), ("words alone", row["words_alone"])):
            cells = " | ".join(_cells(figures[label]) for label in ("picks", "related"))
            print(f"| {low} to {high or 'the end'}, {name} | {cells} |")


def costs(world: World) -> None:
    """Print what scoring and training cost."""
    papers = [item.paper for item in world.listed if item.day >= date(2024, 8, 1)][:1000]
    body = sample_feeds.rss(
        *(
            sample_feeds.Item(
                arxiv_id=str(paper.arxiv_id),
                title=paper.title,
                abstract=paper.abstract,
                creator=", ".join(paper.authors),
                categories=paper.categories or ("cs.CL",),
            )
            for paper in papers
        )
    )
    ranker = Ranker(world.ranking, load_default())
    scoring = _cpu(lambda: [ranker.score(paper) for paper in papers])
    parsing = _cpu(lambda: feedparser.parse(io.BytesIO(body), sanitize_html=False, resolve_relative_uris=False))
    print("\n### Costs\n")
    print(f"scoring {len(papers):,} papers: {scoring:.3f} s of CPU, {len(papers) / scoring:,.0f} papers a second")
    print(f"feedparser on their feed: {parsing:.3f} s; scoring takes {scoring / parsing:.2f} times as long")
    for name, code in (("the ranker's modules", _IMPORTS), ("the same, 1,000 papers scored", _IMPORTS + _SCORING)):
        print(f"memory of a process with {name}: {_peak(code):,.0f} MB")
    begun, before = time.process_time(), time.monotonic()
    model = train(world.examples, created=date(2024, 8, 31), ranking=world.ranking)
    print(
        f"training on {len(world.examples):,} papers: {time.monotonic() - before:.0f} s,"
        f" {time.process_time() - begun:.0f} s of CPU; {len(model.to_json()):,} bytes of weights"
    )


_IMPORTS: Final = """
from itertools import islice
from pathlib import Path
from bot.channels import load_channel
from bot.ranking.listings import read_listings
from bot.ranking.model import load_default
from bot.ranking.ranker import Ranker
"""
_SCORING: Final = f"""
ranker = Ranker(load_channel(Path("config/interpretability.toml")).ranking, load_default())
listing = Path({str(DATA / "arxiv" / "listings" / "2024-08.jsonl.gz")!r})
scores = [ranker.score(item.paper) for item in islice(read_listings([listing]), 1000)]
"""


def _peak(code: str) -> float:
    """Return the peak memory in MB of a process of its own."""
    # Linux tells the peak of the program itself; getrusage would count what its parent had before.
    code += '\nprint(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1])'
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    return float(done.stdout) / 1000


def _cpu(work: Callable[[], object]) -> float:
    times = []
    for _ in range(ROUNDS):
        begun = time.process_time()
        work()
        times.append(time.process_time() - begun)
    return min(times)


def calibration(world: World) -> None:
    """Print how often papers were chosen that were given a probability, on the months that the weights had not seen."""
    until, last = SPLIT[0]
    ranker = Ranker(world.ranking, _trained(world, until, RECIPE, related=True))
    chosen = world.picks | world.related
    pairs = [
        (ranker.score(item.paper).value, item.paper.arxiv_id in chosen)
        for item in world.listed
        if until < item.day <= last
    ]
    print("\n### Calibration, trained to the end of May, June to August\n")
    print("| probability | papers | mean of it | chosen in truth |")
    print("| --- | ---: | ---: | ---: |")
    for low, high in ((0.0, 0.001), (0.001, 0.01), (0.01, 0.05), (0.05, 0.2), (0.2, 0.5), (0.5, 1.01)):
        group = [pair for pair in pairs if low <= pair[0] < high]
        if group:
            mean, truth = (sum(pair[place] for pair in group) / len(group) for place in (0, 1))
            print(f"| {low} to {min(high, 1.0)} | {len(group):,} | {mean:.2%} | {truth:.2%} |")


def main() -> None:
    """Print all tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rolling", action="store_true", help="also the comparison month by month")
    given = parser.parse_args()
    if not DATA.is_dir():
        print(f"the ranker is not measured: that needs the folder of real data, {DATA}")
        return
    world = read(DATA)
    costs(world)
    table(world, SPLIT, "Trained to the end of May, judged on June to August")
    calibration(world)
    if given.rolling:
        table(world, ROLLING, "Each month from March to August, trained on all before")
    cold_start(world)
    learning_curve(world)


if __name__ == "__main__":
    main()
