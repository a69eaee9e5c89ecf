"""The demo company: its officers, lead sources, campaigns and pipeline.

The differences between them are the year that the dashboards should simulate:
two officers who are fast and good, one who is slow, one who has left, and a
vendor whose leads are expensive, badly reachable and hardly ever close.
"""

from __future__ import annotations

from dataclasses import dataclass

COMPANY_TIME_ZONE = "America/Chicago"


@dataclass(frozen=True)
class Officer:
    """A loan officer. Times are medians in hours; skill multiplies conversion."""

    user_id: int
    name: str
    team: str
    share: float
    first_touch_hours: float
    answer_hours: float
    skill: float
    diligence: float
    works_evenings: bool = False
    # Days before today on which the officer left; None while employed.
    left_days_ago: int | None = None

    @property
    def email(self) -> str:
        """The address in Bonzo and in the file of officers."""
        return f"{self.name.lower().replace(' ', '.')}@lakeprairie.example"


OFFICERS = (
    Officer(4401, "Maria Alvarez", "Lakeside", 1.0, 1.1, 0.7, 1.22, 0.96, True),
    Officer(4402, "Ben Whitaker", "Lakeside", 1.1, 2.8, 2.0, 1.02, 0.90),
    Officer(4403, "Chloe Nguyen", "Lakeside", 1.1, 0.5, 0.4, 1.15, 0.97, True),
    Officer(4404, "Derek Olsen", "Lakeside", 0.9, 9.0, 8.0, 0.72, 0.66, False, 96),
    Officer(4405, "Samir Patel", "Prairie", 0.9, 1.8, 1.2, 1.08, 0.94),
    Officer(4406, "Grace Kim", "Prairie", 0.9, 4.0, 2.5, 1.32, 0.93),
    Officer(4407, "Tom Brandt", "Prairie", 1.2, 16.0, 11.0, 0.68, 0.60),
    Officer(4408, "Aisha Jones", "Prairie", 1.0, 2.2, 1.5, 0.98, 0.89, True),
)
TEAM_LEADS = {"Lakeside": 4401, "Prairie": 4405}

# A shared seat: one word for a name and no email. It holds a few unusual leads.
INTAKE_ID, INTAKE_NAME = 4490, "Intake"


@dataclass(frozen=True)
class Source:
    """Where leads come from.

    `contact` is the share that ever answers, `quality` multiplies every later
    step, costs are dollars. `posts_amount` is how often the vendor sends the
    loan that the borrower asked for along with the lead.
    """

    name: str | None
    share: float
    contact: float
    quality: float
    cost_per_lead: float = 0.0
    monthly_fee: float = 0.0
    bad_phone: float = 0.03
    duplicate: float = 0.02
    posts_amount: float = 0.0


SOURCES = (
    Source("Google Ads", 0.22, 0.50, 1.05, 84.0, 0.0, 0.03, 0.02, 0.3),
    Source("Facebook Ads", 0.20, 0.41, 0.78, 29.0, 250.0, 0.05, 0.03, 0.1),
    Source("Organic Search", 0.12, 0.52, 1.10, 0.0, 1800.0, 0.02, 0.01, 0.0),
    Source("Referral Partners", 0.09, 0.60, 1.28, 0.0, 600.0, 0.01, 0.01, 0.0),
    Source("RateCompare", 0.18, 0.46, 0.92, 58.0, 0.0, 0.04, 0.03, 0.9),
    Source("QuickQuote Leads", 0.15, 0.38, 0.40, 112.0, 500.0, 0.11, 0.11, 0.95),
    Source(None, 0.04, 0.42, 0.85),
)
BAD_BUY = "QuickQuote Leads"
# In this month before the current one the vendor billed its fee plus a minimum
# and delivered nothing.
SILENT_MONTHS_AGO = 4
SILENT_MONTH_SPEND = 3500.0


@dataclass(frozen=True)
class Step:
    """A campaign's message: minutes after the enrollment, and its answers.

    `reply` weighs the step among the messages that a borrower may answer.
    """

    event_id: int
    channel: str
    offset: int
    text: str
    reply: float


@dataclass(frozen=True)
class Campaign:
    """A campaign with its steps; `open_share` is that of its emails."""

    campaign_id: int
    name: str
    steps: tuple[Step, ...]
    open_share: float
    stop_on_response: bool = True
    # Whether it sends on Sundays, too.
    every_day: bool = False

    @property
    def sequence_id(self) -> int:
        """The id that ties messages to the campaign."""
        return self.campaign_id + 500


_DAY = 24 * 60
OPENER = Campaign(
    71001,
    "New Lead Opener",
    (
        Step(660001, "sms", 0, "Hi {first}, {officer} here about your quote.", 0.40),
        Step(660002, "email", 180, "Your options, {first}", 0.06),
        Step(660003, "sms", _DAY, "Is now a good time to compare rates?", 0.22),
        Step(660004, "voicemail", 2 * _DAY, "", 0.11),
        Step(660005, "sms", 4 * _DAY, "Rates moved this week. Still looking?", 0.14),
        Step(660006, "email", 7 * _DAY, "Before we close your file", 0.07),
    ),
    0.41,
    every_day=True,
)
WELCOME = Campaign(
    71002,
    "Referral Welcome",
    (
        Step(660011, "email", 0, "{first}, your agent asked us to reach out", 0.25),
        Step(660012, "sms", 60, "Hi {first}, when may I call you?", 0.50),
        Step(660013, "voicemail", 2 * _DAY, "", 0.25),
    ),
    0.45,
    stop_on_response=False,
    every_day=True,
)
APPLICATION = Campaign(
    71003,
    "Application Follow-up",
    (
        Step(660021, "sms", 0, "Here is the link to your application.", 0.40),
        Step(660022, "email", _DAY, "What we need from you", 0.20),
        Step(660023, "voicemail", 3 * _DAY, "", 0.15),
        Step(660024, "sms", 5 * _DAY, "Anything I can help you with?", 0.25),
    ),
    0.44,
)
RATE_WATCH = Campaign(
    71004,
    "Rate Watch",
    (
        Step(660031, "email", 0, "This week's rates", 0.30),
        Step(660032, "sms", 5 * _DAY, "Rates dipped, want a new quote?", 0.30),
        Step(660033, "email", 12 * _DAY, "Rates and what they mean for you", 0.15),
        Step(660034, "sms", 20 * _DAY, "Still thinking it over?", 0.15),
        Step(660035, "email", 28 * _DAY, "A month of rates", 0.10),
    ),
    0.33,
)
REVIVAL = Campaign(
    71005,
    "Re-Marketing Revival",
    (
        Step(660041, "email", 0, "Has anything changed?", 0.35),
        Step(660042, "sms", 10 * _DAY, "Hi {first}, worth another look?", 0.40),
        Step(660043, "email", 30 * _DAY, "Your home may be worth more", 0.25),
    ),
    0.31,
)
COUNTDOWN = Campaign(
    71006,
    "Closing Countdown",
    (
        Step(660051, "email", 0, "Your closing, step by step", 0.4),
        Step(660052, "sms", 7 * _DAY, "Closing soon. Questions?", 0.6),
    ),
    0.45,
    stop_on_response=False,
)
CAMPAIGNS = (OPENER, WELCOME, APPLICATION, RATE_WATCH, REVIVAL, COUNTDOWN)

# A pipeline's automation, not a campaign: sent when a lead is pre-approved.
AUTOMATION_EVENT_ID = 770001

PIPELINE = (2501, "Mortgage")
# Spelled as a team spells them, not as the standard does.
STAGES = {
    "Staging": (40011, "Staging"),
    "Sending": (40012, "Sending"),
    "Working": (40013, "Working"),
    "Pre-Qual": (40014, "Pre-Qual"),
    "Pre-Approved": (40015, "Pre-Approved "),
    "Hot PAL": (40016, "Hot PAL"),
    "O/I PAL": (40017, "O/I PAL"),
    "SPA/REFI": (40018, "SPA / Refi"),
    "Re-Marketing": (40019, "Re-Marketing"),
}
ORDER = list(STAGES)
# A second pipeline whose stage the standard does not know.
OTHER_PIPELINE = (2502, "Past Clients")
OTHER_STAGE = (40031, "Annual Review")

# Leads per month of the year, January first: spring is the season.
SEASON = (0.75, 0.85, 1.10, 1.25, 1.35, 1.30, 1.10, 1.05, 0.95, 0.90, 0.75, 0.65)
# Monday first.
WEEKDAYS = (1.10, 1.12, 1.08, 1.05, 0.98, 0.72, 0.62)
HOURS = (
    *(0.15, 0.10, 0.08, 0.06, 0.06, 0.12, 0.30, 0.60),
    *(0.95, 1.20, 1.30, 1.25, 1.20, 1.10, 1.05, 1.00),
    *(1.00, 1.10, 1.25, 1.45, 1.50, 1.20, 0.75, 0.35),
)
