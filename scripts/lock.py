"""Writes the lock files: the newest allowed versions, with hashes.

Run by `make lock`, best on the oldest Python supported: what its packages need
there they list unconditionally, so one lock serves every newer Python too.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OLDEST = "python3.10"
HEADER = "# Locked with hashes by `make lock`, on the oldest Python supported.\n"
OPTIONS = [
    "--quiet",
    "--upgrade",
    "--generate-hashes",
    "--strip-extras",
    "--allow-unsafe",
    "--no-header",
    "--no-annotate",
    "--no-emit-index-url",
    "--no-emit-find-links",
    "--no-emit-trusted-host",
    "--no-emit-options",
]


def main() -> None:
    """Write requirements.txt and requirements-dev.txt, which agree with it."""
    with tempfile.TemporaryDirectory() as folder:
        python = _python_with_pip_tools(Path(folder))
        runtime = ROOT / "requirements.txt"
        _compile(python, runtime, [])
        _compile(
            python,
            ROOT / "requirements-dev.txt",
            ["--extra=dev", f"--constraint={runtime}"],
        )


def _python_with_pip_tools(folder: Path) -> Path:
    oldest = shutil.which(OLDEST)
    if oldest:
        subprocess.run([oldest, "-m", "venv", folder], check=True)
    else:
        print(f"{OLDEST} is not here; locking on {sys.version.split()[0]}.")
        venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "-q", "pip-tools"], check=True)
    return python


def _compile(python: Path, target: Path, more: list[str]) -> None:
    command = [python, "-m", "piptools", "compile", *OPTIONS, *more]
    command += [f"--output-file={target}", ROOT / "pyproject.toml"]
    subprocess.run(command, check=True, cwd=ROOT)
    target.write_text(HEADER + target.read_text())


if __name__ == "__main__":
    main()
