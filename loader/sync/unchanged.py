"""Finds the records of a page whose rows are stored already, just so.

Such a prospect is noted as seen and nothing else: its record is not mapped, and its
rows are not written. It is known by a hash of the record and of everything else that
decides its rows, stored together with a hash of the rows themselves, so that a row
that somebody changed or deleted is written again. A record with anything to note
is never stored with a hash: every run notes it again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from psycopg import Connection

from loader.database import prospect_state
from loader.database.prospect_state import ProspectState
from loader.database.stored_rows import StoredRows, read_stored_rows
from loader.database.upsert import Counts, Writer
from loader.mapping.prospects import Prospect
from loader.mapping.rejects import Reject
from loader.sync.context import Context
from loader.sync.prospect_pages import identify


@dataclass
class Unchanged:
    """Prospects whose rows stay as they are.

    `fingerprints` are by prospect, `rows` counts their rows by table.
    """

    fingerprints: dict[int, str | None] = field(default_factory=dict)
    rows: Counter[str] = field(default_factory=Counter)

    def add(self, state: ProspectState, rows: StoredRows, has_tags: bool) -> None:
        """Add a prospect and the rows that its record stands for.

        A record without the key says nothing about tags.
        """
        self.fingerprints[state.prospect_id] = state.fingerprint
        self.rows["prospects"] += 1
        self.rows["prospect_details"] += 1
        self.rows["lead_sources"] += rows.has_source
        self.rows["prospect_stage_history"] += rows.has_stage
        self.rows["loans"] += rows.has_loan
        self.rows["loan_dates"] += rows.has_loan
        self.rows["prospect_tags"] += rows.tags if has_tags else 0

    def join(self, other: Unchanged) -> None:
        """Add another page's prospects."""
        self.fingerprints.update(other.fingerprints)
        self.rows.update(other.rows)


@dataclass
class PageState:
    """What the database holds of a page's prospects, and the hashes of its records.

    A record that shares its id with another one of the page has no hash.
    """

    states: dict[int, ProspectState]
    rows: dict[int, StoredRows]
    hashes: dict[int, str]

    def is_unchanged(self, prospect_id: int | None) -> bool:
        """Tell whether mapping and writing the record would change nothing."""
        rows = self.rows.get(prospect_id)
        if rows is None or prospect_id not in self.hashes:
            return False
        stored = self.states[prospect_id].record_hash
        return stored == join(self.hashes[prospect_id], rows)


def read_page_state(context: Context, records: Iterable[object]) -> PageState:
    """Read what is known of these records' prospects."""
    records = [(identify(record), record) for record in records]
    times = Counter(prospect_id for prospect_id, _ in records)

    def read(
        connection: Connection,
    ) -> tuple[dict[int, ProspectState], dict[int, StoredRows]]:
        states = prospect_state.prospect_states(connection, times.keys() - {None})
        hashed = [i for i, state in states.items() if _may_be_unchanged(state)]
        return states, read_stored_rows(connection, hashed)

    states, rows = context.database.transaction(read)
    hashes = {
        i: context.hasher.hash(record)
        for i, record in records
        if i is not None and times[i] == 1
    }
    return PageState(states, rows, {i: h for i, h in hashes.items() if h})


def _may_be_unchanged(state: ProspectState) -> bool:
    """Tell whether seeing the prospect again changes no more than when it was seen."""
    return (
        state.record_hash is not None
        and state.deleted_at is None
        and state.inaccessible_at is None
    )


def join(record_hash: str, rows: StoredRows) -> str:
    """Return what is stored of a record with such a hash and its rows."""
    return f"{record_hash} {rows.rows_hash}"


def without_notes(
    hashes: dict[int, str], prospects: dict[int, Prospect], notes: list[Reject]
) -> dict[int, str]:
    """Return the hashes of those prospects that nothing is noted about.

    Nor about their users, who are noted without the prospects that show them.
    """
    ids = {note.prospect_id for note in notes}
    users = {note.id for note in notes if note.resource == "users"}
    return {
        i: hashes[i]
        for i, prospect in prospects.items()
        if i in hashes
        and i not in ids
        and (prospect.user is None or str(prospect.user.user_id) not in users)
    }


def write_unchanged(context: Context, writer: Writer, unchanged: Unchanged) -> None:
    """Note that this run has seen these prospects."""
    ids = unchanged.fingerprints
    if not ids:
        return
    prospect_state.mark_seen(writer.connection, ids, context.clock.started_at)
    contested = context.contested.prospects & ids.keys()
    if contested:
        # The end of the run decides on some of their messages; should it fail
        # before, the next one has to.
        context.contested.fingerprints.update({i: ids[i] for i in contested})
        prospect_state.clear_fingerprints(writer.connection, contested)
    for name, number in unchanged.rows.items():
        writer.counts.add(name, Counts(read=number))
