"""What a channel file may say, checked.

One TOML file in the configuration folder is one channel; its name is the file's. This module owns the keys, their
allowed values and the messages about wrong ones. It reads files when asked to and nothing else.
"""

import re
import tomllib
from collections.abc import Mapping
from datetime import date, time
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final, Self, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    Strict,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from bot.domain.categories import known as known_categories
from bot.domain.categories import nearest
from bot.domain.errors import PicksError
from bot.domain.folding import folded
from bot.domain.posts import Platform
from bot.domain.text import decoded
from bot.domain.wrong_values import in_words


class ChannelError(PicksError):
    """A channel file is missing or says something that cannot be."""


class FeedFormat(StrEnum):
    """The two formats arXiv serves."""

    RSS = "rss"
    ATOM = "atom"


class LinkPolicy(StrEnum):
    """Which post of an X thread holds the links."""

    FIRST = "first"
    LAST = "last"
    NONE = "none"


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


_NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,39}")
_SPACE: Final = re.compile(r"[\s-]+")
_TAG: Final = re.compile(r"(?=\w*[^\W\d_])\w{1,64}")
_Text = Annotated[str, Strict()]

_Count = Annotated[int, Strict()]
_Number = Annotated[float, Strict(), Field(allow_inf_nan=False)]
_Entries = TypeVar("_Entries", Mapping[str, float], tuple[str, ...])
_Weight = Annotated[_Number, Field(ge=-100, le=100)]


def _plain_date(value: object) -> object:
    # pydantic would take numbers for seconds since 1970, and a date with a time for the date.
    if isinstance(value, str) or type(value) is date:
        return value
    raise ValueError("it must be a date, such as 2026-12-24")


_Date = Annotated[date, BeforeValidator(_plain_date)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Feeds(_Section):
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
        if len(set(categories)) != len(categories):
            raise ValueError("a category stands there twice")
        return categories

    @model_validator(mode="after")
    def _not_both(self) -> Self:
        if both := sorted(set(self.holidays) & set(self.no_holidays)):
            raise ValueError(f"{both[0]} stands under holidays and under no_holidays")
        return self


def _check_entry(entry: str, *, stars: bool) -> None:
    word = entry.strip()
    if not folded(word).strip("* -"):
        raise ValueError(f"{entry!r} holds no word")
    if "*" in word and not stars:
        raise ValueError(f"{entry!r} has a star, but names are whole")
    if "*" in word[:-1]:
        raise ValueError(f"{entry!r} has a star elsewhere than at its end, where one stands for any ending")


class Ranking(_Section):
    """Words and authors that make a paper interesting, with weights; negative weights make it less so.

    ``exclude`` holds words and whole names of authors that rule a paper out, ``always`` whole names of authors whose
    papers are offered whatever their score. ``weights`` are the learned weights that the channel begins with.
    """

    weights: ShippedWeights = Field(ShippedWeights.NONE)
    title_factor: _Number = Field(2.0, ge=0, le=10)
    exclude: tuple[_Text, ...] = Field((), max_length=1000)
    always: tuple[_Text, ...] = Field((), max_length=1000)
    words: Mapping[_Text, _Weight] = Field(default_factory=dict)
    authors: Mapping[_Text, _Weight] = Field(default_factory=dict)

    @field_validator("words", "exclude", "authors", "always")
    @classmethod
    def _words_or_names(cls, entries: _Entries, info: ValidationInfo) -> _Entries:
        seen: dict[str, str] = {}
        for entry in entries:
            _check_entry(entry, stars=info.field_name not in {"authors", "always"})
            key = _SPACE.sub(" ", folded(entry)).strip()
            if key in seen:
                raise ValueError(f"{seen[key]!r} and {entry!r} are the same")
            seen[key] = entry
        return entries

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not (self.words or self.authors or self.always) and self.weights is ShippedWeights.NONE:
            raise ValueError("give at least one word or author with a weight, or name shipped weights")
        return self


class Queue(_Section):
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


class Posting(_Section):
    """When and where approved picks go out."""

    platforms: tuple[Platform, ...] = Field((Platform.BLUESKY, Platform.X), min_length=1)
    time_zone: _Text = "America/New_York"
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
        return tuple(sorted(set(times)))

    @field_validator("platforms", "days")
    @classmethod
    def _once(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(values))

    @property
    def zone(self) -> ZoneInfo:
        """Return the time zone in which ``days`` and ``times`` are meant."""
        return ZoneInfo(self.time_zone)


class ThreadStyle(_Section):
    """How a thread looks."""

    hashtags: tuple[str, ...] = Field((), max_length=8)
    langs: tuple[str, ...] = Field(("en",), max_length=3)
    note_limit: _Count = Field(500, ge=50, le=5000)
    authors_shown: _Count = Field(3, ge=1, le=20)

    @field_validator("hashtags")
    @classmethod
    def _tags(cls, tags: tuple[str, ...]) -> tuple[str, ...]:
        bare = tuple(dict.fromkeys(tag.removeprefix("#") for tag in tags))
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
        return langs


class XRules(_Section):
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


class Channel(_Section):
    """One topic with its feeds, ranking words, posting slots and thread style."""

    name: str
    title: _Text = Field(min_length=1, max_length=200)
    feeds: Feeds
    ranking: Ranking
    queue: Queue = Queue()
    posting: Posting = Posting()
    thread: ThreadStyle = ThreadStyle()
    x: XRules = XRules()

    @field_validator("name")
    @classmethod
    def _file_name(cls, name: str) -> str:
        if not _NAME.fullmatch(name):
            raise ValueError(f"the file's name, {name!r}, must be lower-case letters, digits and hyphens")
        return name

    @property
    def env_prefix(self) -> str:
        """Return what stands before an environment variable that is meant for this channel alone."""
        return self.name.upper().replace("-", "_") + "_"


def load_channel(file: Path) -> Channel:
    """Read one channel file; raise ChannelError naming file, key and allowed values when something is wrong."""
    try:
        data = tomllib.loads(decoded(file.read_bytes()))
    except OSError as error:
        raise ChannelError(f"cannot read the channel file {file}: {error.strerror or error}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ChannelError(f"{file} is not valid TOML: {error}") from error
    if "name" in data:
        raise ChannelError(f"{file}: name is not a key; the file's own name, {file.stem}, is the channel's")
    try:
        return Channel.model_validate({"name": file.stem, **data})
    except ValidationError as error:
        raise ChannelError(_explain(file, error)) from error


def load_channels(folder: Path) -> dict[str, Channel]:
    """Read every ``*.toml`` of a folder, by name; raise ChannelError when there is none or one is wrong."""
    if folder.is_file():
        raise ChannelError(f"{folder} is a file; name the folder that holds it with --config or PICKS_CONFIG")
    files = sorted(folder.glob("*.toml")) if folder.is_dir() else []
    if not files:
        raise ChannelError(f"no channel file (*.toml) in {folder}; name the folder with --config or PICKS_CONFIG")
    return {file.stem: load_channel(file) for file in files}


def choose_channel(channels: Mapping[str, Channel], name: str | None, *, folder: Path) -> Channel:
    """Return the channel of that name, or the only one; raise ChannelError naming them all when that is unclear."""
    if name is None and len(channels) == 1:
        return next(iter(channels.values()))
    known = ", ".join(channels)
    if name is None:
        raise ChannelError(f"more than one channel is configured: choose one with --channel ({known})")
    if name not in channels:
        raise ChannelError(f"there is no channel {name!r} in {folder}; there is: {known}")
    return channels[name]


def _explain(file: Path, error: ValidationError) -> str:
    items = error.errors(include_url=False)
    # A list that lost its wrong entries counts as too short: that is no mistake of its own.
    parents = {item["loc"][:-1] for item in items}
    problems = [_problem(dict(item)) for item in items if item["type"] != "too_short" or item["loc"] not in parents]
    return f"{file}: " + "; ".join(problems)


def _problem(item: Mapping[str, object]) -> str:
    location = item["loc"] if isinstance(item["loc"], tuple) else ()
    key = ".".join(str(part) for part in location if part != "[key]") or "the file"
    if item["type"] == "extra_forbidden":
        return f"{key} is not a known key; {_allowed_keys(location)}"
    if item["type"] == "missing":
        return f"{key} is missing"
    message, given = in_words(item), item["input"]
    if isinstance(given, BaseModel | dict) or repr(given) in message:
        return f"{key}: {message}"
    return f"{key}: {message} (it says {given!r})"


def _allowed_keys(location: tuple[object, ...]) -> str:
    model: type[BaseModel] = Channel
    for part in location[:-1]:
        annotation = model.model_fields[str(part)].annotation
        if not (isinstance(annotation, type) and issubclass(annotation, BaseModel)):
            break
        model = annotation
    known = sorted(set(model.model_fields) - {"name"})
    return "known there: " + ", ".join(known)
