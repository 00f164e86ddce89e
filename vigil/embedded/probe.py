"""Asks a program on this machine whether it is ready."""

import asyncio
from contextlib import suppress
from urllib.parse import urlsplit

_PATIENCE = 2.0
"""Seconds for one answer on the loopback."""


async def answers(url: str) -> bool:
    """Tell whether ``http://…`` answers 200, or ``tcp://host:port`` accepts a connection."""
    with suppress(OSError, TimeoutError):
        async with asyncio.timeout(_PATIENCE):
            return await _ask(url)
    return False


async def _ask(url: str) -> bool:
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    try:
        if parts.scheme == "tcp":
            return True
        path = parts.path or "/"
        target = f"{path}?{parts.query}" if parts.query else path
        request = f"GET {target} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n\r\n"
        writer.write(request.encode("ascii"))
        status = (await reader.readline()).split()
        return len(status) > 1 and status[1] == b"200"
    finally:
        writer.close()
