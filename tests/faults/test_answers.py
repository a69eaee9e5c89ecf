"""What comes back from the service is late, broken, or refused."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime

import pytest

from demo.faults import Fault
from demo.limits import RateLimit
from demo.routes import Options
from demo.server import FakeBonzo
from loader.errors import LoaderError
from tests.faults.loading import load
from tests.faults.registry import shows

Differ = Callable[[str], list[str]]
LIST = r"/prospects\?"
MESSAGES = r"/communication"


@shows(
    "429 with `Retry-After` in seconds",
    "everything pauses as long as asked; the run is complete",
)
def test_waits_the_seconds_asked_for(
    database: str, server: FakeBonzo, differences: Differ
) -> None:
    """The load pauses at least as long as the service asks, and loses nothing."""
    server.faults.add(Fault("too_many", MESSAGES, after=3, retry_after="1"))
    start = time.monotonic()
    assert load(database, server).outcome == "complete"
    assert time.monotonic() - start >= 1
    assert differences(database) == []


@shows(
    "429 with `Retry-After` as an HTTP date",
    "everything pauses until then; the run is complete",
)
def test_waits_until_the_date_asked_for(
    database: str, server: FakeBonzo, differences: Differ
) -> None:
    """A date in Retry-After is understood like seconds."""
    until = datetime.now(timezone.utc) + timedelta(seconds=2)
    date = format_datetime(until, usegmt=True)
    server.faults.add(Fault("too_many", LIST, retry_after=date))
    assert load(database, server).outcome == "complete"
    # The date has no fractions, so up to a second of it is cut off.
    assert datetime.now(timezone.utc) >= until.replace(microsecond=0)
    assert differences(database) == []


@shows(
    "429 without `Retry-After`",
    "everything pauses for one window of the limit; the run is complete",
)
def test_waits_a_window_when_not_told(
    database: str, server: FakeBonzo, differences: Differ
) -> None:
    """Without Retry-After the pause is the window of the account's limit."""
    fault = server.faults.add(Fault("too_many", MESSAGES, times=2))
    assert load(database, server).outcome == "complete"
    assert fault.hits == 2
    assert differences(database) == []


@pytest.mark.parametrize("kind", ["bad_gateway", "unavailable"])
@shows("502 or 503 with an HTML page", "read again after a growing pause; complete")
def test_reads_again_after_a_gateway_error(
    database: str, server: FakeBonzo, differences: Differ, kind: str
) -> None:
    """Passing gateway errors cost nothing, on lists and on messages."""
    for path in (LIST, MESSAGES, "/campaigns", "/pipelines"):
        server.faults.add(Fault(kind, path, times=2))
    assert load(database, server).outcome == "complete"
    assert differences(database) == []


@shows(
    "502 that lasts",
    "the run fails with a sentence; what was read stays, the next run goes on",
)
def test_fails_with_a_sentence_when_it_lasts(
    database: str, server: FakeBonzo, differences: Differ
) -> None:
    """A service that stays away ends the run, and the next one completes it."""
    fault = server.faults.add(Fault("bad_gateway", LIST, after=2, times=None))
    with pytest.raises(LoaderError, match="next run goes on"):
        load(database, server)
    assert fault.hits > 1
    server.faults.clear()
    assert load(database, server).outcome == "complete"
    assert differences(database) == []


@shows("a reply slower than the time-out", "given up, read again; complete")
def test_reads_again_what_is_slow(
    database: str, server: FakeBonzo, differences: Differ
) -> None:
    """A reply over the time-out is asked for once more."""
    for path in (LIST, MESSAGES):
        server.faults.add(Fault("slow", path, seconds=1.5))
    assert load(database, server, timeout=0.5).outcome == "complete"
    assert differences(database) == []


@pytest.mark.parametrize("kind", ["slow_body", "slow_headers"])
@shows(
    "a reply whose body or header lines drip in, byte by byte",
    "`BONZO_TIMEOUT` bounds the whole answer: given up, read again; complete",
)
def test_reads_again_what_drips(
    database: str, server: FakeBonzo, differences: Differ, kind: str
) -> None:
    """A byte now and then does not keep a request alive."""
    for path in (LIST, MESSAGES, "/campaigns"):
        server.faults.add(Fault(kind, path, seconds=0.2))
    start = time.monotonic()
    assert load(database, server, timeout=0.5).outcome == "complete"
    assert time.monotonic() - start < 30
    assert differences(database) == []


@pytest.mark.parametrize("kind", ["bomb", "endless"])
@shows(
    "a body that unpacks to more than 64 MB, or never ends",
    "read up to the limit, then dropped and read again; complete",
)
def test_reads_again_what_is_too_large(
    database: str, server: FakeBonzo, differences: Differ, kind: str
) -> None:
    """No answer fills the memory."""
    for path in (LIST, MESSAGES):
        server.faults.add(Fault(kind, path))
    assert load(database, server, timeout=60.0).outcome == "complete"
    assert differences(database) == []


@pytest.mark.parametrize("kind", ["cut", "drop"])
@shows("a connection cut before or within a body", "read again; complete")
def test_reads_again_what_was_cut(
    database: str, server: FakeBonzo, differences: Differ, kind: str
) -> None:
    """Half a body is no body."""
    for path in (LIST, MESSAGES, "/pipelines"):
        server.faults.add(Fault(kind, path, times=2))
    assert load(database, server).outcome == "complete"
    assert differences(database) == []


@pytest.mark.parametrize("kind", ["truncated", "not_json"])
@shows("200 whose body is cut JSON or HTML", "read again; complete")
def test_reads_again_what_is_no_json(
    database: str, server: FakeBonzo, differences: Differ, kind: str
) -> None:
    """A 200 that cannot be read is a fault like any other."""
    for path in (LIST, MESSAGES):
        server.faults.add(Fault(kind, path, times=2))
    assert load(database, server).outcome == "complete"
    assert differences(database) == []


@shows(
    "the token expires in the middle",
    "the run fails and says to make a new token; with it the next run completes",
)
def test_ends_when_the_token_expires(
    database: str, server: FakeBonzo, differences: Differ
) -> None:
    """401 ends the run at once, without retries."""
    fault = server.faults.add(Fault("unauthorized", "", after=20, times=None))
    with pytest.raises(LoaderError, match="BONZO_API_TOKEN"):
        load(database, server, workers=1)
    # What was under way may still be refused; the list goes on for dozens more.
    assert fault.hits <= 5
    server.faults.clear()
    assert load(database, server).outcome == "complete"
    assert differences(database) == []


@shows(
    "403 on `/campaigns` (missing scope)",
    "campaigns are taken from the prospects; complete, with a warning on the scope",
)
def test_does_without_the_campaign_list(database: str, history: object) -> None:
    """Without the scope campaigns are known by what prospects list."""
    scopes = ("prospects", "pipelines")
    with FakeBonzo(history.account, scopes=scopes) as server:
        report = load(database, server)
    assert report.outcome == "complete"
    assert any("campaigns" in line for line in report.warnings)
    assert report.tables["campaigns"].inserted > 0


@pytest.mark.parametrize("status", [500, 403, 404, 422])
@shows(
    "`/campaigns` or `/pipelines` refused or without an answer",
    "what earlier loads know of them stands; complete, with a warning",
)
def test_does_without_a_side_list(
    database: str, server: FakeBonzo, differences: Differ, status: int
) -> None:
    """Prospects and messages are loaded; nothing known before is lost."""
    assert load(database, server).outcome == "complete"
    for path in ("/campaigns", "/pipelines"):
        server.faults.add(Fault("refused", path, status=status, times=None))
    report = load(database, server)
    assert report.outcome == "complete"
    assert any("campaigns" in line for line in report.warnings)
    assert differences(database) == []


@shows(
    "a rate limit far below the usual one, or a long wait for it",
    "obeyed, and said at once and in the run's warnings",
)
def test_says_when_the_service_slows_it_down(database: str, history: object) -> None:
    """Nobody watches a load that seems to hang without knowing why."""
    limit = RateLimit(200, 0.2)
    with FakeBonzo(history.account, rate_limit=limit) as server:
        report = load(database, server, rate_limit=2500)
    assert report.outcome == "complete"
    assert any("far fewer than usual" in line for line in report.warnings)


@pytest.mark.parametrize("status", [400, 403, 404, 409, 410, 422])
@shows(
    "any 4xx on one prospect's messages (401 only if the token still works)",
    "that prospect's messages are left for later with a warning; the rest is "
    "loaded; complete",
)
def test_skips_one_prospects_messages(
    database: str, server: FakeBonzo, differences: Differ, status: int
) -> None:
    """One refusal costs one prospect's messages, and only until the next run."""
    chosen = max(
        server.account.prospects, key=lambda key: len(server.account.messages_of(key))
    )
    path = f"/{chosen}/communication"
    fault = server.faults.add(Fault("refused", path, status=status, times=None))
    report = load(database, server)
    assert (report.outcome, fault.hits) == ("complete", 1)
    assert report.prospects_stored == len(server.account.prospects)
    assert report.warnings
    assert differences(database)
    server.faults.clear()
    load(database, server)
    assert differences(database) == []


@shows(
    "a redirect to another host",
    "refused; the token is not sent there; the run fails with a sentence",
)
def test_follows_no_redirect_to_another_host(database: str, server: FakeBonzo) -> None:
    """The token stays with the host that it was given for."""
    with FakeBonzo(server.account) as other:
        location = other.url + "/prospects"
        server.faults.add(Fault("redirect", LIST, location=location))
        with pytest.raises(LoaderError, match="another host"):
            load(database, server)
        assert other.log == []
        assert other.authorizations == set()


@pytest.mark.parametrize("per_page", [None, 1, 3])
@shows("messages come in one piece or in pages", "both are read to the end; complete")
def test_reads_messages_in_pages_or_not(
    database: str, server: FakeBonzo, differences: Differ, per_page: int | None
) -> None:
    """Whether /communication pages makes no difference."""
    server.options = Options(messages_per_page=per_page)
    assert load(database, server).outcome == "complete"
    assert differences(database) == []
