"""Tell new messages from a replay.

The client's ordered consumer, broken before its first message, starts again at the stream's
first: whoever asked for new messages only must leave the old ones out.
"""

from chassis.bus.consume import Meta

MARGIN_MS = 60_000
"""Clocks differ, and the moment between asking and listening counts as new."""


def is_fresh(meta: Meta, since_ms: int) -> bool:
    """Whether a message was published after ``since_ms``, or within a minute before it."""
    return meta.published_ms >= since_ms - MARGIN_MS
