"""How the note of a pick that is out is corrected, and how far a correction has come."""

from enum import StrEnum
from typing import Final


class CorrectionForm(StrEnum):
    """What followers see: a reply below the thread, or the thread taken down and posted anew."""

    REPLY = "reply"
    ANEW = "anew"


class CorrectionState(StrEnum):
    """Where a correction stands.

    It is ``planned`` until its time, ``underway`` while threads come down to be posted anew, and ``done`` once all that
    it takes is in the outbox. ``dropped`` was taken back, or fell away with the pick.
    """

    PLANNED = "planned"
    UNDERWAY = "underway"
    DONE = "done"
    DROPPED = "dropped"


OPEN: Final = (CorrectionState.PLANNED, CorrectionState.UNDERWAY)
"""Something of it is still to be done."""
