"""Every bench by name.

A bench is a module whose docstring says what is compared with what. It has SCALES,
by name ("tiny" for the tests, "normal", "full"), and `measure(maintenance, scale)`,
which takes the address of a PostgreSQL's maintenance database and returns Ratios.
"""

from __future__ import annotations

from types import ModuleType

from bench import dashboards, growth, load, memory, rate, refresh, steps, write

BENCHES: dict[str, ModuleType] = {
    "write": write,
    "load": load,
    "rate": rate,
    "memory": memory,
    "steps": steps,
    "refresh": refresh,
    "growth": growth,
    "dashboards": dashboards,
}
