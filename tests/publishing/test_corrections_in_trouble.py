"""Corrections that cannot be made at once, or must not be: nothing comes down before its place can be taken."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlmodel import col, select

from backups import Backup
from bot.curation import corrections, decisions
from bot.curation.context import Account, Context, Edits
from bot.curation.housekeeping import retire_withdrawn
from bot.domain.actors import Actor
from bot.domain.channels import Channel
from bot.domain.corrections import CorrectionForm
from bot.domain.errors import AccountError, PermanentError, PicksError, TransientError
from bot.domain.papers import AnnounceType
from bot.domain.posts import Platform
from bot.intake.ingest import Capture, ingest
from bot.interfaces.views.status import status
from bot.platforms.memory import MemoryPublisher, Moment
from bot.platforms.registry import TRAITS
from bot.publishing import rounds
from bot.publishing.reconcile import reconcile
from bot.store.database import Database
from bot.store.tables import FrozenPost
from publishing_stage import CHANNEL, NOTE, PAPER, Stage, approved_stage, no_quote
from samples import NOON, WEDNESDAY, announcement, batch, channel

ADA = Actor("ada", "test")
BLUESKY, X, MASTODON = Platform.BLUESKY, Platform.X, Platform.MASTODON
REPLY, ANEW = CorrectionForm.REPLY, CorrectionForm.ANEW
CORRECTED = NOTE.replace("nothing new", "something new")


@pytest.fixture
def stage(sqlite_database: Database) -> Stage:
    """Return a stage on which one pick is out on both platforms."""
    stage = approved_stage(sqlite_database)
    stage.tick()
    stage.now += timedelta(days=1)
    return stage


def _approve(stage: Stage, form: CorrectionForm, note: str = CORRECTED) -> None:
    corrections.approve(stage.context(), PAPER, note, form=form, at=stage.now)


def _round(stage: Stage, channel: Channel = CHANNEL, *, off: Platform | None = None) -> None:
    outbox = replace(stage.outbox(), channels={channel.name: channel}, is_off=lambda _, platform: platform is off)
    rounds.send_due(outbox, [channel])


def _out(stage: Stage) -> dict[Platform, list[str]]:
    return {platform: stage.out(platform) for platform in stage.publishers}


def _row(stage: Stage) -> tuple[str, str | None]:
    [row] = stage.shown()["corrections"]
    return row["state"], row["error"]


def _poor(budget: str) -> Channel:
    return CHANNEL.model_copy(update={"x": CHANNEL.x.model_copy(update={"monthly_budget_usd": Decimal(budget)})})


@pytest.mark.parametrize("form", CorrectionForm)
def test_on_x_nothing_changes_while_the_budget_is_spent(stage: Stage, form: CorrectionForm) -> None:
    before = stage.out(X)
    _approve(stage, form)
    _round(stage, _poor("0.01"))
    assert stage.out(X) == before
    assert "something new" in " ".join(stage.out(BLUESKY))
    shown = stage.shown()
    said = [shown["corrections"][0]["error"], *(item["error"] for item in shown["deliveries"])]
    assert "would exceed the channel's budget for X, $0.01 a month" in "".join(filter(None, said))
    stage.now += timedelta(hours=2)
    _round(stage)
    assert stage.out(X) != before
    assert (stage.shown()["state"], stage.states()) == ("published", {"bluesky": "sent", "x": "sent"})


def test_while_no_platform_can_be_posted_to_anew_it_has_not_begun_and_can_be_taken_back(stage: Stage) -> None:
    del stage.publishers[BLUESKY]
    before = _out(stage)
    _approve(stage, ANEW)
    _round(stage, _poor("0.01"), off=BLUESKY)
    state, error = _row(stage)
    assert (state, stage.shown()["note"], _out(stage)) == ("planned", NOTE, before)
    assert "would exceed the channel's budget for X" in (error or "")
    decisions.undo(stage.context(), PAPER)
    assert stage.shown()["corrections"] == []


def test_a_thread_for_which_no_deletes_are_left_stays_whole_until_there_are(sqlite_database: Database) -> None:
    there = channel(posting={"platforms": ["mastodon"], "time_zone": "UTC"}, thread={"note_limit": 2000})
    ingest(sqlite_database, [Capture(batch(announcement(PAPER, "Probing")), "test")], channels=[there], now=NOON)
    stage = Stage(sqlite_database, publishers={MASTODON: MemoryPublisher(MASTODON)})
    context = Context(sqlite_database, there, {MASTODON: Account("picks.test")}, no_quote, ADA, NOON)
    decisions.approve(context, PAPER, Edits(note=NOTE), at=NOON)
    stage.tick()
    before = stage.out(MASTODON)
    assert len(before) > 2
    _delete_all_but(sqlite_database, 1, account="picks.test")
    corrections.approve(context, PAPER, CORRECTED, form=ANEW, at=NOON)
    _round(stage, there)
    assert stage.out(MASTODON) == before
    state, error = _row(stage)
    assert state == "planned"
    assert "mastodon lets an account delete 30 posts in 30 minutes" in (error or "")
    assert "it goes on after 12:30 UTC" in (error or "")
    stage.now += timedelta(minutes=31)
    _round(stage, there)
    assert "something new" in " ".join(stage.out(MASTODON))
    assert "nothing new" not in " ".join(stage.out(MASTODON))


def _delete_all_but(database: Database, left: int, *, account: str) -> None:
    """Let the account have deleted so many posts that few may follow."""
    allowance = TRAITS[MASTODON].deletes
    assert allowance is not None
    with database.transaction() as session:
        first = session.exec(select(FrozenPost).where(col(FrozenPost.remote_id).is_not(None))).all()[0]
        session.add_all(
            FrozenPost(
                delivery_id=first.delivery_id,
                single=False,
                position=1000 + number,
                content=first.content,
                price_usd=Decimal(0),
                remote_id=f"{account} {number}",
                removed_at=NOON,
            )
            for number in range(allowance.most - left)
        )


def test_what_the_platform_asks_to_wait_for_is_waited_for(stage: Stage) -> None:
    stage.publishers[X].fail(Moment.REMOVE, TransientError("too many deletes", retry_after=1800))
    _approve(stage, ANEW)
    _round(stage)
    for minutes, up in ((29, True), (2, False)):
        stage.now += timedelta(minutes=minutes)
        _round(stage)
        assert ("nothing new" in " ".join(stage.out(X))) is up


def test_while_nobody_can_sign_in_the_thread_stays_linked_and_is_tried_again(stage: Stage) -> None:
    before = stage.out(BLUESKY)
    stage.publishers[BLUESKY].fail(Moment.IDENTIFY, AccountError("the password is not accepted"))
    _approve(stage, ANEW)
    _round(stage)
    assert (stage.out(BLUESKY), stage.states()["bluesky"]) == (before, "sent")
    assert _row(stage) == ("underway", "the password is not accepted")
    assert "something new" in " ".join(stage.out(X))
    stage.now += timedelta(minutes=10)
    _round(stage)  # sooner than such an account is asked again
    assert stage.out(BLUESKY) == before
    stage.now += timedelta(minutes=10)
    _round(stage)
    assert "something new" in " ".join(stage.out(BLUESKY))


def test_where_another_account_is_signed_in_a_person_hears_of_the_thread_that_stays(stage: Stage) -> None:
    before = stage.out(BLUESKY)
    stage.publishers[BLUESKY].account_id = "somebody else"
    _approve(stage, ANEW)
    _round(stage)
    assert stage.out(BLUESKY) == before
    [case] = status(stage.database, CHANNEL, accounts={}, now=stage.now).attention
    assert "and picks.test (somebody else) is signed in" in case.why
    assert case.commands[0] == f"picks publish {PAPER}"


def test_while_a_platform_is_off_its_thread_stays_linked_and_the_other_is_posted_anew(stage: Stage) -> None:
    before = stage.out(X)
    _approve(stage, ANEW)
    _round(stage, off=X)
    assert (stage.out(X), stage.states()) == (before, {"bluesky": "sent", "x": "sent"})
    assert stage.shown()["corrections"][0]["waiting"] == ["x"]
    with pytest.raises(PicksError, match=r"a correction of 2602.00001 is on its way; correct it again after that"):
        _approve(stage, ANEW, "Other words.")
    _round(stage)
    assert stage.out(X) != before
    assert stage.shown()["state"] == "published"


def test_a_correction_for_which_no_worker_has_keys_reaches_a_person(stage: Stage) -> None:
    _approve(stage, ANEW)
    _round(stage, off=X)
    accounts = {X: Account(None, problem="no credentials", workers_lack="no credentials in the environment")}
    [case] = status(stage.database, CHANNEL, accounts=accounts, now=stage.now).attention
    assert case.what == "no worker has keys for x"


def test_a_pick_that_is_half_out_names_the_platform_and_the_way_on(sqlite_database: Database) -> None:
    stage = approved_stage(sqlite_database)
    del stage.publishers[X]
    _round(stage, off=X)
    said = (
        r"2602.00001 is still on its way to x \(planned\); correct it once it is out there, or given up: "
        r"picks resolve 2602.00001 --platform x --give-up"
    )
    with pytest.raises(PicksError, match=said):
        corrections.propose(stage.context(), PAPER, CORRECTED)


def test_a_pick_that_a_platform_refused_is_not_called_on_its_way_there(sqlite_database: Database) -> None:
    stage = approved_stage(sqlite_database)
    stage.publishers[X].fail(Moment.BEFORE, PermanentError("X refused the words"))
    _round(stage)
    said = (
        r"2602.00001 was refused by x; correct it once it is out there \(picks publish 2602.00001 tries again\), or "
        r"given up: picks resolve 2602.00001 --platform x --give-up"
    )
    with pytest.raises(PicksError, match=said):
        corrections.propose(stage.context(), PAPER, CORRECTED)


def test_words_that_x_would_refuse_as_a_repetition_are_told_also_where_they_are_the_picks_own(stage: Stage) -> None:
    _approve(stage, REPLY, "First this.")
    _round(stage)
    _approve(stage, REPLY, "Then that.")
    _round(stage)
    proposal = corrections.propose(stage.context(), PAPER, "First this.", form=REPLY)
    [remark] = proposal.threads[X].remarks
    assert "A post has the same words (“Correction: First this.”)" in remark
    assert corrections.propose(stage.context(), PAPER, "First this.", form=ANEW).threads[X].remarks[:-1] == ()


def test_a_reply_is_marked_as_being_in_the_language_of_the_note(stage: Stage) -> None:
    german = "Das ist falsch: Die Schaltkreise erklären nur einen kleinen Teil des Verhaltens, der Rest bleibt offen."
    proposal = corrections.propose(stage.context(), PAPER, german, form=REPLY)
    assert {post.langs for post in proposal.threads[BLUESKY].posts} == {("de",)}


@pytest.mark.parametrize("form", CorrectionForm)
def test_after_a_backup_was_put_back_and_compared_a_waiting_correction_doubles_nothing(
    stage: Stage, form: CorrectionForm
) -> None:
    _approve(stage, form)
    backup = Backup.of(stage.database)
    _round(stage)
    out = _out(stage)
    backup.put_back()
    stage.now += timedelta(minutes=1)
    result = reconcile(replace(stage.outbox(), channels={CHANNEL.name: CHANNEL}), [CHANNEL.name], dry_run=False)
    assert [item.problem for item in result.accounts] == [None, None]
    assert result.adopted == []
    for _ in range(2):
        _round(stage)
        assert _out(stage) == out
    assert (stage.shown()["state"], stage.shown()["note"]) == ("published", CORRECTED)


def _withdraw(stage: Stage) -> None:
    notice = announcement(PAPER, "Probing", version=2, type=AnnounceType.REPLACE, withdrawn=True)
    ingest(stage.database, [Capture(batch(notice, day=WEDNESDAY), "test")], channels=[CHANNEL], now=stage.now)


@pytest.mark.parametrize("noticed", [True, False])
def test_a_withdrawn_paper_is_not_posted_anew_unless_somebody_approves_that_again(
    stage: Stage, *, noticed: bool
) -> None:
    before = _out(stage)
    _approve(stage, ANEW)
    _withdraw(stage)
    if noticed:
        assert retire_withdrawn(stage.database, CHANNEL, now=stage.now) == [PAPER]
        assert stage.shown()["corrections"] == []
        assert [item["action"] for item in stage.shown()["decisions"]][-2:] == ["withdraw", "uncorrect"]
    _round(stage)
    assert _out(stage) == before
    if noticed:
        _approve(stage, ANEW)
        _round(stage)
        assert _out(stage) != before


def test_a_reply_goes_out_also_below_a_withdrawn_paper(stage: Stage) -> None:
    _approve(stage, REPLY, "It was withdrawn.")
    _withdraw(stage)
    retire_withdrawn(stage.database, CHANNEL, now=stage.now)
    _round(stage)
    assert stage.out(X)[-1] == "Correction: It was withdrawn."


def test_a_thread_that_is_down_when_the_paper_is_withdrawn_waits_for_a_person(stage: Stage) -> None:
    stage.publishers[X].fail(Moment.REMOVE, TransientError("not now"))
    _approve(stage, ANEW)
    _round(stage)
    stage.now += timedelta(seconds=1)
    _withdraw(stage)
    retire_withdrawn(stage.database, CHANNEL, now=stage.now)
    stage.now += timedelta(minutes=5)
    _round(stage)
    assert (stage.shown()["state"], stage.states(), stage.out(X)) == (
        "attention",
        {"bluesky": "sent", "x": "refused"},
        [],
    )
