"""`python -m bench [NAME…]`: measure, print, and write bench/RESULTS.md.

Needs nothing but a PostgreSQL: TEST_DATABASE_URL, else one is started and thrown
away. The peers are in .venv-bench, which `make bench` makes.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone

import click

from bench import charts, machine, report
from bench.database import server
from bench.registry import BENCHES
from bench.results import Ratio


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(list(BENCHES)))
@click.option("--full", is_flag=True, help="Large accounts: takes hours.")
@click.option("--runs", type=click.IntRange(min=1), help="How often to measure.")
@click.option("--write/--no-write", default=True, help="Whether to keep the results.")
def main(names: tuple[str, ...], full: bool, runs: int | None, write: bool) -> None:
    """Run benches, all of them unless some are named."""
    scale_name = "full" if full else "normal"
    with server() as maintenance:
        day = f"{datetime.now(timezone.utc):%Y-%m-%d}"
        conditions = f"{day}; {machine.machine()}; {machine.versions(maintenance)}."
        for name in names or BENCHES:
            bench = BENCHES[name]
            scale = bench.SCALES[scale_name]
            if runs:
                scale = replace(scale, runs=runs)
            click.secho(f"{name}, {scale_name}", bold=True)
            ratios = bench.measure(maintenance, scale)
            for ratio in ratios:
                click.echo(line(ratio))
            if write:
                description = bench.__doc__ or ""
                section = report.Section(
                    name, scale_name, scale, description, conditions, ratios
                )
                report.write([section])
                charts.write()


def line(ratio: Ratio) -> str:
    """Return a figure as a line for the terminal."""
    verdict = {True: "met", False: "NOT MET", None: ""}[ratio.is_met]
    return f"  {ratio.name:<46} {ratio.spread:<26} {ratio.goal:>10} {verdict}".rstrip()


if __name__ == "__main__":
    main()
