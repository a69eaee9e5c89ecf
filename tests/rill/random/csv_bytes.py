"""Rows as the bytes of a CSV file, in the ways that programs save one."""

from __future__ import annotations

import random

Cells = list[str]
ENCODINGS = ("utf-8", "utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-be")
LINE_ENDS = ("\n", "\n", "\r\n", "\r\n", "\r")
# UTF-16 that ends in the middle of a letter, and bytes that spell no header.
ODD_FILES = (
    "lead_source,month,spend,email\nA,2026-01,1,a@x.com\n".encode("utf-16")[:-1],
    b"\x81\x8d\x90lead_source,month\n\x9d,1\n",
)
# A name, and the same with a byte that cp1252 does not know.
NAME, NAME_WITH_STRAY_BYTE = b"Radio", b"Rad\x81o"
NOTES = (
    "",
    "paid twice",
    "paid\nin two parts",
    'said "yes"\r\nby phone',
    "a\rb",
    "1,5",
)


def save(
    chance: random.Random, rows: list[dict[str, str | None]], columns: tuple[str, ...]
) -> bytes | None:
    """Save rows in one of many ways; None stands for a file that is not there."""
    if not rows:
        blank = columns[0].encode() + b"," + ",".join(columns[1:]).encode()
        return chance.choice((None, b"", b"\r\n\r\n", blank, blank + b"\n"))
    if chance.random() < 0.03:
        return chance.choice(ODD_FILES)
    order = list(columns)
    if chance.random() < 0.3:
        order.append("note")
        rows = [{**row, "note": chance.choice(NOTES)} for row in rows]
    if chance.random() < 0.3:
        chance.shuffle(order)
    if chance.random() < 0.05:
        order.remove(chance.choice(order))
    lines = [[heading(chance, name) for name in order]]
    lines += [[row.get(name) or "" for name in order] for row in rows]
    return encode(chance, join(chance, lines))


def heading(chance: random.Random, name: str) -> str:
    """A column's name as people write it."""
    return chance.choice((name, name, name, name.upper(), name.title(), f" {name} "))


def join(chance: random.Random, lines: list[Cells]) -> str:
    """One text, with quotes where they must be or may be, and blank lines."""
    end = chance.choice(LINE_ENDS)
    text = ""
    for number, cells in enumerate(lines):
        if number and chance.random() < 0.03:
            cells = bent(chance, cells)
        text += ",".join(quoted(chance, cell) for cell in cells) + end
        if number and chance.random() < 0.05:
            text += chance.choice(("", ",,,", "  ")) + end
    return text if chance.random() < 0.7 else text[: -len(end)]


def quoted(chance: random.Random, cell: str) -> str:
    """A cell in quotes if it needs them, and now and then if it does not."""
    if chance.random() < 0.2 or any(sign in cell for sign in ',"\r\n'):
        return '"' + cell.replace('"', '""') + '"'
    return cell


def bent(chance: random.Random, cells: Cells) -> Cells:
    """A line with a value too many or too few, or with empty cells behind it."""
    return chance.choice(([*cells, "200"], cells[:-1], [*cells, "", ""]))


def encode(chance: random.Random, text: str) -> bytes:
    """The text in an encoding that can hold it."""
    encoding = chance.choice(ENCODINGS)
    if encoding == "utf-16-be":
        return b"\xfe\xff" + text.encode(encoding)
    try:
        content = text.encode(encoding)
    except UnicodeEncodeError:
        return text.encode()
    if encoding == "cp1252":
        return content.replace(NAME, NAME_WITH_STRAY_BYTE)
    return content
