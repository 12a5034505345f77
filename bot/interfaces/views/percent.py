"""How a probability reads."""

from typing import Final

_CERTAIN: Final = 0.0995
_TINY: Final = 0.0005


def percent(probability: float) -> str:
    """Return a probability as people read it: whole percents, tenths below ten."""
    if probability >= _CERTAIN:
        return f"{probability:.0%}"
    return f"{probability:.1%}" if probability >= _TINY else "<0.1%"
