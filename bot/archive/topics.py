"""The topics of a pick: those of the channel file whose words its title, abstract or note has."""

from collections.abc import Mapping, Sequence

from bot.domain.channel_sections import Ranking
from bot.domain.papers import ArxivId, Paper
from bot.ranking.keywords import WordRanker


class Topics:
    """The topics of one channel, made ready to be found in many picks; words match as those of the ranking do."""

    def __init__(self, topics: Mapping[str, Sequence[str]]) -> None:
        self._topics = {name: WordRanker(_ranking(words)) for name, words in topics.items()}

    def of(self, arxiv_id: str, title: str, text: str) -> tuple[str, ...]:
        """Return the names of the topics of a paper, in the channel file's order."""
        if not self._topics:
            return ()
        paper = Paper(ArxivId(arxiv_id), 1, title, text, (), ())
        return tuple(name for name, words in self._topics.items() if next(words.found_in(paper), None))


def _ranking(words: Sequence[str]) -> Ranking:
    return Ranking(words=dict.fromkeys(words, 1.0))
