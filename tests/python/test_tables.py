"""What comes in as a table, and goes out as one: the same values, whoever made it."""

import datetime
import decimal

import coreshed
import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.dataset
import pyarrow.parquet
import pytest

TABLE = pa.table({"depth_m": [0.0, 1.5, None], "soil": ["fill", "clay", "sand"], "n": pa.array([1, None, 2**60], pa.int64())})

NOON = datetime.datetime(2026, 1, 1, 12)


class Stream:
    """Somebody else's table: all it has is Arrow's own protocol."""

    def __arrow_c_stream__(self, requested_schema=None):
        return TABLE.__arrow_c_stream__(requested_schema)


def dataset(folder):
    pyarrow.dataset.write_dataset(TABLE, folder / "parts", format="parquet", existing_data_behavior="overwrite_or_ignore")
    return pyarrow.dataset.dataset(folder / "parts")


KINDS = {
    "arrow table": lambda _: TABLE,
    "record batch": lambda _: TABLE.combine_chunks().to_batches()[0],
    "reader": lambda _: TABLE.to_reader(),
    "dataset": dataset,
    "scanner": lambda folder: dataset(folder).scanner(),
    "polars": lambda _: pl.from_arrow(TABLE),
    "duckdb": lambda _: duckdb.arrow(TABLE),
    "stream": lambda _: Stream(),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_table_is_taken(store, folder, kind):
    version = store.create_record("BH-7", KINDS[kind](folder), created_by="a.meier")
    assert version.rows == 3
    back = store.read("BH-7", as_="arrow")
    assert back.to_pydict() == TABLE.to_pydict()
    assert coreshed.content_hash(KINDS[kind](folder)) == version.duplicate_hash


def test_the_same_content_of_other_kinds_is_a_duplicate(store, folder):
    for kind, make in KINDS.items():
        store.create_record(kind, make(folder), created_by="a.meier")
    found = store.find_datasets_by_content_hash(coreshed.content_hash(TABLE))
    assert sorted(match.record_id for match in found) == sorted(KINDS)


def test_a_table_is_handed_out_as_asked(store):
    store.create_record("BH-7", TABLE, created_by="a.meier")
    assert isinstance(store.get_latest_version("BH-7"), pd.DataFrame)
    assert store.get_latest_version("BH-7", as_="polars").equals(pl.from_arrow(TABLE))
    assert store.get_latest_version("BH-7", as_="arrow").equals(TABLE)
    batches = store.get_latest_version("BH-7", as_="batches")
    assert isinstance(batches, pa.RecordBatchReader)
    assert batches.read_all().equals(TABLE)
    with pytest.raises(coreshed.InvalidArgumentError, match="as_ is one of"):
        store.get_latest_version("BH-7", as_="numpy")


def test_columns_where_and_limit(store):
    store.create_record("BH-7", TABLE, created_by="a.meier")
    read = store.read("BH-7", as_="arrow", columns=["soil", "n"], where="depth_m >= 0 or n > 5", limit=2)
    assert read.to_pydict() == {"soil": ["fill", "clay"], "n": [1, None]}
    with pytest.raises(coreshed.NotFoundError, match="'colour'.*depth_m"):
        store.read("BH-7", columns=["colour"])
    with pytest.raises(coreshed.InvalidArgumentError, match="where"):
        store.read("BH-7", where="drop table x")


def test_several_tables_change_together(store):
    both = {"log": TABLE, "lab": pl.DataFrame({"sample": ["a"], "w": [0.31]})}
    store.create_record("BH-7", both, created_by="a.meier")
    assert store.read("BH-7#lab").to_dict("list") == {"sample": ["a"], "w": [0.31]}
    assert store.get_latest_version("BH-7", table="log", as_="arrow").equals(TABLE)
    assert list(store.schemas("BH-7")) == ["lab", "log"]
    with pytest.raises(coreshed.InvalidArgumentError, match="lab.*log"):
        store.read("BH-7")
    store.update_record("BH-7", {"log": TABLE}, updated_by="a.meier", allow_breaking=True)
    assert [table.name for table in store.get_active_version("BH-7").tables] == ["log"]


def roundtrip(store, frame):
    store.create_record("frame", frame, created_by="a.meier")
    return store.get_latest_version("frame")


PANDAS = {
    "strings": pd.Series(["a", None, ""], dtype="str"),
    "python strings": pd.Series(["a", None, ""], dtype=object),
    "categories": pd.Series(pd.Categorical(["b", None, "a"], categories=["b", "a", "never"], ordered=True)),
    "nullable integers": pd.Series([1, None, 2**62 + 1], dtype="Int64"),
    "small nullable integers": pd.Series([1, None, 3], dtype="UInt8"),
    "nullable booleans": pd.Series([True, None, False], dtype="boolean"),
    "nullable floats": pd.Series([1.5, None, -0.0], dtype="Float32"),
    "integers": pd.Series([1, 2, 3], dtype="int16"),
    "python integers with gaps": pd.Series([1, None, 2**62 + 1], dtype=object),
    "python booleans with gaps": pd.Series([True, None, False], dtype=object),
    "booleans": pd.Series([True, False, True]),
    "python integers": pd.Series([1, 2, 3], dtype=object),
    "python floats": pd.Series([1.5, 2.5, -0.5], dtype=object),
    "python booleans": pd.Series([True, False, True], dtype=object),
    "floats with gaps": pd.Series([1.5, np.nan, 2.5]),
    "times": pd.Series(pd.to_datetime(["2026-01-01T00:00:00.5", None, "2026-07-01T12:00:00.123456"])),
    "zoned times": pd.Series(pd.to_datetime(["2026-01-01", None, "2026-07-01"]).tz_localize("Europe/Rome")),
    "nanoseconds": pd.Series(np.array(["2026-01-01T00:00:00.123456789"] * 3, dtype="datetime64[ns]")),
    "durations": pd.Series(pd.to_timedelta([1, None, 2], unit="ms")),
    "decimals": pd.Series([decimal.Decimal("1.50"), None, decimal.Decimal("-0.25")], dtype=object),
    "dates": pd.Series([datetime.date(2026, 1, 1), None, datetime.date(1900, 2, 28)], dtype=object),
    "arrow-backed": pd.Series([1, None, 3], dtype=pd.ArrowDtype(pa.int32())),
    "bytes": pd.Series([b"\0\xff", None, b""], dtype=object),
}


@pytest.mark.parametrize("kind", PANDAS)
def test_pandas_types_come_back_as_they_went_in(store, kind):
    frame = pd.DataFrame({"value": PANDAS[kind], "row": [0, 1, 2]})
    before = frame.copy(deep=True)
    back = roundtrip(store, frame)
    pd.testing.assert_frame_equal(back, frame)
    pd.testing.assert_frame_equal(frame, before)


def test_python_objects_that_make_no_column_are_refused(store):
    """Each of them Arrow would take, and give back as something else."""
    noon = NOON
    utc = datetime.timezone.utc
    for row, held, *values in [
        (1, "several kinds", noon, 1.5),
        (2, "several kinds", noon, None, 7),
        (1, "several kinds", noon.date(), noon),
        (1, "several kinds", noon.date(), np.int64(3)),
        (1, "several kinds", datetime.timedelta(1), decimal.Decimal(1)),
        (1, "several kinds", "a", b"b"),
        (1, "several kinds", 1, np.bool_(True)),
        (1, "several kinds", [noon.date()], [None, noon]),
        (1, "several kinds", {"at": noon}, {"at": noon.date()}),
        (1, "a zone and times without", noon, noon.replace(tzinfo=utc)),
        (1, "a zone and times without", pd.Timestamp("2026-01-01", tz="UTC"), np.datetime64("2026-01-01", "us")),
        (0, "time zone", datetime.time(1, tzinfo=utc)),
        (1, "nanoseconds", pd.Timestamp(0), pd.Timestamp(1)),
        (0, "nanoseconds", [pd.Timedelta(1)]),
        (1, "several kinds", noon.date(), np.float32(5)),
        (1, "several kinds", [1], np.float32(5)),
        (1, "several kinds", np.array([True]), [5]),
        (0, "several kinds", {noon.date(), 5}),
    ]:
        column = pd.Series(values, dtype=object)
        with pytest.raises(coreshed.ValidationError, match=f"'value' holds .*{held}.*row {row} is"):
            store.create_record("frame", pd.DataFrame({"value": column}), created_by="a.meier")
        if not isinstance(values[0], (list, dict, set, np.ndarray, int)):  # hashable, and none equals another
            with pytest.raises(coreshed.ValidationError, match=f"'value' has as categories .*{held}"):
                store.create_record("frame", pd.DataFrame({"value": pd.Categorical(values, categories=pd.Index([v for v in values if v is not None], dtype=object))}), created_by="a.meier")
        with pytest.raises(coreshed.ValidationError, match=f"'day' holds .*{held}"):
            store.create_record("frame", pd.DataFrame({"n": range(len(column))}, index=pd.Index(column, name="day", dtype=object)), created_by="a.meier")
    assert store.list_records() == []


def test_lists_of_whole_numbers_with_gaps_keep_every_digit(store):
    lists = [[2**62 + 1, None], None, []]
    structs = [{"n": 2**62 + 1}, {"n": None}, None]
    store.create_record("nested", pa.table({"l": lists, "s": structs, "ll": [[one] for one in lists]}), created_by="a.meier")
    frame = store.get_latest_version("nested")
    assert (frame.l.to_list(), frame.s.to_list(), frame.ll.to_list()) == (lists, structs, [[one] for one in lists])


def test_categories_of_polars(store):
    frame = pl.DataFrame(
        {"c": ["a", None, "b"], "e": ["x", "y", None], "l": [["a"], None, ["b", "a"]]},
        schema={"c": pl.Categorical, "e": pl.Enum(["x", "y", "z"]), "l": pl.List(pl.Categorical)},
    )
    store.create_record("frame", frame, created_by="a.meier")
    back = store.get_latest_version("frame", as_="polars")
    assert back.schema == frame.schema
    assert back.equals(frame)


INDEXES = {
    "plain": pd.RangeIndex(3),
    "stepped": pd.RangeIndex(10, 16, 2),
    "names": pd.Index(["a", "b", "c"], name="sample"),
    "nameless": pd.Index([7, 5, 7]),
    "numbers with gaps": pd.Index([1, None, 2**62 + 1], dtype="Int64", name="k"),
    "levels with gaps": pd.MultiIndex.from_arrays([["a", "b", "c"], pd.array([1, None, 2**62 + 1], dtype="Int64")], names=["s", "k"]),
    "times": pd.DatetimeIndex(["2026-01-01", "2026-01-03", "2026-01-02"], name="when"),
    "two levels": pd.MultiIndex.from_tuples([("a", 1), ("a", 2), ("b", 1)], names=["hole", "no"]),
}


@pytest.mark.parametrize("kind", INDEXES)
def test_an_index_comes_back(store, kind):
    frame = pd.DataFrame({"w": [0.1, 0.2, 0.3]}, index=INDEXES[kind])
    pd.testing.assert_frame_equal(roundtrip(store, frame), frame)


def test_an_index_of_which_only_some_rows_or_columns_are_read(store):
    frame = pd.DataFrame({"w": [0.1, 0.2, 0.3], "x": [1, 2, 3]}, index=INDEXES["names"])
    store.create_record("named", frame, created_by="a.meier")
    pd.testing.assert_frame_equal(store.read("named", where="w > 0.1"), frame[frame.w > 0.1])
    pd.testing.assert_frame_equal(store.read("named", columns=["x"]), frame[["x"]])
    assert store.read("named", columns=["x"], as_="arrow").column_names == ["x"]
    store.create_record("plain", frame.reset_index(drop=True), created_by="a.meier")
    assert store.read("plain", where="w > 0.1").to_dict("list") == {"w": [0.2, 0.3], "x": [2, 3]}


def test_what_pandas_noted_of_its_types_and_cannot_read(store):
    table = pa.table({"a": [1, 2]})
    for note in (b"no json", b"{}", b'{"columns": 7}', b'{"index_columns": ["x"], "columns": [], "column_indexes": []}'):
        record_id = f"note {note!r:.20} {len(note)}"
        store.create_record(record_id, table.replace_schema_metadata({"pandas": note}), created_by="a.meier")
        assert store.get_latest_version(record_id).a.to_list() == [1, 2]
    lists = pd.DataFrame({"l": pd.Series([[1], [2, 3]], dtype=pd.ArrowDtype(pa.list_(pa.int64())))})
    store.create_record("lists", lists, created_by="a.meier")
    assert [list(value) for value in store.get_latest_version("lists").l] == [[1], [2, 3]]


def test_whole_numbers_with_gaps_stay_whole_numbers(store):
    store.create_record("BH-7", pa.table({"n": [2**62 + 1, None], "b": [None, True]}), created_by="a.meier")
    frame = store.get_latest_version("BH-7")
    assert (frame.n.dtype, frame.b.dtype) == (pd.Int64Dtype(), pd.BooleanDtype())
    assert frame.n[0] == 2**62 + 1


def test_a_schema_is_kept_to(store):
    schema = pa.schema({"depth_m": pa.float32(), "n": pa.int16()})
    for record_id, data in {
        "pandas": pd.DataFrame({"n": [1, 2], "depth_m": [0.5, None]}),
        "arrow": pa.table({"n": [1, 2], "depth_m": [0.5, None]}),
        "reader": pa.table({"n": [1, 2], "depth_m": [0.5, None]}).to_reader(),
        "duckdb": duckdb.sql("select 1 n, 0.5 depth_m"),
    }.items():
        store.create_record(record_id, data, created_by="a.meier", schema=schema)
        assert store.schemas(record_id)["data"].remove_metadata() == schema
    store.create_record("two", {"a": TABLE, "b": pa.table({"x": [1]})}, created_by="x", schema={"b": pa.schema({"x": pa.int8()})})
    assert store.schemas("two")["b"] == pa.schema({"x": pa.int8()})


@pytest.mark.parametrize(
    ("data", "schema", "message"),
    [
        (pa.table({"a": [1]}), pa.schema({"b": pa.int8()}), "lacks 'b' and has 'a'"),
        (pa.table({"a": [300]}), pa.schema({"a": pa.int8()}), "300"),
        (pa.table({"a": [300]}).to_reader(), pa.schema({"a": pa.int8()}), "300"),
        (pd.DataFrame({"a": [300]}), pa.schema({"a": pa.int8()}), "'a'|300"),
        (pd.DataFrame({"a": [3]}, index=["x"]), pa.schema({"a": pa.int8()}), "has None"),
        (pd.DataFrame({"s": ["a"], "d": [1.5]}), pa.schema({"s": pa.string(), "d": pa.decimal128(6, 2)}), "'d' can't be converted to decimal"),
        (pd.DataFrame({"a": ["1", "x"]}), pa.schema({"a": pa.float32()}), "'a' can't be converted to float"),
        (pd.DataFrame({"a": [1.0, 1e300]}), pa.schema({"a": pa.float32()}), "too large"),
        (pa.table({"a": [1.0, 1e300]}), pa.schema({"a": pa.float32()}), "too large"),
        (pa.table({"a": [NOON]}), pa.schema({"a": pa.timestamp("us", "UTC")}), "no time zone"),
        (pd.DataFrame({"a": [NOON]}), pa.schema({"a": pa.timestamp("us", "UTC")}), "no time zone"),
        (pd.DataFrame({"a": pd.Series([NOON], dtype=object)}), pa.schema({"a": pa.date32()}), "would be lost"),
        (pa.table({"a": [NOON]}), pa.schema({"a": pa.date32()}), "would be lost"),
        (pd.DataFrame({"b": [1]}, index=pd.DatetimeIndex([NOON], name="a")), pa.schema({"b": pa.int8(), "a": pa.date32()}), "'a'.*would be lost"),
        (pa.table({"a": [[NOON]]}), pa.schema({"a": pa.list_(pa.date32())}), "would be lost"),
        (pa.table({"a": [{"x": 1e300}]}), pa.schema({"a": pa.struct({"x": pa.float32()})}), "too large"),
        (pa.table({"a": [70000]}), pa.schema({"a": pa.float16()}), "too large|float16|halffloat"),
        (
            pa.table({"a": pa.array([[("k", NOON)]], pa.map_(pa.string(), pa.timestamp("us")))}),
            pa.schema({"a": pa.map_(pa.string(), pa.date32())}),
            "would be lost",
        ),
        (pa.table({"a": pa.array([NOON]).dictionary_encode()}), pa.schema({"a": pa.date32()}), "would be lost"),
        (pa.table({"a": [NOON.replace(tzinfo=datetime.timezone.utc)]}), pa.schema({"a": pa.timestamp("us")}), "a time zone"),
    ],
)
def test_what_does_not_fit_a_schema_is_refused(store, data, schema, message):
    with pytest.raises(coreshed.ValidationError, match=message):
        store.create_record("BH-7", data, created_by="a.meier", schema=schema)
    assert store.list_records() == []


def test_a_schema_keeps_what_objects_alone_would_lose(store):
    frame = pd.DataFrame({
        "m": [[("a", 1)], None],
        "t": pd.Series([pd.Timestamp(1), pd.Timestamp(0)], dtype=object),
    })
    schema = pa.schema({"m": pa.map_(pa.string(), pa.int64()), "t": pa.timestamp("ns")})
    store.create_record("BH-7", frame, created_by="a.meier", schema=schema)
    read = store.read("BH-7", as_="arrow")
    assert read["m"].to_pylist() == [[("a", 1)], None]
    assert read["t"].cast(pa.int64()).to_pylist() == [1, 0]


def test_nothing_is_copied_on_the_way_in_or_out(store):
    """The values read again from memory are the same bytes, at the same place."""
    column = pa.array(np.arange(100_000.0))
    store.create_record("BH-7", pa.table({"x": column}), created_by="a.meier")
    first, second = (store.read("BH-7", as_="arrow")["x"].chunk(0).buffers()[1].address for _ in range(2))
    assert first == second
    before = pa.total_allocated_bytes()
    table = store.read("BH-7", as_="arrow")
    assert pa.total_allocated_bytes() - before < 10_000, table.num_rows

def test_a_frame_that_was_handed_out_is_its_holders_own(store):
    """pandas gets a copy: who changes it changes nothing of what the next one reads."""
    store.create_record("BH-7", pd.DataFrame({"x": [1.0, 2.0]}), created_by="a.meier")
    frame = store.get_latest_version("BH-7")
    frame.loc[0, "x"] = 9.0
    assert store.get_latest_version("BH-7").x.to_list() == [1.0, 2.0]


def test_a_streams_own_error_ends_the_call(store):
    def batches():
        yield TABLE.to_batches()[0]
        raise RuntimeError("the sensor fell off")

    reader = pa.RecordBatchReader.from_batches(TABLE.schema, batches())
    with pytest.raises(RuntimeError, match="the sensor fell off"):
        store.create_record("BH-7", reader, created_by="a.meier")
    assert store.list_records() == []
    with pytest.raises(RuntimeError, match="the sensor fell off"):
        coreshed.content_hash(pa.RecordBatchReader.from_batches(TABLE.schema, batches()))


def test_export(store, folder):
    store.create_record("BH-7", TABLE, created_by="a.meier")
    for name in ("bh7.parquet", "bh7.csv", "bh7.arrow"):
        assert store.export("BH-7@v1", folder / name) == 3
        with pytest.raises(coreshed.AlreadyExistsError):
            store.export("BH-7@v1", folder / name)
    assert store.export("BH-7", folder / "bh7.csv", overwrite=True, columns=["soil"], where="n = 1", limit=5) == 1
    assert (folder / "bh7.csv").read_text() == "soil\nfill\n"
    assert pa.parquet.read_table(folder / "bh7.parquet").equals(TABLE)
    with pytest.raises(coreshed.InvalidArgumentError, match="docx"):
        store.export("BH-7", folder / "bh7.docx")
    with pytest.raises(coreshed.UnsupportedError, match="read, not written"):
        store.export("BH-7", folder / "bh7.xlsx")
