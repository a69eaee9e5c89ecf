"""Each view's rows and measures, and how to group them."""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING, Any

from tests.reference.views import (
    data_trust,
    enrollments,
    fundings,
    lead_source_months,
    leads,
    loan_officers,
    loans,
    messages,
    open_pipeline,
    pipeline_days,
    replies,
    scheduled_touches,
    stage_stays,
)

if TYPE_CHECKING:
    from tests.reference.world import World

VIEWS: dict[str, ModuleType] = {
    module.__name__.rpartition(".")[2]: module
    for module in (
        leads,
        open_pipeline,
        stage_stays,
        pipeline_days,
        enrollments,
        messages,
        replies,
        scheduled_touches,
        loans,
        fundings,
        lead_source_months,
        loan_officers,
        data_trust,
    )
}


def calculate(
    world: World, view: str, dimension: str | None = None
) -> dict[Any, dict[str, Any]]:
    """Every measure of a view, by value of a dimension (or in total, under None)."""
    module = VIEWS[view]
    groups: dict[Any, list[dict]] = {} if dimension else {None: []}
    for row in module.rows(world):
        groups.setdefault(row[dimension] if dimension else None, []).append(row)
    return {
        key: {name: measure(rows) for name, measure in module.MEASURES.items()}
        for key, rows in groups.items()
    }
