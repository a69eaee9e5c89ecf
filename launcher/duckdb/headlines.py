"""The headline numbers as text, computed by DuckDB where no Rill is at hand."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

from launcher.duckdb.engine import DuckDBEngine
from loader.config import read_env_file
from loader.errors import LoaderError

# Metrics view -> the measures worth a line, in the order shown.
HEADLINES = {
    "leads": (
        "new_leads",
        "contact_rate_cohort",
        "pre_approval_rate_cohort",
        "lead_to_funded_cohort",
        "speed_to_first_touch_median",
        "never_touched_share",
    ),
    "open_pipeline": ("open_leads", "stale_share", "awaiting_reply_leads"),
    "enrollments": ("prospects_enrolled", "net_prospect_response_rate", "opt_out_rate"),
    "messages": ("messages_sent", "delivery_rate", "message_response_rate"),
    "loans": ("loans", "funded_units_to_date", "funded_volume_to_date"),
}
UNITS = ((86_400_000, "d"), (3_600_000, "h"), (60_000, "min"), (1000, "s"))


def lines(rill_dir: Path) -> Iterator[str]:
    """Yield the headline numbers of the database that `rill/.env` names.

    Raises LoaderError if there is no such file or the data cannot be read.
    """
    variables = {k: v or "" for k, v in read_env_file(rill_dir / ".env").items()}
    if "postgres_dsn" not in variables:
        raise LoaderError(
            f"{rill_dir / '.env'} names no database: run "
            "`python -m launcher env` first."
        )
    dsn = variables["postgres_dsn"]
    with DuckDBEngine(rill_dir, dsn, variables, only={"clock", *HEADLINES}) as project:
        clock = project.connection.execute("select as_of_local from clock").fetchone()
        if clock and clock[0]:
            yield f"As of {clock[0]:%Y-%m-%d %H:%M}, company time"
        for view, names in HEADLINES.items():
            body = project.views[view].body
            known = {measure["name"]: measure for measure in body["measures"]}
            row = project.measures(view, measures=names)[0]
            yield f"\n{body.get('display_name', view)}"
            for name in names:
                measure = known[name]
                title = measure.get("display_name", name)
                yield f"  {title:<46} {formatted(row[name], measure):>14}"


def formatted(value: float | None, measure: dict) -> str:
    """Return a measure's value as its `format_preset` would show it."""
    if value is None or not math.isfinite(value):
        return "-"
    preset = measure.get("format_preset", "")
    if preset == "percentage":
        return f"{value:.1%}"
    if preset == "currency_usd":
        return f"${value:,.0f}"
    if preset == "interval_ms":
        size, unit = next((u for u in UNITS if value >= u[0]), UNITS[-1])
        return f"{value / size:.1f} {unit}"
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.2f}"
