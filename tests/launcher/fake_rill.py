"""Stands in for the `rill` program: its command line and local interface.

Written out as an executable by the tests. Behavior is chosen by files in the
project folder: `fail` (end at once), `slow` (listen only after that many seconds),
`building` (one model is never done), `error` (one resource in error), `nothing` (no
metrics view is built), `refuse` (answer that many triggers with 503), `hang` (after
ten answers, or that many, give none any more that concerns a resource). The last
trigger is left in `asked.json`, and a line for each start in `starts`. `validate`
writes the result that lies in `result.json` and ends with the code in `code`.
"""

from __future__ import annotations

import json
import signal
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

# The real program is asked for a stop by SIGINT; Python's default would print
# a traceback.
signal.signal(signal.SIGINT, lambda *_: sys.exit(0))
arguments = sys.argv[1:]
folder = Path(arguments[1])
(folder / "arguments.json").write_text(json.dumps(arguments))
if (folder / "fail").exists():
    print("Error: serve: the moon is in the wrong house")
    sys.exit(1)
if arguments[0] == "validate":
    target = next(a.partition("=")[2] for a in arguments if a.startswith("-o="))
    Path(target).write_text((folder / "result.json").read_text())
    print("Error: validation failed")
    sys.exit(int((folder / "code").read_text()))
with (folder / "starts").open("a") as starts:
    starts.write("started\n")
if (folder / "slow").exists():
    time.sleep(float((folder / "slow").read_text()))
port = next(int(a.partition("=")[2]) for a in arguments if a.startswith("--port="))
calls = 0
answered = 0
hangs = False
ANSWERS_BEFORE_HANGING = 10


def resources() -> list[dict]:
    """One parser, which is always running, one model and one metrics view."""
    built = not (folder / "nothing").exists()
    error = "" if built and not (folder / "error").exists() else "no such column"
    status = "RUNNING" if (folder / "building").exists() else "IDLE"
    kind = "rill.runtime.v1."
    return [
        {
            "meta": {
                "name": {"kind": f"{kind}ProjectParser", "name": "parser"},
                "reconcileStatus": "RECONCILE_STATUS_RUNNING",
            },
            "projectParser": {"state": {}},
        },
        {
            "meta": {
                "name": {"kind": f"{kind}Model", "name": "leads"},
                "reconcileStatus": f"RECONCILE_STATUS_{status}",
                "reconcileError": error,
            }
        },
        {
            "meta": {
                "name": {"kind": f"{kind}MetricsView", "name": "leads"},
                "reconcileStatus": "RECONCILE_STATUS_IDLE",
                "reconcileError": "" if built else "no such model",
            },
            "metricsView": {"state": {"validSpec": {}} if built else {}},
        },
    ]


class Handler(BaseHTTPRequestHandler):
    """Answers the few calls that we make."""

    def reply(self, body: object, status: int = 200) -> None:
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def hang_if_asked(self) -> None:
        """Never return once the project folder said so."""
        global answered, hangs
        answered += 1
        hang = folder / "hang"
        if hang.exists() and answered > int(hang.read_text() or ANSWERS_BEFORE_HANGING):
            hangs = True
        while hangs:
            time.sleep(1)

    def do_GET(self) -> None:
        self.hang_if_asked()
        self.reply({"resources": resources()})

    def do_POST(self) -> None:
        global calls
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path.endswith("GetMetadata"):
            self.reply({"projectPath": str(folder.resolve())})
            return
        self.hang_if_asked()
        calls += 1
        refuse = folder / "refuse"
        refused = refuse.exists() and calls <= int(refuse.read_text())
        (folder / "triggers").write_text(str(calls))
        (folder / "asked.json").write_bytes(body)
        self.reply({}, 503 if refused else 200)

    def log_message(self, *args: object) -> None:
        pass


ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()
