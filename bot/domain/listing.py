"""A list that may be the beginning of a longer one."""

from collections.abc import Iterable
from typing import TypeVar

Item = TypeVar("Item")


class Listing(list[Item]):
    """The items that are shown; ``total`` is how many there are."""

    def __init__(self, items: Iterable[Item], *, total: int) -> None:
        super().__init__(items)
        self.total = total

    @property
    def cut(self) -> bool:
        """Say whether there are more than are shown."""
        return len(self) < self.total
