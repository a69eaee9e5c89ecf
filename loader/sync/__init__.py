"""Runs a load: pages and messages from Bonzo, rows into PostgreSQL."""

from __future__ import annotations

from loader.sync.report import RunReport
from loader.sync.run import find_rules, run

__all__ = ["RunReport", "find_rules", "run"]
