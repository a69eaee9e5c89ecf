"""The ten leads through a real Rill: numbers, access, APIs, the report."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from harness import rill_files
from harness.rill_process import INSTANCE, NOBODY, RunningRill
from tests.rill import golden
from tests.rill.running.conftest import JULY, MARCH, RillSandbox
from tests.rill.running.counted_by_hand import wrong_numbers

pytestmark = [pytest.mark.rill, pytest.mark.timeout(1500)]

# Ben leads North, where Ann and he are; Dan is alone in South and leads nobody.
LEAD, OFFICER = "ben@example.com", "Ann@Example.com"
INJECTION = "' or true --"
TEAM = {"Ann Archer", "Ben Brook"}
COMPANY_WIDE = {"workload_cv", "top_officer_share", "max_to_median"}
FILTERED = [
    view
    for view, body in rill_files.VIEWS.items()
    if "officer_email" in body["security"]["row_filter"]
]
SHARED = ["data_trust", "load_age"]


def test_everything_builds(ten_leads: RunningRill) -> None:
    """Each file of the project became a resource, and none has an error."""
    built = {
        (r["meta"]["name"]["kind"].rpartition(".")[2], r["meta"]["name"]["name"])
        for r in ten_leads.runtime.resources()
    }
    kinds = {"metrics_view": "MetricsView", "api": "API"}
    for path in rill_files.files():
        kind = rill_files.load(path)["type"]
        assert (kinds.get(kind, kind.capitalize()), path.stem) in built


@pytest.mark.parametrize("view", rill_files.VIEWS)
def test_numbers_counted_by_hand(ten_leads: RunningRill, view: str) -> None:
    """Each measure of the view is what was counted by hand for March."""
    assert wrong_numbers(ten_leads, "march", view) == []


@pytest.mark.parametrize("view", rill_files.VIEWS)
def test_every_measure_answers(ten_leads: RunningRill, view: str) -> None:
    """Each measure of the file answers, in total and by each dimension."""
    names = {measure["name"] for measure in rill_files.VIEWS[view]["measures"]}
    (total,) = ten_leads.measures(view)
    assert set(total) == names
    for dimension in rill_files.VIEWS[view].get("dimensions", []):
        rows = ten_leads.measures(view, [dimension["name"]])
        assert rows
        assert set(rows[0]) == names | {dimension["name"]}


def count(view: str) -> str:
    """The first measure of a view: how many rows there are."""
    return rill_files.VIEWS[view]["measures"][0]["name"]


def by_officer(rill: RunningRill, view: str, token: str = "") -> dict[str, Any]:
    """The view's count for each officer that this person may see."""
    rows = rill.measures(view, ["loan_officer"], [count(view)], token)
    return {row["loan_officer"]: row[count(view)] for row in rows}


@pytest.mark.parametrize("view", FILTERED)
def test_access_to_rows(ten_leads: RunningRill, view: str) -> None:
    """An officer sees own rows, a lead the team's, an admin all, others nothing."""
    everything = by_officer(ten_leads, view)
    own = {k: v for k, v in everything.items() if k == "Ann Archer"}
    team = {k: v for k, v in everything.items() if k in TEAM}
    assert own
    seen = {
        email: by_officer(ten_leads, view, ten_leads.token(email))
        for email in (OFFICER, LEAD, NOBODY, INJECTION)
    }
    assert seen == {OFFICER: own, LEAD: team, NOBODY: {}, INJECTION: {}}
    admin = ten_leads.token("boss@example.com", admin=True)
    assert by_officer(ten_leads, view, admin) == everything


def test_nobody_is_missing_from_a_filter() -> None:
    """Every view with leads behind it filters rows or is for admins alone."""
    unfiltered = set(rill_files.VIEWS) - set(FILTERED) - set(SHARED)
    assert unfiltered == {"lead_source_months"}


def test_costs_are_for_admins(ten_leads: RunningRill) -> None:
    """Only an admin can ask what sources cost."""
    admin = ten_leads.token("boss@example.com", admin=True)
    assert ten_leads.measures("lead_source_months", (), ["spend"], admin)
    for email in (OFFICER, LEAD, NOBODY):
        with pytest.raises(requests.HTTPError) as refused:
            ten_leads.measures(
                "lead_source_months", (), ["spend"], ten_leads.token(email)
            )
        assert refused.value.response.status_code in (401, 403)


def test_comparisons_of_officers_are_for_admins(ten_leads: RunningRill) -> None:
    """Measures that compare officers exist for an admin and for nobody else."""
    admin = ten_leads.token("boss@example.com", admin=True)
    assert ten_leads.measures("loan_officers", (), sorted(COMPANY_WIDE), admin)
    for name in COMPANY_WIDE:
        with pytest.raises(requests.HTTPError):
            ten_leads.measures("loan_officers", (), [name], ten_leads.token(LEAD))


@pytest.mark.parametrize("view", SHARED)
def test_trust_is_for_everybody(ten_leads: RunningRill, view: str) -> None:
    """Whoever sees a number may see whether to believe it."""
    known = ten_leads.measures(view, (), [count(view)])
    assert ten_leads.measures(view, (), [count(view)], ten_leads.token(NOBODY)) == known


@pytest.mark.parametrize("name", rill_files.resources("apis"))
def test_api(ten_leads: RunningRill, name: str) -> None:
    """An API answers one row with its fields; a stranger's row is empty."""
    body = rill_files.resources("apis")[name]
    ((view, fields, _),) = rill_files.queries(body["metrics_sql"])
    (row,) = ten_leads.ask(f"{INSTANCE}/api/{name}")
    assert set(row) == set(fields)
    if "security" in body:  # for administrators alone
        for person in (OFFICER, LEAD, NOBODY):
            with pytest.raises(requests.HTTPError) as refused:
                ten_leads.ask(f"{INSTANCE}/api/{name}", token=ten_leads.token(person))
            assert refused.value.response.status_code in (400, 401, 403, 404)
        return
    stranger = ten_leads.token(NOBODY)
    (nothing,) = ten_leads.ask(f"{INSTANCE}/api/{name}", token=stranger)
    assert not any(nothing.values())
    (own,) = ten_leads.ask(f"{INSTANCE}/api/{name}", token=ten_leads.token(OFFICER))
    if "where" not in body["metrics_sql"]:
        (known,) = ten_leads.measures(view, (), fields, ten_leads.token(OFFICER))
        assert own == known
        assert own != row


def test_texts_of_canvases(ten_leads: RunningRill) -> None:
    """Each text with numbers in it can be filled, for an admin and an officer."""
    for tile in rill_files.all_tiles():
        if tile.renderer != "markdown":
            continue
        for token in ("", ten_leads.token(OFFICER)):
            filled = ten_leads.fill(tile.body["content"], token, formats=True)
            assert "{{" not in filled, tile.where
            assert "<no value>" not in filled, tile.where


def test_counts_have_thousands_separators(ten_leads: RunningRill) -> None:
    """The table of the page Trust writes 1234567 as 1,234,567."""
    contents = [t.body.get("content", "") for t in rill_files.tiles("trust")]
    (content,) = (text for text in contents if 'template "thousands"' in text)
    definition = content[: content.index("#")]
    for number in (0, 7, 999, 1_000, 34_727, 999_999, 1_234_567, 987_654_321):
        text = definition + f'{{{{ template "thousands" {number} }}}}'
        assert ten_leads.fill(text) == f"{number:,}"


CALLS = [
    "1: reply unanswered", "2: new, no person yet", "3: pre-approved and silent",
    "4: stale",
]  # fmt: skip


def report(name: str) -> str:
    """Return the metrics SQL of a report."""
    return rill_files.resources("reports")[name]["data"]["metrics_sql"]


def test_morning_report_is_the_call_list(ten_leads: RunningRill) -> None:
    """The report holds the calls of Today in their order, each person's own ones."""
    for person in (OFFICER, LEAD, NOBODY, ""):
        token = ten_leads.token(person) if person else ""
        fields = ["prospect", "loan_officer", "why_now"]
        page = ten_leads.measures("open_pipeline", fields, ["call_priority"], token)
        page = [row for row in page if row["why_now"] in CALLS]
        page.sort(key=lambda row: -row["call_priority"])
        rows = ten_leads.metrics_sql(report("morning"), token)
        assert [row["prospect"] for row in rows] == [row["prospect"] for row in page]
        officers = {row["loan_officer"] for row in rows}
        if person == NOBODY:
            assert rows == []
        elif person == OFFICER:
            assert officers == {"Ann Archer"}
        elif person == LEAD:
            assert officers <= TEAM
        else:
            assert len(officers) > 1


def test_deadline_report_is_the_list(sandbox: RillSandbox) -> None:
    """The report holds the deadlines of Today, the longest overdue first."""
    rill = sandbox.show("golden", golden.tables(), MARCH)
    for person in (OFFICER, NOBODY, ""):
        token = rill.token(person) if person else ""
        page = rill.measures(
            "deadlines", ["prospect", "deadline", "due_on"], ["days_late"], token
        )
        rows = rill.metrics_sql(report("morning_deadlines"), token)
        key = ("prospect", "deadline", "due_on")
        assert sorted(tuple(row[k] for k in key) for row in rows) == sorted(
            tuple(row[k] for k in key) for row in page
        )
        late = [-row["days_left"] for row in rows]
        assert late == sorted(late, reverse=True)


def test_reports_are_built(ten_leads: RunningRill) -> None:
    """Rill takes every report as it is."""
    for name in rill_files.resources("reports"):
        assert not ten_leads.resource("Report", name)["meta"].get("reconcileError")


def test_campaign_starts_are_marked(ten_leads: RunningRill) -> None:
    """Explores of leads and messages mark the day each campaign began."""
    for view in ("leads", "messages"):
        path = f"{INSTANCE}/queries/metrics-views/{view}/annotations"
        body = {
            "measures": [count(view)],
            "timeRange": {
                "start": "2026-01-01T00:00:00Z",
                "end": "2026-04-01T00:00:00Z",
            },
        }
        rows = ten_leads.ask(path, body)["rows"]
        assert [row["description"] for row in rows] == ["Campaign began: Welcome"]
        assert rows[0]["time"].startswith("2026-03-01T09:00")


@pytest.mark.parametrize("canvas", rill_files.CANVASES)
def test_canvas_resolves(ten_leads: RunningRill, canvas: str) -> None:
    """Rill finds every tile of a canvas valid and knows the views behind it."""
    path = f"{INSTANCE}/queries/canvases/{canvas}/resolve"
    found = ten_leads.ask(path, {})
    components = found["resolvedComponents"]
    assert len(components) == len(list(rill_files.tiles(canvas)))
    assert all("validSpec" in c["component"]["state"] for c in components.values())


def test_numbers_of_another_moment(sandbox: RillSandbox) -> None:
    """The same rows seen in July give the numbers counted for July."""
    rill = sandbox.show("golden", golden.tables(), JULY)
    wrong = [wrong_numbers(rill, "july", view) for view in rill_files.VIEWS]
    assert [sentence for view in wrong for sentence in view] == []


def test_weekly_report_is_the_page(sandbox: RillSandbox) -> None:
    """The report holds the numbers of the pages Lead sources and Lead costs."""
    rill = sandbox.show("golden", golden.tables(), JULY)
    rows = rill.metrics_sql(report("weekly"))
    assert [row["new_leads"] for row in rows] == [6, 3, 1]
    names = [name for name in rows[0] if name != "lead_source"]
    path = f"{INSTANCE}/queries/metrics-views/leads/aggregation"
    page = rill.ask(
        path,
        {
            "dimensions": [{"name": "lead_source"}],
            "measures": [{"name": name} for name in names],
            "timeRange": {"expression": "12M as of watermark/M"},
            "sort": [{"name": "new_leads", "desc": True}],
        },
    )["data"]
    assert rows == page
