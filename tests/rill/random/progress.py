"""Stage history, loans and loads by chance."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from tests.rill.random.random_helpers import SECOND, Chance

Row = dict[str, Any]
# Loan to value comes out at the limits of the bands, and beside them.
AMOUNTS = (
    "0",
    "80000",
    "80000.01",
    "95000",
    "95000.50",
    "200000",
    "200000.01",
    "300001",
)
VALUES = ("100000", "100000", "250000.75", "0")
RATES = ("6.5", "7.125", "6.8755", "25", "25.001", "0", "3", "0.06875", "0.5", "0.499")
Created = dict[int, "datetime | None"]


def history(chance: Chance, created: Created, stages: list[int]) -> list[Row]:
    """Stays, several at one moment now and then."""
    rows: dict[tuple, Row] = {}
    # Observed late, so that the days of the pipeline stay few.
    observed = chance.now - timedelta(days=chance.pick((3, 40)))
    for number in created:
        entered = [created[number]]
        for _ in range(chance.pick((0, 1, 2, 5))):
            at = chance.before_now() if chance.maybe(0.3) else chance.near(*entered)
            if chance.maybe(0.15):
                at = chance.midnight(at)
            entered.append(at)
            stage = chance.pick(stages)
            rows[number, stage, at] = {
                "prospect_id": number,
                "stage_id": stage,
                "entered_at": at,
                "first_seen_at": chance.or_none(max(at, observed)),
            }
    return list(rows.values())


def add_loans(chance: Chance, tables: dict[str, list[Row]], created: Created) -> None:
    """Up to three loans a prospect, most with dates."""
    tables["loans"] = []
    tables["loan_dates"] = []
    for number in created:
        for _ in range(chance.pick((0, 0, 1, 1, 3))):
            loan_id = len(tables["loans"]) + 1
            tables["loans"].append(loan(chance, loan_id, number, created))
            if chance.maybe(0.8):
                tables["loan_dates"].append(dates(chance, loan_id, number, created))


def loan(chance: Chance, loan_id: int, number: int, created: Created) -> Row:
    """A loan with amounts at the limits of the bands."""
    pick = chance.pick
    created_at = chance.near(created[number])
    return {
        "loan_id": loan_id,
        "prospect_id": chance.or_none(number, 0.02),
        "loan_amount": chance.or_none(pick(AMOUNTS)),
        "property_value": chance.or_none(pick(VALUES)),
        "loan_type": chance.or_none(pick(("FHA", "VA", "Conventional")), 0.2),
        "interest_rate": chance.or_none(pick(RATES)),
        "status": pick(("Pending", "Approved", "Closed", "Closed", "Lost", None)),
        "created_at": chance.or_none(created_at, 0.03),
    }


def dates(chance: Chance, loan_id: int, number: int, created: Created) -> Row:
    """Dates of a loan, some planned, some before the lead was there."""
    start = (created[number] or chance.now).date()
    return {
        "loan_id": loan_id,
        "applied_on": chance.or_none(day(chance, start), 0.3),
        "rate_locked_on": chance.or_none(day(chance, start), 0.4),
        "closed_on": chance.or_none(day(chance, start), 0.3),
    }


def day(chance: Chance, start: date) -> date:
    """A day at the limit of a window, from the start or from now."""
    base = chance.pick((start, start, chance.now.date(), chance.now.date()))
    return base + timedelta(days=chance.pick(chance.day_steps))


def add_loads(chance: Chance, tables: dict[str, list[Row]]) -> None:
    """Some runs of the loader, what they saw, and what they refused."""
    runs = [run(chance, n, hours) for n, hours in enumerate((30, 20, 10), 1)]
    if chance.maybe(0.5):
        last = run(chance, len(runs) + 1, 0)
        runs.append({**last, "finished_at": chance.now, "outcome": "complete"})
    tables["sync_runs"] = runs if chance.maybe(0.7) else []
    starts = [one["started_at"] for one in runs]
    tables["sync_prospects"] = [
        {
            "prospect_id": row["prospect_id"],
            "last_seen_at": chance.or_none(seen_at(chance, starts)),
        }
        for row in tables["prospects"]
        if chance.maybe(0.8)
    ]
    tables["rejected_records"] = [
        {"resource": "prospects", "id": str(n), "field": chance.or_none("email", 0.3)}
        for n in range(chance.random.randint(0, 3))
    ]


def run(chance: Chance, number: int, hours: int) -> Row:
    """A run that ended so many hours before now, well or not."""
    end = chance.now - timedelta(hours=hours)
    return {
        "run_id": number,
        "started_at": end - timedelta(minutes=10),
        "finished_at": chance.or_none(end),
        "outcome": chance.pick(("complete", "complete", "partial", "failed", None)),
    }


def seen_at(chance: Chance, starts: list[datetime]) -> datetime:
    """Mostly seen by the last run, else by an earlier one or just before it."""
    if chance.maybe(0.8):
        return max(starts)
    return chance.pick(starts) - chance.pick((0, 1)) * SECOND
