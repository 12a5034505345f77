"""A collection taken over: notes, links and dates in the archive, and nothing twice."""

from collections.abc import Iterator
from datetime import date

import pytest

from bot.archive.collection_pull import Pulled, pull
from bot.archive.entries import entries
from bot.archive.hub import Hub
from bot.curation.training_data import all_verdicts
from bot.domain.collection_section import CollectionSlug
from bot.domain.papers import ArxivId
from bot.intake.known_picks import KnownRecord, keep
from bot.store.collection_tables import ItemState
from bot.store.collections import Ledger
from bot.store.database import Database
from hub_standin import KEY, OWNER, HubStandin, running_hub
from samples import NOON, channel

pytestmark = pytest.mark.network

SLUG = CollectionSlug.parse(f"https://huggingface.co/collections/{OWNER}/daily-picks-{KEY}")
THREAD, CODE = "https://x.com/ana/status/1", "https://github.com/acme/tool"


@pytest.fixture
def server() -> Iterator[HubStandin]:
    with running_hub() as hub:
        hub.state.put("2401.12973", f"Worth <b>reading</b>.\nThread: {THREAD}\nCode: {CODE}", published="2024-01-23")
        hub.state.put("2401.12874", "", published="2024-01-22")
        hub.state.put("acme/data", kind="dataset")
        yield hub


def pulled(server: HubStandin, database: Database) -> Pulled:
    with Hub(server.url) as hub:
        return pull(database, channel(), hub.read(SLUG), now=NOON)


def test_papers_come_over_with_note_links_and_date(server: HubStandin, sqlite_database: Database) -> None:
    done = pulled(server, sqlite_database)
    assert (done.items, done.new, done.known, done.ours, done.no_papers) == (3, 2, 0, 0, 1)
    first, second = entries(sqlite_database, channel())
    assert (first.arxiv_id, first.title, first.note) == ("2401.12973", "Paper 2401.12973", "Worth <b>reading</b>.")
    assert (first.thread_url, first.code_url, first.day) == (THREAD, CODE, date(2024, 1, 23))
    assert (second.arxiv_id, second.note, second.elsewhere) == ("2401.12874", "", True)


def test_again_it_changes_nothing_and_a_changed_note_comes_over(server: HubStandin, sqlite_database: Database) -> None:
    pulled(server, sqlite_database)
    before = entries(sqlite_database, channel())
    assert (pulled(server, sqlite_database).new, pulled(server, sqlite_database).known) == (0, 2)
    assert entries(sqlite_database, channel()) == before
    server.state.items[0]["note"]["text"] = "Other words."
    pulled(server, sqlite_database)
    assert entries(sqlite_database, channel())[0].note == "Other words."


def test_what_we_added_ourselves_is_not_taken_for_somebody_elses(server: HubStandin, sqlite_database: Database) -> None:
    Ledger(sqlite_database, "sample", KEY, lambda: NOON).put("2401.12874", ItemState.ADDED)
    done = pulled(server, sqlite_database)
    assert (done.new, done.ours) == (1, 1)


def test_a_day_that_is_known_counts_more_than_the_hubs(server: HubStandin, sqlite_database: Database) -> None:
    with sqlite_database.transaction() as session:
        keep(session, "sample", KnownRecord(arxiv_id=ArxivId("2401.12874"), day=date(2024, 1, 24)), now=NOON)
    pulled(server, sqlite_database)
    assert entries(sqlite_database, channel())[0].day == date(2024, 1, 24)


def test_the_ranking_learns_from_them_until_they_are_retracted(server: HubStandin, sqlite_database: Database) -> None:
    pulled(server, sqlite_database)
    with sqlite_database.transaction() as session:
        keep(session, "sample", KnownRecord(arxiv_id=ArxivId("2401.12874"), retracted_at=NOON), now=NOON)
    with sqlite_database.reading() as session:
        assert list(all_verdicts(session, channel())) == ["2401.12973"]


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        (f"acme/daily-picks-{KEY}", f"acme/daily-picks-{KEY}"),
        (f"https://huggingface.co/collections/acme/daily-picks-{KEY}", f"acme/daily-picks-{KEY}"),
        (f"https://huggingface.co/collections/acme/daily-picks-{KEY}/", f"acme/daily-picks-{KEY}"),
        (f"https://hub.example/api/collections/acme/x-{KEY}?a=b", f"acme/x-{KEY}"),
        (f" acme/{KEY} ", f"acme/{KEY}"),
    ],
)
def test_a_collection_is_named_by_slug_or_address(text: str, slug: str) -> None:
    assert (CollectionSlug.parse(text).text, CollectionSlug.parse(text).key) == (slug, KEY)


@pytest.mark.parametrize("text", ["", "acme", "acme/picks", f"acme/../{KEY}/..", f"acme/a b-{KEY}", f"a/b/c-{KEY}"])
def test_anything_else_is_no_collection(text: str) -> None:
    with pytest.raises(ValueError, match="is no collection"):
        CollectionSlug.parse(text)
