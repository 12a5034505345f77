"""Our picks into a collection: nothing doubled, nothing lost, nothing of anybody else's touched, whatever fails."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import httpx2
import pytest
from pydantic import SecretStr

from bot.archive.collection_plan import Wanted
from bot.archive.collection_push import Pushed, push
from bot.archive.hub import Hub
from bot.archive.hub_errors import HubAccessError, HubError, HubNotFoundError, HubUnavailableError
from bot.domain.collection_section import CollectionSlug
from bot.domain.errors import TransientError
from bot.store.collection_tables import ItemState
from bot.store.collections import CollectionBusyError, Ledger
from bot.store.database import Database
from hub_standin import KEY, OWNER, READ, WRITE, Fault, HubStandin, Kind, running_hub
from samples import NOON

pytestmark = pytest.mark.network

SLUG = CollectionSlug(f"{OWNER}/daily-picks-{KEY}", KEY)
PICKS = [
    Wanted("2412.00003", "Third."),
    Wanted("2412.00002", "Second.\nCode: https://x.example"),
    Wanted("2412.00001", ""),
]


def _nobody_else() -> None:
    """Stand for the claim: no other process wants the collection."""


THEIRS = {"2401.00001": "By hand.", "2401.00002": ""}


@dataclass
class Place:
    """A collection with two papers of somebody else's, and what pushes to it."""

    hub: HubStandin
    database: Database
    paused: list[float] = field(default_factory=list)
    stopping: bool = False

    @property
    def ledger(self) -> Ledger:
        return Ledger(self.database, "sample", KEY, lambda: NOON)

    def push(self, picks: list[Wanted] = PICKS, *, token: str = WRITE, remove_retracted: bool = False) -> Pushed:
        with Hub(self.hub.url, token=SecretStr(token) if token else None, timeout=5.0) as hub:
            return push(
                hub, self.ledger, SLUG, picks, sleep=self._sleep, keep=_nobody_else, remove_retracted=remove_retracted
            )

    def _sleep(self, seconds: float) -> bool:
        self.paused.append(seconds)
        return self.stopping

    def states(self) -> dict[str, ItemState]:
        return {name: row.state for name, row in self.ledger.items().items()}


@pytest.fixture(scope="module")
def server() -> Iterator[HubStandin]:
    with running_hub() as hub:
        yield hub


@pytest.fixture
def here(server: HubStandin, sqlite_database: Database) -> Place:
    server.state = type(server.state)()
    for paper, note in THEIRS.items():
        server.state.put(paper, note)
    server.state.papers |= {pick.arxiv_id for pick in PICKS}
    return Place(server, sqlite_database)


IDEAL = {**{pick.arxiv_id: pick.note for pick in PICKS}, **THEIRS}


def in_order(place: Place) -> list[tuple[str, str]]:
    return list(place.hub.state.notes().items())


def test_our_picks_stand_first_with_their_notes_and_the_others_stay(here: Place) -> None:
    done = here.push()
    assert (done.add, done.update) == (["2412.00001", "2412.00002", "2412.00003"], [])
    assert in_order(here) == list(IDEAL.items())
    assert set(here.states().values()) == {ItemState.ADDED}
    assert done.stopped is None


def test_a_second_push_asks_for_nothing(here: Place) -> None:
    here.push()
    here.hub.state.log.clear()
    done = here.push()
    assert (done.add, done.update, done.index) == ([], [], [])
    assert here.hub.state.written() == []


def test_notes_and_places_of_all_are_one_request(here: Place) -> None:
    here.push()
    here.hub.state.log.clear()
    changed = [Wanted("2412.00001", "Now the newest."), *PICKS[:2]]
    done = here.push(changed)
    assert done.update == ["2412.00001"]
    assert in_order(here)[:3] == [(pick.arxiv_id, pick.note) for pick in changed]
    assert here.hub.state.written() == ["POST /items/batch"]


def test_a_note_that_was_taken_away_is_cleared(here: Place) -> None:
    here.push()
    here.push([Wanted("2412.00003", ""), *PICKS[1:]])
    assert here.hub.state.notes()["2412.00003"] == ""


def test_a_pick_that_somebody_added_by_hand_is_left_alone(here: Place) -> None:
    here.hub.state.put("2412.00002", "Their own words.")
    done = here.push()
    assert "2412.00002" not in done.add
    assert here.hub.state.notes()["2412.00002"] == "Their own words."
    assert "2412.00002" not in here.states()
    here.push([Wanted("2412.00002", "Our words."), *PICKS[::2]])
    assert here.hub.state.notes()["2412.00002"] == "Their own words."


def test_what_somebody_adds_while_we_do_is_left_alone_too(here: Place) -> None:
    class Racing(Hub):
        def read(self, slug: CollectionSlug):  # type: ignore[no-untyped-def]
            found = super().read(slug)
            if "2412.00002" not in found.papers:
                place.hub.state.put("2412.00002", "Their own words.")
            return found

    place = here
    with Racing(here.hub.url, token=SecretStr(WRITE)) as hub:
        done = push(hub, here.ledger, SLUG, PICKS, sleep=lambda _: False, keep=_nobody_else)
    assert done.stopped is None
    assert here.hub.state.notes()["2412.00002"] == "Their own words."
    assert sorted(here.states()) == ["2412.00001", "2412.00003"]


def test_a_paper_that_the_hub_does_not_know_comes_in_with_the_next_push(here: Place) -> None:
    here.hub.state.papers.discard("2412.00002")
    done = here.push()
    assert (done.index, done.waiting) == (["2412.00002"], ["2412.00002"])
    assert "2412.00002" not in here.hub.state.notes()
    assert here.states()["2412.00002"] is ItemState.INDEXED
    assert here.push().add == ["2412.00002"]
    assert in_order(here) == list(IDEAL.items())


def test_a_paper_that_somebody_adds_after_the_hub_had_not_known_it_is_theirs(here: Place) -> None:
    unknown = PICKS[0].arxiv_id
    here.hub.state.papers.discard(unknown)
    here.push()
    here.hub.state.put(unknown, "By another hand.")
    done = here.push()
    assert here.hub.state.notes()[unknown] == "By another hand."
    assert (unknown in here.states(), unknown in done.update) == (False, False)
    here.push([pick for pick in PICKS if pick.arxiv_id != unknown], remove_retracted=True)
    assert here.hub.state.notes()[unknown] == "By another hand."


def test_an_item_that_somebody_took_out_and_added_anew_is_theirs(here: Place) -> None:
    here.push()
    name = PICKS[0].arxiv_id
    with Hub(here.hub.url, token=SecretStr(WRITE), timeout=5.0) as hub:
        hub.remove(SLUG, hub.read(SLUG).papers[name].item_id)
    here.hub.state.put(name, "By another hand.")
    here.push()
    assert (here.hub.state.notes()[name], name in here.states()) == ("By another hand.", False)


def test_a_pick_that_is_retracted_before_the_hub_knows_its_paper_is_forgotten(here: Place) -> None:
    here.hub.state.papers.discard("2412.00002")
    here.push()
    here.push(PICKS[::2])
    assert sorted(here.states()) == ["2412.00001", "2412.00003"]


def test_a_paper_that_could_not_be_added_for_now_is_not_taken_for_ours(here: Place) -> None:
    here.hub.state.faults = [Fault("POST /items", Kind.TOO_MANY_LONG)]
    here.push()
    assert here.states() == {}
    here.hub.state.put("2412.00001", "By another hand.")
    here.push()
    assert here.hub.state.notes()["2412.00001"] == "By another hand."


def test_what_another_process_has_added_meanwhile_stays_ours(here: Place) -> None:
    class Overtaken(Hub):
        def add(self, slug: CollectionSlug, arxiv_id: str, note: str):  # type: ignore[no-untyped-def]
            place.push()
            return super().add(slug, arxiv_id, note)

    def keep() -> None:
        if len(place.hub.state.items) > len(THEIRS):
            raise CollectionBusyError("another process took the collection over")

    place = here
    with Overtaken(here.hub.url, token=SecretStr(WRITE)) as hub:
        push(hub, here.ledger, SLUG, PICKS, sleep=lambda _: False, keep=keep)
    assert in_order(here) == list(IDEAL.items())
    assert here.states() == dict.fromkeys([pick.arxiv_id for pick in PICKS], ItemState.ADDED)


def test_a_process_that_lost_the_collection_asks_for_nothing_more(here: Place) -> None:
    left = iter([None, None, None])

    def keep() -> None:
        if next(left, "lost") == "lost":
            raise CollectionBusyError("another process took the collection over")

    with Hub(here.hub.url, token=SecretStr(WRITE)) as hub:
        done = push(hub, here.ledger, SLUG, PICKS, sleep=lambda _: False, keep=keep)
    assert isinstance(done.stopped, CollectionBusyError)
    assert [route for route, _ in here.hub.state.log] == ["GET /collection", "POST /items"]


def test_a_paper_of_which_the_hub_could_not_be_told_is_told_of_again(here: Place) -> None:
    here.hub.state.papers.discard("2412.00002")
    here.hub.state.faults = [Fault("POST /api/papers/index", Kind.TOO_MANY_LONG)]
    done = here.push()
    assert isinstance(done.stopped, TransientError)
    assert here.states()["2412.00002"] is ItemState.UNKNOWN
    here.push()
    here.push()
    assert in_order(here) == list(IDEAL.items())


def test_papers_with_old_ids_are_left_out(here: Place) -> None:
    done = here.push([*PICKS, Wanted("cs/0301001", "Old.")])
    assert done.skipped == ["cs/0301001"]
    assert done.stopped is None
    assert in_order(here) == list(IDEAL.items())


def test_what_was_retracted_stays_until_somebody_wants_it_out(here: Place) -> None:
    here.push()
    here.push(PICKS[:2])
    assert "2412.00001" in here.hub.state.notes()
    done = here.push(PICKS[:2], remove_retracted=True)
    assert done.remove == ["2412.00001"]
    assert "2412.00001" not in here.hub.state.notes()
    assert set(THEIRS) <= set(here.hub.state.notes())
    assert "2412.00001" not in here.states()


def test_an_item_that_was_taken_out_by_hand_is_missing_and_added_again(here: Place) -> None:
    here.push()
    del here.hub.state.items[0]
    assert here.push().add == ["2412.00003"]
    assert in_order(here) == list(IDEAL.items())


def test_a_new_title_changes_the_slug_and_the_old_one_goes_on_working(here: Place) -> None:
    here.push(PICKS[1:])
    here.hub.state.title, here.hub.state.redirects = "Picks of another name", True
    with Hub(here.hub.url, token=SecretStr(WRITE)) as hub:
        assert str(hub.read(SLUG).slug) == f"{OWNER}/picks-of-another-name-{KEY}"
    here.push()
    assert in_order(here) == list(IDEAL.items())


ROUTES = ("GET /collection", "POST /items", "POST /items/batch")


@pytest.mark.parametrize("nth", [1, 2])
@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("route", ROUTES)
def test_whatever_fails_once_the_next_push_ends_it_with_nothing_doubled_or_lost(
    here: Place, route: str, kind: Kind, nth: int
) -> None:
    here.hub.state.faults = [Fault(route, kind, nth)]
    here.push()
    here.push()
    assert in_order(here) == list(IDEAL.items())
    assert len(here.hub.state.items) == len(IDEAL)
    assert set(here.states()) == {pick.arxiv_id for pick in PICKS}
    assert set(here.states().values()) == {ItemState.ADDED}


@pytest.mark.parametrize(
    "kind", [Kind.TOO_MANY, Kind.BROKEN_BEFORE, Kind.BROKEN_AFTER, Kind.LOST_REQUEST, Kind.LOST_ANSWER]
)
def test_what_fails_for_a_moment_is_not_even_noticed(here: Place, kind: Kind) -> None:
    here.hub.state.faults = [Fault(route, kind) for route in ROUTES]
    done = here.push()
    assert done.stopped is None
    assert in_order(here) == list(IDEAL.items())


@pytest.mark.parametrize("kind", [Kind.BROKEN_BEFORE, Kind.LOST_REQUEST, Kind.LOST_ANSWER, Kind.GARBAGE])
def test_what_fails_for_long_is_left_to_the_next_run(here: Place, kind: Kind) -> None:
    here.hub.state.faults = [Fault("POST /items", kind, 1, 50)]
    first = here.push()
    here.hub.state.faults = []
    here.push()
    assert in_order(here) == list(IDEAL.items())
    if kind in {Kind.BROKEN_BEFORE, Kind.LOST_REQUEST}:
        assert first.stopped is not None
        assert set(THEIRS) <= set(here.hub.state.notes())


def test_a_short_pause_is_waited_for_and_a_long_one_is_handed_on(here: Place) -> None:
    here.hub.state.faults = [Fault("GET /collection", Kind.TOO_MANY)]
    here.push()
    assert here.paused == [2.0]
    here.hub.state.counts.clear()
    here.hub.state.faults = [Fault("GET /collection", Kind.TOO_MANY_LONG)]
    done = here.push()
    assert isinstance(done.stopped, HubUnavailableError)
    assert done.stopped.retry_after == 240.0
    assert here.paused == [2.0]


def test_a_process_that_is_asked_to_stop_does_not_wait(here: Place) -> None:
    here.stopping = True
    here.hub.state.faults = [Fault("GET /collection", Kind.TOO_MANY)]
    assert isinstance(here.push().stopped, HubUnavailableError)


@pytest.mark.parametrize(
    ("token", "said"), [(READ, "role write"), ("", "HF_TOKEN"), ("hf_none", "does not know the token")]
)
def test_a_token_that_may_not_write_is_said_without_showing_it(here: Place, token: str, said: str) -> None:
    done = here.push(token=token)
    assert isinstance(done.stopped, HubAccessError)
    assert said in str(done.stopped)
    assert not token or token not in str(done.stopped)
    assert here.states() == {}
    assert list(here.hub.state.notes()) == list(THEIRS)


def test_a_collection_that_is_not_there_is_said(here: Place) -> None:
    with Hub(here.hub.url) as hub, pytest.raises(HubNotFoundError, match="read the collection"):
        hub.read(CollectionSlug.parse(f"{OWNER}/other-{'0' * 24}"))


def test_a_death_after_the_request_leaves_an_item_that_is_known_for_ours(here: Place) -> None:
    here.ledger.put("2412.00002", ItemState.ADDING)
    here.hub.state.put("2412.00002", "An older note of ours.")
    here.push()
    assert in_order(here) == list(IDEAL.items())


def test_a_note_that_the_hub_refuses_hinders_no_other_pick(here: Place) -> None:
    done = here.push([PICKS[0], Wanted("2412.00002", "x" * 501), PICKS[2]])
    assert [item.arxiv_id for item in done.failed] == ["2412.00002"]
    assert done.stopped is None
    assert sorted(done.add) == ["2412.00001", "2412.00003"]
    assert "2412.00002" not in here.states()


def test_nothing_is_followed_to_another_server_and_no_token_sent_there() -> None:
    asked: list[str] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append(request.url.host)
        return httpx2.Response(302, headers={"Location": "https://evil.example/"})

    with (
        Hub("https://hub.example", token=SecretStr(WRITE), transport=httpx2.MockTransport(answer)) as hub,
        pytest.raises(HubError, match="leads elsewhere"),
    ):
        hub.read(SLUG)
    assert asked == ["hub.example"]


def test_a_hub_that_is_not_there_is_said_without_an_address() -> None:
    with (
        Hub("http://127.0.0.1:9", token=SecretStr(WRITE), deadline=5.0) as hub,
        pytest.raises(HubUnavailableError, match="no connection to the Hub"),
    ):
        hub.read(SLUG)
