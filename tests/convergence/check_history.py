"""Checks a database that was loaded along the way against what happened."""

from __future__ import annotations

from uuid import UUID, uuid5

import psycopg

from tests.convergence.compare import gone
from tests.fake_bonzo.expected_history import Enrollment
from tests.fake_bonzo.random_history import History

# Spelled out once more, on purpose: ids must never change.
_NAMESPACE = UUID("6f1d2a52-3c0e-5b52-9a8e-0b0a5f0c1d77")
# Campaigns whose sequence the campaign list shows. Which one the messages of the
# others belong to is a guess, so prospects in those are only compared.
_TOLD = (71, 72, 73)


def mismatches(dsn: str, history: History) -> list[str]:
    """Return what the database says that did not happen, and what it missed."""
    return [
        *_wrongly_gone(dsn, history),
        *_wrong_stays(dsn, history),
        *_wrong_enrollments(dsn, history),
    ]


def _wrongly_gone(dsn: str, history: History) -> list[str]:
    """Gone are exactly the removed prospects that a load knew."""
    removed, found = set(history.truth.removed), gone(dsn)
    missed = (removed & history.truth.seen) - found
    return [f"gone but present: {key}" for key in found - removed] + [
        f"removed but not gone: {key}" for key in missed
    ]


def _wrong_stays(dsn: str, history: History) -> list[str]:
    """Every move that a complete load saw is there, and none that never was."""
    with psycopg.connect(dsn) as connection:
        rows = connection.execute(
            "select h.prospect_id, s.stage_name, h.entered_at, h.first_seen_at "
            "from prospect_stage_history as h "
            "join qualification_stages as s using (stage_id)"
        ).fetchall()
        runs = _run_starts(connection)
    stays = {(prospect, stage, entered) for prospect, stage, entered, _ in rows}
    moves = history.truth.moves
    happened = {(move.prospect_id, move.stage, move.at) for move in moves}
    undated = {(m.prospect_id, m.stage) for m in moves if m.at is None}
    wrong = [
        f"no such move: {row}"
        for row in stays - happened
        if row[:2] not in undated or row[2] not in runs
    ]
    for move in moves:
        if not move.seen or move.stage is None:
            continue
        if move.at is not None:
            there = (move.prospect_id, move.stage, move.at) in stays
        else:
            there = any(row[:2] == (move.prospect_id, move.stage) for row in stays)
        if not there:
            wrong.append(f"missed move: {move}")
    return wrong


def _wrong_enrollments(dsn: str, history: History) -> list[str]:
    """Each enrollment that could be known is there once, and no other."""
    with psycopg.connect(dsn) as connection:
        rows = connection.execute(
            "select prospect_id, campaign_id, assigned_at, status "
            "from prospect_campaign_assignments"
        ).fetchall()
        runs = _run_starts(connection)
    enrollments = history.truth.enrollments
    guessed = {e.prospect_id for e in enrollments if e.campaign_id not in _TOLD}
    own = set(history.account.prospects) - history.truth.mixed - guessed
    stored = {row[:3]: row[3] for row in rows if row[0] in own}
    wrong = []
    for enrollment in enrollments:
        if enrollment.prospect_id not in own:
            continue
        keys = _possible_keys(enrollment)
        found = [key for key in keys if key in stored]
        knowable = enrollment.sent or (enrollment.seen and enrollment.start)
        if len(found) > 1 or (knowable and not found):
            wrong.append(f"{len(found)} rows of {enrollment}")
        for key in found:
            status = stored.pop(key)
            if enrollment.listed and status == "Completed" and not _stops(enrollment):
                wrong.append(f"ended too early: {enrollment}")
            if status == "Active" and not _is_listed(enrollment, history):
                wrong.append(f"never ended: {enrollment}")
    unexplained = [key for key in stored if not _first_seen_listing(key, history, runs)]
    return wrong + [f"no such enrollment: {key}" for key in unexplained]


def _run_starts(connection: psycopg.Connection) -> set:
    rows = connection.execute("select started_at from loader.sync_runs")
    return {row[0] for row in rows}


def _possible_keys(enrollment: Enrollment) -> list[tuple]:
    """Its row may begin at the known start or with the first message."""
    campaign = uuid5(_NAMESPACE, f"campaign:{enrollment.campaign_id}")
    times = {enrollment.start, min(enrollment.sent, default=None)} - {None}
    return [(enrollment.prospect_id, campaign, at) for at in times]


def _is_listed(enrollment: Enrollment, history: History) -> bool:
    """The campaign is listed, if only by a later enrollment that nothing dates."""
    current = history.truth.current(enrollment.prospect_id)
    if current is None or current.campaign_id != enrollment.campaign_id:
        return False
    return current is enrollment or not (current.start or current.sent)


def _stops(enrollment: Enrollment) -> bool:
    return enrollment.campaign_id in (71, 73)


def _first_seen_listing(key: tuple, history: History, runs: set) -> bool:
    """A listing without a start and messages begins with the load that saw it."""
    prospect_id, campaign_id, at = key
    return at in runs and any(
        enrollment.prospect_id == prospect_id
        and enrollment.start is None
        and uuid5(_NAMESPACE, f"campaign:{enrollment.campaign_id}") == campaign_id
        for enrollment in history.truth.enrollments
    )
