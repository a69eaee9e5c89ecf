"""The two files that a user keeps, read from their bytes."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field

INVISIBLE = ("Cc", "Cf")
UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")


@dataclass
class CsvFile:
    """Rows of a file by the names in its header.

    `is_readable` is False where a needed column is missing, as it is in a file that
    is no CSV. A cell that a short row lacks is None. `extra` of a row holds True
    where it has more values than the header names.
    """

    rows: list[dict[str, str | None]] = field(default_factory=list)
    is_readable: bool = True


def read_csv_file(content: bytes | None, needed: tuple[str, ...]) -> CsvFile:
    """Read a file; a missing or an empty one has no rows."""
    lines = split_cells(decode(content or b""))
    lines = [cells for cells in lines if any(map(clean, cells))]
    if not lines:
        return CsvFile()
    header = [clean(cell).lower() for cell in lines[0]]
    rows = [named(header, cells) for cells in lines[1:]]
    return CsvFile(rows, is_readable=set(needed) <= set(header))


def named(header: list[str], cells: list[str]) -> dict[str, str | None]:
    """Give each cell its column's name; the first of doubled columns counts."""
    row: dict[str, str | None] = {}
    for position, name in enumerate(header):
        if name:
            cell = cells[position] if position < len(cells) else None
            row.setdefault(name, cell)
    if any(map(clean, cells[len(header) :])):
        row["extra"] = "yes"
    return row


def decode(content: bytes) -> str:
    """Decode UTF-8, UTF-16 or cp1252.

    A byte that cp1252 leaves undefined spoils its own cell, not the file; so does
    half a letter at the end of UTF-16.
    """
    if content.startswith(UTF_16_MARKS):
        encoding = "utf-16"
    elif b"\0" in content[:2]:
        # Without a mark the zero byte of the first letter says which half is first.
        encoding = "utf-16-be" if content[:1] == b"\0" else "utf-16-le"
    else:
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError:
            return content.decode("cp1252", errors="replace")
    return content[: len(content) // 2 * 2].decode(encoding, errors="replace")


def split_cells(text: str) -> list[list[str]]:
    """Split a text into lines of cells.

    A quote opens a cell only at its start and only where another one closes it, so
    that a quote which never ends spoils no more than its own line.
    """
    lines: list[list[str]] = [[]]
    position = 0
    while True:
        cell, position = read_cell(text, position)
        lines[-1].append(cell)
        if position >= len(text):
            return lines
        if text[position] == ",":
            position += 1
            continue
        position += 2 if text.startswith("\r\n", position) else 1
        lines.append([])


def read_cell(text: str, start: int) -> tuple[str, int]:
    """Read one cell and where it ends: at a comma, a line end or the text's end."""
    cell, position = "", start
    if text.startswith('"', start):
        quoted = read_quoted(text, start + 1)
        if quoted:
            cell, position = quoted
    end = position
    while end < len(text) and text[end] not in ",\r\n":
        end += 1
    return cell + text[position:end], end


def read_quoted(text: str, start: int) -> tuple[str, int] | None:
    """Read up to the closing quote; None where there is none."""
    cell, position = "", start
    while True:
        end = text.find('"', position)
        if end < 0:
            return None
        cell += text[position:end]
        if not text.startswith('""', end):
            return cell, end + 1
        cell, position = cell + '"', end + 2


def clean(text: str | None) -> str:
    """Fold white space of any kind to one blank, without invisible characters."""
    seen = (
        " " if letter.isspace() else letter
        for letter in unicodedata.normalize("NFC", text or "")
        if letter.isspace() or unicodedata.category(letter) not in INVISIBLE
    )
    return " ".join("".join(seen).split())


def fold(text: str | None) -> str:
    """The same without case: how names are compared."""
    return unicodedata.normalize("NFC", clean(text).casefold())
