"""The calls of a Store that write data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from coreshed import arguments as check
from coreshed.arguments import given
from coreshed.errors import Error, InvalidArgumentError, SchemaDriftError
from coreshed.opened import Opened
from coreshed.progress import Progress, shown
from coreshed.tables import failure_within, named, own_failures
from coreshed.values import SchemaDriftPolicy, Version


class Writing(Opened):
    """Writing: each call makes one event, durable when it returns."""

    __slots__ = ()

    def create_record(
        self,
        record_id: str,
        data: Any,
        table_name: str = "data",
        *,
        created_by: str,
        comment: str = "",
        name: str | None = None,
        attributes: Mapping[str, str] | None = None,
        schema: Any = None,
        drift_policy: SchemaDriftPolicy | str | None = None,
        allow_empty: bool = False,
        event_id: str | UUID | None = None,
        progress: Progress = None,
    ) -> Version:
        """Make a record; the data become version 1, a draft.

        Args:
            record_id: Any text that names it, up to 200 bytes: "HKZ1-CPT01", "site-4/BH 7".
            data: A table, or a dict of name → table for a record of several tables.
            table_name: What a single table is called.
            created_by: Who does it: an opaque user id.
            comment: Why.
            name: Display name; by default the id.
            attributes: Free texts to find the record by.
            schema: A `pyarrow.Schema` that the table is converted to first (for several tables a dict of name → schema):
                same columns, values that fit. Or the name of a schema of the store (`save_schema`), which the record keeps
                from now on.
            drift_policy: What becomes of breaking changes of this record's columns; by default what the store says.
            allow_empty: Take tables without rows.
            event_id: 32 hex digits (a UUID4): the same call made again with it commits once.
            progress: True shows a bar; or a callback of (phase, fraction, message).

        Raises:
            AlreadyExistsError: There is such a record.
            ValidationError: An empty table; values that no column can hold; rows that break the schema.
            NotFoundError: No schema of that name.
            UnsupportedError: A type that can't be stored exactly; names the column.

        Example:
            >>> import pyarrow as pa
            >>> store.create_record("BH-8", pa.table({"depth_m": [0.0, 1.5]}), created_by="a.meier")
            <Version 1 of 'BH-8': draft, active; data 2 × 1>
        """
        options = given(
            actor=check.text("created_by", created_by),
            comment=comment,
            name=name,
            attributes=attributes,
            record_drift_policy=drift_policy,
            schema=_of_the_store(schema),
            allow_empty=allow_empty,
            event_id=event_id,
        )
        return self._write("create", record_id, named(data, table_name, schema), options, [], progress)

    def update_record(
        self,
        record_id: str,
        data: Any,
        table_name: str = "",
        *,
        updated_by: str,
        comment: str = "",
        expected_version: int | None = None,
        drift_policy: SchemaDriftPolicy | str | None = None,
        allow_breaking: bool = False,
        renames: Mapping[str, str] | None = None,
        schema: Any = None,
        allow_empty: bool = False,
        event_id: str | UUID | None = None,
        progress: Progress = None,
    ) -> Version:
        """Write the data as the next version: a draft, and active. Tables that are not in `data` are removed.

        Args:
            table_name: What a single table is called; by default what the record's only one is called.
            updated_by: Who does it.
            expected_version: Write only if this version is still the active one.
            drift_policy: What becomes of a breaking change of columns in this call.
            allow_breaking: Let one breaking change in; the history says so.
            renames: Columns that were renamed, old name → new name.
            schema: As for `create_record`.

        Raises:
            NotFoundError: No such record; names similar ids.
            ConflictError: `expected_version` is not the active one any more.
            SchemaDriftError: The columns changed in a way that the policy refuses.

        Example:
            >>> import pyarrow as pa
            >>> mended = pa.table({"depth_m": [0.0, 1.5], "soil": ["fill", "clay"]})
            >>> store.update_record("BH-7", mended, updated_by="a.meier", comment="twice measured").drift
            <Drift: none>
        """
        options = given(
            actor=check.text("updated_by", updated_by),
            comment=comment,
            expected_version=expected_version,
            drift_policy=drift_policy,
            allow_breaking=allow_breaking,
            renames=renames,
            schema=_of_the_store(schema),
            allow_empty=allow_empty,
            event_id=event_id,
        )
        return self._write("update", record_id, named(data, table_name, schema), options, [], progress)

    def append_rows(
        self,
        record_id: str,
        data: Any,
        table_name: str = "",
        *,
        updated_by: str,
        comment: str = "",
        expected_version: int | None = None,
        schema: Any = None,
        event_id: str | UUID | None = None,
        progress: Progress = None,
    ) -> Version:
        """The active version with these rows after its own, as the next version. Columns are matched by name.

        Args:
            schema: As for `create_record`.

        Example:
            >>> import pyarrow as pa
            >>> store.append_rows("BH-7", pa.table({"depth_m": [4.5], "soil": ["rock"]}), updated_by="a.meier").rows
            4
        """
        options = _of_rows(updated_by, comment, expected_version, event_id, schema=_of_the_store(schema))
        return self._write("append", record_id, named(data, table_name, schema), options, [], progress)

    def upsert_rows(
        self,
        record_id: str,
        data: Any,
        table_name: str = "",
        *,
        keys: Sequence[str],
        updated_by: str,
        comment: str = "",
        expected_version: int | None = None,
        schema: Any = None,
        event_id: str | UUID | None = None,
        progress: Progress = None,
    ) -> Version:
        """The active version with rows of `data` in the places of those with the same keys, and the others after them.

        Args:
            keys: Columns whose values together name a row.
            schema: As for `create_record`.

        Raises:
            ValidationError: A key that is null, or that two rows have.

        Example:
            >>> import pyarrow as pa
            >>> rows = pa.table({"depth_m": [3.0, 4.5], "soil": ["gravel", "rock"]})
            >>> store.upsert_rows("BH-7", rows, keys=["depth_m"], updated_by="a.meier").rows
            4
        """
        options = _of_rows(updated_by, comment, expected_version, event_id, schema=_of_the_store(schema))
        return self._write("upsert", record_id, named(data, table_name, schema), options, check.texts("keys", keys), progress)

    def delete_rows(
        self,
        record_id: str,
        where: str,
        table: str = "",
        *,
        updated_by: str,
        comment: str = "",
        expected_version: int | None = None,
        event_id: str | UUID | None = None,
        progress: Progress = None,
    ) -> Version:
        """The active version without the rows for which `where` is true, as the next version.

        Args:
            where: One SQL expression over the table's columns: "depth_m > 30 and soil = 'fill'".
            table: Which table, where the record has several.

        Example:
            >>> store.delete_rows("BH-7", "soil = 'fill'", updated_by="a.meier", comment="not ours").rows
            2
        """
        options = _of_rows(updated_by, comment, expected_version, event_id)
        with shown(progress) as callback:
            return self._core.delete_rows(
                check.text("record_id", record_id), check.text("where", where), check.text("table", table), options, callback)

    def create_many(
        self,
        items: Iterable[tuple[Any, ...]] | Mapping[str, Any],
        table_name: str = "data",
        *,
        created_by: str,
        comment: str = "",
        schema: Any = None,
        progress: Progress = None,
    ) -> list[Version | Error]:
        """Make many records at once, which is many times faster than one by one.

        Args:
            items: (record id, data), or (record id, data, options): a dict of what `create_record` takes for this one
                alone ("name", "attributes", "comment", …). Or a dict of record id → data.
            schema: As for `create_record`, for all of them.

        Returns:
            One answer for each, in order, which is a Version or the error that this one ended with.

            What a stream of yours has raised is the cause (`__cause__`) of its record's error.
            Where an id is wrong or given twice, or a table can't be stored, that one has its error, and all others end
            with CancelledError: nothing was written.

        Raises:
            InvalidArgumentError: One of the data is no table: nothing was written.

        Example:
            >>> import pyarrow as pa
            >>> logs = {f"BH-{n}": pa.table({"depth_m": [n * 1.5]}) for n in (8, 9)}
            >>> [version.record_id for version in store.create_many(logs, created_by="a.meier")]
            ['BH-8', 'BH-9']
        """
        options = given(actor=check.text("created_by", created_by), comment=comment)
        return self._write_many(True, items, table_name, options, schema, progress)

    def update_many(
        self,
        items: Iterable[tuple[Any, ...]] | Mapping[str, Any],
        table_name: str = "",
        *,
        updated_by: str,
        comment: str = "",
        schema: Any = None,
        progress: Progress = None,
    ) -> list[Version | Error]:
        """Write the next version of many records at once; as `create_many`.

        Example:
            >>> import pyarrow as pa
            >>> rows = pa.table({"depth_m": [0.5], "soil": ["fill"]})
            >>> answers = store.update_many({"BH-7": rows, "BH-8": rows}, updated_by="a.meier")
            >>> answers[0].version, type(answers[1]).__name__
            (2, 'NotFoundError')
        """
        options = given(actor=check.text("updated_by", updated_by), comment=comment)
        return self._write_many(False, items, table_name, options, schema, progress)

    def _write(
        self,
        kind: str,
        record_id: str,
        tables: dict[str, Any],
        options: dict[str, Any],
        keys: list[str],
        progress: Progress,
    ) -> Version:
        check.text("record_id", record_id)
        try:
            with shown(progress) as callback, own_failures(tables):
                return self._core.write(kind, record_id, tables, options, keys, callback)
        except SchemaDriftError as error:
            if "__index_level_" not in error.message:
                raise
            hint = " That is the frame's index: leave it out with frame.reset_index(drop=True)."
            raise SchemaDriftError(error.message + hint, error.fields) from None

    def _write_many(
        self,
        creates: bool,
        items: Iterable[tuple[Any, ...]] | Mapping[str, Any],
        table_name: str,
        options: dict[str, Any],
        schema: Any,
        progress: Progress,
    ) -> list[Version | Error]:
        pairs: Iterable[Any] = items.items() if isinstance(items, Mapping) else check.several("items", items)
        records = [_one_of_many(item, table_name, options, schema, creates) for item in pairs]
        with shown(progress) as callback:
            answers = self._core.write_many(creates, records, callback)
        for answer, (_, tables, _) in zip(answers, records, strict=True):
            if isinstance(answer, Error):
                answer.__cause__ = failure_within(tables)
        return answers


def _of_rows(
    updated_by: str, comment: str, expected_version: int | None, event_id: str | UUID | None, **other: Any
) -> dict[str, Any]:
    """What every change of rows can be given."""
    actor = check.text("updated_by", updated_by)
    return given(actor=actor, comment=comment, expected_version=expected_version, event_id=event_id, **other)


def _of_the_store(schema: Any) -> str | None:
    """The name of a schema of the store, where that is what was given."""
    return schema if isinstance(schema, str) else None


def _one_of_many(
    item: Any, table_name: str, options: dict[str, Any], schema: Any, creates: bool
) -> tuple[str, Any, dict[str, Any]]:
    """(record id, tables, options) of an entry: (record id, data) or (record id, data, options of its own)."""
    if not isinstance(item, tuple) or len(item) not in (2, 3):
        raise InvalidArgumentError(f"An entry is (record_id, data) or (record_id, data, options), not {item!r:.100}.")
    record_id, data, *more = item
    own = dict(more[0]) if more else {}
    allowed = _MANY_CREATE if creates else _MANY_UPDATE
    if unknown := own.keys() - allowed:
        raise InvalidArgumentError(f"{sorted(unknown)[0]!r} is no option of one record; there are {', '.join(sorted(allowed))}.")
    if creates and "drift_policy" in own:
        own["record_drift_policy"] = own.pop("drift_policy")
    schema = own.pop("schema", schema)
    own["schema"] = _of_the_store(schema)
    return check.text("record_id", record_id), named(data, table_name, schema), {**options, **given(**own)}


_MANY_UPDATE = {"allow_breaking", "allow_empty", "comment", "drift_policy", "event_id", "expected_version", "renames", "schema"}
_MANY_CREATE = {"allow_empty", "attributes", "comment", "drift_policy", "event_id", "name", "schema"}
