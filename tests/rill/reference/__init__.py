"""The measures calculated a second time, in plain Python.

Nothing here knows the SQL. Raw tables go in as lists of dicts, each measure of
each view comes out, in total or by one dimension. It is slow on purpose: one
loop per sentence of the definitions, so that a reader can check it by eye.
"""

from __future__ import annotations

from tests.rill.reference.settings import Settings
from tests.rill.reference.views import VIEWS, calculate
from tests.rill.reference.world import World

__all__ = ["VIEWS", "Settings", "World", "calculate"]
