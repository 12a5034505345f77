"""The digest comes once a day to everybody, with what there is; a reminder comes where a slot stays empty."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import col, update

from bot.curation import decisions
from bot.curation.context import Edits
from bot.intake.announcement_days import mark_outdated
from bot.intake.queue import rank
from bot.store.database import Database
from bot.store.message_tables import Message, MessageService, MessageState
from bot.store.tables import FeedDay
from morning import ANA, BEN, OLA, Morning, morning_channel
from samples import TUESDAY, WEDNESDAY, announcement

DIGEST = "digest 2026-02-17"
TEN, THREE = "reminder 2026-02-17T10:00Z", "reminder 2026-02-17T15:00Z"


@pytest.fixture
def morning(sqlite_database: Database) -> Morning:
    """Return the morning of a Tuesday: one curator's DID is known, and two papers are in."""
    made = Morning(sqlite_database)
    made.all_in("Probing", "Steering")
    return made


def test_the_digest_comes_in_the_morning_once_whatever_comes_in_later(morning: Morning) -> None:
    assert morning.at(6, 59) == 0
    assert morning.at(7) == 1
    morning.take(announcement("2602.00003", "Probing Late"), feed="cs.LG")
    assert [morning.at(7, 1), morning.at(12), morning.at(6, 59, day=18)] == [0, 0, 0]
    assert morning.told() == [(ANA, DIGEST)]
    [digest] = morning.messages()
    assert digest.text.splitlines()[0] == "Sample, Tue 17 Feb 2026: 2 candidates"
    assert "#1 · " in digest.text
    assert "empty today: 10:00, 15:00 (UTC)" in digest.text
    assert digest.text.splitlines()[-1].startswith("answer: show 1 · note 1 WORDS · approve 1")


def test_everybody_gets_one_as_soon_as_there_is_a_way_to_them(morning: Morning) -> None:
    morning.addresses = ["json", "mailto"]
    assert morning.at(7) == 3
    morning.dids = {"ben.example.com": BEN}
    assert morning.at(7, 5) == 1
    morning.dids |= {"ola.example.com": OLA}
    assert [morning.at(7, 6), morning.at(7, 7)] == [1, 0]
    assert [name for name, key in morning.told() if key == DIGEST] == [ANA, "json", "mailto", BEN, OLA]
    kinds = {row.recipient: row.service for row in morning.messages()}
    assert [name for name, kind in kinds.items() if kind is MessageService.APPRISE] == ["json", "mailto"]


def test_each_is_told_what_they_can_do_there(morning: Morning) -> None:
    morning.dids, morning.addresses = {"ben.example.com": BEN}, ["json"]
    morning.at(7)
    last = {row.recipient: row.text.splitlines()[-1] for row in morning.messages()}
    assert "approve" in last[ANA]
    assert "approve" not in last[BEN]
    assert last["json"].startswith("picks show 1; ")


def test_a_feed_that_lies_is_waited_for_until_the_last_chance_of_the_morning(database: Database) -> None:
    morning = Morning(database, morning_channel(notices={"reminder_hours": 0.0}))
    morning.take(announcement("2602.00001", "Probing"))
    morning.lies("cs.LG")
    assert [morning.at(7), morning.at(8, 59)] == [0, 0]
    assert morning.at(9) == 1
    assert "not in yet: cs.LG" in morning.messages()[0].text
    morning.take(announcement("2602.00002", "Probing Late"), feed="cs.LG")
    assert morning.at(9, 30) == 0


@pytest.mark.parametrize("way", [{"repaired": "2 found in the API"}, {"came_on": TUESDAY}])
def test_a_feed_whose_papers_came_in_another_way_is_waited_for_no_longer(
    way: dict[str, object], sqlite_database: Database
) -> None:
    morning = Morning(sqlite_database)
    morning.take(announcement("2602.00001", "Probing"))
    morning.lies("cs.LG")
    assert morning.at(7, 30) == 0
    with sqlite_database.transaction() as session:
        session.execute(update(FeedDay).where(col(FeedDay.feed) == "cs.LG").values(**way))
    assert morning.at(7, 31) == 1


def test_a_batch_that_comes_after_the_morning_still_has_its_digest_once(sqlite_database: Database) -> None:
    morning = Morning(sqlite_database)
    assert [morning.at(7), morning.at(9), morning.at(11)] == [0, 0, 0]
    morning.all_in("Probing")
    assert [morning.at(11, 1), morning.at(11, 2)] == [1, 0]


def test_between_a_batch_and_its_queue_nothing_is_told(sqlite_database: Database) -> None:
    morning = Morning(sqlite_database)
    morning.all_in("Probing")
    with sqlite_database.transaction() as session:
        mark_outdated(session, [TUESDAY])
    assert morning.at(7) == 0
    rank(sqlite_database, [morning.channel], days=[], now=morning.now)
    assert morning.at(7, 1) == 1


@pytest.mark.parametrize("day", [21, 22])
def test_a_weekend_is_told_nothing_but_what_nobody_was_told_on_friday(day: int, morning: Morning) -> None:
    assert morning.at(7, day=day) == 0
    friday = TUESDAY + timedelta(days=3)
    morning.take(announcement("2602.00101", "Probing Friday"), day=friday)
    morning.take(announcement("2602.00102", "Cooking"), feed="cs.LG", day=friday)
    assert [morning.at(9, day=day), morning.at(10, day=day)] == [1, 0]
    assert morning.told() == [(ANA, "digest 2026-02-20")]


def test_a_day_without_candidates_is_told_nothing(sqlite_database: Database) -> None:
    morning = Morning(sqlite_database)
    morning.all_in()
    assert [morning.at(hour) for hour in range(6, 24)] == [0] * 18
    assert morning.told() == []


def test_a_day_whose_candidates_were_all_decided_about_is_told_nothing(morning: Morning) -> None:
    for paper in ("2602.00001", "2602.00002"):
        decisions.reject(morning.context, paper, reason="")
    assert morning.at(7) == 0


def test_a_digest_of_one_candidate_is_about_it_so_that_a_reaction_decides(sqlite_database: Database) -> None:
    morning = Morning(sqlite_database)
    morning.all_in("Probing")
    morning.at(7)
    assert [row.about for row in morning.messages()] == ["2602.00001"]
    assert "👍 approve · 👎 reject · ⏳ hold until" in morning.messages()[0].text


def test_a_digest_of_several_is_about_none(morning: Morning) -> None:
    morning.at(7)
    assert [row.about for row in morning.messages()] == [None]


def test_in_the_americas_the_digest_waits_for_the_morning_after_the_batch(sqlite_database: Database) -> None:
    posting = {"platforms": ["x"], "time_zone": "America/Los_Angeles", "times": ["10:00"]}
    morning = Morning(sqlite_database, morning_channel(posting=posting))
    morning.all_in("Probing")
    assert morning.at(5, 30) == 0  # half past nine on Monday evening
    assert morning.at(14, 59) == 0
    assert morning.at(15) == 1


def test_in_asia_the_digest_is_that_of_the_afternoon_before(sqlite_database: Database) -> None:
    posting = {"platforms": ["x"], "time_zone": "Asia/Tokyo", "times": ["10:00"]}
    morning = Morning(sqlite_database, morning_channel(posting=posting))
    morning.all_in("Probing")
    assert morning.at(6) == 0  # three in the afternoon
    assert morning.at(22) == 1  # seven in the morning of Wednesday
    assert morning.told() == [(ANA, DIGEST)]


def test_a_channel_may_want_no_digest(sqlite_database: Database) -> None:
    morning = Morning(sqlite_database, morning_channel(notices={"digest": False, "reminder_hours": 0.0}))
    morning.all_in("Probing")
    assert [morning.at(hour) for hour in range(6, 24)] == [0] * 18


def test_what_could_not_be_sent_in_time_is_dropped_when_there_is_something_newer(morning: Morning) -> None:
    morning.at(7)
    morning.take(announcement("2602.00101", "Probing Again"), day=WEDNESDAY)
    morning.take(announcement("2602.00102", "Cooking"), feed="cs.LG", day=WEDNESDAY)
    morning.at(7, day=18)
    states = {row.key: (row.state, row.error) for row in morning.messages() if row.key.startswith("digest")}
    assert states == {
        DIGEST: (MessageState.REFUSED, "it came too late to be sent"),
        "digest 2026-02-18": (MessageState.PLANNED, None),
    }


def test_an_empty_slot_is_reminded_of_once_two_hours_before(morning: Morning) -> None:
    morning.at(7)
    assert [morning.at(7, 59), morning.at(8), morning.at(8, 1), morning.at(9, 59)] == [0, 1, 0, 0]
    assert [morning.at(12, 59), morning.at(13), morning.at(14)] == [0, 1, 0]
    assert morning.told() == [(ANA, DIGEST), (ANA, TEN), (ANA, THREE)]
    text = morning.messages()[1].text
    assert text.splitlines()[0] == "sample: the slot at 10:00 UTC today is empty"
    assert text.splitlines()[1].startswith("2 candidates wait, the best one: #1 · ")


def test_a_slot_that_is_taken_is_not_reminded_of(morning: Morning) -> None:
    morning.at(7)
    decisions.approve(morning.context, "2602.00001", Edits(note="Worth reading."))
    assert [morning.at(8), morning.at(13)] == [0, 1]
    assert morning.told()[1:] == [(ANA, THREE)]


def test_a_day_that_is_full_has_no_empty_slot(sqlite_database: Database) -> None:
    posting = {"platforms": ["x"], "time_zone": "UTC", "times": ["10:00", "15:00"], "daily_cap": 1}
    morning = Morning(sqlite_database, morning_channel(posting=posting))
    morning.all_in("Probing", "Steering")
    decisions.approve(morning.context, "2602.00001", Edits(note="Worth reading."))
    assert [morning.at(hour) for hour in (8, 13)] == [1, 0]
    assert morning.told() == [(ANA, DIGEST)]


def test_an_empty_queue_has_no_reminder(morning: Morning) -> None:
    for paper in ("2602.00001", "2602.00002"):
        decisions.reject(morning.context, paper, reason="")
    assert [morning.at(hour) for hour in (8, 9, 13)] == [0, 0, 0]


def test_a_day_without_slots_has_no_reminder(morning: Morning) -> None:
    assert morning.at(8, day=21) == 0


def test_who_has_just_got_the_digest_needs_no_reminder(morning: Morning) -> None:
    assert morning.at(8, 30) == 1
    assert [morning.at(8, 31), morning.at(9, 59)] == [0, 0]
    assert morning.told() == [(ANA, DIGEST)]


def test_who_only_looks_on_is_not_reminded(morning: Morning) -> None:
    morning.dids, morning.addresses = {"ben.example.com": BEN, "ola.example.com": OLA}, ["json"]
    morning.at(7)
    assert morning.at(8) == 3
    assert [name for name, key in morning.told() if key == TEN] == [ANA, OLA, "json"]


def test_the_channel_file_says_how_long_before_the_slot(sqlite_database: Database) -> None:
    morning = Morning(sqlite_database, morning_channel(notices={"reminder_hours": 0.5}))
    morning.all_in("Probing")
    morning.at(7)
    assert [morning.at(9, 29), morning.at(9, 30)] == [0, 1]


def test_a_reminder_that_was_not_sent_before_its_slot_is_dropped(morning: Morning) -> None:
    morning.at(7)
    morning.at(8)
    morning.at(10, 1)
    assert {row.key: row.state for row in morning.messages()}[TEN] is MessageState.REFUSED


def test_two_workers_tell_everybody_once(morning: Morning) -> None:
    second = Morning(morning.database, morning.channel, now=datetime(2026, 2, 17, 7, tzinfo=UTC))
    assert [morning.at(7), second.tick(), morning.tick()] == [1, 0, 0]
    assert len(morning.told()) == 1


def test_what_another_worker_is_sending_is_not_dropped(morning: Morning) -> None:
    morning.at(7)
    with morning.database.transaction() as session:
        session.execute(update(Message).values(state=MessageState.SENDING).where(col(Message.id) > 0))
    morning.take(announcement("2602.00101", "Probing Again"), day=WEDNESDAY)
    morning.take(announcement("2602.00102", "Cooking"), feed="cs.LG", day=WEDNESDAY)
    morning.at(7, day=18)
    assert [row.state for row in morning.messages()] == [MessageState.SENDING, MessageState.PLANNED]
    assert morning.now - morning.messages()[0].planned_at == timedelta(days=1)
