"""What the made-up borrowers are like: where they live, their credit, their tags."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any

from demo.demo_company import Source


@dataclass(frozen=True)
class Place:
    """Where borrowers live; `area` is a telephone area code."""

    city: str
    state: str
    state_name: str
    zip: str
    area: str
    zone: str


NEAR = (
    Place("Springfield", "IL", "Illinois", "62701", "217", "America/Chicago"),
    Place("Chicago", "IL", "Illinois", "60614", "312", "America/Chicago"),
    Place("Naperville", "IL", "Illinois", "60540", "630", "America/Chicago"),
    Place("Milwaukee", "WI", "Wisconsin", "53202", "414", "America/Chicago"),
    Place("Madison", "WI", "Wisconsin", "53703", "608", "America/Chicago"),
    Place("Des Moines", "IA", "Iowa", "50309", "515", "America/Chicago"),
    Place(
        "Indianapolis", "IN", "Indiana", "46204", "317", "America/Indiana/Indianapolis"
    ),
    Place("St. Louis", "MO", "Missouri", "63101", "314", "America/Chicago"),
)
# Where the company lends, too; its clock is not theirs.
FAR = (
    Place("Columbus", "OH", "Ohio", "43215", "614", "America/New_York"),
    Place("Detroit", "MI", "Michigan", "48226", "313", "America/Detroit"),
    Place("Tampa", "FL", "Florida", "33602", "813", "America/New_York"),
    Place("Denver", "CO", "Colorado", "80202", "303", "America/Denver"),
    Place("Phoenix", "AZ", "Arizona", "85004", "602", "America/Phoenix"),
    Place("San Diego", "CA", "California", "92101", "619", "America/Los_Angeles"),
    Place("Austin", "TX", "Texas", "78701", "512", "America/Chicago"),
)
_PROGRAMS = ("Conventional", "Conventional", "Conventional", "FHA", "VA", "Jumbo")
_TAG_IDS = {
    name: 880 + number
    for number, name in enumerate(
        (
            "first time buyer",
            "refi",
            "veteran",
            "se habla espanol",
            "realtor &amp; builder",
            "investor",
            "past client",
            "google-ads",
            "facebook-ads",
            "website",
            "referral",
            "ratecompare",
            "quickquote",
        )
    )
}
_TRAITS = tuple(_TAG_IDS)[:7]
_SOURCE_TAGS = {
    "Google Ads": "google-ads",
    "Facebook Ads": "facebook-ads",
    "Organic Search": "website",
    "Referral Partners": "referral",
    "RateCompare": "ratecompare",
    "QuickQuote Leads": "quickquote",
}


def home(number: int, near: Place) -> Place:
    """Return where a borrower lives: `near`, or for a third far away."""
    rng = Random(f"home:{number}")
    return rng.choice(FAR) if rng.random() < 0.34 else near


def address(number: int, place: Place) -> dict[str, Any]:
    """Return the fields that say where a borrower lives, as loosely as typed."""
    rng = Random(f"address:{number}")
    state: str | None = place.state
    luck = rng.random()
    if luck < 0.12:
        state = place.state_name
    elif luck < 0.15:
        state = place.state.lower()
    elif luck < 0.2:
        state = None
    return {
        "city": place.city,
        "state": state,
        "zip": place.zip,
        "timezone": None if rng.random() < 0.25 else place.zone,
    }


def credit(prospect_id: int, state: str | None) -> dict[str, Any]:
    """Return fields of the mortgage record: score, program, where the house is."""
    rng = Random(f"credit:{prospect_id}")
    score = round(min(835, max(520, rng.gauss(704, 58))))
    typed: str | int | None = str(score)
    luck = rng.random()
    if luck < 0.1:
        typed = f"0{score}"
    elif luck < 0.2:
        typed = score
    elif luck < 0.3:
        typed = rng.choice(("", "0", None))
    return {
        "credit_score": typed,
        "loan_program": rng.choice(_PROGRAMS),
        "property_state": state if rng.random() < 0.9 else "IL",
    }


def tags(prospect_id: int, source: Source) -> list[dict[str, Any]]:
    """Return the tags that a lead was given; a third has none."""
    rng = Random(f"tags:{prospect_id}")
    names = set(rng.sample(_TRAITS, rng.choice((0, 0, 1, 1, 2))))
    if source.name and rng.random() < 0.5:
        names.add(_SOURCE_TAGS[source.name])
    return [
        {"id": _TAG_IDS[name], "name": name, "sequence_start": None}
        for name in sorted(names)
    ]
