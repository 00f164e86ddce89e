"""The school's events as its integrators hear them: server-sent events of the gateway."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx

SILENT_S = 60.0
PAUSE_S = 0.5


async def events(url: str, token: str) -> AsyncIterator[dict[str, Any]]:
    """CloudEvents from now on, until cancelled; a lost stream is resumed where it broke off."""
    last = ""
    async with httpx.AsyncClient(timeout=SILENT_S, trust_env=False) as http:
        while True:
            headers = {"authorization": f"Bearer {token}"}
            if last:
                headers["last-event-id"] = last
            try:
                async with http.stream("GET", url, headers=headers) as answer:
                    if answer.is_success:
                        async for text in answer.aiter_lines():
                            name, _, value = text.partition(": ")
                            if name == "id":
                                last = value
                            elif name == "data":
                                yield json.loads(value)
            except httpx.TransportError:
                pass
            await asyncio.sleep(PAUSE_S)
