"""The prospect list, read by the workers while batches are written."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Any

from loader.bonzo.pages import ListReader
from loader.mapping.parsers import InvalidValueError, to_id
from loader.sync.context import Context
from loader.sync.report import RunReport

PATH = "/prospects"


def prospect_pages(context: Context) -> ListReader:
    """Return the pages of the prospect list; each is stored before the next."""

    def fetch(number: int, cursor: str | None) -> Future:
        return context.workers.submit(context.client.get_page, PATH, number, cursor)

    # Only counts are kept: the ids themselves are in the database.
    return ListReader(
        fetch,
        lambda: _different(context.report),
        identify,
        context.settings.per_page,
    )


def _different(report: RunReport) -> int:
    """Return how many different prospects the pages have shown so far."""
    return (
        report.prospects_stored + report.prospects_spared + report.prospects_forgotten
    )


def identify(record: Any) -> int | None:
    """Return a prospect's id, None where it has none that can be used."""
    try:
        return to_id(record.get("id")) if isinstance(record, dict) else None
    except InvalidValueError:
        return None
