"""Bring a channel's accounts in line with what its file says of them: ``picks profile``."""

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.domain.errors import PicksError
from bot.domain.posts import Platform
from bot.domain.profile import Profile
from bot.interfaces.cli.invocation import Shell

if TYPE_CHECKING:
    from bot.platforms.bluesky.profile import BlueskyProfile


@dataclass(frozen=True, slots=True, kw_only=True)
class MastodonChange:
    """What changes on Mastodon, by the names that it has there."""

    account: str
    changes: tuple[str, ...]
    written: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileChange:
    """What changes on Bluesky and on Mastodon, and what a person sets on X by hand."""

    account: str | None
    changes: tuple[str, ...]
    written: bool
    by_hand: tuple[str, ...]
    mastodon: MastodonChange | None = None


def set_profile(opened: Shell, *, dry_run: bool) -> None:
    """Change the profile on Bluesky and on Mastodon, where anything differs, and say what to set on X."""
    channel = opened.channel
    wanted, folder = channel.profile, opened.settings.config
    image = _picture(folder, wanted)
    by_hand = _by_hand(wanted) if Platform.X in channel.posting.platforms else ()
    account: str | None = None
    changes: tuple[str, ...] = ()
    if Platform.BLUESKY in channel.posting.platforms:
        with closing(opened.app.bluesky_profile(channel)) as profile:
            account, changes = profile.account, _apply(profile, wanted, image, dry_run=dry_run)
    done = bool(changes) and not dry_run
    there = _on_mastodon(opened, wanted, dry_run=dry_run) if Platform.MASTODON in channel.posting.platforms else None
    found = ProfileChange(account=account, changes=changes, written=done, by_hand=by_hand, mastodon=there)
    opened.say(found, _in_words(found, dry_run=dry_run))


def _on_mastodon(opened: Shell, wanted: Profile, *, dry_run: bool) -> MastodonChange:
    """Set name, description and the mark of a bot; a server draws its own of a picture, so that one is set by hand."""
    with closing(opened.app.mastodon_profile(opened.channel)) as profile:
        changes = profile.changes(wanted)
        if changes and not dry_run:
            profile.write(changes)
        return MastodonChange(account=profile.account, changes=tuple(changes), written=bool(changes) and not dry_run)


def _apply(profile: "BlueskyProfile", wanted: Profile, image: bytes | None, *, dry_run: bool) -> tuple[str, ...]:
    from bot.platforms.bluesky.profile import is_picture, kind_of, labelled, new_record

    before = profile.read()
    old = before.record or new_record()
    words = {"displayName": wanted.name, "description": wanted.description}
    new: dict[str, Any] = labelled({**old, **{key: value for key, value in words.items() if value is not None}})
    changes = [key for key in ("displayName", "description", "labels") if new.get(key) != old.get(key)]
    if image is not None and not is_picture(old, image):
        kind_of(image)
        changes.append("avatar")
        new = new if dry_run else {**new, "avatar": profile.upload(image)}
    if changes and not dry_run:
        profile.write(new, instead_of=before)
    return tuple(changes)


def _picture(folder: Path, wanted: Profile) -> bytes | None:
    if wanted.avatar is None:
        return None
    file = folder / wanted.avatar
    try:
        return file.read_bytes()
    except OSError as error:
        raise PicksError(f"cannot read the avatar {file}: {error.strerror}; correct profile.avatar") from error


def _by_hand(wanted: Profile) -> tuple[str, ...]:
    given = (("name", wanted.name), ("bio", wanted.description), ("picture", wanted.avatar))
    fields = tuple(f"{name}: {value}" for name, value in given if value)
    return (*fields, "label: Settings, Your account, Automation: name the account that manages this one")


def _in_words(found: ProfileChange, *, dry_run: bool) -> str:
    def told(account: str, changes: tuple[str, ...]) -> str:
        verb = "would change" if dry_run else "changed"
        return f"{account}: {verb} {', '.join(changes)}" if changes else f"{account}: as it is"

    lines = [told(found.account, found.changes)] if found.account else []
    lines += [told(found.mastodon.account, found.mastodon.changes)] if found.mastodon else []
    lines += ["on X by hand, at x.com/settings/profile:", *found.by_hand] if found.by_hand else []
    return "\n".join(lines) or "the channel posts on no platform that has a profile"
