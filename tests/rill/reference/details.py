"""Where a prospect lives and what it wants, its tags, and its time zone."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, available_timezones

if TYPE_CHECKING:
    from tests.rill.reference.leads import Lead

STATES_FILE = Path(__file__).parents[3] / "rill" / "data" / "us_states.csv"
NO_TAG = "No tag"
UNKNOWN = "Unknown"
AREA_AND_CITY = re.compile(r"[^/]+/[^/]+(/[^/]+)?")
# (least score of the band, its name), best first.
CREDIT_BANDS = (
    (740, "1: 740+"),
    (700, "2: 700-739"),
    (660, "3: 660-699"),
    (620, "4: 620-659"),
    (300, "5: under 620"),
)
HIGHEST_SCORE = 850


@dataclass(frozen=True)
class Details:
    """A row of `prospect_details`; a prospect without one has every value empty."""

    state: str | None = None
    property_state: str | None = None
    time_zone: str | None = None
    credit_score: int | None = None
    loan_purpose: str | None = None

    @property
    def state_label(self) -> str:
        """The person's state, else the property's."""
        return written(self.state) or written(self.property_state) or UNKNOWN

    @property
    def credit_band(self) -> str:
        """The band of the score; what no score can be is unknown."""
        if self.credit_score is not None and self.credit_score <= HIGHEST_SCORE:
            for least, name in CREDIT_BANDS:
                if self.credit_score >= least:
                    return name
        return "6: unknown"

    @property
    def purpose_label(self) -> str:
        """What the loan is for."""
        return written(self.loan_purpose) or UNKNOWN

    @property
    def zone_basis(self) -> str:
        """Where the time zone comes from: Bonzo, state or unknown."""
        if is_zone(self.time_zone):
            return "Bonzo"
        return "state" if self.state in state_zones() else "unknown"

    @property
    def zone(self) -> ZoneInfo | None:
        """The recipient's time zone; never by the state of the property."""
        if is_zone(self.time_zone):
            return ZoneInfo(self.time_zone)
        name = state_zones().get(self.state)
        return ZoneInfo(name) if name else None


def written(text: str | None) -> str | None:
    """The text as it is, or None where it holds nothing."""
    return text if text and text.strip() else None


def is_zone(name: str | None) -> bool:
    """Say whether a name is Area/City or Area/Part/City of the zone database."""
    return (
        name is not None
        and AREA_AND_CITY.fullmatch(name) is not None
        and name in zone_names()
    )


@cache
def zone_names() -> frozenset[str]:
    """All names of the time zone database, spelled as it spells them."""
    return frozenset(available_timezones())


@cache
def state_zones() -> dict[str, str]:
    """The zone most people of a state live in, by its two letters."""
    with STATES_FILE.open(newline="", encoding="utf-8") as file:
        return {row["state"]: row["time_zone"] for row in csv.DictReader(file)}


def read_details(tables: dict, leads: dict[int, Lead]) -> None:
    """Give each lead its details and its tags."""
    for row in tables["prospect_details"]:
        if row["prospect_id"] in leads:
            leads[row["prospect_id"]].details = Details(
                state=row["state"],
                property_state=row["property_state"],
                time_zone=row["time_zone"],
                credit_score=row["credit_score"],
                loan_purpose=row["loan_purpose"],
            )
    for row in tables["prospect_tags"]:
        if row["prospect_id"] in leads:
            leads[row["prospect_id"]].tags.append(row["tag"])
    for lead in leads.values():
        lead.tags = sorted(lead.tags) or [NO_TAG]
