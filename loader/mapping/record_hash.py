"""Hash a prospect's record with everything else that decides its rows.

Two equal hashes mean equal rows, so a record that comes with the hash it was
stored under need not be mapped again.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from loader.mapping.loans import DAY_FIELDS
from loader.mapping.prospects import Mapper


@dataclass(frozen=True)
class RecordHasher:
    """Hashes records as one mapper maps them."""

    basis: str
    mapper: Mapper

    def hash(self, record: dict[str, Any]) -> str | None:
        """Return a record's hash; None where it is nested too deeply for one."""
        mortgage = record.get("mortgage")
        is_dated = isinstance(mortgage, dict) and any(map(mortgage.get, DAY_FIELDS))
        parts = (
            self.basis,
            self.mapper.stage_names,
            # Without such dates every day gives the same rows.
            self.mapper.today.isoformat() if is_dated else None,
            record,
        )
        try:
            text = ascii(parts)
        except RecursionError:
            return None
        return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


def record_hasher(mapper: Mapper, program: str) -> RecordHasher:
    """Return a hasher of records as this mapper of this `program` maps them."""
    text = ascii((program, _canonical(mapper.rules), _canonical(mapper.stages.words)))
    basis = hashlib.blake2b(text.encode(), digest_size=12).hexdigest()
    return RecordHasher(basis, mapper)


def _canonical(value: object) -> object:
    """Return what `ascii` writes alike in every process: sets have no order."""
    if is_dataclass(value):
        return [_canonical(getattr(value, field.name)) for field in fields(value)]
    if isinstance(value, dict):
        return [[_canonical(k), _canonical(v)] for k, v in value.items()]
    if isinstance(value, set | frozenset):
        return sorted(map(str, value))
    if isinstance(value, list | tuple):
        return [_canonical(item) for item in value]
    return str(value)
