"""A real Chromium that looks at a site, for all tests of a process once."""

import json
import os
import shutil
import subprocess
import threading
from pathlib import Path
from typing import Any, Final

import pytest

from archive_entries import entry
from archive_site import hostile_entry, picks, write_site
from bot.interfaces.cli.site_server import SiteServer

_FOLDER: Final = Path(__file__).resolve().parents[1] / "node"
_PROGRAMS: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_PLACES: Final = (
    "", "2412.00769/", "2501.00001/", "2411.00001/", "2411.00002/", "cs/0112017/", "month/2024-12/", "months/", "tags/",
    "tag/reasoning/", "authors/", "author/jose-muster/", "search/?q=plural", "about/", "404.html",
)  # fmt: skip
"""One of each kind of page."""


@pytest.fixture(scope="session")
def browsed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return what a browser and two checkers found on a site of invented picks, a hostile one among them."""
    program = next((found for name in _PROGRAMS if (found := shutil.which(name))), None)
    if missing := _missing(program):
        if os.environ.get("CI") == "true":
            pytest.fail(f"{missing}; nothing may be skipped where CI=true")
        pytest.skip(missing)
    folder = tmp_path_factory.mktemp("browsed") / "site"
    hostile = hostile_entry()
    eastern = entry("2401.00001", title="GPT模型的可解释性研究", note="한국어는 알아보기 쉽다.", topics=())
    write_site(folder, *picks(), entry("2501.00001", **_words(hostile)), eastern)
    with SiteServer(folder, 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        done = subprocess.run(
            [str(shutil.which("node")), "browse.mjs", str(program), server.address, str(folder), *_PLACES],
            cwd=_FOLDER,
            capture_output=True,
            text=True,
            timeout=280,
            check=False,
        )
        server.shutdown()
    assert done.returncode == 0, done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def _words(hostile: Any) -> dict[str, Any]:
    names = ("title", "authors", "note", "abstract", "topics", "categories", "thread_url", "code_url", "posts")
    return {name: getattr(hostile, name) for name in names}


def _missing(program: str | None) -> str | None:
    if shutil.which("node") is None:
        return "needs Node.js 20 or newer"
    if program is None:
        return "needs a Chromium (Debian package chromium)"
    if not (_FOLDER / "node_modules" / "playwright-core").is_dir():
        return f"needs npm ci in {_FOLDER}"
    return None
