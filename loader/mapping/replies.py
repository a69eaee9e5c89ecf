"""Find what a person wrote in a reply: without markup and without quoted mail."""

from __future__ import annotations

import html
import re

# An opt-out is a word or two; nobody types more than this by hand around it.
_LONGEST_READ = 50_000

_HIDDEN = re.compile(
    r"<!--.*?(?:-->|\Z)|<(style|script|head|title)\b.*?(?:</\1\s*>|\Z)",
    re.IGNORECASE | re.DOTALL,
)
_QUOTE = re.compile(
    r"<blockquote\b.*(?:</blockquote\s*>)|<blockquote\b.*\Z"
    r"|<div\b[^<>]{0,300}(?:gmail_quote|yahoo_quoted|moz-cite-prefix|divRplyFwdMsg).*\Z",
    re.IGNORECASE | re.DOTALL,
)
_BLOCK = re.compile(
    r"</?(?:address|article|blockquote|br|dd|div|dl|dt|h[1-6]|hr|li|ol|p|pre|section"
    r"|table|tbody|td|th|thead|tr|ul)\b[^<>]*>",
    re.IGNORECASE,
)
_TAG = re.compile(r"</?[A-Za-z][^<>]*>|<![^<>]*>")
# Where the mail that is answered begins, in the words of the usual programs.
_QUOTED_BELOW = re.compile(
    r"^[ \t]*(?:"
    r"-{2,}\s*(?:original|forwarded)\s+(?:message|appointment)\s*-{2,}"
    r"|begin forwarded message:"
    r"|on\b.{3,300}?\bwrote\s*:"
    r"|el\b.{3,300}?\bescribi[óo]\s*:"
    r"|le\b.{3,300}?\ba\s+[ée]crit\s*:"
    r"|am\b.{3,300}?\bschrieb\b.{0,100}?:"
    r"|from:\s.{1,300}?^[ \t]*(?:sent|date|to|subject):\s"
    r"|_{10,}\s*$"
    r"|sent from (?:my|mail for|yahoo|outlook|the)\b"
    r"|get outlook for\b"
    r"|-- $"
    r")",
    re.IGNORECASE | re.MULTILINE | re.DOTALL,
)
# The same on one line, as some services flatten a mail.
_QUOTED_BEHIND = re.compile(
    r"\s(?:-{2,}\s*original message\s*-{2,}|on\s[A-Z0-9][^\n]{10,200}?\swrote:)",
    re.IGNORECASE,
)


def own_text(content: str) -> str:
    """Return the reply's own lines as plain text."""
    text = content[:_LONGEST_READ]
    # Twice: mail that was escaped as a whole holds escaped entities.
    for _ in range(2):
        if "<" in text:
            text = _without_markup(text)
        text = html.unescape(text)
    if "<" in text:
        text = _without_markup(text)
    for pattern in (_QUOTED_BELOW, _QUOTED_BEHIND):
        text = _without_quote(text, pattern.search(text))
    lines = (line for line in text.splitlines() if not _is_quoted(line))
    return "\n".join(lines).strip()


def _without_quote(text: str, header: re.Match[str] | None) -> str:
    """Cut the text at the header of a quote.

    Where nothing is above the header, the person wrote below the quoted lines.
    """
    if header is None:
        return text
    above, below = text[: header.start()], text[header.end() :]
    is_below = not above.strip() and any(map(_is_quoted, below.splitlines()))
    return below if is_below else above


def _is_quoted(line: str) -> bool:
    return line.lstrip().startswith(">")


def _without_markup(text: str) -> str:
    # What a tag marks as quoted is marked as plain mail marks it.
    text = _QUOTE.sub("\n>\n", _HIDDEN.sub("", text))
    return _TAG.sub("", _BLOCK.sub("\n", text))
