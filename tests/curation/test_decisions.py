"""The curators' decisions, on both databases: what they change, what they log, what they refuse."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlmodel import col, select

import json_views as views
from bot.curation import decisions, drafts, housekeeping, slots
from bot.curation.context import Account, Context, Edits, UnknownPaperError
from bot.domain.actors import Actor
from bot.domain.channels import Channel
from bot.domain.errors import PicksError, TransientError
from bot.domain.posts import Platform, Quote
from bot.domain.states import CandidateState, TransitionError
from bot.intake.ingest import Capture, ingest
from bot.store.database import Database
from bot.store.tables import Candidate, Delivery, FrozenPost
from samples import NOON, announcement, batch, channel

PAPER = "2602.00001"
DULL = "2602.00009"
QUOTE = Quote(
    "https://bsky.app/profile/example.test/post/3k", "at://did:plc:example/app.bsky.feed.post/3k", "bafyreisample"
)


def _no_quote(url: str) -> Quote:
    raise TransientError(f"cannot reach the server of {url}")


@pytest.fixture
def context_of(database: Database) -> Callable[..., Context]:
    """Return a maker of desks on a queue of two papers, and one stored paper that is not queued."""

    def make(*, to: Channel | None = None, **changes: object) -> Context:
        chosen = to or channel()
        accounts = dict.fromkeys(chosen.posting.platforms, Account("an account"))
        given = {"accounts": accounts, "resolve_quote": _no_quote, "actor": Actor("ada", "test"), "now": NOON}
        return Context(database=database, channel=chosen, **{**given, **changes})  # type: ignore[arg-type]

    papers = batch(
        announcement(PAPER, "Probing"), announcement("2602.00002", "Steering"), announcement(DULL, "Cooking")
    )
    ingest(database, [Capture(papers, "test")], channels=[channel()], now=NOON)
    return make


def _state(context: Context, paper: str = PAPER) -> str | None:
    state: str | None = views.show(context.database, context.channel, paper)["state"]
    return state


def _log(context: Context, paper: str = PAPER) -> list[tuple[str, str | None, str, str]]:
    rows = views.show(context.database, context.channel, paper)["decisions"]
    return [(row["action"], row["before"], row["after"], row["by"]) for row in rows]


def test_a_number_and_every_form_of_the_arxiv_id_name_the_same_candidate(context_of: Callable[..., Context]) -> None:
    context = context_of()
    number = views.queue(context.database, context.channel, state=CandidateState.QUEUED, limit=1)[0]["id"]
    forms = (str(number), f"#{number}", PAPER, f"arXiv:{PAPER}v1", f"https://arxiv.org/abs/{PAPER}")
    assert {views.show(context.database, context.channel, form)["arxiv_id"] for form in forms} == {PAPER}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("99", "nothing in the queue has the number 99"),
        ("2602.12345", "is not stored; it comes in with picks fetch"),
        ("rubbish", "neither a queue number nor an arXiv id"),
        ("²", "neither a queue number nor an arXiv id"),
        ("99999999999999999999999", "neither a queue number nor an arXiv id"),
    ],
)
def test_an_id_that_names_nothing_says_where_to_look(context_of: Callable[..., Context], text: str, words: str) -> None:
    with pytest.raises(UnknownPaperError, match=words):
        decisions.reject(context_of(), text)


def test_each_decision_is_logged_with_who_and_what(context_of: Callable[..., Context]) -> None:
    context = context_of()
    decisions.note(context, PAPER, Edits(note="Worth reading."))
    decisions.hold(context, PAPER, until=date(2026, 3, 1))
    decisions.undo(context, PAPER)
    decisions.approve(context, PAPER, Edits())
    decisions.undo(context, PAPER)
    decisions.reject(context, PAPER, reason="too dull")
    assert _log(context) == [
        ("note", "queued", "queued", "ada"),
        ("hold", "queued", "held", "ada"),
        ("undo", "held", "queued", "ada"),
        ("approve", "queued", "approved", "ada"),
        ("undo", "approved", "queued", "ada"),
        ("reject", "queued", "rejected", "ada"),
    ]


def test_approval_freezes_the_exact_posts_and_takes_the_next_slot(context_of: Callable[..., Context]) -> None:
    context = context_of()
    slot = decisions.approve(context, PAPER, Edits(note="Worth reading.")).slot
    composed = drafts.compose_threads(context, PAPER, Edits())[Platform.CONSOLE]
    shown = views.show(context.database, context.channel, PAPER)
    assert slot == NOON + timedelta(hours=22)
    assert [post["text"] for post in shown["deliveries"][0]["posts"]] == [post.text for post in composed.posts]
    assert shown["deliveries"][0]["state"] == "planned"


def test_the_second_pick_of_a_day_that_is_full_waits_for_the_next(context_of: Callable[..., Context]) -> None:
    context = context_of()
    first = decisions.approve(context, PAPER, Edits()).slot
    assert decisions.approve(context, "2602.00002", Edits()).slot == first + timedelta(days=1)


def test_a_change_after_approval_sends_the_pick_back_and_frees_its_slot(context_of: Callable[..., Context]) -> None:
    context = context_of()
    slot = decisions.approve(context, PAPER, Edits(note="Worth reading.")).slot
    decisions.note(context, PAPER, Edits(note="Worth reading twice."))
    assert _state(context) == "queued"
    with context.database.reading() as session:
        assert session.exec(select(Delivery)).all() == []
        assert session.exec(select(FrozenPost)).all() == []
    assert decisions.approve(context, "2602.00002", Edits()).slot == slot


def test_approving_again_with_a_new_note_keeps_the_slot_and_freezes_the_new_words(
    context_of: Callable[..., Context],
) -> None:
    context = context_of()
    first = decisions.approve(context, PAPER, Edits(note="First words."))
    assert decisions.approve(context, PAPER, Edits(note="Second words.")) == first
    posts = views.show(context.database, context.channel, PAPER)["deliveries"][0]["posts"]
    assert "\n\nSecond words." in posts[0]["text"]
    assert "First words." not in posts[0]["text"]


def test_the_same_note_again_changes_nothing(context_of: Callable[..., Context]) -> None:
    context = context_of()
    decisions.approve(context, PAPER, Edits(note="Worth reading."))
    decisions.note(context, PAPER, Edits(note="Worth reading."))
    assert _state(context) == "approved"


def test_a_stored_paper_that_was_not_offered_can_be_picked_by_hand(context_of: Callable[..., Context]) -> None:
    context = context_of()
    decisions.approve(context, DULL, Edits(note="Surprisingly good."))
    assert _log(context, DULL) == [
        ("offer", None, "queued", "ada"),
        ("note", "queued", "queued", "ada"),  # words that come with an approval are logged as all others
        ("approve", "queued", "approved", "ada"),
    ]


def test_looking_at_a_paper_does_not_queue_it(context_of: Callable[..., Context]) -> None:
    context = context_of()
    drafts.compose_threads(context, DULL, Edits())
    assert _state(context, DULL) is None


def test_undo_takes_back_rejection_and_refuses_when_nothing_was_decided(context_of: Callable[..., Context]) -> None:
    context = context_of()
    decisions.reject(context, PAPER)
    assert decisions.undo(context, PAPER) == (PAPER, CandidateState.REJECTED, None)
    with pytest.raises(TransitionError, match="there is nothing to take back"):
        decisions.undo(context, PAPER)


@pytest.mark.parametrize(
    "decide", [lambda c: decisions.approve(c, PAPER, Edits()), lambda c: decisions.reject(c, PAPER)]
)
def test_undo_of_a_decision_about_a_held_paper_holds_it_again(
    context_of: Callable[..., Context], decide: Callable[[Context], object]
) -> None:
    until = (NOON + timedelta(days=9)).date()
    context = context_of()
    decisions.hold(context, PAPER, until=until)
    decide(context)
    assert views.show(context.database, context.channel, PAPER)["held_until"] is None
    decisions.undo(context, PAPER)
    shown = views.show(context.database, context.channel, PAPER)
    assert (shown["state"], shown["held_until"]) == ("held", str(until))
    decisions.hold(context, PAPER, until=until + timedelta(days=1))
    decisions.undo(context, PAPER)
    assert _state(context, PAPER) == "queued"
    decide(context)
    decisions.undo(context, PAPER)
    assert _state(context, PAPER) == "queued", "it was not held when it was decided about"


def test_undo_after_the_date_of_a_hold_queues(context_of: Callable[..., Context]) -> None:
    decisions.hold(context_of(), PAPER, until=(NOON + timedelta(days=2)).date())
    decisions.reject(context_of(), PAPER)
    decisions.undo(context_of(now=NOON + timedelta(days=3)), PAPER)
    assert _state(context_of(now=NOON + timedelta(days=3)), PAPER) == "queued"


def test_a_rejected_paper_is_not_approved_by_accident(context_of: Callable[..., Context]) -> None:
    context = context_of()
    decisions.reject(context, PAPER)
    with pytest.raises(TransitionError, match="picks undo"):
        decisions.approve(context, PAPER, Edits())
    assert _state(context) == "rejected"


def test_holding_needs_a_day_that_lies_ahead(context_of: Callable[..., Context]) -> None:
    with pytest.raises(PicksError, match="must lie ahead"):
        decisions.hold(context_of(), PAPER, until=NOON.date())


def test_held_candidates_come_back_on_their_day(context_of: Callable[..., Context]) -> None:
    context = context_of()
    decisions.hold(context, PAPER, until=date(2026, 2, 20))
    assert housekeeping.release_held(context.database, context.channel, now=NOON + timedelta(days=2)) == 0
    assert housekeeping.release_held(context.database, context.channel, now=NOON + timedelta(days=3)) == 1
    assert _state(context) == "queued"


def test_candidates_that_nobody_wanted_expire_and_decided_ones_stay(context_of: Callable[..., Context]) -> None:
    context = context_of()
    decisions.approve(context, PAPER, Edits())
    assert housekeeping.expire_candidates(context.database, context.channel, now=NOON + timedelta(days=6)) == 0
    assert housekeeping.expire_candidates(context.database, context.channel, now=NOON + timedelta(days=7)) == 1
    assert (_state(context), _state(context, "2602.00002")) == ("approved", "expired")


def test_a_note_keeps_a_candidate_from_expiring_at_once(context_of: Callable[..., Context]) -> None:
    late = NOON + timedelta(days=8)
    context = context_of(now=late)
    housekeeping.expire_candidates(context.database, context.channel, now=late)
    assert decisions.note(context, PAPER, Edits(note="Worth reading after all.")) == decisions.Noted(
        PAPER, CandidateState.EXPIRED
    )
    assert housekeeping.expire_candidates(context.database, context.channel, now=late + timedelta(minutes=10)) == 0
    assert _state(context) == "queued"


def test_after_downtime_the_oldest_missed_pick_is_due_and_the_others_move_to_free_slots(
    context_of: Callable[..., Context],
) -> None:
    context = context_of()
    given = [decisions.approve(context, paper, Edits()).slot for paper in (PAPER, "2602.00002", DULL)]
    back = given[-1] + timedelta(hours=1)
    assert slots.space_out(context.database, [context.channel], now=back) == ["2602.00002", DULL]
    upcoming = views.status(context.database, context.channel, accounts={}, now=back)["upcoming"]
    assert [(item["arxiv_id"], item["slot"]) for item in upcoming] == [
        (PAPER, "2026-02-18T10:00:00Z"),
        ("2602.00002", "2026-02-23T10:00:00Z"),
        (DULL, "2026-02-24T10:00:00Z"),
    ]
    delivery = views.show(context.database, context.channel, DULL)["deliveries"][0]
    assert delivery["due_at"] == "2026-02-24T10:00:00Z"
    assert _log(context, DULL)[-1] == ("move", "approved", "approved", "worker")


def test_the_missed_pick_that_goes_out_at_once_counts_as_one_of_its_day(context_of: Callable[..., Context]) -> None:
    context = context_of()
    for paper in (PAPER, "2602.00002"):
        decisions.approve(context, paper, Edits())
    early = NOON + timedelta(days=2, hours=20)  # 8 o'clock, before that day's slot
    slots.space_out(context.database, [context.channel], now=early)
    upcoming = views.status(context.database, context.channel, accounts={}, now=early)["upcoming"]
    assert [item["slot"] for item in upcoming] == ["2026-02-18T10:00:00Z", "2026-02-23T10:00:00Z"]


def test_a_thread_that_waits_for_its_budget_holds_no_missed_pick_back(context_of: Callable[..., Context]) -> None:
    context = context_of()
    decisions.approve(context, PAPER, Edits(), at=NOON)
    slot = decisions.approve(context, "2602.00002", Edits()).slot
    with context.database.transaction() as session:  # plays a delivery that has begun to wait
        session.exec(select(Candidate).where(Candidate.arxiv_id == PAPER)).one().state = CandidateState.PUBLISHING
        waiting = session.exec(select(Delivery).order_by(col(Delivery.id))).first()
        assert waiting is not None
        waiting.next_try_at = waiting.due_at + timedelta(hours=1)
    assert slots.space_out(context.database, [context.channel], now=slot + timedelta(hours=1)) == [PAPER]


def test_picks_that_are_on_time_keep_their_slots(context_of: Callable[..., Context]) -> None:
    context = context_of()
    for paper in (PAPER, "2602.00002"):
        decisions.approve(context, paper, Edits(), at=NOON + timedelta(hours=1))
    assert slots.space_out(context.database, [context.channel], now=NOON + timedelta(hours=1, minutes=15)) == []


def test_an_authors_thread_on_bluesky_is_resolved_at_approval(context_of: Callable[..., Context]) -> None:
    both = channel(posting={"platforms": ["bluesky"], "time_zone": "UTC", "times": ["10:00"]})
    context = context_of(to=both, resolve_quote=lambda url: QUOTE)
    decisions.approve(context, PAPER, Edits(thread_url=QUOTE.url))
    delivery = views.show(context.database, context.channel, PAPER)["deliveries"][0]
    assert ([post["quote"] for post in delivery["posts"]][-1], delivery["remarks"]) == (QUOTE.url, [])


def test_a_quote_that_cannot_be_resolved_becomes_a_link_and_is_said(context_of: Callable[..., Context]) -> None:
    bluesky = channel(posting={"platforms": ["bluesky"], "time_zone": "UTC", "times": ["10:00"]})
    context = context_of(to=bluesky)
    decisions.approve(context, PAPER, Edits(thread_url=QUOTE.url))
    delivery = views.show(context.database, context.channel, PAPER)["deliveries"][0]
    assert delivery["posts"][-1]["links"] == [{"text": "Authors' thread", "url": QUOTE.url}]
    assert delivery["remarks"][-1] == f"cannot reach the server of {QUOTE.url}"


def test_an_at_address_is_kept_as_the_page_of_the_post(context_of: Callable[..., Context]) -> None:
    context = context_of()
    decisions.note(context, PAPER, Edits(thread_url=" at://Name.test/app.bsky.feed.post/3kabc "))
    assert views.show(context.database, context.channel, PAPER)["thread_url"] == (
        "https://bsky.app/profile/name.test/post/3kabc"
    )


def test_every_platform_of_the_channel_gets_a_delivery_whatever_accounts_the_approving_shell_has(
    context_of: Callable[..., Context],
) -> None:
    both = channel(posting={"platforms": ["bluesky", "x"], "time_zone": "UTC", "times": ["10:00"]})
    context = context_of(to=both, accounts={Platform.BLUESKY: Account("an account"), Platform.X: Account(None, "off")})
    decisions.approve(context, PAPER, Edits())
    deliveries = views.show(context.database, context.channel, PAPER)["deliveries"]
    assert [(item["platform"], item["state"], item["account"]) for item in deliveries] == [
        ("bluesky", "planned", "an account"),
        ("x", "planned", None),
    ]


def test_with_no_platform_on_the_pick_waits_for_all_of_them(context_of: Callable[..., Context]) -> None:
    both = channel(posting={"platforms": ["bluesky", "x"], "time_zone": "UTC", "times": ["10:00"]})
    context = context_of(to=both, accounts=dict.fromkeys((Platform.BLUESKY, Platform.X), Account(None, "off")))
    decisions.approve(context, PAPER, Edits())
    deliveries = views.show(context.database, context.channel, PAPER)["deliveries"]
    assert [(item["platform"], item["state"]) for item in deliveries] == [("bluesky", "planned"), ("x", "planned")]
