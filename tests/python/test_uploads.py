"""Uploads through the Python face: spec/uploads.md."""

import base64
import io
import re
import threading
import zipfile
from datetime import date, datetime
from pathlib import Path

import coreshed
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from coreshed import UploadOutcome
from pyarrow import feather
from pyarrow.parquet import encryption

SPEC = Path(__file__).parents[2] / "spec"

HOLES = b"hole,depth\nBH-7,1.5\nBH-8,3\n"


def upload(store, source=HOLES, filename="holes.csv", *args, **options):
    return store.save_upload(source, filename, *args, **{"uploaded_by": "a.meier", **options})


def test_bytes_paths_and_open_files(store, folder):
    path = folder / "holes.csv"
    path.write_bytes(HOLES)
    with path.open("rb") as file:
        results = [
            upload(store, dataset_name="bytes"),
            upload(store, memoryview(HOLES), dataset_name="view"),
            upload(store, path, None, "path"),
            upload(store, str(path), None, "text"),
            upload(store, file, None, "file"),
            upload(store, io.BytesIO(HOLES), "holes.csv", "memory"),
        ]
    assert [result.outcome for result in results] == [UploadOutcome.CREATED] * 6
    assert {result.version.source.file_name for result in results} == {"holes.csv"}
    assert {result.version.duplicate_hash for result in results} == {results[0].version.duplicate_hash}
    assert {store.read_source(result.upload_id) for result in results} == {HOLES}
    assert len(results[-1].duplicates) == 5
    assert len(results[-1].warnings) == 5
    assert len(store.find_duplicates()[0].matches) == 6


def test_outcomes(store):
    created = upload(store, comment="first")
    with pytest.raises(coreshed.AlreadyExistsError, match="'holes'.*overwrite"):
        upload(store)
    assert upload(store, overwrite=True).outcome == "unchanged"
    changed = upload(store, HOLES + b"BH-9,4\n", overwrite=True, attributes={"site": "HKZ1"})
    assert (changed.outcome, changed.version.version, bool(changed.drift)) == ("new_version", 2, False)
    assert store.get_record(created.upload_id).attributes == {"site": "HKZ1"}
    back = upload(store, overwrite=True)
    assert (back.outcome, back.version.version) == ("reactivated", 1)
    assert [event.event_type for event in store.history(created.upload_id)] == ["upload", "overwrite", "rollback"]
    again = upload(store, overwrite=True, as_new_version=True)
    assert (again.outcome, again.version.equals_version) == ("new_version", 1)
    assert store.verify(deep=True).ok


def test_drift(store):
    upload(store)
    with pytest.raises(coreshed.SchemaDriftError, match="column depth removed"):
        upload(store, b"hole\nBH-7\n", overwrite=True)
    renamed = upload(store, b"hole,depth_m\nBH-7,1\n", overwrite=True, renames={"depth": "depth_m"})
    assert [change.kind for change in renamed.drift.changes] == ["column_renamed"]
    let_in = upload(store, b"hole\nBH-7\n", overwrite=True, allow_breaking=True)
    assert let_in.drift.overridden
    typed = upload(store, b"code\n1\n", "codes.csv", types={"code": "string"})
    assert store.schemas(typed.upload_id)["codes"].field("code").type == "string"


def test_ids_of_the_page(store):
    page = (SPEC / "uploads.md").read_text()
    rows = re.findall(r"\| `([^`]+)` \| `([^`]+-[0-9a-f]{12})` \|", page)
    assert len(rows) == 5
    for name, record_id in rows:
        assert upload(store, dataset_name=name).upload_id == record_id


def test_cohort(store, caplog):
    upload_id = upload(store).upload_id
    store.approve_record(upload_id, approved_by="k.brandt")
    store.set_settings({"default_selector": "approved"}, by="admin")
    second = upload(store, HOLES + b"BH-9,4\n", overwrite=True).version
    with caplog.at_level("INFO", logger="coreshed"):
        cohort = store.get_cohort(upload_id, where="depth >= 3", columns=["hole"])
    assert list(cohort.data["hole"]) == ["BH-8", "BH-9"]
    assert (cohort.version, cohort.event_type, cohort.status) == (2, "overwrite", "draft"), "the active one"
    assert cohort.exact_hash == second.exact_hash
    assert len(caplog.messages) == 1
    for said in ("version 2", "overwrite", cohort.exact_hash, upload_id):
        assert said in caplog.messages[0]
    again = store.read(f"{upload_id}@sha:{cohort.exact_hash}", where="depth >= 3", columns=["hole"])
    assert again.equals(cohort.data)
    assert store.get_cohort(upload_id, as_="arrow").data.num_rows == 3
    for options in ({"columns": ["soil"]}, {"where": "soil = 'clay'"}):
        with pytest.raises(coreshed.NotFoundError, match="version 2.*'soil'"):
            store.get_cohort(upload_id, **options)
    with pytest.raises(coreshed.NotFoundError, match="version 2 has no table 'lab'"):
        store.get_cohort(upload_id, table="lab")


DEPTHS = {
    "tables": [
        {
            "columns": [
                {"name": "hole", "type": "string", "key": True, "pattern": "BH-[0-9]+"},
                {"name": "depth", "type": "float64", "nullable": False, "min": 0, "max": 100},
            ]
        }
    ]
}
MIXED = b"hole,depth\nBH-7,1.5\nBH-8,-3\nBH-7,2\nBH-9,deep\nX,200,7\n"


def test_schemas(store):
    saved = store.save_schema("depths", DEPTHS, saved_by="k.brandt")
    assert (saved.name, saved.number) == ("depths", 1)
    assert store.save_schema("depths", DEPTHS, saved_by="k.brandt").number == 1, "nothing new"
    columns = DEPTHS["tables"][0]["columns"]
    wider = {"tables": [{"columns": [*columns, {"name": "soil", "type": "string"}]}]}
    assert store.save_schema("depths", wider, saved_by="k.brandt").number == 2
    assert [(schema.name, schema.number) for schema in store.list_schemas()] == [("depths", 2)]
    assert store.get_schema("depths", 1).definition == saved.definition
    store.set_settings({"drift_policy": "warn"}, by="admin")
    assert len(store.list_schemas()) == 1, "settings and schemas stand side by side"
    with pytest.raises(coreshed.NotFoundError, match="there are: depths"):
        store.get_schema("depth")
    with pytest.raises(coreshed.NotFoundError, match="newest is 2"):
        store.get_schema("depths", 3)
    with pytest.raises(coreshed.ValidationError, match="typ: there is no such key"):
        store.save_schema("wrong", {"tables": [{"columns": [{"name": "a", "typ": "int64"}]}]}, saved_by="k.brandt")
    assert store.verify(deep=True).ok


def test_refuse_or_split(store):
    store.save_schema("depths", DEPTHS, saved_by="k.brandt")
    with pytest.raises(coreshed.ValidationError, match="record 2 .line 3., column depth") as refused:
        upload(store, MIXED, schema="depths")
    assert refused.value.fields["rules"] == "key 1, max 1, min 1, pattern 1, too_many_fields 1, type 1"
    assert store.list_records() == []
    result = upload(store, MIXED, schema="depths", on_invalid="split")
    assert (result.version.rows, result.rejects.good_rows, result.rejects.rejected_rows) == (1, 1, 4)
    assert result.version.checked == coreshed.CheckedBy("depths", 1)
    faults = [(fault.record, fault.line, fault.column, fault.value, fault.rule) for fault in result.rejects.faults]
    assert faults == [
        (2, 3, "depth", "-3", "min"),
        (3, 4, "hole", "BH-7", "key"),
        (4, 5, "depth", "deep", "type"),
        (5, 6, "", "7", "too_many_fields"),
        (5, 6, "hole", "X", "pattern"),
        (5, 6, "depth", "200", "max"),
    ]
    assert result.rejects.file == b"hole,depth\nBH-8,-3\nBH-7,2\nBH-9,deep\nX,200,7\n"
    assert store.read_rejects(result.upload_id) == result.rejects.file
    assert len(pd.DataFrame(result.rejects.faults)) == 6
    with pytest.raises(coreshed.ValidationError, match="type"):
        upload(store, b"hole,depth\nBH-1,x\n", "none.csv", schema="depths", on_invalid="split")
    assert store.check_file(MIXED, "depths", "again.csv").by_rule == result.rejects.by_rule
    with pytest.raises(coreshed.InvalidArgumentError, match="on_invalid"):
        upload(store, MIXED, schema="depths", on_invalid="drop")
    assert store.verify(deep=True).ok


def test_what_is_wrong_beyond_the_first_rows(store):
    store.save_schema("depths", DEPTHS, saved_by="k.brandt")
    lines = [b"hole,depth"] + [b"BH-%d,1.5" % n for n in range(100_000)]
    lines[80_001] += b",surplus"
    wide = b"\n".join(lines)
    checked = store.check_file(wide, "depths", "holes.csv")
    assert (checked.good_rows, checked.rejected_rows, checked.by_rule) == (99_999, 1, {"too_many_fields": 1})
    result = upload(store, wide, schema="depths", on_invalid="split", event_id="0" * 32)
    assert (result.rejects.rejected_rows, result.rejects.faults[0].record) == (1, 80_001)
    again = upload(store, wide, schema="depths", on_invalid="split", event_id="0" * 32)
    assert (again.rejects.good_rows, again.rejects.rejected_rows) == (99_999, 1), "the answer of a retry is whole"
    bad = b"hole,depth\n" + b"BH-7,-1\n" * 120_000
    with pytest.raises(coreshed.ValidationError, match="more than 100000 faults"):
        store.check_file(bad, "depths", "holes.csv")
    with pytest.raises(coreshed.InvalidArgumentError, match="no column 'nope'"):
        store.check_file(HOLES, "depths", "holes.csv", types={"nope": "string"})
    assert store.check_file(bad[:100], "depths", "holes.csv").good_rows == 0


def test_what_an_overwrite_would_find(store):
    record = upload(store, b"hole,depth,code\nBH-7,1.5,01\nBH-8,3,02\n").upload_id
    assert str(store.find_drift(b"hole,depth,code\nBH-7,2,1\n", record, "late.csv")) == "none", "read as what is there"
    changed = b"hole,deep,code\nBH-7,2,1\n"
    assert store.find_drift(changed, record, "late.csv").drift_class == "breaking"
    assert store.find_drift(changed, record, "late.csv", renames={"depth": "deep"}).drift_class == "none"
    with pytest.raises(coreshed.InvalidArgumentError, match="can't have been renamed"):
        store.find_drift(changed, record, "late.csv", renames={"depth": "deepest"})
    columns = [{"name": "code", "type": "int64"}, {"name": "hole", "type": "string"}, {"name": "depth", "type": "float64"}]
    store.save_schema("codes", {"tables": [{"columns": columns}]}, saved_by="k.brandt")
    found = store.find_drift(b"hole,depth,code\nBH-7,2,1\n", record, "late.csv", schema="codes")
    done = upload(store, b"hole,depth,code\nBH-7,2,1\n", overwrite=True, schema="codes", allow_breaking=True)
    assert found.changes == done.drift.changes, "as the upload then finds it"
    assert str(store.find_drift(b"hole,depth,code\nBH-9,2,1\n", record, "late.csv")) == "none"
    with pytest.raises(coreshed.ValidationError, match="column 'soil' is not in the schema"):
        store.find_drift(b"hole,depth,code,soil\nBH-9,2,1,clay\n", record, "late.csv")
    assert str(store.find_drift(b"hole,depth,code\nBH-9,2,x\n", record, "late.csv")) == "none", "values are check_file's"
    store.set_settings({"default_selector": "approved"}, by="a.meier")
    assert str(store.find_drift(b"hole,depth,code\nBH-9,2,1\n", record, "late.csv")) == "none", "of the active version"
    with pytest.raises(coreshed.InvalidArgumentError, match="names one table"):
        store.find_drift(HOLES, record + "#holes", "late.csv")
    with pytest.raises(coreshed.NotFoundError):
        store.find_drift(changed, "nobody", "late.csv")
    with pytest.raises(coreshed.InvalidArgumentError, match="No file has a column 'nope'"):
        store.find_drift(HOLES, record, "late.csv", types={"nope": "string"})
    assert len(store.history(record)) == 2


def test_drift_of_one_of_several_tables_and_of_what_was_purged(store):
    store.create_record("two", {"a": pa.table({"n": [1]}), "b": pa.table({"n": [1]})}, created_by="a.meier")
    assert "table a removed" in str(store.find_drift(b"n\n1\n", "two", "b.csv"))
    store.update_record("two", {"a": pa.table({"n": ["x"]})}, updated_by="a.meier", allow_breaking=True)
    store.purge("two", 1, by="a.meier", reason="gone")
    with pytest.raises(coreshed.NotFoundError, match="was purged by a.meier"):
        store.find_drift(b"n\n1\n", "two@v1", "b.csv")


def test_a_table_whose_rows_are_all_bad(store):
    tables = [{"name": name, "columns": [{"name": "hole", "type": "string"}, {"name": "n", "type": "int64"}]} for name in "ab"]
    store.save_schema("two", {"tables": tables}, saved_by="k.brandt")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.csv", "hole,n\nBH-7,1\n")
        archive.writestr("b.csv", "hole,n\nBH-7,x\n")
    with pytest.raises(coreshed.ValidationError, match="'b' has no rows.*'x' is no"):
        upload(store, packed.getvalue(), "two.zip", schema="two", on_invalid="split")


def test_records_of_newer_releases_are_no_reason_to_fail(store, folder):
    newer = upload(store, dataset_name="newer").upload_id
    metadata = folder / "store" / "records" / newer / "metadata.json"
    metadata.write_text(metadata.read_text().replace('"coreshed":1', '"coreshed":99'))
    result = upload(store, dataset_name="mine")
    assert (result.outcome, result.duplicates) == ("created", ())
    assert [match.corrupt is None for match in store.find_datasets_by_content_hash(result.version.duplicate_hash)].count(True) == 1


def test_bound_records(store):
    store.save_schema("depths", DEPTHS, saved_by="k.brandt")
    good = pa.table({"depth": [1.5], "hole": ["BH-7"]})
    store.create_record("BH-7", good, created_by="a.meier")
    assert store.bind_schema("BH-7", "depths", by="k.brandt").bound_schema == "depths"
    version = store.update_record("BH-7", good, updated_by="a.meier", drift_policy="allow")
    assert store.read("BH-7").columns.to_list() == ["hole", "depth"], "in the schema's order"
    assert version.checked.name == "depths"
    for rows, rule in (({"hole": ["BH-8"], "depth": [-1.0]}, "min"), ({"hole": ["BH-7"], "depth": [2.0]}, "key")):
        with pytest.raises(coreshed.ValidationError, match=rule):
            store.append_rows("BH-7", pa.table(rows), updated_by="a.meier")
    store.append_rows("BH-7", pa.table({"hole": ["BH-8"], "depth": [2.0]}), updated_by="a.meier")
    store.upsert_rows("BH-7", pa.table({"hole": ["BH-8"], "depth": [3.0]}), keys=["hole"], updated_by="a.meier")
    for keys in (["depth"], ["hole", "depth"]):  # a new row could have the key of another one that stays
        with pytest.raises(coreshed.InvalidStateError, match="is the key"):
            store.upsert_rows("BH-7", pa.table({"hole": ["BH-9"], "depth": [3.0]}), keys=keys, updated_by="a.meier")
    assert store.delete_rows("BH-7", "hole = 'BH-8'", updated_by="a.meier").rows == 1
    assert store.bind_schema("BH-7", None, by="k.brandt").bound_schema is None
    store.append_rows("BH-7", pa.table({"hole": ["BH-7"], "depth": [-2.0]}), updated_by="a.meier")
    assert store.verify(deep=True).ok


def test_records_under_a_schema_of_the_store(store):
    store.save_schema("depths", DEPTHS, saved_by="k.brandt")
    store.set_settings({"require_schema": "true"}, by="admin")
    rows = pd.DataFrame({"depth": [1.5], "hole": ["BH-7"]})
    with pytest.raises(coreshed.InvalidStateError, match="requires"):
        store.create_record("BH-7", rows, created_by="a.meier")
    version = store.create_record("BH-7", rows, created_by="a.meier", schema="depths")
    assert version.checked == coreshed.CheckedBy("depths", 1)
    assert store.get_record("BH-7").bound_schema == "depths"
    with pytest.raises(coreshed.ValidationError, match="min"):
        store.create_record("BH-8", rows.assign(depth=-1.0), created_by="a.meier", schema="depths")
    more = store.create_many({"BH-8": rows, "BH-9": rows.assign(depth=-1.0)}, created_by="a.meier", schema="depths")
    assert (more[0].checked.name, type(more[1])) == ("depths", coreshed.ValidationError)
    own = store.create_many([("BH-9", rows, {"schema": "depths"}), ("BH-10", rows)], created_by="a.meier")
    assert (own[0].checked.name, type(own[1])) == ("depths", coreshed.InvalidStateError)
    assert store.update_many({"BH-9": rows.assign(depth=2.0)}, updated_by="a.meier", schema="depths")[0].version == 2


def test_writes_may_name_another_schema(store):
    store.create_record("BH-7", pa.table({"hole": ["BH-7"], "depth": [1.5]}), created_by="a.meier")
    for number, name in enumerate(("first", "second", "third")):
        store.save_schema(name, DEPTHS, saved_by="k.brandt")
        rows = pa.table({"hole": [f"BH-{number}"], "depth": [2.0]})
        if name == "first":
            version = store.update_record("BH-7", rows, updated_by="a.meier", schema=name, drift_policy="allow")
        elif name == "second":
            version = store.append_rows("BH-7", rows, updated_by="a.meier", schema=name)
        else:
            version = store.upsert_rows("BH-7", rows, keys=["hole"], updated_by="a.meier", schema=name)
        assert version.checked.name == name
    assert store.get_record("BH-7").bound_schema == "third"
    wanted = pa.schema({"hole": pa.string(), "depth": pa.float64()})
    store.append_rows("BH-7", pa.table({"depth": [3], "hole": ["BH-9"]}), updated_by="a.meier", schema=wanted)
    with pytest.raises(coreshed.NotFoundError, match="there are: first, second, third"):
        store.append_rows("BH-7", rows, updated_by="a.meier", schema="fourth")
    for schema, says in (("", "schema is empty"), (7, "name of a schema of the store, not 7")):
        with pytest.raises(coreshed.InvalidArgumentError, match=says):
            store.append_rows("BH-7", rows, updated_by="a.meier", schema=schema)


def test_a_store_may_require_schemas(store):
    store.save_schema("depths", DEPTHS, saved_by="k.brandt")
    store.set_settings({"require_schema": "true"}, by="admin")
    with pytest.raises(coreshed.InvalidStateError, match="requires"):
        upload(store)
    assert upload(store, schema="depths").version.checked == coreshed.CheckedBy("depths", 1)
    assert upload(store, HOLES + b"BH-9,4\n", overwrite=True).version.checked is not None, "it is bound now"


@pytest.mark.parametrize(
    ("source", "options", "says"),
    [
        (HOLES, {"filename": None}, "filename is missing"),
        (HOLES, {"filename": ""}, "filename is empty"),
        (HOLES, {"dataset_name": ""}, "dataset_name is empty"),
        (HOLES, {"schema": ""}, "schema is empty"),
        (HOLES, {"schema": 7}, "schema is a text"),
        (HOLES, {"format": "doc"}, "'doc' is no format; there are csv, "),
        (io.BytesIO(HOLES), {"filename": None}, "filename is missing"),
        (HOLES, {"overwrite": "yes"}, "overwrite is True or False"),
        (HOLES, {"on_invalid": "split"}, "no schema to split the rows by"),
        (HOLES, {"filename": "holes.docx"}, ".docx"),
        (HOLES, {"types": {"depth": "number"}}, "number"),
        (HOLES, {"types": ["depth"]}, "types is a dict"),
        (HOLES, {"cancel": 1}, "cancel is a threading.Event"),
        (io.StringIO("a\n1\n"), {"filename": "a.csv"}, "binary mode"),
        (7, {"filename": "a.csv"}, "source is a path"),
    ],
)
def test_wrong_arguments(store, source, options, says):
    with pytest.raises(coreshed.InvalidArgumentError, match=re.escape(says)):
        store.save_upload(source, **{"filename": "holes.csv", "uploaded_by": "a.meier", **options})
    assert store.list_records() == []


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ({"min": float("nan")}, "NaN"),
        ({"max": float("inf")}, "infinite"),
        ({"type": "date", "min": date(2026, 1, 27)}, "datetime.date(2026, 1, 27) (date) in it"),
        ({"allowed": [b"a"]}, "b'a' (bytes) in it"),
        ({("min",): 1}, "a key that is no text"),
    ],
)
def test_definitions_that_json_has_no_form_for(store, rule, says):
    with pytest.raises(coreshed.InvalidArgumentError, match=re.escape(says)):
        store.save_schema("depths", {"tables": [{"columns": [{"name": "depth", "type": "float64", **rule}]}]}, saved_by="k.brandt")
    assert store.list_schemas() == []


def test_an_empty_name_binds_to_nothing(store, record):
    with pytest.raises(coreshed.InvalidArgumentError, match="schema is empty: name one, or give None"):
        store.bind_schema(record, "", by="k.brandt")


def test_a_file_without_an_ending(store, folder):
    (folder / "holes").write_bytes(HOLES)
    with pytest.raises(coreshed.InvalidArgumentError, match="format"):
        upload(store, folder / "holes", None)
    assert upload(store, folder / "holes", None, format="csv").version.rows == 2
    with (folder / "holes").open("rb", buffering=0) as file, open(file.fileno(), "rb", closefd=False) as nameless:
        with pytest.raises(coreshed.InvalidArgumentError, match="filename is missing"):
            upload(store, nameless, None)


def test_what_is_no_such_file(store, folder):
    with pytest.raises(coreshed.NotFoundError, match="There is no file"):
        upload(store, folder / "none.csv", None)
    with pytest.raises(coreshed.ValidationError, match="empty"):
        upload(store, b"")
    with pytest.raises(coreshed.ValidationError, match="Parquet"):
        upload(store, HOLES, "holes.parquet")
    store.create_record("BH-7", pa.table({"depth": [1.0]}), created_by="a.meier")
    with pytest.raises(coreshed.NotFoundError, match="no file that was kept"):
        store.read_source("BH-7")


def test_progress(store):
    seen = []

    def watch(phase, fraction, message):
        seen.append((phase, fraction))
        raise RuntimeError("whoever watches is no part of the work")

    upload(store, progress=watch)
    fractions = [fraction for _, fraction in seen]
    assert fractions == sorted(fractions)
    assert fractions[0] < 1
    assert seen[-1] == ("done", 1.0)
    with pytest.raises(coreshed.ValidationError):
        upload(store, b"a,a\n1,2\n", "twice.csv", progress=watch)
    assert seen[-1] == ("failed", 1.0)


def test_cancel(store):
    event = threading.Event()
    assert upload(store, cancel=event).outcome == "created"
    event.set()
    with pytest.raises(coreshed.CancelledError):
        upload(store, HOLES + b"BH-9,4\n", overwrite=True, cancel=event)
    with pytest.raises(coreshed.CancelledError):
        upload(store, HOLES + b"BH-9,4\n", overwrite=True, cancel=lambda: True)
    assert len(store.get_all_versions("holes-ffce3618dce7")) == 1


def test_settings_limit_uploads(store):
    store.set_settings({"upload_bytes_max": "10"}, by="admin")
    with pytest.raises(coreshed.ValidationError, match="upload_bytes_max"):
        upload(store)
    store.set_settings({"upload_bytes_max": "", "keep_sources": "false"}, by="admin")
    upload_id = upload(store).upload_id
    with pytest.raises(coreshed.NotFoundError, match="holes.csv was only read"):
        store.read_source(upload_id)


AGS = (
    '"GROUP","LOCA"\r\n"HEADING","LOCA_ID","LOCA_FDEP"\r\n"UNIT","","m"\r\n"TYPE","ID","2DP"\r\n'
    '"DATA","BH-7","1.50"\r\n"DATA","BH-8","2.00"\r\n'
)


def test_units_stay_where_a_data_frame_comes_back(store):
    uploaded = upload(store, AGS.encode(), "site.ags").upload_id
    frame = store.read(uploaded)
    frame.loc[1, "LOCA_FDEP"] = 2.5
    frame["remark"] = ["", "measured again"]
    store.update_record(uploaded, frame, updated_by="a.meier")
    schema = store.schemas(uploaded)["LOCA"]
    assert schema.field("LOCA_FDEP").metadata == {b"ags_type": b"2DP", b"ags_unit": b"m"}
    assert schema.metadata[b"ags_group"] == b"LOCA"
    assert schema.field("remark").metadata is None
    stripped = store.read(uploaded, as_="arrow").select(["LOCA_ID"])
    own = stripped.cast(pa.schema([pa.field("LOCA_ID", pa.string(), metadata={"label": "hole"})]))
    store.update_record(uploaded, own, updated_by="a.meier", allow_breaking=True)
    assert store.schemas(uploaded)["LOCA"].field("LOCA_ID").metadata == {b"label": b"hole"}, "it has its own"
    assert store.verify(deep=True).ok


def files_of(table, folder):
    """The same rows in formats that have types of their own."""
    pq.write_table(table, folder / "t.parquet")
    feather.write_feather(table, folder / "t.arrow")
    (folder / "t.ags").write_text(AGS, newline="")
    return ["t.parquet", "t.arrow", "t.ags"]


def test_files_with_types_of_their_own_under_a_schema(store, folder):
    table = pa.table({"LOCA_ID": ["BH-7", "BH-8"], "LOCA_FDEP": pa.array([1, 2], pa.int16())})
    columns = [{"name": "LOCA_ID", "type": "string", "key": True}, {"name": "LOCA_FDEP", "type": "float64", "min": 1.8}]
    store.save_schema("holes", {"tables": [{"columns": columns}]}, saved_by="k.brandt")
    for name in files_of(table, folder):
        result = upload(store, folder / name, None, dataset_name=name, schema="holes", on_invalid="split")
        assert (result.rejects.by_rule, result.version.rows) == ({"min": 1}, 1), name
        assert store.read(result.upload_id)["LOCA_FDEP"].to_list() == [2.0]
        with pytest.raises(coreshed.InvalidArgumentError, match="type of its own"):
            upload(store, folder / name, None, dataset_name="typed", types={"LOCA_FDEP": "float64"})


def test_a_type_for_a_column_that_is_not_there(store):
    with pytest.raises(coreshed.InvalidArgumentError, match="no column 'depht'"):
        upload(store, types={"depht": "float64"})


def test_times_of_other_centuries(store, folder):
    """As Spark, Hive and Impala write them: INT96 holds years that nanoseconds in 64 bits don't."""
    years = [datetime(year, 12, 31, 23, 59, 59, 123456) for year in (1, 1600, 2026, 2500, 9999)]
    table = pa.table({"at": pa.array(years, pa.timestamp("us")), "all": pa.array([[at] for at in years], pa.list_(pa.timestamp("us")))})
    pq.write_table(table, folder / "t.parquet", use_deprecated_int96_timestamps=True)
    uploaded = upload(store, folder / "t.parquet", None).upload_id
    assert store.read(uploaded, as_="arrow").column("at").to_pylist() == years
    assert store.read(uploaded, as_="arrow").column("all").to_pylist() == [[at] for at in years]


def test_what_comes_after_a_stream_is_not_lost(store):
    table = pa.table({"n": [1, 2]})
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    stream = sink.getvalue()
    assert upload(store, stream, "t.arrow").version.rows == 2
    with pytest.raises(coreshed.ValidationError, match="goes on after its end"):
        upload(store, stream + stream, "two.arrow")


def test_long_texts_and_bombs(store, folder):
    long = pa.table({"text": [f"{n}" + "x" * 100_000 for n in range(2_000)] * 8})
    pq.write_table(long, folder / "long.parquet", use_dictionary=False, row_group_size=16_000)
    assert upload(store, folder / "long.parquet", None).version.rows == 16_000
    store.set_settings({"upload_unpacked_bytes_max": str(100 << 20), "upload_ratio_max": "10"}, by="admin")
    same = pa.table({"text": ["x" * 100_000] * 2_000})
    pq.write_table(same, folder / "bomb.parquet")
    with pytest.raises(coreshed.ValidationError, match="unpacks to more than"):
        upload(store, folder / "bomb.parquet", None)


def test_the_ending_stays(store):
    assert upload(store, filename="a..csv").version.source.file_name == "a_.csv"
    assert upload(store, filename="../../b...csv").version.source.file_name == "b_.csv"


SAMPLES = {
    "tables": [
        {
            "columns": [
                {"name": "code", "type": "string", "key": True},
                {"name": "count", "type": "int64", "max": 9007199254740993},
                {"name": "wet", "type": "bool"},
                {"name": "taken", "type": "date"},
            ]
        }
    ]
}

SAMPLE_LINES = b"""{"code": "a", "count": 9007199254740993, "wet": true, "taken": "2026-01-27"}
{"code": "b", "count": "many", "wet": "yes", "taken": "yesterday"}

{"code": "c", "count": 9007199254740994, "wet": "no", "taken": null}
{"code": "d", "count": 1.5}
"""


def sample_sheet():
    """The same as SAMPLE_LINES, its rows in the same places below a header."""

    def text(value):
        return f"<c t='inlineStr'><is><t>{value}</t></is></c>"

    def row(*cells):
        return "<row>" + "".join(cells) + "</row>"

    rows = [
        row(*(text(name) for name in ("code", "count", "wet", "taken"))),
        row(text("a"), "<c><v>9007199254740993</v></c>", "<c t='b'><v>1</v></c>", "<c s='1'><v>46049</v></c>"),
        row(text("b"), text("many"), text("yes"), text("yesterday")),
        row(),
        row(text("c"), "<c><v>9007199254740994</v></c>", text("no")),
        row(text("d"), "<c><v>1.5</v></c>"),
    ]
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"

    def relations(*targets):
        all_of_them = (f"<Relationship Id='r{i}' Type='{kind}{t}' Target='{p}'/>" for i, (t, p) in enumerate(targets))
        return f"<Relationships>{''.join(all_of_them)}</Relationships>"

    parts = {
        "_rels/.rels": relations(("officeDocument", "xl/workbook.xml")),
        "xl/_rels/workbook.xml.rels": relations(("worksheet", "sheet.xml"), ("styles", "styles.xml")),
        "xl/workbook.xml": "<workbook xmlns:r='x'><sheets><sheet name='S' r:id='r0'/></sheets></workbook>",
        "xl/styles.xml": "<styleSheet><cellXfs><xf numFmtId='0'/><xf numFmtId='14'/></cellXfs></styleSheet>",
        "xl/sheet.xml": f"<worksheet><sheetData>{''.join(rows)}</sheetData></worksheet>",
    }
    book = io.BytesIO()
    with zipfile.ZipFile(book, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return book.getvalue()


@pytest.mark.parametrize(
    ("name", "source", "header_lines"), [("s.jsonl", SAMPLE_LINES, 0), ("s.xlsx", sample_sheet(), 1)]
)
def test_all_faults_of_files_without_types(store, name, source, header_lines):
    store.save_schema("samples", SAMPLES, saved_by="k.brandt")
    with pytest.raises(coreshed.ValidationError, match="record 4") as refused:
        upload(store, source, name, schema="samples")
    assert refused.value.fields["rules"] == "max 1, type 3"
    result = upload(store, source, name, schema="samples", on_invalid="split", dataset_name="samples")
    faults = [(fault.file, fault.record, fault.line - header_lines, fault.column, fault.value) for fault in result.rejects.faults]
    assert faults == [
        (name, 2, 2, "count", "many"),
        (name, 2, 2, "taken", "yesterday"),
        (name, 3, 4, "count", "9007199254740994"),
        (name, 4, 5, "count", "1.5"),
    ]
    rows = store.read(result.upload_id)
    assert rows["count"].to_list() == [9007199254740993]
    assert rows["wet"].to_list() == [True]
    assert str(rows["taken"][0]) == "2026-01-27"
    assert result.rejects.file.startswith(b"code,count,wet,taken\nb,many,yes,yesterday\nc,9007199254740994,no,\n")
    mended = result.rejects.file.replace(b"many", b"7").replace(b"yesterday", b"2026-01-26")
    mended = mended.replace(b"9007199254740994", b"8").replace(b"1.5", b"9")
    assert upload(store, mended, "mended.csv", schema="samples").version.rows == 3


@pytest.mark.parametrize("given", ["int16", "int32", "int64"])
@pytest.mark.parametrize("wanted", ["int16", "int32", "int64"])
def test_whole_numbers_of_other_widths_under_a_schema(store, folder, given, wanted):
    table = pa.table({"n": pa.array([1, -7, None], getattr(pa, given)())})
    pq.write_table(table, folder / "t.parquet")
    feather.write_feather(table, folder / "t.arrow")
    store.save_schema("whole", {"tables": [{"columns": [{"name": "n", "type": wanted}]}]}, saved_by="k.brandt")
    for name in ("t.parquet", "t.arrow"):
        uploaded = upload(store, folder / name, None, dataset_name=name, schema="whole").upload_id
        column = store.read(uploaded, as_="arrow").column("n")
        assert (str(column.type), column.to_pylist()) == (wanted, [1, -7, None])


def test_whole_numbers_that_do_not_fit_a_schema(store, folder):
    pq.write_table(pa.table({"n": [1, 40_000]}), folder / "t.parquet")
    store.save_schema("whole", {"tables": [{"columns": [{"name": "n", "type": "int16"}]}]}, saved_by="k.brandt")
    with pytest.raises(coreshed.ValidationError, match="record 2"):
        upload(store, folder / "t.parquet", None, schema="whole")


class Keys(encryption.KmsClient):
    """Keys that are kept nowhere."""

    def wrap_key(self, key_bytes, master_key_identifier):
        return base64.b64encode(key_bytes)

    def unwrap_key(self, wrapped_key, master_key_identifier):
        return base64.b64decode(wrapped_key)


@pytest.mark.parametrize("plaintext_footer", [True, False])
def test_encrypted_parquet_is_told(store, folder, plaintext_footer):
    table = pa.table({"n": [1, 2], "secret": ["a", "b"]})
    wanted = encryption.EncryptionConfiguration(
        footer_key="f", column_keys={"c": ["secret"]}, plaintext_footer=plaintext_footer, double_wrapping=False
    )
    properties = encryption.CryptoFactory(lambda _: Keys()).file_encryption_properties(
        encryption.KmsConnectionConfig(), wanted
    )
    with pq.ParquetWriter(folder / "t.parquet", table.schema, encryption_properties=properties) as writer:
        writer.write_table(table)
    with pytest.raises(coreshed.UnsupportedError, match="encrypted"):
        upload(store, folder / "t.parquet", None)
