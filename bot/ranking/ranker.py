"""Rank a channel's papers: learned weights, the channel file's words and known authors, on one scale, with reasons.

Pure: the score of a paper depends on the paper, the weights and the channel file, never on other papers. Everything is
added in log-odds. What a word of the channel file is worth beside the learned weights was learned with them; where
nothing was learned, the words carry the channel alone.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from bot.domain.channel_sections import Ranking
from bot.domain.papers import Paper
from bot.ranking.features import author_key, author_keys, history, levelled, phrase, text_odds, tfidf
from bot.ranking.keywords import Match, WordRanker
from bot.ranking.model import WORDS_ALONE, Model, probability
from bot.ranking.reasons import by_phrase, shortened, together
from bot.ranking.score import Part, Score

_AUTHOR: Final = "author: "


class Ranker:
    """One channel's weights and words, made ready to score many papers."""

    def __init__(self, ranking: Ranking, model: Model = WORDS_ALONE) -> None:
        self._channel = WordRanker(ranking)
        self._model = model

    def best_first(self, papers: Iterable[Paper]) -> list[Paper]:
        """Return the papers from the likeliest pick on, without those that the channel excludes."""
        odds = [(self.log_odds(paper), paper) for paper in papers]
        ranked = sorted(odds, key=lambda pair: (-pair[0], pair[1].arxiv_id))
        return [paper for value, paper in ranked if value > -math.inf]

    def always_shown(self, paper: Paper) -> bool:
        """Say whether the channel shows the paper whatever its score, because of an author."""
        return self._channel.always_shown(paper) is not None

    def log_odds(self, paper: Paper) -> float:
        """Return the sum of the paper's parts, minus infinity for a paper that the channel excludes."""
        return -math.inf if self._channel.excluded_by(paper) is not None else self.total(paper)

    def total(self, paper: Paper) -> float:
        """Return the sum of the paper's parts, in log-odds, whether the channel excludes it or not."""
        model, known = self._model, self._model.calibration
        return math.fsum(
            (
                known.bias,
                known.words * levelled(self._channel.points(paper)),
                known.authors * levelled(history(paper.authors, model.authors)),
                text_odds(paper, model.terms),
            )
        )

    def score(self, paper: Paper) -> Score:
        """Return the probability that the paper is picked, with the weightiest reasons."""
        whole = self.explain(paper)
        return replace(whole, parts=tuple(shortened(whole.parts)))

    def explain(self, paper: Paper) -> Score:
        """Return the same score with every part that can be told."""
        log_odds, excluded = self.total(paper), self._channel.excluded_by(paper)
        value = 0.0 if excluded is not None else round(probability(log_odds), 6)
        watched, words = list[Part](), defaultdict[str, float](float)
        for part in self.channel_parts(paper):
            if part.key.startswith(_AUTHOR):
                watched.append(part)
            else:
                words[part.key] += part.weight  # two words of the channel may match the same phrase
        parts = together([*watched, *self._author_parts(paper), *self._text_parts(paper, words)])
        bias, always = self._model.calibration.bias, self._channel.always_shown(paper)
        return Score(value, log_odds, bias, tuple(parts), excluded, always)

    def learned_parts(self, paper: Paper) -> Iterator[Part]:
        """Yield what was learned of the paper: by its authors, by single decisions, and by its terms."""
        yield from self._author_parts(paper)
        yield from self._text_parts(paper, {})

    def channel_parts(self, paper: Paper) -> Iterator[Part]:
        """Yield what the words and authors of the channel file add, the weightiest first."""
        points = self._channel.points(paper)
        each = self._model.calibration.words * (levelled(points) / points if points else 1.0)
        for match in self._channel.matches(paper):
            yield _of_match(match, each)

    def _text_parts(self, paper: Paper, words: Mapping[str, float]) -> Iterator[Part]:
        """Yield what the terms add together with the channel's ``words``, apart from what single decisions taught."""
        values = tfidf(paper, self._model.terms)
        added = {term: value * self._model.terms[term][1] for term, value in values.items()}
        for decided in self._model.decisions:
            shares = {term: values[term] * share for term, share in decided.shares.items() if term in values}
            for term, share in shares.items():
                added[term] -= share
            if shares:
                label = f"because you {decided.verdict} “{decided.title}”"
                yield Part(math.fsum(shares.values()), label, f"decision: {decided.arxiv_id}")
        for key, weight in words.items():
            added[key] = added.get(key, 0.0) + weight
        yield from by_phrase(added)

    def _author_parts(self, paper: Paper) -> Iterator[Part]:
        """Yield what each author adds of whom papers were chosen before."""
        known = self._model.authors
        total = history(paper.authors, known)
        each = self._model.calibration.authors * levelled(total) / (total or 1.0)
        for key, name in author_keys(paper.authors).items():
            if key in known:
                yield Part(each * known[key], f"{_AUTHOR}{name}", _AUTHOR + key)


def _of_match(match: Match, each: float) -> Part:
    if match.author:
        return Part(each * match.weight, f"watched {_AUTHOR}{match.text}", _AUTHOR + author_key(match.text))
    return Part(each * match.weight, f"{match.text} ({match.where})", phrase(match.text) or match.text)
