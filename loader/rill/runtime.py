"""Talks to a running Rill over its local HTTP interface."""

from __future__ import annotations

import json
import os
import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path

import requests

from loader.errors import LoaderError

DEFAULT_PORT = 9009
BUSY = ("RECONCILE_STATUS_PENDING", "RECONCILE_STATUS_RUNNING")
PARSER = "rill.runtime.v1.ProjectParser"
TIMEOUT = 10  # seconds for one call
STOP_SECONDS = 20
SILENT_SECONDS = 60  # a busy machine starts Rill in half of that


class Runtime:
    """One Rill on this machine, by its HTTP port."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._session = requests.Session()
        # A proxy set for the internet has no business with the loopback.
        self._session.trust_env = False

    @property
    def url(self) -> str:
        """The address for a browser."""
        return f"http://localhost:{self.port}"

    def _call(self, method: str, path: str, body: dict | None = None) -> dict:
        answer = self._session.request(
            method, f"http://127.0.0.1:{self.port}{path}", json=body, timeout=TIMEOUT
        )
        answer.raise_for_status()
        return answer.json()

    def project_path(self) -> Path | None:
        """Return the folder this Rill serves; None if no Rill answers here."""
        try:
            found = self._call("POST", "/rill.local.v1.LocalService/GetMetadata", {})
            return Path(found["projectPath"]).resolve()
        except (requests.RequestException, KeyError, ValueError):
            return None

    def trigger_all(self) -> None:
        """Have every source read anew and everything after it rebuilt."""
        self._call("POST", "/v1/instances/default/trigger", {"all": True})

    def resources(self) -> list[dict]:
        """Return every resource with its state, as Rill tells it."""
        return self._call("GET", "/v1/instances/default/resources")["resources"]

    def wait_until_idle(
        self, seconds: float, alive: Callable[[], bool] = lambda: True
    ) -> list[str]:
        """Wait until nothing is being built; return the errors, one line each.

        LoaderError is raised when Rill ends (`alive` says so, or it stays
        silent for SILENT_SECONDS) and when it is not idle after `seconds`.
        """
        deadline = time.monotonic() + seconds
        answered = time.monotonic()
        quiet = 0
        while time.monotonic() < deadline:
            found = self._resources_or_none()
            if found is not None:
                answered = time.monotonic()
            elif not alive() or time.monotonic() - answered > SILENT_SECONDS:
                raise LoaderError("Rill ended before its dashboards were ready.")
            # Idle twice in a row: between two steps nothing is pending either.
            quiet = quiet + 1 if found and _idle(found) else 0
            if found and quiet >= 2:
                return _errors(found)
            time.sleep(0.5)
        raise LoaderError(
            f"Rill was not ready after {seconds:.0f} seconds: see .data/rill.log."
        )

    def _resources_or_none(self) -> list[dict] | None:
        try:
            return self.resources()
        except (requests.RequestException, KeyError, ValueError):
            return None  # a restart of its controller takes about a second


def of_project(rill_dir: Path, state_dir: Path) -> Runtime | None:
    """Return the Rill that serves `rill_dir`, or None.

    The recorded port is asked first, then Rill's own default, where a bare
    `rill start` listens. A Rill of another project is never returned.
    """
    noted = _recorded(state_dir)
    for port in dict.fromkeys([noted[0] if noted else DEFAULT_PORT, DEFAULT_PORT]):
        runtime = Runtime(port)
        if runtime.project_path() == rill_dir.resolve():
            return runtime
    return None


def answers(port: int) -> bool:
    """Say whether any program answers on a port of this machine."""
    with socket.socket() as probe:
        probe.settimeout(2)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def record(state_dir: Path, port: int, pid: int) -> None:
    """Note where Rill listens, for later refreshes."""
    state_dir.mkdir(parents=True, exist_ok=True)
    (state_dir / "rill.json").write_text(json.dumps({"port": port, "pid": pid}) + "\n")


def forget(state_dir: Path) -> None:
    """Remove the note that `record` left."""
    (state_dir / "rill.json").unlink(missing_ok=True)


def stop(rill_dir: Path, state_dir: Path) -> bool:
    """End the Rill that `record` noted; False if it does not run any more."""
    noted = _recorded(state_dir)
    if noted is None or Runtime(noted[0]).project_path() != rill_dir.resolve():
        return False
    port, pid = noted
    os.kill(pid, signal.SIGINT)
    deadline = time.monotonic() + STOP_SECONDS
    while answers(port):
        if time.monotonic() > deadline:
            raise LoaderError(f"Rill (pid {pid}) did not end: run `kill -9 {pid}`.")
        time.sleep(0.2)
    return True


def _recorded(state_dir: Path) -> tuple[int, int] | None:
    """Return (port, pid) as noted, or None."""
    try:
        noted = json.loads((state_dir / "rill.json").read_text())
        return int(noted["port"]), int(noted["pid"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _idle(resources: list[dict]) -> bool:
    """Say whether the project is parsed and nothing in it waits or runs."""
    states = [
        resource["meta"].get("reconcileStatus")
        for resource in resources
        # The parser's own state is "running" for as long as it watches files.
        if resource["meta"]["name"]["kind"] != PARSER
    ]
    return bool(states) and not any(state in BUSY for state in states)


def _errors(resources: list[dict]) -> list[str]:
    lines = []
    for resource in resources:
        name = resource["meta"]["name"]
        if name["kind"] == PARSER:
            state = resource.get("projectParser", {}).get("state", {})
            for error in state.get("parseErrors") or []:
                where = error.get("filePath", "").lstrip("/")
                lines.append(f"{where}: {error.get('message', '')}")
        elif resource["meta"].get("reconcileError"):
            kind = name["kind"].rpartition(".")[2].lower()
            lines.append(f"{kind} {name['name']}: {resource['meta']['reconcileError']}")
    return lines
