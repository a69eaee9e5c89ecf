"""Runs `rill start` in the foreground until it ends or is interrupted."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import yaml

from launcher import private_files, processes
from launcher.progress import Progress
from launcher.rill import port as chosen_port
from launcher.rill import process
from loader import rill_sources, running_rill, unread_data
from loader.errors import LoaderError

DEFAULT_GRPC_PORT = 49009
READY_SECONDS = 600
STOP_SECONDS = 20
FIRST_PAGE = "/canvas/today"


def serve(
    rill: Path,
    rill_dir: Path,
    state_dir: Path,
    say: Callable[[str], None],
    next_steps: Sequence[str] = (),
) -> int:
    """Start Rill, print its address once it is ready, and wait for its end.

    `next_steps` are printed below the address.
    Returns 0 when interrupted (Ctrl-C or SIGTERM), which is how one ends it.
    Raises LoaderError when Rill cannot start or can build no dashboard; its
    output is in `state_dir/rill.log`.
    """
    port = _http_port(say)
    grpc_port = next(processes.free_ports(DEFAULT_GRPC_PORT, processes.EVERYWHERE))
    switch_telemetry_off()
    log = state_dir / "rill.log"
    private_files.make_directory(state_dir)
    unread = unread_data.find(state_dir)
    # Left to itself it would go on with what it had when it ended.
    rill_sources.have_next_start_read(rill_dir, unread_data.utc_now())
    began = unread_data.utc_now()
    with log.open("w") as output, _interruptible() as interrupted:
        child = subprocess.Popen(
            command(rill, rill_dir, port, grpc_port),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            # Its own session: Ctrl-C reaches it once, from us.
            start_new_session=True,
            env={**os.environ, "HOME": os.environ.get("HOME") or str(Path.home())},
            preexec_fn=processes.follow_parent(),
        )
        try:
            process.record(state_dir, port, child.pid)
            if _is_ready(running_rill.Runtime(port), child, say):
                unread_data.note_read(state_dir, unread, began)
            if child.poll() is None:
                say(f"Dashboards: http://localhost:{port}{FIRST_PAGE}   (Ctrl-C ends)")
            for line in next_steps:
                say(line)
            code = child.wait()
        except KeyboardInterrupt:
            code = 0
        finally:
            _end(child)
            process.forget(state_dir)
    if code and not interrupted:
        raise LoaderError(f"Rill exited ({_last_line(log)}): see {log}.")
    return 0


def command(rill: Path, rill_dir: Path, port: int, grpc_port: int) -> list[str]:
    """Return the command line that serves the project."""
    return [
        str(rill),
        "start",
        str(rill_dir),
        "--no-open",
        "--interactive=false",
        # The project's variables come from its own rill/.env alone.
        "--pull-env=false",
        f"--port={port}",
        f"--port-grpc={grpc_port}",
        # Only here: Rill ignores it in rill.yaml and in .env. Without it a
        # failed refresh drops the tables that dashboards read.
        "--env=rill.stage_changes=true",
    ]


def switch_telemetry_off(home: Path | None = None) -> None:
    """Turn Rill's usage reports off unless the user has decided already."""
    home = home or Path(os.environ.get("HOME") or Path.home())
    path = home / ".rill" / "config.yaml"
    try:
        settings = yaml.safe_load(path.read_text()) if path.exists() else None
        if isinstance(settings, dict) and "analytics_enabled" in settings:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a") as output:
            output.write("analytics_enabled: false\n")
    except (OSError, yaml.YAMLError) as error:
        raise LoaderError(
            f"cannot set `analytics_enabled: false` in {path} "
            f"({type(error).__name__}): repair the file or set HOME to a directory "
            "you can write."
        ) from None


def _http_port(say: Callable[[str], None]) -> int:
    """Return the port to serve on; a chosen one that is taken is an error."""
    given = chosen_port.chosen()
    if given is not None:
        return given
    port = next(
        processes.free_ports(running_rill.DEFAULT_PORT, processes.EVERYWHERE), None
    )
    if port is None:
        raise LoaderError("no free port for Rill: set BONZO_RILL_PORT to a free one.")
    if port != running_rill.DEFAULT_PORT:
        say(f"Port {running_rill.DEFAULT_PORT} is taken, so Rill uses {port}.")
    return port


def _is_ready(
    serving: running_rill.Runtime, child: subprocess.Popen, say: Callable[[str], None]
) -> bool:
    """Wait for Rill, say what is not built, and return whether all of it is."""
    progress = Progress("Rill is building the dashboards")
    try:
        errors = serving.wait_until_idle(
            READY_SECONDS, lambda: child.poll() is None, progress
        )
    except LoaderError:
        if child.poll() is not None:
            return False  # its exit code says why
        raise
    finally:
        progress.end()
    if errors and not any(_is_built(found) for found in serving.resources()):
        raise LoaderError(
            f"Rill could build no dashboard ({len(errors)} errors, the first: "
            f"{errors[0][:300]}): see .data/rill.log."
        )
    for line in errors:
        say(f"  not built: {line}")
    return not errors


def _is_built(resource: dict) -> bool:
    """Say whether this is a metrics view that can be asked: pages are made of them."""
    return "validSpec" in resource.get("metricsView", {}).get("state", {})


@contextmanager
def _interruptible() -> Iterator[list[int]]:
    """Turn SIGTERM into KeyboardInterrupt and note that a signal came."""
    seen: list[int] = []

    def handle(number: int, frame: object) -> None:
        seen.append(number)
        raise KeyboardInterrupt

    kinds = (signal.SIGINT, signal.SIGTERM)
    old = {kind: signal.signal(kind, handle) for kind in kinds}
    try:
        yield seen
    finally:
        for kind, handler in old.items():
            signal.signal(kind, handler)


def _end(child: subprocess.Popen) -> None:
    if child.poll() is None:
        child.send_signal(signal.SIGINT)
        try:
            child.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _last_line(log: Path) -> str:
    lines = [line for line in log.read_text(errors="replace").splitlines() if line]
    return lines[-1].strip()[:300] if lines else "it printed nothing"
