"""Rank a channel's papers: learned weights and the channel's own words and authors, on one scale, with reasons.

Pure: the score of a paper depends on the paper, the weights and the channel file, never on other papers. Everything is
added in log-odds, so a word of the channel shifts the learned score and neither hides the other; with no learned
weights the words carry the channel alone.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from bot.domain.channels import Ranking
from bot.domain.papers import Paper
from bot.ranking.features import Vocabulary, author_key, author_keys, author_value, features, phrase
from bot.ranking.keywords import Match, WordRanker
from bot.ranking.model import Calibration, Model
from bot.ranking.reasons import by_phrase, together
from bot.ranking.score import REST, Part, Score

# For a channel that has learned nothing yet: how likely a pick is by the words of config/interpretability.toml alone,
# fitted to 38,796 papers of cs.CL, cs.LG and cs.AI. One paper in 2,000 is picked at 0 points, one in 18 at 5, one in 6
# at 10.
WORDS_ALONE: Final = Calibration(bias=-7.6, authors=0.0, words=0.95, knee=-3.0, above=0.3, papers=38_796, positives=200)

_SHOWN: Final = 12  # parts that are told apart; the rest is summed up


class Ranker:
    """One channel's weights and words, made ready to score many papers."""

    def __init__(self, ranking: Ranking, model: Model | None = None) -> None:
        self._channel = WordRanker(ranking)
        self._calibration = model.calibration if model else WORDS_ALONE
        self._weights: Mapping[str, float] = model.weights if model else {}
        self._vocabulary = model.vocabulary if model else Vocabulary(())
        self._authors: Mapping[str, float] = model.authors if model else {}
        self._decisions = model.decisions if model else ()

    def best_first(self, papers: Iterable[Paper]) -> list[Paper]:
        """Return the papers from the likeliest pick on, without those that the channel excludes."""
        odds = [(self.log_odds(paper), paper) for paper in papers]
        ranked = sorted(odds, key=lambda pair: (-pair[0], pair[1].arxiv_id))
        return [paper for value, paper in ranked if value > -math.inf]

    def log_odds(self, paper: Paper) -> float:
        """Return the sum of the paper's parts, minus infinity for a paper that the channel excludes."""
        return -math.inf if self._channel.excluded_by(paper) is not None else self._sum(paper)

    def score(self, paper: Paper) -> Score:
        """Return the probability that the paper is picked, with the weightiest reasons."""
        return self._score(paper, most_told=_SHOWN)

    def explain(self, paper: Paper) -> Score:
        """Return the same score with every part that can be told."""
        return self._score(paper, most_told=None)

    def _score(self, paper: Paper, *, most_told: int | None) -> Score:
        matches = self._channel.matches(paper)
        people = self._author_parts(paper, matches)
        parts = _told(together([*people, *self._text_parts(paper, self._learned(paper), matches)]), most=most_told)
        log_odds, excluded = self._sum(paper), self._channel.excluded_by(paper)
        value = 0.0 if excluded is not None else self._probability(log_odds)
        return Score(value, log_odds, self._calibration.bias, tuple(parts), excluded)

    def _probability(self, log_odds: float) -> float:
        return round(self._calibration.probability(log_odds), 6)

    def _sum(self, paper: Paper) -> float:
        known = self._calibration
        return math.fsum(
            (
                known.bias,
                known.authors * author_value(paper.authors, self._authors),
                *self._learned(paper).values(),
                *(known.words * match.weight for match in self._channel.found_in(paper)),
            )
        )

    def _learned(self, paper: Paper) -> dict[str, float]:
        """Return what each feature of the paper adds by the learned weights."""
        if not self._weights:
            return {}
        weights = self._weights
        return {name: value * weights[name] for name, value in features(paper, self._vocabulary).items()}

    def _author_parts(self, paper: Paper, matches: Iterable[Match]) -> list[Part]:
        """Return what the paper's authors add: those whom the channel watches, and those of earlier picks together."""
        watched = [
            Part(
                self._calibration.words * match.weight, f"watched author: {match.text}", _author(author_key(match.text))
            )
            for match in matches
            if match.author
        ]
        if not self._authors:
            return watched
        known = {key: name for key, name in author_keys(paper.authors).items() if key in self._authors}
        counts = math.fsum(self._authors[key] for key in known)
        if not counts:
            return watched
        each = self._calibration.authors * author_value(known, self._authors) / counts
        return watched + [
            Part(each * self._authors[key], f"author: {name}", _author(key)) for key, name in known.items()
        ]

    def _text_parts(self, paper: Paper, added: dict[str, float], matches: Iterable[Match]) -> Iterator[Part]:
        """Return what the paper's words add, and apart from that what single decisions have added to it."""
        values = features(paper) if self._decisions else {}
        for decided in self._decisions:
            shares = {name: values[name] * share for name, share in decided.shares.items() if name in added}
            for name, share in shares.items():
                added[name] -= share
            if shares:
                label = f"because you {decided.verdict} “{decided.title}”"
                yield Part(math.fsum(shares.values()), label, f"decision: {decided.arxiv_id}")
        for match in matches:
            if not match.author:
                name = phrase(match.text) or match.text
                added[name] = added.get(name, 0.0) + self._calibration.words * match.weight
        yield from by_phrase(added)


def _author(key: str) -> str:
    return f"author: {key}"


def _told(parts: Sequence[Part], *, most: int | None) -> Iterator[Part]:
    """Yield the weightiest parts and the sum of the others."""
    told = [part for part in parts if part.key != REST][:most]
    yield from told
    if len(told) < len(parts):
        yield Part(math.fsum(part.weight for part in parts) - math.fsum(part.weight for part in told), REST, REST)
