"""`load`: bring the database up to date, once or at a fixed interval."""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import dataclass, replace

import click

from loader import output, sync, unread_data
from loader.bonzo.client import BonzoClient
from loader.config import Settings, load_settings, secrets_of
from loader.database.connection import connect
from loader.database.errors import loader_errors
from loader.database.runs import note_next_run
from loader.errors import LoaderError
from loader.output import Output
from loader.project import ProjectPaths, database_url, owner_of
from loader.redaction import RedactingFilter, redact_tracebacks
from loader.shutdown import Stopped, StopRequest
from loader.sync.schedule import repeat, to_seconds

PARTIAL = 3


@click.command()
@click.option("--every", metavar="INTERVAL", help="Load again every 15m, 1h, ...")
@click.option(
    "--recheck-days",
    type=float,
    help="Reread messages younger than this (env: BONZO_RECHECK_DAYS).",
)
@click.option("--strict", is_flag=True, help="Exit 1 if anything could not be stored.")
@click.option(
    "--accept-vanished",
    is_flag=True,
    help="Accept a large drop in prospects as real deletions.",
)
@click.option(
    "--overwrite-existing",
    is_flag=True,
    help="Replace rows that no load has written.",
)
@click.option(
    "--log-format",
    type=click.Choice(["text", "json"]),
    default="text",
    help="json: one object per line.",
)
@click.option("--mapping", metavar="FILE", help="Mapping file (env: BONZO_MAPPING).")
@click.option("--rate-limit", type=int, help="Requests a minute where Bonzo is silent.")
@click.option("--per-page", type=int, help="Records per page (env: BONZO_PER_PAGE).")
@click.option(
    "--refresh/--no-refresh",
    default=True,
    help="Whether to have a running Rill read the new data.",
)
@click.option("-v", "--verbose", is_flag=True, help="Log every request.")
def command(
    every: str | None,
    recheck_days: float | None,
    strict: bool,
    accept_vanished: bool,
    overwrite_existing: bool,
    log_format: str,
    mapping: str | None,
    rate_limit: int | None,
    per_page: int | None,
    refresh: bool,
    verbose: bool,
) -> None:
    """Read what changed in Bonzo and write it to PostgreSQL.

    \b
    Exit code 0: complete (rejects are counted in the table).
    Exit code 1: failed, or --strict and something could not be stored.
    Exit code 2: usage error.
    Exit code 3: partial: stored, but the list may be incomplete.
    Exit code 130 or 143: stopped by Ctrl-C or SIGTERM.
    """
    interval = to_seconds(every) if every else None
    settings = load_settings(
        recheck_days=recheck_days,
        mapping_path=mapping,
        rate_limit=rate_limit,
        per_page=per_page,
    )
    out = Output(log_format == "json", *secrets_of(settings))
    _set_up_logging(settings, verbose)
    for warning in settings.warnings:
        out.warning(warning)
    stop = StopRequest()
    stop.listen()
    try:
        job = _Job(settings, out, stop, accept_vanished, overwrite_existing, refresh)
        if interval is not None:
            repeat(job.run_quietly, interval, stop, job.note_next)
        raise SystemExit(job.run_once(strict))
    except Stopped as stopped:
        out.warning(
            "Stopped. The batch in hand was rolled back; the next load goes on "
            "from there.",
            "stopped",
        )
        raise SystemExit(128 + stopped.signum) from None


@dataclass
class _Job:
    """What one run needs; the client is kept, for its pace, between runs."""

    settings: Settings
    out: Output
    stop: StopRequest
    accept_vanished: bool
    overwrite_existing: bool
    refresh: bool

    def __post_init__(self) -> None:
        self.paths = ProjectPaths.current()
        self.client = BonzoClient(self.settings, self.stop, self.out.warning)

    def run_once(self, strict: bool) -> int:
        """Load once with bar and table; return the exit code."""
        report = self._run(self.out.progress())
        for warning in report.warnings:
            # The client's own were printed when they arose.
            if warning not in self.client.warnings:
                self.out.warning(warning)
        self.out.result(output.table(report), "load", **output.fields(report))
        self._refresh_rill()
        if report.outcome != "complete":
            return PARTIAL
        return int(
            strict and bool(report.open_rejected_records or report.open_rejected_fields)
        )

    def run_quietly(self) -> None:
        """Load once and report it in one line, also when it fails."""
        try:
            report = self._run(None)
        except LoaderError as error:
            self.out.warning(f"failed: {error.message}", "failed")
        except Exception as error:
            # A service that runs by itself must not end over one bad run.
            logging.getLogger(__name__).error("unexpected", exc_info=error)
            self.out.warning(f"failed: unexpected {type(error).__name__}", "failed")
        else:
            self.out.result(output.line(report), "load", **output.fields(report))
            self._refresh_rill()

    def note_next(self, seconds: float) -> None:
        """Note when the next run is due, for `status`; not worth failing for."""
        with suppress(LoaderError):
            dsn = database_url(self.paths, self.settings)
            with loader_errors(), connect(dsn) as connection:
                note_next_run(connection, seconds)

    def _run(self, progress) -> sync.RunReport:
        # Asked before each run: the embedded server may have moved.
        dsn = database_url(self.paths, self.settings)
        before = unread_data.find(self.paths.state)
        # For the case that it is killed with half of its pages stored.
        unread_data.note(self.paths.state, replace(before, tables=None))
        report = sync.run(
            self.settings,
            self.client,
            dsn,
            accept_vanished=self.accept_vanished,
            overwrite_existing=self.overwrite_existing,
            progress=progress,
            notify=self.out.warning,
            project=owner_of(self.paths, dsn),
        )
        rejects = (report.open_rejected_records, report.open_rejected_fields)
        after = before.after(report.changed_tables, rejects)
        unread_data.note(self.paths.state, after)
        return report

    def _refresh_rill(self) -> None:
        """Have a running Rill read what changed; its failures do not fail a load."""
        if not self.refresh:
            return
        from loader.running_rill import refresh_after

        try:
            if refresh_after("The load is stored", self.paths.rill, self.paths.state):
                self.out.warning("Rill has read the new data.", "refreshed")
        except LoaderError as error:
            self.out.warning(error.message)


def _set_up_logging(settings: Settings, verbose: bool) -> None:
    redact_tracebacks(*secrets_of(settings))
    handler = logging.StreamHandler()
    handler.addFilter(RedactingFilter(*secrets_of(settings)))
    handler.setFormatter(logging.Formatter("%(asctime)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.DEBUG if verbose else logging.ERROR)
