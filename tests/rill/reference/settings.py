"""What a user may set, with the product's defaults."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Settings:
    """Windows in days, seconds, minutes or hours as each name says.

    `quiet_from` and `quiet_until` are hours of the day.
    """

    as_of: str = ""
    company_time_zone: str = "America/Chicago"
    contact_days: int = 14
    pre_approval_days: int = 45
    funded_days: int = 120
    advance_days: int = 30
    machine_event_seconds: int = 5
    on_time_minutes: int = 60
    dropped_hours: int = 24
    revenue_basis_points: int = 150
    stale_days_new: int = 2
    stale_days_working: int = 7
    stale_days_qualified: int = 14
    stale_days_contract: int = 30
    quiet_from: int = 21
    quiet_until: int = 8
    new_lead_hours: int = 72
    silent_days: int = 3
    deadline_days: int = 14
    lock_days: int = 30
    pre_approval_days_valid: int = 90

    def variables(self) -> dict[str, str]:
        """The same as Rill variables: every value a text."""
        return {name: str(value) for name, value in asdict(self).items()}
