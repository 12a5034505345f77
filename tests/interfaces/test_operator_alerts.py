"""What whoever operates it is told: each thing once when it begins and once when it is over, whoever is restarted."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlmodel import col, select

from bot.app import App
from bot.domain.errors import AccountError, PicksError, TransientError
from bot.domain.posts import Platform
from bot.interfaces.alerts.conditions import AlertKind, Condition
from bot.interfaces.alerts.outage import PATIENCE, DatabaseOutage
from bot.interfaces.alerts.telling import ABANDONED, CALM, tell
from bot.interfaces.alerts.watch import Watch
from bot.interfaces.doctor.folders import disk
from bot.interfaces.heartbeat import beat, begin_job
from bot.publishing.alerts import HOURLY, Alerts
from bot.publishing.circuit_breaker import note_failure, note_success
from bot.settings import Settings
from bot.store.database import Database, DatabaseBusyError
from bot.store.message_tables import OPERATOR, Message
from notice_scene import Box
from samples import CONSOLE_CHANNEL, NOON

SECRET = "c4nary"
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def _condition(subject: str = "one", **changes: timedelta) -> Condition:
    return Condition(
        kind=AlertKind.REFUSED, subject=subject, place="sample", text="It broke.", next="mend it", **changes
    )


@dataclass
class Scene:
    """A database, what is wrong, and a clock."""

    database: Database
    found: list[Condition] = field(default_factory=list)
    now: datetime = NOON
    boxes: dict[str, Box] = field(default_factory=lambda: {"json": Box()})

    def tick(self, *, places: tuple[str, ...] = ("", "sample")) -> list[str]:
        """Return what one worker plans now, by the titles, and send it."""
        before = len(self.titles())
        with self.database.transaction() as session:
            tell(session, self.found, places=places, addresses=self.boxes, now=self.now)
        planned = self.titles()[before:]
        self.send()
        return planned

    def send(self) -> dict[str, list[str]]:
        """Return what arrives at each address now, by the titles."""
        before = {name: len(box.taken) for name, box in self.boxes.items()}
        Alerts(self.database, lambda _: self.boxes, worker="w1", clock=lambda: self.now).send_due(OPERATOR)
        taken = {name: box.taken[before[name] :] for name, box in self.boxes.items()}
        return {name: [title.removeprefix("Daily Picks: ") for title, _ in found] for name, found in taken.items()}

    def titles(self) -> list[str]:
        with self.database.reading() as session:
            rows = session.exec(select(Message).where(Message.channel == OPERATOR).order_by(col(Message.id)))
            return [row.text.partition("\n")[0].removeprefix("Daily Picks: ") for row in rows]


@pytest.fixture
def scene(database: Database) -> Scene:
    return Scene(database)


def test_what_lasts_is_told_once_and_its_end_once_by_whichever_worker(scene: Scene) -> None:
    scene.found = [_condition()]
    assert [scene.tick(), scene.tick()] == [["refused: one"], []]
    scene.now += DAY
    assert scene.tick() == []
    scene.found = []
    assert scene.tick() == []
    scene.now += CALM
    assert [scene.tick(), scene.tick()] == [["over: refused: one"], []]
    scene.found = [_condition()]
    assert scene.tick() == ["refused: one"]


def test_what_is_over_before_it_was_news_is_never_told(scene: Scene) -> None:
    scene.found = [_condition(patience=HOUR)]
    scene.tick()
    scene.now += HOUR - MINUTE
    scene.tick()
    scene.found, scene.now = [], scene.now + CALM
    scene.tick()
    assert scene.titles() == []


def test_a_worker_that_does_not_see_a_channel_does_not_call_its_troubles_over(scene: Scene) -> None:
    scene.found = [_condition()]
    scene.tick()
    scene.found, scene.now = [], scene.now + HOUR
    assert scene.tick(places=("", "another")) == []
    assert scene.tick() == ["over: refused: one"]


def test_what_stood_in_a_channel_that_was_removed_is_over_after_a_day_and_says_why(scene: Scene) -> None:
    scene.found = [_condition()]
    scene.tick()
    scene.found, scene.now = [], scene.now + ABANDONED - MINUTE
    assert scene.tick(places=("", "renamed")) == []
    scene.now += MINUTE
    assert [scene.tick(places=("", "renamed")), scene.tick()] == [["over: refused: one"], []]
    with scene.database.reading() as session:
        last = session.exec(select(Message.text).order_by(col(Message.id).desc())).first()
    assert "its channel, or its machine, is no more" in (last or "")


def test_an_address_that_was_down_for_days_hears_of_what_still_stands_and_of_nothing_else(scene: Scene) -> None:
    scene.boxes["mailto"] = Box(errors=[TransientError("it was not taken")] * 100)
    for number in range(6):
        for found in ([_condition("lasting"), _condition(f"passing {number}")], [_condition("lasting")]):
            scene.found = found
            scene.tick()
            scene.now += 4 * HOUR
    assert len(scene.boxes["json"].taken) == 1 + 2 * 6
    scene.boxes["mailto"].errors = []
    assert scene.send() == {"json": [], "mailto": ["refused: lasting"]}
    scene.found = []
    scene.tick()
    assert [box.taken[-1][0] for box in scene.boxes.values()] == ["Daily Picks: over: refused: lasting"] * 2


def test_an_address_that_comes_back_gets_no_more_an_hour_than_any(scene: Scene) -> None:
    scene.boxes["json"].errors = [TransientError("it was not taken")] * 100
    for number in range(8):
        scene.found.append(_condition(f"{number:02}"))
        scene.tick()
        scene.now += HOUR
    scene.boxes["json"].errors = []
    arrived = []
    for _ in range(4):
        arrived.append(len(scene.send()["json"]))
        scene.now += HOUR / 2
    assert arrived == [HOURLY, 0, 8 - HOURLY, 0]


def test_six_messages_an_hour_are_sent_and_the_last_counts_the_rest(scene: Scene) -> None:
    scene.found = [_condition(f"{number:02}") for number in range(20)]
    assert scene.tick() == [*(f"refused: {number:02}" for number in range(HOURLY - 1)), "15 more in this hour"]
    scene.found.append(_condition("late"))
    scene.now += MINUTE
    assert scene.tick() == []
    scene.now += HOUR
    assert scene.tick() == ["refused: late"]


def test_no_secret_of_an_address_and_no_mention_is_in_a_message(scene: Scene) -> None:
    text = f"cannot reach https://me:{SECRET}@host/ as @ana"
    scene.found = [Condition(kind=AlertKind.REFUSED, subject="one", place="", text=text, next="mend it")]
    scene.tick()
    with scene.database.reading() as session:
        said = session.exec(select(Message.text)).one()
    assert SECRET not in said
    assert "@ana" not in said


class Place:
    """A program with one channel, whose clock tests set; a restart makes everything anew but the database."""

    def __init__(self, folder: Path, migrated: Path) -> None:
        (folder / "config").mkdir()
        config = CONSOLE_CHANNEL.replace('platforms = ["console"]', 'platforms = ["console", "x"]')
        (folder / "config" / "test.toml").write_text(config, "utf-8")
        self.file = folder / "picks.db"
        self.file.write_bytes(migrated.read_bytes())
        self.now = datetime(2026, 2, 17, 12, tzinfo=UTC)
        self.settings = Settings(
            database_url=SecretStr(f"sqlite:///{self.file}"), PICKS_CONFIG=folder / "config", PICKS_DATA=folder
        )
        self.environ = {
            "X_CONSUMER_KEY": "key",
            "X_CONSUMER_SECRET": "secret",
            "X_ACCESS_TOKEN": "1-token",
            "X_ACCESS_TOKEN_SECRET": "secret",
        }

    def told(self) -> list[str]:
        """Return the titles that a worker which has just been started plans, of what is told here."""
        with closing(App(self.settings, clock=lambda: self.now, environ=self.environ)) as app:
            watch = Watch(app)
            scene = Scene(
                app.database, [item for item in watch.look() if item.kind is not AlertKind.DISK_LOW], self.now
            )
            return scene.tick(places=("", "test"))

    def database(self) -> "closing[Database]":
        return closing(Database(f"sqlite:///{self.file}"))


@pytest.fixture
def place(tmp_path: Path, migrated_file: Path) -> Place:
    return Place(tmp_path, migrated_file)


def _account(place: Place) -> str:
    with closing(App(place.settings, environ=place.environ)) as app:
        return app.accounts(app.channels["test"])[Platform.X].name or ""


def test_refused_credentials_are_told_once_over_restarts_until_they_are_accepted(place: Place) -> None:
    account = _account(place)
    with place.database() as database, database.transaction() as session:
        error = AccountError("X does not accept the credentials", sign_in=True)
        note_failure(session, error, platform=Platform.X, account=account, now=place.now)
    assert [place.told(), place.told()] == [[f"sign-in failing: the account {account} on x"], []]
    with place.database() as database, database.transaction() as session:
        note_success(session, platform=Platform.X, account=account)
    place.now += CALM
    assert [place.told(), place.told()] == [[f"over: sign-in failing: the account {account} on x"], []]


def test_missing_credits_need_a_person_and_the_page_is_named(place: Place) -> None:
    account = _account(place)
    with place.database() as database, database.transaction() as session:
        error = AccountError("the X account is out of credits")
        note_failure(session, error, platform=Platform.X, account=account, now=place.now)
    with closing(App(place.settings, clock=lambda: place.now, environ=place.environ)) as app:
        [found] = [item for item in Watch(app).look() if item.kind is AlertKind.NEEDS_PERSON]
    assert "https://console.x.com" in found.next
    assert place.told() == [f"needs a person: the account {account} on x"]


def test_an_account_that_fails_for_an_hour_is_told_and_a_short_outage_is_not(place: Place) -> None:
    account = _account(place)
    for _ in range(3):
        with place.database() as database, database.transaction() as session:
            note_failure(session, TransientError("no answer"), platform=Platform.X, account=account, now=place.now)
        assert place.told() == []
        place.now += MINUTE
    place.now += HOUR
    assert [place.told(), place.told()] == [[f"account resting: {account} on x"], []]


def test_a_wait_of_more_than_an_hour_is_told_at_once(place: Place) -> None:
    account = _account(place)
    with place.database() as database, database.transaction() as session:
        error = TransientError("too many", retry_after=7200)
        note_failure(session, error, platform=Platform.X, account=account, now=place.now)
    assert place.told() == [f"account resting: {account} on x"]


def test_a_worker_that_fell_silent_is_told_by_another_until_one_is_started_there(place: Place) -> None:
    with place.database() as database:
        beat(database, "gone:1:a", started_at=place.now, now=place.now)
        place.now += timedelta(minutes=4)
        beat(database, "here:2:b", started_at=place.now, now=place.now)
        assert [place.told(), place.told()] == [["worker silent: gone:1:a"], []]
        place.now += CALM
        for worker in ("gone:3:c", "here:2:b"):
            beat(database, worker, started_at=place.now, now=place.now)
    assert place.told() == ["over: worker silent: gone:1:a"]


def test_a_job_that_hangs_and_one_that_fails_for_a_quarter_of_an_hour_are_told(place: Place) -> None:
    with place.database() as database:
        beat(database, "here:1:a", started_at=place.now, now=place.now, failing="poll")
        begin_job(database, "here:1:a", "publish", now=place.now, due_by=place.now + MINUTE)
        assert place.told() == []
        place.now += 2 * MINUTE
        assert place.told() == ["job hung: publish on here"]
        place.now += timedelta(minutes=14)
        beat(database, "here:2:b", started_at=place.now, now=place.now, failing="poll")
    assert "job failing: poll on here" in place.told()


def test_a_disk_with_little_room_is_low(tmp_path: Path) -> None:
    assert disk(tmp_path, little=10**24).state != disk(tmp_path, little=0).state


def test_a_database_that_is_locked_is_told_directly_and_once(tmp_path: Path, migrated_file: Path) -> None:
    file = tmp_path / "picks.db"
    file.write_bytes(migrated_file.read_bytes())
    box, moments = Box(), [NOON]
    outage = DatabaseOutage(lambda: {"json": box}, lambda: moments[-1])
    with closing(Database(f"sqlite:///{file}?timeout=0")) as database, closing(sqlite3.connect(file)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(PicksError) as caught, database.transaction():
            pytest.fail("the database was not locked")
    outage.note(caught.value)
    assert box.taken == []
    for _ in range(3):
        moments.append(moments[-1] + PATIENCE)
        outage.note(caught.value)
        outage.note(ValueError("something else"))
    outage.end()
    outage.end()
    name = "database locked or not reached"
    assert [title for title, _ in box.taken] == [f"Daily Picks: {name}", f"Daily Picks: over: {name}"]


def test_an_address_that_does_not_take_an_outage_is_tried_again_and_others_are_not() -> None:
    boxes, moments = {"json": Box(), "mailto": Box(errors=[TransientError("no")])}, [NOON]
    outage = DatabaseOutage(lambda: boxes, lambda: moments[-1])
    for _ in range(5):
        outage.note(DatabaseBusyError("it is busy"))
        moments.append(moments[-1] + 3 * MINUTE)
    assert [len(box.taken) for box in boxes.values()] == [1, 1]


BUSY = DatabaseBusyError("it is busy")


@dataclass
class Outage:
    """An outage of the database, whose clock tests set."""

    boxes: dict[str, Box] = field(default_factory=lambda: {"json": Box()})
    now: datetime = NOON

    def __post_init__(self) -> None:
        self.outage = DatabaseOutage(lambda: self.boxes, lambda: self.now, advice="Next: end what holds it.")

    def lasts(self, minutes: int) -> None:
        for _ in range(minutes):
            self.outage.note(BUSY)
            self.now += MINUTE

    def titles(self, name: str = "json") -> list[str]:
        return [
            title.removeprefix("Daily Picks: ").removesuffix("database locked or not reached")
            for title, _ in self.boxes[name].taken
        ]


def test_an_outage_that_ends_while_it_is_told_is_told_as_over_and_the_next_one_anew() -> None:
    scene = Outage()
    scene.boxes["json"].meanwhile = scene.outage.end
    scene.lasts(3)
    scene.boxes["json"].meanwhile = lambda: None
    for _ in range(3):
        scene.outage.end()
    assert scene.titles() == ["", "over: "]
    scene.now += HOUR
    scene.lasts(4)
    assert scene.titles() == ["", "over: ", ""]
    assert scene.boxes["json"].taken[0][1].endswith("Next: end what holds it.")


def test_an_address_that_does_not_take_the_end_of_an_outage_is_tried_again_and_hears_it_once() -> None:
    scene = Outage()
    scene.lasts(4)
    scene.boxes["json"].errors = [TransientError("it was not taken")] * 3
    for _ in range(60):
        scene.outage.end()
        scene.now += MINUTE
    assert scene.titles() == ["", "over: "]


def test_the_end_of_an_outage_that_nobody_takes_for_half_a_day_is_no_news_and_the_next_one_is() -> None:
    scene = Outage()
    scene.lasts(4)
    scene.boxes["json"].errors = [TransientError("it was not taken")] * 10_000
    for _ in range(150):
        scene.outage.end()
        scene.now += timedelta(minutes=5)
    scene.boxes["json"].errors = []
    scene.outage.end()
    assert scene.titles() == [""]
    scene.lasts(4)
    assert scene.titles() == ["", ""]


def test_a_database_that_comes_and_goes_is_told_six_times_an_hour_at_most() -> None:
    scene = Outage()
    for _ in range(12):
        scene.lasts(3)
        scene.outage.end()
        scene.now += 2 * MINUTE
    assert scene.titles() == ["", "over: "] * (HOURLY // 2)


@pytest.fixture
def watched(place: Place) -> Iterator[Watch]:
    with closing(App(place.settings, clock=lambda: place.now, environ=place.environ)) as app:
        yield Watch(app)


def test_without_addresses_nobody_is_told_and_nothing_is_kept(watched: Watch) -> None:
    assert not watched.wanted
    watched.run()
