"""The CSV files that the user keeps: made from examples, never overwritten.

They are not in git, so editing one leaves the checkout clean, and no update
touches it.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from loader.errors import LoaderError

EXAMPLE = ".example.csv"


def create_missing(folder: Path, examples: Path | None = None) -> list[Path]:
    """Copy each `<name>.example.csv` to a `<name>.csv` that is missing in `folder`.

    The examples are in `folder` itself unless `examples` is given. Returns the
    paths that were made. Raises LoaderError where the folder cannot be written.
    """
    made = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for example in sorted((examples or folder).glob(f"*{EXAMPLE}")):
            path = folder / f"{example.name.removesuffix(EXAMPLE)}.csv"
            if not path.exists():
                shutil.copyfile(example, path)
                made.append(path)
    except OSError as error:
        raise LoaderError(
            f"cannot write into {folder} ({error.strerror}): give this user write "
            "permission there."
        ) from None
    return made
