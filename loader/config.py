"""Settings from flags, the environment and `.env`, in that order.

The token is read from the environment or `.env` alone: a flag would show it
in the process list.
"""

from __future__ import annotations

import ipaddress
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dotenv import dotenv_values

from loader.errors import LoaderError

DEFAULT_BASE_URL = "https://app.getbonzo.com/api/v3"


def _env(name: str, default: object = None, **more: object) -> object:
    """Declare a setting: its environment variable, default and description."""
    secret = bool(more.pop("secret", False))
    return field(default=default, repr=not secret, metadata={"env": name, **more})


@dataclass(frozen=True)
class Settings:
    """What one command runs with; `metadata["env"]` names each variable."""

    database_url: str | None = _env("DATABASE_URL", secret=True)
    database_name: str = _env("BONZO_DATABASE", "bonzo")
    bonzo_api_token: str | None = _env("BONZO_API_TOKEN", secret=True)
    bonzo_base_url: str = _env("BONZO_BASE_URL", DEFAULT_BASE_URL)
    bonzo_on_behalf_of: str | None = _env("BONZO_ON_BEHALF_OF")
    mapping_path: str | None = _env("BONZO_MAPPING")
    company_time_zone: str = _env("BONZO_COMPANY_TIME_ZONE", "America/Chicago")
    per_page: int = _env("BONZO_PER_PAGE", 100, low=1, high=1000)
    rate_limit: int = _env("BONZO_RATE_LIMIT", 2500, low=1)
    rate_window: float = _env("BONZO_RATE_WINDOW", 60.0, low=0.1)
    workers: int = _env("BONZO_WORKERS", 16, low=1, high=64)
    timeout: float = _env("BONZO_TIMEOUT", 30.0, low=0.1)
    retries: int = _env("BONZO_RETRIES", 5, low=0, high=20)
    backoff: float = _env("BONZO_BACKOFF", 1.0, low=0)
    recheck_days: float = _env("BONZO_RECHECK_DAYS", 7.0, low=0)
    full_read_days: float = _env("BONZO_FULL_READ_DAYS", 30.0, low=0)
    rechecks_per_run: int = _env("BONZO_RECHECKS_PER_RUN", 1000, low=0)
    database_wait: float = _env("BONZO_DATABASE_WAIT", 60.0, low=0)
    warnings: tuple[str, ...] = ()


def project_dir() -> Path:
    """The folder with `.env`, `.data/`, `rill/`: BONZO_PROJECT_DIR or the repo."""
    given = os.environ.get("BONZO_PROJECT_DIR")
    return Path(given).resolve() if given else Path(__file__).resolve().parent.parent


def load_settings(**flags: object) -> Settings:
    """Settings from flags (None = not given), then environment, then `.env`.

    Raises LoaderError with the variable's name when a value cannot be used.
    """
    if flags.get("bonzo_api_token") is not None:
        raise LoaderError("The token is read from BONZO_API_TOKEN or .env alone.")
    env_file = project_dir() / ".env"
    sources = {**_read_env_file(env_file), **os.environ}
    values: dict[str, object] = {}
    for setting in fields(Settings):
        name = setting.metadata.get("env")
        if name is None:
            continue
        value = flags.get(setting.name)
        value = sources.get(name) if value is None else value
        if value not in (None, ""):
            values[setting.name] = _convert(setting, value)
    warning = _permission_warning(env_file)
    settings = Settings(**values, warnings=(warning,) if warning else ())
    check_base_url(settings.bonzo_base_url)
    _check_time_zone(settings.company_time_zone)
    return settings


def variable(name: str) -> str | None:
    """One variable from the environment or `.env`; None when absent or empty."""
    found = os.environ.get(name)
    if found is None:
        found = _read_env_file(project_dir() / ".env").get(name)
    return found.strip() or None if found else None


def require_token(settings: Settings) -> str:
    """The token, or a LoaderError that says where to put it."""
    if not settings.bonzo_api_token:
        raise LoaderError(
            "No token: put BONZO_API_TOKEN=... into .env or the environment "
            "(Bonzo makes one under Settings > API)."
        )
    return settings.bonzo_api_token


def check_base_url(url: str) -> None:
    """Refuse an address over which the token would travel readable."""
    parts = urlsplit(url)
    if parts.username or parts.password:
        raise LoaderError("BONZO_BASE_URL must not hold a user name or password.")
    if parts.scheme == "https" and parts.hostname:
        return
    if parts.scheme == "http" and is_loopback(parts.hostname):
        return
    raise LoaderError(
        f"BONZO_BASE_URL must begin with https:// (it is {url!r}); "
        "http:// is for this machine (127.0.0.1, localhost) alone."
    )


def is_loopback(host: str | None) -> bool:
    """Whether the host names this machine and nothing else."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


def _read_env_file(path: Path) -> Mapping[str, str | None]:
    try:
        # Without interpolation: a token may hold a dollar sign.
        return dotenv_values(path, interpolate=False) if path.is_file() else {}
    except (OSError, UnicodeDecodeError) as error:
        raise LoaderError(f"Cannot read {path}: {error}.") from None


def _permission_warning(path: Path) -> str | None:
    if os.name != "posix" or not path.is_file():
        return None
    if path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH):
        return f"{path} can be read by others; run: chmod 600 {path}"
    return None


def _check_time_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise LoaderError(
            f"BONZO_COMPANY_TIME_ZONE {name!r} is no time zone; "
            "use a name such as America/Chicago."
        ) from None


def _convert(setting, value: object) -> object:
    """One value as its setting's type, within its bounds."""
    name, kind = setting.metadata["env"], str(setting.type)
    if kind.startswith("str"):
        return str(value).strip()
    number = int if kind == "int" else float
    low, high = setting.metadata.get("low", 0), setting.metadata.get("high")
    try:
        result = number(str(value).strip())
    except ValueError:
        raise LoaderError(f"{name} must be a number, not {value!r}.") from None
    if not low <= result or (high is not None and result > high):
        span = f"at least {low}" if high is None else f"from {low} to {high}"
        raise LoaderError(f"{name} must be {span}, not {value}.")
    return result
