"""Picks for other programs and other eyes: ``picks card``, ``picks export``, ``picks collection``."""

from pathlib import Path

from bot.archive.entries import entries
from bot.archive.export import exported
from bot.curation.cards import card_of
from bot.domain.errors import PicksError, UsageError
from bot.domain.export_formats import Format
from bot.interfaces.cli import terminal
from bot.interfaces.cli.invocation import Shell
from bot.interfaces.cli.options import require_folder
from bot.interfaces.views import sharing as views


def write_card(opened: Shell, paper: str, out: Path | None) -> None:
    """Write the picture of a pick to a file, and say what it cannot show."""
    found = card_of(opened.call.context, paper)
    file = out or Path(f"{found.arxiv_id.replace('/', '-')}.png")
    write_file(file, found.content)
    kind = "as it was approved" if found.approved else "as it would be approved now"
    opened.say(views.card(found, str(file)), f"{file}: the picture of {found.arxiv_id}, {kind}")
    if found.replaced:
        terminal.mention(f"it shows {', '.join(found.replaced)}: no font has these characters")


def export(opened: Shell, form: Format, out: Path | None) -> None:
    """Write the published picks; raise UsageError where standard output is asked for two documents."""
    if opened.as_json and out is None and form is not Format.JSON:
        raise UsageError(
            f"--json prints one JSON document, and {form} is another: leave one of them out, or give --out"
        )
    if out:
        require_folder(out, option="--out")
    channel = opened.channel
    text, count = exported(entries(opened.app.database, channel), channel, form)
    if out is None:
        if not (terminal.speaks_utf8() or text.isascii()):
            raise PicksError("standard output does not take every character of the picks; write a file: --out FILE")
        terminal.write(text)
        return
    write_file(out, text.encode())
    opened.say(views.ExportView(file=str(out), format=form, picks=count), f"{out}: {count:,} picks as {form}")


def write_file(file: Path, content: bytes) -> None:
    """Write a file; raise PicksError, naming it, when that cannot be."""
    require_folder(file, option="--out")
    try:
        file.write_bytes(content)
    except OSError as error:
        raise PicksError(f"cannot write {file}: {error.strerror}; name another file with --out") from error
