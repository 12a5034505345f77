"""A server on 127.0.0.1 in threads of its own: what the stand-in for X and the fault proxy have in common.

What to answer is the handler's, and so is what to do about a client that did not wait.
"""

import socket
import struct
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class LocalServer(ThreadingHTTPServer):
    """Serves between ``start`` and ``stop``; ``stopping`` wakes the handlers that wait for something."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, handler: type["LocalHandler"], *, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), handler)
        self.stopping = threading.Event()
        self.host = f"127.0.0.1:{self.server_address[1]}"
        self.url = f"http://{self.host}"
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Answer no more; what still waits is given up."""
        self.stopping.set()
        self.shutdown()
        self.server_close()
        self._thread.join()


class LocalHandler(BaseHTTPRequestHandler):
    """One connection; a subclass says in ``serve`` what becomes of a request."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 60.0  # longer than any test, so that a mistake ends in a failure and not in a standstill

    def serve(self) -> None:
        """Answer the request, whose first line and headers are read."""
        raise NotImplementedError

    def do_GET(self) -> None:
        self.serve()

    def do_POST(self) -> None:
        self.serve()

    def do_PATCH(self) -> None:
        self.serve()

    def do_DELETE(self) -> None:
        self.serve()

    def log_message(self, *_: object) -> None:
        """Keep quiet: standard error belongs to the tests."""

    def read_body(self) -> bytes:
        """Return what follows the headers."""
        return self.rfile.read(int(self.headers.get("Content-Length", "0")))

    def reset_connection(self) -> None:
        """Hang up rudely: closing with no time to linger sends a reset instead of a goodbye."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
