"""Team members: one row each, and one e-mail address for each of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from demo.server import FakeBonzo
from loader.database.connection import connect
from loader.database.upsert import Writer
from loader.mapping.users import User, synthetic_email
from loader.sync.users import reconcile_emails, write_users
from tests.loader.conftest import Load, snapshot
from tests.loader.records import prospect, when

Rows = Callable[..., list[dict[str, Any]]]
LATER = when(days=60)


def person(user_id: int, name: str | None, email: str | None) -> dict[str, Any]:
    """What a prospect shows of its officer."""
    shown = {"id": user_id, "name": name, "email": email}
    return {"assigned_to": user_id, "assigned_user": shown}


def emails(rows: Rows) -> dict[int, str]:
    """Address per user."""
    found = rows("select user_id, email from users")
    return {row["user_id"]: row["email"] for row in found}


def test_names_are_split(server: FakeBonzo, load: Load, rows: Rows) -> None:
    """First word and the rest; one word has no last name; none is a number."""
    people = [
        person(1, "Lee Sample", "a@example.com"),
        person(2, "Cher", "b@example.com"),
        person(3, "Ana de la Cruz", "c@example.com"),
        person(4, None, "d@example.com"),
        {"assigned_to": 5, "assigned_user": None},
    ]
    for number, shown in enumerate(people, 1):
        server.account.put_prospect(prospect(number, **shown))
    load(now=lambda: LATER)
    found = rows("select first_name, last_name from users order by user_id")
    assert [tuple(row.values()) for row in found] == [
        ("Lee", "Sample"),
        ("Cher", ""),
        ("Ana", "de la Cruz"),
        ("User", "4"),
        ("User", "5"),
    ]
    assert emails(rows)[5] == "user-5@no-email.invalid"


def test_the_smallest_id_keeps_a_shared_address(
    server: FakeBonzo, load: Load, rows: Rows
) -> None:
    """The others get one that reaches nobody, without regard to case."""
    for user_id, email in ((3, "Team@example.com"), (2, "team@example.com"), (4, None)):
        shown = person(user_id, f"User {user_id}", email)
        server.account.put_prospect(prospect(user_id, **shown))
    load(now=lambda: LATER)
    assert emails(rows) == {
        2: "team@example.com",
        3: synthetic_email(3),
        4: synthetic_email(4),
    }


def test_nobody_can_claim_a_made_up_address(
    server: FakeBonzo, load: Load, rows: Rows
) -> None:
    """A user who shows that of another one blocks no load, whoever comes first."""
    shown = {1: synthetic_email(2).upper(), 2: None, 3: synthetic_email(4), 5: None}
    for user_id, email in shown.items():
        record = prospect(user_id, **person(user_id, f"User {user_id}", email))
        server.account.put_prospect(record)
    load(now=lambda: LATER)
    server.account.put_prospect(prospect(4, **person(4, "User 4", None)))
    assert load(now=lambda: LATER).outcome == "complete"
    assert emails(rows) == {i: synthetic_email(i) for i in (1, 2, 3, 4, 5)}


def test_the_seat_that_is_read_for_keeps_its_address(
    server: FakeBonzo, load: Load, rows: Rows
) -> None:
    """The value of BONZO_ON_BEHALF_OF is no secret: it is a user's number or address.

    Masked in what Bonzo sends, it would change every text that holds it.
    """
    shown = person(11, "Lee Sample", "lee@example.com")
    server.account.put_prospect(prospect(1, **shown, phone="+12025550111"))
    for seat in ("lee@example.com", "11"):
        load(now=lambda: LATER, bonzo_on_behalf_of=seat)
        assert emails(rows) == {11: "lee@example.com"}
        assert rows("select phone from prospects")[0]["phone"] == "+12025550111"


def test_two_users_may_swap_addresses(
    server: FakeBonzo, load: Load, rows: Rows
) -> None:
    """A swap in one load meets the unique key without breaking it."""
    for users in (((1, "a@x.com"), (2, "b@x.com")), ((1, "b@x.com"), (2, "a@x.com"))):
        for user_id, email in users:
            shown = person(user_id, f"User {user_id}", email)
            server.account.put_prospect(prospect(user_id, **shown))
        load(now=lambda: LATER)
    assert emails(rows) == {1: "b@x.com", 2: "a@x.com"}


def test_an_address_goes_to_who_still_uses_it(
    server: FakeBonzo, load: Load, rows: Rows
) -> None:
    """A member without prospects has no claim against one with some."""
    for user_id in (1, 2):
        shown = person(user_id, f"User {user_id}", "team@example.com")
        server.account.put_prospect(prospect(user_id, **shown))
    load(now=lambda: LATER)
    assert emails(rows)[1] == "team@example.com"
    server.account.put_prospect(prospect(1, **person(2, "User 2", "team@example.com")))
    load(now=lambda: LATER)
    assert emails(rows) == {1: synthetic_email(1), 2: "team@example.com"}
    assert load(now=lambda: LATER).changed == 0


def test_a_bare_id_does_not_replace_a_name(
    server: FakeBonzo, load: Load, rows: Rows
) -> None:
    """A member known by name stays known, wherever the bare id stands."""
    named = person(7, "Lee Sample", "lee@example.com")
    bare = {"assigned_to": 7, "assigned_user": None}
    for number, shown in enumerate((bare, named, bare), 1):
        server.account.put_prospect(prospect(number, **shown))
    load(now=lambda: LATER)
    load(now=lambda: LATER)
    assert rows("select first_name, email from users") == [
        {"first_name": "Lee", "email": "lee@example.com"}
    ]


def test_prospects_that_disagree_about_a_user_settle(
    server: FakeBonzo, load: Load, rows: Rows, database: str
) -> None:
    """The first sight in a run counts, so a second load changes nothing."""
    for number, name in ((1, "Old Name"), (2, "New Name")):
        shown = person(7, name, "lee@example.com")
        server.account.put_prospect(
            prospect(number, created_at=f"2026-03-0{number}T00:00:00Z", **shown)
        )
    load(now=lambda: LATER, per_page=1)
    before = snapshot(database)
    load(now=lambda: LATER, per_page=1)
    assert snapshot(database) == before
    assert rows("select first_name from users") == [{"first_name": "New"}]


def test_what_is_odd_about_a_user_is_noted_once(
    server: FakeBonzo, load: Load, rows: Rows
) -> None:
    """However many prospects show it, and as long as one of them does."""
    long = person(7, "x" * 60, "lee@example.com")
    fine = person(7, "Lee", "lee@example.com")
    for number, shown in enumerate((fine, long, fine, long), 1):
        server.account.put_prospect(prospect(number, **shown))
    query = "select id, field from loader.rejected_records where resource = 'users'"
    for _ in range(2):
        load(now=lambda: LATER, per_page=1)
        assert rows(query) == [{"id": "7", "field": "first_name"}]
    for number in (2, 4):
        server.account.put_prospect(prospect(number, **fine))
    load(now=lambda: LATER, per_page=1)
    assert rows(query) == []


ADDRESSES = st.sampled_from(["a@x.com", "A@x.com", "b@x.com", "c@x.com", None])
BATCHES = st.lists(
    st.lists(st.tuples(st.integers(1, 5), ADDRESSES), max_size=4), max_size=6
)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(BATCHES)
def test_no_sequence_of_addresses_breaks_the_key(
    database: str, batches: list[list[tuple[int, str | None]]]
) -> None:
    """After a complete run the smallest id of each address has it."""
    with connect(database) as connection:
        connection.execute("truncate users cascade")
        connection.execute("truncate loader.user_emails")
        for batch in batches:
            users = {i: User(i, "A", "B", email, "user") for i, email in batch}
            for user in users.values():
                with connection.transaction():
                    write_users(Writer(connection), [user])
            with connection.transaction():
                reconcile_emails(Writer(connection), users)
            found = dict(connection.execute("select user_id, email from users"))
            wanted: dict[str, int] = {}
            for i in sorted(users):
                if users[i].email:
                    wanted.setdefault(users[i].email.lower(), i)
            for i, user in users.items():
                owns = user.email and wanted[user.email.lower()] == i
                assert found[i] == (user.email if owns else synthetic_email(i))


def test_a_user_without_an_id_is_noted_once(
    server: FakeBonzo, load: Load, rows: Rows
) -> None:
    """However many loads and prospects show it, and no more once it is corrected."""
    odd = {"id": "x", "name": "Odd", "email": None}
    for i in (1, 2):
        server.account.put_prospect(prospect(i, assigned_user=odd))
    query = "select original from loader.rejected_records where resource = 'users'"
    for _ in range(3):
        load()
        assert len(rows(query)) == 1
    for i in (1, 2):
        server.account.put_prospect(prospect(i, assigned_user=None))
    load()
    assert rows(query) == []
