"""Finds how far a stream holds what a relay has published: JetStream may lose what it acknowledged.

A subject's newest message is one look-up in the stream's index, and the store knows the subject of
each event. So the relay asks for its last message, and only if that is gone for the one before it:
as many requests as messages are lost, and one more.
"""

import time
from collections.abc import Awaitable, Callable

from chassis.store.positions import Position
from chassis.store.publications import BATCH, Said, Stream

_ABOUT_TO_EXPIRE_S = 60.0

Before = Callable[[int], Awaitable[list[Said]]]
"""Messages before a position, the last one first (``Reading.before``)."""


async def still_held(stream: Stream, shard: int, published: int, before: Before) -> Position:
    """The last position up to ``published`` that ``stream`` holds, or has let go by its age.

    Messages missing before one that is there are not seen: consumers see those holes.
    """
    position = published + 1
    while position > 1:
        for said in await before(position):
            kept_s = stream.kept_s(said.publication)
            if kept_s and _age_s(said) > kept_s - _ABOUT_TO_EXPIRE_S:
                return Position(said.position, said.position)
            newest = await stream.newest_on(said.publication)
            # A later message may have taken its place, where a stream keeps the last state.
            if newest is not None and _is_at(newest, shard, said.position):
                return Position(said.position, said.position)
        position = max(1, position - BATCH)
    return Position()


def _age_s(said: Said) -> float:
    return 0.0 if said.at is None else time.time() - said.at.timestamp()


def _is_at(newest: str, shard: int, position: int) -> bool:
    of_shard, _, number = newest.partition(":")
    return of_shard == str(shard) and number.isdecimal() and int(number) >= position
