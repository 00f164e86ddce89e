"""Let a day pass: every device sends in its order, all of them at the day's pace."""

import asyncio
import time
from collections.abc import Callable, Sequence

from vigil.replay.day import Pace
from vigil.replay.post import Post
from vigil.replay.sender import Sender

Settled = Callable[[Post], None]
"""Told of each post once it was acknowledged or refused."""


async def play(posts: Sequence[Post], pace: Pace, sender: Sender, settled: Settled) -> None:
    """Send all posts, in order of time; returns when each is acknowledged or refused.

    A device sends one post at a time. When capture is away, devices wait, and catch up.
    """
    started = time.monotonic()
    spools: dict[str, asyncio.Queue[Post | None]] = {}

    async def device(spool: asyncio.Queue[Post | None]) -> None:
        while (post := await spool.get()) is not None:
            await sender.send(post)
            settled(post)

    async with asyncio.TaskGroup() as devices:
        for post in posts:
            wait = pace.due_s(post.send_at_ms) - (time.monotonic() - started)
            if wait > 0:
                await asyncio.sleep(wait)
            if post.device not in spools:
                spools[post.device] = asyncio.Queue()
                devices.create_task(device(spools[post.device]))
            spools[post.device].put_nowait(post)
        for spool in spools.values():
            spool.put_nowait(None)
