"""How a curator's words and links stand in the one note that a collection on Hugging Face has for a paper.

The links stand on lines of their own, ``Thread: https://…`` and ``Code: https://…``, as curators there write them. This
module reads and writes that form, and never asks anybody.
"""

import re
from typing import Final

from bot.domain.text import sanitize

LIMIT: Final = 500
"""UTF-16 units of a note: https://huggingface.co/docs/hub/collections"""

_LINK: Final = re.compile(
    r"(?:^|(?<=[\s.;,|·(]))(?P<what>thread|code)\s*:\s*<?(?P<url>https?://[^\s<>]+?)>?[.;,|·)]*\s*$", re.IGNORECASE
)
_SENTENCE_END: Final = re.compile(r"(?<=[.!?…。！？])[\"'”’)\]]*(?=\s)|(?<=[。！？])")


def read_note(text: str) -> tuple[str, str | None, str | None]:
    """Return the curator's words, the address of the authors' thread and that of the code.

    Of two addresses of a kind the first counts; the other one stays in the words.
    """
    found: dict[str, str] = {}
    lines: list[str] = []
    for written in sanitize(text).splitlines():
        line, rest = written, list[str]()
        while (link := _LINK.search(line)) and (what := link["what"].lower()) not in rest:
            rest.append(what)
            if what in found:
                break
            found[what] = link["url"]
            line = line[: link.start()].rstrip(" \t|·;,(")
        if line.strip() or not rest:
            lines.append(line.rstrip())
    return "\n".join(lines).strip(), found.get("thread"), found.get("code")


def units(text: str) -> int:
    """Count as the Hub does in the stricter way: UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def write_note(note: str, *, thread_url: str | None, code_url: str | None, page: str | None) -> str:
    """Return words and links as one note within the limit.

    Too long, the words end at the end of a sentence, with ``page``, where the whole note stands. Links that have no
    room even then are left out, the code first.
    """
    links = [f"Thread: {thread_url}" if thread_url else "", f"Code: {code_url}" if code_url else ""]
    kept = [line for line in links if line]
    whole = _joined(note, kept)
    if units(whole) <= LIMIT:
        return whole
    more = f"More: {page}" if page else ""
    while kept and units(_joined("", [more, *kept])) > LIMIT // 2:
        kept.pop()
    end = [line for line in (more, *kept) if line]
    room = LIMIT - units(_joined("", end)) - (1 if end else 0)
    return _joined(_beginning(note, room), end)


def _joined(note: str, lines: list[str]) -> str:
    return "\n".join(part for part in (note, *lines) if part)


def _beginning(note: str, room: int) -> str:
    """Return as many whole sentences as have room, else words, with an ellipsis where the last one is cut."""
    if units(note) <= room:
        return note
    ends = [match.end() for match in _SENTENCE_END.finditer(note)]
    for end in reversed(ends):
        if units(note[:end]) <= room and end > room // 4:
            return note[:end].rstrip()
    cut = note
    while units(cut) > room - 1:
        cut = cut[: max(0, cut.rfind(" "))] if " " in cut else cut[:-1]
    return f"{cut.rstrip(' ,;:')}…" if cut else ""
