"""The accounts compared with the database, as people and scripts read it."""

from dataclasses import dataclass

from bot.domain.states import CandidateState
from bot.publishing.reconcile import Adopted, ComparedAccount, Reconciled, UnknownThread


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownRow:
    """A thread on an account that no delivery has, why that is, and what may be done ``next``."""

    platform: str
    account: str
    arxiv_id: str
    url: str
    posts: int
    text: str
    why: str
    next: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation:
    """What was adopted, what is out and unknown, and how each account did."""

    adopted: tuple[Adopted, ...]
    unknown: tuple[UnknownRow, ...]
    accounts: tuple[ComparedAccount, ...]
    dry_run: bool


def reconciliation(found: Reconciled) -> Reconciliation:
    """Return what came of comparing the accounts with the database."""
    return Reconciliation(
        adopted=tuple(found.adopted),
        unknown=tuple(_row(thread) for thread in found.unknown),
        accounts=tuple(found.accounts),
        dry_run=found.dry_run,
    )


def _row(thread: UnknownThread) -> UnknownRow:
    why, then = _explain(thread)
    return UnknownRow(
        platform=thread.platform,
        account=thread.account,
        arxiv_id=thread.arxiv_id,
        url=thread.url,
        posts=thread.posts,
        text=thread.text,
        why=why,
        next=then,
    )


def _explain(thread: UnknownThread) -> tuple[str, str]:
    """Return why a thread belongs to no delivery, and what may be done about it."""
    name = thread.arxiv_id
    match thread.state:
        case None:
            return "no channel has this paper in its queue", "nothing to do: nobody can approve it by mistake"
        case CandidateState.APPROVED | CandidateState.PUBLISHING | CandidateState.ATTENTION:
            why = "the approved posts have other words, or are waiting for a person's word"
            return why, f"picks show {name} has the posts; delete the thread there, or picks undo {name}"
        case CandidateState.QUEUED | CandidateState.HELD:
            return f"the paper is {thread.state} in {thread.channel}", (
                f"picks approve {name} with the same note takes the thread over; picks reject {name} ends it"
            )
        case _:
            return f"the paper is {thread.state} in {thread.channel}", f"picks show {name} says what happened to it"
