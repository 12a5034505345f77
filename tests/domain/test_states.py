"""The transition table: what may be done in which state, and what a refusal says."""

import itertools

import pytest

from bot.domain.states import (
    Action,
    CandidateState,
    DeliveryAction,
    DeliveryState,
    TransitionError,
    next_delivery_state,
    next_state,
    outcome,
)

S = CandidateState
D = DeliveryState


@pytest.mark.parametrize(
    ("action", "allowed"),
    [
        (Action.NOTE, {S.QUEUED: S.QUEUED, S.HELD: S.HELD, S.EXPIRED: S.QUEUED, S.APPROVED: S.QUEUED}),
        (Action.APPROVE, dict.fromkeys((S.QUEUED, S.HELD, S.EXPIRED, S.APPROVED), S.APPROVED)),
        (Action.REJECT, dict.fromkeys((S.QUEUED, S.HELD, S.EXPIRED), S.REJECTED)),
        (Action.HOLD, dict.fromkeys((S.QUEUED, S.HELD, S.EXPIRED), S.HELD)),
        (Action.UNDO, dict.fromkeys((S.HELD, S.REJECTED, S.EXPIRED, S.APPROVED, S.PUBLISHING, S.ATTENTION), S.QUEUED)),
        (Action.RELEASE, {S.HELD: S.QUEUED}),
        (Action.MOVE, {S.APPROVED: S.APPROVED}),
        (Action.EXPIRE, {S.QUEUED: S.EXPIRED}),
        (Action.START, {S.APPROVED: S.PUBLISHING, S.ATTENTION: S.PUBLISHING}),
        (Action.FINISH, {S.PUBLISHING: S.PUBLISHED}),
        (Action.ALARM, {S.PUBLISHING: S.ATTENTION}),
        (
            Action.RETRACT,
            dict.fromkeys((S.PUBLISHING, S.PUBLISHED, S.ATTENTION, S.RETRACTED), S.RETRACTED),
        ),
        (
            Action.RESOLVE,
            {
                S.ATTENTION: S.PUBLISHING,
                S.PUBLISHING: S.PUBLISHING,
                S.PUBLISHED: S.PUBLISHED,
                S.RETRACTED: S.RETRACTED,
            },
        ),
        (Action.TAKE_DOWN, {S.ATTENTION: S.PUBLISHING, S.PUBLISHING: S.PUBLISHING, S.PUBLISHED: S.PUBLISHED}),
        (Action.POST_ANEW, {S.PUBLISHED: S.PUBLISHING, S.PUBLISHING: S.PUBLISHING, S.ATTENTION: S.ATTENTION}),
        (Action.REOPEN, {S.RETRACTED: S.QUEUED}),
        (Action.OFFER, {}),
    ],
)
def test_an_action_leads_only_where_the_table_says(action: Action, allowed: dict[S, S]) -> None:
    found = {}
    for state in CandidateState:
        try:
            found[state] = next_state(state, action)
        except TransitionError:
            continue
    assert found == allowed


def test_nothing_that_is_out_goes_back_to_the_queue() -> None:
    out = (S.PUBLISHED, S.RETRACTED)
    for state, action in itertools.product(out, (Action.NOTE, Action.APPROVE, Action.REJECT, Action.HOLD, Action.UNDO)):
        with pytest.raises(TransitionError):
            next_state(state, action)


def test_a_refusal_names_the_paper_its_state_and_the_way_out() -> None:
    with pytest.raises(TransitionError) as caught:
        next_state(S.REJECTED, Action.APPROVE, name="2602.00001")
    assert str(caught.value) == (
        "cannot approve 2602.00001: it is rejected; take the rejection back first: picks undo 2602.00001"
    )


@pytest.mark.parametrize(
    ("deliveries", "action"),
    [
        ([], None),
        ([DeliveryState.PLANNED], None),
        ([DeliveryState.SENT, DeliveryState.PLANNED], None),
        ([DeliveryState.SENT, DeliveryState.SENDING], None),
        ([DeliveryState.SENT], Action.FINISH),
        ([DeliveryState.SENT, DeliveryState.SENT], Action.FINISH),
        ([DeliveryState.SENT, DeliveryState.REFUSED], Action.ALARM),
        ([DeliveryState.PLANNED, DeliveryState.UNKNOWN], Action.ALARM),
        ([DeliveryState.SENT, DeliveryState.GIVEN_UP], Action.FINISH),
        ([DeliveryState.PLANNED, DeliveryState.GIVEN_UP], None),
        ([DeliveryState.GIVEN_UP, DeliveryState.GIVEN_UP], Action.RETRACT),
    ],
)
def test_the_deliveries_together_say_how_the_pick_stands(
    deliveries: list[DeliveryState], action: Action | None
) -> None:
    assert outcome(deliveries) is action


@pytest.mark.parametrize(
    ("action", "allowed"),
    [
        (DeliveryAction.PLAN, {}),
        (DeliveryAction.WAIT, dict.fromkeys((D.PLANNED, D.SENDING, D.REFUSED, D.UNKNOWN), D.PLANNED)),
        (DeliveryAction.CLAIM, dict.fromkeys((D.PLANNED, D.SENDING, D.REFUSED, D.UNKNOWN), D.SENDING)),
        (DeliveryAction.UPDATE, {state: state for state in DeliveryState}),
        (DeliveryAction.POSTPONE, {D.SENDING: D.PLANNED}),
        (DeliveryAction.LOSE, {D.SENDING: D.UNKNOWN}),
        (DeliveryAction.REFUSE, {D.SENDING: D.REFUSED}),
        (DeliveryAction.WITHDRAW, {D.PLANNED: D.REFUSED}),
        (DeliveryAction.FINISH, {D.SENDING: D.SENT}),
        (DeliveryAction.RESEND, dict.fromkeys((D.REFUSED, D.UNKNOWN), D.PLANNED)),
        (DeliveryAction.CONFIRM, dict.fromkeys((D.REFUSED, D.UNKNOWN), D.SENT)),
        (DeliveryAction.GIVE_UP, dict.fromkeys((D.PLANNED, D.REFUSED, D.UNKNOWN), D.GIVEN_UP)),
        (DeliveryAction.RETRACT, dict.fromkeys(DeliveryState, D.RETRACTED)),
    ],
)
def test_an_action_leads_a_delivery_only_where_the_table_says(action: DeliveryAction, allowed: dict[D, D]) -> None:
    found = {}
    for state in DeliveryState:
        try:
            found[state] = next_delivery_state(state, action)
        except TransitionError:
            continue
    assert found == allowed


def test_nothing_of_a_delivery_that_is_out_or_down_is_sent_again() -> None:
    for state in (D.SENT, D.RETRACTED, D.GIVEN_UP):
        with pytest.raises(TransitionError, match=f"cannot claim a delivery that is {state}; see picks status"):
            next_delivery_state(state, DeliveryAction.CLAIM)
