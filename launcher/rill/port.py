"""The port of the dashboards that BONZO_RILL_PORT chooses."""

from __future__ import annotations

from launcher import processes
from loader.config import variable
from loader.errors import LoaderError

# Digits of a port, leading zeros included.
LONGEST = 10


def chosen() -> int | None:
    """Return the chosen port, which is free, or None where none is chosen.

    Raises LoaderError for what is not a port, and for one that is taken.
    """
    given = variable("BONZO_RILL_PORT")
    if not given:
        return None
    is_number = given.isascii() and given.isdigit() and len(given) <= LONGEST
    if not is_number or not 0 < int(given) < 65536:
        raise LoaderError(
            f"BONZO_RILL_PORT={given[:60]} is not a valid port: use 1 to 65535."
        )
    port = int(given)
    if not processes.is_free(port):
        raise LoaderError(
            f"port {port} is taken: end the program that uses it, or set "
            "BONZO_RILL_PORT to another."
        )
    return port
