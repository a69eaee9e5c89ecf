"""Keeps secrets out of whatever is shown or stored."""

from __future__ import annotations

import logging
import traceback

MASK = "***"


def redact(text: str, *secrets: str | None) -> str:
    """The text with every secret replaced by stars."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, MASK)
    return text


class RedactingFilter(logging.Filter):
    """Blots secrets out of log records, whatever library writes them."""

    def __init__(self, *secrets: str | None) -> None:
        super().__init__()
        self._secrets = secrets

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass, without the secrets."""
        record.msg = redact(record.getMessage(), *self._secrets)
        record.args = None
        if record.exc_info:
            text = "".join(traceback.format_exception(*record.exc_info))
            record.exc_text = redact(text, *self._secrets)
            record.exc_info = None
        return True
