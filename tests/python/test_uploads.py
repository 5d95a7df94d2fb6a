"""Uploads through the Python face: spec/uploads.md."""

import io
import re
import threading
import zipfile
from pathlib import Path

import coreshed
import pandas as pd
import pyarrow as pa
import pytest
from coreshed import UploadOutcome

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
    assert result.rejects.file == b"hole,depth\nBH-8,-3\nBH-7,2\nBH-9,deep\nX,200\n"
    assert store.read_rejects(result.upload_id) == result.rejects.file
    assert len(pd.DataFrame(result.rejects.faults)) == 6
    with pytest.raises(coreshed.ValidationError, match="type"):
        upload(store, b"hole,depth\nBH-1,x\n", "none.csv", schema="depths", on_invalid="split")
    assert store.check_file(MIXED, "depths", "again.csv").by_rule == result.rejects.by_rule
    with pytest.raises(coreshed.InvalidArgumentError, match="on_invalid"):
        upload(store, MIXED, schema="depths", on_invalid="drop")
    assert store.verify(deep=True).ok


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
    with pytest.raises(coreshed.InvalidStateError, match="part of a key"):
        store.upsert_rows("BH-7", pa.table({"hole": ["BH-9"], "depth": [3.0]}), keys=["depth"], updated_by="a.meier")
    assert store.bind_schema("BH-7", None, by="k.brandt").bound_schema is None
    store.append_rows("BH-7", pa.table({"hole": ["BH-7"], "depth": [-2.0]}), updated_by="a.meier")
    assert store.verify(deep=True).ok


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
