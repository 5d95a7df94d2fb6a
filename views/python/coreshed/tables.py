"""Tables on their way in and out: pandas, Polars, pyarrow, DuckDB, anything with `__arrow_c_stream__`.

No value is copied where Arrow can share it.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Literal

import pyarrow as pa

from coreshed.conversions import converted, words
from coreshed.errors import Error, InvalidArgumentError, UnsupportedError, ValidationError

As = Literal["pandas", "polars", "arrow", "batches"]


def named(data: Any, name: str, schema: Any = None) -> dict[str, Any]:
    """The tables of a record by name; a single one gets `name`, where "" lets the record decide.

    `schema`: a `pyarrow.Schema` that tables are converted to, or a dict of name → schema; a schema of the store, which is given
    by its name, is kept there.
    """
    if isinstance(schema, str):
        schema = None
    tables = data if isinstance(data, Mapping) else {name: data}
    for key in tables:
        if not isinstance(key, str):
            raise InvalidArgumentError(f"Tables are given as name → table; {key!r} is no name.")
    schemas = schema if isinstance(schema, Mapping) else dict.fromkeys(tables, schema)
    for key, one in schemas.items():
        if key not in tables:
            raise InvalidArgumentError(f"A schema is given for table {key!r}, which is not among the data.")
        if one is not None and not isinstance(one, pa.Schema):
            raise InvalidArgumentError(
                f"schema is a pyarrow.Schema, a dict of table → pyarrow.Schema, or the name of a schema of the store, not {one!r}."
            )
    return {key: to_arrow(table, schemas.get(key)) for key, table in tables.items()}


def to_arrow(data: Any, schema: pa.Schema | None = None) -> Any:
    """A `pyarrow.Table`, or a `Stream`."""
    if _is(data, "pandas", "DataFrame"):
        if schema is not None:
            _check_fields(frames().columns_of(data), schema)
        return frames().from_pandas(data, schema)
    table = _as_it_is(data)
    if schema is None:
        return table if isinstance(table, pa.Table) else Stream(table)
    if not isinstance(table, pa.Table):
        return Stream(table, schema)
    _check_fields(table.schema.names, schema)
    return converted(table, schema)


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
                    yield from converted(pa.Table.from_batches([batch]), self._wanted).to_batches()
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
    return ValidationError(f"The stream of rows ended with an error: {words(failure)}")


def _check_fields(columns: list[str | None], schema: pa.Schema) -> None:
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
    categories = {}
    for place, (name, kind) in enumerate(frame.schema.items()):
        if kind == polars.Object:  # its Arrow form is the addresses of the objects
            raise UnsupportedError(f"Column {name!r} holds Python objects, which can't be stored: give it a type.")
        if "Categorical" in str(kind) or "Enum" in str(kind):
            categories[place] = name
    try:
        table = pa.table(frame)
        for place, name in categories.items():  # whose texts are views, which Arrow has few functions for
            column = frame[name].to_arrow(compat_level=polars.CompatLevel.oldest())
            table = table.set_column(place, table.field(place).with_type(column.type), column)
    except pa.ArrowException as error:
        raise UnsupportedError(f"This Polars DataFrame can't be stored: {words(error)}") from error
    return table


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


def frames() -> Any:
    """What is done with pandas frames, loaded where there is one."""
    return importlib.import_module("coreshed.frames")


def hand_out(table: pa.Table, as_: As) -> Any:
    """A table as it was asked for."""
    if as_ == "arrow":
        return table
    if as_ == "pandas":
        _need("pandas")
        return frames().to_pandas(table)
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
