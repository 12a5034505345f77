"""What status says of messages: on or off and why, who cannot be reached, and what mends it."""

from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from rich.console import Console

from bot.app import App
from bot.domain.actors import Actor
from bot.domain.chat import ChatTrouble
from bot.interfaces.commands import VERBS, make_call
from bot.interfaces.display.status import status as shown
from bot.interfaces.views.attention import chat_attention
from bot.interfaces.views.chat import ChatStatus, chat_checks, chat_status
from bot.interfaces.views.json import to_json
from bot.interfaces.worker import Worker
from chat_scene import ADA, BEN, BOT, EVE, MORNING, Scene, scene_in
from chat_standin import RefusalError


@pytest.fixture
def scene(tmp_path: Path, migrated_file: Path) -> Iterator[Scene]:
    """Return a channel with papers and curators."""
    with scene_in(tmp_path, migrated_file) as scene:
        yield scene


def _status(scene: Scene, app: App | None = None) -> ChatStatus:
    chosen = app or scene.app
    channel = chosen.channel(None)
    with chosen.database.reading() as session:
        return chat_status(session, channel, chosen.accounts(channel), now=scene.now)


def _problems(status: ChatStatus) -> dict[str, str]:
    return {item.name: item.problem for item in status.curators if item.problem}


def test_while_all_is_well_it_says_when_messages_were_read(scene: Scene) -> None:
    status = _status(scene)
    assert (status.on, status.problem, status.account) == (True, None, "picks.test")
    assert status.read_at == MORNING + timedelta(seconds=5)
    assert [check.ok for check in chat_checks(status)] == [True] * 5
    assert chat_attention(status) == ()
    assert [(item.name, item.did) for item in status.curators][:2] == [("Ada", ADA), ("Ben", BEN)]


def test_the_json_of_status_has_it(scene: Scene) -> None:
    reply = VERBS["status"].run(make_call(scene.app, Actor("ada", "shell")))
    found = to_json(reply.data)["chat"]
    assert found["on"] is True
    assert found["curators"][0] == {
        "name": "Ada",
        "account": "ada.test",
        "role": "curator",
        "did": ADA,
        "problem": None,
        "next": None,
    }


@pytest.mark.parametrize(
    ("environ", "said"),
    [({}, "no credentials"), ({"BLUESKY_HANDLE": "picks.test"}, "BLUESKY_APP_PASSWORD is not")],
)
def test_without_an_app_password_it_is_off_and_says_so(scene: Scene, environ: Mapping[str, str], said: str) -> None:
    app = App(scene.app.settings, clock=lambda: scene.now, environ=environ)
    status = _status(scene, app)
    app.close()
    assert (status.on, status.needs_person) == (False, False)
    assert said in str(status.problem)
    assert scene.new_job().wanted
    assert app.chat_sources() == []
    [first, *_] = chat_checks(status)
    assert (first.ok, first.detail) == (False, status.problem)


def test_a_channel_without_curators_has_no_job_and_nothing_to_check(scene: Scene) -> None:
    file = scene.folder / "config" / "sample.toml"
    file.write_text(file.read_text("utf-8").split("[[curators]]")[0], "utf-8")
    app = scene.new_app()
    status = _status(scene, app)
    app.close()
    assert status.problem == "the channel file lists no curators"
    assert (app.chat_sources(), chat_checks(status)) == ([], ())


def test_a_missing_permission_needs_a_person(scene: Scene) -> None:
    scene.server.allowed = False
    scene.now += timedelta(minutes=2)
    scene.tick()
    status = _status(scene)
    assert status.trouble is ChatTrouble.NO_PERMISSION
    [case] = chat_attention(status)
    assert case.what == "the messages of picks.test on Bluesky"
    assert "does not allow direct messages" in case.why
    assert "BLUESKY_APP_PASSWORD" in case.next


def test_a_rate_limit_needs_nobody_and_says_until_when(scene: Scene) -> None:
    scene.service.limit("getLog", seconds=300)
    scene.tick()
    status = _status(scene)
    assert status.trouble is ChatTrouble.RATE_LIMITED
    assert status.rests_until is not None
    assert timedelta(seconds=290) < status.rests_until - scene.now <= timedelta(seconds=301)
    assert chat_attention(status) == ()


def test_each_curator_who_cannot_be_reached_is_named_with_what_mends_it(scene: Scene) -> None:
    scene.service.allow(ADA, "following")
    scene.service.allow(BEN, "none")
    scene.plan(ADA, "good morning")
    scene.plan(BEN, "good morning")
    scene.tick()
    status = _status(scene)
    assert _problems(status) == {"Ada": "Ada lets only accounts write that it follows", "Ben": "Ben takes no messages"}
    assert [case.next for case in chat_attention(status)] == [
        "Ada follows picks.test, or writes to it first",
        "Ben allows messages in the settings of Bluesky's chat; accounts whose age is not assured cannot",
    ]
    assert status.waiting == 2


def test_a_handle_that_is_somebody_elses_or_nobodys_is_named(scene: Scene) -> None:
    scene.server.handles["ada.test"] = EVE
    scene.now += timedelta(hours=2)
    scene.tick()
    status = _status(scene)
    assert _problems(status) == {
        "Ada": f"the handle ada.test belongs to another account now, {EVE}; nobody decides under it"
    }
    [case] = chat_attention(status)
    assert case.next.endswith(f"it was {ADA}")


def test_a_handle_that_never_was_anybodys_is_named(tmp_path: Path, migrated_file: Path) -> None:
    with scene_in(tmp_path, migrated_file, ben="bne.test") as scene:
        assert _problems(_status(scene)) == {"Ben": "no account has the handle bne.test"}


def test_a_server_without_a_chat_service_needs_a_person(scene: Scene) -> None:
    scene.service.refuse("getLog", RefusalError("InvalidRequest", "No service configured"))
    scene.tick()
    assert [case.platform for case in chat_attention(_status(scene))] == ["bluesky"]


def test_the_shell_shows_it(scene: Scene) -> None:
    reply = VERBS["status"].run(make_call(scene.app, Actor("ada", "shell")))
    console = Console(width=100)
    with console.capture() as captured:
        console.print(shown(reply.data, scene.app.channel(None).posting.zone))
    assert "on for 4 curators, read Tue 17 Feb 2026" in captured.get()


def test_what_only_a_person_can_mend_is_in_the_status_of_every_mouth(scene: Scene) -> None:
    scene.service.allow(BEN, "none")
    scene.plan(BEN, "good morning")
    scene.tick()
    answer = "\n".join(scene.say(ADA, "status"))
    assert "the curator Ben: Ben takes no messages" in answer


def test_the_worker_has_the_job_only_where_there_is_somebody_to_talk_with(scene: Scene) -> None:
    scene.service.write(ADA, BOT, "queue")
    Worker(scene.app).jobs["chat"].run()
    assert len(scene.told(ADA)) == 1
    file = scene.folder / "config" / "sample.toml"
    file.write_text(file.read_text("utf-8").split("[[curators]]")[0], "utf-8")
    with closing(scene.new_app()) as app:
        assert "chat" not in Worker(app).jobs
