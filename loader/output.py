"""What a load tells: results to stdout, progress and remarks to stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

import click

from loader.redaction import redact
from loader.sync.report import RunReport

# Without a terminal a line every so many pages is enough.
PAGES_PER_LINE = 10


class Output:
    """Writes text or, with `as_json`, one JSON object per line.

    Every line passes through redaction of `secret`.
    """

    def __init__(self, as_json: bool = False, secret: str | None = None) -> None:
        self.as_json = as_json
        self._secret = secret

    def result(self, text: str, event: str, **fields: Any) -> None:
        """Say something on stdout."""
        self._write(text, event, fields, err=False)

    def warning(self, text: str, event: str = "warning", **fields: Any) -> None:
        """Say something on stderr."""
        self._write(text, event, {"message": text, **fields}, err=True)

    def _write(self, text: str, event: str, fields: dict, *, err: bool) -> None:
        if self.as_json:
            now = datetime.now(timezone.utc).isoformat(timespec="milliseconds")
            text = json.dumps({"time": now, "event": event, **fields}, default=str)
        click.echo(redact(text, self._secret), err=err)
        # A reader at the other end of a pipe must not wait for a full buffer.
        (sys.stderr if err else sys.stdout).flush()

    def progress(self) -> Callable[[int, int, RunReport], None]:
        """A callback that shows how far a load is."""
        if not self.as_json and sys.stderr.isatty():
            return _Bar()
        return self._plain_progress

    def _plain_progress(self, done: int, pages: int, report: RunReport) -> None:
        if done % PAGES_PER_LINE == 0 or done == pages:
            self.warning(
                f"page {done} of {pages}: {report.prospects_read} prospects, "
                f"{report.messages_read} messages read",
                "progress",
                page=done,
                pages=pages,
                prospects=report.prospects_read,
                messages=report.messages_read,
            )


class _Bar:
    """A progress bar over pages that grows with the list."""

    def __init__(self) -> None:
        self._bar: Any = None

    def __call__(self, done: int, pages: int, report: RunReport) -> None:
        if self._bar is None:
            self._bar = click.progressbar(
                length=pages, label="Prospects", show_pos=True, file=sys.stderr
            )
        self._bar.length = max(pages, done)
        self._bar.update(done - self._bar.pos)
        if done >= pages:
            self._bar.render_finish()


def fields(report: RunReport) -> dict[str, Any]:
    """A report as plain values."""
    seconds = None
    if report.started_at and report.finished_at:
        seconds = round((report.finished_at - report.started_at).total_seconds(), 1)
    return {
        "run_id": report.run_id,
        "outcome": report.outcome,
        "seconds": seconds,
        "requests": report.requests,
        "prospects_read": report.prospects_read,
        "message_lists_read": report.message_lists_read,
        "messages_read": report.messages_read,
        "rows_changed": report.changed,
        "records_rejected": report.open_rejected_records,
        "fields_noted": report.open_rejected_fields,
        "prospects_gone": len(report.deleted),
        "warnings": report.warnings,
    }


def line(report: RunReport) -> str:
    """A run in one line."""
    said = fields(report)
    at = report.finished_at or datetime.now(timezone.utc)
    return (
        f"{at:%Y-%m-%dT%H:%M:%SZ} {report.outcome}: "
        f"{said['prospects_read']} prospects read, {said['rows_changed']} rows "
        f"changed, {said['records_rejected']} records rejected, "
        f"{said['fields_noted']} fields noted, {len(report.deleted)} deleted, "
        f"{said['requests']} requests, {said['seconds']} s"
    )


def table(report: RunReport) -> str:
    """The final table: rows per table, and the run in a line below."""
    header = ("table", "rows", "new", "changed", "unchanged", "removed")
    lines = [header]
    for name, counts in report.tables.items():
        lines.append(
            (
                name,
                *(f"{n:,}" for n in (counts.read, counts.inserted, counts.updated)),
                f"{max(counts.unchanged, 0):,}",
                f"{counts.deleted:,}",
            )
        )
    widths = [max(len(row[i]) for row in lines) for i in range(len(header))]
    shown = [
        "  ".join(
            cell.ljust(width) if i == 0 else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in lines
    ]
    shown.insert(1, "-" * len(shown[0]))
    said = fields(report)
    shown += [
        "",
        f"{report.outcome}: {said['prospects_read']:,} prospects and "
        f"{said['messages_read']:,} messages read with {said['requests']:,} requests "
        f"in {said['seconds']} s",
        f"rejected: {said['records_rejected']:,} records, "
        f"{said['fields_noted']:,} fields; deleted: {len(report.deleted):,} prospects",
    ]
    return "\n".join(shown)
