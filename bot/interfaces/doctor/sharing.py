"""Whether the archive can be written, and whether the collection can be read and added to; nothing is changed."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from bot.archive.folder import require_ours
from bot.domain.channels import Channel
from bot.domain.collection_section import CollectionSlug
from bot.domain.errors import PicksError
from bot.interfaces.doctor.checks import Check, attempt, failed, failed_by, right, skipped, warning
from bot.interfaces.doctor.folders import nearest, writable

if TYPE_CHECKING:
    from bot.app import App


def sharing(app: "App", channel: Channel, *, offline: bool) -> Iterator[Check]:
    """Yield the checks of what the worker keeps up to date besides the posts, where the channel asks for it."""
    if channel.archive.folder is not None:
        yield _archive(f"{channel.name}: archive", channel.archive.folder)
    if channel.collection.slug is not None:
        yield from _collection(
            app, f"{channel.name}: collection", CollectionSlug.parse(channel.collection.slug), offline=offline
        )


def _archive(name: str, folder: Path) -> Check:
    place = folder.resolve()
    try:
        require_ours(place)
    except PicksError as error:
        return failed_by(name, error, step="name another folder in [archive], or empty this one")
    except OSError as error:
        step = "let the worker's user in, or name another folder in [archive]"
        return failed(name, f"{place} cannot be looked at: {error.strerror}", step=step)
    above = writable(name, place.parent, step=f"let the worker's user write in {nearest(place.parent)}")
    if not above.ok:  # a new site grows beside the old one
        return above
    return right(name, f"{place} {'is there' if place.exists() else 'will be made'}, and can be written")


def _collection(app: "App", name: str, slug: CollectionSlug, *, offline: bool) -> Iterator[Check]:
    if offline:
        yield skipped(name, "the Hub was not asked: offline")
        return
    with app.hub() as hub:
        named = "name a collection in [collection] that HF_TOKEN may see"
        yield attempt(name, lambda: f"{hub.read(slug).title} can be read", step=named)
        if hub.may_write:
            yield attempt(
                f"{name}, token", lambda: f"HF_TOKEN is one of {hub.whose_token()}", step="make another HF_TOKEN"
            )
        else:
            step = "set HF_TOKEN, a token with write role, where the worker runs"
            yield warning(f"{name}, token", "HF_TOKEN is not set here: nothing is added", step=step)
