"""Raw tables and settings, read into what the views are made of."""

from __future__ import annotations

from fractions import Fraction

from tests.rill.reference import milestones
from tests.rill.reference.clock import Clock
from tests.rill.reference.costs import Costs
from tests.rill.reference.events import Enrollment, Message, read_activity, read_touches
from tests.rill.reference.leads import Lead, read_leads
from tests.rill.reference.people import read_officers, read_roster, read_stages
from tests.rill.reference.settings import Settings
from tests.rill.reference.tables import complete, without_blank_lines


class World:
    """Everything that is there at as_of."""

    def __init__(
        self, tables: dict[str, list[dict]], settings: Settings | None = None
    ) -> None:
        self.tables = without_blank_lines(complete(tables))
        self.settings = settings or Settings()
        self.clock = Clock(self.tables, self.settings)
        self.stages = read_stages(self.tables["qualification_stages"])
        self.roster = read_roster(self.tables["loan_officers"])
        self.officers = read_officers(self.tables["users"], self.roster)
        by_id = read_leads(self.tables, self.clock, self.stages, self.officers)
        self.leads: list[Lead] = list(by_id.values())
        self.touches = read_touches(self.tables)
        read_activity(self.tables, self.clock, by_id, self.touches)
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
