"""A role in small: answers /readyz on a port, notes in a file when it is asked to end."""

import http.server
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

name, port, notes, habit = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]), sys.argv[4]
if habit == "broken":
    sys.exit("this role cannot start: no such setting")
if habit == "parent":
    grandchild = subprocess.Popen(["sleep", "300"])
    Path(f"{notes}.grandchild").write_text(str(grandchild.pid))


class Ready(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(503 if habit == "never-ready" else 200)
        self.end_headers()


def end(_number: int, _frame: object) -> None:
    with notes.open("a") as file:
        file.write(f"{name}\n")
    if habit != "stubborn":
        os._exit(0)


signal.signal(signal.SIGTERM, end)
server = http.server.HTTPServer(("127.0.0.1", port), Ready)
threading.Thread(target=server.serve_forever).start()
