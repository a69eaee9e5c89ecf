"""Every table: the columns that the loader writes, and which of them decide."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Table:
    """A table as the loader writes it.

    `columns` are given for every row; `key` finds an existing row; columns in
    `insert_only` are left alone afterwards; `stamp` is set to now() on a change.
    `decides_steps` is the condition, in SQL, on which a row decides the order of
    its campaign's steps.
    """

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    insert_only: frozenset[str] = frozenset()
    stamp: str | None = None
    schema: str = "public"
    decides_steps: str | None = None

    @property
    def compared(self) -> tuple[str, ...]:
        """The columns that make a row different."""
        fixed = self.insert_only.union(self.key)
        return tuple(name for name in self.columns if name not in fixed)

    @property
    def is_personal(self) -> bool:
        """Whether each row is about one prospect, who is the only one to have it."""
        return not {"prospect_id", "loan_id"}.isdisjoint(self.columns)


def _table(name: str, columns: str, key: str, **more: object) -> Table:
    return Table(name, tuple(columns.split()), tuple(key.split()), **more)


USERS = _table(
    "users",
    "user_id first_name last_name email bonzo_user_id role",
    "user_id",
    stamp="updated_at",
)
CAMPAIGNS = _table(
    "campaigns", "campaign_id campaign_name created_at updated_at", "campaign_id"
)
# A campaign that only prospects or messages name: Bonzo gives it no times.
NAMED_CAMPAIGNS = _table(
    "campaigns", "campaign_id campaign_name", "campaign_id", stamp="updated_at"
)
PROSPECTS = _table(
    "prospects",
    "prospect_id first_name last_name email phone lead_source_id "
    "qualification_stage_id assigned_to created_at updated_at stage_entered_at "
    "stage_exited_at do_not_call",
    "prospect_id",
)
PROSPECT_DETAILS = _table(
    "prospect_details",
    "prospect_id city state property_state time_zone credit_score loan_purpose "
    "loan_program",
    "prospect_id",
)
PROSPECT_TAGS = _table("prospect_tags", "prospect_id tag", "prospect_id tag")
# Order, delay and text of a step are decided on at the end of a run.
TOUCHES = _table(
    "touches",
    "touch_id campaign_id touch_order touch_type content scheduled_delay",
    "touch_id",
    insert_only=frozenset({"touch_order", "content", "scheduled_delay"}),
    stamp="updated_at",
    decides_steps="true",
)
LISTED_TOUCHES = _table(
    "touches",
    "touch_id campaign_id touch_order touch_type content scheduled_delay",
    "touch_id",
    stamp="updated_at",
)
ASSIGNMENTS = _table(
    "prospect_campaign_assignments",
    "assignment_id prospect_id campaign_id assigned_at completed_at status",
    "assignment_id",
    decides_steps="true",
)
ENGAGEMENTS = _table(
    "touch_engagements",
    "engagement_id prospect_id touch_id engagement_type engagement_time content "
    "campaign_id",
    "engagement_id",
    decides_steps="engagement_type = 'Sent'",
)
LOANS = _table(
    "loans",
    "loan_id prospect_id loan_amount property_value loan_type interest_rate status "
    "created_at updated_at",
    "loan_id",
)
LOAN_DATES = _table(
    "loan_dates", "loan_id applied_on rate_locked_on closed_on", "loan_id"
)
STAGE_HISTORY = _table(
    "prospect_stage_history",
    "prospect_id stage_id entered_at first_seen_at",
    "prospect_id stage_id entered_at",
    insert_only=frozenset({"first_seen_at"}),
)
SYNC_PROSPECTS = _table(
    "sync_prospects",
    "prospect_id last_seen_at fingerprint record_hash rules_version "
    "messages_read_at last_message_at listed sequences unknown_events yields_to "
    "opted_out_seen_at gone_at hidden_at",
    "prospect_id",
    schema="loader",
)
ENROLLMENT_STARTS = _table(
    "enrollment_starts",
    "prospect_id campaign_id started_at campaign_key is_first_seen",
    "prospect_id campaign_id started_at",
    schema="loader",
    decides_steps="true",
)
TOUCH_ORIGINS = _table(
    "touch_origins",
    "touch_id origin sequence_id event_id type_at type_message",
    "touch_id",
    insert_only=frozenset({"origin"}),
    schema="loader",
)
SEQUENCES = _table(
    "sequences",
    "sequence_id campaign_key is_known stop_on_response",
    "sequence_id",
    schema="loader",
)
USER_EMAILS = _table("user_emails", "user_id email", "user_id", schema="loader")

# Written by statements of their own, by the columns that those rely on.
STAGES = _table(
    "qualification_stages", "stage_id stage_name stage_order is_disqualify", "stage_id"
)
LEAD_SOURCES = _table(
    "lead_sources", "lead_source_id source_name updated_at", "lead_source_id"
)
SYNC_RUNS = _table(
    "sync_runs",
    "run_id started_at finished_at outcome message warnings requests prospects_read "
    "messages_read rows_changed rejected_records noted_fields prospects_gone "
    "next_run_at",
    "run_id",
    schema="loader",
)
REJECTED_RECORDS = _table(
    "rejected_records",
    "rejection_id resource id field reason original run_id prospect_id",
    "rejection_id",
    schema="loader",
)
ORIGIN = _table("origin", "only_row origin project_id", "only_row", schema="loader")
FORGOTTEN = _table(
    "forgotten",
    "keyed_hash kind forgotten_at forgotten_by",
    "keyed_hash",
    schema="loader",
)
FORGOTTEN_KEY = _table("forgotten_key", "only_row secret", "only_row", schema="loader")
SCHEMA_VERSION = _table(
    "schema_version", "only_row applied_version", "only_row", schema="loader"
)

# Every table, each once. Those that loads fill for users come in the order in which
# rows may refer to each other.
_FOR_USERS = (
    LEAD_SOURCES,
    USERS,
    CAMPAIGNS,
    PROSPECTS,
    PROSPECT_DETAILS,
    PROSPECT_TAGS,
    TOUCHES,
    ASSIGNMENTS,
    ENGAGEMENTS,
    LOANS,
    LOAN_DATES,
    STAGE_HISTORY,
)
_FOR_LOADER = (
    SYNC_RUNS,
    SYNC_PROSPECTS,
    REJECTED_RECORDS,
    ENROLLMENT_STARTS,
    TOUCH_ORIGINS,
    SEQUENCES,
    USER_EMAILS,
    ORIGIN,
    FORGOTTEN,
    FORGOTTEN_KEY,
)
# Names of tables, with the schema where it is not public.
SHOWN = tuple(table.name for table in _FOR_USERS)
# Everything that loads fill: emptied together, compared together.
LOADED = (*SHOWN, *(f"loader.{table.name}" for table in _FOR_LOADER))
# Filled by schema.sql itself.
FIXED = (STAGES.name, f"loader.{SCHEMA_VERSION.name}")
# Everything that a load relies on.
TABLES = (*_FOR_USERS, *_FOR_LOADER, NAMED_CAMPAIGNS, STAGES, SCHEMA_VERSION)
# Rows about one prospect, those first that refer to others. loan_dates has its
# prospects by their loans.
PERSONAL = tuple(
    f"{table.schema}.{table.name}"
    for table in reversed((*_FOR_USERS, *_FOR_LOADER))
    if "prospect_id" in table.columns
)
# What changes together when a campaign's steps do.
STEPS = frozenset(
    {
        "campaigns",
        "touches",
        "touch_engagements",
        "prospect_campaign_assignments",
        "loader.touch_origins",
    }
)
