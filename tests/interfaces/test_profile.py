"""``picks profile`` on the real server: what the file says is set, and nothing else is lost."""

import base64
import json
import subprocess
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from pydantic import SecretStr

import warm_process
from bot.domain.errors import PicksError, TransientError
from bot.platforms.bluesky.profile import BlueskyProfile, kind_of, labelled
from bot.platforms.memory import MemorySessionStore
from harness_pds import Account, Pds

CONFIG = """
title = "Test"
[feeds]
categories = ["cs.CL"]
[posting]
platforms = ["bluesky", "x"]
[ranking.words]
"probing" = 2.0
[profile]
name = "Picks"
description = "A paper a day."
avatar = "face.png"
"""
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
OLD = {"$type": "app.bsky.actor.profile", "displayName": "Old", "pinnedNote": "kept", "description": "old"}
NAME = "app.bsky.actor.profile"


def _record(pds: Pds, account: Account) -> dict[str, Any]:
    url = f"{pds.url}/xrpc/com.atproto.repo.getRecord?repo={account.did}&collection={NAME}&rkey=self"
    with urlopen(url, timeout=10) as answer:
        found: dict[str, Any] = json.load(answer)["value"]
    return found


def _put(pds: Pds, account: Account, record: dict[str, Any]) -> None:
    body = {"repo": account.did, "collection": NAME, "rkey": "self", "record": record}
    pds.call("com.atproto.repo.putRecord", body, token=account.token)


def _run(folder: Path, pds: Pds, account: Account, *words: str) -> subprocess.CompletedProcess[str]:
    env = {"PICKS_DATA": str(folder / "data"), "HOME": str(folder), "BLUESKY_SERVICE": pds.url}
    keys = {"BLUESKY_HANDLE": account.handle, "BLUESKY_APP_PASSWORD": account.app_password}
    return warm_process.run(words, cwd=folder, env={**env, **keys})


def test_the_profile_is_set_once_keeps_other_fields_and_a_dry_run_changes_nothing(tmp_path: Path, pds: Pds) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "test.toml").write_text(CONFIG, "utf-8")
    (tmp_path / "config" / "face.png").write_bytes(PICTURE)
    account = pds.create_account()
    _put(pds, account, OLD)
    _run(tmp_path, pds, account, "db", "upgrade")
    dry = _run(tmp_path, pds, account, "profile", "--dry-run")
    assert "would change displayName, description, labels, avatar" in dry.stdout
    assert "on X by hand" in dry.stdout
    assert _record(pds, account) == OLD
    assert _run(tmp_path, pds, account, "profile").returncode == 0
    now = _record(pds, account)
    assert (now["displayName"], now["description"], now["pinnedNote"]) == ("Picks", "A paper a day.", "kept")
    assert now["labels"]["values"] == [{"val": "bot"}]
    assert now["avatar"]["size"] == len(PICTURE)
    again = json.loads(_run(tmp_path, pds, account, "profile", "--json").stdout)
    assert (again["changes"], again["written"]) == ([], False)


def test_what_a_person_changed_meanwhile_is_not_overwritten(pds: Pds) -> None:
    account = pds.create_account()
    profile = BlueskyProfile(
        service=pds.url,
        handle=account.handle,
        app_password=SecretStr(account.app_password),
        sessions=MemorySessionStore(),
    )
    seen = profile.read()
    _put(pds, account, OLD)
    with pytest.raises(TransientError, match="changed meanwhile"):
        profile.write({"$type": NAME, "displayName": "Picks"}, instead_of=seen)
    profile.close()
    assert _record(pds, account) == OLD


def test_other_labels_stay_beside_the_bots() -> None:
    record = {"labels": {"values": [{"val": "!no-unauthenticated"}]}}
    assert labelled(record)["labels"]["values"] == [{"val": "!no-unauthenticated"}, {"val": "bot"}]


def test_a_picture_that_is_none_or_too_large_is_refused() -> None:
    for picture in (b"GIF89a", PICTURE + bytes(1_000_000)):
        with pytest.raises(PicksError, match="avatar"):
            kind_of(picture)
