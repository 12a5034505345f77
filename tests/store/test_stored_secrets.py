"""Passwords that an earlier version has stored with addresses are gone after the upgrade, and nothing else is."""

from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import MetaData, Table, select

from bot.store.database import Database
from bot.store.schema import upgrade
from samples import NOON, TUESDAY

CANARY = "c4nary"
THERE = f"http://me:{CANARY}@127.0.0.1:8080/rss/cs.CL"
SHOWN = "http://127.0.0.1:8080/rss/cs.CL"
SAID = f"{THERE} answers HTTP 404; see 'http://me:{CANARY}/x@host/'; check the address"
SAID_NOW = f"{SHOWN} answers HTTP 404; see 'http://…@host/'; check the address"
HARMLESS = "https://rss.arxiv.org/rss/cs.CL answers HTTP 404; see a@b or https://example.org/@me"
BATCH = {
    "digest": "d",
    "built_at": NOON,
    "ingested_at": NOON,
    "items": 1,
    "new_papers": 1,
    "updated_papers": 0,
    "health": "broken",
    "origin": "feed",
    "cut_off": False,
}
ROWS: dict[str, list[dict[str, Any]]] = {
    "batches": [
        {**BATCH, "id": 1, "feed": "cs.CL", "day": TUESDAY, "source": THERE, "reason": SAID},
        {**BATCH, "id": 2, "feed": "cs.LG", "day": TUESDAY, "source": THERE, "reason": ""},
        {**BATCH, "id": 3, "feed": "cs.AI", "day": TUESDAY, "source": "/srv/a@b/feed.xml", "reason": HARMLESS},
        {**BATCH, "id": 4, "feed": "cs.CV", "day": TUESDAY, "source": "arXiv API", "reason": ""},
    ],
    "feeds": [
        {"feed": "cs.CL", "failures": 1, "error": SAID},
        {"feed": "cs.LG", "failures": 1, "error": HARMLESS},
        {"feed": "cs.AI", "failures": 0, "error": None},
        {
            "feed": "cs.CV",
            "failures": 1,
            "error": f"http://me:{CANARY}/x@host/rss/cs.CV cannot be asked for (\"Invalid port: '{CANARY}'\"); check",
        },
    ],
    "feed_days": [
        {
            "feed": "cs.CL",
            "day": TUESDAY,
            "health": "broken",
            "reason": SAID,
            "repaired": SAID,
            "error": SAID,
            "tries": 1,
            "asked": 0,
        }
    ],
    "lessons": [
        {
            "channel": "sample",
            "decision_id": 0,
            "previous_decision_id": 0,
            "known_picks": 0,
            "error": SAID,
            "library_missing": False,
        }
    ],
    "accounts": [{"platform": "x", "account": "1", "failures": 1, "error": SAID, "needs_person": False}],
    "papers": [
        {
            "arxiv_id": "2602.00001",
            "version": 1,
            "title": THERE,
            "abstract": THERE,
            "authors": [],
            "categories": [],
            "text_day": TUESDAY,
            "first_seen_at": NOON,
            "backfilled": False,
            "withdrawn": False,
        }
    ],
    "candidates": [
        {
            "id": 1,
            "channel": "sample",
            "arxiv_id": "2602.00001",
            "score": 1.0,
            "reasons": [],
            "state": "approved",
            "queued_at": NOON,
            "by_hand": False,
        }
    ],
    "picks": [{"id": 1, "candidate_id": 1, "note": "Worth reading.", "slot_chosen": False}],
    "deliveries": [
        {
            "id": 1,
            "pick_id": 1,
            "platform": "x",
            "state": "planned",
            "fingerprint": "f",
            "remarks": [],
            "due_at": NOON,
            "attempts": 1,
            "error": SAID,
            "single": False,
            "former": False,
            "unquoted": False,
        }
    ],
    "delivery_changes": [
        {
            "id": 1,
            "delivery_id": 1,
            "at": NOON,
            "action": "postpone",
            "before": "sending",
            "after": "planned",
            "by": "worker",
            "mouth": "worker",
            "detail": SAID,
        }
    ],
}
"""As the version before this migration has left them; what a paper says is its authors' affair."""


def _tables(database: Database) -> dict[str, list[dict[str, Any]]]:
    with database.connection() as connection:
        tables = {name: Table(name, MetaData(), autoload_with=connection) for name in ROWS}
        return {
            name: [dict(row) for row in connection.execute(select(table).order_by(*table.primary_key)).mappings()]
            for name, table in tables.items()
        }


def _store(database: Database) -> None:
    upgrade(database, revision="0013")
    with database.connection() as connection:
        for name, rows in ROWS.items():
            connection.execute(Table(name, MetaData(), autoload_with=connection).insert(), rows)


def _mended(value: Any) -> Any:
    return SHOWN if value == THERE else SAID_NOW if value == SAID else value


def test_stored_addresses_lose_their_passwords_and_nothing_else_changes(database_address: str) -> None:
    with closing(Database(database_address)) as database:
        _store(database)
        before = _tables(database)
        assert upgrade(database, revision="0014") == ("0013", "0014")
        after = _tables(database)
    [paper] = before.pop("papers")
    [same_paper] = after.pop("papers")
    assert same_paper == {**same_paper, **paper}
    [port] = [row for row in before["feeds"] if row["feed"] == "cs.CV"]
    port["error"] = 'http://…@host/rss/cs.CV cannot be asked for ("Invalid port"); check'
    for name, rows in before.items():
        wanted = [{key: _mended(value) for key, value in row.items()} for row in rows]
        assert [{key: row[key] for key in wish} for row, wish in zip(after[name], wanted, strict=True)] == wanted
    assert CANARY not in str(after)


def test_the_file_itself_does_not_remember_them(tmp_path: Path) -> None:
    with closing(Database(f"sqlite:///{tmp_path}/picks.db")) as database:
        _store(database)
        with database.connection() as connection:
            connection.exec_driver_sql("DELETE FROM papers WHERE false")
    file = tmp_path / "picks.db"
    stored = file.read_bytes().count(CANARY.encode())
    with closing(Database(f"sqlite:///{file}")) as database:
        upgrade(database)
    kept = sum(str(row).count(CANARY) for row in ROWS["papers"])
    assert stored > kept
    found = sum(path.read_bytes().count(CANARY.encode()) for path in tmp_path.iterdir())
    assert found == 2 * kept  # in the paper's own words, and in the index of them
