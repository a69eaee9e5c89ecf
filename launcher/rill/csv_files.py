"""The CSV files that the user keeps: made from examples, never overwritten.

They are not in git, so editing one leaves the checkout clean, and no update
touches it.
"""

from __future__ import annotations

import os
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
            _refuse_unreadable(path)
            # A link to where nothing is counts as empty: the copy would go there.
            if not os.path.lexists(path):
                shutil.copyfile(example, path)
                made.append(path)
    except OSError as error:
        raise LoaderError(
            f"cannot write into {folder} ({error.strerror}): give this user write "
            "permission there."
        ) from None
    return made


def _refuse_unreadable(path: Path) -> None:
    """Stop where Rill would fail over a file, or wait for one without end."""
    if not path.exists() or path.is_dir():
        return
    if not path.is_file() or not os.access(path, os.R_OK):
        raise LoaderError(
            f"{path} cannot be read: make it a plain file that this user may read."
        )
