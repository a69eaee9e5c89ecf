"""Loads prospects and their messages with dlt's rest_api source.

Runs in .venv-bench, which `make bench` makes, as `dlt_load.py URL SETTING` with
DATABASE_URL set. SETTING is `defaults`, or `best`: files that PostgreSQL can COPY,
messages read by several threads, and two processes that normalize.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import tempfile
import time
from urllib.parse import urlsplit

BEST = {
    "NORMALIZE__WORKERS": "2",
    "EXTRACT__WORKERS": "16",
    # Several files per table, else there is nothing to share out.
    "DATA_WRITER__FILE_MAX_ITEMS": "25000",
}


def configure(folder: str, setting: str) -> None:
    """Keep dlt's files in `folder`, and have it send nothing to its makers."""
    os.environ |= {
        "DLT_DATA_DIR": folder,
        "RUNTIME__DLTHUB_TELEMETRY": "false",
        "RUNTIME__LOG_LEVEL": "ERROR",
    }
    if setting == "best":
        os.environ |= BEST


def credentials(dsn: str) -> str:
    """Return the DSN with a host and a password, without which dlt refuses it.

    A socket's folder in the query counts before the host, and a server that asks
    for no password takes any.
    """
    parts = urlsplit(dsn)
    user = parts.username or "postgres"
    server = f"{parts.hostname or 'localhost'}:{parts.port or 5432}"
    where = f"{user}:{parts.password or 'any'}@{server}"
    return parts._replace(netloc=where).geturl()


def source(url: str, setting: str) -> object:
    """Return a source that makes the requests that the loader makes."""
    from dlt.sources.rest_api import rest_api_source

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
                "parallelized": setting == "best",
            },
            "resources": [
                {
                    "name": "prospects",
                    "endpoint": {
                        "path": "prospects",
                        "params": {"per_page": 100},
                        "paginator": paginator,
                        "data_selector": "data",
                    },
                },
                {
                    "name": "messages",
                    "endpoint": {
                        "path": "prospects/{resources.prospects.id}/communication",
                        "paginator": "single_page",
                        "data_selector": "data",
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
    """Load, and print what it took as the last line."""
    url, setting = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        configure(folder, setting)
        start = time.perf_counter()
        load(url, setting, folder)
        seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "peak": peak}))


if __name__ == "__main__":
    main()
