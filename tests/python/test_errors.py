"""Every error is one sentence in one tree of classes; nothing bad that comes in brings the interpreter down."""

import pickle

import coreshed
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from coreshed import errors

KINDS = [
    "NotFound", "AlreadyExists", "Conflict", "LockTimeout", "InvalidState", "SchemaDrift", "Validation", "Corruption",
    "InvalidArgument", "Io", "Unsupported", "Cancelled", "OutcomeUnknown",
]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_a_class_for_each_kind(kind):
    error = errors.make(kind, "what happened", {"record_id": "BH-7"})
    assert type(error) is getattr(coreshed, f"{kind}Error")
    assert isinstance(error, coreshed.Error)
    assert (str(error), error.kind, error.fields) == ("what happened", kind, {"record_id": "BH-7"})
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again), again.fields) == (type(error), str(error), error.fields)


def test_an_error_of_the_store_has_its_fields(store):
    with pytest.raises(coreshed.NotFoundError, match="BH-9") as caught:
        store.read("BH-9@v3")
    assert caught.value.fields["record_id"] == "BH-9"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (7, "builtins.int is no table"),
        (None, "NoneType is no table"),
        ("BH-7.csv", "str is no table"),
        ([1, 2], "list is no table"),
        (np.zeros((2, 2)), "ndarray is no table"),
        (pd.Series([1]), "Series is no table"),
        (pl.Series([1]), "Series is no table"),
        (pl.LazyFrame({"a": [1]}), r"collect\(\)"),
        ({1: pa.table({"a": [1]})}, "1 is no name"),
        ({"log": 7}, "builtins.int is no table"),
    ],
)
def test_what_is_no_table(store, data, message):
    with pytest.raises(coreshed.InvalidArgumentError, match=message):
        store.create_record("BH-7", data, created_by="a.meier")


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), "'a'"),
        (pd.DataFrame([[1, 2]], columns=["a", 7]), "column 1 is called 7"),
        (pd.DataFrame([[1, 2]], columns=pd.MultiIndex.from_tuples([("a", "x"), ("a", "y")])), r"\('a', 'x'\)"),
        (pa.table([[1], [2]], names=["a", "a"]), "'a'"),
        (pa.table({"": [1]}), "name"),
    ],
)
def test_names_of_columns(store, frame, message):
    with pytest.raises((coreshed.InvalidArgumentError, coreshed.ValidationError), match=message):
        store.create_record("BH-7", frame, created_by="a.meier")


@pytest.mark.parametrize(
    ("values", "row", "value"),
    [
        ([1, None, "x"], 2, "'x'"),
        (["x", 1.5], 1, "1.5"),
        ([[1], {"a": 1}], 1, "{'a': 1}"),
        ([object()], 0, "<object"),
        ([2**70], 0, str(2**70)),
        ([1, pd.NA, "x"], 2, "'x'"),
        ([np.array([1, 2]), "x"], 1, "'x'"),
    ],
)
def test_a_column_of_several_kinds_names_column_row_and_value(store, values, row, value):
    frame = pd.DataFrame({"fine": range(len(values)), "mixed": pd.Series(values, dtype=object)})
    with pytest.raises(coreshed.ValidationError, match="'mixed'") as caught:
        store.create_record("BH-7", frame, created_by="a.meier")
    assert caught.value.fields["column"] == "mixed"
    assert caught.value.fields["row"] == str(row)
    assert caught.value.fields["value"].startswith(value)


def test_a_type_that_cannot_be_stored_is_named(store):
    union = pa.UnionArray.from_sparse(pa.array([0], pa.int8()), [pa.array([1])])
    with pytest.raises(coreshed.UnsupportedError, match="odd"):
        store.create_record("BH-7", pa.table({"odd": union}), created_by="a.meier")


def test_python_objects_in_polars_are_refused(store):
    with pytest.raises(coreshed.UnsupportedError, match="'odd'"):
        store.create_record("BH-7", pl.DataFrame({"odd": pl.Series([object()], dtype=pl.Object)}), created_by="a.meier")


def test_empty_tables_are_refused(store):
    with pytest.raises(coreshed.ValidationError):
        store.create_record("BH-7", pd.DataFrame(), created_by="a.meier")
    with pytest.raises(coreshed.ValidationError):
        store.create_record("BH-7", pd.DataFrame({"a": []}), created_by="a.meier")
    assert store.create_record("BH-7", pa.table({"a": pa.array([], pa.int8())}), created_by="a", allow_empty=True).rows == 0


def test_arguments_that_nobody_knows(store, log, record, folder):
    with pytest.raises(TypeError, match="colour"):
        store.create_record("BH-8", log, created_by="a.meier", colour="red")
    with pytest.raises(TypeError, match="colour"):
        coreshed.open(folder / "other", colour="red")
    with pytest.raises(TypeError, match="positional"):
        store.approve_record(record, "k.brandt")


@pytest.mark.parametrize(
    "call",
    [
        lambda s, _: s.read("BH-7", limit="many"),
        lambda s, _: s.read("BH-7", columns="soil"),
        lambda s, _: s.read("BH-7", columns=[1]),
        lambda s, _: s.read("BH-7", columns=[]),
        lambda s, _: s.read("BH-7", limit=-1),
        lambda s, _: s.history("BH-7", limit=-1),
        lambda s, _: s.list_records(limit=-5),
        lambda s, _: s.verify(records=[]),
        lambda s, _: s.copy("elsewhere", records=[]),
        lambda s, _: s.export("BH-7", "evil\0.csv"),
        lambda s, _: s.approve_record("BH-7", approved_by="b", version=True),
        lambda s, _: s.approve_record("BH-7", approved_by=3),
        lambda s, _: s.read(7),
        lambda s, _: s.read("BH-7", where=7),
        lambda s, _: s.read("BH-7", limit=2**70),
        lambda s, _: s.get_specific_version("BH-7", "one"),
        lambda s, _: s.get_specific_version("BH-7", 2**70),
        lambda s, log: s.create_record(7, log, created_by="a"),
        lambda s, log: s.create_record("x", log, created_by=7),
        lambda s, log: s.create_record("x", log, created_by="a", attributes={"a": 1}),
        lambda s, log: s.create_record("x", log, created_by="a", event_id="no hex"),
        lambda s, log: s.create_record("x" * 300, log, created_by="a"),
        lambda s, log: s.create_record("a/../b", log, created_by="a"),
        lambda s, log: s.create_record("a\x00b", log, created_by="a"),
        lambda s, log: s.create_record("\ud800", log, created_by="a"),
        lambda s, log: s.create_record("x", log, created_by="\ud800"),
        lambda s, log: s.update_record("BH-7", log, updated_by="a", expected_version="1"),
        lambda s, log: s.update_record("BH-7", log, updated_by="a", drift_policy="maybe"),
        lambda s, log: s.update_record("BH-7", log, updated_by="a", renames={"a": 1}),
        lambda s, log: s.upsert_rows("BH-7", log, keys="soil", updated_by="a"),
        lambda s, _: s.delete_rows("BH-7", 7, updated_by="a"),
        lambda s, _: s.rollback_to_version("BH-7", "1", rolled_back_by="a", reason="b"),
        lambda s, _: s.list_records(limit="x"),
        lambda s, _: s.list_records(updated_since="yesterday"),
        lambda s, _: s.vacuum(grace=-1),
        lambda s, _: s.vacuum(grace=float("nan")),
        lambda s, _: s.redact("BH-7", [1], "comment", by="a", reason="b"),
        lambda s, _: s.redact("BH-7", ["1"], ["comment"], by="a", reason="b"),
        lambda s, _: s.find_datasets_by_content_hash("xyz"),
        lambda s, _: s.verify(records="BH-7"),
        lambda s, _: s.verify(progress=7),
        lambda s, _: s.seal("no key"),
        lambda s, _: s.copy(""),
    ],
)  # fmt: skip
def test_wrong_arguments_are_refused_and_change_nothing(store, record, log, call):
    with pytest.raises((coreshed.InvalidArgumentError, coreshed.ValidationError, TypeError)) as caught:
        call(store, log)
    assert "_core" not in str(caught.value)
    assert "incompatible function arguments" not in str(caught.value)
    assert len(store.history(record)) == 1
    assert len(store.list_records()) == 1


@pytest.mark.parametrize(
    "options", [{"timeout": -1}, {"timeout": "long"}, {"cache_bytes": "much"}, {"threads": 1.5}, {"memory_bytes": -1}]
)
def test_wrong_options_of_a_store(folder, options):
    with pytest.raises(coreshed.InvalidArgumentError, match=next(iter(options))):
        coreshed.open(folder / "store", **options)


@pytest.mark.parametrize(
    "call",
    [
        lambda: coreshed.detect_schema_drift(pa.schema([]), pa.schema([]), renames="ab"),
        lambda: coreshed.detect_schema_drift({1: pa.schema([])}, {}),
        lambda: coreshed.detect_schema_drift(7, 7),
        lambda: coreshed.assert_metadata_invariants(7),
        lambda: coreshed.content_hash("x"),
        lambda: coreshed.compute_schema_fingerprint(None),
        lambda: coreshed.file_lock("a\x00b").__enter__(),
        lambda: coreshed.file_lock(7).__enter__(),
    ],
)
def test_wrong_arguments_without_a_store(call):
    with pytest.raises(coreshed.InvalidArgumentError):
        call()


def test_places_that_are_no_store(folder):
    (folder / "file").write_text("x")
    for place in (folder / "file", "", "s3:/bucket", "s3://"):
        with pytest.raises(coreshed.Error):
            coreshed.open(place)
    with pytest.raises((coreshed.Error, TypeError)):
        coreshed.open(7)
