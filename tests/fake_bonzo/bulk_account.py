"""An account of any size that takes no memory: its records are made on request."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone

from demo import payloads
from demo.account import Account, encode

_FIRST_DAY = datetime(2025, 1, 1, tzinfo=timezone.utc)
_CAMPAIGN, _SEQUENCE = 71, 571


class BulkAccount(Account):
    """Prospects 1 to `size`, a minute apart, with two messages each."""

    def __init__(self, size: int) -> None:
        stamp = payloads.stamp(_FIRST_DAY)
        super().__init__(
            campaigns=[payloads.campaign(_CAMPAIGN, "Opener", stamp, _SEQUENCE)],
            pipelines=[
                payloads.pipeline(2501, "Main", [(401, "Staging"), (402, "Working")])
            ],
        )
        # Containment is all that a single read asks of it.
        self.prospects = range(1, size + 1)

    def newest_first(self) -> Sequence[int]:
        """Return the ids, which grow with the time of creation."""
        return self.prospects[::-1]

    def prospect_json(self, prospect_id: int) -> bytes:
        """Return one prospect as JSON."""
        created = _FIRST_DAY + timedelta(minutes=prospect_id)
        record = payloads.prospect(
            prospect_id,
            payloads.stamp(created),
            first_name="Ada",
            last_name=f"Example{prospect_id}",
            email=f"ada{prospect_id}@mail.example",
            phone=f"+1312{prospect_id % 10_000_000:07d}",
            source=f"Vendor {prospect_id % 7}",
            assigned_to=21 + prospect_id % 8,
            pipeline={"id": 2501, "name": "Main"},
            pipeline_stage={"id": 402, "name": "Working", "pipeline_id": 2501},
            stage_assigned_at=payloads.stamp(created),
        )
        return encode(record)

    def messages_json(self, prospect_id: int) -> bytes:
        """Return a prospect's messages as a JSON array."""
        at = _FIRST_DAY + timedelta(minutes=prospect_id + 2)
        rows = [
            payloads.message(
                prospect_id * 10 + step,
                prospect_id,
                payloads.stamp(at + timedelta(days=step)),
                sequence_id=_SEQUENCE,
                event_id=7100 + step,
                content="Hi Ada, is now a good time?",
            )
            for step in (0, 1)
        ]
        return encode(rows)
