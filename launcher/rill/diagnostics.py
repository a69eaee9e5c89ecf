"""What `doctor` looks at besides a load: the Rill that will serve the dashboards."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from launcher.rill import binary, extensions, own_sources, release
from launcher.rill import port as chosen_port
from loader import running_rill
from loader.diagnostics import Check
from loader.errors import LoaderError
from loader.project import ProjectPaths


def checks(paths: ProjectPaths) -> Iterator[Check]:
    """Look at Rill's sources, program, its DuckDB's extensions, and its port."""
    yield from own_sources.checks(paths.rill)
    rill = binary.find(paths.shared)
    if rill is None:
        yield Check("rill", "note", "not there yet: `make start` downloads it")
    else:
        yield _program(rill)
    yield _extensions()
    yield _port(paths)


def _program(rill: Path) -> Check:
    found, wanted = release.duckdb_of(rill), release.duckdb()
    facts = {"duckdb": found, "tested_duckdb": wanted, "tested": release.VERSION}
    if found in (None, wanted):
        return Check("rill", "ok", f"{rill}, DuckDB {found or 'unknown'}", facts)
    return Check(
        "rill",
        "note",
        f"{rill} uses DuckDB {found}, tested is Rill {release.VERSION} with DuckDB "
        f"{wanted}: the first start downloads other extensions",
        facts,
    )


def _extensions() -> Check:
    missing = [name for name in extensions.NAMES if extensions.packaged(name) is None]
    facts = {"missing": missing}
    if missing:
        names = ", ".join(missing)
        return Check("extensions", "wrong", f"no {names}: run `make install`", facts)
    return Check("extensions", "ok", "all of DuckDB's that Rill needs", facts)


def _port(paths: ProjectPaths) -> Check:
    if running_rill.of_project(paths.rill, paths.state) is not None:
        return Check("port", "ok", "Rill is running", {"running": True})
    facts = {"running": False}
    try:
        given = chosen_port.chosen()
    except LoaderError as error:
        return Check("port", "wrong", error.message, facts)
    if given is None:
        return Check("port", "ok", "`make start` takes the next free one", facts)
    return Check("port", "ok", f"{given} is free", facts)
