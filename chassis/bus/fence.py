"""Says whether a message from a store is new, was taken in before, or comes after a gap."""

import time
from collections.abc import Awaitable, Callable
from enum import StrEnum

ASK_EVERY_S = 30.0
"""Republication takes a moment; until then every message tells of the same gap."""


class Verdict(StrEnum):
    """What a position says about its message."""

    NEW = "new"
    OLD = "old"
    GAP = "gap"


def judge(reached: int, number: int, previous: int | None) -> Verdict:
    """Judge a message by its own number, the one said before it, and the last one taken in.

    ``number`` is from ``Vigil-Position``, ``previous`` from ``Vigil-Previous``, of one shard.
    """
    if number <= reached:
        return Verdict.OLD
    if previous is not None and previous > reached:
        return Verdict.GAP
    return Verdict.NEW


Ask = Callable[[str, int, int], Awaitable[None]]
"""Asks whoever feeds a stream to publish again: stream, shard, from which number on."""


class Fence:
    """Judges, and at a gap asks for what is missing.

    At a gap a consumer that needs order acknowledges the message and takes in nothing: it comes
    again, behind what is missing. (A NAK would hold up the missing ones where ``max_ack_pending``
    is 1.) ``ask`` must therefore have it published under new message ids, ``again`` in
    ``Relay.republish``.
    """

    def __init__(self, ask: Ask, *, ask_every_s: float = ASK_EVERY_S) -> None:
        self._ask = ask
        self._ask_every_s = ask_every_s
        self._asked: dict[tuple[str, int], tuple[int, float]] = {}

    async def judge(
        self, stream: str, shard: int, reached: int, number: int, previous: int | None
    ) -> Verdict:
        """As ``judge``; what ``ask`` raises is raised, and the message should be tried again."""
        verdict = judge(reached, number, previous)
        if verdict is Verdict.GAP and self._is_due(stream, shard, reached):
            await self._ask(stream, shard, reached + 1)
            self._asked[stream, shard] = (reached, time.monotonic())
        return verdict

    def _is_due(self, stream: str, shard: int, reached: int) -> bool:
        after, at = self._asked.get((stream, shard), (None, 0.0))
        return after != reached or time.monotonic() - at >= self._ask_every_s
