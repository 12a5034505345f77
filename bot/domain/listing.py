"""A list that may be the beginning of a longer one."""

from collections.abc import Iterable
from typing import TypeVar

Item = TypeVar("Item")


class Listing(list[Item]):
    """The items that are shown; ``total`` is how many there are, or were counted where there are ``more``."""

    def __init__(self, items: Iterable[Item], *, total: int, more: bool = False) -> None:
        super().__init__(items)
        self.total = total
        self.more = more

    @property
    def cut(self) -> bool:
        """Say whether there are more than are shown."""
        return self.more or len(self) < self.total
