"""Cut a prospect's campaign messages into enrollments.

Bonzo shows the present campaign alone; the past is in the messages. The rules
in words: docs/mapping.md.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from loader.mapping.campaigns import SequenceRegistry
from loader.mapping.engagements import Message, attribute
from loader.mapping.ids import campaign_uuid, enrollment_uuid
from loader.mapping.mapping_config import MappingConfig
from loader.mapping.parsers import normalize_name
from loader.mapping.replies import own_text

# A step that comes again after this long begins a new one.
RESTART = timedelta(days=7)


@dataclass
class Enrollment:
    """One enrollment: a campaign's messages from one start to the next."""

    key: str
    start: datetime
    messages: list[Message] = field(default_factory=list)
    first_reply: datetime | None = None
    status: str = "Completed"
    completed_at: datetime | None = None

    def is_running(self, at: datetime) -> bool:
        """Whether it had begun and not ended at that time."""
        if self.start > at:
            return False
        return self.status == "Active" or (self.completed_at or self.start) >= at


@dataclass
class EnrollmentFacts:
    """What is known beside the messages.

    `listed`: keys of the campaigns that the prospect is in now. `starts`: known
    starts per key. `first_seen`: per listed key, when a load first saw it.
    `opted_out_seen_at`: when a load first saw an opt-out.
    """

    listed: set[str]
    starts: dict[str, set[datetime]]
    first_seen: dict[str, datetime]
    opted_out_seen_at: datetime | None = None


def infer_enrollments(
    messages: list[Message],
    known: EnrollmentFacts,
    rules: MappingConfig,
    book: SequenceRegistry,
) -> list[Enrollment]:
    """Return every enrollment of one prospect; `messages` are sorted."""
    steps: dict[str, list[Message]] = {}
    for message in messages:
        if not message.incoming and message.is_step and message.at is not None:
            steps.setdefault(book.key_of(message.sequence), []).append(message)
    runs: list[Enrollment] = []
    for key in sorted(steps.keys() | known.starts.keys() | known.listed):
        of_campaign = split_enrollments(
            key, steps.get(key, []), sorted(known.starts.get(key, ()))
        )
        if not of_campaign and key in known.listed:
            of_campaign = [Enrollment(key, known.first_seen[key])]
        runs += of_campaign
    _find_replies(runs, messages, rules)
    for key in {run.key for run in runs}:
        of_campaign = [run for run in runs if run.key == key]
        _close(of_campaign, key in known.listed, key in book.stops)
    for at in opt_out_times(messages, known, rules):
        _opt_out(runs, at)
    return runs


def split_enrollments(
    key: str, messages: list[Message], starts: list[datetime]
) -> list[Enrollment]:
    """Split a campaign's sorted messages at its known starts."""
    runs: list[Enrollment] = []
    position = 0
    bounds = [*starts, None]
    # Before the first known start the messages alone decide.
    first = bounds[0]
    segment = [m for m in messages if first is None or m.at < first]
    runs += _split_segment(key, None, segment)
    position = len(segment)
    for start, following in zip(starts, bounds[1:], strict=True):
        segment = []
        while position < len(messages) and (
            following is None or messages[position].at < following
        ):
            segment.append(messages[position])
            position += 1
        runs += _split_segment(key, start, segment)
    return runs


def _split_segment(
    key: str, start: datetime | None, messages: list[Message]
) -> list[Enrollment]:
    """Split messages between two known starts; the first run begins at `start`."""
    runs = [] if start is None else [Enrollment(key, start)]
    seen: dict[UUID, datetime] = {}
    last: UUID | None = None
    for message in messages:
        step = message.touch_id
        recurs = step in seen and (step != last or message.at - seen[step] > RESTART)
        # Two runs of one start would be one enrollment by its id.
        if not runs or (recurs and message.at != runs[-1].start):
            runs.append(Enrollment(key, message.at))
            seen = {}
        runs[-1].messages.append(message)
        seen[step], last = message.at, step
    return runs


def _find_replies(
    runs: list[Enrollment], messages: list[Message], rules: MappingConfig
) -> None:
    """Give each run its first reply: one that answers a message of the run."""
    run_of = {m.message_id: run for run in runs for m in run.messages}
    answers = attribute(messages, rules.attribution_days)
    for message in messages:
        answered = answers.get(message.message_id)
        run = run_of.get(answered.message_id) if answered else None
        if run is not None and run.first_reply is None:
            run.first_reply = message.at


def _close(runs: list[Enrollment], is_listed: bool, stops_on_reply: bool) -> None:
    """Decide which runs of one campaign are over, and since when."""
    last = max(runs, key=lambda run: run.start)
    for run in runs:
        if stops_on_reply and run.first_reply is not None:
            run.completed_at = run.first_reply
        elif is_listed and run is last:
            run.status = "Active"
        else:
            ends = [run.messages[-1].at] if run.messages else []
            ends += [run.first_reply] if run.first_reply else []
            run.completed_at = max(ends, default=None)


def opt_out_times(
    messages: list[Message], known: EnrollmentFacts, rules: MappingConfig
) -> list[datetime]:
    """Return when the prospect opted out: by word, else as a load first saw it."""
    times = [
        message.at
        for message in messages
        if message.incoming
        and message.at is not None
        and message.content is not None
        and normalize_name(own_text(message.content)) in rules.opt_out_words
    ]
    if not times and known.opted_out_seen_at is not None:
        times = [known.opted_out_seen_at]
    return times


def _opt_out(runs: list[Enrollment], at: datetime) -> None:
    """End the run that was under way, else the latest begun before."""
    begun = [run for run in runs if run.start <= at]
    running = [run for run in begun if run.is_running(at)]
    chosen = max(running or begun, key=lambda run: (run.start, run.key), default=None)
    if chosen is not None and chosen.status != "Opted Out":
        chosen.status, chosen.completed_at = "Opted Out", at


def to_assignments(prospect_id: int, runs: list[Enrollment]) -> list[dict[str, Any]]:
    """Return rows of prospect_campaign_assignments."""
    return [
        {
            "assignment_id": enrollment_uuid(prospect_id, run.key, run.start),
            "prospect_id": prospect_id,
            "campaign_id": campaign_uuid(run.key),
            "assigned_at": run.start,
            "completed_at": run.completed_at,
            "status": run.status,
        }
        for run in runs
    ]
