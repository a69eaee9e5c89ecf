"""What one run carries from batch to batch."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from psycopg import Connection
from psycopg.rows import class_row

from loader.bonzo.client import BonzoClient
from loader.bonzo.errors import ServiceError
from loader.bonzo.thread_pool import Workers
from loader.config import Settings
from loader.database.connection import Database
from loader.database.forgotten import Forgotten
from loader.database.runs import Clock
from loader.database.upsert import NOT_BY_COPY, StepChanges, Writer
from loader.mapping.campaigns import SequenceRegistry
from loader.mapping.mapping_config import MappingConfig
from loader.mapping.message_owners import Contested
from loader.mapping.prospects import Mapper, People, Prospect
from loader.mapping.record_hash import RecordHasher, record_hasher
from loader.mapping.stages import Stage, StageRegistry
from loader.mapping.users import User
from loader.sync.program_hash import program_hash
from loader.sync.report import RunReport

Result = TypeVar("Result")


@dataclass
class FirstSeen:
    """What Bonzo showed first in this run; what it shows later does not count.

    A list that changes while it is read shows a user or a campaign in several
    versions. With the first one counting, an unchanged account changes no row.
    """

    users: dict[int, User] = field(default_factory=dict)
    campaign_names: dict[str, str] = field(default_factory=dict)
    # Whole rejects have no id, so only the original tells that one came before.
    rejected_originals: set[str | None] = field(default_factory=set)

    def new_users(self, people: Iterable[People | Prospect]) -> set[int]:
        """Return the users that come first here, or first with a name."""
        users = (shown.user for shown in people)
        return {user.user_id for user in users if user and self._is_new(user)}

    def _is_new(self, user: User) -> bool:
        known = self.users.get(user.user_id)
        return known is None or (known.is_placeholder and not user.is_placeholder)

    def add(self, people: Iterable[People | Prospect]) -> tuple[set[int], set[str]]:
        """Remember users and campaigns; return the ids and keys of the new ones.

        A user with a name replaces one that is known by the id alone.
        """
        users: set[int] = set()
        campaigns: set[str] = set()
        for shown in people:
            if shown.user is not None and self._is_new(shown.user):
                self.users[shown.user.user_id] = shown.user
                users.add(shown.user.user_id)
            for membership in shown.memberships:
                if membership.key not in self.campaign_names:
                    self.campaign_names[membership.key] = membership.name
                    campaigns.add(membership.key)
        return users, campaigns


@dataclass
class ServiceState:
    """What the run has learned about the service while reading from it."""

    # Whether the pipelines were read, for the names of their stages.
    pipelines_read: bool = False
    # Reads about single prospects that gave no answer, in a row.
    failed_reads: int = 0
    # What the service said when it refused the token itself.
    token_refused: ServiceError | None = None
    token_check: threading.Lock = field(default_factory=threading.Lock)


@dataclass
class ContestedMessages(Contested):
    """Messages that wait for the end of the run, when all lists have been read.

    `fingerprints` are those of the prospects that lack them. They are stored once
    that is settled: a run that fails before leaves its successor to read again.
    """

    fingerprints: dict[int, str] = field(default_factory=dict)

    def add(self, contested: Contested) -> None:
        """Remember what a batch could not decide."""
        self.pairs += contested.pairs

    @property
    def prospects(self) -> set[int]:
        """Prospects whose lists showed such messages."""
        return {prospect_id for prospect_id, _ in self.pairs}


@dataclass
class Context:
    """One run: what it reads with, what it writes to, and what it has learned."""

    settings: Settings
    client: BonzoClient
    database: Database
    workers: Workers
    rules: MappingConfig
    clock: Clock
    mapper: Mapper
    hasher: RecordHasher
    report: RunReport
    sequences: SequenceRegistry = field(default_factory=SequenceRegistry)
    service: ServiceState = field(default_factory=ServiceState)
    first_seen: FirstSeen = field(default_factory=FirstSeen)
    contested: ContestedMessages = field(default_factory=ContestedMessages)
    forgotten: Forgotten = field(default_factory=Forgotten)
    # Forgotten prospects that the pages have shown: each counts once.
    forgotten_shown: set[int] = field(default_factory=set)
    # Whether rows that no load has written may be replaced.
    overwrite_existing: bool = False
    # Keys of the campaigns that the campaign list holds.
    listed_campaigns: set[str] = field(default_factory=set)
    # Ids whose messages are read again although nothing shows a change.
    pending_rereads: set[int] = field(default_factory=set)
    # Where the order of steps may have changed.
    steps: StepChanges = field(default_factory=StepChanges)

    def write(
        self, work: Callable[[Writer], Result], *, new_prospects: bool = False
    ) -> Result:
        """Run `work` in one transaction; report its rows once it is through.

        `new_prospects` says that no load has seen its prospects. Should rows of
        theirs be there all the same, the work runs again with a look at each.
        """

        def counted(connection: Connection) -> tuple[Writer, Result]:
            if new_prospects:
                with suppress(*NOT_BY_COPY), connection.transaction():
                    writer = Writer(connection, new_prospects=True)
                    return writer, work(writer)
            writer = Writer(connection)
            return writer, work(writer)

        writer, result = self.database.transaction(counted)
        for name, count in writer.counts.items():
            self.report.tables[name] += count
        self.steps.add(writer.steps)
        return result


def read_stages(connection: Connection) -> list[Stage]:
    """Return the rows of qualification_stages."""
    with connection.cursor(row_factory=class_row(Stage)) as cursor:
        cursor.execute(
            "select stage_id, stage_name as name, "
            "coalesce(is_disqualify, false) as is_disqualified "
            # Of names that differ in case alone the first row's counts.
            "from qualification_stages order by stage_id desc"
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
    """Return the context of a new run."""
    stages = StageRegistry(database.transaction(read_stages), rules)
    mapper = Mapper(rules, stages, today)
    hasher = record_hasher(mapper, program_hash())
    built = Context(
        settings, client, database, workers, rules, clock, mapper, hasher, report
    )
    built.forgotten = database.transaction(Forgotten.read)
    return built
