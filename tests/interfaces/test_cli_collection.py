"""``picks collection``, as operators and scripts use it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hub_standin import KEY, OWNER, READ, WRITE, HubStandin, running_hub
from sharing_place import CHANNEL, Place, place

pytestmark = pytest.mark.network

SLUG = f"{OWNER}/daily-picks-{KEY}"


@pytest.fixture
def hub() -> Iterator[HubStandin]:
    with running_hub() as found:
        found.state.put("2401.12973", "Worth <b>reading</b>.\nCode: https://github.com/acme/tool")
        yield found


@pytest.fixture
def here(tmp_path: Path) -> Place:
    """Return a place whose channel has a collection, with one pick published."""
    found = place(tmp_path / "place", f'{CHANNEL}\n[collection]\nslug = "{SLUG}"\n')
    found.ok("approve", "2602.00001", "--note", "Ours & <i>new</i>.", "--now")
    found.ok("publish")
    return found


def test_a_collection_is_pulled_compared_and_pushed_to(here: Place, hub: HubStandin) -> None:
    environ = {"HF_ENDPOINT": hub.url, "HF_TOKEN": WRITE}
    assert here.json("collection", "status", **environ)["strangers"] == ["2401.12973"]
    assert here.json("collection", "pull", SLUG, **environ) == {
        "collection": SLUG,
        "title": "Daily picks",
        "items": 1,
        "new": 1,
        "known": 0,
        "ours": 0,
        "no_papers": 0,
    }
    assert [item["arxiv_id"] for item in here.json("export")] == ["2602.00001", "2401.12973"]
    would = here.json("collection", "push", "--dry-run", HF_ENDPOINT=hub.url)
    assert would == {
        "collection": SLUG,
        "add": ["2602.00001"],
        "update": [],
        "index": [],
        "remove": [],
        "skipped": [],
        "failed": [],
    }
    assert hub.state.written() == []
    done = here.json("collection", "push", **environ)
    assert (done["add"], done["index"]) == ([], ["2602.00001"])
    assert "added 2602.00001" in here.ok("collection", "push", **environ)
    assert hub.state.notes() == {
        "2602.00001": "Ours & <i>new</i>.",
        "2401.12973": "Worth <b>reading</b>.\nCode: https://github.com/acme/tool",
    }
    status = here.json("collection", "status", **environ)
    assert (status["in_step"], status["ours"], status["strangers"]) == (True, 1, [])
    assert "is in step" in here.ok("collection", "push", **environ)


def test_people_are_told_what_differs(here: Place, hub: HubStandin) -> None:
    said = here.ok("collection", "status", HF_ENDPOINT=hub.url)
    assert f"Daily picks ({SLUG}): 1 items, 0 of them ours" in said
    assert "to be added: 2602.00001" in said
    assert "not known here; picks collection pull takes them over: 2401.12973" in " ".join(said.split())
    assert "would add 2602.00001" in here.ok("collection", "push", "--dry-run", HF_ENDPOINT=hub.url)


def test_the_worker_pushes_after_a_publication_where_it_has_a_token(here: Place, hub: HubStandin) -> None:
    hub.state.papers.add("2602.00001")
    here.run("worker", "--once", HF_ENDPOINT=hub.url)
    assert hub.state.log == []
    here.run("worker", "--once", HF_ENDPOINT=hub.url, HF_TOKEN=WRITE)
    assert hub.state.notes()["2602.00001"] == "Ours & <i>new</i>."


@pytest.mark.parametrize(
    ("words", "environ", "ends"),
    [
        (("push",), {}, (1, "a push needs a token with the role write; set HF_TOKEN")),
        (("push",), {"HF_TOKEN": READ}, (1, "the token may not write there")),
        (("push",), {"HF_TOKEN": "hf_wrong_canary"}, (1, "the Hub does not know the token")),
        (("pull", f"{OWNER}/other-{'0' * 24}"), {}, (1, "HTTP 404")),
        (("pull", "nonsense"), {}, (2, "'nonsense' is no collection")),
        (("status",), {"HF_ENDPOINT": "http://127.0.0.1:9"}, (1, "no connection to the Hub")),
        (("status",), {"HF_ENDPOINT": "hub"}, (1, "the environment variable HF_ENDPOINT is wrong")),
        (("status",), {"HF_ENDPOINT": "https://user:canary@hub.example"}, (1, "without user, password")),
    ],
)
def test_a_mistake_is_one_line_and_shows_no_token(
    here: Place, hub: HubStandin, words: tuple[str, ...], environ: dict[str, str], ends: tuple[int, str]
) -> None:
    code, said = ends
    done = here.run("collection", *words, **{"HF_ENDPOINT": hub.url, **environ})
    assert done.returncode == code
    assert said in done.stderr
    assert "canary" not in done.stderr + done.stdout
    assert done.stderr.count("\n") == 1


def test_without_a_collection_it_is_said_where_to_name_one(tmp_path: Path) -> None:
    done = place(tmp_path / "plain").run("collection", "status")
    assert done.returncode == 2
    assert "set collection.slug in the channel file" in done.stderr
