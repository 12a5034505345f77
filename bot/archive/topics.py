"""The topics of a pick: those of the channel file whose words its title, abstract or note has."""

from collections.abc import Mapping, Sequence

from bot.domain.folding import folded
from bot.ranking.keywords import Words


class Topics:
    """The topics of one channel, made ready to be found in many picks; words match as those of the ranking do."""

    def __init__(self, topics: Mapping[str, Sequence[str]]) -> None:
        self._topics = {name: Words(words) for name, words in topics.items()}

    def of(self, text: str) -> tuple[str, ...]:
        """Return the names of the topics of a text, in the channel file's order."""
        if not self._topics:
            return ()
        plain = folded(text)
        return tuple(name for name, words in self._topics.items() if words.stand_in(text, plain))
