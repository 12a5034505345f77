"""``picks status`` names the addresses that fail, by names without secrets, until a message is taken there again."""

from datetime import timedelta
from io import StringIO
from zoneinfo import ZoneInfo

from rich.console import Console

from bot.curation.context import Account
from bot.domain.errors import PermanentError, TransientError
from bot.interfaces.display.status import status as shown
from bot.interfaces.views.status import Status, status
from bot.publishing.alerts import Alerts
from bot.store.database import Database
from bot.store.message_tables import OPERATOR, MessageService
from bot.store.messages import drop_stale, plan
from notice_scene import Scene
from samples import channel

CHANNEL = channel()


def _status(scene: Scene) -> Status:
    accounts = dict.fromkeys(CHANNEL.posting.platforms, Account("an account"))
    return status(scene.database, CHANNEL, accounts=accounts, now=scene.now)


def _failing(scene: Scene) -> list[tuple[str, str, str, bool]]:
    found = _status(scene).notices.failing
    return [(item.address, item.notice, item.error, item.next_try_at is not None) for item in found]


def _said(scene: Scene) -> str:
    console = Console(width=80, file=StringIO(), record=True)
    console.print(shown(_status(scene), ZoneInfo("UTC")))
    return console.export_text()


def test_an_address_that_fails_is_named_until_something_is_taken_there(sqlite_database: Database) -> None:
    scene = Scene(sqlite_database)
    for address in ("json", "mailto"):
        scene.plan(address=address)
    assert _failing(scene) == []
    assert "addresses that fail" not in _said(scene)
    scene.boxes["json"].errors = [TransientError("it was not taken: the answer was 401")]
    scene.tick()
    assert _failing(scene) == [("json", "digest 2026-02-17", "it was not taken: the answer was 401", True)]
    said = _said(scene)
    assert "json: digest 2026-02-17, next try Tue 17 Feb 2026 12:01 UTC" in said
    assert "it was not taken: the answer was 401" in said
    assert "told      digest 2026-02-17" in said
    scene.now += timedelta(minutes=1)
    scene.tick()
    assert _failing(scene) == []


def test_what_was_given_up_stays_until_the_next_notice_is_taken(sqlite_database: Database) -> None:
    scene = Scene(sqlite_database)
    scene.plan()
    scene.boxes["json"].errors = [PermanentError("apprise knows no such address")]
    scene.tick()
    assert _failing(scene) == [("json", "digest 2026-02-17", "apprise knows no such address", False)]
    said = " ".join(_said(scene).split())
    assert "the address json of PICKS_DIGEST_URL digest 2026-02-17 was given up: apprise knows no such address" in said
    assert said.count("apprise knows no such address") == 1
    assert "addresses that fail" not in said
    scene.plan("digest 2026-02-18")
    assert len(_failing(scene)) == 1
    scene.tick()
    assert _failing(scene) == []


def test_an_address_that_takes_nothing_for_half_a_day_needs_a_person(sqlite_database: Database) -> None:
    scene = Scene(sqlite_database)
    scene.boxes["json"].errors = [TransientError("it was not taken")] * 100
    with sqlite_database.transaction() as session:
        for number in range(2):
            plan(
                session,
                channel=OPERATOR,
                service=MessageService.APPRISE,
                recipient="json",
                key=f"begun {number}",
                parts=["It broke."],
                now=scene.now,
            )
    asked = []
    for _ in range(14):
        Alerts(scene.database, lambda _: scene.boxes, worker="w1", clock=lambda: scene.now).send_due(OPERATOR)
        asked.append([case.why for case in _status(scene).attention])
        scene.now += timedelta(hours=1)
    assert asked[:12] == [[]] * 12
    assert asked[13] == ["it has taken nothing since 2026-02-17 12:00 UTC: it was not taken"]


def test_what_came_too_late_for_an_address_is_a_failure_too(sqlite_database: Database) -> None:
    scene = Scene(sqlite_database)
    scene.plan()
    with sqlite_database.transaction() as session:
        drop_stale(session, channel="sample", kind="digest", keep=["digest 2026-02-18"])
    assert [error for _, _, error, _ in _failing(scene)] == ["it came too late to be sent"]


def test_an_address_that_was_told_nothing_for_weeks_is_forgotten(sqlite_database: Database) -> None:
    scene = Scene(sqlite_database)
    scene.plan()
    scene.boxes["json"].errors = [PermanentError("apprise knows no such address")]
    scene.tick()
    scene.now += timedelta(days=15)
    assert _failing(scene) == []
