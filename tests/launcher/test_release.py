"""One release of Rill, one version of DuckDB, and what happens with another."""

from __future__ import annotations

import re
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.metadata import version
from pathlib import Path

import pytest
from click.testing import CliRunner

from launcher.cli import main
from launcher.rill import extensions, release
from loader.errors import LoaderError
from tests.conftest import ROOT

TEXTS = {".md", ".py", ".sh", ".sql", ".yaml", ".yml"}
NEXT = "1.5.4"
BUILT_WITH = b"dep\tgithub.com/duckdb/duckdb-go-bindings\tv0.10504.0\th1:x=\n"


@pytest.fixture
def newer_rill(tmp_path: Path) -> Path:
    """A program that was built with another DuckDB."""
    program = tmp_path / "newer" / "rill"
    program.parent.mkdir()
    program.write_bytes(b"\x7fELF" + bytes(5000) + BUILT_WITH + bytes(5000))
    program.chmod(0o755)
    return program


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """No site for extensions."""
    monkeypatch.setattr(extensions, "DOWNLOADS", "http://127.0.0.1:9")


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """A site that has every extension; the paths that were asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setattr(extensions, "DOWNLOADS", url)
    yield asked
    server.shutdown()
    server.server_close()


def script(path: Path, text: str) -> Path:
    """Write an executable."""
    path.write_text(f"#!{sys.executable}\n{text}\n")
    path.chmod(0o755)
    return path


def test_pins_and_release_agree() -> None:
    """DuckDB and its extensions are pinned at the version inside this Rill."""
    text = (ROOT / "pyproject.toml").read_text()
    pins = dict(re.findall(r'"(duckdb[a-z-]*)==([\d.]+)"', text))
    names = {f"duckdb-extension-{n.replace('_', '-')}" for n in extensions.NAMES}
    assert set(pins) == {"duckdb", *names}
    assert set(pins.values()) == {release.duckdb()}
    assert version("duckdb") == release.duckdb()


def test_release_is_named_in_one_place() -> None:
    """No other file of the product names the release, so that one edit changes it."""
    files = [ROOT / name for name in (".env.example", "Makefile", "pyproject.toml")]
    for folder in (".github", "docs", "launcher", "loader", "rill", "scripts"):
        files += [p for p in (ROOT / folder).rglob("*") if p.suffix in TEXTS]
    files += [ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
    number = release.VERSION.removeprefix("v")
    named = [p for p in files if number in p.read_text(encoding="utf-8")]
    assert named == [ROOT / "launcher" / "rill" / "release.py"]


@pytest.mark.parametrize(
    ("rill", "duckdb"), [("0.86.2", "1.5.2"), ("0.89.0", "1.5.4"), ("0.90.1", "1.5.5")]
)
def test_known_releases(tmp_path: Path, rill: str, duckdb: str) -> None:
    """A program that only says its version is known by the table."""
    program = script(tmp_path / "rill", f"print('rill version v{rill} (build x)')")
    assert release.duckdb_of(program) == duckdb


def test_build_note_is_read(newer_rill: Path) -> None:
    """What a program was built with is read from it, whatever it calls itself."""
    assert release.duckdb_of(newer_rill) == NEXT


def test_unknown_program(tmp_path: Path) -> None:
    """A program that says nothing is not judged; Rill itself says what is wrong."""
    program = script(tmp_path / "rill", "print('rill version unknown')")
    assert release.duckdb_of(program) is None
    extensions.prepare_for(program, print, tmp_path)


def test_another_duckdb_offline(
    newer_rill: Path, offline: None, tmp_path: Path
) -> None:
    """Offline, within seconds: which version, what is missing, and the fix."""
    began = time.monotonic()
    with pytest.raises(LoaderError) as caught:
        extensions.prepare_for(newer_rill, print, tmp_path)
    assert time.monotonic() - began < 15
    message = caught.value.message
    assert f"{newer_rill} uses DuckDB {NEXT}" in message
    assert "postgres_scanner, aws, azure" in message
    assert "connect to the internet" in message
    assert release.VERSION in message


def test_another_duckdb_with_its_extensions(
    newer_rill: Path, offline: None, tmp_path: Path
) -> None:
    """Where its extensions are already, a newer Rill is not stopped."""
    folder = next(extensions_folder(tmp_path).parent.parent.glob("v*")).parent
    platform = extensions_folder(tmp_path).name
    for name in extensions.DOWNLOADED_BY_RILL:
        file = folder / f"v{NEXT}" / platform / f"{name}.duckdb_extension"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    said: list[str] = []
    extensions.prepare_for(newer_rill, said.append, tmp_path)
    assert said == []


def test_another_duckdb_online(
    newer_rill: Path, site: list[str], tmp_path: Path
) -> None:
    """Online a newer Rill may fetch its own; that is reported, not refused."""
    said: list[str] = []
    extensions.prepare_for(newer_rill, said.append, tmp_path)
    assert said == [
        f"{newer_rill} uses DuckDB {NEXT} and downloads that version's extensions."
    ]
    assert site[0].startswith(f"/v{NEXT}/")
    assert site[0].endswith("/postgres_scanner.duckdb_extension.gz")


@pytest.mark.parametrize("command", ["start", "validate", "env"])
def test_it_is_noticed_before_anything_starts(
    newer_rill: Path,
    offline: None,
    tmp_path: Path,
    database: str,
    monkeypatch: pytest.MonkeyPatch,
    command: str,
) -> None:
    """No command that needs Rill goes on with it: exit code 1, one sentence."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PATH", str(newer_rill.parent))
    monkeypatch.setenv("DATABASE_URL", database)
    monkeypatch.setattr("loader.running_rill.DEFAULT_PORT", 9)
    (tmp_path / "rill" / "data").mkdir(parents=True)
    result = CliRunner().invoke(main, [command])
    assert result.exit_code == 1
    assert f"uses DuckDB {NEXT}" in result.output
    assert "Loading" not in result.output


@pytest.mark.rill
def test_real_rill_is_the_one_this_is_made_for(rill_on_path: Path) -> None:
    """The `rill` that the tests run has the DuckDB that is pinned."""
    assert release.duckdb_of(rill_on_path) == release.duckdb()


@pytest.fixture
def rill_on_path() -> Path:
    """Path of `rill`."""
    from launcher.rill import binary

    found = binary.find(ROOT)
    if found is None:
        pytest.skip("no `rill` on PATH")
    return found


def extensions_folder(home: Path) -> Path:
    """Return where this version's extensions are, after putting them there."""
    extensions.install(home)
    return next(home.rglob("icu.duckdb_extension")).parent
