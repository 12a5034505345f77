"""What a person can do about a delivery that cannot go on: the ends of errors, each with the commands.

This module decides nothing.
"""

from bot.domain.errors import PicksError
from bot.publishing.claims import Claim


def way_out(claim: Claim) -> str:
    """Return what a person can do about a thread that cannot go on."""
    name = claim.arxiv_id
    if claim.corrects():
        return (
            f"picks resolve {name} --platform {claim.platform} --give-up leaves the thread as it is, and then "
            f"picks correct {name} --form anew posts it anew"
        )
    if not claim.up():
        return f"picks undo {name} takes the approval back: change the words, then approve it again"
    single = f"picks publish {name} --single sends the approved single post instead, " if claim.has_single() else ""
    return f"{single}picks retract {name} takes down what is out"


def no_single_post(arxiv_id: str) -> PicksError:
    """Return the error for a single post that was never approved."""
    return PicksError(
        f"{arxiv_id} has no single post: its thread is one post, or it was approved before there were any; "
        f"see picks preview {arxiv_id}"
    )
