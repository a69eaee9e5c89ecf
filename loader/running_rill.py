"""Talks to a running Rill over its local HTTP interface."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import requests

from loader import rill_note, rill_sources, unread_data
from loader.errors import LoaderError
from loader.silence import Silence

DEFAULT_PORT = 9009
BUSY = ("RECONCILE_STATUS_PENDING", "RECONCILE_STATUS_RUNNING")
MODEL = "rill.runtime.v1.Model"
PARSER = "rill.runtime.v1.ProjectParser"
TIMEOUT = 10  # seconds for one call
TRIGGER_ATTEMPTS = 5
REFRESH_SECONDS = 3600
# An answer is a megabyte, which costs Rill time: the longer it builds, the more
# seldom it is asked.
POLL_SECONDS, LONGEST_POLL_SECONDS = 0.2, 1.0
# The launcher ends a Rill that hangs after a third of it (launcher/rill/watch.py); a
# busy machine starts one in half a minute.
SILENT_SECONDS = 180
# What an answer that is not Rill's ends in.
_NOT_RILLS = (KeyError, TypeError, ValueError, RecursionError)


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

    def _send(
        self, method: str, path: str, body: dict | None = None
    ) -> requests.Response:
        return self._session.request(
            method, f"http://127.0.0.1:{self.port}{path}", json=body, timeout=TIMEOUT
        )

    def _call(self, method: str, path: str, body: dict | None = None) -> dict:
        answer = self._send(method, path, body)
        answer.raise_for_status()
        return answer.json()

    def project_path(self) -> Path | None:
        """Return the folder this Rill serves; None if no Rill answers here."""
        try:
            found = self._call("POST", "/rill.local.v1.LocalService/GetMetadata", {})
            return Path(found["projectPath"]).resolve()
        except (requests.RequestException, *_NOT_RILLS):
            return None  # also where another program answers in its own way

    def trigger_all(self) -> None:
        """Have every source read again and everything after it rebuilt."""
        self._call("POST", "/v1/instances/default/trigger", {"all": True})

    def trigger(self, models: Iterable[str]) -> None:
        """Have these models run again, and whatever hangs on them be rebuilt."""
        resources = [{"kind": MODEL, "name": name} for name in models]
        self._call("POST", "/v1/instances/default/trigger", {"resources": resources})

    def resources(self) -> list[dict]:
        """Return every resource with its state, as Rill tells it."""
        return self._call("GET", "/v1/instances/default/resources")["resources"]

    def responds(self) -> bool:
        """Say whether Rill answers a small question about its resources.

        Closing a page while Rill 0.88 rebuilds may lock its resources for good,
        while everything else still answers.
        """
        try:
            self._send("GET", f"/v1/instances/default/resources?kind={PARSER}")
        except requests.RequestException:
            return False
        return True  # a refusal is an answer, too

    def wait_until_idle(
        self,
        seconds: float,
        alive: Callable[[], bool] = lambda: True,
        watch: Callable[[int, int], None] = lambda built, known: None,
    ) -> list[str]:
        """Wait until nothing is being built; return the errors, one line each.

        `watch` is told at each look how many of the known resources are built.
        LoaderError is raised when Rill ends (`alive` says so, or it stays
        silent for SILENT_SECONDS) and when it is not idle after `seconds`. A Rill
        that is started again meanwhile is waited for.
        """
        started = time.monotonic()
        silence = Silence(most=TIMEOUT + LONGEST_POLL_SECONDS)
        quiet = 0
        while (waited := time.monotonic() - started) < seconds:
            found = self._resources_or_none()
            silence.note(found is not None)
            if found is not None:
                watch(*_count_built(found))
            elif not alive():
                raise LoaderError("Rill ended before its dashboards were ready.")
            elif silence.seconds > SILENT_SECONDS:
                raise LoaderError(
                    f"Rill has not answered for {SILENT_SECONDS} seconds: end it "
                    "(`make stop`, or `kill -9` for a bare `rill start`) and start "
                    "it again."
                )
            # Idle twice in a row: between two steps nothing is pending either.
            quiet = quiet + 1 if found and _idle(found) else 0
            if found and quiet >= 2:
                return _errors(found)
            pause = POLL_SECONDS if quiet else waited / 20
            time.sleep(min(max(POLL_SECONDS, pause), LONGEST_POLL_SECONDS))
        raise LoaderError(
            f"Rill was not ready after {seconds:.0f} seconds: see .data/rill.log."
        )

    def _resources_or_none(self) -> list[dict] | None:
        try:
            return self.resources()
        except (requests.RequestException, *_NOT_RILLS):
            return None  # a restart of its controller takes about a second


def of_project(rill_dir: Path, state_dir: Path) -> Runtime | None:
    """Return the Rill that serves `rill_dir`, or None.

    One that a launcher serves is returned even while it does not answer. Else the
    recorded port is asked, then Rill's own default, where a bare `rill start`
    listens. A Rill of another project is never returned.
    """
    noted = rill_note.read(state_dir)
    if noted and rill_note.is_served(state_dir):
        return Runtime(noted.port)
    for port in dict.fromkeys([noted.port if noted else DEFAULT_PORT, DEFAULT_PORT]):
        runtime = Runtime(port)
        if runtime.project_path() == rill_dir.resolve():
            return runtime
    return None


def answers(port: int) -> bool:
    """Say whether any program answers on a port of this machine."""
    with socket.socket() as probe:
        probe.settimeout(2)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def refresh(rill_dir: Path, state_dir: Path, *, everything: bool = False) -> bool:
    """Have the Rill of this project read what it has not read, and wait for it.

    Return whether it read anything but the age of the data. With `everything` it
    reads all there is. If none runs, the next one to start will, and False is
    returned. Raise LoaderError if it refuses or something fails to build; with
    staged changes, which is how we start it, the old data is kept.
    """
    running = of_project(rill_dir, state_dir)
    if running is not None:
        wait = _waiting_for(running, state_dir)
        # A trigger that comes while a source is being read would be lost.
        wait()
    # Only now: a Rill that was started again meanwhile has read everything.
    now = unread_data.utc_now()
    unread = unread_data.find(state_dir)
    if everything or rill_sources.files_are_newer(rill_dir, unread.read_at):
        unread = replace(unread, tables=None)
    if running is None:
        if rill_dir.is_dir() and unread.is_due(now):
            rill_sources.have_next_start_read(rill_dir, now)
        return False
    if unread.tables is None:
        _patiently(running, running.trigger_all, wait)
    else:
        sources = rill_sources.to_read(rill_dir, unread.tables, unread.is_due(now))
        _patiently(running, lambda: running.trigger(sources), wait)
    errors = wait()
    if errors:
        raise LoaderError(
            "Rill re-read the data with errors and serves what it had before "
            "where it can: " + "; ".join(errors[:5])
        )
    if unread.is_due(now):
        unread_data.note_read(state_dir, unread, now)
    return unread.is_due(now)


def refresh_after(done: str, rill_dir: Path, state_dir: Path) -> bool:
    """Have a Rill of this project, if there is one, read what was just changed.

    Return what `refresh` returns. Raise LoaderError where Rill fails, which says
    first that the change itself is kept: `done`, as "The load is stored".
    """
    if not rill_dir.is_dir():
        return False
    try:
        return refresh(rill_dir, state_dir)
    except LoaderError as error:
        raise LoaderError(
            f"{done}, but Rill may still show the data before it: {error.message} "
            "Run `make refresh`."
        ) from None


def _waiting_for(running: Runtime, state_dir: Path) -> Callable[[], list[str]]:
    """Return what waits until Rill is idle, or its launcher has given up."""
    served = rill_note.is_served(state_dir)

    def alive() -> bool:
        return not served or rill_note.is_served(state_dir)

    return lambda: running.wait_until_idle(REFRESH_SECONDS, alive)


def _patiently(
    running: Runtime, trigger: Callable[[], None], wait: Callable[[], object]
) -> None:
    for attempt in range(1, TRIGGER_ATTEMPTS + 1):
        try:
            trigger()
            return
        except requests.RequestException as error:
            # Right after a start or an edit Rill refuses for about a second.
            if attempt == TRIGGER_ATTEMPTS:
                raise LoaderError(
                    f"Rill on {running.url} did not take the request to re-read "
                    f"({type(error).__name__}): restart it with `make start`."
                ) from None
            time.sleep(attempt)
            wait()  # one that hangs is started again meanwhile


def _idle(resources: list[dict]) -> bool:
    """Say whether the project is parsed and nothing in it waits or runs."""
    built, known = _count_built(resources)
    return known > 0 and built == known


def _count_built(resources: list[dict]) -> tuple[int, int]:
    """Return how many resources are built, and how many there are."""
    states = [
        resource["meta"].get("reconcileStatus")
        for resource in resources
        # The parser's own state is "running" for as long as it watches files.
        if resource["meta"]["name"]["kind"] != PARSER
    ]
    return sum(state not in BUSY for state in states), len(states)


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
