"""What one run carries from batch to batch."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row

from loader.bonzo.client import BonzoClient, ServiceError
from loader.bonzo.thread_pool import Workers
from loader.config import Settings
from loader.database import campaign_steps
from loader.database.campaign_steps import KnownTouch
from loader.database.connection import Database
from loader.database.prospect_state import Clock
from loader.mapping.campaigns import SequenceRegistry
from loader.mapping.mapping_config import MappingConfig
from loader.mapping.prospects import Mapper
from loader.mapping.stages import Stage, StageRegistry
from loader.sync.report import RunReport
from loader.sync.sources import SourceRegistry
from loader.sync.users import UserRegistry


@dataclass
class Context:
    """One run: its settings, its books and its report."""

    settings: Settings
    client: BonzoClient
    database: Database
    workers: Workers
    rules: MappingConfig
    clock: Clock
    mapper: Mapper
    users: UserRegistry
    sources: SourceRegistry
    sequences: SequenceRegistry
    touches: dict[UUID, KnownTouch]
    report: RunReport
    # Nothing was ever loaded, so there is nothing that a row could replace.
    is_first_load: bool = False
    due: set[int] = field(default_factory=set)
    # Campaigns that the campaign list holds, and others already written.
    listed_campaigns: set[str] = field(default_factory=set)
    named_campaigns: dict[str, str] = field(default_factory=dict)
    # Originals of rejected prospects: one that comes on two pages counts once.
    rejected_originals: set[str | None] = field(default_factory=set)
    # Whether the pipelines were read, for the names of their stages.
    pipelines_read: bool = False
    # Reads about single prospects that gave no answer, in a row.
    failed_reads: int = 0
    # What the service said when it refused the token itself.
    token_refused: ServiceError | None = None
    token_check: threading.Lock = field(default_factory=threading.Lock)
    # Whether the order of steps may have changed.
    steps_dirty: bool = False


def read_stages(connection: Connection) -> list[Stage]:
    """The rows of qualification_stages."""
    with connection.cursor(row_factory=class_row(Stage)) as cursor:
        cursor.execute(
            "select stage_id, stage_name as name, "
            "coalesce(is_disqualify, false) as is_disqualified "
            "from qualification_stages"
        )
        return cursor.fetchall()


def build(
    settings: Settings,
    client: BonzoClient,
    database: Database,
    workers: Workers,
    rules: MappingConfig,
    clock: Clock,
    today: date,
    report: RunReport,
) -> Context:
    """A context with everything that the database already knows."""

    def read(connection: Connection) -> Context:
        return Context(
            settings=settings,
            client=client,
            database=database,
            workers=workers,
            rules=rules,
            clock=clock,
            mapper=Mapper(rules, StageRegistry(read_stages(connection), rules), today),
            users=UserRegistry(connection),
            sources=SourceRegistry(connection),
            sequences=SequenceRegistry(),
            touches=campaign_steps.load(connection),
            report=report,
            is_first_load=not connection.execute(
                "select exists (select 1 from loader.sync_prospects)"
            ).fetchone()[0],
        )

    return database.transaction(read)
