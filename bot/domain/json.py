"""The one name for data that is about to become JSON, or has just been JSON."""

from typing import Any

Json = dict[str, Any]
"""A JSON object."""
