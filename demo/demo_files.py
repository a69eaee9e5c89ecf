"""The two files a team keeps beside its CRM, filled for the demo company."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import date, datetime
from pathlib import Path
from random import Random

from demo.business_hours import ZONE
from demo.demo_account import SEED, DemoYear, months_before
from demo.demo_company import (
    BAD_BUY,
    OFFICERS,
    SILENT_MONTH_SPEND,
    SILENT_MONTHS_AGO,
    SOURCES,
    TEAM_LEADS,
)
from loader.errors import LoaderError

COSTS_FILE = "lead_source_costs.csv"
OFFICERS_FILE = "loan_officers.csv"


def write(year: DemoYear, folder: Path, until: datetime) -> list[Path]:
    """Write both files into `folder` for the year up to `until`; return paths.

    Raises LoaderError when the folder cannot be written.
    """
    costs, officers = folder / COSTS_FILE, folder / OFFICERS_FILE
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _save(costs, ("lead_source", "month", "spend"), _costs(year, until))
        _save(
            officers,
            ("email", "team", "team_lead_email", "is_active"),
            _officers(),
        )
    except OSError as error:
        raise LoaderError(
            f"Cannot write the demo's files into {folder}: {error.strerror}. "
            "Give this user write permission there."
        ) from error
    return [costs, officers]


def _save(path: Path, header: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def _costs(year: DemoYear, until: datetime) -> list[tuple[str, ...]]:
    """Return spend per source and month, from the leads that arrived in it."""
    arrived: Counter[tuple[str | None, date]] = Counter()
    for life, source in zip(year.timelines, year.sources, strict=True):
        if life.created_at <= until:
            month = life.created_at.astimezone(ZONE).date().replace(day=1)
            arrived[source.name, month] += 1
    rng = Random(f"{SEED}:costs")
    last = until.astimezone(ZONE).date()
    months = [months_before(last, back) for back in range(12, -1, -1)]
    silent = months_before(year.today, SILENT_MONTHS_AGO)
    rows = []
    for source in SOURCES:
        if source.cost_per_lead + source.monthly_fee == 0:
            continue
        for month in months:
            drift = rng.uniform(0.93, 1.07)
            spend = source.monthly_fee
            spend += arrived[source.name, month] * source.cost_per_lead * drift
            if source.name == BAD_BUY and month == silent:
                spend = SILENT_MONTH_SPEND
            if source.name == BAD_BUY or arrived[source.name, month]:
                rows.append((source.name, month.isoformat(), f"{spend:.2f}"))
    return rows


def _officers() -> list[tuple[str, ...]]:
    emails = {officer.user_id: officer.email for officer in OFFICERS}
    return [
        (
            officer.email,
            officer.team,
            emails[TEAM_LEADS[officer.team]],
            "true" if officer.left_days_ago is None else "false",
        )
        for officer in OFFICERS
    ]
