"""A replay in sentences."""

from collections.abc import Sequence

import click

from vigil.replay.day import DAY_MS
from vigil.replay.post import Post
from vigil.replay.tally import Tally

SHOWN = 20
"""Refusals on the terminal; ``--json`` has all."""


def beforehand(posts: Sequence[Post], shift: int) -> str:
    """What is about to be sent."""
    devices = len({post.device for post in posts})
    days = shift // DAY_MS
    moved = "at the times recorded"
    if days:
        moved = (
            f"{abs(days)} day{'s' if abs(days) > 1 else ''} {'later' if days > 0 else 'earlier'}"
        )
    return f"Sending {len(posts):,} posts of {devices} devices, {moved}."


def tell(tally: Tally, total: int, *, complete: bool) -> None:
    """Print what came of it; ``total`` is how many posts there were."""
    click.echo(
        f"{tally.accepted:,} activities accepted in {tally.batches - tally.duplicate_batches:,} "
        f"batches, and {tally.heartbeats:,} signs of life. "
        f"A post took {tally.latency_ms(0.5):.0f} ms (p50), {tally.latency_ms(0.99):.0f} ms (p99)."
    )
    if tally.duplicate_batches:
        click.echo(
            f"{tally.duplicate_batches:,} batches ({tally.duplicates:,} activities) were known "
            "already: accepted, not stored again."
        )
    if tally.retries:
        click.echo(f"{tally.retries:,} posts had to be sent again.")
    for refusal in tally.refused[:SHOWN]:
        click.echo(f"Refused: {refusal}", err=True)
    if len(tally.refused) > SHOWN:
        click.echo(f"and {len(tally.refused) - SHOWN} more refused.", err=True)
    if not complete:
        click.echo(
            f"Stopped after {tally.posts:,} of {total:,} posts. "
            "Run it again: what is known already is not doubled."
        )
