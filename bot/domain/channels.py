"""What a channel file may say, checked.

One TOML file in the configuration folder is one channel; its name is the file's. ``channel_sections`` owns the
keys and their allowed values, this module the file and the messages about what is wrong in it.
"""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Self

from pydantic import BaseModel, Field, ValidationError, field_validator, model_validator

from bot.domain.archive_section import ArchiveSection
from bot.domain.card_style import CardStyle
from bot.domain.channel_sections import Feeds, Posting, Queue, Ranking, Section, String, ThreadStyle, XRules
from bot.domain.chat import ChatRules
from bot.domain.collection_section import CollectionSection
from bot.domain.config_files import channel_files
from bot.domain.curators import Curator
from bot.domain.errors import PicksError
from bot.domain.mastodon_section import MastodonRules
from bot.domain.notices import Notices
from bot.domain.profile import Profile
from bot.domain.text import decoded
from bot.domain.wrong_values import in_words


class ChannelError(PicksError):
    """A channel file is missing or says something that cannot be."""


_NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,39}")


class Channel(Section):
    """One topic with its feeds, ranking words, posting slots and thread style."""

    name: str
    title: String = Field(min_length=1, max_length=200)
    feeds: Feeds
    ranking: Ranking
    queue: Queue = Queue()
    posting: Posting = Posting()
    thread: ThreadStyle = ThreadStyle()
    x: XRules = XRules()
    mastodon: MastodonRules = MastodonRules()
    notices: Notices = Notices()
    chat: ChatRules = ChatRules()
    card: CardStyle = CardStyle()
    archive: ArchiveSection = ArchiveSection()
    collection: CollectionSection = CollectionSection()
    profile: Profile = Profile()
    curators: tuple[Curator, ...] = ()

    @field_validator("name")
    @classmethod
    def _file_name(cls, name: str) -> str:
        if not _NAME.fullmatch(name):
            raise ValueError(f"the file's name, {name!r}, must be lower-case letters, digits and hyphens")
        return name

    @model_validator(mode="after")
    def _each_curator_once(self) -> Self:
        for kind in ("account", "name"):
            values = [getattr(curator, kind) for curator in self.curators]
            if twice := [value for value in values if values.count(value) > 1]:
                raise ValueError(f"two curators have the {kind} {twice[0]!r}")
        return self

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
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise ChannelError(
            f"{file} is not valid TOML: line {line} is not in UTF-8; save the file in that encoding"
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise ChannelError(f"{file} is not valid TOML: {error}") from error
    if "name" in data:
        raise ChannelError(f"{file}: name is not a key; the file's own name, {file.stem}, is the channel's")
    try:
        return Channel.model_validate({"name": file.stem, **data})
    except ValidationError as error:
        raise ChannelError(_explain(file, error)) from error


def load_channels(folder: Path) -> dict[str, Channel]:
    """Read every ``*.toml`` of a folder, by name; raise ChannelError when there is none or one is wrong."""
    try:
        if folder.is_file():
            raise ChannelError(f"{folder} is a file; name the folder that holds it with --config or PICKS_CONFIG")
        files = channel_files(folder)
    except OSError as error:
        raise ChannelError(f"cannot read {folder}: {error.strerror}; let this user read all of it") from error
    if not files:
        raise ChannelError(
            f"no channel file (*.toml) in {folder}; name its folder with --config or PICKS_CONFIG, or make one: "
            "picks init"
        )
    channels = {file.stem: load_channel(file) for file in files}
    _refuse_shared_collections(folder, channels)
    return channels


def choose_channel(channels: Mapping[str, Channel], name: str | None, *, folder: Path) -> Channel:
    """Return the channel of that name, or the only one; raise ChannelError naming them all when that is unclear."""
    if name is None and len(channels) == 1:
        return next(iter(channels.values()))
    known = ", ".join(channels)
    if name is None:
        raise ChannelError(f"more than one channel is configured: choose one with --channel or PICKS_CHANNEL ({known})")
    if name not in channels:
        raise ChannelError(f"there is no channel {name!r} in {folder}; there is: {known}")
    return channels[name]


def _refuse_shared_collections(folder: Path, channels: Mapping[str, Channel]) -> None:
    """Raise ChannelError where two channels have one collection: each would bring its own picks to the front of it."""
    owners: dict[str, str] = {}
    for name, channel in channels.items():
        target = channel.collection.target
        if target is not None and (first := owners.setdefault(target.key, name)) != name:
            raise ChannelError(
                f"{folder / name}.toml: collection.slug: the channel {first} has the same collection;"
                " each channel needs a collection of its own"
            )


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
