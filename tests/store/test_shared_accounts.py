"""Two channels on one account: no paper twice, no slot twice, no burst after downtime."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot import commands, curation, views
from bot.desk import Account, Desk, Edits
from bot.errors import PicksError, UnknownOutcomeError
from bot.ingest import Capture, ingest
from bot.picks import DeliveryState
from bot.platforms.fakes import Moment
from bot.posts import Platform
from bot.publishing import deliver_due
from bot.store.database import Database
from publishing_stage import CHANNEL, PAPER, Stage, approved_stage
from samples import NOON, announcement, batch

OTHER = CHANNEL.model_copy(update={"name": "other"})
SECOND = "2602.00002"


@pytest.fixture
def stage(database: Database) -> Stage:
    """Return a stage whose paper is approved in one channel and queued in another one."""
    stage = approved_stage(database)
    for publisher in stage.publishers.values():
        publisher.account = "an account"
    papers = [announcement(item, "Probing") for item in (PAPER, SECOND)]
    ingest(database, [Capture(batch(*papers, feed="cs.LG"), "test")], channels=[CHANNEL, OTHER], now=NOON)
    return stage


def _other_desk(stage: Stage, **accounts: str | None) -> Desk:
    names = {Platform(name): Account(account) for name, account in accounts.items()}
    return replace(stage.desk(), channel=OTHER, accounts={**stage.desk().accounts, **names})


def _states(stage: Stage, channel: str) -> list[tuple[Platform, DeliveryState, str | None]]:
    reports = deliver_due(stage.outbox(), channels=[channel])
    return [(item.platform, item.state, item.error) for item in reports]


def test_a_paper_that_another_channel_posts_there_is_not_approved_again(stage: Stage) -> None:
    with pytest.raises(PicksError, match=r"approved for the same account already \(bluesky by sample, x by sample\)"):
        curation.approve(_other_desk(stage), PAPER, Edits())
    assert views.show(stage.database, OTHER, PAPER)["state"] == "queued"


def test_the_platform_with_an_account_of_its_own_still_gets_it(stage: Stage) -> None:
    desk = _other_desk(stage, x="another account")
    reply = commands.VERBS["approve"].run(desk, PAPER)
    assert [item["platform"] for item in reply.data["deliveries"]] == ["x"]
    assert "left out: bluesky: the channel sample posts it there" in reply.summary


def test_once_the_other_channel_has_taken_it_back_it_may_be_approved(stage: Stage) -> None:
    curation.undo(stage.desk(), PAPER)
    approval = curation.approve(_other_desk(stage), PAPER, Edits())
    assert approval.taken == {}


def _approve_for_accounts_that_turn_out_the_same(stage: Stage) -> None:
    desk = _other_desk(stage, bluesky="old name", x="old name")
    curation.approve(desk, PAPER, Edits(), at=NOON)


def test_what_turns_out_to_be_the_same_account_when_it_is_sent_is_refused(stage: Stage) -> None:
    _approve_for_accounts_that_turn_out_the_same(stage)
    stage.tick()
    reason = "the channel sample has this paper out on an account already; nothing is posted twice, so give it up here"
    assert _states(stage, "other") == [
        (Platform.BLUESKY, DeliveryState.REFUSED, reason),
        (Platform.X, DeliveryState.REFUSED, reason),
    ]
    assert len(stage.out(Platform.BLUESKY)) == len(stage.approved(Platform.BLUESKY))


def test_while_the_other_channels_fate_is_open_it_waits(stage: Stage) -> None:
    _approve_for_accounts_that_turn_out_the_same(stage)
    stage.publishers[Platform.X].fail(Moment.BEFORE, UnknownOutcomeError("no answer"))
    stage.tick()
    assert stage.states()["x"] == "unknown"
    assert [platform for platform, _, _ in _states(stage, "other")] == [Platform.BLUESKY]


def test_a_slot_of_another_channel_on_the_same_account_is_taken(stage: Stage) -> None:
    first = curation.approve(stage.desk(), SECOND, Edits()).slot
    ours = curation.approve(_other_desk(stage, bluesky="another account"), PAPER, Edits(), at=None)
    assert (ours.taken, ours.slot) == ({Platform.X: "sample"}, first + timedelta(days=1))


def test_a_slot_of_another_channel_on_another_account_is_free(stage: Stage) -> None:
    first = curation.approve(stage.desk(), SECOND, Edits()).slot
    apart = _other_desk(stage, bluesky="another account", x="a third one")
    assert curation.approve(apart, PAPER, Edits()).slot == first


def test_after_downtime_channels_that_share_an_account_do_not_burst_together(stage: Stage) -> None:
    later = NOON + timedelta(hours=1)
    curation.approve(_other_desk(stage), SECOND, Edits(), at=later)
    back = later + timedelta(hours=1)
    assert curation.space_out(stage.database, [CHANNEL, OTHER], now=back) == [SECOND]


def test_after_downtime_channels_with_accounts_of_their_own_both_go_on_at_once(stage: Stage) -> None:
    later = NOON + timedelta(hours=1)
    curation.approve(_other_desk(stage, bluesky="b", x="c"), SECOND, Edits(), at=later)
    assert curation.space_out(stage.database, [CHANNEL, OTHER], now=later + timedelta(hours=1)) == []
