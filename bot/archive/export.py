"""``picks export``: the picks of a channel for other programs."""

import json
from collections.abc import Callable, Sequence
from typing import Final

from bot.archive.bibtex import bibtex_file
from bot.archive.csl import csl
from bot.archive.entries import Entry
from bot.archive.markdown import markdown
from bot.archive.records import json_document, json_lines
from bot.domain.channels import Channel
from bot.domain.export_formats import Format

_WRITERS: Final[dict[Format, Callable[[Sequence[Entry], Channel], str]]] = {
    Format.JSON: lambda entries, _: json_document(entries),
    Format.JSONL: lambda entries, _: json_lines(entries),
    Format.BIBTEX: lambda entries, _: bibtex_file(entries),
    Format.CSL: lambda entries, _: json.dumps(csl(entries), ensure_ascii=False, indent=2) + "\n",
    Format.MARKDOWN: lambda entries, channel: markdown(entries, title=channel.archive.title or channel.title),
}
_WHOLE: Final = frozenset({Format.JSON, Format.JSONL})
"""The formats that can say of a pick that it was retracted."""


def exported(entries: Sequence[Entry], channel: Channel, form: Format) -> tuple[str, int]:
    """Return the picks as a file, and how many are in it; a retracted one only where the form can say so."""
    kept = [entry for entry in entries if entry.live or form in _WHOLE]
    return _WRITERS[form](kept, channel), len(kept)
