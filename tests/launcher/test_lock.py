"""The lock files."""

from __future__ import annotations

import re
import sys

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.conftest import ROOT

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

PIN = re.compile(r"^([A-Za-z0-9._-]+)==(\S+) \\$", re.M)
LOCKS = {"requirements.txt": (), "requirements-dev.txt": ("dev",)}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def pins(lock: str) -> dict[str, str]:
    """Package -> version of a lock file."""
    found = PIN.findall((ROOT / lock).read_text())
    return {canonicalize_name(name): version for name, version in found}


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_holds_what_the_project_asks(lock: str) -> None:
    """Every declared dependency is locked, at a version that is allowed."""
    locked = pins(lock)
    wanted = list(PROJECT["dependencies"])
    for extra in LOCKS[lock]:
        wanted += PROJECT["optional-dependencies"][extra]
    for text in wanted:
        requirement = Requirement(text)
        version = locked[canonicalize_name(requirement.name)]
        assert requirement.specifier.contains(Version(version)), text


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_has_hashes(lock: str) -> None:
    """Each pin is followed by at least one SHA-256, and nothing else is there."""
    for block in re.split(r"\n(?=\S)", (ROOT / lock).read_text().strip()):
        if not block.startswith("#"):
            assert re.fullmatch(
                r"\S+==\S+( \\\n    --hash=sha256:[0-9a-f]{64})+", block
            ), block[:80]


def test_locks_agree() -> None:
    """What runs in production is what was tested."""
    tested = pins("requirements-dev.txt")
    for name, version in pins("requirements.txt").items():
        assert tested[name] == version
