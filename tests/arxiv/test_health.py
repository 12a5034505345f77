"""The health of a batch: every feed that lies is found out, and none that tells the truth is accused."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.arxiv.calendar import Calendar
from bot.arxiv.health import FEED_CAP, Health, Listing, Verdict, judge
from bot.domain.papers import AnnounceType, Batch, OddEntry
from samples import announcement, batch

MONDAY, TUESDAY, WEDNESDAY, THURSDAY = (date(2026, 2, number) for number in (23, 24, 25, 26))
CROSS, REPLACE = AnnounceType.CROSS, AnnounceType.REPLACE


def papers(first: int, count: int = 10, *, feed: str = "cs.CL", day: date = WEDNESDAY) -> Batch:
    return batch(*(announcement(f"2602.{first + number:05}") for number in range(count)), feed=feed, day=day)


def verdict(now: Batch, *earlier: Batch) -> Verdict:
    return judge(Listing.of(now), [Listing.of(item) for item in earlier], Calendar())


def health(now: Batch, *earlier: Batch) -> Health:
    return verdict(now, *earlier).health


def test_papers_that_nobody_saw_before_are_fresh() -> None:
    assert verdict(papers(20), papers(1, day=TUESDAY)) == Verdict(Health.FRESH, "")


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (WEDNESDAY, Verdict(Health.EMPTY, "no papers, though arXiv should announce some on Wednesday 2026-02-25")),
        (date(2026, 2, 28), Verdict(Health.QUIET, "arXiv announces nothing at weekends")),
        (date(2026, 1, 20), Verdict(Health.QUIET, "arXiv sent no mailing on 2026-01-19 (Martin Luther King Day)")),
    ],
)
def test_a_feed_without_papers_is_quiet_or_empty_as_the_calendar_says(day: date, expected: Verdict) -> None:
    assert verdict(batch(day=day)) == expected


def test_the_batch_of_the_day_before_under_todays_date_is_stale() -> None:
    found = verdict(papers(1), papers(1, day=TUESDAY))
    assert found == Verdict(Health.STALE, "repeats 2026-02-24: 10 of 10 entries are the same")


def test_a_repeat_is_stale_also_where_some_versions_went_up_meanwhile() -> None:
    yesterday = papers(1, day=TUESDAY)
    newer = [replace(item, version=2) for item in yesterday.announcements[:4]]
    assert health(batch(*newer, *yesterday.announcements[4:], day=WEDNESDAY), yesterday) is Health.STALE


def test_a_repeat_of_a_repeat_is_stale_and_what_comes_after_it_is_not() -> None:
    first, second, third = (papers(1, day=day) for day in (MONDAY, TUESDAY, WEDNESDAY))
    assert health(third, second, first) is Health.STALE
    assert health(papers(20, day=THURSDAY), third, second, first) is Health.FRESH


def test_a_repeat_on_a_day_off_loses_nothing_and_says_so() -> None:
    found = verdict(papers(1, day=date(2026, 1, 20)), papers(1, day=date(2026, 1, 16)))
    assert found == Verdict(Health.STALE, "repeats 2026-01-16: 10 of 10 entries are the same; nothing was due")


def test_a_repeat_over_a_weekend_is_stale() -> None:
    assert health(papers(1, day=MONDAY), papers(1, day=MONDAY - timedelta(days=3))) is Health.STALE


def test_another_feed_shows_that_the_papers_are_old_where_the_own_batch_is_not_known() -> None:
    found = verdict(papers(1, feed="cs.AI"), papers(5, 20, day=TUESDAY))
    assert found == Verdict(
        Health.STALE, "its new papers have lower numbers than those announced by 2026-02-24 already"
    )
    assert health(papers(40, feed="cs.AI"), papers(5, 20, day=TUESDAY)) is Health.FRESH


def test_feeds_of_the_same_day_and_of_later_ones_bear_no_witness() -> None:
    assert health(papers(1, feed="cs.AI"), papers(5, 20, day=WEDNESDAY), papers(5, 20, day=THURSDAY)) is Health.FRESH


def test_replacements_and_late_cross_lists_of_yesterdays_papers_are_no_repeat() -> None:
    yesterday = papers(1, day=TUESDAY)
    replaced = [replace(item, version=2, type=REPLACE) for item in yesterday.announcements]
    assert health(batch(*replaced, day=WEDNESDAY), yesterday) is Health.FRESH
    crossed = [replace(item, type=CROSS) for item in yesterday.announcements]
    assert health(batch(*crossed, feed="cs.AI", day=WEDNESDAY), yesterday) is Health.FRESH


def test_a_paper_replaced_on_two_days_does_not_accuse_a_small_feed() -> None:
    twice = [batch(announcement("2601.00001", version=2 + n, type=REPLACE), day=TUESDAY + timedelta(n)) for n in (0, 1)]
    assert health(twice[1], twice[0]) is Health.FRESH


def test_papers_of_an_older_scheme_or_a_later_version_do_not_count_as_old() -> None:
    old = [announcement("nlin/0408039"), *(announcement(f"2502.{n:05}", version=2) for n in range(1, 9))]
    assert health(batch(*old, day=WEDNESDAY), papers(1, day=TUESDAY)) is Health.FRESH


def test_after_an_empty_day_or_a_day_off_a_batch_covers_both() -> None:
    empty = batch(day=TUESDAY)
    assert verdict(papers(1), empty) == Verdict(Health.DOUBLE, "covers 2026-02-24 too, which had no papers")
    assert health(papers(1, day=date(2026, 1, 21))) is Health.DOUBLE
    assert health(papers(1, day=MONDAY), batch(day=MONDAY - timedelta(days=3))) is Health.DOUBLE
    assert health(papers(1, day=THURSDAY), empty, papers(30, day=WEDNESDAY)) is not Health.DOUBLE


def test_a_day_that_came_empty_first_and_full_later_is_not_covered_twice() -> None:
    assert health(papers(20), batch(day=TUESDAY), papers(1, day=TUESDAY)) is Health.FRESH


def test_a_feed_built_before_midnight_carries_the_day_before() -> None:
    built = replace(papers(1, day=TUESDAY), built_at=datetime(2026, 2, 25, 4, 59, 59, tzinfo=UTC))
    found = verdict(built)
    assert found.health is Health.LATE
    assert found.reason == "built at 23:59:59 on 2026-02-24, so it carries 2026-02-24 and not the day after"
    assert health(papers(1), built) is Health.STALE
    assert health(papers(1, feed="cs.AI"), built) is Health.FRESH


def test_a_feed_at_the_servers_cap_or_cut_off_is_truncated() -> None:
    assert health(papers(1, FEED_CAP - 1)) is Health.FRESH
    assert verdict(papers(1, FEED_CAP)) == Verdict(Health.TRUNCATED, "2,000 entries: arXiv cuts a feed at 2,000")
    cut = replace(papers(1, 1), cut_off=True)
    assert verdict(cut) == Verdict(Health.TRUNCATED, "cut off after 1 entry; what arrived is kept")
    assert health(papers(1, 100), replace(papers(1, 20, day=TUESDAY), cut_off=True)) is Health.STALE


def test_only_the_last_ten_days_count() -> None:
    assert health(papers(1), papers(1, day=WEDNESDAY - timedelta(days=11))) is Health.FRESH


def test_a_repeat_that_was_built_late_or_cut_off_is_still_a_repeat() -> None:
    repeat = papers(1)
    late = replace(repeat, built_at=datetime(2026, 2, 26, 4, 59, 58, tzinfo=UTC))
    cut = replace(repeat, cut_off=True)
    assert [health(item, papers(1, day=TUESDAY)) for item in (late, cut)] == [Health.STALE, Health.STALE]


def test_a_feed_of_few_papers_may_have_none_on_a_day() -> None:
    few = [papers(10 * number, 2, day=day) for number, day in enumerate((date(2026, 2, 20), MONDAY, TUESDAY), 1)]
    assert verdict(batch(day=WEDNESDAY), *few) == Verdict(
        Health.QUIET, "a feed of few papers: never more than 5 on the days before"
    )
    assert health(papers(90, 3, day=THURSDAY), batch(day=WEDNESDAY), *few) is Health.FRESH


def test_two_small_days_do_not_make_a_feed_small() -> None:
    few = [papers(10 * number, 2, day=day) for number, day in enumerate((MONDAY, TUESDAY), 1)]
    assert health(batch(day=WEDNESDAY), *few) is Health.EMPTY


ODD = OddEntry("entry 11 of 11 has no title")


def test_a_batch_with_an_odd_entry_is_partial_and_says_which() -> None:
    found = verdict(replace(papers(20), odd=(ODD,)), papers(1, day=TUESDAY))
    assert found == Verdict(Health.PARTIAL, "entry 11 of 11 has no title; the others are kept")
    assert found.health.needs_repair


def test_of_many_odd_entries_the_first_are_named() -> None:
    odd = tuple(OddEntry(f"entry {number} of 9 has no title") for number in range(1, 10))
    assert verdict(batch(day=WEDNESDAY, odd=odd)).reason == (
        "entry 1 of 9 has no title; entry 2 of 9 has no title; entry 3 of 9 has no title; and 6 more; "
        "nothing else was in it"
    )


def test_a_repeat_or_half_a_feed_with_an_odd_entry_is_stale_or_truncated_all_the_same() -> None:
    odd = replace(papers(1), odd=(ODD,))
    assert health(odd, papers(1, day=TUESDAY)) is Health.STALE
    assert verdict(replace(odd, cut_off=True)) == Verdict(
        Health.TRUNCATED, "cut off after 10 entries; what arrived is kept; entry 11 of 11 has no title"
    )


FRIDAY = THURSDAY + timedelta(days=1)
SATURDAY = FRIDAY + timedelta(days=1)


def a_day_late(late: date, *, lost: date, before: date) -> tuple[Batch, list[Batch]]:
    """Return cs.AI's feed of a day with the papers of the lost day, on which it repeated another, and the others.

    cs.CL tells the truth all the time: 10 papers a day, with ten numbers of cs.AI's between its own.
    """
    true = [papers(first, day=day) for first, day in ((101, before), (121, lost), (141, late))]
    repeated = [papers(91, feed="cs.AI", day=day) for day in (before, lost)]
    return papers(111, feed="cs.AI", day=late), [*true, *repeated]


def test_papers_that_the_feed_should_have_had_the_day_before_are_delayed() -> None:
    batch_of_thursday, known = a_day_late(THURSDAY, lost=WEDNESDAY, before=TUESDAY)
    reason = "brings the papers of 2026-02-25, which this feed did not have then"
    assert verdict(batch_of_thursday, *known) == Verdict(Health.DELAYED, reason, brings=WEDNESDAY)
    assert (
        health(papers(131, feed="cs.AI", day=FRIDAY), batch_of_thursday, *known) is Health.DELAYED
    )  # still a day late
    assert health(papers(151, feed="cs.AI", day=FRIDAY), batch_of_thursday, *known) is Health.FRESH
    assert health(papers(111, feed="cs.AI", day=FRIDAY), batch_of_thursday, *known) is Health.STALE


def test_fridays_papers_on_a_saturday_are_delayed_and_no_others_were_due() -> None:
    found = verdict(*_both(a_day_late(SATURDAY, lost=FRIDAY, before=THURSDAY)))
    reason = "brings the papers of 2026-02-27, which this feed did not have then; nothing was due"
    assert found == Verdict(Health.DELAYED, reason, brings=FRIDAY)


def test_fridays_papers_on_a_monday_are_delayed() -> None:
    found = verdict(*_both(a_day_late(MONDAY + timedelta(days=7), lost=FRIDAY, before=THURSDAY)))
    assert (found.health, found.brings) == (Health.DELAYED, FRIDAY)


def _both(scene: tuple[Batch, list[Batch]]) -> list[Batch]:
    return [scene[0], *scene[1]]


def test_what_came_empty_and_late_is_delayed_too() -> None:
    late, known = a_day_late(THURSDAY, lost=WEDNESDAY, before=TUESDAY)
    assert verdict(late, *known[:-1], batch(feed="cs.AI", day=WEDNESDAY)).brings == WEDNESDAY


def test_old_papers_are_stale_where_the_feed_had_its_own_on_their_day() -> None:
    late, known = a_day_late(THURSDAY, lost=WEDNESDAY, before=TUESDAY)
    assert health(late, *known, papers(115, 4, feed="cs.AI", day=WEDNESDAY)) is Health.STALE
    assert health(late, *(item for item in known if item.feed == "cs.CL")) is Health.STALE
    assert health(papers(95, feed="cs.AI", day=THURSDAY), *known) is Health.STALE


def test_a_late_feed_that_did_not_arrive_whole_repairs_nothing() -> None:
    late, known = a_day_late(THURSDAY, lost=WEDNESDAY, before=TUESDAY)
    assert verdict(replace(late, cut_off=True), *known).brings is None


def test_a_feed_of_both_days_is_not_delayed() -> None:
    _, known = a_day_late(THURSDAY, lost=WEDNESDAY, before=TUESDAY)
    assert health(papers(127, 30, feed="cs.AI", day=THURSDAY), *known) is Health.FRESH


def test_where_no_other_feed_tells_the_api_does() -> None:
    lost = [papers(1, day=TUESDAY), papers(1, day=WEDNESDAY)]
    late = papers(20, day=THURSDAY)
    answer = replace(Listing.of(papers(20, day=WEDNESDAY)), from_api=True)
    known = [Listing.of(item) for item in lost]
    assert judge(Listing.of(late), known, Calendar()).health is Health.FRESH
    assert judge(Listing.of(late), [*known, answer], Calendar()).brings == WEDNESDAY
    assert judge(Listing.of(papers(40, day=THURSDAY)), [*known, answer], Calendar()).health is Health.FRESH


def test_on_a_day_off_that_nobody_named_the_apis_answer_makes_no_feed_late() -> None:
    answer = replace(Listing.of(papers(20, day=WEDNESDAY)), from_api=True)
    known = [Listing.of(papers(1, day=TUESDAY)), Listing.of(batch(day=WEDNESDAY)), answer]
    assert judge(Listing.of(papers(20, 15, day=THURSDAY)), known, Calendar()).health is Health.DOUBLE
