"""The archive in the shell: ``picks archive build`` and ``picks archive serve``."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bot.archive.build import Built, build, sites
from bot.archive.listing import is_site
from bot.domain.channels import Channel
from bot.domain.errors import PicksError
from bot.interfaces.cli import terminal
from bot.interfaces.cli.invocation import Shell
from bot.interfaces.cli.progress import Progress
from bot.interfaces.cli.site_server import SiteServer
from bot.interfaces.views.archive import built_site


def build_site(opened: Shell, folder: Path | None) -> None:
    """Build the site in a folder, or in the one that the channel files name."""
    place, channels = (folder, opened.channels) if folder else _configured(opened)
    done = _build(opened, place, channels)
    opened.say(
        built_site(done),
        f"{done.folder}: {done.picks:,} picks on {done.pages:,} pages, {done.written:,} files are new or changed",
    )


def serve_site(opened: Shell, folder: Path | None, *, port: int) -> None:
    """Show a site until Ctrl-C: that of a folder, or the present state of the database."""
    with _shown(opened, folder) as place, SiteServer(place, port) as server:
        terminal.write(f"{server.address} shows {place}; Ctrl-C ends it\n")
        server.serve_forever()


@contextmanager
def _shown(opened: Shell, folder: Path | None) -> Iterator[Path]:
    if folder is not None:
        if not is_site(folder):
            raise PicksError(f"{folder} holds no archive; build one there: picks archive build {folder}")
        yield folder
        return
    with tempfile.TemporaryDirectory(prefix="daily-picks-archive-") as temporary:
        place = Path(temporary) / "site"
        _build(opened, place, opened.channels)
        yield place


def _configured(opened: Shell) -> tuple[Path, Sequence[Channel]]:
    """Return the folder that the channel files name, and who shares it; raise PicksError where that is unclear."""
    wanted = {channel.name for channel in opened.channels}
    found = {
        place: channels
        for place, channels in sites(opened.app.channels.values()).items()
        if any(channel.name in wanted for channel in channels)
    }
    if not found:
        raise PicksError(
            "no channel file names a folder for the archive; run picks archive build DIR, "
            'or write folder = "..." under [archive]'
        )
    if len(found) > 1:
        names = ", ".join(channels[0].name for channels in found.values())
        raise PicksError(f"several archives are configured: choose one with --channel ({names})")
    return next(iter(found.items()))


def _build(opened: Shell, place: Path, channels: Sequence[Channel]) -> Built:
    with Progress() as progress:
        progress.say("reading the picks")
        return build(
            opened.app.database,
            channels,
            place,
            elsewhere=sites(opened.app.channels.values()),
            report=lambda done, total: progress.say(f"archive: {done:,} of {total:,} files"),
        )
