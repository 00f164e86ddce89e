"""``vigil replay``: send recorded days to capture."""

import asyncio
import sys
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from rich.console import Console

from chassis.bus.bus import Bus
from chassis.clock import now_ms
from contracts.capture.v1.capture_pb2 import ListCoverageRequest, ListCoverageResponse
from vigil.commands.asking import (
    RefusedCommand,
    ask,
    data_option,
    json_option,
    say_json,
    school_option,
)
from vigil.connection import NotRunningError, address, school_by_slug
from vigil.replay.agents_file import read_agents
from vigil.replay.day import Pace, merged, shift_ms
from vigil.replay.play import play
from vigil.replay.post import Post, UnreadableDayError
from vigil.replay.progress import ReplayProgress
from vigil.replay.sender import Sender
from vigil.replay.squid_log import read_squid
from vigil.replay.tally import Tally
from vigil.replay.telling import beforehand, tell
from vigil.replay.tokens import Tokens, TokensError

SOME_REFUSED = 1
INTERRUPTED = 130
DEFAULT_ZONE = "Europe/London"


@click.command()
@click.argument(
    "files",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@school_option
@click.option(
    "--tokens",
    "tokens_file",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="What `vigil device enrol --out` wrote.",
)
@click.option(
    "--within",
    default=60.0,
    show_default=True,
    type=click.FloatRange(min=0),
    help="Seconds in which the whole passes; 0: as fast as possible.",
)
@click.option("--as-recorded", is_flag=True, help="Keep the times, however old they are.")
@click.option(
    "--proxy-device", help="Whose log a *.log is; the one device of kind proxy if absent."
)
@click.option("--limit", type=click.IntRange(min=1), help="Send only the first so many posts.")
@click.option("--capture", help="Address of capture; as `vigil up` says if not given.")
@json_option
@data_option
def replay(
    *,
    files: tuple[Path, ...],
    school: str,
    tokens_file: Path,
    within: float,
    as_recorded: bool,
    proxy_device: str | None,
    limit: int | None,
    capture: str | None,
    as_json: bool,
    data: Path,
) -> None:
    """Send recorded days to capture: what agents posted (*.ndjson) and Squid's logs (*.log).

    The days are moved by whole days, so that the last activity lies within the last 24 hours.
    Posts that capture can't take now are sent again until it can. A replay that was stopped can
    simply be run again: what is known already is not doubled. Exit code 1: some were refused.
    """
    try:
        tokens = Tokens.read(tokens_file)
        posts = _read(files, tokens, proxy_device)[:limit]
        tokens.require(post.device for post in posts)
    except (TokensError, UnreadableDayError) as error:
        raise click.UsageError(str(error)) from error
    zone = ZoneInfo(DEFAULT_ZONE)
    if capture is None:
        try:
            capture = address(data, "capture")
        except NotRunningError as error:
            raise RefusedCommand(error.message) from error
        zone = _check(data, school, tokens, posts)
    shift = 0 if as_recorded else shift_ms(posts, now_ms())
    if not as_json:
        click.echo(beforehand(posts, shift))
    tally, done = _run(capture, tokens, posts, shift, within, zone)
    if as_json:
        say_json({**tally.as_data(), "posts": len(posts), "complete": done})
    else:
        tell(tally, len(posts), complete=done)
    if not done:
        sys.exit(INTERRUPTED)
    if tally.refused:
        sys.exit(SOME_REFUSED)


def _read(files: tuple[Path, ...], tokens: Tokens, proxy_device: str | None) -> list[Post]:
    recordings = []
    for file in files:
        if file.suffix == ".ndjson":
            recordings.append(read_agents(file))
        elif file.suffix == ".log":
            recordings.append(read_squid(file, proxy_device or tokens.proxy()))
        else:
            raise UnreadableDayError(file, None, "is neither *.ndjson nor *.log")
    posts = merged(*recordings)
    if not posts:
        raise UnreadableDayError(files[0], None, "holds nothing to send")
    return posts


def _check(data: Path, slug: str, tokens: Tokens, posts: list[Post]) -> ZoneInfo:
    """The school's time zone. Ends the command when a token is not of this school."""

    async def work(bus: Bus) -> ZoneInfo:
        state = await school_by_slug(bus, slug)
        held = await bus.ask(ListCoverageRequest(), ListCoverageResponse, tenant=state.school_id)
        ours = {device.device_id for device in held.devices}
        used = {post.device for post in posts}
        strangers = sorted(name for name in used if tokens.of[name].device_id not in ours)
        if strangers:
            raise RefusedCommand(
                f"{len(strangers)} of the devices are not enrolled in {slug}, "
                f"the first being {strangers[0]}."
            )
        return ZoneInfo(state.time_zone or DEFAULT_ZONE)

    return ask(data, work)


def _run(
    capture: str, tokens: Tokens, posts: list[Post], shift: int, within: float, zone: ZoneInfo
) -> tuple[Tally, bool]:
    held: list[Sender] = []

    async def work() -> None:
        sender = Sender(capture, tokens, shift_ms=shift)
        held.append(sender)
        try:
            await sender.until_known({post.device for post in posts})
            progress = ReplayProgress(Console(stderr=True), len(posts), sender.tally, zone)
            with progress:
                await play(posts, Pace.of(posts, within), sender, progress.settled)
        finally:
            await sender.close()

    try:
        asyncio.run(work())
    except KeyboardInterrupt:
        return held[0].tally, False
    return held[0].tally, True
