"""Tell what is wrong from what to do about it, in the words of an error: "it broke; mend it".

The words behind a semicolon are advice where they begin as advice does. A server's own words, which may hold semicolons
too, stay where they are; so does what stands in brackets or quotes.
"""

import re
from typing import Final

_ADVICE: Final = re.compile(
    r"; (?=(?:add|approve|ask|build|buy|change|check|choose|clear|close|convert|copy|correct|delete|empty|end|export|"
    r"fetch|fill|find|free|get|give|go|install|keep|leave|let|look|make|mend|move|name|open|pick|put|raise|read|remove|"
    r"rename|repeat|restore|run|save|say|see|set|shorten|start|stop|take|tell|try|turn|type|update|upgrade|use|wait|"
    r"write)\b)"
)
_PAIRS: Final = (("(", ")"), ("[", "]"), ("“", "”"))


def split_advice(words: str) -> tuple[str, str | None]:
    """Return what is wrong, and what to do where the words say that."""
    places = [match for match in _ADVICE.finditer(words) if not _is_open(words[: match.start()])]
    if not places:
        return words, None
    return words[: places[-1].start()], words[places[-1].end() :]


def _is_open(before: str) -> bool:
    """Say whether a bracket or a quote is open behind these words."""
    quoted = before.count('"') % 2 == 1
    return quoted or any(before.count(first) > before.count(last) for first, last in _PAIRS)
