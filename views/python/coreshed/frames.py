"""pandas frames on their way in and out.

pyarrow converts them, and notes the pandas types and the index in the schema, so that they come back as they went in: an
index that is not a plain range is stored as one column or more.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute

from coreshed.conversions import check_kept, may_lose, words
from coreshed.errors import InvalidArgumentError, UnsupportedError, ValidationError
from coreshed.kinds import is_gap, problem

if TYPE_CHECKING:
    import pandas as pd

_SHOWN = 100  # characters of a value in an error


def columns_of(frame: pd.DataFrame) -> list[str | None]:
    """The columns that it is stored as."""
    plain = frame.index.nlevels == 1 and type(frame.index).__name__ == "RangeIndex"
    return [*frame.columns, *([] if plain else frame.index.names)]


def from_pandas(frame: pd.DataFrame, schema: pa.Schema | None = None) -> pa.Table:
    """A table that shares its numbers with the frame."""
    for place, name in enumerate(frame.columns):
        if not isinstance(name, str):
            raise InvalidArgumentError(
                f"Names of columns are text; column {place} is called {name!r}. Rename it, for example with "
                "frame.columns = [str(name) for name in frame.columns]."
            )
    twice = frame.columns[frame.columns.duplicated()]
    if len(twice):
        raise InvalidArgumentError(f"Two columns are called {twice[0]!r}: each needs a name of its own.")
    _check_kinds(frame, {field.name: field.type for field in schema or ()})
    try:
        table = pa.Table.from_pandas(frame, schema=schema)
    except (pa.ArrowException, OverflowError, TypeError, ValueError) as error:
        raise _explained(frame, schema, error) from error
    for field in schema or ():
        if may_lose(field.type):
            values = frame[field.name] if field.name in frame.columns else frame.index.get_level_values(field.name)
            check_kept(pa.chunked_array([pa.array(values, from_pandas=True)]), table[field.name], field)
    return table


def index_columns(schema: pa.Schema) -> list[str]:
    """The columns that hold the index of the frame that was handed in."""
    known = _pandas_metadata(schema)
    return [name for name in known.get("index_columns", ()) if isinstance(name, str) and name in schema.names]


def to_pandas(table: pa.Table) -> pd.DataFrame:
    """As pyarrow does it, but for what pyarrow gives another type than it had.

    Whole numbers with gaps, which pyarrow makes floating point numbers (those above 2^53 are others then), and booleans
    with gaps become pandas' nullable types, also in an index, and lists with such gaps lists; what was Python objects in
    the frame that was handed in becomes that again.
    """
    import pandas

    known = _pandas_metadata(table.schema)
    frame = _as_pyarrow_does(table)
    objects = {column["field_name"] for column in known.get("columns", ()) if column.get("numpy_type") == "object"}
    types = dict(zip(frame.columns, frame.dtypes, strict=True))
    for field, column in zip(table.schema, table.columns, strict=True):
        dtype = types.get(field.name)
        if dtype is None or pandas.api.types.is_extension_array_dtype(dtype) and field.name not in objects:
            continue
        if (field.name in objects and dtype != object) or _has_inner_gaps(column):
            values = column.to_numpy() if _is_text(field.type) else column.to_pylist()
            frame[field.name] = pandas.Series(values, index=frame.index, dtype=object)
        elif field.name not in objects and (nullable := _with_gaps(pandas, column)) is not None:
            frame[field.name] = pandas.Series(nullable, index=frame.index)
    return _with_gaps_in_index(pandas, frame, table, known)


def _as_pyarrow_does(table: pa.Table) -> pd.DataFrame:
    """What pandas noted of its types may be what it can't read itself, or what somebody else has written there."""
    try:
        return table.to_pandas()
    except Exception:  # noqa: BLE001  of pyarrow, pandas or json
        try:
            return table.replace_schema_metadata(None).to_pandas()
        except Exception as error:
            raise UnsupportedError(f"pandas can't hold this table: {words(error)} Read it with as_='arrow'.") from error


def _pandas_metadata(schema: pa.Schema) -> dict[str, Any]:
    """What pandas noted of its types; nothing where it is no such note."""
    try:
        known = schema.pandas_metadata
    except ValueError:
        return {}
    if not isinstance(known, dict):
        return {}
    lists = known.get("columns", []), known.get("index_columns", [])
    is_whole = all(isinstance(one, list) for one in lists) and all(
        isinstance(column, dict) and "field_name" in column for column in lists[0]
    )
    return known if is_whole else {}


def _is_text(arrow_type: pa.DataType) -> bool:
    return bool(pa.types.is_string(arrow_type) or pa.types.is_large_string(arrow_type))


def _with_gaps(pandas: Any, column: pa.ChunkedArray) -> Any:
    """Whole numbers or booleans with gaps as pandas' nullable type; None: they are something else."""
    if not column.null_count:
        return None
    if pa.types.is_integer(column.type):
        return _nullable(pandas, column.type).__from_arrow__(column)
    return pandas.BooleanDtype().__from_arrow__(column) if pa.types.is_boolean(column.type) else None


def _with_gaps_in_index(pandas: Any, frame: pd.DataFrame, table: pa.Table, known: dict[str, Any]) -> pd.DataFrame:
    names = [name if isinstance(name, str) else None for name in known.get("index_columns", ())]
    if len(names) != frame.index.nlevels:
        return frame
    levels = [
        _with_gaps(pandas, table[name]) if name is not None and name in table.column_names else None for name in names
    ]
    if any(level is not None for level in levels):
        arrays = [frame.index.get_level_values(i) if level is None else level for i, level in enumerate(levels)]
        if len(arrays) == 1:
            frame.index = pandas.Index(arrays[0], name=frame.index.name)
        else:
            frame.index = pandas.MultiIndex.from_arrays(arrays, names=frame.index.names)
    return frame


def _has_inner_gaps(column: Any) -> bool:
    """Whether there are lists or structs with whole numbers and gaps among them, which pyarrow makes floats of."""
    inner = column.type
    if pa.types.is_struct(inner):
        return any(_is_whole_with_gaps(part) or _has_inner_gaps(part) for part in column.flatten())
    if pa.types.is_list(inner) or pa.types.is_large_list(inner) or pa.types.is_fixed_size_list(inner):
        values = pa.compute.list_flatten(column)
        return _is_whole_with_gaps(values) or _has_inner_gaps(values)
    return False


def _is_whole_with_gaps(column: Any) -> bool:
    return bool(pa.types.is_integer(column.type) and column.null_count > 0)


def _nullable(pandas: Any, arrow_type: pa.DataType) -> Any:
    """The nullable type of pandas for whole numbers: pa.uint8() → pandas.UInt8Dtype()."""
    name = str(arrow_type)
    return getattr(pandas, ("UI" + name[2:] if name.startswith("u") else name.capitalize()) + "Dtype")()


def _check_kinds(frame: pd.DataFrame, wanted: dict[str, pa.DataType]) -> None:
    for place, dtype in enumerate(frame.dtypes):
        if _holds_objects(dtype):
            _check_kind(frame.columns[place], frame.iloc[:, place], wanted)
    for level in range(frame.index.nlevels):
        values = frame.index.get_level_values(level)
        if _holds_objects(values.dtype):
            _check_kind(values.name or "index", values, wanted)


def _holds_objects(dtype: Any) -> bool:
    return bool(dtype == object or (hasattr(dtype, "categories") and dtype.categories.dtype == object))


def _check_kind(name: Any, values: Any, wanted: dict[str, pa.DataType]) -> None:
    """`values`: a column, or a level of the index, with objects, or with categories that are."""
    import pandas

    is_category = hasattr(values.dtype, "categories")
    column = pandas.Series((values.dtype.categories if is_category else values).to_numpy(), dtype=object)
    to = str(wanted.get(name, ""))
    if "struct<" in to or "map<" in to:  # tuples and pairs are no lists then
        return
    held = problem(column.to_numpy(), "[ns" in to)
    if held is None:
        return
    row = _first_row(column, lambda rows: problem(rows.to_numpy(), "[ns" in to) is not None)
    raise _odd_one(name, f"Column {name!r} {'has as categories' if is_category else 'holds'} {held}", column, row)


def _explained(frame: pd.DataFrame, schema: pa.Schema | None, error: Exception) -> ValidationError:
    """Which column, row and value can't be stored."""
    for name in frame.columns:
        wanted = schema.field(name).type if schema is not None else None
        reason = _refusal(frame[name], wanted)
        if reason is None:
            continue
        said = f"Column {name!r} can't be {'stored' if wanted is None else f'converted to {wanted}'}"
        if _refusal(frame[name].iloc[:0], wanted) is not None:
            return ValidationError(f"{said}: {reason}", {"column": name})
        if wanted is None:
            said = f"Column {name!r} holds values of several kinds, or one that no column can hold"
        row = _first_row(frame[name], partial(_is_refused, wanted=wanted))
        return _odd_one(name, said, frame[name], row)
    return ValidationError(f"This table can't be stored: {words(error)}")


def _first_row(column: pd.Series[Any], is_wrong: Callable[[pd.Series[Any]], bool]) -> int:
    """The row that makes the rows up to it wrong, found by halves."""
    return bisect_left(range(len(column)), True, key=lambda last: is_wrong(column.iloc[: last + 1]))


def _odd_one(name: Any, said: str, column: pd.Series[Any], row: int) -> ValidationError:
    value = column.iloc[row]
    before = next((one for one in column.iloc[:row] if not is_gap(one)), None)
    after = "" if before is None else f", after {type(before).__name__}"
    shown = repr(value) if len(repr(value)) <= _SHOWN else repr(value)[:_SHOWN] + "…"
    said = f"{said}: row {row} is {shown} ({type(value).__name__}){after}. Give the column one type."
    return ValidationError(said, {"column": str(name), "row": str(row), "value": shown})


def _is_refused(column: pd.Series[Any], wanted: pa.DataType | None) -> bool:
    return _refusal(column, wanted) is not None


def _refusal(column: pd.Series[Any], wanted: pa.DataType | None) -> str | None:
    """Why they can't be stored; None: they can."""
    try:
        pa.array(column, type=wanted, from_pandas=True)
    except Exception as error:  # noqa: BLE001  whatever it is
        return words(error)
    return None
