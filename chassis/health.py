"""``/healthz`` (alive) and ``/readyz`` (may be sent work), on the standard library's server.

It runs in a thread of its own, so a blocked event loop shows as a failed ``/healthz``.
"""

import json
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

STALL_S = 10.0
"""An event loop that has not turned for this long is not alive."""


class Health:
    """What the probes answer. ``ready`` is asked at each probe; ``beat`` proves the loop turns."""

    def __init__(self, role: str, ready: Callable[[], dict[str, bool]]) -> None:
        self._role = role
        self._ready = ready
        self._beaten = time.monotonic()

    def beat(self) -> None:
        """The event loop turned."""
        self._beaten = time.monotonic()

    def answer(self, path: str) -> tuple[int, dict[str, object]]:
        """Status and body for a probe."""
        if path == "/healthz":
            alive = time.monotonic() - self._beaten < STALL_S
            return (200 if alive else 503), {"role": self._role, "alive": alive}
        if path == "/readyz":
            checks = self._ready()
            ready = all(checks.values())
            return (200 if ready else 503), {"role": self._role, "ready": ready, "checks": checks}
        return 404, {"error": "only /healthz and /readyz are here"}


def serve(health: Health, host: str, port: int) -> ThreadingHTTPServer:
    """Serve the probes in a daemon thread; shut the server down to end it."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = health.answer(self.path)
            data = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
            """Probes are not worth a line."""

    server = ThreadingHTTPServer((host, port), Handler)
    server.daemon_threads = True
    Thread(target=server.serve_forever, daemon=True, name="health").start()
    return server
