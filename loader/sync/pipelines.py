"""Names of pipeline stages, for prospects that show only a stage's id."""

from __future__ import annotations

from typing import Any

from loader.bonzo.errors import ServiceError
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
    for stage in (stage for pipeline in whole.items for stage in _stages(pipeline)):
        if isinstance(stage, dict) and isinstance(stage.get("name"), str):
            names[str(stage.get("id"))] = stage["name"]


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
    stage = record.get("pipeline_stage") if isinstance(record, dict) else None
    return (
        isinstance(stage, dict)
        and stage.get("name") is None
        and stage.get("id") is not None
    )


def _stages(pipeline: Any) -> list[Any]:
    stages = pipeline.get("stages") if isinstance(pipeline, dict) else None
    return stages if isinstance(stages, list) else []
