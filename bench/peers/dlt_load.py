"""Loads prospects and their messages with dlt's rest_api source.

Runs in .venv-bench, which `make bench` makes, as `dlt_load.py URL SETTING` with
DATABASE_URL set. SETTING is `defaults`, or `best`: files that PostgreSQL can COPY,
and a compiled path to the records of an answer. Without that dlt compiles one for
every answer, which is nine tenths of its time here. Reading in threads and
normalizing in two processes were tried and gain nothing.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from urllib.parse import urlsplit


def configure(folder: str) -> None:
    """Keep dlt's files in `folder`, and have it send nothing to its makers."""
    os.environ |= {
        "DLT_DATA_DIR": folder,
        "RUNTIME__DLTHUB_TELEMETRY": "false",
        "RUNTIME__LOG_LEVEL": "ERROR",
    }


def credentials(dsn: str) -> str:
    """Return the DSN with a host and a password, without which dlt refuses it.

    A socket's folder in the query counts before the host, and a server that asks
    for no password takes any.
    """
    parts = urlsplit(dsn)
    user, _, server = parts.netloc.rpartition("@")
    name, _, password = user.partition(":")
    where = f"{name or 'postgres'}:{password or 'any'}@{server or 'localhost:5432'}"
    return parts._replace(netloc=where).geturl()


def source(url: str, setting: str) -> object:
    """Return a source that makes the requests that the loader makes."""
    from dlt.common.jsonpath import compile_path
    from dlt.sources.rest_api import rest_api_source

    # Left out, dlt finds it itself.
    selector = {"data_selector": compile_path("data")} if setting == "best" else {}
    paginator = {
        "type": "page_number",
        "base_page": 1,
        "total_path": "meta.last_page",
    }
    return rest_api_source(
        {
            "client": {"base_url": url},
            "resource_defaults": {
                "primary_key": "id",
                "write_disposition": "merge",
            },
            "resources": [
                {
                    "name": "prospects",
                    "endpoint": {
                        "path": "prospects",
                        "params": {"per_page": 100},
                        "paginator": paginator,
                        **selector,
                    },
                },
                {
                    "name": "messages",
                    "endpoint": {
                        "path": "prospects/{resources.prospects.id}/communication",
                        "paginator": "single_page",
                        **selector,
                    },
                },
            ],
        }
    )


def load(url: str, setting: str, folder: str) -> None:
    """Load once into tables of dlt's own making."""
    import dlt
    from dlt.destinations import postgres

    pipeline = dlt.pipeline(
        pipeline_name="bench",
        pipelines_dir=folder,
        destination=postgres(credentials=credentials(os.environ["DATABASE_URL"])),
        dataset_name="bonzo",
    )
    more = {"loader_file_format": "csv"} if setting == "best" else {}
    pipeline.run(source(url, setting), **more)


def main() -> None:
    """Load, and print what it took as the last line, imports aside."""
    url, setting = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        configure(folder)
        import dlt  # noqa: F401

        start = time.perf_counter()
        load(url, setting, folder)
        seconds = time.perf_counter() - start
    print(json.dumps({"seconds": seconds}))


if __name__ == "__main__":
    main()
