"""What is pushed, as clients hear it: GraphQL subscriptions, and the feed of integrators."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from school_under_test import School
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

CHANGED = """subscription { incidentChanged { kind missed
  incident { id family theme severity state findingCount } } }"""


class Subscription:
    """An operation over graphql-transport-ws."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket

    def next(self, within_s: float = 20.0) -> dict[str, Any]:
        """The next change; TimeoutError when there is none."""
        message = json.loads(self._socket.recv(timeout=within_s))
        assert message["type"] == "next", message
        changed: dict[str, Any] = message["payload"]["data"]["incidentChanged"]
        return changed

    def stays_silent(self, for_s: float) -> bool:
        try:
            self.next(for_s)
        except TimeoutError:
            return True
        return False


@contextmanager
def subscribed(school: School, role: str = "dsl") -> Iterator[Subscription]:
    """A subscription to ``incidentChanged`` that is surely listening."""
    url = school.system.found_at["graphql"].replace("http", "ws", 1)
    with connect(url, subprotocols=[Subprotocol("graphql-transport-ws")]) as socket:
        hello = {"type": "connection_init", "payload": school.bearer(role)}
        socket.send(json.dumps(hello))
        assert json.loads(socket.recv(timeout=10))["type"] == "connection_ack"
        asked = {"id": "1", "type": "subscribe", "payload": {"query": CHANGED}}
        socket.send(json.dumps(asked))
        # The operation starts in a task of its own; a ping is answered after that.
        socket.send(json.dumps({"type": "ping"}))
        assert json.loads(socket.recv(timeout=10))["type"] == "pong"
        time.sleep(0.2)
        yield Subscription(socket)


def feed(
    school: School, *, role: str = "integrator", after: int | None = 0, quiet_s: float = 2.0
) -> list[dict[str, Any]]:
    """The school's events after a place, up to a silence of ``quiet_s`` seconds."""
    headers = school.bearer(role) | ({} if after is None else {"last-event-id": str(after)})
    events: list[dict[str, Any]] = []
    timeout = httpx.Timeout(10, read=quiet_s)
    url = school.system.found_at["feed"]
    with httpx.stream("GET", url, headers=headers, timeout=timeout) as stream:
        assert stream.status_code == 200
        try:
            lines = (line for line in stream.iter_lines() if line.startswith("data: "))
            events.extend(json.loads(line.removeprefix("data: ")) for line in lines)
        except httpx.ReadTimeout:
            return events
    return events
