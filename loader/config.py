"""Settings from flags, the environment and `.env`, in that order.

The token is read from the environment or `.env` alone: a flag would show it
in the process list.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from urllib.parse import unquote
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dotenv import dotenv_values

from loader import clients
from loader.address import check_base_url
from loader.errors import LoaderError

DEFAULT_BASE_URL = "https://app.getbonzo.com/api/v3"
CENTURY = 36_525.0  # days
DAY = 86_400.0  # seconds
# Up to the last @: one that was not percent-encoded belongs to the password.
_PASSWORD = re.compile(r"://[^:/@]*:(.+)@", re.DOTALL)
SHORTEST_PASSWORD = 6
# A value in a message is for recognizing it.
LONGEST_SHOWN = 60


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
    rate_limit: int = _env("BONZO_RATE_LIMIT", 2500, low=1, high=10_000_000)
    rate_window: float = _env("BONZO_RATE_WINDOW", 60.0, low=0.1, high=DAY)
    workers: int = _env("BONZO_WORKERS", 16, low=1, high=64)
    timeout: float = _env("BONZO_TIMEOUT", 30.0, low=0.1, high=3600)
    retries: int = _env("BONZO_RETRIES", 5, low=0, high=20)
    backoff: float = _env("BONZO_BACKOFF", 1.0, low=0, high=60)
    recheck_days: float = _env("BONZO_RECHECK_DAYS", 7.0, low=0, high=CENTURY)
    full_read_days: float = _env("BONZO_FULL_READ_DAYS", 30.0, low=0, high=CENTURY)
    rechecks_per_run: int = _env(
        "BONZO_RECHECKS_PER_RUN", 1000, low=0, high=1_000_000_000
    )
    database_wait: float = _env("BONZO_DATABASE_WAIT", 60.0, low=0, high=DAY)
    warnings: tuple[str, ...] = ()


def install_dir() -> Path:
    """Return the folder that all clients share: BONZO_PROJECT_DIR or the repo."""
    given = os.environ.get("BONZO_PROJECT_DIR")
    return Path(given).resolve() if given else Path(__file__).resolve().parent.parent


def project_dir() -> Path:
    """Return the folder with `.env` and `rill/`: the chosen client's, or the shared."""
    name = clients.chosen()
    return clients.require(install_dir(), name) if name else install_dir()


def load_settings(**flags: object) -> Settings:
    """Return settings from flags (None = not given), then environment, then `.env`.

    A variable that is set but empty counts as not set. Raises LoaderError with the
    variable's name when a value cannot be used.
    """
    if flags.get("bonzo_api_token") is not None:
        raise LoaderError("The token is read from BONZO_API_TOKEN or .env alone.")
    env_file = project_dir() / ".env"
    client = clients.chosen()
    if client:
        clients.refuse_shared_variables(client)
    sources = {**_filled(read_env_file(env_file)), **_filled(os.environ)}
    values: dict[str, object] = {}
    for setting in fields(Settings):
        name = setting.metadata.get("env")
        if name is None:
            continue
        value = flags.get(setting.name)
        value = sources.get(name) if value is None else value
        if value not in (None, ""):
            values[setting.name] = _convert(setting, value)
    settings = Settings(**values, warnings=tuple(_file_warnings(env_file)))
    if client:
        _refuse_anothers_account(client, settings)
    check_header_values(settings)
    check_base_url(settings.bonzo_base_url)
    _check_time_zone(settings.company_time_zone)
    return settings


def _refuse_anothers_account(client: str, settings: Settings) -> None:
    """Refuse a client that would read another one's account in Bonzo."""
    own = (settings.bonzo_api_token, settings.bonzo_on_behalf_of)
    if own[0] is None:
        return
    for name in clients.names(install_dir()):
        path = install_dir() / clients.FOLDER / name / ".env"
        if name == client or not os.access(path, os.R_OK):
            continue
        others = _filled(read_env_file(path))
        if own == (others.get("BONZO_API_TOKEN"), others.get("BONZO_ON_BEHALF_OF")):
            raise LoaderError(
                f"The clients {client} and {name} have the same BONZO_API_TOKEN, so "
                "they would hold the same account: correct it in one of their .env "
                "files."
            )


def variable(name: str) -> str | None:
    """Return one variable from the environment or `.env`; None if absent or empty."""
    value = _filled(os.environ).get(name)
    if value is None:
        value = _filled(read_env_file(project_dir() / ".env")).get(name)
    return _text(name, value) if value else None


def variable_in_file(name: str) -> str | None:
    """Return one variable of `.env`, whatever the environment says."""
    return read_env_file(project_dir() / ".env").get(name)


def require_token(settings: Settings) -> str:
    """Return the token; raises a LoaderError that says where to put it."""
    if not settings.bonzo_api_token:
        raise LoaderError(
            "No token: put BONZO_API_TOKEN=... into .env or the environment "
            "(Bonzo makes one under Settings > API)."
        )
    check_header_values(settings)
    return settings.bonzo_api_token


def secrets_of(settings: Settings) -> tuple[str | None, ...]:
    """Return what no output may show."""
    url = settings.database_url
    return settings.bonzo_api_token, url, *_passwords_in(url or "")


def _passwords_in(url: str) -> tuple[str, ...]:
    """Return an address's password as written and as meant: errors may hold it alone.

    A short one, a word such as `postgres` or a number would mask harmless text.
    """
    found = _PASSWORD.search(url)
    password = found[1] if found else ""
    if len(password) < SHORTEST_PASSWORD or password.isalpha() or password.isdigit():
        return ()
    return password, unquote(password)


def check_header_values(settings: Settings) -> None:
    """Refuse what no header can carry; the message never repeats the value."""
    for name, subject, value in (
        ("BONZO_API_TOKEN", "token", settings.bonzo_api_token),
        ("BONZO_ON_BEHALF_OF", "user", settings.bonzo_on_behalf_of),
    ):
        if value and not all("!" <= character <= "~" for character in value):
            raise LoaderError(
                f"{name}: the {subject} holds a line break, a blank or another "
                f"character that no {subject} has. Copy it again, without quotation "
                "marks and in one line."
            )


def _filled(values: Mapping[str, str | None]) -> dict[str, str]:
    """Return the variables that hold something."""
    return {name: value for name, value in values.items() if (value or "").strip()}


def read_env_file(path: Path) -> Mapping[str, str | None]:
    """Return a file's variables, none without it; a LoaderError if it is not text.

    Rill's `.env` is read so, too.
    """
    try:
        # Without interpolation: a token may hold a dollar sign.
        if not path.is_file():
            return {}
        return dotenv_values(path, interpolate=False, encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise LoaderError(f"Cannot read {path}: {reason}.") from None


def _file_warnings(path: Path) -> list[str]:
    """Return who else could read the token, or have it sent elsewhere."""
    if os.name != "posix" or not path.is_file():
        return []
    warnings = []
    status, folder = path.stat(), path.resolve().parent.stat()
    if status.st_mode & (stat.S_IRGRP | stat.S_IROTH):
        warnings.append(f"{path} can be read by others; run: chmod 600 {path}")
    if status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        warnings.append(
            f"{path} can be changed by others, who could have the token sent "
            f"elsewhere; run: chmod 600 {path}"
        )
    if status.st_uid not in _trusted_owners():
        warnings.append(
            f"{path} belongs to another account, which could have the token sent "
            f"elsewhere; run: chown {os.geteuid()} {path}"
        )
    if folder.st_mode & stat.S_IWOTH and not folder.st_mode & stat.S_ISVTX:
        warnings.append(
            f"{path.resolve().parent} can be changed by others, who could replace "
            f".env; run: chmod o-w {path.resolve().parent}"
        )
    return warnings


def _trusted_owners() -> set[int]:
    """Return the accounts that may own `.env`: ours, root, and who called sudo."""
    owners = {os.geteuid(), 0}
    caller = os.environ.get("SUDO_UID", "")
    if os.geteuid() == 0 and caller.isascii() and caller.isdigit():
        owners.add(int(caller[:LONGEST_SHOWN]))
    return owners


def _check_time_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise LoaderError(
            f"BONZO_COMPANY_TIME_ZONE {_shown(name)} is not a valid time zone; "
            "use a name such as America/Chicago."
        ) from None


def _convert(setting: Field, value: object) -> object:
    """Return one value as its setting's type, within its bounds."""
    name, kind = setting.metadata["env"], str(setting.type)
    text = _text(name, value)
    if kind.startswith("str"):
        return text
    number = int if kind == "int" else float
    low, high = setting.metadata["low"], setting.metadata["high"]
    try:
        result = number(text)
    except ValueError:
        raise LoaderError(f"{name} must be a number, not {_shown(text)}.") from None
    if not low <= result <= high:
        span = f"from {low:,.10g} to {high:,.10g}"
        raise LoaderError(f"{name} must be {span}, not {_shown(text)}.")
    return result


def _text(name: str, value: object) -> str:
    """Return a value without blanks around it; refuse what no program can be given."""
    text = str(value).strip()
    if "\x00" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise LoaderError(
            f"{name} holds a NUL character or bytes that are not UTF-8: write it again."
        )
    return text


def _shown(text: str) -> str:
    """Return a value for a message: readable, and not longer than a line."""
    return repr(text[:LONGEST_SHOWN]) + "..." * (len(text) > LONGEST_SHOWN)
