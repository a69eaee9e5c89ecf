"""What can go wrong with a request, from one attempt to the whole service."""

from __future__ import annotations

from loader.errors import LoaderError

# The service asks for patience, or has a fault of its own: asking again may help.
PASSING_STATUSES = frozenset({408, 425, 429})


class ServiceError(LoaderError):
    """Bonzo refused a request or cannot be understood; `status` is HTTP's."""

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status

    @property
    def is_missing(self) -> bool:
        """Whether Bonzo says that what was asked for does not exist (any more)."""
        return self.status in (404, 410)

    @property
    def is_about_one_record(self) -> bool:
        """Whether the refusal may concern this path alone, not the account."""
        status = self.status or 0
        return 400 <= status < 500 and status not in PASSING_STATUSES


class UnavailableError(ServiceError):
    """Bonzo gave no usable answer after every retry."""


class WaitTooLongError(ServiceError):
    """Bonzo asks the account to wait for longer than a run should."""


class AttemptError(Exception):
    """One attempt failed; another may succeed.

    `retry_after`: seconds that the service asks to wait, None where it does not.
    """

    def __init__(
        self,
        reason: str,
        status: int | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(reason)
        self.status = status
        self.retry_after = retry_after


class BrokenAnswerError(AttemptError):
    """An answer arrived and is not what it should be."""


class SetupError(Exception):
    """The request cannot be made as this machine is set up; trying again is in vain."""
