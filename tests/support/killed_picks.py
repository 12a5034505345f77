"""``picks`` that is killed, as by SIGKILL, just before it does something for the n-th time: KILLED_AT="os.link 2"."""

import os
import signal
import sys
from importlib.metadata import entry_points


def main() -> None:
    """Run ``picks`` until then."""
    wanted, times = os.environ["KILLED_AT"].split()
    left = int(times)

    def watch(event: str, _: object) -> None:
        nonlocal left
        if event != wanted:
            return
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(watch)
    [script] = entry_points(group="console_scripts", name="picks")
    script.load()()


if __name__ == "__main__":
    main()
