"""Who posts: an account by what it keeps for good, and by what people call it today.

Handles move from account to account, and accounts from handle to handle. Pure: this module asks nobody.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Identity:
    """An account: ``id`` lasts (a DID, X's user id), ``name`` is for people and may change.

    ``id`` is None until somebody has signed in as ``name``.
    """

    name: str
    id: str | None = None

    @property
    def key(self) -> str:
        """Return what tells the account from others, as far as that is known."""
        return self.id or self.name

    def is_same_as(self, other: "Identity") -> bool:
        """Say whether both are one account: by their ids, and by their names only where an id is not known yet."""
        if self.id is not None and other.id is not None:
            return self.id == other.id
        return self.name == other.name

    def __str__(self) -> str:
        return self.name if self.id in {None, self.name} else f"{self.name} ({self.id})"
