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
    if pa.types.is_dictionary(wanted):
        return may_lose(wanted.value_type)
    if pa.types.is_nested(wanted):
        return any(may_lose(wanted.field(i).type) for i in range(wanted.num_fields))
    return bool(pa.types.is_temporal(wanted) or pa.types.is_float16(wanted) or pa.types.is_float32(wanted))


def _loss(source: Any, result: Any) -> str | None:
    if source.type == result.type or not may_lose(result.type):
        return None
    before, after = _parts(source), _parts(result)
    if len(before) == len(after) and not (before[0] is source and after[0] is result):
        losses = (_loss(*pair) for pair in zip(before, after, strict=True))
        return next((loss for loss in losses if loss is not None), None)
    return _loss_of_values(source, result)


def _parts(column: Any) -> list[Any]:
    """What is within lists, structs, maps and dictionaries; the column itself where it is none of them."""
    import pyarrow.compute as pc

    kind = column.type
    if pa.types.is_dictionary(kind):
        return [column.cast(kind.value_type)]
    if pa.types.is_struct(kind):
        return list(column.flatten())
    if pa.types.is_map(kind) and column.num_chunks:
        return [pa.chunked_array([getattr(chunk, part) for chunk in column.chunks]) for part in ("keys", "items")]
    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        return [pc.list_flatten(column)]
    return [column]


def _loss_of_values(source: Any, result: Any) -> str | None:
    before, after = source.type, result.type
    if pa.types.is_timestamp(before) and pa.types.is_timestamp(after) and (before.tz is None) != (after.tz is None):
        return f"its times have {'a' if before.tz else 'no'} time zone"
    if pa.types.is_temporal(before) and pa.types.is_temporal(after):
        return None if _is_same(source, result) else "a time of day or a fraction of a second would be lost"
    if pa.types.is_floating(after) and _infinite(result) > _infinite(source):
        return "a number is too large for it"
    return None


def _is_same(source: Any, result: Any) -> bool:
    try:
        return bool(result.cast(source.type, safe=False).equals(source))  # objects may be finer than Arrow takes them
    except pa.ArrowException:
        return False


def _infinite(numbers: Any) -> int:
    import pyarrow.compute as pc  # which takes its time to load

    return (pc.sum(pc.is_inf(numbers)).as_py() or 0) if pa.types.is_floating(numbers.type) else 0


def _refused(field: pa.Field, reason: str) -> ValidationError:
    return ValidationError(f"Column {field.name!r} can't be converted to {field.type}: {reason}", {"column": field.name})


def words(error: Exception) -> str:
    """pyarrow puts the column's name and type behind its message, as further arguments."""
    return str(error.args[0]) if error.args else str(error)
