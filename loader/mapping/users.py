"""Map team members, known only as the users that prospects are assigned to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from loader.mapping.ids import user_uuid
from loader.mapping.mapping_config import MappingConfig
from loader.mapping.record_reader import Reader, Rejects

# The domain of made-up addresses, which no real one can have.
NO_EMAIL = "no-email.invalid"


@dataclass(frozen=True)
class User:
    """A team member; `email` is None where Bonzo shows none.

    `is_placeholder`: only the id is known, so the row must not replace a better.
    """

    user_id: int
    first_name: str
    last_name: str
    email: str | None
    role: str
    is_placeholder: bool = False

    @property
    def bonzo_user_id(self) -> UUID:
        """The UUID that the table asks for beside the id."""
        return user_uuid(self.user_id)


def synthetic_email(user_id: int) -> str:
    """Return an address for a user whose own is unknown or taken; nobody gets it."""
    return f"user-{user_id}@{NO_EMAIL}"


def is_synthetic(email: str) -> bool:
    """Tell whether an address is of the kind made up here, whoever shows it."""
    return email.strip().casefold().endswith(f"@{NO_EMAIL}")


def to_user(prospect: Reader, rules: MappingConfig) -> User | None:
    """Return the user whom the prospect is assigned to, or None."""
    assigned = prospect.id_of("assigned_to")
    person = prospect.part("assigned_user")
    shown_id = _shown_id(person, prospect.rejects)
    user_id = assigned or shown_id
    if user_id is None:
        return None
    if shown_id != user_id:
        default = rules.roles.get("default", "user")
        return User(user_id, "User", str(user_id), None, default, is_placeholder=True)
    reader = Reader("users", user_id, person, prospect.rejects)
    first, last = _names(reader, user_id)
    email = reader.text("email", 100)
    role = rules.roles.get((email or "").lower(), rules.roles.get("default", "user"))
    return User(user_id, first, last, email, role)


def _shown_id(person: dict[str, Any], rejects: Rejects) -> int | None:
    return Reader("users", None, person, rejects).id_of("id") if person else None


def _names(reader: Reader, user_id: int) -> tuple[str, str]:
    """Return first and last name; one word is a first name, none is 'User <id>'."""
    name = reader.name("name", 101)
    if name is None:
        return "User", str(user_id)
    first, *rest = name.split(None, 1)
    last = " ".join(rest)
    parts = reader.within({"first_name": first, "last_name": last})
    return parts.name("first_name", 50) or first, parts.name("last_name", 50) or ""
