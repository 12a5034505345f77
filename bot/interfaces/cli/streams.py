"""The three standard streams, also where the caller has closed some of them (``<&-``, ``>&-``, ``2>&-``).

The numbers 0 to 2 must never be free: the next file or connection that is opened would get one of them, and what is
written to a standard stream would go there.
"""

import os
import sys
from typing import Final

_STREAMS: Final = (
    ("stdin", "r", os.O_WRONLY),  # opened the wrong way round: whoever reads a closed input is told so
    ("stdout", "w", os.O_RDONLY),  # the same: no output is lost silently
    ("stderr", "w", os.O_WRONLY),  # what would be said there can be said nowhere
)


def occupy() -> None:
    """Open something in the place of each standard stream that is closed; reading or writing there is an OSError."""
    for number, (name, mode, flags) in enumerate(_STREAMS):
        if _is_open(number):
            continue
        os.set_inheritable(os.open(os.devnull, flags), True)  # noqa: FBT003 - os.open takes the lowest free number: this one
        setattr(sys, name, open(number, mode, closefd=False))  # noqa: SIM115 - open until the end


def _is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True
