"""Finds rows that no load has written, so that no load overwrites them unasked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from psycopg import Connection

from loader.database.existing_rows import (
    foreign_loans,
    foreign_prospects,
    foreign_users,
)
from loader.mapping.prospects import Prospect
from loader.mapping.record_reader import Reader
from loader.mapping.rejects import Rejects
from loader.sync.context import Context

REASON = "a row of this id exists that no load has written"


def spare_existing_rows(
    context: Context,
    prospects: dict[int, Prospect],
    records: Mapping[int, object],
    known: Mapping[int, object],
    new_users: set[int],
    notes: Rejects,
) -> dict[int, Prospect]:
    """Return the prospects that may be written, with the loans that may.

    `records` are Bonzo's own, by prospect; `known` has the prospects that earlier
    loads wrote, `new_users` those that this run is to write beside the prospects'
    own. What may not be written is noted.
    """
    if context.overwrite_existing:
        return prospects
    users = new_users | {p.user.user_id for p in prospects.values() if p.user}
    if not prospects and not users:
        return prospects
    loans = [i for i, p in prospects.items() if p.loan is not None]

    def read(connection: Connection) -> tuple[set[int], set[int], set[int]]:
        return (
            foreign_prospects(connection, prospects.keys() - known.keys()),
            foreign_loans(connection, loans),
            foreign_users(connection, users),
        )

    spared, spared_loans, spared_users = context.database.transaction(read)
    for i in sorted(spared):
        # Noted by the record alone, like any whole record that is not stored.
        Reader("prospects", i, {}, notes).note(None, REASON, records[i])
    written = {i: p for i, p in prospects.items() if i not in spared}
    for i in sorted(spared_loans & written.keys()):
        Reader("loans", i, {}, notes, i).note("loan_id", REASON, i)
        written[i] = replace(written[i], loan=None, loan_dates=None)
    for i in sorted(spared_users):
        Reader("users", i, {}, notes).note("user_id", REASON, i)
    if spared or spared_loans or spared_users:
        context.report.warn(
            "Some rows were not written by a load and are left as they are (see "
            "loader.rejected_records). Delete them, or load once with "
            "--overwrite-existing to replace them."
        )
    return written
