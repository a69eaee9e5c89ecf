"""Names of pipeline stages, for prospects that show only a stage's id."""

from __future__ import annotations

from typing import Any

from loader.bonzo.errors import ServiceError
from loader.mapping.parsers import is_empty, is_missing
from loader.mapping.prospects import shown_stage
from loader.mapping.record_reader import Reader, Rejects, entries_of
from loader.sync.context import Context


def learn_stage_names(context: Context, records: list[object]) -> None:
    """Read the pipelines, once a run and only if a record needs them."""
    if context.service.pipelines_read or not any(map(_lacks_name, records)):
        return
    context.service.pipelines_read = True
    try:
        whole = context.client.read_list("/pipelines")
    except ServiceError as error:
        context.report.warn(_why_not(error))
        return
    if whole.problems:
        problems = "; ".join(whole.problems)
        context.report.warn(
            f"The list of pipelines was not read in full ({problems}); "
            "prospects that show only the id of a missing stage have no stage."
        )
    names = context.mapper.stage_names
    for stage in (s for pipeline in whole.items for s in stages_of(pipeline)):
        # What the list lacks or has wrong, is noted with the prospects there.
        reader = Reader("pipelines", None, stage, Rejects())
        stage_id, name = reader.id_of("id"), reader.text("name")
        if stage_id is not None and name is not None:
            names[stage_id] = name


def _why_not(error: ServiceError) -> str:
    if error.status in (401, 403, 404):
        return (
            "The token may not read pipelines, so prospects that show only the id "
            "of their stage have no stage. Give it the scope `pipelines`."
        )
    return (
        f"The list of pipelines could not be read: {error.message} Until then "
        "prospects that show only the id of their stage have no stage."
    )


def _lacks_name(record: object) -> bool:
    stage = shown_stage(record) if isinstance(record, dict) else None
    return (
        isinstance(stage, dict)
        and is_empty(stage.get("name"))
        and not is_missing(stage.get("id"))
    )


def stages_of(pipeline: object) -> list[dict[str, Any]]:
    """Return the records of a pipeline's stages."""
    stages = pipeline.get("stages") if isinstance(pipeline, dict) else None
    return [stage for stage in entries_of(stages) or [] if isinstance(stage, dict)]
