"""Writes the lock files: the newest allowed versions, with hashes.

Run by `make lock`, best on the oldest Python supported: what its packages need
there they list unconditionally, so one lock serves every newer Python too. DuckDB
and its extensions are pinned first, at the version inside the Rill of
`launcher/rill/release.py`.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from launcher.rill import release

ROOT = Path(__file__).resolve().parent.parent
PIP_TOOLS = "pip-tools==7.6.2"
OLDEST = "python3.10"
# Each in an environment of its own, with packages that nothing else needs.
TOOLS = ("audit", "bench")
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
    """Write the locks for running, for testing, which agrees with it, and for tools."""
    project = ROOT / "pyproject.toml"
    pin_duckdb(project, release.duckdb())
    with tempfile.TemporaryDirectory() as folder:
        python = _python_with_pip_tools(Path(folder))
        runtime = ROOT / "requirements.txt"
        _compile(python, project, runtime)
        testing = ROOT / "requirements-dev.txt"
        _compile(python, project, testing, "--extra=dev", f"--constraint={runtime}")
        for tool in TOOLS:
            source = ROOT / "scripts" / f"{tool}.in"
            _compile(python, source, ROOT / f"requirements-{tool}.txt")


def pin_duckdb(project: Path, version: str) -> None:
    """Pin DuckDB and its extensions in pyproject.toml at this version."""
    text = project.read_text()
    project.write_text(re.sub(r'("duckdb[a-z-]*==)[\d.]+"', rf'\g<1>{version}"', text))


def oldest_python() -> str:
    """Return a Python of the oldest version that runs, else this one.

    Being on PATH is not enough: a version manager puts a shim there for each Python
    it has, which fails where that version is not selected.
    """
    candidates = [shutil.which(OLDEST)]
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    number = OLDEST.removeprefix("python")
    candidates += sorted(map(str, pyenv.glob(f"versions/{number}.*/bin/{OLDEST}")))
    for python in filter(None, candidates):
        if _says_its_version(python, number):
            return python
    current = sys.version.split()[0]
    print(f"No {OLDEST} runs here; locking on {current}.", file=sys.stderr)
    return sys.executable


def _says_its_version(python: str, number: str) -> bool:
    command = [python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return False
    return answer.stdout.strip() == number


def _python_with_pip_tools(folder: Path) -> Path:
    subprocess.run([oldest_python(), "-m", "venv", folder], check=True)
    python = folder / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "-q", PIP_TOOLS], check=True)
    return python


def _compile(python: Path, source: Path, target: Path, *more: str) -> None:
    command = [python, "-m", "piptools", "compile", *OPTIONS, *more]
    command += [f"--output-file={target}", source]
    subprocess.run(command, check=True, cwd=ROOT)
    target.write_text(HEADER + target.read_text())


if __name__ == "__main__":
    main()
