"""The states of a candidate and of a delivery, and for each the one table that says which action leads where.

Pure rules: this module never touches the database and never asks the time. ``store.candidates.change`` applies the
first table, ``store.deliveries.change`` the second.
"""

from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Final

from bot.domain.errors import PicksError


class TransitionError(PicksError):
    """The action does not fit the present state."""


class CandidateState(StrEnum):
    """Where a paper stands in a channel's queue."""

    QUEUED = "queued"
    HELD = "held"
    REJECTED = "rejected"
    EXPIRED = "expired"
    APPROVED = "approved"
    PUBLISHING = "publishing"
    PUBLISHED = "published"
    ATTENTION = "attention"
    RETRACTED = "retracted"


class DeliveryState(StrEnum):
    """Where one pick stands on one platform."""

    PLANNED = "planned"
    SENDING = "sending"
    SENT = "sent"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    RETRACTED = "retracted"
    GIVEN_UP = "given-up"


class DeliveryAction(StrEnum):
    """What may happen to a delivery: the sender's actions, then those of people. ``UPDATE`` changes no state."""

    PLAN = "plan"
    MOVE = "move"
    WAIT = "wait"
    CLAIM = "claim"
    UPDATE = "update"
    POSTPONE = "postpone"
    LOSE = "lose"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    FINISH = "finish"

    CORRECT = "correct"
    LEAVE = "leave"
    RESEND = "resend"
    CONFIRM = "confirm"
    GIVE_UP = "give-up"
    RETRACT = "retract"


class Action(StrEnum):
    """What may be done to a candidate; people do the first group, the machine the second."""

    NOTE = "note"
    APPROVE = "approve"
    REJECT = "reject"
    HOLD = "hold"
    UNDO = "undo"
    RETRACT = "retract"
    RESOLVE = "resolve"
    TAKE_DOWN = "take-down"
    POST_ANEW = "post-anew"
    REOPEN = "reopen"
    CORRECT = "correct"
    UNCORRECT = "uncorrect"

    OFFER = "offer"
    RELEASE = "release"
    MOVE = "move"
    EXPIRE = "expire"
    WITHDRAW = "withdraw"
    START = "start"
    FINISH = "finish"
    ALARM = "alarm"
    APPEND = "append"
    REPLACE = "replace"
    CONTINUE = "continue"


_S = CandidateState
_TRANSITIONS: Final[Mapping[Action, Mapping[CandidateState, CandidateState]]] = {
    Action.NOTE: {_S.QUEUED: _S.QUEUED, _S.HELD: _S.HELD, _S.EXPIRED: _S.QUEUED, _S.APPROVED: _S.QUEUED},
    Action.APPROVE: {
        _S.QUEUED: _S.APPROVED,
        _S.HELD: _S.APPROVED,
        _S.EXPIRED: _S.APPROVED,
        _S.APPROVED: _S.APPROVED,
    },
    Action.REJECT: {_S.QUEUED: _S.REJECTED, _S.HELD: _S.REJECTED, _S.EXPIRED: _S.REJECTED},
    Action.HOLD: {_S.QUEUED: _S.HELD, _S.HELD: _S.HELD, _S.EXPIRED: _S.HELD},
    Action.UNDO: dict.fromkeys((_S.HELD, _S.REJECTED, _S.EXPIRED, _S.APPROVED, _S.PUBLISHING, _S.ATTENTION), _S.QUEUED),
    Action.RETRACT: dict.fromkeys((_S.PUBLISHING, _S.PUBLISHED, _S.ATTENTION, _S.RETRACTED), _S.RETRACTED),
    Action.RESOLVE: {
        **dict.fromkeys((_S.ATTENTION, _S.PUBLISHING), _S.PUBLISHING),
        **{state: state for state in (_S.PUBLISHED, _S.RETRACTED)},  # what is left of a retraction
    },
    # One platform's thread, while the pick stays on another.
    Action.TAKE_DOWN: {
        **dict.fromkeys((_S.ATTENTION, _S.PUBLISHING), _S.PUBLISHING),
        _S.PUBLISHED: _S.PUBLISHED,
    },
    # Again on one platform; what needs a person elsewhere still does.
    Action.POST_ANEW: {
        **dict.fromkeys((_S.PUBLISHED, _S.PUBLISHING), _S.PUBLISHING),
        _S.ATTENTION: _S.ATTENTION,
    },
    Action.REOPEN: {_S.RETRACTED: _S.QUEUED},
    # A correction waits beside what is out, and begins by itself: with a reply, or by taking the threads down.
    Action.CORRECT: {_S.PUBLISHED: _S.PUBLISHED},
    Action.UNCORRECT: {_S.PUBLISHED: _S.PUBLISHED},
    Action.APPEND: {_S.PUBLISHED: _S.PUBLISHING},
    Action.REPLACE: {_S.PUBLISHED: _S.PUBLISHING},
    Action.CONTINUE: {_S.PUBLISHED: _S.PUBLISHING},  # on a platform where the thread came down later
    Action.OFFER: {},  # makes the candidate; nothing comes before it
    Action.RELEASE: {_S.HELD: _S.QUEUED},
    Action.MOVE: {_S.APPROVED: _S.APPROVED},
    Action.EXPIRE: {_S.QUEUED: _S.EXPIRED},
    Action.WITHDRAW: {
        **dict.fromkeys((_S.QUEUED, _S.HELD, _S.EXPIRED), _S.REJECTED),
        _S.APPROVED: _S.QUEUED,  # a person decides whether it goes out nevertheless
        **{state: state for state in (_S.REJECTED, _S.PUBLISHING, _S.PUBLISHED, _S.ATTENTION, _S.RETRACTED)},
    },
    Action.START: {_S.APPROVED: _S.PUBLISHING, _S.ATTENTION: _S.PUBLISHING},
    Action.FINISH: {_S.PUBLISHING: _S.PUBLISHED},
    Action.ALARM: {_S.PUBLISHING: _S.ATTENTION},
}

_D = DeliveryState
_WAITS_FOR_A_PERSON: Final = (_D.REFUSED, _D.UNKNOWN)
_DELIVERY_TRANSITIONS: Final[Mapping[DeliveryAction, Mapping[DeliveryState, DeliveryState]]] = {
    DeliveryAction.PLAN: {},  # makes the delivery; nothing comes before it
    # A second look keeps its time; what is looked for in vain then waits for the slot.
    DeliveryAction.MOVE: {_D.PLANNED: _D.PLANNED, _D.UNKNOWN: _D.UNKNOWN},
    DeliveryAction.WAIT: dict.fromkeys((_D.PLANNED, _D.SENDING, *_WAITS_FOR_A_PERSON), _D.PLANNED),
    # From sending as well: the lease of a worker that was killed has run out.
    DeliveryAction.CLAIM: dict.fromkeys((_D.PLANNED, _D.SENDING, *_WAITS_FOR_A_PERSON), _D.SENDING),
    DeliveryAction.UPDATE: {state: state for state in DeliveryState},
    DeliveryAction.POSTPONE: {_D.SENDING: _D.PLANNED},
    DeliveryAction.LOSE: {_D.SENDING: _D.UNKNOWN},
    DeliveryAction.REFUSE: {_D.SENDING: _D.REFUSED},
    DeliveryAction.WITHDRAW: {_D.PLANNED: _D.REFUSED},  # the paper was, before anything of it went out there
    DeliveryAction.FINISH: {_D.SENDING: _D.SENT},
    # More goes out below a thread that is out whole; LEAVE lets that be, and the thread stays.
    DeliveryAction.CORRECT: {_D.SENT: _D.PLANNED},
    DeliveryAction.LEAVE: dict.fromkeys((_D.PLANNED, *_WAITS_FOR_A_PERSON), _D.SENT),
    DeliveryAction.RESEND: dict.fromkeys(_WAITS_FOR_A_PERSON, _D.PLANNED),
    DeliveryAction.CONFIRM: dict.fromkeys(_WAITS_FOR_A_PERSON, _D.SENT),
    # Planned ones too: a platform of the channel may have no account, and never get one.
    DeliveryAction.GIVE_UP: dict.fromkeys((_D.PLANNED, *_WAITS_FOR_A_PERSON), _D.GIVEN_UP),
    DeliveryAction.RETRACT: dict.fromkeys(DeliveryState, _D.RETRACTED),
}

_WAY_OUT: Final[Mapping[CandidateState, str]] = {
    _S.REJECTED: "take the rejection back first: picks undo {id}",
    _S.APPROVED: "take the approval back first: picks undo {id}",
    _S.PUBLISHING: "picks undo {id} takes it back while no post is out",
    _S.PUBLISHED: "it is already out; picks retract {id} takes it down, picks correct {id} corrects its note",
    _S.ATTENTION: "picks publish {id} tries again, picks undo {id} takes it back while no post is out",
    _S.RETRACTED: "it was taken down; picks reopen {id} brings it back to the queue",
    _S.QUEUED: "there is nothing to take back; see picks show {id}",
}


_IN_WORDS: Final[Mapping[CandidateState, str]] = {
    _S.PUBLISHING: "being published",
    _S.ATTENTION: "waiting for a person's attention",
}


def next_state(state: CandidateState, action: Action, *, name: str = "ID") -> CandidateState:
    """Return the state that the action leads to; raise TransitionError, naming the way out, when it does not fit.

    ``name`` is how the message calls the candidate.
    """
    following = _TRANSITIONS[action].get(state)
    if following is None:
        way_out = _WAY_OUT.get(state, "see picks show {id}").format(id=name)
        raise TransitionError(f"cannot {action} {name}: it is {_IN_WORDS.get(state, state)}; {way_out}")
    return following


def states_before(action: Action) -> tuple[CandidateState, ...]:
    """Return the states in which an action is possible."""
    return tuple(_TRANSITIONS[action])


def next_delivery_state(state: DeliveryState, action: DeliveryAction) -> DeliveryState:
    """Return the state that the action leads to; raise TransitionError when it does not fit."""
    following = _DELIVERY_TRANSITIONS[action].get(state)
    if following is None:
        raise TransitionError(f"cannot {action} a delivery that is {state}; see picks status")
    return following


def outcome(deliveries: Collection[DeliveryState]) -> Action | None:
    """Return what the deliveries of a pick mean for its candidate, None while some are under way.

    A delivery that needs a person is told at once, without waiting for the other platforms. One that a person gave up
    or took down counts no more; with all of them given up or down the pick is out nowhere.
    """
    if DeliveryState.UNKNOWN in deliveries or DeliveryState.REFUSED in deliveries:
        return Action.ALARM
    wanted = [state for state in deliveries if state not in {DeliveryState.GIVEN_UP, DeliveryState.RETRACTED}]
    if deliveries and not wanted:
        return Action.RETRACT
    if wanted and all(state is DeliveryState.SENT for state in wanted):
        return Action.FINISH
    return None
