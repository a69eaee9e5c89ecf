"""What schema.sql says, for tests that would otherwise repeat it."""

from __future__ import annotations

import re
from pathlib import Path

TEXT = (Path(__file__).parent.parent / "schema.sql").read_text()
# The team's document, and this product's additions to it.
PART_1, PART_2 = re.split(r"^-- Part 2: .*$", TEXT, flags=re.M)
# Names of the stages; the first has order 1, and the last alone is disqualified.
STAGES = re.findall(r"^    \('(.+)', \d, (?:true|false)\)", PART_1, re.M)
