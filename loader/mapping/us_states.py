"""Two-letter codes of the states, the district and the territories of the US."""

from __future__ import annotations

from loader.mapping.parsers import (
    InvalidValueError,
    is_empty,
    normalize_name,
    to_text,
)

NAMES = {
    "AL": "Alabama",
    "AK": "Alaska",
    "AZ": "Arizona",
    "AR": "Arkansas",
    "CA": "California",
    "CO": "Colorado",
    "CT": "Connecticut",
    "DE": "Delaware",
    "DC": "District of Columbia",
    "FL": "Florida",
    "GA": "Georgia",
    "HI": "Hawaii",
    "ID": "Idaho",
    "IL": "Illinois",
    "IN": "Indiana",
    "IA": "Iowa",
    "KS": "Kansas",
    "KY": "Kentucky",
    "LA": "Louisiana",
    "ME": "Maine",
    "MD": "Maryland",
    "MA": "Massachusetts",
    "MI": "Michigan",
    "MN": "Minnesota",
    "MS": "Mississippi",
    "MO": "Missouri",
    "MT": "Montana",
    "NE": "Nebraska",
    "NV": "Nevada",
    "NH": "New Hampshire",
    "NJ": "New Jersey",
    "NM": "New Mexico",
    "NY": "New York",
    "NC": "North Carolina",
    "ND": "North Dakota",
    "OH": "Ohio",
    "OK": "Oklahoma",
    "OR": "Oregon",
    "PA": "Pennsylvania",
    "RI": "Rhode Island",
    "SC": "South Carolina",
    "SD": "South Dakota",
    "TN": "Tennessee",
    "TX": "Texas",
    "UT": "Utah",
    "VT": "Vermont",
    "VA": "Virginia",
    "WA": "Washington",
    "WV": "West Virginia",
    "WI": "Wisconsin",
    "WY": "Wyoming",
    "AS": "American Samoa",
    "GU": "Guam",
    "MP": "Northern Mariana Islands",
    "PR": "Puerto Rico",
    "UM": "U.S. Minor Outlying Islands",
    "VI": "U.S. Virgin Islands",
}
_OTHER_NAMES = {
    "Washington DC": "DC",
    "United States Minor Outlying Islands": "UM",
    "Virgin Islands": "VI",
    "United States Virgin Islands": "VI",
    "Virgin Islands of the United States": "VI",
    "Commonwealth of the Northern Mariana Islands": "MP",
}
_CODES = {
    **{normalize_name(code): code for code in NAMES},
    **{normalize_name(name): code for code, name in NAMES.items()},
    **{normalize_name(name): code for name, code in _OTHER_NAMES.items()},
    # As ISO 3166-2 has it: US-IL.
    **{normalize_name(f"US-{code}"): code for code in NAMES},
}


def to_state(value: object) -> str | None:
    """Return the two-letter code of a state's code or name; None for nothing."""
    if is_empty(value):
        return None
    code = _CODES.get(normalize_name(to_text(value) or ""))
    if code is None:
        raise InvalidValueError("not a US state, district or territory")
    return code
