"""Which shard a new school gets."""

from collections.abc import Iterable

SHARDS = 64


def least_used(used: Iterable[int]) -> int:
    """The lowest of the shards that stand least often in ``used``."""
    counts = [0] * SHARDS
    for shard in used:
        counts[shard] += 1
    return counts.index(min(counts))
