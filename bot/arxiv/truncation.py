"""Close a feed that broke off on its way, after the last entry that arrived whole.

This module owns telling a truncated feed from damaged XML. It only moves bytes: what the entries say is for ``feeds``.
"""

from typing import Final
from xml.parsers import expat

_CODES: Final = expat.errors.codes
_BROKE_OFF: Final = frozenset(
    _CODES[message]
    for message in (
        expat.errors.XML_ERROR_NO_ELEMENTS,
        expat.errors.XML_ERROR_UNCLOSED_TOKEN,
        expat.errors.XML_ERROR_PARTIAL_CHAR,
        expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION,
    )
)
"""What expat says when XML was right as far as it went."""

_ENTRIES: Final = frozenset({"item", "entry"})


def broke_off(error: expat.ExpatError) -> bool:
    """Say whether the error means that the rest is missing, not that something is wrong."""
    return error.code in _BROKE_OFF


def mended(body: bytes) -> bytes | None:
    """Return the body up to its last whole entry, with everything open closed; None when not even one is whole."""
    end, still_open = _last_entry(body)
    if not end:
        return None
    return body[:end] + b"".join(f"</{name}>".encode() for name in reversed(still_open))


def _last_entry(body: bytes) -> tuple[int, tuple[str, ...]]:
    """Return the place behind the last whole entry and the elements that are open there."""
    parser = expat.ParserCreate()
    stack: list[str] = []
    last: tuple[int, tuple[str, ...]] = (0, ())

    def close(name: str) -> None:
        nonlocal last
        stack.pop()
        if name in _ENTRIES and len(stack) <= 2:  # noqa: PLR2004 - entries lie in the channel or at the top
            last = (body.index(b">", parser.CurrentByteIndex) + 1, tuple(stack))

    parser.StartElementHandler = lambda name, _: stack.append(name)
    parser.EndElementHandler = close
    try:
        parser.Parse(body, True)  # noqa: FBT003
    except expat.ExpatError:
        return last
    return last
