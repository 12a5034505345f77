"""How good the ranker is and what it costs: every variant and baseline in one table, measured in one run.

Run with ``make bench`` where the folder of real data is; ``python tests/bench/ranking.py --rolling`` adds the
comparison over six months that settled the choices, and ``--cross`` each of the eight months judged by weights from the
other seven; each takes a quarter of an hour. Costs are CPU seconds beside a yardstick of the same run.
"""

import argparse
import io
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from typing import Final

import feedparser

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

from ranking_variants import COMPARED, LAST, OURS, REGRESSION, ROOT, Maker, Ours, Split, World, read, words

import sample_feeds
from bot.curation.evaluation import Material
from bot.curation.simulation import play
from bot.domain.papers import ArxivId
from bot.interfaces.views.backtest import simulation
from bot.ranking.backtest import Figures, Ranked, Scorer, by_day, judge
from bot.ranking.examples import Example, Label
from bot.ranking.model import WORDS_ALONE, load_default, probability
from bot.ranking.ranker import Ranker
from bot.ranking.training import train

DATA: Final = ROOT.parent / "shared" / "data"
ROUNDS: Final = 3
DRAWS: Final = 4_000


def _month(number: int, *, both_sides: bool = False) -> Split:
    return Split(date(2024, number, 1), date(2024, number + 1, 1) - timedelta(days=1), both_sides)


SPLIT: Final = (Split(date(2024, 6, 1), LAST),)
ROLLING: Final = tuple(_month(number) for number in range(3, 9))
CROSS: Final = tuple(_month(number, both_sides=True) for number in range(1, 9))


def table(world: World, splits: Sequence[Split], title: str) -> None:
    """Print the figures of the variants, over all splits together, and how sure each is beside plain regression."""
    print(f"\n### {title}\n")
    _head("variant")
    found = {}
    for name, maker in COMPARED.items():
        found[name] = [item for split in splits for item in _judge(world, maker, split)]
        print(f"| {name} | {_row(found[name], Label.PICK)} | {_row(found[name], Label.RELATED)} |", flush=True)
    for yard in (REGRESSION, OURS):
        print(f"\n| ahead of {yard} in | picks: MRR | @10 | related: MRR | @10 |")
        print("| --- |" + " ---: |" * 4)
        for name, ranks in found.items():
            if name != yard:
                print(f"| {name} | {' | '.join(_ahead(ranks, found[yard]))} |")


def _ahead(own: Sequence[Ranked], theirs: Sequence[Ranked]) -> Iterator[str]:
    """Yield the shares of draws of days in which the first is ahead of the second; equal figures count half."""
    for label in (Label.PICK, Label.RELATED):
        first, second = ({item.arxiv_id: item for item in ranks if item.label is label} for ranks in (own, theirs))
        days = [item.day for item in first.values()]
        for gain in (lambda rank: 1 / rank, lambda rank: float(rank <= 10)):
            pairs = [(gain(second[name].rank), gain(item.rank)) for name, item in first.items()]
            draws = list(_differences(days, *zip(*pairs, strict=True)))
            yield f"{sum((draw > 0) + (draw == 0) / 2 for draw in draws) / len(draws):.0%}"


def _head(first: str) -> None:
    print(f"| {first} | picks: median | @5 | @10 | @20 | MRR | related: median | @5 | @10 | @20 | MRR |")
    print("| --- |" + " ---: |" * 10)


def _judge(world: World, maker: Maker, split: Split) -> tuple[Ranked, ...]:
    days = by_day(world.listed, first=split.first, last=split.last)
    return judge(
        days,
        maker(world, split),
        picks=world.picks,
        related=world.related,
        trained_until=None if split.both_sides else split.until,
    )


def _row(ranks: Sequence[Ranked], label: Label) -> str:
    return _cells(Figures.of([item.rank for item in ranks if item.label is label]))


def _cells(figures: Figures | None) -> str:
    """Return figures as cells of a table."""
    if figures is None:
        return " | ".join("-" * 5)
    shares = " | ".join(f"{share:.0%}" for share in (figures.recall_at_5, figures.recall_at_10, figures.recall_at_20))
    return f"{figures.median_rank:.0f} | {shares} | {figures.mrr:.2f}"


def _differences(days: Sequence[date], theirs: Sequence[float], own: Sequence[float]) -> Iterator[float]:
    """Yield how far the mean of ``own`` is above that of ``theirs`` in draws of as many days, with replacement."""
    gained: dict[date, list[float]] = {}
    for day, before, after in zip(days, theirs, own, strict=True):
        # Each variant puts a day's papers in an order of its own, which does not show in the day's sum.
        gained.setdefault(day, []).append(after - before)
    by_days = [(sum(values), len(values)) for values in gained.values()]
    chance = random.Random(0)  # so that the same ranks give the same figures
    for _ in range(DRAWS):
        drawn = chance.choices(by_days, k=len(by_days))
        yield sum(value for value, _ in drawn) / sum(papers for _, papers in drawn)


def cold_start(world: World) -> None:
    """Print how a channel fares that starts with words alone and knows its newest 5, 10, 20 and 40 picks of May."""
    print("\n### Cold start: few picks and no related papers to the end of May, judged on June to August\n")
    _head("picks known")
    for picks in (0, 5, 10, 20, 40):
        ranks = _judge(world, words if not picks else _knowing(picks), SPLIT[0])
        name = f"the newest {picks}" if picks else "none: the channel's words alone"
        print(f"| {name} | {_row(ranks, Label.PICK)} | {_row(ranks, Label.RELATED)} |", flush=True)


def _knowing(picks: int) -> Maker:
    def make(world: World, split: Split) -> Scorer:
        known = split.known(world.examples)
        chosen = [item for item in known if item.label is Label.PICK]
        newest = {item.paper.arxiv_id for item in sorted(chosen, key=lambda item: item.day)[-picks:]}
        examples = [item if item.paper.arxiv_id in newest else replace(item, label=Label.UNLABELLED) for item in known]
        model = train(examples, until=split.until, ranking=world.ranking, base=WORDS_ALONE)
        return Ranker(world.ranking, model).log_odds

    return make


def learning_curve(world: World) -> None:
    """Print how a curator fares who starts with words alone and decides every day."""
    material = Material(by_day(world.listed), world.picks, world.related, ())
    played, alone = play(material, world.ranking, progress=lambda _: None)
    print("\n### Learning curve: a simulated curator from an empty start, beside words alone on the same days\n")
    _head("picks so far")
    for stage in simulation(played, alone, material).curve:
        low, high = stage.picks_before
        for name, judged in (("learned", stage), ("words alone", stage.words_alone)):
            cells = " | ".join((_cells(judged.picks), _cells(judged.related)))
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
    scoring = _cpu(lambda: ranker.best_first(papers))
    telling = _cpu(lambda: [ranker.score(paper) for paper in papers])
    parsing = _cpu(lambda: feedparser.parse(io.BytesIO(body), sanitize_html=False, resolve_relative_uris=False))
    print("\n### Costs\n")
    print(f"scoring {len(papers):,} papers: {scoring:.3f} s of CPU, {len(papers) / scoring:,.0f} papers a second")
    print(f"with reasons for each of them: {telling:.3f} s")
    print(f"feedparser on their feed: {parsing:.3f} s; scoring takes {scoring / parsing:.2f} times as long")
    for name, code in (("the ranker's modules", _IMPORTS), ("the same, 1,000 papers scored", _IMPORTS + _SCORING)):
        print(f"memory of a process with {name}: {_peak(code):,.0f} MB")
    begun, before = time.process_time(), time.monotonic()
    model = train(world.examples, ranking=world.ranking)
    print(
        f"training on {len(world.examples):,} papers: {time.monotonic() - before:.0f} s,"
        f" {time.process_time() - begun:.0f} s of CPU; {len(model.to_json()):,} bytes of weights"
    )


_IMPORTS: Final = """
from itertools import islice
from pathlib import Path
from bot.domain.channels import load_channel
from bot.intake.listings import read_listings
from bot.ranking.model import WORDS_ALONE, load_default
from bot.ranking.ranker import Ranker
"""
_SCORING: Final = f"""
ranker = Ranker(load_channel(Path("config/interpretability.toml")).ranking, load_default())
listing = Path({str(DATA / "arxiv" / "listings" / "2024-08.jsonl.gz")!r})
ranked = ranker.best_first(item.paper for item in islice(read_listings([listing]), 1000))
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
    split = SPLIT[0]
    ranker = Ranker(world.ranking, Ours().trained(world, split))
    chosen = world.picks | world.related
    pairs = [
        (ranker.score(item.paper).value, item.paper.arxiv_id in chosen)
        for item in world.listed
        if split.first <= item.day <= split.last
    ]
    print("\n### Calibration, trained to the end of May, June to August\n")
    print("| probability | papers | mean of it | chosen in truth |")
    print("| --- | ---: | ---: | ---: |")
    for low, high in ((0.0, 0.001), (0.001, 0.01), (0.01, 0.05), (0.05, 0.2), (0.2, 0.5), (0.5, 1.01)):
        group = [pair for pair in pairs if low <= pair[0] < high]
        if group:
            mean, truth = (sum(pair[place] for pair in group) / len(group) for place in (0, 1))
            print(f"| {low} to {min(high, 1.0)} | {len(group):,} | {mean:.2%} | {truth:.2%} |")


def small_steps(world: World) -> None:
    """Print what a few decisions change: weights of before June, decisions of June on top, July and August judged."""
    june, later = date(2024, 6, 1), date(2024, 7, 1)
    base = train(Split(june, LAST).known(world.examples), until=june - timedelta(days=1), ranking=world.ranking)
    month = [item for item in world.examples if june <= item.day < later]
    score = Ranker(world.ranking, base).total
    days = by_day(world.listed, first=june, last=later - timedelta(days=1)).values()
    shown = {paper.arxiv_id for papers in days for paper in sorted(papers, key=score, reverse=True)[:10]}
    liked = sorted((item for item in month if item.label.wanted), key=_when)
    refused = sorted((item for item in month if item.paper.arxiv_id in shown and not item.label.wanted), key=_when)
    print("\n### Small steps: few decisions of June on top of weights to the end of May, judged on July and August\n")
    print("| decisions | first of a day, median | wanted paper, median | wanted in the first 10 | MRR |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for approved, rejected in ((0, 0), (2, 0), (3, 3), (5, 5), (10, 10), (10, 40), (25, 75)):
        own = [replace(item, label=Label.APPROVED) for item in liked[:approved]]
        own += [replace(item, label=Label.REJECTED) for item in refused[:rejected]]
        named = {item.paper.arxiv_id for item in own}
        rest = [replace(item, label=Label.UNLABELLED) for item in month if item.paper.arxiv_id not in named]
        model = train([*own, *rest], ranking=world.ranking, base=base) if own else base
        print(f"| {approved} approved, {rejected} rejected | {_steps(world, Ranker(world.ranking, model), later)} |")


def _when(item: Example) -> tuple[date, ArxivId]:
    return item.day, item.paper.arxiv_id


def _steps(world: World, ranker: Ranker, first: date) -> str:
    """Return the figures of one row as cells."""
    wanted = {item.paper.arxiv_id for item in world.examples if item.label.wanted}
    days = by_day(world.listed, first=first)
    best = [max(map(ranker.total, papers)) for papers in days.values()]
    ranks = judge(days, ranker.total, picks=wanted)
    figures = Figures.of([item.rank for item in ranks])
    if figures is None:
        return "-"
    middle = median(item.score for item in ranks)
    shares = f"{probability(median(best)):.1%} | {probability(middle):.1%}"
    return f"{shares} | {figures.recall_at_10:.0%} | {figures.mrr:.3f}"


def main() -> None:
    """Print all tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rolling", action="store_true", help="also the comparison month by month")
    parser.add_argument("--cross", action="store_true", help="also each month by weights from the seven others")
    given = parser.parse_args()
    if not DATA.is_dir():
        print(f"the ranker is not measured: that needs the folder of real data, {DATA}")
        return
    world = read(DATA)
    costs(world)
    table(world, SPLIT, "Trained to the end of May, judged on June to August")
    calibration(world)
    small_steps(world)
    if given.rolling:
        table(world, ROLLING, "Each month from March to August, trained on all before")
    if given.cross:
        table(world, CROSS, "Each month from January to August, trained on the seven others")
    cold_start(world)
    learning_curve(world)


if __name__ == "__main__":
    main()
