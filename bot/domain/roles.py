"""What a person may do by message. Loads nothing, because the list of verbs names roles."""

from enum import StrEnum


class Role(StrEnum):
    """What a person may do: each role may do all that those before it may."""

    VIEWER = "viewer"
    CURATOR = "curator"
    OPERATOR = "operator"

    def includes(self, other: "Role") -> bool:
        """Say whether this role may do what ``other`` may."""
        order = list(Role)
        return order.index(self) >= order.index(other)
