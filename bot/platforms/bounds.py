"""How much of a server's answer is read: its beginning, up to a size, once it is unpacked.

Whoever reads on takes the beginning for the whole: what is cut off is no JSON any more, and so not believed.
"""

from collections.abc import Iterable
from typing import Final

ANSWER_LIMIT: Final = 1_000_000
"""Bytes. What we ask for has a few thousand."""


def beginning(chunks: Iterable[bytes], *, limit: int = ANSWER_LIMIT) -> bytes:
    """Return the first ``limit`` bytes of the chunks, and read no chunk that lies behind them."""
    body = bytearray()
    for chunk in chunks:
        body += chunk
        if len(body) > limit:
            break
    return bytes(body[:limit])
