"""Addresses of the service: which are safe, and which are the same."""

from __future__ import annotations

import ipaddress
from urllib.parse import SplitResult, urljoin, urlsplit

from loader.errors import LoaderError

_DEFAULT_PORTS = {"http": 80, "https": 443}


def check_base_url(url: str) -> None:
    """Refuse an address over which the token would travel readable.

    Raises LoaderError, also for what is not an address at all.
    """
    parts = _split(url)
    # Where a password may be in it, the value is not repeated.
    shown = "" if "@" in url else f" (it is {url[:200]!r})"
    if "@" in url:
        raise LoaderError("BONZO_BASE_URL must not hold a user name or password.")
    if parts is None or not url.isprintable() or " " in url:
        raise LoaderError(
            f"BONZO_BASE_URL is not a valid address{shown}: write it like "
            "https://app.getbonzo.com/api/v3."
        )
    if parts.query or parts.fragment:
        raise LoaderError(f"BONZO_BASE_URL must end with its path{shown}.")
    is_safe = parts.scheme == "https" or (
        parts.scheme == "http" and is_loopback(parts.hostname)
    )
    if not parts.hostname or not is_safe:
        raise LoaderError(
            f"BONZO_BASE_URL must begin with https://{shown}; "
            "http:// is for this machine (127.0.0.1, localhost) alone."
        )


def is_loopback(host: str | None) -> bool:
    """Return whether the host names this machine and nothing else."""
    if (host or "").lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


def origin_of(base_url: str) -> str:
    """Return the one spelling of an address: host in small letters, no default port.

    What cannot be read comes back as it is.
    """
    parts = _split(base_url)
    if parts is None or not parts.hostname:
        return base_url
    host = parts.hostname.rstrip(".")
    if ":" in host:
        host = f"[{host}]"
    scheme = parts.scheme.lower()
    if parts.port not in (None, _DEFAULT_PORTS.get(scheme)):
        host = f"{host}:{parts.port}"
    return f"{scheme}://{host}{parts.path.rstrip('/')}"


def join(base: str, target: str) -> str | None:
    """Return where a link of a page leads, None where it cannot be read."""
    try:
        joined = urljoin(base, target)
    except ValueError:
        return None
    return joined if _split(joined) is not None else None


def same_origin(one: str, other: str) -> bool:
    """Return whether two addresses share scheme, host and port."""
    left, right = _split(one), _split(other)
    return bool(left and right) and _server(left) == _server(right)


def same_host(one: str, other: str) -> bool:
    """Return whether two addresses share host and port.

    A service behind a proxy may spell its own links with http://; port 80 there
    is what 443 is here.
    """
    left, right = _split(one), _split(other)
    return bool(left and right) and _server(left)[1:] == _server(right)[1:]


def host_of(url: str) -> str:
    """Return the host and port of an address, for messages."""
    parts = _split(url)
    return (parts.hostname or "") if parts else "an unreadable address"


def _server(parts: SplitResult) -> tuple[str, str, int | None]:
    scheme = parts.scheme.lower()
    port = None if parts.port == _DEFAULT_PORTS.get(scheme) else parts.port
    return scheme, (parts.hostname or "").rstrip("."), port


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises where it is not a valid port
    except ValueError:
        return None
    return parts
