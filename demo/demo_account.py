"""The demo account: a year of a mortgage team, the same for the same day."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone
from random import Random
from typing import Any

from demo import payloads
from demo.account import Account
from demo.borrowers import borrower
from demo.business_hours import ZONE, after
from demo.demo_company import (
    BAD_BUY,
    CAMPAIGNS,
    HOURS,
    INTAKE_ID,
    INTAKE_NAME,
    OFFICERS,
    OTHER_PIPELINE,
    OTHER_STAGE,
    PIPELINE,
    SEASON,
    SILENT_MONTHS_AGO,
    SOURCES,
    STAGES,
    WEEKDAYS,
    Officer,
    Source,
)
from demo.lead import Lead
from demo.lead_lifecycle import simulate
from demo.loan_events import requested_loan
from demo.profiles import credit, tags
from demo.timeline import Timeline

SEED = "lake prairie"
FIRST_PROSPECT_ID = 9_100_001
_FIRST_MESSAGE_ID = 515_000_000
# No lead gets more messages than this; ids stay the same at every instant.
_MESSAGES_PER_LEAD = 400
_CHANNELS = ("webhook", "api", "app")


@dataclass
class DemoYear:
    """The timelines of all leads; `account` shows them as of an instant."""

    today: date
    timelines: list[Timeline]
    # Sources by prospect, in the order of `timelines`; None for no source.
    sources: list[Source] = field(default_factory=list)

    def account(self, at: datetime) -> Account:
        """Return the account as the service would show it at an instant."""
        account = Account(campaigns=_campaigns(self.today), pipelines=_pipelines())
        self.advance(account, None, at)
        return account

    def advance(
        self,
        account: Account,
        since: datetime | None,
        at: datetime,
        messages: bool = True,
    ) -> None:
        """Bring an account, which shows an earlier instant, forward to a later.

        Without `messages` their lists stay as they are.
        """
        for number, life in enumerate(self.timelines):
            if since is not None and not life.happened(since, at):
                continue
            record = life.record(at)
            if record is not None:
                account.put_prospect(record)
            if record is not None and messages:
                first = _FIRST_MESSAGE_ID + number * _MESSAGES_PER_LEAD
                account.put_messages(life.prospect_id, life.messages(at, first))


def demo_year(today: date, prospects: int = 3000, seed: str = SEED) -> DemoYear:
    """Tell the year that ends with `today` in company time."""
    arrivals = _arrivals(today, prospects, seed)
    year = DemoYear(today, [])
    known: list[dict[str, Any]] = []
    for number, created in enumerate(arrivals):
        rng = Random(f"{seed}:{number}")
        source = _source(rng, created, today)
        person = _person(rng, number, source, known)
        known.append(person)
        lead = _lead(rng, number, created, source, person, today)
        if lead is not None:
            simulate(lead)
            _abandon(lead)
            year.timelines.append(lead.life)
        else:
            year.timelines.append(_edge_case_lead(rng, number, created, person))
        year.sources.append(source)
    return year


def demo_account(
    today: date,
    prospects: int = 3000,
    seed: str = SEED,
    at: datetime | None = None,
) -> Account:
    """Return the demo account at the end of `today`, or as of `at`."""
    end = datetime.combine(today + timedelta(days=1), time(), ZONE)
    return demo_year(today, prospects, seed).account(at or end)


# --- arrivals ---------------------------------------------------------------


def _arrivals(today: date, prospects: int, seed: str) -> list[datetime]:
    """Return creation times over the year: seasons, weekdays, hours."""
    rng = Random(f"{seed}:arrivals")
    days = [today - timedelta(days=back) for back in range(364, -1, -1)]
    weights = [
        SEASON[day.month - 1] * WEEKDAYS[day.weekday()] * rng.uniform(0.75, 1.25)
        for day in days
    ]
    found = []
    for day in rng.choices(days, weights, k=prospects):
        hour = rng.choices(range(24), HOURS)[0]
        moment = time(hour, rng.randrange(60), rng.randrange(60))
        here = datetime.combine(day, moment, ZONE)
        found.append(here.astimezone(timezone.utc))
    return sorted(found)


def _source(rng: Random, created: datetime, today: date) -> Source:
    source = rng.choices(SOURCES, [source.share for source in SOURCES])[0]
    month = created.astimezone(ZONE).date().replace(day=1)
    if source.name == BAD_BUY and month == months_before(today, SILENT_MONTHS_AGO):
        return SOURCES[0]
    return source


def months_before(day: date, months: int) -> date:
    """Return the first day of the month that lies so many months back."""
    number = day.year * 12 + day.month - 1 - months
    return date(number // 12, number % 12 + 1, 1)


def _person(
    rng: Random, number: int, source: Source, known: list[dict[str, Any]]
) -> dict[str, Any]:
    """Return who the borrower is; vendors sell some people twice."""
    person = borrower(rng, number)
    if known and rng.random() < source.duplicate:
        twin = known[rng.randrange(len(known))]
        person = {**twin, "source": None}
        if rng.random() < 0.5:
            person["email"] = borrower(rng, number)["email"]
    if rng.random() < 0.02:
        person["email"] = None
    if rng.random() < 0.004:
        person.update(first_name=None, last_name=None, full_name=None)
    return person


# --- one lead ---------------------------------------------------------------


def _lead(
    rng: Random,
    number: int,
    created: datetime,
    source: Source,
    person: dict[str, Any],
    today: date,
) -> Lead | None:
    """Return a lead ready for its year; None for one outside the pipeline."""
    officer = _officer(rng, created, today)
    if rng.random() < 0.012:
        return None
    life = Timeline(FIRST_PROSPECT_ID + number, created, **person)
    life.fields.update(_origin(rng, source))
    dnc = rng.random()
    life.fields["do_not_call"] = None if dnc < 0.05 else dnc > 0.995
    life.fields.update(_owner_fields(officer))
    life.fields["tags"] = tags(life.prospect_id, source)
    asked = {
        "lead_source": life.fields.pop("_lead_source", None),
        **credit(life.prospect_id, life.fields["state"]),
    }
    if rng.random() < source.posts_amount:
        asked.update(requested_loan(rng))
        life.fields["mortgage"] = {"prospect_id": life.prospect_id, **asked}
    elif asked["lead_source"] or rng.random() < 0.3:
        life.mortgage(created, **asked)
    year_start = datetime.combine(today - timedelta(days=364), time(), ZONE)
    lead = Lead(rng, life, source, officer, year_start)
    lead.bad_phone = rng.random() < source.bad_phone
    _departure(lead, today)
    return lead


def _officer(rng: Random, created: datetime, today: date) -> Officer | None:
    if rng.random() < 0.03:
        return None
    age = (today - created.astimezone(ZONE).date()).days
    present = [
        officer
        for officer in OFFICERS
        if officer.left_days_ago is None or age > officer.left_days_ago
    ]
    return rng.choices(present, [officer.share for officer in present])[0]


def _owner_fields(officer: Officer | None) -> dict[str, Any]:
    if officer is None:
        return {"assigned_to": None, "assigned_user": None}
    return {
        "assigned_to": officer.user_id,
        "assigned_user": payloads.user(officer.user_id, officer.name, officer.email),
    }


def _departure(lead: Lead, today: date) -> None:
    """Hand most, not all, leads of an officer who leaves to somebody else."""
    officer = lead.officer
    if officer is None or officer.left_days_ago is None:
        return
    left = today - timedelta(days=officer.left_days_ago)
    lead.left_at = datetime.combine(left, time(17), ZONE)
    if lead.rng.random() < 0.6:
        present = [other for other in OFFICERS if other.left_days_ago is None]
        lead.new_owner = lead.rng.choice(present)
        lead.heir_at = after(lead.left_at, days=lead.rng.uniform(1, 9))
        lead.life.change(lead.heir_at, **_owner_fields(lead.new_owner))


def _abandon(lead: Lead) -> None:
    """Freeze the year of an unfinished lead whose owner left it to nobody."""
    if lead.left_at is None or lead.new_owner is not None:
        return
    if lead.life.last_stage(lead.left_at) != STAGES["Re-Marketing"][1]:
        lead.life.freeze(lead.left_at)


def _origin(rng: Random, source: Source) -> dict[str, Any]:
    """Return where the wire says the lead comes from: three ways to say it."""
    channel = rng.choice(_CHANNELS)
    if source.name is None:
        return {"source": rng.choice((channel, None))}
    if source.posts_amount:
        return {"source": channel, "_lead_source": source.name}
    if rng.random() < 0.5:
        return {"source": channel, "custom_source": source.name}
    return {"source": source.name + rng.choice(("", "", " "))}


def _edge_case_lead(
    rng: Random, number: int, created: datetime, person: dict[str, Any]
) -> Timeline:
    """Return a prospect outside the standard: no pipeline, or another one."""
    life = Timeline(FIRST_PROSPECT_ID + number, created, **person)
    life.fields["source"] = rng.choice(_CHANNELS)
    life.fields["mortgage"] = dict.fromkeys(("loan_amount", "loan_type"), "")
    if rng.random() < 0.5:
        life.fields["assigned_to"] = INTAKE_ID
        life.fields["assigned_user"] = payloads.user(INTAKE_ID, INTAKE_NAME, None)
    if rng.random() < 0.5:
        life.change(
            after(created, minutes=5),
            pipeline={"id": OTHER_PIPELINE[0], "name": OTHER_PIPELINE[1]},
            pipeline_stage={
                "id": OTHER_STAGE[0],
                "name": OTHER_STAGE[1],
                "pipeline_id": OTHER_PIPELINE[0],
            },
            stage_assigned_at=payloads.stamp(after(created, minutes=5)),
        )
    return life


# --- the account's own records ----------------------------------------------


def _campaigns(today: date) -> list[dict[str, Any]]:
    founded = datetime.combine(today - timedelta(days=420), time(9), ZONE)
    return [
        payloads.campaign(
            campaign.campaign_id,
            campaign.name,
            payloads.stamp(founded),
            campaign.sequence_id,
            campaign.stop_on_response,
        )
        for campaign in CAMPAIGNS
    ]


def _pipelines() -> list[dict[str, Any]]:
    return [
        payloads.pipeline(*PIPELINE, list(STAGES.values())),
        payloads.pipeline(*OTHER_PIPELINE, [OTHER_STAGE]),
    ]
