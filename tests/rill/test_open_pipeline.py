"""Open leads as they are now."""

from __future__ import annotations

import pytest

from tests.rill.conftest import Execute
from tests.rill.rows import (
    PRE_QUAL,
    STAGING,
    UTC,
    WORKING,
    at,
    by,
    event,
    one_step_campaign,
    total,
)


@pytest.mark.parametrize(
    ("stage", "limit"), [(STAGING, 2), (WORKING, 7), (PRE_QUAL, 14), (8, 30), (None, 2)]
)
def test_stale_is_strictly_later(
    execute: Execute, stage: int | None, limit: int
) -> None:
    """Exactly the group's days are not stale yet; an automated send is no sign.

    Lead 1 was created that long ago, lead 2 a second before that.
    """
    now = at("2026-03-31")
    since = now - (at("2026-01-02") - at("2026-01-01")) * limit
    leads = [
        {"prospect_id": n, "created_at": moment, "qualification_stage_id": stage}
        for n, moment in enumerate((since, since.replace(microsecond=0)), 1)
    ]
    leads[1]["created_at"] -= at("2026-01-01 00:00:01") - at("2026-01-01")
    tables = one_step_campaign() | {
        "prospects": leads,
        "touch_engagements": [event(2, "Sent", "2026-03-30", "step")],
    }
    emulation = execute(tables, {"open_pipeline"}, as_of="2026-03-31T00:00:00Z", **UTC)
    assert total(emulation, "open_pipeline", "stale_leads") == 1
    assert by(emulation, "open_pipeline", "open_leads", "is_stale") == {
        "yes": 1,
        "no": 1,
    }
