"""Whether the file of people can be read, where a channel mentions people: a mistake in it stops every approval."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from bot.domain.channels import Channel
from bot.domain.config_files import PEOPLE_FILE
from bot.domain.people import load_people
from bot.interfaces.doctor.checks import Check, attempt


def people(config: Path, chosen: Sequence[Channel]) -> Iterator[Check]:
    """Yield the check, where one of the channels needs it."""
    if any(channel.thread.mentions for channel in chosen):
        step = "mend the file, then run picks doctor again"
        yield attempt("people", lambda: f"{len(load_people(config))} in {config / PEOPLE_FILE}", step=step)
