"""Measure Vigil on this machine: rate against latency, hops, and what safety costs.

Run ``python benchmarks/pipeline.py`` from the root of the repository. It starts a Vigil of its own
in a temporary folder, and the servers of its comparisons; all are gone afterwards.
"""

import asyncio
import json
import tempfile
from dataclasses import asdict
from pathlib import Path

import click
import costs_in_process
import costs_of_mongodb
import costs_of_nats
from hops import tell
from load_generator import in_own_process
from machine import describe, load_average
from options import Rates
from others import TRIES, quiet
from progress import say
from rates import ONE_ALARMS_IN, climb, rest
from report import Figures, markdown
from running import running
from schools import make_schools
from subscriber import subscribed
from workload import Workload

PARTS = ("hops", "rates", "costs")
IDLE_S = 5.0
IN_PROCESS_ROUNDS = 3
"""Times --rounds: these rounds are short."""


async def measure_system(
    figures: Figures,
    folder: Path,
    parts: tuple[str, ...],
    *,
    rates: tuple[int, ...],
    seconds: float,
    schools: int,
    batch: int,
    incidents: int,
    quiet_cores: float | None,
) -> None:
    """Hops and rates, on one Vigil in ``folder``."""
    tries = 1 if quiet_cores is None else TRIES
    concerns = incidents + tries * sum(round(r * seconds / ONE_ALARMS_IN) + 1 for r in rates)
    say("starting vigil up")
    async with running(folder) as system:
        made = await make_schools(system.data, schools, -(-concerns // schools))
        devices = [d for each in zip(*(s.devices for s in made), strict=True) for d in each]
        workload = Workload(devices)
        say(f"first words of {len(devices)} pupils: their keys are made")
        host, port = system.found_at["capture"].removeprefix("http://").split(":")
        await in_own_process(workload.first_words(), host, int(port))
        await system.idle()
        async with subscribed(system.found_at["graphql"], made) as arrivals:
            if "hops" in parts:
                await quiet(system, quiet_cores)
                figures.hops = await tell(system, arrivals, workload, incidents)
            if "rates" in parts:
                figures.idle_cores = await rest(system, IDLE_S)
                await climb(
                    figures.rates,
                    system,
                    arrivals,
                    workload,
                    rates,
                    seconds,
                    batch=batch,
                    quiet_cores=quiet_cores,
                )


async def measure_costs(figures: Figures, folder: Path, rounds: int) -> None:
    """What sealing, authentication and durability cost, each in one run."""
    figures.in_process = costs_in_process.measure(rounds * IN_PROCESS_ROUNDS)
    figures.nats = await costs_of_nats.measure(folder, rounds)
    figures.mongodb = await costs_of_mongodb.measure(folder, rounds)


@click.command(help=__doc__)
@click.option(
    "--only",
    "parts",
    type=click.Choice(PARTS),
    multiple=True,
    help="Leave the other parts out. Repeatable.",
)
@click.option(
    "--rates",
    type=Rates(),
    default="1000,2000,4000,6000,8000,10000,12000,15000,20000",
    show_default=True,
    help="Activities a second to offer, one after the other, until something does not keep up.",
)
@click.option("--seconds", default=6.0, show_default=True, help="How long each rate is offered.")
@click.option("--batch", default=100, show_default=True, help="Activities in one post of --rates.")
@click.option("--schools", default=4, show_default=True, help="Schools that share the load.")
@click.option("--incidents", default=100, show_default=True, help="Incidents timed hop by hop.")
@click.option("--rounds", default=7, show_default=True, help="Alternating rounds of each cost.")
@click.option(
    "--quiet",
    "quiet_cores",
    type=click.FloatRange(min=0.0),
    help="Wait until other programs use no more than so many cores, and repeat a rate otherwise.",
)
@click.option(
    "--json",
    "json_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write every figure here, too.",
)
def main(
    parts: tuple[str, ...],
    rates: tuple[int, ...],
    seconds: float,
    batch: int,
    schools: int,
    incidents: int,
    rounds: int,
    quiet_cores: float | None,
    json_file: Path | None,
) -> None:
    """Measure, tell the progress on standard error, and print the tables as Markdown."""
    chosen = parts or PARTS
    figures = Figures(describe() | {"load average at the start": f"{load_average():.2f}"})
    try:
        with tempfile.TemporaryDirectory(prefix="vigil-bench-") as temporary:
            folder = Path(temporary)
            (folder / "system").mkdir()
            if {"hops", "rates"} & set(chosen):
                asyncio.run(
                    measure_system(
                        figures,
                        folder / "system",
                        chosen,
                        rates=rates,
                        seconds=seconds,
                        batch=batch,
                        schools=schools,
                        incidents=incidents,
                        quiet_cores=quiet_cores,
                    )
                )
            if "costs" in chosen:
                asyncio.run(measure_costs(figures, folder / "costs", rounds))
    finally:
        # Also after Ctrl-C: what was measured so far took its time.
        click.echo(markdown(figures))
        if json_file is not None:
            json_file.write_text(json.dumps(asdict(figures), indent=2) + "\n")


if __name__ == "__main__":
    main()
