"""Replay the day into a running system, watch what the school's staff see, and sum it up."""

import mailbox
import time
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.text import Text

from chassis.bus.bus import Bus
from chassis.clock import now_ms
from contracts.alerting.v1.alerting_pb2 import Plan, PlanStep
from services.alerting.domain.plan import DEFAULT
from vigil.connection import operator_bus
from vigil.demo.board import Board
from vigil.demo.day_clock import DayClock
from vigil.demo.labels import read_labels, score
from vigil.demo.material import Material
from vigil.demo.record import read_record
from vigil.demo.school import NAME, School, set_plan, set_up
from vigil.demo.stage import Stage
from vigil.demo.summary import Day
from vigil.demo.tempo import PLAN, Tempo
from vigil.graphql.query import Gateway
from vigil.replay.agents_file import read_agents
from vigil.replay.day import Pace, merged, shift_ms
from vigil.replay.play import play
from vigil.replay.post import Post
from vigil.replay.progress import ReplayProgress
from vigil.replay.sender import Sender
from vigil.replay.squid_log import read_squid
from vigil.system.up import System


async def show(
    system: System, material: Material, tempo: Tempo, console: Console
) -> tuple[Day, School]:
    """Set the school up, let the day pass, and gather what came of it.

    Raises VigilError, LostError or RefusedError.
    """

    def say(sentence: str) -> None:
        console.print(Text(sentence), soft_wrap=True)

    async with operator_bus(system.folder.path) as bus:
        school = await set_up(bus, material, PLAN, say)
        proxy = school.devices.proxy()
        posts = merged(read_agents(material.agents), read_squid(material.squid, proxy))
        try:
            return await _day(system, material, tempo, console, school, posts), school
        finally:
            await _plan_of_minutes(bus, school)


async def _day(
    system: System,
    material: Material,
    tempo: Tempo,
    console: Console,
    school: School,
    posts: list[Post],
) -> Day:
    graphql = system.found_at["graphql"]
    clock = DayClock(Pace.of(posts, tempo.within_s), school.zone)
    sender = Sender(system.found_at["capture"], school.devices, shift_ms=shift_ms(posts, now_ms()))
    progress = ReplayProgress(console, len(posts), sender.tally, school.zone)
    board = Board(console, clock.now)
    async with (
        Gateway(graphql, school.user_tokens["dsl"]) as gateway,
        Gateway(graphql, school.user_tokens["it"]) as it,
    ):
        before, mails_before = await read_record(gateway), mails(system.mail)
        stage = Stage(school, graphql, system.found_at["feed"], gateway, it, board, clock)
        async with stage.open():
            await sender.until_known({post.device for post in posts})
            _announce(console, clock, tempo, len(posts), known=len(before.cases))
            began_at, began = datetime.now(UTC), time.monotonic()

            def settled(post: Post) -> None:
                clock.reached(post)
                progress.note = f"{len(board.opened)} incidents"
                progress.settled(post)

            stage.watch_devices(now_ms())
            try:
                with progress:
                    await play(posts, clock.pace, sender, settled)
            finally:
                await sender.close()
            seconds = time.monotonic() - began
            with console.status("The day is over. Waiting for the last answers."):
                await stage.quiet()
        record = await read_record(gateway)
        left_alone = await stage.left_alone()
    return Day(
        title=f"{NAME}, {clock.title}",
        began_at=began_at,
        seconds=seconds,
        tally=sender.tally,
        before=before,
        record=record,
        mails=mails(system.mail),
        mails_before=mails_before,
        acknowledged=len(stage.lead.acknowledged),
        left_alone=left_alone,
        silences=stage.silences(),
        score=score(read_labels(material.labels), record.by_activity()),
        activities=len({(post.device, name) for post in posts for name in post.activity_ids}),
    )


def mails(folder: Path) -> int:
    """Messages in the demo's Maildir."""
    return len(mailbox.Maildir(folder, create=True))


def _announce(console: Console, clock: DayClock, tempo: Tempo, posts: int, *, known: int) -> None:
    pace = f"in about {tempo.within_s:g} seconds" if tempo.within_s else "as fast as possible"
    lines = [
        f"{clock.title}: {posts:,} posts of its devices, {pace}.",
        "The plan's minutes are seconds here. The safeguarding lead acknowledges all but one.",
    ]
    if known:
        lines.append(
            f"{known} incidents are known from before; the same activity opens none a second time."
        )
    for line in lines:
        console.print(Text(line), soft_wrap=True)
    console.print()


async def _plan_of_minutes(bus: Bus, school: School) -> None:
    """The product's own plan, so that the folder can go on being used."""
    steps = [PlanStep(role=step.role, wait_ms=step.wait_ms) for step in DEFAULT.steps]
    plan = Plan(steps=steps, minimum_severity=DEFAULT.minimum_severity)
    await set_plan(bus, school.school_id, plan)
