"""The errors of Coreshed: one class for each kind, equal in C++, on the command line and here.

What a caller does next decides the class; the message is for a person (what happened, to what, what to do), and `fields`
are for programs (`record_id`, `version`, `event_id`, …).
"""

from __future__ import annotations

from collections.abc import Mapping

__all__ = [
    "AlreadyExistsError",
    "CancelledError",
    "ConflictError",
    "CorruptionError",
    "Error",
    "FileLockTimeoutError",
    "InvalidArgumentError",
    "InvalidStateError",
    "IoError",
    "LockTimeoutError",
    "NotFoundError",
    "OutcomeUnknownError",
    "SchemaDriftError",
    "UnsupportedError",
    "ValidationError",
]


class Error(Exception):
    """Base of all errors that Coreshed raises.

    Attributes:
        message: What happened, to what, and what to do.
        fields: Named values for programs; all are text.
        kind: The name of the kind, the same in every face: "NotFound", "Conflict", …
    """

    kind = "Error"

    def __init__(self, message: str, fields: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.fields: dict[str, str] = dict(fields or {})

    def __reduce__(self) -> tuple[type[Error], tuple[str, dict[str, str]]]:
        return type(self), (self.message, self.fields)


class NotFoundError(Error):
    """No such store, record, version, table, column or ref."""

    kind = "NotFound"


class AlreadyExistsError(Error):
    """The id or name is in use."""

    kind = "AlreadyExists"


class ConflictError(Error):
    """Somebody else was first: read again, decide again."""

    kind = "Conflict"


class LockTimeoutError(Error):
    """Another process held the record's lock for too long."""

    kind = "LockTimeout"


FileLockTimeoutError = LockTimeoutError


class InvalidStateError(Error):
    """The record's status does not allow this."""

    kind = "InvalidState"


class SchemaDriftError(Error):
    """The schema changed in a way that the policy refuses."""

    kind = "SchemaDrift"


class ValidationError(Error, ValueError):
    """The data break a rule."""

    kind = "Validation"


class CorruptionError(Error):
    """What is stored is damaged; nothing is written to it."""

    kind = "Corruption"


class InvalidArgumentError(Error, ValueError):
    """The call itself is wrong."""

    kind = "InvalidArgument"


class IoError(Error):
    """The disk or the network failed; nothing was changed."""

    kind = "Io"


class UnsupportedError(Error):
    """Not available for this type, storage or platform."""

    kind = "Unsupported"


class CancelledError(Error):
    """The caller asked to stop; nothing was changed."""

    kind = "Cancelled"


class OutcomeUnknownError(Error):
    """It may or may not be committed: ask `Store.resolve`, delete nothing."""

    kind = "OutcomeUnknown"


_BY_KIND = {
    kind.kind: kind
    for kind in (
        NotFoundError,
        AlreadyExistsError,
        ConflictError,
        LockTimeoutError,
        InvalidStateError,
        SchemaDriftError,
        ValidationError,
        CorruptionError,
        InvalidArgumentError,
        IoError,
        UnsupportedError,
        CancelledError,
        OutcomeUnknownError,
    )
}


def make(kind: str, message: str, fields: Mapping[str, str]) -> Error:
    """The exception for an error of the library; kinds are only ever added."""
    return _BY_KIND.get(kind, Error)(message, fields)
