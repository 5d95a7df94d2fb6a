"""What arguments may be: the kinds that calls share. What is of another kind is named, with what it is."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timezone
from typing import Any
from uuid import UUID

from coreshed.errors import InvalidArgumentError

_INT64_MAX = 2**63 - 1


def given(**options: Any) -> dict[str, Any]:
    """The options that were given. Those of a simple kind are checked where they are taken up, in C++."""
    return {name: _KINDS.get(name, _as_it_is)(name, value) for name, value in options.items() if value is not None}


def _as_it_is(_: str, value: Any) -> Any:
    return value


def text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise _wrong(name, "a text", value)
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise _wrong(name, "a text of Unicode characters", value) from None
    return value


def whole(name: str, value: Any) -> int:
    """A whole number, also numpy's; no boolean, no text."""
    try:
        number = value.__index__() if not isinstance(value, bool) else None
    except (AttributeError, TypeError):
        number = None
    if not isinstance(number, int) or not -_INT64_MAX <= number <= _INT64_MAX:
        raise _wrong(name, "a whole number", value)
    return number


def limit(value: Any) -> int:
    """For pages; all is -1 within."""
    return -1 if value is None else _not_negative("limit", value)


def texts(name: str, values: Any) -> list[str]:
    return [text(name, value) for value in _several(name, "a list of texts", values)]


def wholes(name: str, values: Any) -> list[int]:
    return [whole(name, value) for value in _several(name, "a list of whole numbers", values)]


def pairs(name: str, values: Any) -> dict[str, str]:
    """A dict of text → text."""
    if not isinstance(values, Mapping):
        raise _wrong(name, "a dict of text → text", values)
    return {text(name, key): text(f"{name}[{key!r}]", value) for key, value in values.items()}


def path(name: str, value: Any) -> str:
    if not isinstance(value, (str, os.PathLike)):
        raise _wrong(name, "a path", value)
    place = text(name, os.fspath(value))
    if "\0" in place:
        raise InvalidArgumentError(f"{name} has a NUL in it, where the system would cut it off: {place!r}.")
    return place


def flag(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise _wrong(name, "True or False", value)
    return value


def time(name: str, value: Any) -> str:
    """A datetime with a time zone, or ISO 8601."""
    if not isinstance(value, datetime):
        return text(name, value)
    if value.tzinfo is None:
        raise InvalidArgumentError(f"{name}: {value} has no time zone: say which is meant, for example .astimezone().")
    try:
        return value.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    except OverflowError:
        raise _wrong(name, "a time in the years 1 to 9999", value) from None


def several(name: str, values: Any) -> Iterable[Any]:
    return _several(name, "a list", values)


def name(argument: str, value: Any) -> str:
    """An empty one, as a form may send, must not mean another."""
    called = text(argument, value)
    if not called:
        raise InvalidArgumentError(f"{argument} is empty: give a name, or leave it out.")
    return called


def _some_texts(name: str, values: Any) -> list[str]:
    """An empty list, as a filter may give, must not mean all."""
    some = texts(name, values)
    if not some:
        raise InvalidArgumentError(f"{name} is empty: name at least one, or leave it out to take all.")
    return some


def _not_negative(name: str, value: Any) -> int:
    number = whole(name, value)
    if number < 0:
        raise InvalidArgumentError(f"{name} is a whole number, 0 or more, not {number}; leave it out to take all.")
    return number


def _event_id(name: str, value: Any) -> str:
    return value.hex if isinstance(value, UUID) else text(name, value)


def _several(name: str, kind: str, values: Any) -> Iterable[Any]:
    if isinstance(values, (str, bytes, Mapping)):
        raise _wrong(name, kind, values)
    if not isinstance(values, Iterable):
        raise _wrong(name, kind, values)
    return values


def _wrong(name: str, kind: str, value: Any) -> InvalidArgumentError:
    shown = f"{value!r:.100}".splitlines() or [""]
    return InvalidArgumentError(f"{name} is {kind}, not {shown[0]} ({type(value).__name__}).")


_KINDS: dict[str, Callable[[str, Any], Any]] = {
    "attributes": pairs,
    "cache_bytes": whole,
    "columns": _some_texts,
    "event_id": _event_id,
    "expected_version": whole,
    "limit": _not_negative,
    "memory_bytes": whole,
    "records": _some_texts,
    "renames": pairs,
    "schema": name,
    "threads": whole,
    "types": pairs,
    "updated_since": time,
    "version": whole,
}
