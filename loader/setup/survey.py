"""What an account looks like, from a small sample read with few requests."""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from loader.bonzo.client import BonzoClient
from loader.bonzo.errors import ServiceError
from loader.bonzo.pages import Page
from loader.mapping.details import to_tags
from loader.mapping.lead_sources import to_source
from loader.mapping.mapping_config import MappingConfig
from loader.mapping.parsers import clean
from loader.mapping.record_reader import Reader
from loader.mapping.rejects import Rejects
from loader.sync.pipelines import stages_of

# With one page each of prospects and campaigns the most requests are their sum.
MOST_MESSAGE_LISTS = 10
MOST_PIPELINE_PAGES = 20
REFUSALS = (401, 403, 404)
STEP_KEYS = ("sequence_id", "campaign_id", "event_id", "pipeline_event_id", "batch_id")


@dataclass
class Survey:
    """Counts over the sample, by name; `stages` also holds those without a lead."""

    prospects_shown: int | None = None
    prospects_sampled: int = 0
    message_lists_sampled: int = 0
    pipelines: Counter[str] = field(default_factory=Counter)
    stages: Counter[str] = field(default_factory=Counter)
    sources: Counter[str] = field(default_factory=Counter)
    tags: Counter[str] = field(default_factory=Counter)
    message_types: Counter[str] = field(default_factory=Counter)
    message_statuses: Counter[str] = field(default_factory=Counter)
    step_keys: Counter[str] = field(default_factory=Counter)
    paging: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def survey(client: BonzoClient, rules: MappingConfig) -> Survey:
    """Read the sample, with sources as `rules` name them.

    Raises ServiceError if not even prospects can be read.
    """
    found = Survey()
    prospects = client.get_page("prospects", 1)
    found.prospects_shown = prospects.total
    found.paging["prospects"] = paging_of(prospects)
    records = list(_records(prospects.items))
    found.prospects_sampled = len(records)
    for record in records:
        _count_prospect(found, record, rules)
    _read_pipelines(client, found)
    campaigns = _optional(client, found, "campaigns")
    if campaigns is not None:
        found.paging["campaigns"] = paging_of(campaigns)
    for record in records[:MOST_MESSAGE_LISTS]:
        _read_messages(client, found, record.get("id"))
    return found


def paging_of(page: Page) -> str:
    """Return in words how a list goes on after this page."""
    if page.cursor is not None:
        return "cursor"
    if page.last is not None or page.total is not None:
        return "page numbers"
    return "bare list" if page.is_silent else "links to the next page"


def _read_pipelines(client: BonzoClient, found: Survey) -> None:
    page = _optional(client, found, "pipelines")
    if page is None:
        return
    found.paging["pipelines"] = paging_of(page)
    last = min(page.last or 1, MOST_PIPELINE_PAGES)
    if (page.last or 1) > last:
        found.notes.append(
            f"only the first {last} of {page.last} pages of pipelines were read"
        )
    pages = [page, *(client.get_page("pipelines", n) for n in range(2, last + 1))]
    for pipeline in (row for each in pages for row in _records(each.items)):
        name = _text(pipeline.get("name"))
        if name:
            found.pipelines[name] += 0
        for stage in stages_of(pipeline):
            stage_name = _text(stage.get("name"))
            if stage_name:
                found.stages[stage_name] += 0


def _read_messages(client: BonzoClient, found: Survey, prospect_id: object) -> None:
    try:
        page = client.get_page(f"prospects/{prospect_id}/communication", 1)
    except ServiceError as error:
        if not error.is_about_one_record:
            raise
        return
    found.message_lists_sampled += 1
    found.paging.setdefault("messages", paging_of(page))
    for message in _records(page.items):
        found.message_types[_text(message.get("type")) or "(none)"] += 1
        found.message_statuses[_text(message.get("status")) or "(none)"] += 1
        for key in STEP_KEYS:
            found.step_keys[key] += bool(message.get(key))


def _optional(client: BonzoClient, found: Survey, path: str) -> Page | None:
    """Return the first page of a list that a load can do without."""
    try:
        return client.get_page(path, 1)
    except ServiceError as error:
        if error.status not in REFUSALS:
            raise
    found.notes.append(
        f"the token may not read {path}: give it the scope `{path}` in Bonzo"
    )
    return None


def _count_prospect(
    found: Survey, record: dict[str, Any], rules: MappingConfig
) -> None:
    for key, counts in (
        ("pipeline", found.pipelines),
        ("pipeline_stage", found.stages),
    ):
        name = _name(record.get(key))
        if name:
            counts[name] += 1
    # As a load reads them; what does not fit is for its report, not for a survey.
    reader = Reader("prospects", record.get("id"), record, Rejects())
    tags = to_tags(reader)
    found.sources[to_source(reader, tags, rules) or "(none)"] += 1
    found.tags.update(tags or [])


def _records(value: object) -> Iterator[dict[str, Any]]:
    if isinstance(value, list):
        yield from (item for item in value if isinstance(item, dict))


def _name(value: object) -> str:
    return _text(value.get("name") if isinstance(value, dict) else value)


def _text(value: object) -> str:
    return clean(html.unescape(value)).strip() if isinstance(value, str) else ""
