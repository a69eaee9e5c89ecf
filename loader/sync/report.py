"""What one run did."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from loader.database.tables import SHOWN, STEPS
from loader.database.upsert import Counts


@dataclass
class RunReport:
    """Counts and warnings of one run.

    `outcome` is complete, partial or failed. `rejected` counts whole records,
    `noted` single fields that this run could not store; `open_*` what is
    noted in the database at the end. Rows read = rows stored + whole rejects,
    of which `prospects_spared` would have replaced a row that no load has written.
    `prospects_forgotten` were shown by Bonzo and kept out; nothing else counts them.
    """

    run_id: int = 0
    outcome: str = "failed"
    message: str | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    pages: int = 0
    requests: int = 0
    prospects_read: int = 0
    prospects_stored: int = 0
    prospects_spared: int = 0
    prospects_forgotten: int = 0
    message_lists_read: int = 0
    messages_read: int = 0
    messages_stored: int = 0
    rejected: int = 0
    noted: int = 0
    open_rejected_records: int = 0
    open_rejected_fields: int = 0
    deleted: list[int] = field(default_factory=list)
    inaccessible: int = 0
    tables: dict[str, Counts] = field(
        default_factory=lambda: {name: Counts() for name in SHOWN}
    )
    # Tables with changes that no count of rows tells.
    changed_besides: set[str] = field(default_factory=set)
    unmapped_stages: Counter = field(default_factory=Counter)
    unknown_words: Counter = field(default_factory=Counter)
    sentences: list[str] = field(default_factory=list)

    def warn(self, text: str) -> None:
        """Add a warning for the user, once."""
        if text not in self.sentences:
            self.sentences.append(text)

    @property
    def changed(self) -> int:
        """Return how many rows of the data tables are not as they were."""
        return sum(counts.changed for counts in self.tables.values())

    @property
    def changed_tables(self) -> set[str]:
        """Return the tables that dashboards have to read again after this run.

        The notes on runs are among them if this one is not like the one before.
        """
        changed = {name for name, counts in self.tables.items() if counts.changed}
        changed |= self.changed_besides
        # Steps that move to another campaign take along what names them.
        if changed & STEPS:
            changed |= STEPS
        if self.deleted or self.outcome != "complete":
            changed.add("loader.sync_runs")
        return changed

    @property
    def warnings(self) -> list[str]:
        """Return everything that a user should know, as sentences."""
        lines = list(self.sentences)
        if self.unmapped_stages:
            names = ", ".join(
                f"{name!r} ({count})"
                for name, count in self.unmapped_stages.most_common(10)
            )
            lines.append(
                f"Stages without a mapping: {names}. Add them to bonzo.yaml; their "
                "prospects have no stage until then."
            )
        if self.unknown_words:
            words = ", ".join(
                f"{word} ({count})"
                for word, count in self.unknown_words.most_common(10)
            )
            lines.append(f"Words of messages that bonzo.yaml does not know: {words}.")
        if self.open_rejected_records or self.open_rejected_fields:
            lines.append(
                f"{self.open_rejected_records} records and "
                f"{self.open_rejected_fields} fields could not be stored; "
                "see loader.rejected_records."
            )
        return lines

    def row(self) -> dict[str, Any]:
        """Return the columns of loader.sync_runs."""
        return {
            "outcome": self.outcome,
            "message": self.message,
            "warnings": "\n".join(self.warnings) or None,
            "requests": self.requests,
            "prospects_read": self.prospects_read,
            "messages_read": self.messages_read,
            "rows_changed": self.changed,
            "rejected_records": self.open_rejected_records,
            "noted_fields": self.open_rejected_fields,
            "prospects_gone": len(self.deleted),
        }
