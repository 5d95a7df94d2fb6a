"""The calls of a Store that take files in."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from coreshed import arguments as check
from coreshed.arguments import given
from coreshed.errors import CancelledError, InvalidArgumentError
from coreshed.opened import Opened
from coreshed.progress import Callback, Progress, shown
from coreshed.tables import As, check_as, hand_out
from coreshed.values import (
    Cohort,
    Drift,
    DuplicateGroup,
    ImportReport,
    NamedSchema,
    RecordInfo,
    Rejects,
    SchemaDriftPolicy,
    UploadResult,
)


class Uploading(Opened):
    """Datasets: records whose versions are uploaded files."""

    __slots__ = ()

    def save_upload(
        self,
        source: Any,
        filename: str | None = None,
        dataset_name: str | None = None,
        overwrite: bool = False,
        *,
        uploaded_by: str,
        comment: str = "",
        drift_policy: SchemaDriftPolicy | str | None = None,
        allow_breaking: bool = False,
        renames: Mapping[str, str] | None = None,
        format: str | None = None,
        types: Mapping[str, str] | None = None,
        encoding: str | None = None,
        schema: str | None = None,
        on_invalid: str = "refuse",
        as_new_version: bool = False,
        attributes: Mapping[str, str] | None = None,
        expected_version: int | None = None,
        allow_empty: bool = False,
        event_id: str | UUID | None = None,
        progress: Progress = None,
        cancel: Any = None,
    ) -> UploadResult:
        """Take a file in: as a new dataset, or as the next version of the one that has its name.

        The bytes are kept with the version as they came (setting `keep_sources`); `read_source` gives them back. Content
        that the active version has adds nothing; that of an older one, neither rejected nor purged, makes it active again.

        Args:
            source: A path, bytes, or a file opened in binary mode.
            filename: What the file is called; its ending tells the format. By default as the path, or the open file, says.
            dataset_name: By default the file's name without its ending.
            overwrite: A dataset of this name that is there gets its next version.
            uploaded_by: Who does it: an opaque user id.
            drift_policy: What becomes of a breaking change of columns in this call.
            allow_breaking: Let one breaking change in; the history says so.
            renames: Columns that were renamed, old name → new name.
            format: What the file is, if its ending does not tell: "csv", "excel", "ags", …
            types: Of columns of a CSV file, by name: {"code": "string", "depth": "decimal(8,2)"}.
            encoding: Of a text file: "utf-8", "utf-16" or "latin-1"; by default its bytes tell.
            schema: Name of the schema that its tables must keep, and the dataset's next versions; by default the one that the
                dataset is bound to.
            on_invalid: "refuse" refuses the whole file where a row breaks the schema; "split" takes the good rows and gives the
                others back (`UploadResult.rejects`).
            as_new_version: Also if a version has this content already.
            attributes: Free texts to find the dataset by; "" removes one.
            expected_version: Write only if this version is still the active one.
            progress: True shows a bar; or a callback of (phase, fraction, message). What it raises does not end the upload.
            cancel: A `threading.Event`, or a callable that answers True: then the upload ends with CancelledError.

        Raises:
            AlreadyExistsError: The name is in use, and `overwrite` is off.
            ValidationError: Not such a file, damaged, empty, too large; a value that its given type does not take.
            SchemaDriftError: The columns changed in a way that the policy refuses.

        Example:
            >>> done = store.save_upload(b"hole,depth\\nBH-7,1.5\\n", "holes.csv", uploaded_by="a.meier")
            >>> done.upload_id, done.outcome.value, done.version.rows
            ('holes-ffce3618dce7', 'created', 1)
        """
        options = given(
            actor=check.text("uploaded_by", uploaded_by),
            comment=comment,
            dataset_name=None if dataset_name is None else check.name("dataset_name", dataset_name),
            overwrite=check.flag("overwrite", overwrite),
            drift_policy=drift_policy,
            allow_breaking=allow_breaking,
            renames=renames,
            format=format,
            types=types,
            encoding=encoding,
            schema=schema,
            on_invalid=on_invalid,
            as_new_version=check.flag("as_new_version", as_new_version),
            attributes=attributes,
            expected_version=expected_version,
            allow_empty=allow_empty,
            event_id=event_id,
        )
        name = "" if filename is None else check.name("filename", filename)
        with _handed_over(source, name) as (file, called), shown(progress) as callback:
            return self._core.save_upload(file, called, options, _watched(callback, _asks(cancel)))

    def read_source(self, ref: str) -> bytes:
        """The file that a version was uploaded as, byte for byte; its name is `Version.source.file_name`.

        Raises:
            NotFoundError: It was not kept; the version was purged.

        Example:
            >>> upload_id = store.save_upload(b"n\\n1\\n", "n.csv", uploaded_by="a.meier").upload_id
            >>> store.read_source(upload_id)
            b'n\\n1\\n'
        """
        return self._core.read_source(check.text("ref", ref), False)[1]

    def read_rejects(self, ref: str) -> bytes:
        """The rows that were rejected when a version was uploaded, as they were written: a CSV file, of several tables a ZIP
        file of them.

        Raises:
            NotFoundError: None were; the store keeps no files (`keep_sources`); the version was purged.

        Example:
            >>> depth = {"name": "depth", "type": "float64", "nullable": False, "min": 0}
            >>> _ = store.save_schema("depths", {"tables": [{"columns": [depth]}]}, saved_by="k.brandt")
            >>> done = store.save_upload(
            ...     b"depth\\n1.5\\n-2\\n", "new.csv", schema="depths", on_invalid="split", uploaded_by="a.meier")
            >>> store.read_rejects(done.upload_id)
            b'depth\\n-2\\n'
        """
        return self._core.read_source(check.text("ref", ref), True)[1]

    def save_schema(
        self,
        name: str,
        definition: Mapping[str, Any] | str,
        *,
        saved_by: str,
        comment: str = "",
        event_id: str | UUID | None = None,
    ) -> NamedSchema:
        """Save a schema that tables can be held to; under a name that is there as its next number, which holds from then on.

        Args:
            definition: In the form of spec/validation.md: a dict, or its JSON.

        Raises:
            ValidationError: Names everything that is wrong with it, each with its place.

        Example:
            >>> depth = {"name": "depth", "type": "float64", "nullable": False, "min": 0}
            >>> store.save_schema("depths", {"tables": [{"columns": [depth]}]}, saved_by="k.brandt").number
            1
        """
        text = definition if isinstance(definition, str) else _json_of(definition)
        options = given(actor=check.text("saved_by", saved_by), comment=comment, event_id=event_id)
        return self._core.save_schema(check.text("name", name), check.text("definition", text), options)

    def get_schema(self, name: str, number: int = 0) -> NamedSchema:
        """A schema; by default its newest number.

        Raises:
            NotFoundError: No such name or number; lists what there is.

        Example:
            >>> depth = {"name": "depth", "type": "float64", "nullable": False, "min": 0}
            >>> _ = store.save_schema("depths", {"tables": [{"columns": [depth]}]}, saved_by="k.brandt")
            >>> store.get_schema("depths").definition["tables"][0]["columns"][0]["min"]
            0.0
        """
        return self._core.get_schema(check.text("name", name), check.whole("number", number))

    def list_schemas(self) -> list[NamedSchema]:
        """The newest of each name.

        Example:
            >>> store.list_schemas()
            []
        """
        return self._core.list_schemas()

    def bind_schema(
        self, record_id: str, schema: str | None, *, by: str, comment: str = "", event_id: str | UUID | None = None
    ) -> RecordInfo:
        """Hold a record's next versions to a schema; None: to none any more.

        Example:
            >>> depth = {"name": "depth", "type": "float64", "nullable": False, "min": 0}
            >>> _ = store.save_schema("depths", {"tables": [{"columns": [depth]}]}, saved_by="k.brandt")
            >>> store.bind_schema("BH-7", "depths", by="k.brandt").bound_schema
            'depths'
        """
        options = given(actor=check.text("by", by), comment=comment, event_id=event_id)
        return self._core.bind_schema(
            check.text("record_id", record_id), "" if schema is None else _schema_to_keep(schema), options)

    def check_file(
        self,
        source: Any,
        schema: str,
        filename: str | None = None,
        *,
        format: str | None = None,
        types: Mapping[str, str] | None = None,
        encoding: str | None = None,
    ) -> Rejects:
        """What an upload of a file under a schema would reject. Writes nothing.

        Example:
            >>> depth = {"name": "depth", "type": "float64", "nullable": False, "min": 0}
            >>> _ = store.save_schema("depths", {"tables": [{"columns": [depth]}]}, saved_by="k.brandt")
            >>> rejects = store.check_file(b"depth\\n1.5\\n-2\\n", "depths", "new.csv")
            >>> rejects.by_rule, rejects.faults[0].line, rejects.file
            ({'min': 1}, 3, b'depth\\n-2\\n')
        """
        options = given(schema=check.text("schema", schema), format=format, types=types, encoding=encoding)
        name = "" if filename is None else check.name("filename", filename)
        with _handed_over(source, name) as (file, called):
            return self._core.check_file(file, called, options)

    def find_drift(
        self,
        source: Any,
        ref: str,
        filename: str | None = None,
        *,
        renames: Mapping[str, str] | None = None,
        schema: str | None = None,
        format: str | None = None,
        types: Mapping[str, str] | None = None,
        encoding: str | None = None,
    ) -> Drift:
        """How the columns of a file differ from a record's, as an overwrite would find it. Writes nothing.

        Args:
            source: As for `save_upload`.
            ref: The record, meaning its active version; or a version of it: `"BH-7@v1"`.
            schema: As it would be under this one; else under the one that the record keeps.

        Raises:
            ValidationError: A file that can't be read, or does not fit the schema; `check_file` tells all such values.
            NotFoundError: No such record, version or schema; the version was purged.

        Example:
            >>> print(store.find_drift(b"depth_m,soil,colour\\n1.5,clay,grey\\n", "BH-7", "new.csv"))
            additive
              data: column colour added (string)
        """
        options = given(renames=renames, schema=schema, format=format, types=types, encoding=encoding)
        name = "" if filename is None else check.name("filename", filename)
        with _handed_over(source, name) as (file, called):
            return self._core.find_drift(file, called, check.text("ref", ref), options)

    def import_store(self, folder: str | os.PathLike[str], *, imported_by: str, progress: Progress = None) -> ImportReport:
        """Take in what was kept before: a folder of JSON beside CSV or Parquet tables, with or without a history.

        Records keep their ids, and their versions and events keep people, times and comments; each event says that it was
        told and not witnessed, and who imported it. All versions are read back and compared. What was imported before is not
        imported again, so that an import which was interrupted goes on. The older folder is only read. What exactly is
        recognised stands in `spec/import.md`.

        Args:
            folder: `<id>.json` with `<id>.csv`, or `records/<id>/metadata.json` with `versions/v1.parquet`, for example.
            imported_by: Who imports: an opaque user id.
            progress: True shows a bar; or a callback of (phase, fraction, message).

        Returns:
            Counts, `faults` of records that could not be imported, and `notes` of what was not kept or not told.

        Raises:
            NotFoundError: No such folder.

        Example:
            >>> import json, pathlib, tempfile
            >>> old = pathlib.Path(tempfile.mkdtemp())
            >>> facts = {"created_by": "m.sato", "created_at": "2024-03-01T10:00:00Z", "site": "HKZ1"}
            >>> _ = (old / "BH-8.json").write_text(json.dumps(facts))
            >>> _ = (old / "BH-8.csv").write_text("depth,soil\\n1.5,clay\\n")
            >>> report = store.import_store(old, imported_by="a.meier")
            >>> report.imported, report.ok, store.history("BH-8")[0].actor
            (1, True, 'm.sato')
        """
        options = given(actor=check.text("imported_by", imported_by))
        with shown(progress) as callback:
            return self._core.import_store(check.path("folder", folder), options, callback)

    def get_cohort(
        self,
        upload_id: str,
        *,
        where: str | None = None,
        columns: Sequence[str] | None = None,
        table: str = "",
        as_: As = "pandas",
    ) -> Cohort:
        """Rows of a dataset's active version, for an analysis that is to be repeated.

        Which version that was stands beside the rows, and in the log (`logging.getLogger("coreshed")`, level INFO).
        `store.read(f"{upload_id}@sha:{cohort.exact_hash}")` reads the same content again, whatever is active then.

        Args:
            where: One SQL expression over the table's columns; rows for which it is true are kept.
            columns: These, in this order; by default all.
            table: Which table, where the dataset has several.
            as_: As for `read`.

        Raises:
            NotFoundError: No such dataset, table or column; names the version.

        Example:
            >>> upload_id = store.save_upload(b"hole,depth\\nBH-7,1.5\\nBH-8,3\\n", "holes.csv", uploaded_by="a.meier").upload_id
            >>> cohort = store.get_cohort(upload_id, where="depth > 2", columns=["hole"])
            >>> cohort.version, cohort.event_type, list(cohort.data["hole"])
            (1, 'upload', ['BH-8'])
        """
        check_as(as_)
        options = given(where=where, columns=columns)
        rows, name, version = self._core.cohort(check.text("upload_id", upload_id), options, check.text("table", table))
        data = rows if as_ == "batches" else hand_out(rows.read_all(), as_)
        return Cohort(data, version.record_id, name, version.version, version.exact_hash, version.event_type, version.status)

    def find_duplicates(self) -> list[DuplicateGroup]:
        """All content that versions of two or more records have.

        Example:
            >>> for name in ("one", "two"):
            ...     _ = store.save_upload(b"n\\n1\\n", "n.csv", name, uploaded_by="a.meier")
            >>> [match.record_id.split("-")[0] for match in store.find_duplicates()[0].matches]
            ['one', 'two']
        """
        return self._core.duplicates()


def _schema_to_keep(schema: Any) -> str:
    name = check.text("schema", schema)
    if not name:
        raise InvalidArgumentError("schema is empty: name one, or give None, so that the record keeps none any more.")
    return name


def _json_of(definition: Any) -> str:
    def refuse(value: Any) -> Any:
        if isinstance(value, Mapping):
            return dict(value)
        raise InvalidArgumentError(
            f"definition has {value!r:.100} ({type(value).__name__}) in it, for which JSON has no form: give a number, or the text "
            "that would stand in a cell."
        )

    try:
        return json.dumps(definition, ensure_ascii=False, allow_nan=False, default=refuse)
    except InvalidArgumentError:  # which is a ValueError
        raise
    except (TypeError, ValueError, RecursionError):
        raise InvalidArgumentError(
            "definition can't be written as JSON: it has a number that is NaN or infinite (leave out a bound that is none), a "
            "key that is no text, or itself in it."
        ) from None


@contextmanager
def _handed_over(source: Any, name: str) -> Iterator[tuple[Any, str]]:
    """(path or bytes, the file's name)."""
    if isinstance(source, (bytes, bytearray, memoryview)):
        if not name:
            raise InvalidArgumentError("filename is missing: bytes have no name, and its ending tells the format.")
        yield source, name
    elif hasattr(source, "read"):
        known = getattr(source, "name", "")  # a number, where it was opened as a descriptor
        called = name or (os.path.basename(known) if isinstance(known, str) else "")
        if not called:
            raise InvalidArgumentError("filename is missing: this file has no name, and its ending tells the format.")
        with tempfile.NamedTemporaryFile(prefix="coreshed-") as copy:
            try:
                shutil.copyfileobj(source, copy)
            except TypeError:
                raise InvalidArgumentError("source is a file of text: open it in binary mode (\"rb\").") from None
            copy.flush()
            yield copy.name, called
    else:
        yield check.path("source", source), name


def _asks(cancel: Any) -> Callable[[], bool] | None:
    if cancel is None:
        return None
    asks: Callable[[], bool] = getattr(cancel, "is_set", cancel)
    if not callable(asks):
        raise InvalidArgumentError("cancel is a threading.Event, or a callable that answers True to end the upload.")
    return asks


def _watched(callback: Callback | None, asks: Callable[[], bool] | None) -> Callback | None:
    """The caller's callback, whose faults are its own, and a look at whether the upload is to end."""
    if callback is None and asks is None:
        return None

    def watch(phase: str, fraction: float, message: str) -> None:
        if callback is not None:
            try:
                callback(phase, fraction, message)
            except Exception:  # noqa: BLE001  whoever watches is no part of the work
                pass
        if asks is not None and phase not in ("done", "failed") and asks():
            raise CancelledError("Stopped before the commit: nothing was changed.")

    return watch
