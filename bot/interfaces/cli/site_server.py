"""A server of a site's folder for this machine alone: to look at it, not to publish it."""

import errno
import io
import sys
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, Self
from urllib.parse import unquote, urlsplit

from bot.domain.errors import PicksError

if TYPE_CHECKING:
    from _typeshed import StrPath

HOST: Final = "127.0.0.1"
_PUBLIC: Final = ".well-known"
"""The one hidden folder that a site may have: https://www.rfc-editor.org/rfc/rfc8615"""

_TYPES: Final = {
    "feed.atom": "application/atom+xml",
    "feed.json": "application/feed+json",
    "cite.bib": "text/x-bibtex; charset=utf-8",
    "site.standard.publication": "text/plain; charset=utf-8",
}
"""What the files of a site are that the machine's own list of types may not know."""


class SiteServer(ThreadingHTTPServer):
    """Shows a folder on 127.0.0.1; port 0 is any that is free. Raises PicksError where the port cannot be had."""

    daemon_threads = True

    def __init__(self, folder: Path, port: int) -> None:
        try:
            super().__init__((HOST, port), partial(_Handler, directory=str(folder)))
        except OSError as error:
            raise PicksError(_cannot_listen(port, error)) from error

    def __enter__(self) -> Self:
        return self

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of a browser that went away before its answer."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]

    @property
    def address(self) -> str:
        """Return where the first page is."""
        return f"http://{HOST}:{self.server_address[1]}/"


class _Handler(SimpleHTTPRequestHandler):
    """Answers as the usual hosts of static sites do: index.html for a folder, 404.html where nothing is."""

    def guess_type(self, path: "StrPath") -> str:
        return _TYPES.get(Path(path).name) or super().guess_type(path)

    def send_head(self) -> io.BytesIO | BinaryIO | None:
        if _may_be_shown(self.path):
            return super().send_head()
        self.send_error(HTTPStatus.NOT_FOUND)
        return None

    def list_directory(self, path: object) -> None:  # noqa: ARG002 - none is ever listed
        self.send_error(HTTPStatus.NOT_FOUND)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        missing = Path(self.directory) / "404.html"
        if code != HTTPStatus.NOT_FOUND or not missing.is_file():
            super().send_error(code, message, explain)
            return
        body = missing.read_bytes()
        self.send_response(code)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Say nothing: the terminal shows the address."""


def _may_be_shown(target: str) -> bool:
    """Say whether a request names what may be a file of a site: none is hidden, and some names no file can have."""
    try:
        path = unquote(urlsplit(target).path, errors="surrogatepass")
        path.encode()
    except ValueError:  # neither an address nor text
        return False
    return "\0" not in path and not any(part.startswith(".") and part != _PUBLIC for part in path.split("/"))


def _cannot_listen(port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} is in use on {HOST}; choose another with --port, or --port 0 for any"
    return f"cannot listen on {HOST}, port {port}: {error.strerror}; choose another with --port"
