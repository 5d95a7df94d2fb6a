"""The calls of a Store that read."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from coreshed import arguments as check
from coreshed.arguments import given
from coreshed.errors import NotFoundError
from coreshed.opened import Opened
from coreshed.tables import As, check_as, frames, hand_out
from coreshed.values import (
    ContentMatch,
    History,
    RecordChange,
    RecordInfo,
    Records,
    Resolved,
    Status,
    Version,
    Versions,
)


class Reading(Opened):
    """Reading: writes nothing."""

    __slots__ = ()

    def read(
        self,
        ref: str,
        *,
        as_: As = "pandas",
        columns: Sequence[str] | None = None,
        where: str | None = None,
        limit: int | None = None,
    ) -> Any:
        """Read a table of the version that a ref stands for.

        Args:
            as_: "pandas" and "polars" give a DataFrame, "arrow" a `pyarrow.Table`, "batches" a
                `pyarrow.RecordBatchReader` that streams in bounded memory.
            columns: These, in this order; by default all.
            where: One SQL expression over the table's columns; rows for which it is true are kept.
            limit: At most so many rows.

        Raises:
            NotFoundError: No such record, version, table or column; names what there is.
            InvalidArgumentError: No ref; several tables and none named; a bad `where`.

        Example:
            >>> store.read("BH-7@v1", where="depth_m > 1", columns=["soil"])
               soil
            0  clay
            1  sand
        """
        check_as(as_)
        options = given(columns=columns, where=where, limit=limit)
        check.text("ref", ref)
        if as_ == "batches":
            return self._core.read(ref, options)
        if as_ == "pandas" and columns is not None:
            ref = self._with_index_columns(ref, options)
        return hand_out(self._core.read_table(ref, options), as_)

    def get_latest_version(
        self,
        record_id: str,
        *,
        table: str | None = None,
        as_: As = "pandas",
        columns: Sequence[str] | None = None,
        where: str | None = None,
        limit: int | None = None,
    ) -> Any:
        """Read the active version of a record; as `read`.

        Example:
            >>> store.get_latest_version("BH-7", limit=1)
               depth_m  soil
            0      0.0  fill
        """
        return self.read(_ref(record_id, "active", table), as_=as_, columns=columns, where=where, limit=limit)

    def get_specific_version(
        self,
        record_id: str,
        version: int,
        *,
        table: str | None = None,
        as_: As = "pandas",
        columns: Sequence[str] | None = None,
        where: str | None = None,
        limit: int | None = None,
    ) -> Any:
        """Read one version of a record, as `read`; None where there is no such version.

        Example:
            >>> store.get_specific_version("BH-7", 9) is None
            True
        """
        check_as(as_)
        ref = _ref(record_id, f"v{check.whole('version', version)}", table)
        try:
            return self.read(ref, as_=as_, columns=columns, where=where, limit=limit)
        except NotFoundError:
            if self._has_version(record_id, version):
                raise  # something else is missing
            return None

    def export(
        self,
        ref: str,
        path: str | os.PathLike[str],
        *,
        format: str = "",  # noqa: A002
        overwrite: bool = False,
        columns: Sequence[str] | None = None,
        where: str | None = None,
        limit: int | None = None,
    ) -> int:
        """Write a table as a file, whole or not at all: Parquet, CSV, Arrow or AGS, as the ending of the path tells.
        An AGS file holds all tables of the version where the ref names none.

        Args:
            format: "parquet", "csv", "arrow" or "ags", where the ending does not tell.
            overwrite: Replace a file that is there.

        Returns:
            The number of rows.

        Example:
            >>> import pathlib, tempfile
            >>> path = pathlib.Path(tempfile.mkdtemp()) / "bh7.csv"
            >>> store.export("BH-7@v1", path, columns=["soil"])
            3
            >>> path.read_text()
            'soil\\nfill\\nclay\\nsand\\n'
        """
        options = given(columns=columns, where=where, limit=limit)
        return self._core.export(check.text("ref", ref), check.path("path", path), check.text("format", format), overwrite, options)

    def resolve_ref(self, ref: str) -> Resolved:
        """Find the version that a ref stands for.

        Example:
            >>> store.resolve_ref("BH-7@head").version.version
            1
        """
        return self._core.resolve(check.text("ref", ref))

    def schemas(self, ref: str) -> dict[str, Any]:
        """The `pyarrow.Schema` of each table, exactly as it was handed in. Opens no data file.

        Example:
            >>> store.schemas("BH-7")["data"].names
            ['depth_m', 'soil']
        """
        return self._core.schemas(check.text("ref", ref))

    def get_active_version(self, record_id: str) -> Version | None:
        """The active version's entry; None where there is no such record.

        Example:
            >>> store.get_active_version("BH-7").status
            <Status.DRAFT: 'draft'>
        """
        try:
            return self._core.resolve(_ref(record_id, "active", None)).version
        except NotFoundError:
            return None

    def get_metadata(self, record_id: str) -> dict[str, Any] | None:
        """The record's metadata.json (spec/format.md); None where there is no such record.

        Example:
            >>> store.get_metadata("BH-7")["current_version"]
            1
        """
        try:
            metadata: dict[str, Any] = json.loads(self._core.metadata(check.text("record_id", record_id)))
            return metadata
        except NotFoundError:
            return None

    def get_record(self, record_id: str) -> RecordInfo:
        """One record, as the list shows it.

        Example:
            >>> store.get_record("BH-7")
            <Record 'BH-7': v1 draft, 3 rows>
        """
        return self._core.record(check.text("record_id", record_id))

    def get_all_versions(self, record_id: str) -> list[int]:
        """The numbers of all versions, oldest first.

        Example:
            >>> store.get_all_versions("BH-7")
            [1]
        """
        return [version.version for version in self.versions(record_id)]

    def versions(self, record_id: str, *, after: int = 0, limit: int | None = None) -> Versions:
        """The entries of versions, oldest first; only numbers above `after`.

        Example:
            >>> [version.rows for version in store.versions("BH-7")]
            [3]
        """
        return Versions(self._core.versions(*_page(record_id, after, limit)))

    def history(self, record_id: str, *, after: int = 0, limit: int | None = None) -> History:
        """Events, oldest first; only numbers above `after`. Also of a record that was deleted.

        Example:
            >>> [(event.event_type, event.actor) for event in store.history("BH-7")]
            [('create', 'a.meier')]
        """
        return History(self._core.history(*_page(record_id, after, limit)))

    def list_records(
        self,
        status: Status | str | None = None,
        table_name: str | None = None,
        created_by: str | None = None,
        text: str | None = None,
        attributes: Mapping[str, str] | None = None,
        *,
        updated_since: datetime | str | None = None,
        limit: int | None = None,
        after: str | None = None,
        with_corrupt: bool = True,
    ) -> Records:
        """Records for which all conditions hold, sorted by id.

        Args:
            text: Somewhere in the id, the name or an attribute, in any case.
            updated_since: Changed then or later.
            limit: Size of a page.
            after: Only ids after this one: the last id of the page before.
            with_corrupt: Also records that can't be read, with what is broken.

        Example:
            >>> [record.record_id for record in store.list_records("draft", created_by="a.meier")]
            ['BH-7']
        """
        options = given(
            status=status,
            table_name=table_name,
            created_by=created_by,
            text=text,
            attributes=attributes,
            updated_since=updated_since,
            limit=limit,
            after=after,
            with_corrupt=with_corrupt,
        )
        return Records(self._core.records(options))

    def find_datasets_by_content_hash(self, hash: str) -> list[ContentMatch]:  # noqa: A002
        """Every version with this duplicate hash (`coreshed.content_hash`), found without a scan.

        Example:
            >>> import coreshed
            >>> same = coreshed.content_hash(store.read("BH-7"))
            >>> [(match.record_id, match.version) for match in store.find_datasets_by_content_hash(same)]
            [('BH-7', 1)]
        """
        return self._core.find(check.text("hash", hash))

    def changes(self, since: str | None = None) -> tuple[list[RecordChange], str]:
        """Records that were created, changed or deleted since an earlier call gave this token, and the next token.

        Each change is told at least once, some twice. None: all there are.

        Example:
            >>> changes, token = store.changes()
            >>> [change.record_id for change in changes]
            ['BH-7']
        """
        return self._core.changes("" if since is None else check.text("since", since))

    def _with_index_columns(self, ref: str, options: dict[str, Any]) -> str:
        """Adds the columns that hold the index of the frame that was handed in. The ref of the version that has them."""
        resolved = self._core.resolve(ref)
        if resolved.table is None or resolved.version.purged:
            return ref  # reading it says what is wrong
        ref = _ref(resolved.record_id, f"v{resolved.version.version}", resolved.table)
        index = frames().index_columns(self._core.schemas(ref)[resolved.table])
        options["columns"] += [name for name in index if name not in options["columns"]]
        return ref

    def _has_version(self, record_id: str, version: int) -> bool:
        try:
            return version > 0 and bool(self.versions(record_id, after=version - 1, limit=1))
        except NotFoundError:
            return False


def _page(record_id: str, after: int, limit: int | None) -> tuple[str, int, int]:
    return check.text("record_id", record_id), check.whole("after", after), check.limit(limit)


def _ref(record_id: str, selector: str, table: str | None) -> str:
    table_part = f"#{_escaped(check.text('table', table))}" if table is not None else ""
    return f"{_escaped(check.text('record_id', record_id))}@{selector}{table_part}"


def _escaped(name: str) -> str:
    return name.replace("%", "%25").replace("@", "%40").replace("#", "%23")
