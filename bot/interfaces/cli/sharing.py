"""Picks for other programs and other eyes: ``picks card``, ``picks export``, ``picks collection``."""

from pathlib import Path

from bot.curation.cards import card_of
from bot.domain.errors import PicksError
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


def write_file(file: Path, content: bytes) -> None:
    """Write a file; raise PicksError, naming it, when that cannot be."""
    require_folder(file, option="--out")
    try:
        file.write_bytes(content)
    except OSError as error:
        raise PicksError(f"cannot write {file}: {error.strerror}; name another file with --out") from error
