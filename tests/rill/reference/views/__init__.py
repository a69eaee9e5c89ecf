"""Each view's rows and measures, and how to group them."""

from __future__ import annotations

from datetime import date, datetime, time
from types import ModuleType
from typing import TYPE_CHECKING, Any

from tests.rill.reference.views import (
    data_trust,
    deadlines,
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
    from tests.rill.reference.world import World

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
        deadlines,
        data_trust,
    )
}


def calculate(
    world: World, view: str, dimension: str | None = None
) -> dict[Any, dict[str, Any]]:
    """Every measure of a view, by value of a dimension (or in total, under None)."""
    return grouped(view, VIEWS[view].rows(world), dimension)


def grouped(
    view: str, rows: list[dict[str, Any]], dimension: str | None = None
) -> dict[Any, dict[str, Any]]:
    """The same over rows that a view's `rows` gave before.

    A row whose value is a list is in the group of each of its items.
    """
    groups: dict[Any, list[dict]] = {} if dimension else {None: []}
    for row in rows:
        value = row[dimension] if dimension else None
        for key in value if isinstance(value, list) else [value]:
            groups.setdefault(key, []).append(row)
    return {
        key: {name: measure(found) for name, measure in VIEWS[view].MEASURES.items()}
        for key, found in groups.items()
    }


def between(
    view: str, rows: list[dict[str, Any]], start: datetime, end: datetime
) -> list[dict[str, Any]]:
    """Rows whose time axis lies in a span of company time, its end excluded."""
    axis = VIEWS[view].AXIS
    return [row for row in rows if start <= as_moment(row[axis]) < end]


def as_moment(value: date | datetime) -> datetime:
    """A date as the midnight it begins with."""
    if isinstance(value, datetime):
        return value
    return datetime.combine(value, time())
