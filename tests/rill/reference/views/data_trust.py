"""One row per check of the data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.rill.reference.numbers import Rows, divide
from tests.rill.reference.trust import CHECKS

if TYPE_CHECKING:
    from tests.rill.reference.world import World


def rows(world: World) -> list[dict[str, Any]]:
    """Each check with the rows it looked at and those that failed."""
    found = []
    for (area, name, severity), check in CHECKS.items():
        failing, checked = check(world)
        found.append(
            {
                "area": area,
                "check_name": name,
                "severity": severity,
                "failing": failing,
                "checked": checked,
                "failed": severity == "error" and failing > 0,
            }
        )
    return found


def plain_sum(field: str) -> Any:
    """A count that is 0 on nothing."""
    return lambda rows: sum(row[field] for row in rows)


def failing_share(rows: Rows) -> float | None:
    """Failing rows over the rows looked at."""
    return divide(sum(r["failing"] for r in rows), sum(r["checked"] for r in rows))


MEASURES = {
    "failing_rows": plain_sum("failing"),
    "checked_rows": plain_sum("checked"),
    "failing_share": failing_share,
    "failed_checks": plain_sum("failed"),
}
