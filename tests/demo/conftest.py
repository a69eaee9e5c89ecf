"""A small account, served, and the demo's year, told once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timezone

import pytest
import requests

from demo import payloads
from demo.account import Account
from demo.demo_account import DemoYear, demo_year
from demo.server import FakeBonzo

TODAY = date(2026, 3, 31)
EVENING = datetime(2026, 3, 31, 23, tzinfo=timezone.utc)


def small_account(prospects: int = 61) -> Account:
    """Prospects 1, 2, ... each a second younger, with two messages."""
    rows = [
        payloads.prospect(
            number,
            f"2026-01-01T00:{number // 60:02d}:{number % 60:02d}.000000Z",
            first_name="Ada",
            full_name=f"Ada Example{number}",
            email=f"ada{number}@mail.example",
            phone=f"+1202555{number:04d}",
        )
        for number in range(1, prospects + 1)
    ]
    messages = {
        row["id"]: [
            payloads.message(
                row["id"] * 10 + k, row["id"], f"2026-01-0{k}T00:00:00.000000Z"
            )
            for k in (2, 3)
        ]
        for row in rows
    }
    campaigns = [
        payloads.campaign(71001, "Opener", "2026-01-01T00:00:00.000000Z", 71002)
    ]
    pipelines = [payloads.pipeline(2501, "Main", [(1, "Staging"), (2, "Working")])]
    return Account(rows, messages, campaigns, pipelines)


class Reader:
    """Reads from a fake Bonzo as an authorized client."""

    def __init__(self, server: FakeBonzo) -> None:
        self.server = server
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.headers["Authorization"] = f"Bearer {server.token}"

    def __call__(self, path: str, **params: object) -> requests.Response:
        return self.session.get(
            self.server.url + path, params=params, timeout=5, allow_redirects=False
        )


@pytest.fixture
def server() -> Iterator[FakeBonzo]:
    """A fake Bonzo that serves the small account."""
    with FakeBonzo(small_account()) as server:
        yield server


@pytest.fixture
def read(server: FakeBonzo) -> Reader:
    """Reads from the small account."""
    return Reader(server)


@pytest.fixture(scope="session")
def year() -> DemoYear:
    """The demo's year up to TODAY."""
    return demo_year(TODAY)


@pytest.fixture(scope="session")
def account(year: DemoYear) -> Account:
    """The demo account on the evening of TODAY."""
    return year.account(EVENING)
