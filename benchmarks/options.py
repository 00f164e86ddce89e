"""What the command line takes beside click's own types."""

from typing import Any

import click


class Rates(click.ParamType[tuple[int, ...]]):
    """Activities a second, with commas between."""

    name = "N,N,..."

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, ...]:
        """Rising whole numbers; ends the command for anything else."""
        if isinstance(value, tuple):
            return value
        try:
            rates = tuple(int(part) for part in str(value).split(","))
        except ValueError:
            self.fail(f"{value!r} is not a list of whole numbers such as 1000,2000", param, ctx)
        if rates[0] < 1 or list(rates) != sorted(set(rates)):
            self.fail("rates must rise from at least 1", param, ctx)
        return rates
