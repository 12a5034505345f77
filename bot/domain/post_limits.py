"""How long a post may be where each server of a platform says so itself."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PostLimits:
    """What one server takes: ``characters`` a post, of which every address counts ``per_address``."""

    characters: int
    per_address: int
