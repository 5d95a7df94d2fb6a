"""Values as another type: refused, by the name of their column, where they would not be the same."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from coreshed.errors import ValidationError


def converted(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """The columns of the schema, in its order and of its types."""
    try:
        result = table.select(schema.names).cast(schema)
    except (pa.ArrowException, ValueError) as error:
        for field in schema:
            try:
                table[field.name].cast(field.type)
            except (pa.ArrowException, ValueError) as reason:
                raise _refused(field, str(reason)) from error
        raise ValidationError(f"The table can't be converted to the schema: {error}") from error
    for field in schema:
        check_kept(table[field.name], result[field.name], field)
    return result


def check_kept(source: Any, result: Any, field: pa.Field) -> None:
    """Refuses what Arrow converts without a word: numbers out of range, parts of a time, and time zones."""
    if (reason := _loss(source, result)) is not None:
        raise _refused(field, reason)


def may_lose(wanted: pa.DataType) -> bool:
    """Whether Arrow converts to it what it can't hold."""
    return bool(pa.types.is_temporal(wanted) or pa.types.is_float16(wanted) or pa.types.is_float32(wanted))


def _loss(source: Any, result: Any) -> str | None:
    before, after = source.type, result.type
    if before == after:
        return None
    if pa.types.is_timestamp(before) and pa.types.is_timestamp(after) and (before.tz is None) != (after.tz is None):
        return f"its times have {'a' if before.tz else 'no'} time zone"
    if pa.types.is_temporal(before) and pa.types.is_temporal(after):
        return None if _is_same(source, result) else "a time of day or a fraction of a second would be lost"
    if pa.types.is_float64(before) and may_lose(after) and _infinite(result) > _infinite(source):
        return "a number is too large for it"
    return None


def _is_same(source: Any, result: Any) -> bool:
    try:
        return bool(result.cast(source.type).equals(source))
    except pa.ArrowException:
        return False


def _infinite(numbers: Any) -> int:
    import pyarrow.compute as pc  # which takes its time to load

    return pc.sum(pc.is_inf(numbers)).as_py() or 0


def _refused(field: pa.Field, reason: str) -> ValidationError:
    return ValidationError(f"Column {field.name!r} can't be converted to {field.type}: {reason}", {"column": field.name})


def words(error: Exception) -> str:
    """pyarrow puts the column's name and type behind its message, as further arguments."""
    return str(error.args[0]) if error.args else str(error)
