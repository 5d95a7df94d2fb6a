"""Import of older stores through the Python face: spec/import.md. The older stores are written as people write them in
Python, by pandas and json."""

import json
import os
from datetime import UTC, datetime

import coreshed
import pandas as pd
import pytest

LOG = pd.DataFrame(
    {
        "depth_m": [0.0, 1.5, None],
        "soil": pd.Categorical(["fill", "clay", "clay"]),
        "tests": pd.array([1, None, 2**62 + 1], dtype="Int64"),
        "taken": pd.to_datetime(["2023-11-01 10:00:00.5", None, "2023-11-01 12:00:00.000001"], utc=True, format="ISO8601"),
        "ok": [True, False, True],
        "note": ["", None, "NaN"],
    }
)


@pytest.fixture
def old(folder):
    """One record in each layout: `BH-7` in a folder of its own, `dm` as JSON beside CSV."""
    versions = folder / "old/records/BH-7/versions"
    versions.mkdir(parents=True)
    LOG.to_parquet(versions / "v1.parquet")
    LOG.assign(depth_m=LOG["depth_m"] + 0.5).drop(columns="ok").to_parquet(versions / "v2.parquet")
    event = {"user_id": "m.sato", "comment": ""}
    metadata = {
        "record_id": "BH-7",
        "table_name": "log",
        "current_version": 2,
        "status": "approved",
        "created_by": "m.sato",
        "created_at": "2024-03-01T10:00:00.000001+00:00",
        "approved_by": "r.lind",
        "approved_at": "2024-03-03T10:00:00+00:00",
        "rejected_by": None,
        "rejected_at": None,
        "history": [
            {**event, "event_type": "create", "version": 1, "timestamp": "2024-03-01T10:00:00.000001+00:00"},
            {**event, "event_type": "update", "version": 2, "timestamp": "2024-03-02T10:00:00+00:00"},
            {"event_type": "approve", "version": 2, "user_id": "r.lind", "timestamp": "2024-03-03T10:00:00+00:00"},
        ],
    }
    (folder / "old/records/BH-7/metadata.json").write_text(json.dumps(metadata, indent=2))
    LOG.drop(columns="soil").to_csv(folder / "old/dm.csv", index=False)
    (folder / "old/dm.json").write_text(json.dumps({"name": "Demographics", "uploaded_by": "n.ito"}))
    return folder / "old"


def test_an_older_store_is_here_as_it_was(store, old):
    seen = []
    report = store.import_store(old, imported_by="k.brandt", progress=lambda *step: seen.append(step))
    assert report.ok, report.faults
    assert (report.records, report.imported, report.unchanged) == (2, 2, 0)
    assert (report.versions, report.events) == (3, 4)
    assert seen[-1][:2] == ("done", 1.0)
    assert any("no time is told" in note for note in report.notes)

    record = store.get_record("BH-7")
    assert (record.created_by, record.created_at) == ("m.sato", datetime(2024, 3, 1, 10, 0, 0, 1, tzinfo=UTC))
    assert (record.current_version, record.status.value) == (2, "approved")
    for version, table in ((1, LOG), (2, LOG.assign(depth_m=LOG["depth_m"] + 0.5).drop(columns="ok"))):
        pd.testing.assert_frame_equal(store.read(f"BH-7@v{version}", as_="arrow").to_pandas(), table)
    assert [event.actor for event in store.history("BH-7")] == ["m.sato", "m.sato", "r.lind"]
    assert store.history("BH-7")[2].details["imported_at"] > "2024"
    assert store.get_record("dm").name == "Demographics"
    assert store.verify(deep=True).ok

    again = store.import_store(str(old), imported_by="k.brandt")
    assert (again.imported, again.unchanged, again.events) == (0, 2, 0)


def test_faults_are_named_and_do_not_stop_the_others(store, old):
    (old / "ae.json").write_text(json.dumps({"status": "superseded"}))
    (old / "ae.csv").write_text("n\n1\n")
    report = store.import_store(old, imported_by="k.brandt")
    assert not report.ok
    assert [fault.record_id for fault in report.faults] == ["ae"]
    assert "superseded" in report.faults[0].message
    assert report.imported == 2


def test_refused_as_a_whole(store, folder):
    with pytest.raises(coreshed.NotFoundError):
        store.import_store(folder / "nowhere", imported_by="k.brandt")
    with pytest.raises(coreshed.InvalidArgumentError, match="copy"):
        store.import_store(folder / "store", imported_by="k.brandt")
    with pytest.raises(coreshed.InvalidArgumentError, match="actor"):
        store.import_store(folder, imported_by="")


def test_names_that_are_no_utf8(store, old):
    for name in (b"logs-\xff", b"BH-\xe9.json"):
        (old / os.fsdecode(name)).write_text("{}")
    seen = []
    report = store.import_store(old, imported_by="k.brandt", progress=lambda *step: seen.append(step))
    assert report.imported == 2
    assert any(r"logs-\xff" in note for note in report.notes), report.notes
    assert ["not valid UTF-8" in fault.message for fault in report.faults] == [True]
