"""What a load prints: results to stdout, progress and warnings to stderr."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

import click

from loader.redaction import Redactor, printable
from loader.sync.report import RunReport

# Without a terminal a line every so many pages is enough.
PAGES_PER_LINE = 10


class Output:
    """Writes text or, with `as_json`, one JSON object per line.

    Secrets are masked in every line, and what could mislead a terminal is left out.
    """

    def __init__(self, as_json: bool = False, *secrets: str | None) -> None:
        self.as_json = as_json
        self._redactor = Redactor(*secrets)
        for stream in (sys.stdout, sys.stderr):
            # A terminal that cannot show a letter must not end the load.
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")

    def result(self, text: str, event: str, **fields: Any) -> None:
        """Write a result to stdout."""
        self._write(text, event, fields, err=False)

    def warning(self, text: str, event: str = "warning", **fields: Any) -> None:
        """Write progress or a warning to stderr."""
        self._write(text, event, {"message": text, **fields}, err=True)

    def _write(self, text: str, event: str, fields: dict, *, err: bool) -> None:
        if self.as_json:
            now = datetime.now(timezone.utc).isoformat(timespec="milliseconds")
            # Masked before JSON escapes a part of the secret.
            line = self._redactor.record({"time": now, "event": event, **fields})
            text = json.dumps(line, default=str)
        click.echo(printable(self._redactor.text(text)), err=err)
        # A reader at the other end of a pipe must not wait for a full buffer.
        (sys.stderr if err else sys.stdout).flush()

    def progress(self) -> Callable[[int, int, RunReport], None]:
        """Return a callback that shows how far a load is."""
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
    """Return a report as plain values."""
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
    """Return a run in one line."""
    values = fields(report)
    at = report.finished_at or datetime.now(timezone.utc)
    return (
        f"{at:%Y-%m-%dT%H:%M:%SZ} {report.outcome}: "
        f"{values['prospects_read']} prospects read, {values['rows_changed']} rows "
        f"changed, {values['records_rejected']} records rejected, "
        f"{values['fields_noted']} fields noted, {len(report.deleted)} deleted, "
        f"{values['requests']} requests, {values['seconds']} s"
    )


def table(report: RunReport) -> str:
    """Return the final table: rows per table, and the run in a line below."""
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
    seconds = fields(report)["seconds"]
    shown += [
        "",
        f"{report.outcome}: {report.prospects_read:,} prospects and "
        f"{report.messages_read:,} messages read with {report.requests:,} requests "
        f"in {seconds} s",
        f"rejected: {report.open_rejected_records:,} records, "
        f"{report.open_rejected_fields:,} fields; "
        f"deleted: {len(report.deleted):,} prospects",
    ]
    return "\n".join(shown)
