"""Loopback ports that a data folder chooses once and keeps."""

import errno
import secrets
import socket
from collections.abc import Container

FIRST_PORT = 20_000
LAST_PORT = 29_999
"""Below 32768, where Linux starts to lend ports to outgoing connections: a port kept from there
may be lent to somebody else after a restart."""


def is_free(port: int) -> bool:
    """Tell whether nobody listens on this port of 127.0.0.1."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as candidate:
        # As the servers do: connections of the last run that linger don't count.
        candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            candidate.bind(("127.0.0.1", port))
            candidate.listen(1)
        except OSError as error:
            if error.errno in (errno.EADDRINUSE, errno.EACCES):
                return False
            raise
    return True


def choose_port(taken: Container[int], preferred: int | None = None) -> int:
    """Return ``preferred`` if it is free and not in ``taken``, else a free port by chance."""
    if preferred is not None and preferred not in taken and is_free(preferred):
        return preferred
    while True:
        port = FIRST_PORT + secrets.randbelow(LAST_PORT - FIRST_PORT + 1)
        if port not in taken and is_free(port):
            return port
