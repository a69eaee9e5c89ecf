"""Keeps forgotten people out of a load, whatever Bonzo shows of them."""

from __future__ import annotations

from psycopg import Connection

from loader.database.forgotten import MERGED, Forgotten, forget
from loader.sync.context import Context
from loader.sync.prospect_pages import identify


def without_forgotten(context: Context, records: list[object]) -> list[object]:
    """Return the records of a page that are not forgotten people's."""
    if not context.forgotten.prospects:
        return records
    kept = []
    for record in records:
        prospect_id = identify(record)
        if context.forgotten.holds(prospect_id):
            context.forgotten_shown.add(prospect_id)
        else:
            kept.append(record)
    context.report.prospects_forgotten = len(context.forgotten_shown)
    return kept


def forget_merged(context: Context, ids: list[int]) -> None:
    """Forget prospects that Bonzo has merged with a forgotten one."""
    if not ids:
        return

    def work(connection: Connection) -> Forgotten:
        forget(connection, ids, MERGED)
        return Forgotten.read(connection)

    context.forgotten = context.database.transaction(work)
    context.forgotten_shown.update(ids)
    context.report.prospects_forgotten = len(context.forgotten_shown)
    context.steps.everywhere = True
    context.report.warn(
        "Bonzo has merged prospects with somebody who was forgotten; they were "
        "removed as well."
    )
