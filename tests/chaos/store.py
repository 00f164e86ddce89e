"""Chaos against the event store: real processes, a real mongod, SIGKILL and SIGSTOP, a judge."""

import json
import shutil
import sys
import tempfile
import time
from collections import Counter
from dataclasses import asdict
from pathlib import Path

import click

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.chaos.run import Result, run

_SHOWN = 10


@click.command()
@click.option("--seed", type=int, default=1, show_default=True, help="Of schedule and writers.")
@click.option("--minutes", type=float, default=0.5, show_default=True, help="Of trouble.")
@click.option("--nodes", type=click.Choice(["1", "3"]), default="1", show_default=True)
@click.option("--writers", type=click.IntRange(1, 4), default=3, show_default=True)
@click.option("--keep", is_flag=True, help="Keep the history and the servers' data and logs.")
@click.option("--json", "as_json", is_flag=True, help="Write the result as JSON.")
def main(seed: int, minutes: float, nodes: str, writers: int, keep: bool, as_json: bool) -> None:
    """Write, read and break; then say whether every acknowledged event is where it has to be.

    WRITERS processes with four threads each record commits of one to nine events for aggregates
    that they fight for. Three readers follow. Progress goes to standard error, the result to
    standard output. Exits with 1 if anything is wrong, and then keeps the history.
    """
    folder = Path(tempfile.mkdtemp(prefix="store-chaos-"))
    started = time.monotonic()

    def say(text: str) -> None:
        click.echo(f"[{time.monotonic() - started:6.1f} s] {text}", err=True)

    good = False
    try:
        result = run(folder, seed, minutes * 60, int(nodes), writers, say)
        good = result.good
        click.echo(_as_json(result) if as_json else _as_text(result))
    finally:
        if good and not keep:
            shutil.rmtree(folder)
        else:
            say(f"the history is in {folder}")
    sys.exit(0 if good else 1)


def _as_json(result: Result) -> str:
    return json.dumps({"good": result.good, **asdict(result)}, indent=2)


def _as_text(result: Result) -> str:
    counts = result.verdict.counts
    lines = [
        f"{counts['commits']:,} commits with {counts['events']:,} events in {result.seconds:.0f} s",
        "told: " + ", ".join(f"{name} {n:,}" for name, n in counts.items() if name != "events"),
        "done: " + ", ".join(f"{deed} x{n}" for deed, n in result.deeds.items()),
        f"the longest call took {result.longest_call_s:.1f} s",
    ]
    kinds = Counter(finding.kind.value for finding in result.verdict.findings)
    lines += [f"WRONG: {kind} x{n}" for kind, n in kinds.items()]
    lines += [f"  {f.kind}: {f.where}" for f in result.verdict.findings[:_SHOWN]]
    lines += [f"PROBLEM: {problem}" for problem in result.problems[:_SHOWN]]
    lines.append("nothing is wrong" if result.good else "something is wrong")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
