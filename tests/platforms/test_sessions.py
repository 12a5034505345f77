"""A session in a file: private, whole, and told apart by account."""

from pathlib import Path

import pytest

from bot.domain.errors import TransientError
from bot.platforms.sessions import FileSessionStore


def store(folder: Path, account: str = "picks.test at https://bsky.social") -> FileSessionStore:
    return FileSessionStore(folder, account=account)


def test_nothing_is_kept_at_first(tmp_path: Path) -> None:
    assert store(tmp_path / "missing").load() is None


def test_the_last_text_is_kept_for_the_next_run(tmp_path: Path) -> None:
    store(tmp_path / "new" / "folder").save("first")
    store(tmp_path / "new" / "folder").save("zweiter Größe")
    assert store(tmp_path / "new" / "folder").load() == "zweiter Größe"


def test_only_the_owner_may_read_it(tmp_path: Path) -> None:
    kept = store(tmp_path / "sessions")
    kept.save("secret")
    assert kept.file.stat().st_mode & 0o777 == 0o600
    assert kept.file.parent.stat().st_mode & 0o777 == 0o700


def test_no_draft_is_left_behind(tmp_path: Path) -> None:
    kept = store(tmp_path)
    kept.save("secret")
    kept.save("another")
    assert list(tmp_path.iterdir()) == [kept.file]


def test_no_draft_is_left_behind_when_saving_fails(tmp_path: Path) -> None:
    kept = store(tmp_path)
    kept.file.mkdir()
    with pytest.raises(TransientError):
        kept.save("secret")
    assert list(tmp_path.iterdir()) == [kept.file]


def test_accounts_do_not_share_a_session(tmp_path: Path) -> None:
    names = ["a.test at https://one.test", "a.test at https://two.test", "A/../b", "a-b", ""]
    for name in names:
        store(tmp_path, name).save(name)
    assert [store(tmp_path, name).load() for name in names] == names
    assert {file.parent for file in tmp_path.rglob("*.session")} == {tmp_path}


def test_a_file_that_is_no_text_counts_as_none(tmp_path: Path) -> None:
    kept = store(tmp_path)
    kept.file.write_bytes(b"\xff\xfe\x00")
    assert kept.load() is None


def test_a_folder_that_cannot_be_used_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file, not a folder")
    kept = store(tmp_path / "taken")
    for action in (lambda: kept.save("secret"), kept.load):
        with pytest.raises(TransientError, match="session file") as caught:
            action()
        assert "secret" not in str(caught.value)
        assert len(str(caught.value).splitlines()) == 1
