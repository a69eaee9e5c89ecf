"""An account of any size written by SQL straight into the loader's tables.

It has what a real one has: stages, campaigns, sources, officers, replies, loans,
tags, the loader's own notes. 2.4 million engagements take less than a minute, and
the same size is the same account everywhere.
"""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path

import psycopg
from psycopg import Connection

from bench.keys import made_afterwards
from loader.database.connection import connect
from loader.database.tables import (
    CAMPAIGNS,
    LISTED_TOUCHES,
    SEQUENCES,
    TOUCH_ORIGINS,
    USER_EMAILS,
    USERS,
)
from loader.database.upsert import upsert
from loader.mapping.ids import PIPELINE, campaign_uuid, touch_uuid, user_uuid

# When the account's last load ended. Fixed, so that the account is the same.
AS_OF = datetime(2026, 7, 1, 17, tzinfo=timezone.utc)
SOURCES = (
    "Google Ads",
    "Facebook Ads",
    "RateCompare",
    "QuickQuote Leads",
    "Organic Search",
    "Referral Partners",
    "Past Clients",
    "Open Houses",
)
CAMPAIGNS_COUNT = 12
MOST_OFFICERS = 60
# Order, channel, minutes after the step before: what bench_plots refers to.
STEPS = (
    (1, "SMS", 0),
    (2, "Email", 180),
    (3, "SMS", 1260),
    (4, "Voicemail", 1440),
    (5, "SMS", 2880),
    (6, "Email", 4320),
)
FIRST_CAMPAIGN, FIRST_SEQUENCE = 71001, 71501
SQL = Path(__file__).parent / "sql"
# In the order in which rows may refer to each other.
SCRIPTS = ("plan_account", "prospects", "messages", "loads")
LARGE = ("touch_engagements", "prospects", "prospect_campaign_assignments", "loans")


def fill(dsn: str, prospects: int, engagements: int) -> None:
    """Fill an empty database that has the schema, in one transaction."""
    with connect(dsn) as connection, connection.transaction():
        officers = max(4, min(MOST_OFFICERS, prospects // 3000))
        _write_team(connection, officers)
        _write_campaigns(connection)
        _configure(
            connection,
            prospects=prospects,
            engagements=engagements,
            officers=officers,
            as_of=AS_OF.isoformat(),
            loose_campaign=campaign_uuid(PIPELINE),
        )
        with made_afterwards(connection, LARGE):
            for name in SCRIPTS:
                connection.execute((SQL / f"{name}.sql").read_text(encoding="utf-8"))
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("vacuum analyze")


def write_csv_files(folder: Path) -> None:
    """Write the account's two CSV files, so that costs and teams have rows, too."""
    folder.mkdir(exist_ok=True)
    months = [f"{2024 + month // 12}-{month % 12 + 1:02d}" for month in range(6, 30)]
    costs = [
        f"{source},{month},{4000 - 450 * number},{25 * number}"
        for number, source in enumerate(SOURCES)
        for month in months
    ]
    officers = [
        f"{officer_email(number)},Team {number % 4},"
        f"{officer_email(number % 4 + 1)},true"
        for number in range(1, MOST_OFFICERS + 1)
    ]
    for name, header, lines in (
        ("lead_source_costs", "lead_source,month,spend,credits", costs),
        ("loan_officers", "email,team,team_lead_email,is_active", officers),
    ):
        text = "\n".join([header, *lines, ""])
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")


def officer_email(number: int) -> str:
    """Return the address of an officer."""
    return f"officer{number}@lender.example"


def _configure(connection: Connection, **settings: object) -> None:
    """Hand values to the scripts, which have no placeholders."""
    for name, value in settings.items():
        connection.execute(
            "select set_config(%s, %s, true)", [f"bench.{name}", str(value)]
        )


def _write_team(connection: Connection, officers: int) -> None:
    """Write sources and officers."""
    connection.cursor().executemany(
        "insert into lead_sources (lead_source_id, source_name) values (%s, %s)",
        list(enumerate(SOURCES, start=1)),
    )
    team = [
        {
            "user_id": number,
            "first_name": "Officer",
            "last_name": f"{number}",
            "email": officer_email(number),
            "bonzo_user_id": user_uuid(number),
            "role": "user",
        }
        for number in range(1, officers + 1)
    ]
    upsert(connection, USERS, team)
    upsert(connection, USER_EMAILS, team)


def _write_campaigns(connection: Connection) -> None:
    """Write campaigns and their steps, whose ids are the loader's own hashes."""
    keys = [str(FIRST_CAMPAIGN + number) for number in range(CAMPAIGNS_COUNT)]
    upsert(
        connection,
        CAMPAIGNS,
        [
            {
                "campaign_id": campaign_uuid(key),
                "campaign_name": f"Campaign {key}",
                "created_at": AS_OF,
                "updated_at": AS_OF,
            }
            for key in (*keys, PIPELINE)
        ],
    )
    upsert(
        connection,
        SEQUENCES,
        [
            {
                "sequence_id": FIRST_SEQUENCE + number,
                "campaign_key": key,
                "is_known": True,
                "stop_on_response": False,
            }
            for number, key in enumerate(keys)
        ],
    )
    _write_steps(connection, keys)


def _write_steps(connection: Connection, keys: list[str]) -> None:
    """Write the campaigns' steps, and bench_steps, by which the scripts find them."""
    steps = [
        {
            "touch_id": touch_uuid(FIRST_SEQUENCE + number, 100 * number + order),
            "campaign_id": campaign_uuid(key),
            "touch_order": order,
            "touch_type": channel,
            "content": f"({channel}; Bonzo does not show the text of its steps)",
            "scheduled_delay": delay,
            "origin": "derived",
            "sequence_id": FIRST_SEQUENCE + number,
            "event_id": 100 * number + order,
            "type_at": None,
            "type_message": None,
        }
        for number, key in enumerate(keys)
        for order, channel, delay in STEPS
    ]
    upsert(connection, LISTED_TOUCHES, steps)
    upsert(connection, TOUCH_ORIGINS, steps)
    connection.execute(
        """
        create temporary table bench_steps on commit drop as
        select
            s.campaign_key,
            s.sequence_id,
            s.sequence_id - %s + 1 as campaign,
            t.campaign_id,
            t.touch_order,
            t.touch_id
        from touches as t
        inner join loader.touch_origins as o on t.touch_id = o.touch_id
        inner join loader.sequences as s on o.sequence_id = s.sequence_id
        """,
        [FIRST_SEQUENCE],
    )
