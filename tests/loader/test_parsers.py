"""Single values of any shape: read right, or refused with a reason."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loader.mapping import parsers, times
from loader.mapping.ids import enrollment_uuid, instant
from loader.mapping.rejects import as_text
from loader.mapping.us_states import NAMES, to_state

UTC = timezone.utc
ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(exclude_categories=())),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)


@pytest.mark.parametrize(
    ("given_value", "expected"),
    [
        ("350000", Decimal(350000)),
        ("350000.00", Decimal(350000)),
        ("350000.125", Decimal("350000.125")),
        ("$350,000.50", Decimal("350000.50")),
        ("$ 1,400,000", Decimal(1400000)),
        ("350 000", Decimal(350000)),
        ("350\u202f000", Decimal(350000)),
        ("-$350,000", Decimal(-350000)),
        ("350000$", Decimal(350000)),
        (" 12 ", Decimal(12)),
        (-5, Decimal(-5)),
        (0.1, Decimal("0.1")),
        (350.125, Decimal("350.125")),
        ("1e3", Decimal(1000)),
        ("0.000", Decimal(0)),
        ("", None),
        (None, None),
        ([], None),
        ({}, None),
        (False, None),
    ],
)
def test_amounts(given_value: object, expected: Decimal | None) -> None:
    """Money is read however it is typed."""
    assert parsers.to_amount(given_value) == expected


@pytest.mark.parametrize(
    "bad",
    ["NaN", "inf", float("nan"), float("inf"), "abc", True, [1], "1e99", "1.2.3", "-"],
)
def test_amounts_that_do_not_fit(bad: object) -> None:
    """What is no number, or too large for Rill, is refused."""
    with pytest.raises(parsers.InvalidValueError):
        parsers.to_amount(bad)


@pytest.mark.parametrize(
    "odd",
    [
        "350.000,00",
        "350000,00",
        "350.000",
        "$350.000",
        "1.400.000",
        "$1,400,00.00",
        "1,40",
        ",350",
        "0,350",
        "350,000,",
        "350,0000",
        "1234,567",
        "1,000.50,00",
        "3 50",
        "35 00",
    ],
)
def test_separators_of_two_meanings(odd: str) -> None:
    """An amount is never off by a hundred or a thousand: it is refused instead."""
    with pytest.raises(parsers.InvalidValueError):
        parsers.to_amount(odd)


@given(st.decimals(0, 10**9, places=2), st.booleans(), st.sampled_from(["", "$", "$ "]))
def test_american_amounts_are_read_back(
    amount: Decimal, grouped: bool, sign: str
) -> None:
    """With and without separators, the amount is what was written."""
    text = f"{sign}{amount:,.2f}" if grouped else f"{sign}{amount:.2f}"
    assert parsers.to_amount(text) == amount


@given(st.integers(1000, 10**9))
def test_german_amounts_are_never_misread(amount: int) -> None:
    """Points between thousands and a decimal comma are never something else."""
    german = f"{amount:,}".replace(",", ".")
    for text in (german, f"{german},00", f"{amount},00"):
        try:
            assert parsers.to_amount(text) == amount
        except parsers.InvalidValueError:
            continue


@pytest.mark.parametrize(
    ("given_value", "expected"),
    [
        ("6.625%", Decimal("6.625")),
        ("6.875", Decimal("6.875")),
        (7, Decimal(7)),
        ("", None),
        ([], None),
    ],
)
def test_rates(given_value: object, expected: Decimal | None) -> None:
    """A rate may carry its percent sign; three decimals are usual."""
    assert parsers.to_rate(given_value) == expected


@pytest.mark.parametrize("bad", ["6,875", "6,5 %", "6 875", "6,875,000", "10000", True])
def test_rates_that_do_not_fit(bad: object) -> None:
    """No rate has thousands, so a comma in it is never read as their separator."""
    with pytest.raises(parsers.InvalidValueError):
        parsers.to_rate(bad)


@pytest.mark.parametrize(
    ("given_value", "expected"),
    [
        ("0801", 801),
        ("300", 300),
        (850, 850),
        ("720.0", 720),
        (720.0, 720),
        ("0", None),
        (0, None),
        ("000", None),
        ("", None),
        (None, None),
        ([], None),
    ],
)
def test_credit_scores(given_value: object, expected: int | None) -> None:
    """A score may have a leading zero; 0 and nothing are none."""
    assert parsers.to_score(given_value) == expected


@pytest.mark.parametrize("bad", ["299", 851, "720-740", "7,20", "Good", -700, 720.5])
def test_scores_that_do_not_fit(bad: object) -> None:
    """Outside of 300 to 850 nothing is a credit score."""
    with pytest.raises(parsers.InvalidValueError):
        parsers.to_score(bad)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2025-02-28T12:00:00.000000Z", datetime(2025, 2, 28, 12, tzinfo=UTC)),
        ("2025-02-28T12:00:00+02:00", datetime(2025, 2, 28, 10, tzinfo=UTC)),
        ("2026-10-01 15:00:00+00", datetime(2026, 10, 1, 15, tzinfo=UTC)),
        ("2026-10-01T10:00:00-05", datetime(2026, 10, 1, 15, tzinfo=UTC)),
        ("2026-10-01T10:00-0500", datetime(2026, 10, 1, 15, tzinfo=UTC)),
        ("2026-10-01 10:00:00 CDT", datetime(2026, 10, 1, 15, tzinfo=UTC)),
        (
            "2026-10-01T10:00:00-05:00[America/Chicago]",
            datetime(2026, 10, 1, 15, tzinfo=UTC),
        ),
        ("2026-10-01 10:00:00 America/Chicago", datetime(2026, 10, 1, 15, tzinfo=UTC)),
        ("2025-02-28 12:00:00", datetime(2025, 2, 28, 12, tzinfo=UTC)),
        ("2025-02-28", datetime(2025, 2, 28, tzinfo=UTC)),
        (
            "2025-02-28T12:00:00.123456789Z",
            datetime(2025, 2, 28, 12, 0, 0, 123456, UTC),
        ),
        ("", None),
        ([], None),
        (False, None),
        ({}, None),
        ({"date": None, "timezone": "CDT"}, None),
    ],
)
def test_instants(text: object, expected: datetime | None) -> None:
    """Every spelling of a time that Bonzo may use is read, as UTC."""
    assert times.to_instant(text, UTC) == expected


@pytest.mark.parametrize(
    ("kind", "zone", "hour"),
    [
        (1, "-05:00", 15),
        (1, "-0500", 15),
        (1, "-05", 15),
        (1, "+00:00", 10),
        (2, "CDT", 15),
        (2, "cst", 16),
        (2, "EDT", 14),
        (2, "PDT", 17),
        (2, "Z", 10),
        (3, "America/Chicago", 15),
        (3, "america/chicago", 15),
        (3, "US/Central", 15),
        (3, "UTC", 10),
    ],
)
def test_times_of_php(kind: int, zone: str, hour: int) -> None:
    """PHP names the zone by an offset, an abbreviation or a place."""
    value = {
        "date": "2026-10-01 10:00:00.000000",
        "timezone_type": kind,
        "timezone": zone,
    }
    assert times.to_instant(value, UTC) == datetime(2026, 10, 1, hour, tzinfo=UTC)


@pytest.mark.parametrize("zone", ["XYZ", "Mars/Base", "../etc", 5, "+25:00", ["UTC"]])
def test_a_zone_that_is_not_understood_is_not_utc(zone: object) -> None:
    """A time whose zone is named but not understood is no time."""
    value = {"date": "2026-10-01 10:00:00.000000", "timezone": zone}
    with pytest.raises(parsers.InvalidValueError, match="zone is not understood"):
        times.to_instant(value, UTC)
    if isinstance(zone, str):
        with pytest.raises(parsers.InvalidValueError):
            times.to_instant(f"2026-10-01 10:00:00 {zone}", UTC)


@pytest.mark.parametrize("zone", [None, ""])
def test_a_time_of_php_without_a_zone_has_the_setting(zone: object) -> None:
    """Where no zone is named, the mapping file's holds."""
    value = {"date": "2026-10-01 10:00:00.000000", "timezone": zone}
    read = times.to_instant(value, ZoneInfo("America/Chicago"))
    assert read == datetime(2026, 10, 1, 15, tzinfo=UTC)


def test_a_zoneless_time_is_read_in_the_zone_of_the_mapping_file() -> None:
    """The setting decides where a time names no zone."""
    read = times.to_instant("2025-07-01 12:00:00", ZoneInfo("America/Chicago"))
    assert read == datetime(2025, 7, 1, 17, tzinfo=UTC)


@pytest.mark.parametrize(
    "bad",
    [
        "0000-01-01T00:00:00Z",
        "2025-02-30T00:00:00Z",
        "0001-01-01T00:00:00+05:00",
        "9999-12-31T23:59:59-05:00",
        "1970-01-01T00:00:00.000000Z",
        "1899-12-30 00:00:00",
        "1989-12-31T23:59:59Z",
        {"date": "1970-01-01 00:00:00.000000", "timezone": "UTC"},
        "2026-10-01-05",
        "tomorrow",
        12,
        True,
        [1],
        "2025-02-28T25:00:00Z",
    ],
)
def test_instants_that_do_not_fit(bad: object) -> None:
    """A time that does not exist, or from before this business, is refused."""
    with pytest.raises(parsers.InvalidValueError):
        times.to_instant(bad, UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-01", date(2026, 3, 1)),
        ("2026-03-01T23:59:59.000000Z", date(2026, 3, 1)),
        ("2026-03-01T00:30:00+09:00", date(2026, 3, 1)),
        ("3/1/2026", date(2026, 3, 1)),
        ("1990-01-01", date(1990, 1, 1)),
        ({"date": "2026-03-01 00:00:00", "timezone": "XYZ"}, date(2026, 3, 1)),
        ("", None),
        ([], None),
        (False, None),
    ],
)
def test_days_are_taken_as_written(text: object, expected: date | None) -> None:
    """A date never shifts between zones."""
    assert times.to_day(text) == expected


@pytest.mark.parametrize(
    "bad",
    [
        "1970-01-01",
        "12/31/1969",
        "1899-12-30",
        "1900-01-00",
        "1/0/1900",
        "1989-12-31",
        "0000-00-00",
        "-0001-11-30T00:00:00.000000Z",
        {"date": "1970-01-01 00:00:00", "timezone": "UTC"},
    ],
)
def test_days_before_this_business_are_none(bad: object) -> None:
    """Epoch zero, Excel's first day and MySQL's zero stand for an empty field."""
    with pytest.raises(times.EmptyDateError):
        times.to_day(bad)


@pytest.mark.parametrize(
    ("given_value", "expected"),
    [
        (True, True),
        (0, False),
        (False, False),
        ("1", True),
        ("No", False),
        ("", None),
        (None, None),
        ([], None),
    ],
)
def test_flags(given_value: object, expected: bool | None) -> None:
    """Yes, no and unknown are three things."""
    assert parsers.to_flag(given_value) is expected


@pytest.mark.parametrize(
    ("given_value", "expected"),
    [
        (7, 7),
        ("7", 7),
        (7.0, 7),
        (" 7 ", 7),
        ("+7", 7),
        ("007", 7),
        ("7.0", 7),
        ("7.000", 7),
        ("0.0", None),
        (parsers.INT4, parsers.INT4),
        (None, None),
        ("", None),
        (0, None),
        ("0", None),
        (0.0, None),
        (False, None),
        ([], None),
        ({}, None),
    ],
)
def test_ids(given_value: object, expected: int | None) -> None:
    """An id may come as a number or as text; 0 and PHP's empties are none."""
    assert parsers.to_id(given_value) == expected


@pytest.mark.parametrize(
    "bad",
    [-1, True, 1.5, "x", [1], {"a": 1}, parsers.INT4 + 1, "9" * 30, "١٢", "1.5", "-7"],
)
def test_ids_that_do_not_fit(bad: object) -> None:
    """What is no positive number of four bytes is no id."""
    with pytest.raises(parsers.InvalidValueError):
        parsers.to_id(bad)


@pytest.mark.parametrize(
    "bad", ["a\x00b", "a\ud800b", [1], {"a": 1}, True, 1.5, "x" * 51]
)
def test_texts_that_do_not_fit(bad: object) -> None:
    """NUL, half characters, other types and too long texts are refused."""
    with pytest.raises(parsers.InvalidValueError):
        parsers.to_text(bad, 50)


@pytest.mark.parametrize(
    ("given_value", "expected"),
    [
        ("Smith &amp; Co", "Smith & Co"),
        ("O&#39;Neil", "O'Neil"),
        ("A&#x26;B", "A&B"),
        ("AT&T", "AT&T"),
        ("R&D; &copy", "R&D; &copy"),
        ("&nbsp;Ada&nbsp;", "Ada"),
        (7, "7"),
        ([], None),
        (False, None),
        ("  ", None),
    ],
)
def test_texts(given_value: object, expected: str | None) -> None:
    """Entities are read where they are whole; PHP's empties are no text."""
    assert parsers.to_text(given_value) == expected


@pytest.mark.parametrize(
    ("given_value", "expected"),
    [
        ("IL", "IL"),
        (" il ", "IL"),
        ("Illinois", "IL"),
        ("NORTH CAROLINA", "NC"),
        ("north-carolina", "NC"),
        ("D.C.", "DC"),
        ("District of Columbia", "DC"),
        ("Washington, DC", "DC"),
        ("Washington", "WA"),
        ("Puerto Rico", "PR"),
        ("Guam", "GU"),
        ("Virgin Islands", "VI"),
        ("U.S. Virgin Islands", "VI"),
        ("US-TX", "TX"),
        ("", None),
        (None, None),
        ([], None),
    ],
)
def test_states(given_value: object, expected: str | None) -> None:
    """A state, the district or a territory, by code or name, is two letters."""
    assert to_state(given_value) == expected


@pytest.mark.parametrize("bad", ["N/A", "Ontario", "USA", "XX", "60614", 17, ["IL"]])
def test_what_is_no_state(bad: object) -> None:
    """A country, a province or a word for nothing is no state."""
    with pytest.raises(parsers.InvalidValueError):
        to_state(bad)


def test_every_state_is_known_by_code_and_name() -> None:
    """Fifty states, the district and six territories."""
    assert len(NAMES) == 57
    for code, name in NAMES.items():
        assert to_state(code.lower()) == to_state(name.upper()) == code


@pytest.mark.parametrize(
    "name", ["America/Chicago", "America/Indiana/Knox", "Pacific/Honolulu", None, ""]
)
def test_zone_names(name: str | None) -> None:
    """A zone is known by area and city, as the time zone database spells it."""
    assert times.to_zone_name(name) == (name or None)


@pytest.mark.parametrize(
    "bad", ["america/chicago", "CST", "UTC", "Central Time", "America", "Mars/Base", 5]
)
def test_what_is_no_zone_name(bad: object) -> None:
    """Abbreviations and other spellings name no zone."""
    with pytest.raises(parsers.InvalidValueError):
        times.to_zone_name(bad)


@given(ANYTHING)
def test_no_value_breaks_a_reader(value: object) -> None:
    """Any value is read or refused; nothing else happens."""
    readers = (
        parsers.to_text,
        parsers.to_id,
        parsers.to_amount,
        parsers.to_rate,
        parsers.to_score,
        parsers.to_flag,
        to_state,
        times.to_zone_name,
        times.to_day,
        lambda v: times.to_instant(v, UTC),
    )
    kinds = (str, int, Decimal, bool, date, datetime, type(None))
    for read in readers:
        with suppress(parsers.InvalidValueError):
            assert isinstance(read(value), kinds)


@given(ANYTHING)
def test_any_original_can_be_stored(value: object) -> None:
    """An original is kept as ASCII, which PostgreSQL always takes."""
    text = as_text(value)
    assert text.isascii()
    assert "\x00" not in text


@given(st.datetimes(timezones=st.timezones()))
def test_an_instant_has_one_spelling(moment: datetime) -> None:
    """The zone in which an instant is given does not change ids made from it."""
    try:
        same = moment.astimezone(timezone(timedelta(hours=5, minutes=30)))
    except OverflowError:
        return
    try:
        spelled = instant(moment)
    except OverflowError:
        return
    assert spelled == instant(same)
    assert len(spelled) == 27
    assert spelled.endswith("Z")


@given(st.datetimes(datetime(1990, 1, 1), timezones=st.just(UTC)))
def test_written_instants_are_read_back(moment: datetime) -> None:
    """Bonzo's own spelling survives reading exactly."""
    assert times.to_instant(instant(moment), UTC) == moment


def test_ids_never_change() -> None:
    """The UUIDs that databases out there hold stay what they are."""
    found = enrollment_uuid(7, "71001", datetime(2026, 3, 2, 15, tzinfo=UTC))
    assert str(found) == "cf8f19d8-174b-5f35-a630-7ebc93cffd91"


def test_folding_keeps_letters_and_digits() -> None:
    """Names compare without case, blanks and punctuation."""
    assert (
        parsers.normalize_name(" O/I  pal ")
        == parsers.normalize_name("oi-PAL")
        == "oipal"
    )
    assert parsers.normalize_name("Opt-Out!") == "optout"


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("Pr\u00e9-Qual", "Pre\u0301 Qual"),
        ("STOP", "\uff33\uff34\uff2f\uff30"),
        ("stop", "\U0001d5e6\U0001d5e7\U0001d5e2\U0001d5e3"),
        ("Working", "\u202aWor\u200bking\u202c"),
        ("Zillow", "Zillow\u2122"),
    ],
)
def test_letters_of_another_width_or_typeface_are_letters(
    text: str, other: str
) -> None:
    """What looks alike is one name, however its letters are encoded."""
    assert parsers.normalize_name(text) == parsers.normalize_name(other)
