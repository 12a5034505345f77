"""``picks people``, and a mention from the file to the record on a real server."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import sample_feeds
import warm_process
from bot.domain.errors import PermanentError, TransientError
from bot.platforms.bluesky.handles import resolve_handle
from harness_pds import Account, Pds

pytestmark = pytest.mark.slow

CONFIG = """
title = "Test"
[feeds]
categories = ["cs.CL"]
[posting]
platforms = ["bluesky"]
time_zone = "UTC"
[thread]
mentions = true
[ranking.words]
"probing" = 2.0
"""
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Return what runs ``picks`` where one paper is stored."""
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "test.toml").write_text(CONFIG, "utf-8")
    feed = sample_feeds.rss(sample_feeds.Item(title="Probing", creator="Ána Example, B. Two, Bo Else"))
    (tmp_path / "feed.xml").write_bytes(feed)
    env = {"PICKS_DATA": str(tmp_path / "data"), "HOME": str(tmp_path), "PICKS_CURATOR": "ada", "LANG": "C.UTF-8"}

    def picks(*words: str, **more: str) -> subprocess.CompletedProcess[str]:
        return warm_process.run(words, cwd=tmp_path, env={**env, **more})

    assert picks("db", "upgrade").returncode == 0
    assert picks("fetch", "feed.xml").returncode == 0
    return picks


def _json(done: subprocess.CompletedProcess[str]) -> Any:
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_people_are_added_listed_and_found_and_comments_of_the_file_stay(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "config" / "people.toml"
    assert _json(run("people", "--json")) == []
    assert "picks people add" in run("people").stdout
    assert "List the people who may be mentioned" in run("people", "--help").stdout
    run("people", "add", "Ana Example", "--bluesky", "@ana.example.com")
    file.write_text("# ours\n" + file.read_text("utf-8"), "utf-8")
    added = _json(run("people", "add", "ana example", "--x", "ana_ex", "--mastodon", "ana@social.example", "--json"))
    assert added == {
        "name": "Ana Example",
        "handles": {"x": "ana_ex", "mastodon": "ana@social.example", "bluesky": "ana.example.com"},
    }
    run("people", "add", "Cy Two Else", "--x", "two")
    run("people", "add", "Berta Two", "--x", "berta")
    assert file.read_text("utf-8").startswith('# ours\n["Ana Example"]\nx = "ana_ex"\n')
    assert [person["name"] for person in _json(run("people", "--json"))] == ["Ana Example", "Cy Two Else", "Berta Two"]
    assert "Ana Example: @ana_ex on x, @ana@social.example on mastodon" in run("people").stdout
    found = _json(run("people", "find", "1", "--json"))
    assert found["mentions"] is True
    assert [(item["author"], item["people"][0]["name"], item["doubt"]) for item in found["found"]] == [
        ("Ána Example", "Ana Example", None),
        ("B. Two", "Berta Two", "the names differ in a given name or an initial"),
    ]
    shown = " ".join(run("people", "find", "1").stdout.split())
    assert "B. Two may be Berta Two: the names differ in a given name or an initial; not mentioned" in shown


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("Ana Example",), 2, "give at least one handle: --bluesky, --x or --mastodon"),
        (("Ana Example", "--x", "no handle"), 2, "--x: 'no handle' is no handle on x; write one such as ana_example\n"),
        (("Ana, Bo", "--x", "ana"), 2, "would be 'Ana' and 'Bo'"),
        (("Ana Example", "--x", "other"), 1, "is @ana_ex on x in config/people.toml, below line 1, and not @other"),
    ],
)
def test_what_cannot_be_added_changes_nothing(
    run: Run, tmp_path: Path, words: tuple[str, ...], code: int, said: str
) -> None:
    run("people", "add", "Ana Example", "--x", "ana_ex")
    before = (tmp_path / "config" / "people.toml").read_bytes()
    done = run("people", "add", *words)
    assert (done.returncode, said in done.stderr) == (code, True), done.stderr
    assert (tmp_path / "config" / "people.toml").read_bytes() == before


def test_a_file_that_is_a_link_stays_one(run: Run, tmp_path: Path) -> None:
    link, file = tmp_path / "config" / "people.toml", tmp_path / "shared.toml"
    file.write_text('["Bo Else"]\nx = "bo"\n', "utf-8")
    link.symlink_to(file)
    assert run("people", "add", "Ana Example", "--x", "ana_ex").returncode == 0
    assert link.is_symlink()
    assert '["Ana Example"]\nx = "ana_ex"' in file.read_text("utf-8")


def test_a_person_who_stands_in_one_line_is_left_to_the_hand_that_wrote_it(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "config" / "people.toml"
    file.write_text('"Ana Example" = {x = "ana_ex"}\n', "utf-8")
    done = run("people", "add", "Ana Example", "--bluesky", "ana.example.com")
    assert done.returncode == 1
    assert 'line 1: Ana Example is no header there; add bluesky = "ana.example.com" by hand' in done.stderr
    assert file.read_text("utf-8") == '"Ana Example" = {x = "ana_ex"}\n'


def test_a_mistake_in_the_file_is_said_with_its_line_and_nothing_is_approved(run: Run, tmp_path: Path) -> None:
    (tmp_path / "config" / "people.toml").write_text('["Ana Example"]\n\nsite = "a"\n', "utf-8")
    for words in (("people",), ("people", "find", "1"), ("preview", "1"), ("approve", "1")):
        done = run(*words)
        assert (done.returncode, done.stdout) == (1, ""), words
        assert "people.toml, line 3: Ana Example.site is not a known key" in done.stderr
    assert run("queue").returncode == 0
    checks = {item["name"]: item for item in json.loads(run("doctor", "--offline", "--json").stdout)["checks"]}
    assert (checks["people"]["state"], "line 3" in checks["people"]["detail"]) == ("failed", True)
    assert checks["people"]["next"] == "mend the file, then run picks doctor again"


def test_a_mention_is_shown_approved_and_posted_as_the_account_that_has_the_handle(
    run: Run, pds: Pds, account: Account
) -> None:
    ana = pds.create_account()
    run("people", "add", "Ana Example", "--bluesky", ana.handle)
    run("people", "add", "Bo Else", "--bluesky", "nobody.test")
    env = {"BLUESKY_SERVICE": pds.url, "BLUESKY_HANDLE": account.handle, "BLUESKY_APP_PASSWORD": account.app_password}
    shown = run("preview", "1", **env).stdout
    assert "[mentions: Ána Example]" in shown
    flat = " ".join(shown.split())
    assert f"Mentions Ána Example: @{ana.handle}." in flat
    assert "Does not mention Bo Else: @nobody.test of people.toml does not resolve" in flat
    assert run("approve", "1", "--note", "Worth reading, says @nobody.test.", "--now", **env).returncode == 0
    # What was approved is the account, whatever it is called later.
    pds.rename(ana, ana.handle.replace("account", "moved"))
    assert run("publish", **env).returncode == 0
    facets = [facet for record in pds.records(account.did) for facet in record["value"].get("facets", [])]
    features = [feature for facet in facets for feature in facet["features"]]
    mentions = [item for item in features if item["$type"] == "app.bsky.richtext.facet#mention"]
    assert mentions == [{"$type": "app.bsky.richtext.facet#mention", "did": ana.did}]


def test_whose_a_handle_is_is_asked_without_signing_in(pds: Pds, account: Account) -> None:
    assert resolve_handle(account.handle, service=pds.url) == account.did
    with pytest.raises(PermanentError, match="knows nobody of that name"):
        resolve_handle("nobody.test", service=pds.url)
    with pytest.raises(TransientError, match="does not say whose it is"):
        resolve_handle("nobody.test", service="http://127.0.0.1:9")
