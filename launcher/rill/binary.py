"""Finds the `rill` program, or fetches the official release of it."""

from __future__ import annotations

import hashlib
import os
import platform
import re
import shutil
import stat
import sys
import zipfile
from contextlib import suppress
from pathlib import Path

import requests

from launcher.rill import release
from loader.config import variable
from loader.errors import LoaderError

DOWNLOADS = "https://cdn.rilldata.com/rill"
TIMEOUT = (10, 60)  # seconds to connect, seconds of silence
ARCHITECTURES = {
    "x86_64": "amd64",
    "amd64": "amd64",
    "aarch64": "arm64",
    "arm64": "arm64",
}


class RillUnavailable(LoaderError):
    """Rill is neither installed nor to be had."""


def wanted_version() -> str:
    """Return the release to fetch: RILL_VERSION or the one this was built with."""
    version = variable("RILL_VERSION") or release.VERSION
    if not re.fullmatch(r"v?\d+\.\d+\.\d+(-[\w.]+)?", version):
        raise LoaderError(
            f"RILL_VERSION={version} is not a valid release: use one such as "
            f"{release.VERSION}."
        )
    return version if version.startswith("v") else f"v{version}"


def find(project_dir: Path) -> Path | None:
    """Return `rill` from PATH or from the project's `.bin`, or None."""
    on_path = shutil.which("rill")
    if on_path:
        return Path(on_path)
    fetched = project_dir / ".bin" / wanted_version() / "rill"
    return fetched if os.access(fetched, os.X_OK) else None


def find_or_fetch(project_dir: Path, base_url: str = DOWNLOADS) -> Path:
    """Return `rill`, downloading the release into `.bin` when it is not there.

    Raises RillUnavailable, whose message names the fix.
    """
    return find(project_dir) or fetch(project_dir / ".bin", base_url)


def fetch(folder: Path, base_url: str = DOWNLOADS) -> Path:
    """Download, verify and unpack the release into `folder`; return the program."""
    version = wanted_version()
    archive = f"rill_{platform_name()}.zip"
    target = folder / version / "rill"
    partial = folder / f".{archive}.partial"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        expected = _checksum(f"{base_url}/{version}/checksums.txt", archive)
        actual = _download(f"{base_url}/{version}/{archive}", partial)
        if actual != expected:
            raise RillUnavailable(
                f"the downloaded {archive} does not match its published checksum "
                "and was thrown away: try again, or install Rill yourself."
            )
        _unpack(partial, target)
    except requests.RequestException as error:
        raise RillUnavailable(
            f"Rill {version} could not be downloaded from {base_url} "
            f"({_reason(error)}): connect to the internet and run this again, or "
            "install Rill yourself (https://docs.rilldata.com/get-started/install) "
            "so that `rill` is on PATH."
        ) from None
    except OSError as error:
        raise LoaderError(
            f"cannot write {folder} ({error.strerror}): give this user write "
            "permission there, or install Rill yourself so that `rill` is on PATH."
        ) from None
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
    return target


def platform_name() -> str:
    """Return what release files of this machine are named after."""
    system = {"linux": "linux", "darwin": "darwin"}.get(sys.platform)
    machine = ARCHITECTURES.get(platform.machine().lower())
    if not system or not machine:
        raise RillUnavailable(
            f"Rill has no release for {sys.platform} on {platform.machine()}: "
            "use Linux or macOS (on Windows: WSL)."
        )
    return f"{system}_{machine}"


def _checksum(url: str, archive: str) -> str:
    answer = requests.get(url, timeout=TIMEOUT)
    answer.raise_for_status()
    for line in answer.text.splitlines():
        digest, _, name = line.strip().partition(" ")
        if name.strip().lstrip("*") == archive and re.fullmatch("[0-9a-f]{64}", digest):
            return digest
    raise RillUnavailable(
        f"{url} lists no checksum for {archive}, so it was not downloaded: install "
        "Rill yourself so that `rill` is on PATH."
    )


def _download(url: str, target: Path) -> str:
    """Write what `url` sends to `target` and return its SHA-256."""
    digest = hashlib.sha256()
    with requests.get(url, timeout=TIMEOUT, stream=True) as answer:
        answer.raise_for_status()
        with target.open("wb") as output:
            for block in answer.iter_content(1 << 20):
                digest.update(block)
                output.write(block)
    return digest.hexdigest()


def _unpack(archive: Path, target: Path) -> None:
    partial = archive.with_suffix(".program")
    try:
        with (
            zipfile.ZipFile(archive) as bundle,
            bundle.open("rill") as program,
            partial.open("wb") as output,
        ):
            shutil.copyfileobj(program, output)
    except (zipfile.BadZipFile, KeyError):
        raise RillUnavailable(
            f"{archive.name} holds no `rill` program: install Rill yourself so that "
            "`rill` is on PATH."
        ) from None
    target.parent.mkdir(exist_ok=True)
    partial.chmod(partial.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
    partial.replace(target)


def _reason(error: requests.RequestException) -> str:
    if error.response is not None:
        return f"HTTP {error.response.status_code}"
    if isinstance(error, requests.exceptions.SSLError):
        return "its certificate was refused"
    if isinstance(error, requests.Timeout):
        return "no answer in time"
    return "the site cannot be reached"
