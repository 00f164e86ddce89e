"""Offered rate against latency: harder and harder, until something no longer keeps up."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from figures import Summary, in_ms
from load_generator import Result, in_own_process
from others import TRIES, Others, quiet
from progress import say
from records import Story, place, records, stories
from running import Running
from subscriber import Arrivals
from workload import Post, Workload

ONE_ALARMS_IN = 1_000
KEEPS_UP = 0.95
"""The share of the offered rate that must be accepted, and that must not be waiting at the end."""
DRAIN_WITHIN_S = 180.0
QUIET_AFTER_S = 12.0
"""Followers of a store look closely for ten seconds after its last event."""


@dataclass(frozen=True)
class Step:
    """One rate. Activities a second, milliseconds, microseconds of CPU an activity, MB."""

    offered: int
    accepted: float
    evaluated: float
    refused: dict[str, int]
    """Answers other than 202, by status; 0 is none at all."""
    post: Summary
    pushed: Summary
    incidents: int
    incidents_pushed: int
    unexpected_findings: int
    lag: dict[str, int]
    drained_s: float
    cpu_us: dict[str, float]
    cores: dict[str, float]
    memory_mb: dict[str, float]
    generator_late_ms: float
    others_cores: float
    """Cores that programs outside this measurement used meanwhile."""

    @property
    def keeps_up(self) -> bool:
        """Whether every stage did what was offered while it was offered."""
        least = KEEPS_UP * self.offered
        return not self.refused and self.accepted >= least and self.evaluated >= least

    @property
    def busiest(self) -> str:
        """The role or server that used most of a core."""
        return max(self.cores, key=self.cores.__getitem__)


async def rest(system: Running, seconds: float) -> dict[str, float]:
    """Cores that each role and server uses while nothing happens."""
    await system.idle()
    await asyncio.sleep(QUIET_AFTER_S)
    before = system.usage()
    await asyncio.sleep(seconds)
    return {name: used / seconds for name, used in system.usage().since(before).items()}


async def climb(
    steps: list[Step],
    system: Running,
    arrivals: Arrivals,
    workload: Workload,
    offered: Sequence[int],
    seconds: float,
    *,
    batch: int,
    quiet_cores: float | None = None,
) -> None:
    """Offer one rate after the other; the first that is not kept up with is the last of ``steps``.

    While others use more than ``quiet_cores`` a step is done again; the least disturbed counts.
    """
    for rate in offered:
        tries: list[Step] = []
        while len(tries) < TRIES and _disturbed(tries, quiet_cores):
            await quiet(system, quiet_cores)
            tries.append(await offer(system, arrivals, workload, rate, seconds, batch))
        steps.append(min(tries, key=lambda step: step.others_cores))
        if not steps[-1].keeps_up:
            break


def _disturbed(tries: Sequence[Step], quiet_cores: float | None) -> bool:
    return not tries or (quiet_cores is not None and tries[-1].others_cores > quiet_cores)


async def offer(
    system: Running,
    arrivals: Arrivals,
    workload: Workload,
    rate: int,
    seconds: float,
    batch: int,
) -> Step:
    """Offer ``rate`` activities a second for ``seconds`` and wait until all is done."""
    posts = workload.at_rate(rate, seconds, batch=batch, one_alarms_in=ONE_ALARMS_IN)
    await system.idle()
    since, others, before = await place(system), Others(system), system.usage()
    host, port = system.found_at["capture"].removeprefix("http://").split(":")
    result = await in_own_process(posts, host, int(port))
    at_end, lag, memory = system.usage(), await system.lag(), system.memory_mb()
    disturbed = others.cores()
    ended = max(result.answered)
    await system.idle(DRAIN_WITHIN_S)
    used = system.usage().since(before) | {"load generator": result.cpu_s}
    found = await records(system, since)
    told = stories(concerns(posts, result), found, arrivals.opened)
    sending = ended - min(result.due)
    accepted = batch * sum(status == 202 for status in result.status)
    step = Step(
        offered=rate,
        accepted=accepted / max(sending, seconds),
        evaluated=(accepted - batch * lag["evaluation"]) / max(sending, seconds),
        refused=dict(Counter(str(status) for status in result.status if status != 202)),
        post=in_ms(zip(result.due, result.answered, strict=True)),
        pushed=in_ms((story.due, story.pushed) for story in told),
        incidents=len(told),
        incidents_pushed=sum(story.pushed is not None for story in told),
        unexpected_findings=found.findings - sum(story.found is not None for story in told),
        lag=lag,
        drained_s=max(0.0, last_moment(told, ended) - ended),
        cpu_us={name: 1e6 * cpu_s / max(accepted, 1) for name, cpu_s in used.items()},
        cores={n: s / max(sending, seconds) for n, s in at_end.since(before).items()},
        memory_mb=memory,
        generator_late_ms=result.late_s * 1000,
        others_cores=disturbed,
    )
    say(
        f"{rate}/s: accepted {step.accepted:.0f}/s, evaluated {step.evaluated:.0f}/s, POST p50 "
        f"{step.post.p50:.1f} ms, pushed p50 {step.pushed.p50:.0f} p99 {step.pushed.p99:.0f} ms, "
        f"{step.incidents_pushed} of {step.incidents} pushed, refused {step.refused}, "
        f"left {lag}, busiest {step.busiest}, others used {step.others_cores:.2f} cores"
    )
    return step


def concerns(posts: Sequence[Post], result: Result) -> list[tuple[str, float, float]]:
    """Activity id, due and answered of each alarming activity that was accepted."""
    return [
        (post.concern, due, answered)
        for post, due, answered, status in zip(
            posts, result.due, result.answered, result.status, strict=True
        )
        if post.concern is not None and status == 202
    ]


def last_moment(told: Sequence[Story], otherwise: float) -> float:
    """When the last incident was pushed."""
    return max((story.pushed for story in told if story.pushed is not None), default=otherwise)
