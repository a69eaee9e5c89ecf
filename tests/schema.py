"""What schema.sql says, for tests that would otherwise repeat it."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

TEXT = (Path(__file__).parent.parent / "schema.sql").read_text()
# The team's document, and this product's additions to it.
PART_1, PART_2 = re.split(r"^-- Part 2: .*$", TEXT, flags=re.M)
# Names of the stages; the first has order 1, and the last alone is disqualified.
STAGES = re.findall(r"^    \('(.+)', \d, (?:true|false)\)", PART_1, re.M)
# Names of all tables, with the schema where it is not public.
TABLES = re.findall(r"^create table if not exists ([\w.]+) \(", TEXT, re.M)


def digest(part: str = PART_2) -> str:
    """Return a hash of part 2 that comments and line ends do not change."""
    statements = re.sub(r"--.*$", "", part, flags=re.M).split()
    return hashlib.sha256(" ".join(statements).encode()).hexdigest()[:16]
