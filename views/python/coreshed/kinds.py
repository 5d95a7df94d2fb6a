"""The kinds of values in a column of Python objects.

Arrow takes what is no column of one kind: a number among dates becomes a date of 1970, a date that is followed by a time
loses it, a time without a zone is taken for one of UTC, a text among bytes becomes bytes, a boolean among numbers a number,
nanoseconds are cut off.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import chain
from typing import Any

import numpy as np

_BASES: list[tuple[str, tuple[type, ...]]] = [
    ("boolean", (bool, np.bool_)),
    ("duration", (timedelta, np.timedelta64)),  # before numbers: numpy's is one of its integers
    ("whole number", (int, np.integer)),
    ("float", (float, np.floating)),
    ("decimal", (Decimal,)),
    ("time", (datetime, np.datetime64)),
    ("date", (date,)),
    ("time of day", (time,)),
    ("text", (str,)),
    ("bytes", (bytes, bytearray, memoryview)),
    ("list", (list, tuple, set, frozenset, np.ndarray)),
    ("struct", (Mapping,)),
]
_FLOATS = (float, np.floating)
_GAPS = frozenset(["NoneType", "NAType", "NaTType"])
_SAFE_TOGETHER = ({"whole number", "float"}, {"whole number", "decimal"})


def problem(values: Sequence[Any], keeps_nanoseconds: bool = False) -> str | None:
    """What they hold that would not come back the same, in themselves or within lists and structs; None: nothing."""
    kinds = {_kind(one) for one in set(map(type, values)) if one.__name__ not in _GAPS}
    if "float" in kinds and len(kinds) > 1 and all(is_gap(one) for one in values if isinstance(one, _FLOATS)):
        kinds.remove("float")  # NaN, which is a gap too
    if len(kinds) > 1:
        return None if kinds in _SAFE_TOGETHER else "values of several kinds"
    if not kinds & {"time", "time of day", "duration", "list", "struct"}:
        return None
    known = [value for value in values if not is_gap(value)]
    if "list" in kinds:
        return problem(list(chain.from_iterable(map(_samples, known))), keeps_nanoseconds)
    if "struct" in kinds:
        return _problem_within(known, keeps_nanoseconds)
    return _problem_of_times(known, keeps_nanoseconds)


def _problem_within(structs: list[Mapping[str, Any]], keeps_nanoseconds: bool) -> str | None:
    keys: Iterable[str] = dict.fromkeys(chain.from_iterable(structs))
    problems = (problem([struct.get(key) for struct in structs], keeps_nanoseconds) for key in keys)
    return next((one for one in problems if one is not None), None)


def _problem_of_times(values: list[Any], keeps_nanoseconds: bool) -> str | None:
    zoned = {getattr(value, "tzinfo", None) is not None for value in values}
    if len(zoned) > 1:
        return "times with a zone and times without"
    if any(zoned) and isinstance(values[0], time):
        return "times of day in a time zone, which no column keeps"
    if keeps_nanoseconds:
        return None
    if any(getattr(value, "nanosecond", 0) or getattr(value, "nanoseconds", 0) for value in values):
        return "nanoseconds in Python objects, which only pandas' own datetime64[ns] and timedelta64[ns] keep"
    return None


def is_gap(value: Any) -> bool:
    """None, NaN, NaT, pandas.NA."""
    if isinstance(value, (np.datetime64, np.timedelta64)):
        return bool(np.isnat(value))
    return value is None or type(value).__name__ in _GAPS or (isinstance(value, _FLOATS) and bool(value != value))


def _kind(one: type) -> str:
    return next((name for name, bases in _BASES if issubclass(one, bases)), f"{one.__module__}.{one.__qualname__}")


def _samples(values: Any) -> Any:
    """Of an array of one type one value is enough."""
    return values[:1] if isinstance(values, np.ndarray) and values.dtype != object else values
