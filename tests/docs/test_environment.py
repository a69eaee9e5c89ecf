"""The tests see nothing of whoever runs them."""

from __future__ import annotations

import os
from pathlib import Path

from tests import environment

PERSONAL = {
    "BONZO_API_TOKEN": "mine",
    "BONZO_PROJECT_DIR": "/home/me/project",
    "DATABASE_URL": "postgresql://production",
    "RILL_DATABASE_URL": "postgresql://production",
    "RILL_VERSION": "v0.1.0",
    "PGHOST": "production",
    "PGPASSFILE": "/home/me/.pgpass",
    "http_proxy": "http://proxy:3128",
    "HTTPS_PROXY": "http://proxy:3128",
    "NETRC": "/home/me/.netrc",
}
GIVEN = {"BONZO_POSTGRES_BIN": "/opt/pg/bin", "TEST_DATABASE_URL": "x", "PATH": "/bin"}


def test_personal_settings_are_hidden(tmp_path: Path) -> None:
    """Settings, proxies, HOME and time zone go; what is given to the tests stays."""
    found = environment.cleaned(
        PERSONAL | GIVEN | {"HOME": "/home/me", "TZ": "Asia/Tokyo"}, str(tmp_path)
    )
    assert found == GIVEN | environment.FIXED | {"HOME": str(tmp_path)}


def test_browsers_are_still_found(tmp_path: Path) -> None:
    """Playwright's browsers, which are below HOME, stay in sight."""
    browsers = tmp_path / ".cache" / "ms-playwright"
    browsers.mkdir(parents=True)
    found = environment.cleaned({"HOME": str(tmp_path)}, "/elsewhere")
    assert found["PLAYWRIGHT_BROWSERS_PATH"] == str(browsers)


def test_this_run_is_clean() -> None:
    """The environment of this very run was cleaned before anything read it."""
    found = {name for name in PERSONAL if name in os.environ}
    assert found <= {"BONZO_PROJECT_DIR"}
    assert not (Path(os.environ["HOME"]) / ".pgpass").exists()
