"""A tiny Rill project to execute."""

from __future__ import annotations

from pathlib import Path

import pytest

FILES = {
    "rill.yaml": "compiler: rillv1\nenv: {zone: America/Chicago, data_dir: data}\n",
    "data/costs.csv": 'name,spend\nA,"1,200"\nB\n',
    "sources/stages.yaml": (
        "type: model\nmaterialize: true\n"
        "pre_exec: attach or replace '{{ .env.postgres_dsn }}' as bonzo"
        " (type postgres, read_only)\n"
        "sql: from postgres_query('bonzo',"
        " 'select stage_name, stage_order from qualification_stages')\n"
    ),
    "sources/costs.yaml": (
        'type: model\nconnector: local_file\npath: "{{ .env.data_dir }}/costs.csv"\n'
        "duckdb: {header: true, delim: \"','\", all_varchar: true,"
        " null_padding: true, strict_mode: false}\n"
    ),
    "models/settings.yaml": "type: model\nsql: select '{{ .env.zone }}' as zone\n",
    "models/ranked.sql": (
        "with stages as (select * from stages)\n"
        "select stages.*, settings.zone from stages cross join settings\n"
    ),
    "models/ranked.yaml": (
        "type: model\nmaterialize: true\ntests:\n"
        "  - {name: order_known, assert: stage_order is not null}\n"
        "  - {name: no_ninth, assert: stage_order < 9}\n"
    ),
    "metrics/ranked.yaml": (
        "type: metrics_view\nversion: 1\nmodel: ranked\n"
        "dimensions:\n"
        "  - {name: late, expression: stage_order > 5}\n"
        "measures:\n"
        "  - {name: stages, expression: count(*)}\n"
        "  - {name: doubled, type: derived, requires: [stages],"
        " expression: stages * 2}\n"
    ),
}


@pytest.fixture
def tiny_project(tmp_path: Path) -> Path:
    """A project with two sources, two models and a metrics view."""
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return tmp_path
