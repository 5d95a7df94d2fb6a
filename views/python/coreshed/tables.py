"""Tables on their way in and out: pandas, Polars, pyarrow, DuckDB, anything with `__arrow_c_stream__`.

No value is copied where Arrow can share it. pandas is converted by pyarrow, which notes the pandas types and the index in
the schema, so that they come back as they went in: an index that is not a plain range is stored as one column or more.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

import pyarrow as pa

from coreshed.errors import Error, InvalidArgumentError, UnsupportedError, ValidationError

if TYPE_CHECKING:
    import pandas as pd

As = Literal["pandas", "polars", "arrow", "batches"]


def named(data: Any, name: str, schema: Any = None) -> dict[str, Any]:
    """The tables of a record by name; a single one gets `name`, where "" lets the record decide.

    `schema`: a `pyarrow.Schema` that tables are converted to, or a dict of name → schema.
    """
    tables = data if isinstance(data, Mapping) else {name: data}
    for key in tables:
        if not isinstance(key, str):
            raise InvalidArgumentError(f"Tables are given as name → table; {key!r} is no name.")
    schemas = schema if isinstance(schema, Mapping) else dict.fromkeys(tables, schema)
    for key, one in schemas.items():
        if key not in tables:
            raise InvalidArgumentError(f"A schema is given for table {key!r}, which is not among the data.")
        if one is not None and not isinstance(one, pa.Schema):
            raise InvalidArgumentError(f"schema is a pyarrow.Schema, or a dict of table → pyarrow.Schema, not {one!r}.")
    return {key: to_arrow(table, schemas.get(key)) for key, table in tables.items()}


def to_arrow(data: Any, schema: pa.Schema | None = None) -> Any:
    """A `pyarrow.Table`, or a `Stream`."""
    if _is(data, "pandas", "DataFrame"):
        if schema is not None:
            plain = data.index.nlevels == 1 and type(data.index).__name__ == "RangeIndex"
            _check_fields([*data.columns, *([] if plain else data.index.names)], schema)
        return _from_pandas(data, schema)
    table = _as_it_is(data)
    if schema is None:
        return table if isinstance(table, pa.Table) else Stream(table)
    if not isinstance(table, pa.Table):
        return Stream(table, schema)
    _check_fields(table.schema.names, schema)
    return _converted(table, schema)


class Stream:
    """Somebody's stream of batches, read once; keeps what went wrong in it, which Arrow makes a text of on its way."""

    def __init__(self, source: Any, schema: pa.Schema | None = None) -> None:
        try:
            is_reader = isinstance(source, pa.RecordBatchReader)
            self._batches = source if is_reader else pa.RecordBatchReader.from_stream(source)
        except (pa.ArrowException, TypeError) as error:
            raise InvalidArgumentError(f"A {_kind(source)} can't be read as a stream of batches: {error}") from error
        if schema is not None:
            _check_fields(self._batches.schema.names, schema)
        self._wanted = schema
        self.schema = schema or self._batches.schema
        self.failure: BaseException | None = None

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        return pa.RecordBatchReader.from_batches(self.schema, self._read()).__arrow_c_stream__(requested_schema)

    def _read(self) -> Iterator[pa.RecordBatch]:
        try:
            for batch in self._batches:
                if self._wanted is None:
                    yield batch
                else:
                    yield from _converted(pa.Table.from_batches([batch]), self._wanted).to_batches()
        except GeneratorExit:
            raise
        except BaseException as failure:
            self.failure = failure
            raise


@contextmanager
def own_failures(tables: Mapping[str, Any]) -> Iterator[None]:
    """What a caller's stream raises ends the call as it is, and not as the text that comes back from it."""
    try:
        yield
    except Error:
        if (failure := failure_within(tables)) is not None:
            raise failure from None
        raise


def failure_within(tables: Mapping[str, Any]) -> BaseException | None:
    """What a caller's stream among them has raised."""
    failures = (table.failure for table in tables.values() if isinstance(table, Stream))
    return next((_as_raised(failure) for failure in failures if failure is not None), None)


def _as_raised(failure: BaseException) -> BaseException:
    """The caller's own exceptions as they are; those of Arrow, which speak of somebody else's stream, as one of ours."""
    if not isinstance(failure, pa.ArrowException):
        return failure
    return ValidationError(f"The stream of rows ended with an error: {_words(failure)}")


def _converted(table: pa.Table, schema: pa.Schema) -> pa.Table:
    try:
        return table.select(schema.names).cast(schema)
    except (pa.ArrowException, ValueError) as error:
        for field in schema:
            try:
                table[field.name].cast(field.type)
            except (pa.ArrowException, ValueError) as reason:
                raise ValidationError(
                    f"Column {field.name!r} can't be converted to {field.type}: {reason}", {"column": field.name}
                ) from error
        raise ValidationError(f"The table can't be converted to the schema: {error}") from error


def _check_fields(columns: list[str], schema: pa.Schema) -> None:
    missing = [name for name in schema.names if name not in columns]
    extra = [name for name in columns if name not in schema.names]
    if missing or extra:
        said = [f"lacks {', '.join(map(repr, missing))}"] * bool(missing) + [
            f"has {', '.join(map(repr, extra))}, which the schema does not name"
        ] * bool(extra)
        raise ValidationError(f"The table does not fit the schema: it {' and '.join(said)}.")


def _as_it_is(data: Any) -> Any:
    """A `pyarrow.Table`, or something that can be read as a stream."""
    if isinstance(data, pa.Table):
        return data
    if isinstance(data, pa.RecordBatch):
        return pa.Table.from_batches([data])
    if _is(data, "polars", "DataFrame"):
        return _from_polars(data)
    if _is(data, "pyarrow.dataset", "Dataset"):
        return data.scanner().to_reader()
    if _is(data, "pyarrow.dataset", "Scanner"):
        return data.to_reader()
    is_series = _is(data, "pandas", "Series") or _is(data, "polars", "Series")
    if hasattr(data, "__arrow_c_stream__") and not is_series and not isinstance(data, type):
        return data
    hint = " Collect it first: .collect()." if _is(data, "polars", "LazyFrame") else ""
    raise InvalidArgumentError(
        f"A {_kind(data)} is no table: give a pandas or Polars DataFrame, a pyarrow Table, or anything with "
        f"__arrow_c_stream__.{hint}"
    )


def _from_polars(frame: Any) -> pa.Table:
    polars = sys.modules["polars"]
    for name, kind in frame.schema.items():
        if kind == polars.Object:  # its Arrow form is the addresses of the objects
            raise UnsupportedError(f"Column {name!r} holds Python objects, which can't be stored: give it a type.")
    try:
        return pa.table(frame)
    except pa.ArrowException as error:
        raise UnsupportedError(f"This Polars DataFrame can't be stored: {_words(error)}") from error


def _kind(data: Any) -> str:
    return f"{type(data).__module__}.{type(data).__qualname__}"


def whole(data: Any) -> pa.Table:
    """The same as one `pyarrow.Table`."""
    table = to_arrow(data)
    if isinstance(table, pa.Table):
        return table
    try:
        return pa.table(table)
    except Exception:
        if table.failure is not None:
            raise _as_raised(table.failure) from None
        raise


def schema_of(data: Any) -> pa.Schema:
    """The schema of a table, or a schema itself."""
    return data if isinstance(data, pa.Schema) else whole(data).schema


def index_columns(schema: pa.Schema) -> list[str]:
    """The columns that hold the index of the frame that was handed in."""
    known = _pandas_metadata(schema)
    return [name for name in known.get("index_columns", ()) if isinstance(name, str) and name in schema.names]


def hand_out(table: pa.Table, as_: As) -> Any:
    """A table as it was asked for."""
    if as_ == "arrow":
        return table
    if as_ == "pandas":
        return _to_pandas(table)
    return _need("polars").from_arrow(table)


def check_as(as_: str) -> None:
    if not isinstance(as_, str) or as_ not in ("pandas", "polars", "arrow", "batches"):
        raise InvalidArgumentError(f"as_ is one of pandas, polars, arrow and batches, not {as_!r}.")


def _is(data: Any, module: str, name: str) -> bool:
    """Whether it is an instance of that class, without importing what the caller has not imported."""
    loaded = sys.modules.get(module)
    found = getattr(loaded, name, None)
    return isinstance(found, type) and isinstance(data, found)


def _need(module: str) -> Any:
    try:
        return __import__(module)
    except ImportError as error:
        raise UnsupportedError(
            f"as_={module!r} needs {module}, which is not installed (pip install {module}); as_='arrow' needs nothing."
        ) from error


def _to_pandas(table: pa.Table) -> pd.DataFrame:
    """As pyarrow does it, but for what pyarrow gives another type than it had.

    Whole numbers with gaps, which pyarrow makes floating point numbers (those above 2^53 are others then), and booleans
    with gaps become pandas' nullable types, also in an index; what was Python objects in the frame that was handed in
    becomes that again.
    """
    pandas = _need("pandas")
    known = _pandas_metadata(table.schema)
    frame = _as_pyarrow_does(table)
    objects = {column["field_name"] for column in known.get("columns", ()) if column.get("numpy_type") == "object"}
    for field, column in zip(table.schema, table.columns, strict=True):
        if field.name not in frame.columns:
            continue
        if field.name in objects:
            if frame[field.name].dtype != object:
                values = column.to_numpy() if _is_text(field.type) else column.to_pylist()
                frame[field.name] = pandas.Series(values, index=frame.index, dtype=object)
        elif (nullable := _with_gaps(pandas, column)) is not None and not _is_extension(pandas, frame[field.name]):
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
            raise UnsupportedError(f"pandas can't hold this table: {_words(error)} Read it with as_='arrow'.") from error


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


def _is_extension(pandas: Any, column: Any) -> bool:
    return bool(pandas.api.types.is_extension_array_dtype(column.dtype))


def _nullable(pandas: Any, arrow_type: pa.DataType) -> Any:
    """The nullable type of pandas for whole numbers: pa.uint8() → pandas.UInt8Dtype()."""
    name = str(arrow_type)
    return getattr(pandas, ("UI" + name[2:] if name.startswith("u") else name.capitalize()) + "Dtype")()


def _from_pandas(frame: pd.DataFrame, schema: pa.Schema | None = None) -> pa.Table:
    for place, name in enumerate(frame.columns):
        if not isinstance(name, str):
            raise InvalidArgumentError(
                f"Names of columns are text; column {place} is called {name!r}. Rename it, for example with "
                "frame.columns = [str(name) for name in frame.columns]."
            )
    twice = frame.columns[frame.columns.duplicated()]
    if len(twice):
        raise InvalidArgumentError(f"Two columns are called {twice[0]!r}: each needs a name of its own.")
    try:
        return pa.Table.from_pandas(frame, schema=schema)
    except (pa.ArrowException, OverflowError, TypeError, ValueError) as error:
        raise _explained(frame, schema, error) from error


def _explained(frame: pd.DataFrame, schema: pa.Schema | None, error: Exception) -> ValidationError:
    """Which column, row and value can't be stored."""
    for name in frame.columns:
        wanted = schema.field(name).type if schema is not None else None
        reason = _refusal(frame[name], wanted)
        if reason is None:
            continue
        row, value, first = _odd_one(frame[name], wanted)
        if row is None:
            return ValidationError(f"Column {name!r} can't be {_goal(wanted)}: {reason}", {"column": name})
        said = f"row {row} is {value!r} ({type(value).__name__})"
        if wanted is None:
            said = (
                f"Column {name!r} holds values of several kinds, or one that no column can hold: {said}, after {first}. "
                "Give the column one type."
            )
        else:
            said = f"Column {name!r} can't be {_goal(wanted)}: {said}."
        return ValidationError(said, {"column": name, "row": str(row), "value": repr(value)})
    return ValidationError(f"This table can't be stored: {_words(error)}")


def _goal(wanted: pa.DataType | None) -> str:
    return "stored" if wanted is None else f"converted to {wanted}"


def _odd_one(column: Any, wanted: pa.DataType | None) -> tuple[int | None, Any, str]:
    """The first value that is of another kind than those before it, or can't be stored at all; and their kind."""
    first: type | None = None
    for row, value in enumerate(column):
        if value is None or _is_gap(value):
            continue
        first = first or type(value)
        is_odd = wanted is None and type(value) is not first
        if is_odd or _refusal([value], wanted) is not None:
            return row, value, first.__name__
    return None, None, ""


def _is_gap(value: Any) -> bool:
    """NaN, NaT, pandas.NA: of all that differs from itself, what says so with a plain answer or none at all."""
    try:
        return bool(value != value)  # noqa: PLR0124
    except (TypeError, ValueError):
        return type(value).__name__ == "NAType"


def _refusal(values: Any, wanted: pa.DataType | None) -> str | None:
    """Why they can't be stored; None: they can."""
    try:
        pa.array(values, type=wanted, from_pandas=True)
    except Exception as error:  # noqa: BLE001  whatever it is
        return _words(error)
    return None


def _words(error: Exception) -> str:
    """pyarrow puts the column's name and type behind its message, as further arguments."""
    return str(error.args[0]) if error.args else str(error)
