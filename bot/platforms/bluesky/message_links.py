"""Which addresses in a message are links: those that stand on a line of their own.

Our own addresses stand so. An address in a title or in another stranger's words never does, and so leads nowhere by
accident.
"""

import re
from typing import Final

_ADDRESS: Final = re.compile(r"^(?:https?://\S+)$", re.MULTILINE)


def link_facets(text: str) -> list[dict[str, object]]:
    """Return the facets of a message, with byte offsets as the network wants them."""
    return [
        {
            "index": {
                "byteStart": len(text[: match.start()].encode()),
                "byteEnd": len(text[: match.end()].encode()),
            },
            "features": [{"$type": "app.bsky.richtext.facet#link", "uri": match[0]}],
        }
        for match in _ADDRESS.finditer(text)
    ]
