"""What a channel file may say of the digest and of notices."""

from datetime import time
from pathlib import Path

import pytest

from bot.domain.channels import ChannelError, load_channel
from bot.domain.notices import Notices

FILE = """
title = "Test"
[feeds]
categories = ["cs.CL"]
[ranking.words]
"probing" = 2.0
[notices]
"""


def _load(folder: Path, *lines: str) -> Notices:
    file = folder / "test.toml"
    file.write_text(FILE + "\n".join(lines), "utf-8")
    return load_channel(file).notices


def test_without_the_section_there_is_a_digest_and_a_reminder(tmp_path: Path) -> None:
    found = _load(tmp_path)
    assert (found.digest, found.picks, found.reminder_hours) == (True, True, 2)
    assert (found.not_before, found.wait_until) == (time(7), time(9))


def test_every_key_may_be_set(tmp_path: Path) -> None:
    lines = ("digest = false", 'not_before = "08:30"', "wait_until = 10:00:00", "reminder_hours = 0", "picks = false")
    found = _load(tmp_path, *lines)
    assert (found.digest, found.picks, found.reminder_hours) == (False, False, 0)
    assert (found.not_before, found.wait_until) == (time(8, 30), time(10))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('digest = "no"', r"notices\.digest: .*'no'"),
        (
            'not_before = "08:30:10"',
            r"notices\.not_before: it is a local time such as '07:00', without seconds or zone",
        ),
        ('not_before = "09:30"', "wait_until, 09:00, is earlier than not_before, 09:30: both are times of one day"),
        ("reminder_hours = 25", r"notices\.reminder_hours: .*24"),
        ("reminder_hours = -1", r"notices\.reminder_hours"),
        ("reminder_hours = nan", r"notices\.reminder_hours"),
        ("remind = true", r"notices\.remind is not a known key; known there: digest, not_before, picks"),
    ],
)
def test_what_cannot_be_meant_is_named_with_its_key(line: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(ChannelError, match=said):
        _load(tmp_path, line)
