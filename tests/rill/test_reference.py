"""The plain calculation reads files, cells and zones as people write them."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from tests.rill.reference.cells import (
    is_active_word,
    is_known_word,
    read_credits,
    read_money,
    read_month,
)
from tests.rill.reference.csv_files import clean, fold, read_csv_file
from tests.rill.reference.details import Details, is_zone, state_zones

OCTOBER = date(2026, 10, 1)
NEEDED = ("lead_source", "month")


@pytest.mark.parametrize(
    "written",
    [
        "2026-10-01",
        "2026-10-31",
        "2026-10",
        "10/1/2026",
        "10/01/2026",
        "Oct-26",
        "OCT-26",
        "Oct 2026",
        "10/2026",
        "2026/10/01",
        " 2026-10-01 ",
        "2026-10-01 00:00",
        "2026-10-01T00:00:00Z",
        "10/1/2026 12:00:00 AM",
        "2026-10-01 00:00:00.000",
        "Oct-26 00:00",
        "10/2026 0:00",
    ],
)
def test_months(written: str) -> None:
    """Each way to write a day or a month of October 2026 means that month."""
    assert read_month(written) == OCTOBER


@pytest.mark.parametrize(
    "written",
    [
        None,
        "",
        "10/1/26",
        "26-10-01",
        "2026-13-01",
        "2026-02-30",
        "31/12/2026",
        "October",
        "2026",
        "46296",
        "1989-12-31",
        "Dec-89",
        "1899-12-30",
        "2026-10-01 soon",
    ],
)
def test_unreadable_months(written: str | None) -> None:
    """A year of two digits, a day that is none and old times are no month."""
    assert read_month(written) is None


@pytest.mark.parametrize(
    ("written", "dollars"),
    [
        ("100", "100"),
        (" $1,250.50 ", "1250.5"),
        ("$ 1 000", "1000"),
        ("1,000,000", "1000000"),
        ("(50.00)", "-50"),
        ("($50.00)", "-50"),
        ("-$3", "-3"),
        ("$-3", "-3"),
        ("$-", "0"),
        (" $ -   ", "0"),
        (".5", "0.5"),
        ("5.", "5"),
    ],
)
def test_money(written: str, dollars: str) -> None:
    """Money as accountants and spreadsheets write it."""
    assert read_money(written) == Fraction(dollars)


@pytest.mark.parametrize(
    "written",
    [
        None,
        "",
        "a lot",
        "12,50",
        "1,25",
        "1,400,00.00",
        "350.000,00",
        "350000,00",
        "1.234,567",
        "12.3.4",
        "(50",
        "(-50)",
        "1e3",
        "100 USD",
        "nan",
    ],
)
def test_unreadable_money(written: str | None) -> None:
    """Never off by a hundred or a thousand: such an amount is none."""
    assert read_money(written) is None


def test_credits() -> None:
    """An empty cell is no credit, a negative one cannot be read."""
    assert read_credits("") == read_credits(None) == read_credits("$-") == 0
    assert read_credits("$25") == 25
    assert read_credits("-25") is read_credits("(25.00)") is read_credits("x") is None


def test_roster_words() -> None:
    """No, in its words, leaves nobody active; a word that is neither leaves them so."""
    for word in ("false", "No", "n", "0", " INACTIVE ", "Terminated"):
        assert not is_active_word(word)
    for word in ("true", "Yes", "y", "1", "Active", "", None, "on leave"):
        assert is_active_word(word)
    assert is_known_word(None)
    assert not is_known_word("on leave")


def test_names() -> None:
    """White space of any kind, invisible letters, accents and case do not matter."""
    assert fold("Cafe\u0301 Leads") == fold("\ufeffCAF\u00c9\u00a0\t leads\u200b ")
    assert clean(" Mom's \u200b Best ") == "Mom's Best"
    assert fold("Cafe Leads") != fold("Café Leads")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings(encoding: str, end: str) -> None:
    """What programs save is read, with any line ends, also inside quotes."""
    text = f'Lead_Source,month{end}"Café ""One""{end}Two",2026-10{end}'
    file = read_csv_file(text.encode(encoding), NEEDED)
    assert file.is_readable
    assert file.rows == [{"lead_source": f'Café "One"{end}Two', "month": "2026-10"}]


@pytest.mark.parametrize("content", [None, b"", b"\r\n\r\n", b"lead_source,month"])
def test_no_rows(content: bytes | None) -> None:
    """A missing and an empty file are like one with a header only."""
    file = read_csv_file(content, NEEDED)
    assert file.rows == []
    assert file.is_readable


def test_bent_rows() -> None:
    """A row too short lacks cells, one too long is told, an open quote ends soon."""
    content = b'lead_source,month\nA\nB,2026-10,9\n"C,2026-10\nD,2026-11,,\n'
    short, long, quote, blank = read_csv_file(content, NEEDED).rows
    assert short == {"lead_source": "A", "month": None}
    assert "extra" in long
    assert quote == {"lead_source": '"C', "month": "2026-10"}
    assert blank == {"lead_source": "D", "month": "2026-11"}


def test_unreadable_files() -> None:
    """Bytes that are no text, and a header without what is needed."""
    assert not read_csv_file(b"\x81\x8d,\x90", NEEDED).is_readable
    spoiled = read_csv_file(b"lead_source,month\nCaf\x81,2026-10\n", NEEDED)
    assert spoiled.rows == [{"lead_source": "Caf\ufffd", "month": "2026-10"}]
    assert not read_csv_file(b"lead_source;month\nA;2026-10\n", NEEDED).is_readable


def test_zones() -> None:
    """Only Area/City as the database spells it; else the state's zone."""
    assert is_zone("America/Indiana/Indianapolis")
    for name in ("EST", "UTC", "America/chicago", "America/Gotham", "", None):
        assert not is_zone(name)
    assert Details(time_zone="America/Denver", state="TX").zone_basis == "Bonzo"
    assert Details(time_zone="EST", state="TX").zone_basis == "state"
    assert Details(property_state="TX").zone_basis == "unknown"
    assert Details(state="ZZ").state_label == "ZZ"
    assert Details(state="", property_state="TX").state_label == "TX"
    assert all(is_zone(name) for name in state_zones().values())


@pytest.mark.parametrize(
    ("score", "band"),
    [
        (850, "1: 740+"),
        (740, "1: 740+"),
        (739, "2: 700-739"),
        (699, "3: 660-699"),
        (620, "4: 620-659"),
        (619, "5: under 620"),
        (300, "5: under 620"),
        (299, "6: unknown"),
        (851, "6: unknown"),
        (None, "6: unknown"),
    ],
)
def test_credit_bands(score: int | None, band: str) -> None:
    """Each band begins with its least score; what no score can be is unknown."""
    assert Details(credit_score=score).credit_band == band
