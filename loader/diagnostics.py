"""What `doctor` looks at: everything a load needs, each with its fix."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from psycopg import Connection

from loader.bonzo.client import BonzoClient
from loader.bonzo.errors import ServiceError
from loader.config import Settings
from loader.database import data_facts
from loader.database.connection import connect
from loader.database.errors import loader_errors
from loader.database.runs import check_project
from loader.database.schema import require_schema
from loader.errors import LoaderError
from loader.mapping.mapping_config import MappingConfig
from loader.mapping.parsers import is_empty
from loader.mapping.stages import Stage, StageRegistry
from loader.project import ProjectPaths, database_url, owner_of
from loader.sync.pipelines import stages_of
from loader.sync.run import find_rules

NAMES_SHOWN = 12


@dataclass(frozen=True)
class Check:
    """One thing looked at. `state` is ok, note (works, worth knowing) or wrong.

    `facts` are numbers, versions and kinds that may be sent to support; `text` may
    name hosts, files, stages and people, so it stays with the user.
    """

    subject: str
    state: str
    text: str
    facts: dict[str, Any] = field(default_factory=dict)


def checks(paths: ProjectPaths, settings: Settings) -> Iterator[Check]:
    """Look at settings, database, schema, mapping, token and scopes in turn.

    What cannot be looked at because of an earlier fault is left out.
    """
    for warning in settings.warnings:
        yield Check("settings", "note", warning)
    stages = None
    try:
        rules = find_rules(settings)
        yield Check("mapping", "ok", "the mapping file can be read")
        yield from _database(paths, settings)
        stages = _stage_registry(paths, settings, rules)
    except LoaderError as error:
        facts = {"error": type(error).__name__}
        yield Check(error_subject(error), "wrong", error.message, facts)
    yield from _bonzo(settings, stages)


def error_subject(error: LoaderError) -> str:
    """Say what an error is about, for the first column."""
    return "mapping" if ".yaml" in error.message else "database"


def _database(paths: ProjectPaths, settings: Settings) -> Iterator[Check]:
    dsn = database_url(paths, settings)
    with loader_errors(), connect(dsn) as connection:
        version = connection.info.server_version // 10000
        where = "yours" if settings.database_url else "embedded"
        encoding = connection.info.parameter_status("server_encoding")
        yield Check(
            "database",
            "ok",
            f"PostgreSQL {version} answers ({where}, {encoding})",
            {"version": version, "kind": where, "encoding": encoding},
        )
        try:
            require_schema(connection)
            check_project(connection, owner_of(paths, dsn))
        except LoaderError as error:
            yield Check("schema", "wrong", error.message)
            return
        facts = data_facts.read(connection)
    yield Check(
        "schema",
        "ok",
        f"every table and column is there (version {facts['schema_version']})",
        {"version": facts["schema_version"]},
    )
    yield from _data(facts)


def _data(facts: dict[str, Any]) -> Iterator[Check]:
    """Judge what is stored by its counts."""
    if not facts["may_write"]:
        yield Check(
            "role",
            "wrong",
            "the user of DATABASE_URL may not write: see docs/roles.sql",
        )
    age = facts["age_seconds"]
    yield Check(
        "data",
        "note" if age is None else "ok",
        "no complete load yet: run `make load`"
        if age is None
        else f"the last complete load ended {max(age, 0) / 3600:,.1f} hours ago",
        {"age_seconds": age, "prospects": facts["prospects"]},
    )
    rejected, noted = facts["records_rejected"], facts["fields_noted"]
    yield Check(
        "rejects",
        "note" if rejected or noted else "ok",
        f"{rejected:,} records and {noted:,} fields could not be stored as sent",
        {"records": rejected, "fields": noted},
    )
    yield _share(
        "leads without stage", facts["prospects_without_stage"], facts["prospects"]
    )
    # Without a step a message is a person's own, so a high share may be right.
    yield _share(
        "messages without step",
        facts["messages_without_step"],
        facts["messages_sent"],
        note=False,
    )


def _share(subject: str, part: int, whole: int, *, note: bool = True) -> Check:
    share = round(part / whole, 4) if whole else None
    text = f"{part:,} of {whole:,}" + (f" ({share:.0%})" if whole else "")
    state = "note" if note and part else "ok"
    return Check(subject, state, text, {"count": part, "of": whole, "share": share})


def _exists(connection: Connection, table: str) -> bool:
    row = connection.execute("select to_regclass(%s)", [table]).fetchone()
    return row[0] is not None


def _stage_registry(
    paths: ProjectPaths, settings: Settings, rules: MappingConfig
) -> StageRegistry | None:
    with connect(database_url(paths, settings)) as connection:
        if not _exists(connection, "qualification_stages"):
            return None
        rows = connection.execute(
            "select stage_id, stage_name, is_disqualify from qualification_stages"
        )
        return StageRegistry([Stage(*row) for row in rows], rules)


def _bonzo(settings: Settings, stages: StageRegistry | None) -> Iterator[Check]:
    try:
        # A person waits: no patience for outages here.
        client = BonzoClient(replace(settings, retries=1))
        total = client.get_page("prospects", 1).total
    except LoaderError as error:
        facts = {"error": type(error).__name__, "status": _status(error)}
        yield Check("token", "wrong", error.message, facts)
        return
    seen = "prospects" if total is None else f"{total} prospects"
    text = f"Bonzo accepts it and shows {seen}"
    yield Check("token", "ok", text, {"prospects": total})
    yield _scope(
        client,
        "campaigns",
        "the token lacks the scope `campaigns`: campaigns come without dates and "
        "descriptions; grant it in Bonzo if you want them",
    )
    yield from _pipelines(client, stages)


def _scope(client: BonzoClient, name: str, without: str) -> Check:
    try:
        client.get_page(name, 1)
    except ServiceError as error:
        refused = error.status in (401, 403, 404)
        return Check(
            f"scope {name}",
            "note" if refused else "wrong",
            without if refused else error.message,
            {"status": error.status},
        )
    return Check(f"scope {name}", "ok", "granted")


def _pipelines(client: BonzoClient, stages: StageRegistry | None) -> Iterator[Check]:
    try:
        names = {
            str(stage["name"])
            for pipeline in client.read_list("pipelines").items
            for stage in stages_of(pipeline)
            if not is_empty(stage.get("name"))
        }
    except ServiceError:
        yield Check(
            "scope pipelines",
            "note",
            "the token may not list pipelines, so their stages were not compared "
            "with the mapping file; the load itself does not need them",
        )
        return
    yield Check("scope pipelines", "ok", "granted")
    if stages is None:
        return
    unknown = sorted(name for name in names if stages.find(name) is None)
    if not unknown:
        facts = {"unmapped": 0, "of": len(names)}
        yield Check("stages", "ok", f"all {len(names)} stage names are mapped", facts)
        return
    more = f" and {len(unknown) - NAMES_SHOWN} more" * (len(unknown) > NAMES_SHOWN)
    yield Check(
        "stages",
        "note",
        f"{len(unknown)} of {len(names)} stage names mean none of the standard "
        f"stages ({', '.join(unknown[:NAMES_SHOWN])}{more}): prospects there count "
        "as without a stage; add the names to bonzo.yaml, or run `make setup`",
        {"unmapped": len(unknown), "of": len(names)},
    )


def _status(error: LoaderError) -> int | None:
    return error.status if isinstance(error, ServiceError) else None
