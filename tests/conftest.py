"""What every test may ask for."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

pytest_plugins = ["harness_store", "harness_pds", "harness_x", "harness_faults", "fault_scene"]


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of real feeds, listings and picks; skip where it is not there."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"needs the folder of real data, {folder}")
    return folder
