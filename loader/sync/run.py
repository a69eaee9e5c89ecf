"""One load from beginning to end."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from psycopg import Connection

from loader.bonzo.client import BonzoClient
from loader.bonzo.errors import ServiceError
from loader.bonzo.thread_pool import Workers
from loader.config import Settings, project_dir
from loader.database import prospect_state, rejects, runs
from loader.database.connection import Database
from loader.database.errors import loader_errors
from loader.database.schema import require_schema
from loader.errors import LoaderError
from loader.mapping.mapping_config import MappingConfig, load_rules
from loader.shutdown import Stopped
from loader.sync import batch, context, finalize
from loader.sync.batch import Batch
from loader.sync.campaigns import read_campaigns
from loader.sync.context import Context
from loader.sync.prospect_pages import prospect_pages
from loader.sync.report import RunReport

# Batches whose messages are being read while another is written.
PREFETCH_BATCHES = 4

Progress = Callable[[int, int, RunReport], None]


def mapping_file(path: str) -> Path:
    """Return where a mapping file is; `~` of an unknown account stays as it is."""
    return Path(os.path.expanduser(path))


def find_rules(settings: Settings) -> MappingConfig:
    """Return the settings' mapping file, else the project's, else the default."""
    if settings.mapping_path:
        return load_rules(mapping_file(settings.mapping_path))
    project_file = project_dir() / "bonzo.yaml"
    # A link to nowhere, or a directory, is a mistake and not the lack of a file.
    return load_rules(project_file if os.path.lexists(project_file) else None)


def run(
    settings: Settings,
    client: BonzoClient,
    dsn: str,
    *,
    rules: MappingConfig | None = None,
    today: date | None = None,
    accept_vanished: bool = False,
    overwrite_existing: bool = False,
    progress: Progress | None = None,
    now: Callable[[], datetime] | None = None,
    notify: Callable[[str], None] | None = None,
    project: str | None = None,
) -> RunReport:
    """Load once and return the report; its outcome is complete or partial.

    `today` (default: the company's day by PostgreSQL's clock) decides which
    closing dates have passed. `overwrite_existing` replaces rows that no load has
    written. `progress` is called after every page with pages
    done, pages known and the report so far. `now` replaces PostgreSQL's
    clock (aware datetimes). `notify` is told, while the run waits for another
    session, for whom. `project` is the id of the installation whose embedded server
    holds the database, if one does. Raises LoaderError when the run fails; what was
    written until then stays, and the next run goes on from it.
    """
    rules = rules or find_rules(settings)
    sent_before = client.sent
    client.begin_run()
    database = Database(
        dsn, wait=settings.database_wait, stop=client.stop, notify=notify
    )
    with database, loader_errors():
        database.lock()
        database.transaction(require_schema)
        database.transaction(lambda c: runs.check_project(c, project))
        database.transaction(lambda c: runs.check_origin(c, client.origin))
        at = now() if now else None
        clock = database.transaction(lambda c: runs.start_run(c, at))
        report = RunReport(run_id=clock.run_id, started_at=clock.started_at)
        if clock.warning:
            report.warn(clock.warning)
            # What was dated back is not counted as rows of this run.
            report.changed_besides |= {"prospects", "prospect_stage_history"}
            report.changed_besides |= {"prospect_campaign_assignments"}
        workers = Workers(settings.workers)
        try:
            zone = ZoneInfo(settings.company_time_zone)
            day = today or clock.now.astimezone(zone).date()
            loading = context.build(
                settings, client, database, workers, rules, clock, day, report
            )
            loading.overwrite_existing = overwrite_existing
            _load(loading, accept_vanished, progress, project)
        except BaseException as error:
            report.outcome = "failed"
            _add_warnings(report, client)
            report.message = _reason(error)
            report.requests = client.sent - sent_before
            _close(database, report, now, quietly=True)
            raise
        finally:
            workers.close()
        report.requests = client.sent - sent_before
        _add_warnings(report, client)
        _close(database, report, now)
        return report


def _add_warnings(report: RunReport, client: BonzoClient) -> None:
    for warning in client.warnings:
        report.warn(warning)


def _load(
    loading: Context,
    accept_vanished: bool,
    progress: Progress | None,
    project: str | None,
) -> None:
    """Do every step of a load, in order; set the report's outcome."""
    database, report = loading.database, loading.report
    loading.steps.everywhere = loading.clock.warning is not None or (
        database.transaction(runs.last_run_was_incomplete)
    )
    read_campaigns(loading)
    pending = database.transaction(
        lambda connection: prospect_state.pending_rereads(
            connection,
            loading.clock.now,
            version=loading.rules.version,
            full_read_days=loading.settings.full_read_days,
            limit=loading.settings.rechecks_per_run,
        )
    )
    loading.pending_rereads.update(pending)
    problems = _read_pages(loading, progress, project)
    for problem in problems:
        report.warn(
            f"The prospect list was inconsistent ({problem}); no prospect was marked "
            "deleted."
        )
    is_complete = not problems and finalize.resolve_missing_prospects(
        loading, accept_vanished
    )
    finalize.settle_contested(loading)
    finalize.resolve_unknown_events(loading)
    finalize.assign_sequences(loading)
    finalize.order_steps(loading)
    if is_complete:
        finalize.reconcile_users(loading)
    report.outcome = "complete" if is_complete else "partial"


def _read_pages(
    loading: Context, progress: Progress | None, project: str | None
) -> list[str]:
    """Read and store every page; return what was wrong with the list."""
    report = loading.report
    pages = prospect_pages(loading)
    waiting: deque[Batch] = deque()
    claimed = False

    def claim(connection: Connection) -> None:
        runs.set_origin(connection, loading.client.origin, project)

    def finish_one() -> None:
        first = waiting.popleft()
        while waiting and first.join(waiting[0]):
            waiting.popleft()
        batch.finish(loading, first)
        if progress:
            unwritten = sum(prepared.pages for prepared in waiting)
            progress(pages.pages - unwritten, pages.last, report)

    try:
        for page in pages:
            if not claimed:
                # Not before: a wrong address must not be taken for the right one.
                loading.database.transaction(claim)
                claimed = True
            in_flight = {i for b in waiting for i in b.ids}
            prepared = batch.prepare(loading, page.items, in_flight)
            if not (waiting and waiting[-1].join(prepared)):
                waiting.append(prepared)
            if len(waiting) > PREFETCH_BATCHES:
                finish_one()
            loading.client.stop.check()
    except ServiceError:
        # A page that cannot be read must not cost those that were.
        with suppress(ServiceError):
            while waiting:
                finish_one()
        raise
    while waiting:
        finish_one()
    report.pages = pages.pages
    return pages.problems


def _close(
    database: Database,
    report: RunReport,
    now: Callable[[], datetime] | None,
    quietly: bool = False,
) -> None:
    """Note the end of the run in the database."""
    at = now() if now else None

    def work(connection: Connection) -> datetime:
        counts = rejects.count_open(connection)
        report.open_rejected_records, report.open_rejected_fields = counts
        return runs.finish_run(connection, report.run_id, report.row(), at)

    try:
        report.finished_at = database.transaction(work)
    except (LoaderError, Stopped):
        # The run has failed already, and the next one notes that it did.
        if not quietly:
            raise


def _reason(error: BaseException) -> str:
    if isinstance(error, LoaderError):
        return error.message
    if isinstance(error, Stopped | KeyboardInterrupt):
        return "stopped by a signal"
    return f"unexpected: {type(error).__name__}"
