"""What each section of a channel file may say: the keys, their allowed values, and what is wrong with others."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, time
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Final, Self, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    Strict,
    ValidationInfo,
    field_validator,
    model_validator,
)

from bot.domain import ranking_entries
from bot.domain.categories import known as known_categories
from bot.domain.categories import nearest
from bot.domain.corrections import CorrectionForm
from bot.domain.posts import Platform
from bot.domain.text import is_unsafe


class FeedFormat(StrEnum):
    """The two formats arXiv serves."""

    RSS = "rss"
    ATOM = "atom"


class LinkPolicy(StrEnum):
    """Which post of an X thread holds the links."""

    FIRST = "first"
    LAST = "last"
    NONE = "none"


class ThreadForm(StrEnum):
    """What a thread begins with: title and curator's words in one post, or a post with the title alone."""

    HOOK = "hook"
    TITLE = "title"


class WhenReplyRefused(StrEnum):
    """What happens when X refuses the replies of a thread: a person is asked, or a single post goes out instead."""

    THREAD = "thread"
    SINGLE = "single"


class ShippedWeights(StrEnum):
    """The learned weights that come with the package, by topic."""

    NONE = "none"
    INTERPRETABILITY = "interpretability"


class Weekday(StrEnum):
    """A day on which a channel may post; the order is that of ``datetime.weekday``."""

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"


_TAG: Final = re.compile(r"(?=\w*[^\W\d_])\w{1,64}")
String = Annotated[str, Strict()]

_Count = Annotated[int, Strict()]
_Number = Annotated[float, Strict(), Field(allow_inf_nan=False)]
_Entries = TypeVar("_Entries", Mapping[str, float], tuple[str, ...])
_Weight = Annotated[_Number, Field(ge=-100, le=100)]


_Value = TypeVar("_Value")


def _require_once(values: tuple[_Value, ...], show: Callable[[_Value], str] = str) -> tuple[_Value, ...]:
    """Return the values; raise ValueError when one stands there twice: one of the two was meant to be another."""
    seen = set[str]()
    for shown in map(show, values):
        if shown.casefold() in seen:
            raise ValueError(f"{shown} stands there twice")
        seen.add(shown.casefold())
    return values


def _plain_date(value: object) -> object:
    # pydantic would take numbers for seconds since 1970, and a date with a time for the date.
    if isinstance(value, str) or type(value) is date:
        return value
    raise ValueError("it must be a date, such as 2026-12-24")


_Date = Annotated[date, BeforeValidator(_plain_date)]


class Section(BaseModel):
    """A table of the file: unknown keys are errors, and nothing changes once it is read."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Feeds(Section):
    """What to poll."""

    categories: tuple[str, ...] = Field(min_length=1)
    format: FeedFormat = Field(FeedFormat.RSS)
    holidays: tuple[_Date, ...] = ()
    no_holidays: tuple[_Date, ...] = ()

    @field_validator("categories")
    @classmethod
    def _known(cls, categories: tuple[str, ...]) -> tuple[str, ...]:
        for category in categories:
            if category not in known_categories():
                meant = nearest(category) or "cs.CL"
                raise ValueError(f"{category!r} is not an arXiv category, such as {meant}; one category an entry")
        return _require_once(categories)

    @field_validator("holidays", "no_holidays")
    @classmethod
    def _different_days(cls, days: tuple[date, ...]) -> tuple[date, ...]:
        return _require_once(days)

    @model_validator(mode="after")
    def _not_both(self) -> Self:
        if both := sorted(set(self.holidays) & set(self.no_holidays)):
            raise ValueError(f"{both[0]} stands under holidays and under no_holidays")
        return self


_Reading = Callable[[str], str]
_AS_NAMES: Final = (ranking_entries.name, ranking_entries.name_key)
_READ: Final[Mapping[str | None, tuple[_Reading, _Reading]]] = {
    "words": (ranking_entries.word, ranking_entries.word_key),
    "exclude": (ranking_entries.word_or_name, ranking_entries.word_key),
    "authors": _AS_NAMES,
    "always": _AS_NAMES,
}
"""How the entries of a key are read, and what two of them have in common that are the same."""


def check_words(entries: Iterable[str]) -> None:
    """Raise ValueError where an entry is no word that a text could have, or is the same as another."""
    seen: dict[str, str] = {}
    for entry in entries:
        key = ranking_entries.word_key(ranking_entries.word(entry))
        if key in seen:
            raise ValueError(f"{seen[key]!r} and {entry!r} are the same")
        seen[key] = entry


class Ranking(Section):
    """String and authors that make a paper interesting, with weights; negative weights make it less so.

    ``exclude`` holds words and whole names of authors that rule a paper out, ``always`` whole names of authors whose
    papers are offered whatever their score. ``weights`` are the learned weights that the channel begins with.
    """

    weights: ShippedWeights = Field(ShippedWeights.NONE)
    title_factor: _Number = Field(2.0, ge=0, le=10)
    exclude: tuple[String, ...] = Field((), max_length=1000)
    always: tuple[String, ...] = Field((), max_length=1000)
    words: Mapping[String, _Weight] = Field(default_factory=dict)
    authors: Mapping[String, _Weight] = Field(default_factory=dict)

    @field_validator("words", "exclude", "authors", "always")
    @classmethod
    def _words_or_names(cls, entries: _Entries, info: ValidationInfo) -> _Entries:
        read, key_of = _READ[info.field_name]
        found = {entry: read(entry) for entry in entries}
        seen: dict[str, str] = {}
        for entry in entries:
            key = key_of(found[entry])
            if key in seen:
                raise ValueError(f"{seen[key]!r} and {entry!r} are the same")
            seen[key] = entry
        if isinstance(entries, tuple):
            return tuple(found.values())
        return {found[entry]: weight for entry, weight in entries.items()}

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not (self.words or self.authors or self.always) and self.weights is ShippedWeights.NONE:
            raise ValueError("give at least one word or author with a weight, or name shipped weights")
        return self


class Queue(Section):
    """How many papers are offered to the curators, and for how long."""

    size: _Count = Field(10, ge=1, le=200)
    threshold: _Number = 0.001
    expire_after_days: _Count = Field(14, ge=1, le=365)

    @field_validator("threshold")
    @classmethod
    def _probability(cls, threshold: float) -> float:
        if not 0 <= threshold < 1:
            raise ValueError("it is the probability of a pick, from 0 to below 1, such as 0.01")
        return threshold


class Posting(Section):
    """When and where approved picks go out."""

    platforms: tuple[Platform, ...] = Field((Platform.BLUESKY, Platform.X), min_length=1)
    time_zone: String = "America/New_York"
    days: tuple[Weekday, ...] = Field(tuple(Weekday)[:5], min_length=1)
    times: tuple[time, ...] = Field((time(10, 0),), min_length=1)
    daily_cap: _Count = Field(2, ge=1, le=50)

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:  # OSError: the name of a folder, such as Europe
            known = "such as America/New_York, Europe/Berlin or UTC"
            raise ValueError(f"{zone!r} is not a time zone; write one {known}") from error
        return zone

    @field_validator("times")
    @classmethod
    def _local_times(cls, times: tuple[time, ...]) -> tuple[time, ...]:
        if any(slot.tzinfo or slot.second or slot.microsecond for slot in times):
            raise ValueError("slots are local times such as '10:00', without seconds or zone")
        return tuple(sorted(_require_once(times, "{:%H:%M}".format)))

    @field_validator("platforms", "days")
    @classmethod
    def _once(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        return _require_once(values)

    @property
    def zone(self) -> ZoneInfo:
        """Return the time zone in which ``days`` and ``times`` are meant."""
        return ZoneInfo(self.time_zone)


_LONGEST_HEADING: Final = 100


class ThreadStyle(Section):
    """How a thread looks; the ``heading`` is a line above the title in the form that begins with the hook."""

    form: ThreadForm = ThreadForm.HOOK
    heading: String | None = None
    hashtags: tuple[str, ...] = Field((), max_length=8)
    langs: tuple[str, ...] = Field(("en",), max_length=3)
    note_limit: _Count = Field(500, ge=50, le=5000)
    authors_shown: _Count = Field(3, ge=1, le=20)
    mentions: Annotated[bool, Strict()] = False
    corrections: CorrectionForm = Field(CorrectionForm.REPLY)

    @field_validator("heading")
    @classmethod
    def _one_line(cls, heading: str | None) -> str | None:
        line = (heading or "").strip()
        if not line:
            return None
        if any(is_unsafe(mark) for mark in line):
            raise ValueError(f"{heading!r} must be one line, without control characters")
        if len(line) > _LONGEST_HEADING:
            raise ValueError(f"it has {len(line)} characters, at most {_LONGEST_HEADING} leave room for a title")
        return line

    @field_validator("hashtags")
    @classmethod
    def _tags(cls, tags: tuple[str, ...]) -> tuple[str, ...]:
        bare = _require_once(tuple(tag.removeprefix("#") for tag in tags))
        for tag in bare:
            if not _TAG.fullmatch(tag):
                raise ValueError(f"{tag!r} is not a hashtag: letters, digits or _, with at least one letter")
        return bare

    @field_validator("langs")
    @classmethod
    def _languages(cls, langs: tuple[str, ...]) -> tuple[str, ...]:
        for lang in langs:
            if not re.fullmatch(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*", lang):
                raise ValueError(f"{lang!r} is not a language tag (BCP 47), such as en or pt-BR")
        return _require_once(langs)


class XRules(Section):
    """What is special to X, where posts cost money and links cost more."""

    links: LinkPolicy = Field(LinkPolicy.LAST)
    pause_seconds: _Number = Field(5.0, ge=0, le=120)
    monthly_budget_usd: Decimal = Field(Decimal(20), ge=0, le=100_000)
    when_reply_refused: WhenReplyRefused = Field(WhenReplyRefused.THREAD)

    @field_validator("monthly_budget_usd", mode="before")
    @classmethod
    def _number(cls, amount: object) -> object:
        # pydantic's strict decimals would refuse the integers and floats of TOML.
        if isinstance(amount, bool) or not isinstance(amount, int | float | Decimal):
            raise ValueError("it must be a number, without quotes")  # noqa: TRY004 - pydantic collects no TypeError
        return amount
