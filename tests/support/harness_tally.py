"""What tests count over a whole run, whichever of its processes they ran in: printed once, at the end.

A plugin. With pytest-xdist every process counts for itself and hands its counts over when it ends.
"""

import pickle
from collections.abc import Callable
from typing import Any, Final, Protocol, Self, TypeVar, cast

import pytest

_HANDED_OVER: Final = "tallies"


class Tally(Protocol):
    """Counts of one kind."""

    def merge(self, other: Self) -> None:
        """Add what another process has counted."""
        ...

    def write(self, terminal: pytest.TerminalReporter) -> None:
        """Print the counts, if there are any."""
        ...


_TallyT = TypeVar("_TallyT", bound=Tally)
_TALLIES: Final = pytest.StashKey[dict[str, Any]]()


def tally_of(config: pytest.Config, name: str, make: Callable[[], _TallyT]) -> _TallyT:
    """Return the one tally of that name in this process."""
    return cast("_TallyT", config.stash.setdefault(_TALLIES, {}).setdefault(name, make()))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand the counts over, in a process that pytest-xdist started."""
    handed_over = getattr(session.config, "workeroutput", None)
    if handed_over is not None:
        handed_over[_HANDED_OVER] = pickle.dumps(session.config.stash.get(_TALLIES, {}))


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take the counts of a process that ended; one that crashed has none to give."""
    given = getattr(node, "workeroutput", {}).get(_HANDED_OVER)
    ours = node.config.stash.setdefault(_TALLIES, {})
    for name, tally in (pickle.loads(given) if given else {}).items():
        if name in ours:
            ours[name].merge(tally)
        else:
            ours[name] = tally


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print the tables."""
    for _, tally in sorted(config.stash.get(_TALLIES, {}).items()):
        tally.write(terminalreporter)
