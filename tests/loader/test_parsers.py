"""Single values of any shape: read right, or refused with a reason."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loader.mapping import parsers
from loader.mapping.ids import enrollment_uuid, instant
from loader.mapping.record_reader import as_text

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
        ("$350,000.50", Decimal("350000.50")),
        ("6.625%", Decimal("6.625")),
        (" 12 ", Decimal(12)),
        (-5, Decimal(-5)),
        (0.1, Decimal("0.1")),
        ("1e3", Decimal(1000)),
        ("", None),
        (None, None),
    ],
)
def test_amounts(given_value: object, expected: Decimal | None) -> None:
    """Money and rates are read however they are typed."""
    assert parsers.to_amount(given_value) == expected


@pytest.mark.parametrize(
    "bad",
    ["NaN", "inf", float("nan"), float("inf"), "abc", True, [], {}, "1e99", "1.2.3"],
)
def test_amounts_that_do_not_fit(bad: object) -> None:
    """What is no number, or too large for Rill, is refused."""
    with pytest.raises(parsers.InvalidValueError):
        parsers.to_amount(bad)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2025-02-28T12:00:00.000000Z", datetime(2025, 2, 28, 12, tzinfo=UTC)),
        ("2025-02-28T12:00:00+02:00", datetime(2025, 2, 28, 10, tzinfo=UTC)),
        ("2025-02-28 12:00:00", datetime(2025, 2, 28, 12, tzinfo=UTC)),
        ("2025-02-28", datetime(2025, 2, 28, tzinfo=UTC)),
        (
            {"date": "2025-02-28 12:00:00.000000", "timezone": "America/Chicago"},
            datetime(2025, 2, 28, 18, tzinfo=UTC),
        ),
        (
            "2025-02-28T12:00:00.123456789Z",
            datetime(2025, 2, 28, 12, 0, 0, 123456, UTC),
        ),
    ],
)
def test_instants(text: object, expected: datetime) -> None:
    """Every spelling of a time that Bonzo may use is read, as UTC."""
    assert parsers.to_instant(text, UTC) == expected


def test_a_zoneless_time_is_read_in_the_zone_of_the_mapping_file() -> None:
    """The setting decides where a time names no zone."""
    read = parsers.to_instant("2025-07-01 12:00:00", ZoneInfo("America/Chicago"))
    assert read == datetime(2025, 7, 1, 17, tzinfo=UTC)


@pytest.mark.parametrize(
    "bad",
    [
        "0000-01-01T00:00:00Z",
        "2025-02-30T00:00:00Z",
        "0001-01-01T00:00:00+05:00",
        "9999-12-31T23:59:59-05:00",
        "tomorrow",
        12,
        True,
        [],
        "2025-02-28T25:00:00Z",
    ],
)
def test_instants_that_do_not_fit(bad: object) -> None:
    """A time that does not exist, or that no calendar holds, is refused."""
    with pytest.raises(parsers.InvalidValueError):
        parsers.to_instant(bad, UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-01", date(2026, 3, 1)),
        ("2026-03-01T23:59:59.000000Z", date(2026, 3, 1)),
        ("2026-03-01T00:30:00+09:00", date(2026, 3, 1)),
        ("3/1/2026", date(2026, 3, 1)),
        ("", None),
    ],
)
def test_days_are_taken_as_written(text: str, expected: date | None) -> None:
    """A date never shifts between zones."""
    assert parsers.to_day(text) == expected


@pytest.mark.parametrize(
    ("given_value", "expected"),
    [(True, True), (0, False), ("1", True), ("No", False), ("", None), (None, None)],
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
        (parsers.INT4, parsers.INT4),
        (None, None),
        ("", None),
    ],
)
def test_ids(given_value: object, expected: int | None) -> None:
    """An id may come as a number or as text."""
    assert parsers.to_id(given_value) == expected


@pytest.mark.parametrize(
    "bad", [0, -1, True, 1.5, "x", [], {}, parsers.INT4 + 1, "9" * 30, "١٢"]
)
def test_ids_that_do_not_fit(bad: object) -> None:
    """What is no positive number of four bytes is no id."""
    with pytest.raises(parsers.InvalidValueError):
        parsers.to_id(bad)


@pytest.mark.parametrize("bad", ["a\x00b", "a\ud800b", [], {}, True, 1.5, "x" * 51])
def test_texts_that_do_not_fit(bad: object) -> None:
    """NUL, half characters, other types and too long texts are refused."""
    with pytest.raises(parsers.InvalidValueError):
        parsers.to_text(bad, 50)


@given(ANYTHING)
def test_no_value_breaks_a_reader(value: object) -> None:
    """Any value is read or refused; nothing else happens."""
    readers = (
        parsers.to_text,
        parsers.to_id,
        parsers.to_amount,
        parsers.to_flag,
        parsers.to_day,
        lambda v: parsers.to_instant(v, UTC),
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


@given(st.datetimes(timezones=st.just(UTC)))
def test_written_instants_are_read_back(moment: datetime) -> None:
    """Bonzo's own spelling survives reading exactly."""
    assert parsers.to_instant(instant(moment), UTC) == moment


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
