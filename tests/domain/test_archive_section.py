"""What a channel file may say of its archive."""

from typing import Any

import pytest
from pydantic import ValidationError

from bot.domain.archive_section import ArchiveSection


def test_an_address_ends_with_a_slash_and_a_folder_may_be_in_the_home() -> None:
    section = ArchiveSection.model_validate({"url": "https://picks.example.org/papers", "folder": "~/site"})
    assert section.url == "https://picks.example.org/papers/"
    assert section.folder is not None
    assert section.folder.is_absolute()


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"url": "picks.example.org"}, "must be an address that begins with https://"),
        ({"url": "https://picks.example.org/?a=1"}, "leave out the user, and what stands behind"),
        ({"url": "https://ana@picks.example.org/"}, "leave out the user, and what stands behind"),
        ({"authority": "https://picks.example.org"}, "is not a domain in lower case, such as picks.example.org"),
        ({"folder": "/"}, "it must be a folder of its own"),
        ({"topics": {"Circuits": []}}, "the topic 'Circuits' has no words"),
        ({"topics": {"Circuits": ["*"]}}, "holds no word"),
        ({"topics": {"Circuits": ["cir*uit"]}}, "a star elsewhere than at its end"),
        ({"topics": {"In-Context": ["a"], "in context": ["b"]}}, "'In-Context' and 'in context' are the same"),
        ({"folders": "x"}, "Extra inputs are not permitted"),
    ],
)
def test_what_cannot_be_is_said(values: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        ArchiveSection.model_validate(values)
