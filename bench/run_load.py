"""`python -m bench.run_load`: one load by the loader's own command, measured."""

from __future__ import annotations

import sys

from bench.measurement import printed
from loader.cli import main

if __name__ == "__main__":
    with printed():
        try:
            main(["load", "--no-refresh"], prog_name="load")
        except SystemExit as end:
            if end.code:
                sys.exit(end.code)
