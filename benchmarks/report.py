"""The figures of a run, and the tables that show them."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from costs_in_process import InProcess
from figures import table
from hops import HOPS, Hops
from rates import KEEPS_UP, Step
from rounds import Compared


@dataclass
class Figures:
    """Everything that was measured; empty where it was left out."""

    machine: dict[str, str]
    idle_cores: dict[str, float] = field(default_factory=dict)
    rates: list[Step] = field(default_factory=list)
    hops: Hops | None = None
    in_process: InProcess | None = None
    nats: list[Compared] = field(default_factory=list)
    mongodb: list[Compared] = field(default_factory=list)


def markdown(figures: Figures) -> str:
    """All tables, with a line each on what they count."""
    parts = [", ".join(f"{name} {value}" for name, value in figures.machine.items())]
    if figures.rates:
        parts += _rates(figures.rates, figures.idle_cores)
    if figures.hops:
        parts += _hops(figures.hops)
    if figures.in_process:
        parts += _in_process(figures.in_process)
    compared = [*figures.nats, *figures.mongodb]
    if compared:
        parts += [
            "Microseconds of waiting for one of them, medians over the rounds.",
            _both(compared),
        ]
    return "\n\n".join(parts)


def _rates(steps: Sequence[Step], idle: dict[str, float]) -> list[str]:
    head = (
        *("offered/s", "accepted/s", "evaluated/s", "POST ms p50 / p99"),
        *("POST to page ms p50 / p99", "incidents pushed", "left at the end", "others' cores"),
    )
    rows = [
        (
            *(step.offered, round(step.accepted), round(step.evaluated), step.post, step.pushed),
            f"{step.incidents_pushed} of {step.incidents}",
            ", ".join(f"{n} {stage}" for stage, n in step.lag.items() if n) or "nothing",
            step.others_cores,
        )
        for step in steps
    ]
    names = sorted(steps[-1].cores, key=lambda name: -steps[-1].cores[name])
    roles = [
        (
            name,
            idle.get(name, 0.0),
            *(step.cores[name] for step in steps),
            *(_net_us(step, name, idle) for step in (steps[0], steps[-1])),
            round(steps[-1].memory_mb[name]),
        )
        for name in names
    ]
    roles_head = (
        *("role or server", "cores idle", *(f"at {step.offered:,}" for step in steps)),
        *(f"µs an activity at {step.offered:,}" for step in (steps[0], steps[-1])),
        "MB",
    )
    generator = ", ".join(f"{step.cpu_us['load generator']:.1f}" for step in steps)
    return [
        table(head, rows),
        saturation(steps),
        f"The load generator used {generator} µs an activity.",
        "Cores used while posts were sent; CPU above idle an activity until all was done.",
        table(roles_head, roles),
    ]


def _net_us(step: Step, name: str, idle: dict[str, float]) -> float:
    """CPU an activity without what the role uses at rest."""
    return max(0.0, step.cpu_us[name] - 1e6 * idle.get(name, 0.0) / step.accepted)


def saturation(steps: Sequence[Step]) -> str:
    """Where it ends, in a sentence."""
    last = steps[-1]
    if last.keeps_up:
        return f"It kept up with every rate that was offered, up to {last.offered:,} a second."
    behind = "capture" if last.accepted < KEEPS_UP * last.offered else "evaluation"
    kept = f"{steps[-2].offered:,}" if len(steps) > 1 else "none"
    return (
        f"Last rate kept up with: {kept}. At {last.offered:,} a second {behind} falls behind "
        f"first; {last.busiest} is busiest ({last.cores[last.busiest]:.2f} cores); roles and "
        f"servers together use {sum(last.cores.values()):.2f} cores."
    )


def _hops(hops: Hops) -> list[str]:
    rows = [
        (first, second, one.p50, one.p99, one.n)
        for (first, second, _, _), one in zip(HOPS, hops.hops, strict=True)
    ]
    return [
        f"{hops.incidents} incidents, one after the other (others: {hops.others_cores:.2f} cores).",
        table(("from", "to", "p50 ms", "p99 ms", "n"), rows),
    ]


def _in_process(costs: InProcess) -> list[str]:
    rows = [
        (part.path, part.part, part.us, f"{100 * part.us / _whole(costs, part.path):.0f} %")
        for part in costs.parts
    ]
    return [
        f"Microseconds of CPU for a batch of 100 activities ({costs.body_bytes:,} bytes of JSON).",
        table(("path", "part", "µs", "share"), rows),
        _both(costs.compared),
    ]


def _whole(costs: InProcess, path: str) -> float:
    return sum(part.us for part in costs.parts if part.path == path)


def _both(compared: Sequence[Compared]) -> str:
    return table(
        ("with / without", "with µs", "without µs", "ratio"),
        [(one.what, one.safe_us, one.plain_us, one.ratio) for one in compared],
    )
