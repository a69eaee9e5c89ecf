"""Finding and fetching Rill."""

from __future__ import annotations

import hashlib
import io
import os
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from launcher.rill import binary, release
from loader.errors import LoaderError

PROGRAM = b"#!/bin/sh\necho rill version v0.88.4\n"


class Site:
    """A download site: path -> body."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.url = ""

    def publish(self, version: str, archive: bytes, digest: str | None = None) -> None:
        """Offer a release with its checksum, or a wrong one."""
        name = f"rill_{binary.platform_name()}.zip"
        digest = digest or hashlib.sha256(archive).hexdigest()
        self.files[f"/{version}/{name}"] = archive
        lines = f"{'0' * 64}  rill_plan9_mips.zip\n{digest}  {name}\n"
        self.files[f"/{version}/checksums.txt"] = lines.encode()


@pytest.fixture
def site() -> Iterator[Site]:
    """A running, empty download site."""
    found = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = found.files.get(self.path)
            self.send_response(200 if body else 404)
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield found
    server.shutdown()
    server.server_close()


def archive(name: str = "rill") -> bytes:
    """A zip file with the program in it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as bundle:
        bundle.writestr(name, PROGRAM)
    return buffer.getvalue()


def test_path_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A `rill` on PATH is used before any that was fetched."""
    fetched = f".bin/{release.VERSION}"
    for folder in ("path", fetched):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "rill").write_bytes(PROGRAM)
        (tmp_path / folder / "rill").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    assert binary.find(tmp_path) == tmp_path / "path" / "rill"
    monkeypatch.setenv("PATH", str(tmp_path))
    assert binary.find(tmp_path) == tmp_path / fetched / "rill"


def test_release_is_fetched_once(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The verified program is executable and found again without the site."""
    monkeypatch.setenv("PATH", "")
    site.publish(release.VERSION, archive())
    program = binary.find_or_fetch(tmp_path, site.url)
    assert program.read_bytes() == PROGRAM
    assert os.access(program, os.X_OK)
    site.files.clear()
    assert binary.find_or_fetch(tmp_path, site.url) == program
    assert [f.name for f in (tmp_path / ".bin").iterdir()] == [release.VERSION]


def test_other_version_is_fetched(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """RILL_VERSION names the release, with or without its v."""
    monkeypatch.setenv("RILL_VERSION", "0.90.0")
    site.publish("v0.90.0", archive())
    assert binary.fetch(tmp_path, site.url).parent.name == "v0.90.0"


def test_wrong_checksum_is_thrown_away(site: Site, tmp_path: Path) -> None:
    """A download that does not match its checksum is neither kept nor run."""
    site.publish(release.VERSION, archive(), digest="f" * 64)
    with pytest.raises(binary.RillUnavailable, match="does not match"):
        binary.fetch(tmp_path, site.url)
    assert not list(tmp_path.iterdir())


def test_missing_checksum_stops_the_download(site: Site, tmp_path: Path) -> None:
    """Without a published checksum nothing is downloaded."""
    site.publish(release.VERSION, archive())
    site.files[f"/{release.VERSION}/checksums.txt"] = b"nothing here\n"
    with pytest.raises(binary.RillUnavailable, match="no checksum"):
        binary.fetch(tmp_path, site.url)


def test_archive_without_program(site: Site, tmp_path: Path) -> None:
    """An archive without `rill` in it leaves nothing behind."""
    site.publish(release.VERSION, archive("readme"))
    with pytest.raises(binary.RillUnavailable, match="holds no `rill`"):
        binary.fetch(tmp_path, site.url)
    assert not list(tmp_path.iterdir())


def test_unknown_release(site: Site, tmp_path: Path) -> None:
    """A release that the site does not have is a sentence with the fix."""
    with pytest.raises(binary.RillUnavailable, match=r"HTTP 404.*install Rill"):
        binary.fetch(tmp_path, site.url)


def test_unreachable_site(tmp_path: Path) -> None:
    """No internet is a sentence with the fix, and nothing is left behind."""
    with pytest.raises(binary.RillUnavailable, match="cannot be reached") as caught:
        binary.fetch(tmp_path, "http://127.0.0.1:9")
    assert "connect to the internet" in caught.value.message
    assert not list(tmp_path.iterdir())


def test_version_that_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """A RILL_VERSION that could reach elsewhere on the site is refused."""
    monkeypatch.setenv("RILL_VERSION", "../latest")
    with pytest.raises(LoaderError, match="RILL_VERSION"):
        binary.wanted_version()
