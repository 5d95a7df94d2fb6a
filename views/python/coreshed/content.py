"""What tables say of themselves, without a store."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from coreshed import _core
from coreshed import arguments as check
from coreshed.errors import InvalidArgumentError
from coreshed.tables import schema_of, whole
from coreshed.values import Drift


def compute_schema_fingerprint(table: Any) -> str:
    """SHA-256 of the columns' names and logical types, sorted by name (spec/schema.md, "Fingerprint").

    Args:
        table: Any table, or a `pyarrow.Schema`.

    Returns:
        64 hex digits, equal whatever order the columns are in.

    Raises:
        UnsupportedError: A type that can't be stored; names the column.

    Example:
        >>> import pyarrow as pa
        >>> first = pa.schema({"depth": pa.float64(), "soil": pa.string()})
        >>> second = pa.schema({"soil": pa.large_string(), "depth": pa.float64()})
        >>> compute_schema_fingerprint(first) == compute_schema_fingerprint(second)
        True
    """
    return _core.schema_fingerprint(schema_of(table))


def detect_schema_drift(old: Any, new: Any, renames: Mapping[str, str] | None = None) -> Drift:
    """What differs between the columns of two tables, or of two records of several tables, and how serious it is.

    Args:
        old: A table, a `pyarrow.Schema`, or a dict of name → either.
        new: The same.
        renames: Columns that were renamed, old name → new name.

    Example:
        >>> import pyarrow as pa
        >>> old = pa.schema({"depth": pa.int32()})
        >>> print(detect_schema_drift(old, pa.schema({"depth": pa.int32(), "soil": pa.string()})))
        additive
          data: column soil added (string)
    """
    renamed = {} if renames is None else check.pairs("renames", renames)
    return _core.schema_drift(_schemas(old), _schemas(new), renamed, False)


def _schemas(tables: Any) -> dict[str, Any]:
    if isinstance(tables, Mapping):
        return {check.text("a table's name", name): schema_of(table) for name, table in tables.items()}
    return {"data": schema_of(tables)}


def content_hash(table: Any) -> str:
    """The duplicate hash: equal for equal content in any order of rows and columns (spec/parts.md, "Duplicate hash").

    Returns:
        32 hex digits.

    Raises:
        UnsupportedError: A type that can't be stored; names the column.

    Example:
        >>> import pyarrow as pa
        >>> content_hash(pa.table({"a": [1, 2]})) == content_hash(pa.table({"a": [2, 1]}))
        True
    """
    return _core.content_hash(whole(table))


def assert_metadata_invariants(metadata: Mapping[str, Any] | str | bytes) -> None:
    """Check a record's metadata by themselves (spec/format.md, "Invariants", 1 to 10).

    Args:
        metadata: What `Store.get_metadata` gives, or the text of a metadata.json.

    Raises:
        CorruptionError: Names the rule that is broken.
    """
    text = json.dumps(metadata) if isinstance(metadata, Mapping) else metadata
    if not isinstance(text, (str, bytes)):
        raise InvalidArgumentError(f"metadata is a dict, or the text of a metadata.json, not a {type(text).__name__}.")
    _core.check_metadata(text.encode(errors="surrogatepass") if isinstance(text, str) else text)
