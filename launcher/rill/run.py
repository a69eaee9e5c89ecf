"""One Rill from its start to its end."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from launcher import processes
from launcher.rill import process, readiness, watch
from loader import rill_sources, running_rill, unread_data


@dataclass(frozen=True)
class Run:
    """What every start of one `make start` has in common."""

    command: Sequence[str]
    port: int
    rill_dir: Path
    state_dir: Path
    output: TextIO
    say: Callable[[str], None]

    def __call__(self, announce: Callable[[], None]) -> int | None:
        """Start Rill and return the exit code with which it ends; None if it hung.

        `announce` is called when the dashboards can be opened. LoaderError is raised
        when there are none.
        """
        unread = unread_data.find(self.state_dir)
        # Left to itself it would go on with what it had when it ended.
        rill_sources.have_next_start_read(self.rill_dir, unread_data.utc_now())
        began = unread_data.utc_now()
        child = self._start()
        try:
            process.record(self.state_dir, self.port, child.pid)
            with watch.watching(child, self.port) as watched:
                rill = running_rill.Runtime(self.port)
                if readiness.is_listening(rill, child, self.rill_dir):
                    if readiness.is_ready(rill, child, self.say):
                        unread_data.note_read(self.state_dir, unread, began)
                    if child.poll() is None:
                        announce()
                code = child.wait()
        finally:
            _end(child)
        return None if watched.found_hung else code

    def _start(self) -> subprocess.Popen:
        return subprocess.Popen(
            self.command,
            stdin=subprocess.DEVNULL,
            stdout=self.output,
            stderr=subprocess.STDOUT,
            # Its own session: Ctrl-C reaches it once, from us.
            start_new_session=True,
            env={**os.environ, "HOME": os.environ.get("HOME") or str(Path.home())},
            preexec_fn=processes.follow_parent(),
        )


def _end(child: subprocess.Popen) -> None:
    if child.poll() is None:
        child.send_signal(signal.SIGINT)
        try:
            child.wait(process.STOP_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
