"""What every test may ask for."""

import gc
import signal
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

_MARKS = {
    "postgres": "postgres",
    "pds": "node",
    "network": "node",
    "lab": "node",
    "browsed": "node",
    "x_standin": "network",
    **dict.fromkeys(("script", "ready", "fetched", "table", "stage", "life"), "slow"),
}
"""What a test needs, by the fixtures that start it: the whole program, the desk, or all that sends a thread is slow."""

_NEW_OBJECTS = 50_000
"""Between two searches for garbage, as in ``picks`` itself."""

pytest_plugins = [
    "harness_tally",
    "harness_store",
    "harness_pds",
    "harness_network",
    "chat_server",
    "harness_mastodon",
    "harness_x",
    "harness_browser",
    "harness_faults",
    "fault_scene",
]


def pytest_configure() -> None:
    """Set up the process before anything is collected.

    Ctrl-C is heard even where the tests run in the background of a script: their children inherit what is ignored. And
    garbage is searched for less often: loading tests makes many objects and hardly any garbage.
    """
    gc.set_threshold(_NEW_OBJECTS)
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of real feeds, listings and picks; skip where it is not there."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"needs the folder of real data, {folder}")
    return folder


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that need a server, before they are chosen by their marks."""
    for item in items:
        for name in getattr(item, "fixturenames", ()):
            if name in _MARKS:
                item.add_marker(_MARKS[name])


def pytest_collection_finish() -> None:
    """Leave modules and tests out of every search: they stay to the end."""
    gc.collect()
    gc.freeze()
