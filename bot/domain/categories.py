"""Which categories arXiv has.

This module owns that list, which is data (``categories.txt``): one line there makes a new category known. It never asks
arXiv.
"""

from difflib import get_close_matches
from functools import cache
from importlib.resources import files

_ALIKE = 0.6  # of 1


@cache
def known() -> frozenset[str]:
    """Return the names of all categories and of the archives that hold them, such as ``cs.CL`` and ``cs``."""
    lines = files(__package__).joinpath("categories.txt").read_text("utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


def nearest(name: str) -> str | None:
    """Return the category that was probably meant, None where nothing is like the name."""
    by_lower_case = {category.lower(): category for category in known()}
    found = get_close_matches(name.strip().lower(), by_lower_case, n=1, cutoff=_ALIKE)
    return by_lower_case[found[0]] if found else None
