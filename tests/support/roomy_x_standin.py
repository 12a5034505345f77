"""The stand-in for X without its rate limits, as a process: for more posts than X takes in a quarter of an hour.

It prints the same line of JSON as ``x_standin`` and answers ``GET /_log`` as that does, until standard input ends.
"""

import json
import sys
from collections.abc import Mapping
from dataclasses import asdict

from x_standin import Endpoint, XStandin


class RoomyXStandin(XStandin):
    """A stand-in that counts no requests."""

    def _count(self, endpoint: Endpoint) -> Mapping[str, str]:
        return {}


def main() -> None:
    """Serve until standard input ends."""
    with RoomyXStandin(control=True) as x:
        env = {f"X_{name.upper()}": value for name, value in asdict(x.credentials).items()}
        print(json.dumps({"url": x.url, "env": {"X_API_URL": x.url, **env}}), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
