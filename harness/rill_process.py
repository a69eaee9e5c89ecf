"""A real Rill on a copy of the project, for tests and benches to ask."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import requests

from launcher import processes
from launcher.rill import env_file, extensions, serve
from loader.running_rill import Runtime

PROJECT = Path(__file__).parent.parent / "rill"
# Patient: a build of 180 resources takes minutes on a machine that is busy.
READY_SECONDS = 600
VARIABLES_SECONDS = 60
STOP_SECONDS = 20
INSTANCE = "/v1/instances/default"
# A person without any rights that a row filter could grant.
NOBODY = "nobody@elsewhere.example"


Answer = TypeVar("Answer")


class RunningRill:
    """One Rill process; `folder` is its copy of the project, `url` its address."""

    def __init__(self, folder: Path, port: int, process: subprocess.Popen) -> None:
        self.folder = folder
        self.url = f"http://127.0.0.1:{port}"
        self.runtime = Runtime(port)
        self.process = process
        self._session = requests.Session()
        self._session.trust_env = False

    def ask(self, path: str, body: dict | None = None, token: str = "") -> Any:
        """Call an endpoint and return what it answers; HTTPError if it refuses."""
        answer = self._session.request(
            "GET" if body is None else "POST",
            self.url + path,
            json=body,
            headers={"Authorization": f"Bearer {token}"} if token else {},
            timeout=60,
        )
        answer.raise_for_status()
        return answer.json()

    def metrics_sql(self, sql: str, token: str = "") -> list[dict[str, Any]]:
        """Return the rows of a metrics SQL query that this person may see."""
        body = {"resolver": "metrics_sql", "resolverProperties": {"sql": sql}}
        return self.ask(f"{INSTANCE}/query/resolver", body, token)["data"]

    def measures(
        self,
        view: str,
        dimensions: list[str] | tuple[str, ...] = (),
        names: list[str] | None = None,
        token: str = "",
    ) -> list[dict[str, Any]]:
        """Return measures of a view, all of them unless `names` says which."""
        body = {
            "dimensions": [{"name": name} for name in dimensions],
            "measures": [{"name": name} for name in names or self.names(view)],
            "limit": "10000",
        }
        path = f"{INSTANCE}/queries/metrics-views/{view}/aggregation"
        return self.ask(path, body, token)["data"]

    def assistant(
        self, tool: str, arguments: dict, token: str = ""
    ) -> tuple[bool, str]:
        """Call a tool of the AI assistant over MCP; return success and its text."""
        call = {"name": tool, "arguments": arguments}
        result = self.mcp("tools/call", call, token)
        text = "".join(part.get("text", "") for part in result["content"])
        return not result.get("isError", False), text

    def mcp(self, method: str, parameters: dict, token: str = "") -> dict[str, Any]:
        """Return the result of a request to Rill's MCP server."""
        headers = {"Accept": "application/json, text/event-stream"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}
        answer = self._session.post(
            f"{self.url}/mcp", json=body, headers=headers, timeout=120
        )
        answer.raise_for_status()
        events = [line for line in answer.text.splitlines() if line.startswith("data:")]
        message = json.loads(events[-1][len("data:") :] if events else answer.text)
        if "error" in message:
            raise ValueError(message["error"]["message"])
        return message["result"]

    def names(self, view: str) -> list[str]:
        """Return the names of a view's measures, as Rill knows them."""
        spec = self.resource("MetricsView", view)["metricsView"]["state"]["validSpec"]
        return [measure["name"] for measure in spec["measures"]]

    def resource(self, kind: str, name: str) -> dict[str, Any]:
        """Return one resource with its state."""
        query = f"name.kind=rill.runtime.v1.{kind}&name.name={name}"
        path = f"{INSTANCE}/resource?{query}"
        return self._patiently(lambda: self.ask(path))["resource"]

    def resources(self, kind: str, token: str = "") -> list[dict[str, Any]]:
        """Return the resources of a kind that the holder of the token may see."""
        path = f"{INSTANCE}/resources?kind=rill.runtime.v1.{kind}"
        return self.ask(path, token=token)["resources"]

    def token(self, email: str, admin: bool = False) -> str:
        """Return what lets a request speak as this person."""
        person = {"email": email, "admin": admin}
        body = {"name": email, "groups": [], "attributes": person, **person}
        return self.ask("/v1/dev-jwt", body)["jwt"]

    def set_variables(self, values: dict[str, str]) -> None:
        """Write the project's variables and wait until Rill knows them."""
        write_variables(self.folder, values)
        self._patiently(lambda: self.ask(f"{INSTANCE}/trigger", {"parser": True}))
        template = "".join(f"{{{{ .env.{name} }}}}|" for name in values)
        wanted = "".join(f"{value}|" for value in values.values())
        if not processes.wait_for(
            lambda: self.fill(template) == wanted, VARIABLES_SECONDS
        ):
            raise TimeoutError("Rill did not read its changed .env")

    def fill(self, text: str, token: str = "", formats: bool = False) -> str:
        """Return a text with its templates filled, as a canvas shows it."""
        body = {"body": text, "useFormatTokens": formats}
        path = f"{INSTANCE}/queries/resolve-templated-string"
        return self.ask(path, body, token)["body"]

    def refresh(self, seconds: float = READY_SECONDS) -> list[str]:
        """Have all sources read again; return errors once everything is built."""
        self._patiently(self.runtime.trigger_all)
        return self.wait(seconds)

    def trigger(self, kind: str, name: str) -> None:
        """Have one resource reconciled now."""
        body = {"resources": [{"kind": f"rill.runtime.v1.{kind}", "name": name}]}
        self._patiently(lambda: self.ask(f"{INSTANCE}/trigger", body))

    def wait(self, seconds: float = READY_SECONDS) -> list[str]:
        """Return the errors, one line each, once nothing is being built."""
        return self.runtime.wait_until_idle(
            seconds, lambda: self.process.poll() is None
        )

    @staticmethod
    def _patiently(call: Callable[[], Answer]) -> Answer:
        # Right after a change of files Rill refuses for about a second.
        for _ in range(4):
            try:
                return call()
            except requests.RequestException:
                time.sleep(1)
        return call()


def write_variables(folder: Path, values: dict[str, str]) -> None:
    """Write a project's `.env`, as the launcher does."""
    values = {"duckdb_path": str(env_file.duckdb_file(folder)), **values}
    lines = [f"{name}='{value}'\n" for name, value in values.items()]
    (folder / ".env").write_text("".join(lines))


@contextmanager
def started(
    rill: str, home: Path, variables: dict[str, str], ui: bool = False
) -> Iterator[RunningRill]:
    """Serve a copy of the project below `home`, which becomes Rill's HOME.

    Returns once the process answers, before anything is built.
    """
    folder = home / "rill"
    # A copy that is there goes on with what it had.
    if not folder.exists():
        ignored = shutil.ignore_patterns("tmp", ".env", "demo")
        shutil.copytree(PROJECT, folder, ignore=ignored)
    write_variables(folder, variables)
    with running(Path(rill), folder, home, ui=ui) as (port, process):
        yield RunningRill(folder, port, process)


@contextmanager
def running(
    program: Path, folder: Path, home: Path, *, ui: bool = False
) -> Iterator[tuple[int, subprocess.Popen]]:
    """Run Rill over the project in `folder`; yield its port and process at once.

    `home` becomes its HOME and takes its log.
    """
    extensions.install(home)
    serve.switch_telemetry_off(home)
    port, grpc_port = two_ports()
    command = serve.command(program, folder, port, grpc_port)
    with (home / "rill.log").open("w") as log:
        process = subprocess.Popen(
            command if ui else [*command, "--no-ui"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env={**os.environ, "HOME": str(home)},
            preexec_fn=processes.follow_parent(),
        )
        try:
            yield port, process
        finally:
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def two_ports() -> tuple[int, int]:
    """Return two free ports, others each time.

    Who starts a Rill at the same moment would find the same ones free.
    """
    first = random.randrange(20_000, 30_000)
    ports = processes.free_ports(first, processes.EVERYWHERE)
    return next(ports), next(ports)
