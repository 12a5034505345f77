"""In which forms picks are handed on to other programs."""

from enum import StrEnum


class Format(StrEnum):
    """What ``picks export`` can write."""

    JSON = "json"
    JSONL = "jsonl"
    BIBTEX = "bibtex"
    CSL = "csl"
    MARKDOWN = "markdown"
