"""Raw tables and settings, read into what the views are made of."""

from __future__ import annotations

from fractions import Fraction

from tests.rill.reference import milestones
from tests.rill.reference.clock import Clock
from tests.rill.reference.costs import Costs
from tests.rill.reference.csv_files import read_csv_file
from tests.rill.reference.details import read_details
from tests.rill.reference.events import Enrollment, Message, read_activity, read_touches
from tests.rill.reference.leads import Lead, read_leads
from tests.rill.reference.people import read_officers, read_roster, read_stages
from tests.rill.reference.settings import Settings
from tests.rill.reference.tables import complete


class World:
    """Everything that is there at as_of."""

    def __init__(
        self, tables: dict[str, list[dict]], settings: Settings | None = None
    ) -> None:
        self.tables = complete(tables)
        self.settings = settings or Settings()
        self.clock = Clock(self.tables, self.settings)
        self.stages = read_stages(self.tables["qualification_stages"])
        self.roster_file = read_csv_file(self.tables["loan_officers"], ("email",))
        self.roster = read_roster(self.roster_file.rows)
        self.officers = read_officers(self.tables["users"], self.roster)
        by_id = read_leads(self.tables, self.clock, self.stages, self.officers)
        read_details(self.tables, by_id)
        self.leads: list[Lead] = list(by_id.values())
        self.touches = read_touches(self.tables)
        read_activity(self.tables, self.clock, by_id, self.touches)
        self.derived_touches = {
            row["touch_id"]
            for row in self.tables["touch_origins"]
            if row["origin"] == "derived"
        }
        self.costs = Costs(self.tables, self.clock)
        self.costs.allocate(self.leads)
        self._expect_conversions()

    @property
    def enrollments(self) -> list[Enrollment]:
        """All enrollments."""
        return [enrollment for lead in self.leads for enrollment in lead.enrollments]

    @property
    def messages(self) -> list[Message]:
        """All messages."""
        return [message for lead in self.leads for message in lead.messages]

    def counts_for_funding(self, lead: Lead) -> bool:
        """Old enough for the funding cohort, and not funded without a date."""
        aged = self.clock.is_aged(lead.created_at, self.settings.funded_days)
        return aged and not milestones.is_undated(lead)

    def _expect_conversions(self) -> None:
        """Give each lead of the cohort its source's company-wide rate."""
        days = self.settings.funded_days
        cohort: dict[int | None, list[Lead]] = {}
        for lead in self.leads:
            if self.counts_for_funding(lead):
                cohort.setdefault(lead.source_id, []).append(lead)
        for members in cohort.values():
            funded = sum(1 for m in members if milestones.funded_within(m, days))
            for member in members:
                member.expected_conversion = Fraction(funded, len(members))
