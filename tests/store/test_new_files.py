"""A finished file gets its name, and takes nobody else's: also where a file can have one name only."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.store.new_files import give_name


def _refusing(number: int) -> Callable[[Path, Path], None]:
    """Return a linking as a file system does it that cannot."""

    def link(_made: Path, _target: Path) -> None:
        raise OSError(number, "not here")

    return link


@pytest.mark.parametrize("number", [errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS])
def test_where_a_file_has_one_name_only_it_is_renamed(tmp_path: Path, number: int) -> None:
    made, target = tmp_path / "made", tmp_path / "target"
    made.write_text("ours", "utf-8")
    give_name(made, target, link=_refusing(number))
    assert target.read_text("utf-8") == "ours"


@pytest.mark.parametrize("link", [os.link, _refusing(errno.EPERM)])
def test_a_name_that_is_taken_stays_whose_it_is(tmp_path: Path, link: Callable[[Path, Path], None]) -> None:
    made, target = tmp_path / "made", tmp_path / "target"
    made.write_text("ours", "utf-8")
    target.symlink_to("nowhere")
    with pytest.raises(FileExistsError):
        give_name(made, target, link=link)
    assert (made.read_text("utf-8"), str(target.readlink())) == ("ours", "nowhere")


def test_every_other_error_is_passed_on(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="not here") as raised:
        give_name(tmp_path / "made", tmp_path / "target", link=_refusing(errno.ENOSPC))
    assert raised.value.errno == errno.ENOSPC
