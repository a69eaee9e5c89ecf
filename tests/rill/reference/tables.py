"""The raw tables: their columns, and rows made complete."""

from __future__ import annotations

import csv
import io
from typing import Any

from tests.schema import STAGES

COLUMNS = {
    "qualification_stages": ("stage_id", "stage_name", "stage_order", "is_disqualify"),
    "lead_sources": ("lead_source_id", "source_name"),
    "users": ("user_id", "first_name", "last_name", "email"),
    "prospects": (
        "prospect_id",
        "first_name",
        "last_name",
        "email",
        "phone",
        "lead_source_id",
        "qualification_stage_id",
        "assigned_to",
        "created_at",
        "stage_entered_at",
        "stage_exited_at",
        "do_not_call",
    ),
    "campaigns": ("campaign_id", "campaign_name"),
    "touches": (
        "touch_id",
        "campaign_id",
        "touch_order",
        "touch_type",
        "scheduled_delay",
    ),
    "prospect_campaign_assignments": (
        "assignment_id",
        "prospect_id",
        "campaign_id",
        "assigned_at",
        "completed_at",
        "status",
    ),
    "touch_engagements": (
        "prospect_id",
        "touch_id",
        "engagement_type",
        "engagement_time",
        "campaign_id",
    ),
    "loans": (
        "loan_id",
        "prospect_id",
        "loan_amount",
        "property_value",
        "loan_type",
        "interest_rate",
        "status",
        "created_at",
    ),
    "prospect_stage_history": (
        "prospect_id",
        "stage_id",
        "entered_at",
        "first_seen_at",
    ),
    "loan_dates": ("loan_id", "applied_on", "rate_locked_on", "closed_on"),
    "sync_runs": ("run_id", "started_at", "finished_at", "outcome"),
    "sync_prospects": ("prospect_id", "last_seen_at"),
    "prospect_details": (
        "prospect_id",
        "city",
        "state",
        "property_state",
        "time_zone",
        "credit_score",
        "loan_purpose",
        "loan_program",
    ),
    "prospect_tags": ("prospect_id", "tag"),
    "rejected_records": ("resource", "id", "field", "reason"),
    "touch_origins": ("touch_id", "origin"),
}
# The two files that a user keeps. A test gives one as rows of texts or None, as the
# bytes of the file, or as None: then there is no file.
FILES = {
    "lead_source_costs": ("lead_source", "month", "spend"),
    "loan_officers": ("email", "team", "team_lead_email", "is_active"),
}
# A column that the cost file may have.
CREDITS = "credits"


def complete(tables: dict[str, Any]) -> dict[str, Any]:
    """Fill up what is not given: tables with no rows, columns with None.

    Stages that are not given are the nine standard ones, with ids 1 to 9. The two
    files come out as bytes, or None where there is no file.
    """
    full: dict[str, Any] = {
        name: [{c: row.get(c) for c in columns} for row in tables.get(name, [])]
        for name, columns in COLUMNS.items()
    }
    if "qualification_stages" not in tables:
        full["qualification_stages"] = [
            {
                "stage_id": number,
                "stage_name": name,
                "stage_order": number,
                "is_disqualify": number == len(STAGES),
            }
            for number, name in enumerate(STAGES, 1)
        ]
    return full | {name: file_content(name, tables.get(name, [])) for name in FILES}


def file_content(name: str, given: list[dict] | bytes | None) -> bytes | None:
    """Write rows as the file that a spreadsheet would save; bytes stay as they are."""
    if given is None or isinstance(given, bytes):
        return given
    columns = FILES[name]
    if any(CREDITS in row for row in given):
        columns = (*columns, CREDITS)
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([row.get(c) for c in columns] for row in given)
    return text.getvalue().encode()
