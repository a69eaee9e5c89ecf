"""Keeps secrets out of whatever is shown or stored."""

from __future__ import annotations

MASK = "***"


def redact(text: str, *secrets: str | None) -> str:
    """The text with every secret replaced by stars."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, MASK)
    return text
