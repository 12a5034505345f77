"""How a view becomes JSON: the rules, each once."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from bot.domain.posts import Platform
from bot.interfaces.views.json import MERGED, to_json


@dataclass(frozen=True, slots=True)
class Price:
    cost: Decimal
    single: str | None


@dataclass(frozen=True, slots=True)
class Thread:
    posts: tuple[str, ...]
    price: Price | None = field(metadata=MERGED)
    on: bool


@pytest.mark.parametrize(
    ("value", "data"),
    [
        (None, None),
        (True, True),
        (7, 7),
        (0.25, 0.25),
        ("text", "text"),
        (Platform.X, "x"),
        (Decimal("0.2150"), 0.215),
        (date(2026, 2, 17), "2026-02-17"),
        (datetime(2026, 2, 17, 12, 0, 30, 999_999, tzinfo=UTC), "2026-02-17T12:00:30Z"),
        (datetime(2026, 2, 17, 1, tzinfo=timezone(timedelta(hours=2))), "2026-02-16T23:00:00Z"),
        ((1, None), [1, None]),
        ([(Platform.X, 2)], [["x", 2]]),
        ({Platform.X: 2}, {"x": 2}),
    ],
)
def test_a_value_becomes_plain_data(value: object, data: object) -> None:
    found = to_json(value)
    assert (found, type(found)) == (data, type(data))


def test_the_fields_of_a_merged_view_stand_in_its_place() -> None:
    found = to_json(Thread(("a",), Price(Decimal("0.2"), None), on=True))
    assert list(found.items()) == [("posts", ["a"]), ("cost", 0.2), ("single", None), ("on", True)]


def test_the_fields_of_a_merged_view_that_is_none_are_absent() -> None:
    assert to_json(Thread((), None, on=False)) == {"posts": [], "on": False}


@pytest.mark.parametrize("value", [object(), Price, b"bytes", {1, 2}])
def test_what_is_no_view_is_refused(value: object) -> None:
    with pytest.raises(TypeError, match="is no part of a view"):
        to_json(value)
