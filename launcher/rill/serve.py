"""Runs `rill start` in the foreground until it ends or is interrupted."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import yaml

from launcher import processes
from launcher.rill import port as chosen_port
from launcher.rill import process, watch
from launcher.rill.run import Run
from loader import running_rill
from loader.errors import LoaderError

DEFAULT_GRPC_PORT = 49009
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
    A Rill that hangs is ended and started again. Returns 0 when interrupted (Ctrl-C
    or SIGTERM), which is how one ends it. Raises LoaderError when Rill cannot start,
    can build no dashboard, or hangs again and again; its output is in
    `state_dir/rill.log`.
    """
    log = state_dir / "rill.log"
    with process.serving(state_dir):
        switch_telemetry_off()
        with _interruptible() as interrupted:
            try:
                code = None
                while code is None:
                    code = _serve_once(rill, rill_dir, state_dir, say, next_steps)
            except KeyboardInterrupt:
                code = 0
    if code and not interrupted:
        raise LoaderError(f"Rill exited ({_last_line(log)}): see {log}.")
    return 0


def _serve_once(
    rill: Path,
    rill_dir: Path,
    state_dir: Path,
    say: Callable[[str], None],
    next_steps: Sequence[str],
) -> int | None:
    """Serve on ports that are free, and return Rill's exit code.

    None if another program, perhaps another client's Rill, has taken one of them in
    the moment before Rill did.
    """
    ports = _free_ports(say)
    announce = _announcement(ports[0], next_steps, say)
    with (state_dir / "rill.log").open("w") as output:
        argv = command(rill, rill_dir, *ports)
        run = Run(argv, ports[0], rill_dir, state_dir, output, say)
        code = watch.keep_running(lambda: run(announce), say)
    return None if code and not all(map(processes.is_free, ports)) else code


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
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        settings = yaml.safe_load(text) or {}
        if "analytics_enabled" in settings:
            return
        separator = "" if not text or text.endswith("\n") else "\n"
        more = f"{separator}analytics_enabled: false\n"
        # A list, or keys in braces, take no further line.
        if yaml.safe_load(text + more) != {**settings, "analytics_enabled": False}:
            raise ValueError("not a list of keys")
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as output:
            output.write(more)
    except (OSError, ValueError, TypeError, yaml.YAMLError) as error:
        raise LoaderError(
            f"cannot set `analytics_enabled: false` in {path} "
            f"({type(error).__name__}): repair the file or set HOME to a directory "
            "you can write."
        ) from None


def _free_ports(say: Callable[[str], None]) -> tuple[int, int]:
    """Return the ports to serve on; a chosen one that is taken is an error."""
    port = chosen_port.chosen()
    if port is None:
        port = _first_free(running_rill.DEFAULT_PORT)
        if port != running_rill.DEFAULT_PORT:
            say(f"Port {running_rill.DEFAULT_PORT} is taken, so Rill uses {port}.")
    return port, _first_free(DEFAULT_GRPC_PORT)


def _first_free(first: int) -> int:
    port = next(processes.free_ports(first, processes.EVERYWHERE), None)
    if port is None:
        raise LoaderError("no free port for Rill: set BONZO_RILL_PORT to a free one.")
    return port


def _announcement(
    port: int, next_steps: Sequence[str], say: Callable[[str], None]
) -> Callable[[], None]:
    """Return what prints the address and, the first time, the next steps."""
    steps = list(next_steps)

    def announce() -> None:
        say(f"Dashboards: http://localhost:{port}{FIRST_PAGE}   (Ctrl-C ends)")
        while steps:
            say(steps.pop(0))

    return announce


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


def _last_line(log: Path) -> str:
    lines = [line for line in log.read_text(errors="replace").splitlines() if line]
    return lines[-1].strip()[:300] if lines else "it printed nothing"
