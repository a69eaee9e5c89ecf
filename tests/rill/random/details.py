"""Where prospects live, what they want and how they are tagged, by chance."""

from __future__ import annotations

from typing import Any

from tests.rill.random.random_helpers import Chance

Row = dict[str, Any]
# Names as the time zone database spells them; below, others and what is none.
KNOWN_ZONES = (
    "America/Chicago",
    "America/New_York",
    "America/Phoenix",
    "America/Indiana/Indianapolis",
    "Pacific/Honolulu",
    "US/Central",
    "Etc/GMT+5",
)
ZONE_NAMES = (
    *KNOWN_ZONES,
    "America/chicago",
    "america/new_york",
    "America/Gotham",
    "Indianapolis",
    "EST",
    "UTC",
    "GMT-5",
    "",
    None,
    None,
    None,
)
STATES = ("TX", "TX", "NY", "IN", "AZ", "HI", "GU", "ZZ", "tx", "", None, None)
SCORES = (299, 300, 619, 620, 659, 660, 699, 700, 739, 740, 850, 851, 0, None)
PURPOSES = ("Purchase", "Refinance", "Cash-Out Refinance", "", " ", None)
TAGS = ("Hot", "Zillow", "VA loan", "first-time buyer", "hot lead", "Ünited", "No tag")


def add_details(chance: Chance, tables: dict[str, list[Row]]) -> None:
    """Fill the tables of details and tags; some prospects have neither."""
    numbers = [row["prospect_id"] for row in tables["prospects"]]
    tables["prospect_details"] = [
        details(chance, number) for number in numbers if chance.maybe(0.8)
    ]
    chance.zones = {
        row["prospect_id"]: row["time_zone"]
        for row in tables["prospect_details"]
        if row["time_zone"] in KNOWN_ZONES
    }
    tables["prospect_tags"] = [
        {"prospect_id": number, "tag": tag}
        for number in numbers
        for tag in chance.random.sample(TAGS, chance.pick((0, 0, 1, 2, 5)))
    ]


def details(chance: Chance, number: int) -> Row:
    """One row, with values at the limits of the bands and odd ones."""
    return {
        "prospect_id": number,
        "city": chance.or_none("Austin", 0.5),
        "state": chance.pick(STATES),
        "property_state": chance.pick(STATES),
        "time_zone": chance.pick(ZONE_NAMES),
        "credit_score": chance.pick(SCORES),
        "loan_purpose": chance.pick(PURPOSES),
        "loan_program": chance.or_none("30 year fixed", 0.5),
    }
