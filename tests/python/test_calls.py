"""The life of a record, through every call of a Store."""

import datetime
import itertools
import pickle
import re
import uuid

import coreshed
import pandas as pd
import pyarrow as pa
import pytest
from coreshed import SchemaDriftPolicy, Status


def table(**columns):
    return pa.table(columns)


def test_from_draft_to_approved_and_back(store, log):
    first = store.create_record(
        "BH-7", log, "log", created_by="a.meier", comment="first readings", name="Borehole 7", attributes={"project": "P1"}
    )
    assert (first.version, first.status, first.active, first.comment) == (1, Status.DRAFT, True, "first readings")
    assert first.created_at.tzinfo == datetime.timezone.utc
    assert store.approve_record("BH-7", approved_by="k.brandt", meaning="reviewed", version=1).review.meaning == "reviewed"

    mended = log.assign(depth_m=log.depth_m + 0.5)
    second = store.update_record("BH-7", mended, updated_by="a.meier", expected_version=1)
    assert (second.version, second.status, second.tables[0].name) == (2, "draft", "log")
    with pytest.raises(coreshed.ConflictError):
        store.update_record("BH-7", log, updated_by="b", expected_version=1)
    rejected = store.reject_record("BH-7", rejected_by="k.brandt", reason="wrong datum")
    assert (rejected.status, rejected.review.reason) == (Status.REJECTED, "wrong datum")

    back = store.rollback_to_version("BH-7", 1, rolled_back_by="k.brandt", reason="until it is mended")
    assert (back.version, back.active, back.status) == (1, True, Status.APPROVED)
    pd.testing.assert_frame_equal(store.get_latest_version("BH-7"), log)
    pd.testing.assert_frame_equal(store.get_specific_version("BH-7", 2), mended)
    with pytest.raises(coreshed.InvalidStateError):
        store.rollback_to_version("BH-7", 2, rolled_back_by="k.brandt", reason="no")
    store.rollback_to_version("BH-7", 2, rolled_back_by="k.brandt", reason="yes", allow_rejected=True)

    assert store.get_all_versions("BH-7") == [1, 2]
    assert [event.event_type for event in store.history("BH-7")] == ["create", "approve", "update", "reject", "rollback", "rollback"]
    assert [event.seq for event in store.history("BH-7", after=2, limit=2)] == [3, 4]
    assert [version.version for version in store.versions("BH-7", after=1)] == [2]


def test_what_is_not_there(store, record):
    assert store.get_latest_version(record) is not None
    assert store.get_specific_version(record, 9) is None
    assert store.get_specific_version(record, 0) is None
    assert store.get_specific_version("BH-8", 1) is None
    assert store.get_active_version("BH-8") is None
    assert store.get_metadata("BH-8") is None
    for call in (store.get_latest_version, store.get_all_versions, store.history, store.get_record):
        with pytest.raises(coreshed.NotFoundError, match="BH-8"):
            call("BH-8")
    with pytest.raises(coreshed.NotFoundError, match="lab"):
        store.get_specific_version(record, 1, table="lab")
    with pytest.raises(coreshed.NotFoundError, match="colour"):
        store.get_specific_version(record, 1, columns=["colour"])


def test_refs_and_tags(store, record, log):
    store.approve_record(record, approved_by="k.brandt")
    store.update_record(record, log.head(1), updated_by="a.meier")
    store.tag("BH-7@v1", "as-tendered", by="k.brandt")
    for ref, version in {"BH-7": 2, "BH-7@approved": 1, "BH-7@as-tendered": 1, "BH-7@head": 2}.items():
        assert store.resolve_ref(ref).version.version == version
    assert store.resolve_ref("BH-7@approved").version.tags == ["as-tendered"]
    with pytest.raises(coreshed.InvalidArgumentError):
        store.read("BH-7@")


def test_ids_that_look_like_refs(store, log):
    for record_id in ("a@b", "50%", "lab#2", "Грунт 7/ß", "a.b"):
        store.create_record(record_id, log, created_by="a.meier")
        pd.testing.assert_frame_equal(store.get_latest_version(record_id), log)
        pd.testing.assert_frame_equal(store.get_specific_version(record_id, 1), log)
        assert store.get_active_version(record_id).record_id == record_id


def test_rows_are_appended_replaced_and_left_out(store, record):
    store.append_rows(record, table(soil=["rock"], depth_m=[9.0]), updated_by="a.meier")
    store.upsert_rows(record, table(depth_m=[1.5, 4.0], soil=["silt", "peat"]), keys=["depth_m"], updated_by="a.meier")
    version = store.delete_rows(record, "soil = 'fill'", updated_by="a.meier", comment="fill is not ours")
    assert (version.version, version.event_type, version.comment) == (4, "delete_rows", "fill is not ours")
    assert store.read(record).to_dict("list") == {"depth_m": [1.5, 3.0, 9.0, 4.0], "soil": ["silt", "sand", "rock", "peat"]}
    with pytest.raises(coreshed.InvalidArgumentError):
        store.upsert_rows(record, table(depth_m=[1.5], soil=["x"]), keys=[], updated_by="a.meier")
    with pytest.raises(coreshed.SchemaDriftError, match="colour"):
        store.append_rows(record, table(depth_m=[1.0], soil=["x"], colour=["red"]), updated_by="a.meier")


def test_drift_is_refused_warned_of_or_let_in(store, record, log):
    narrower = log[["depth_m"]]
    with pytest.raises(coreshed.SchemaDriftError, match="soil"):
        store.update_record(record, narrower, updated_by="a.meier")
    assert store.history(record)[-1].event_type == "update_refused"
    assert "soil" in repr(store.history(record)[-1:])
    let_in = store.update_record(record, narrower, updated_by="a.meier", allow_breaking=True)
    assert let_in.drift.overridden
    assert let_in.drift.drift_class == coreshed.DriftClass.BREAKING
    warned = store.update_record(record, log[["soil"]], updated_by="a.meier", drift_policy=SchemaDriftPolicy.WARN)
    assert warned.warnings
    renamed = store.update_record(
        record, log[["soil"]].rename(columns={"soil": "strat"}), updated_by="a.meier", renames={"soil": "strat"},
        drift_policy="allow",
    )  # fmt: skip
    assert [change.kind for change in renamed.drift.changes] == ["column_renamed"]
    assert store.set_drift_policy(record, "allow", by="k.brandt").drift_policy is SchemaDriftPolicy.ALLOW
    assert store.set_drift_policy(record, None, by="k.brandt").drift_policy is None


def test_drift_between_tables_without_a_store():
    old, new = pa.schema({"a": pa.int32(), "b": pa.string()}), pa.schema({"b": pa.string(), "a": pa.int64()})
    drift = coreshed.detect_schema_drift(old, new)
    assert drift
    assert [(change.kind, change.column, change.widening) for change in drift.changes] == [
        ("column_retyped", "a", True),
        ("reordered", None, False),
    ]
    assert not coreshed.detect_schema_drift(pd.DataFrame({"a": [1]}), pd.DataFrame({"a": [2]}))
    assert coreshed.detect_schema_drift({"x": old}, {"x": old, "y": new}).drift_class == "additive"
    renamed = coreshed.detect_schema_drift(old, pa.schema({"c": pa.int32(), "b": pa.string()}), renames={"a": "c"})
    assert "renamed" in str(renamed)


def test_lists(store, log):
    for number in range(5):
        store.create_record(f"BH-{number}", log, created_by=f"user{number % 2}", attributes={"project": f"P{number % 3}"})
    store.approve_record("BH-2", approved_by="k.brandt")

    def ids(*args, **kwargs):
        return [record.record_id for record in store.list_records(*args, **kwargs)]

    assert ids() == [f"BH-{number}" for number in range(5)]
    assert ids(Status.APPROVED) == ids("approved") == ["BH-2"]
    assert ids(created_by="user1") == ["BH-1", "BH-3"]
    assert ids(attributes={"project": "P0"}) == ["BH-0", "BH-3"]
    assert ids(text="h-4") == ["BH-4"]
    assert ids(table_name="lab") == []
    assert ids(limit=2, after="BH-1") == ["BH-2", "BH-3"]
    assert ids(updated_since=datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)) == []
    with pytest.raises(coreshed.InvalidArgumentError, match="time zone"):
        ids(updated_since=datetime.datetime.now())  # noqa: DTZ005
    with pytest.raises(coreshed.InvalidArgumentError, match="finished"):
        ids("finished")


def test_attributes_and_settings(store, record):
    info = store.set_attributes(record, {"project": "P1", "area": "north"}, by="a.meier", name="Borehole 7")
    assert (info.name, info.attributes) == ("Borehole 7", {"project": "P1", "area": "north"})
    assert store.set_attributes(record, {"area": ""}, by="a.meier").attributes == {"project": "P1"}
    store.set_settings({"drift_policy": "allow"}, by="k.brandt", comment="a test")
    assert store.settings()["drift_policy"] == "allow"
    with pytest.raises(coreshed.InvalidArgumentError, match="no setting"):
        store.set_settings({"colour": "red"}, by="k.brandt")


def test_many_records_at_once(store):
    many = [(f"BH-{n}", table(n=[n]), {"attributes": {"project": f"P{n % 2}"}, "name": f"No {n}"}) for n in range(50)]
    assert {version.version for version in store.create_many(many, created_by="a.meier")} == {1}
    assert len(store.list_records(attributes={"project": "P1"})) == 25
    answers = store.update_many({"BH-1": table(n=[1]), "BH-99": table(n=[1])}, updated_by="a.meier")
    assert answers[0].version == 2
    assert isinstance(answers[1], coreshed.NotFoundError)
    again = store.create_many([("BH-1", table(n=[1])), ("BH-51", table(n=[1]))], created_by="a.meier")
    assert isinstance(again[0], coreshed.AlreadyExistsError)
    assert again[1].version == 1
    refused = store.create_many([("BH-60", table(n=[1])), ("BH-60", table(n=[1]))], created_by="a.meier")
    assert {type(answer) for answer in refused} == {coreshed.CancelledError, coreshed.InvalidArgumentError}

    def batches():
        yield table(n=[1]).to_batches()[0]
        raise LookupError("the sensor fell off")

    stream = pa.RecordBatchReader.from_batches(table(n=[1]).schema, batches())
    failed = store.create_many([("BH-70", stream), ("BH-71", table(n=[1]))], created_by="a.meier")
    assert isinstance(failed[0].__cause__, LookupError)
    assert failed[1].version == 1
    for bad in (5, [("BH-1",)], ["BH-1"], [("BH-1", table(n=[1]), {"colour": 1})], [("BH-1", 7)]):
        with pytest.raises(coreshed.InvalidArgumentError):
            store.create_many(bad, created_by="a.meier")


def test_changes_are_told_once(store, record, log):
    changes, token = store.changes()
    assert [change.record_id for change in changes] == [record]
    store.create_record("BH-8", log, created_by="a.meier")
    changes, token = store.changes(token)
    assert "BH-8" in [change.record_id for change in changes]


def test_an_event_id_makes_a_retry_safe(store, record, log):
    event_id = "0123456789abcdef" * 2
    first = store.update_record(record, log, updated_by="a.meier", event_id=event_id)
    again = store.update_record(record, log, updated_by="a.meier", event_id=uuid.UUID(event_id))
    assert first.version == again.version == 2
    assert len(store.history(record)) == 2


def test_an_unknown_outcome_is_resolved(store, record):
    event = store.history(record)[0]
    unknown = coreshed.OutcomeUnknownError(
        "Nobody knows.", {"record_id": record, "event_id": event.event_id, "base_seq": "0"}
    )
    assert store.resolve(unknown) == event
    never = coreshed.OutcomeUnknownError("Nobody knows.", {"record_id": record, "event_id": "0" * 32, "base_seq": "1"})
    assert store.resolve(never) is None
    with pytest.raises(coreshed.InvalidArgumentError, match="record_id"):
        store.resolve(coreshed.OutcomeUnknownError("made by hand"))


def test_metadata_can_be_checked_by_themselves(store, record):
    metadata = store.get_metadata(record)
    assert metadata["current_version"] == 1
    coreshed.assert_metadata_invariants(metadata)
    metadata["current_version"] = 7
    with pytest.raises(coreshed.CorruptionError, match="7"):
        coreshed.assert_metadata_invariants(metadata)
    chain = store.get_metadata(record)
    chain["history"][0]["hash"] = "0" * 64
    with pytest.raises(coreshed.CorruptionError, match="hash|chain"):
        coreshed.assert_metadata_invariants(chain)
    for bad in ({}, "", "[" * 100_000, b"\xff", '"x"', "{}"):
        with pytest.raises(coreshed.CorruptionError):
            coreshed.assert_metadata_invariants(bad)


def test_verify_and_seal(store, record, folder):
    seal = store.seal()
    report = store.verify(deep=True, seal=seal)
    assert report.ok
    assert (report.records, report.versions) == (1, 1)
    next((folder / "store" / "records").glob("BH-7/versions/*.parquet")).unlink()
    report = store.verify()
    assert not report.ok
    assert report.faults[0].record_id == record
    with pytest.raises(coreshed.Error):
        coreshed.open(folder / "store").read(record)


def test_copy_and_care(store, record, folder):
    report = store.copy(folder / "copy")
    assert report.ok
    assert report.copied == 1
    copy = coreshed.open(folder / "copy", create=False)
    assert copy.store_id == store.store_id
    assert copy.read(record).equals(store.read(record))
    assert store.copy(folder / "copy").copied == 0
    assert store.vacuum(dry_run=True, grace=0).files == 0
    assert store.repair().records == 1
    stats = store.stats()
    assert (stats.records, stats.by_status["draft"]) == (1, 1)


def test_erasure(store, record, log):
    store.update_record(record, log.head(1), updated_by="a.meier")
    erasure = store.purge(record, 1, by="k.brandt", reason="asked for")
    assert erasure.erased
    assert store.versions(record)[0].purged
    store.redact(record, [1], ["actor"], by="k.brandt", reason="asked for")
    assert store.history(record)[0].actor == ""
    with pytest.raises(coreshed.InvalidStateError, match="allow"):
        store.delete_record(record, by="k.brandt", reason="asked for")
    store.set_settings({"allow_delete": "true"}, by="k.brandt")
    assert store.delete_record(record, by="k.brandt", reason="asked for").erased
    assert store.list_records() == []
    assert [event.event_type for event in store.history(record)][-2:] == ["delete", "erased"]


def test_a_store_stays_where_it_was_opened(folder, log, monkeypatch):
    monkeypatch.chdir(folder)
    store = coreshed.open("store")
    store.create_record("BH-7", log, created_by="a.meier")
    (folder / "sub").mkdir()
    monkeypatch.chdir(folder / "sub")
    assert pickle.loads(pickle.dumps(store)).read("BH-7").equals(log)
    store._leave()  # as after a fork
    assert store.read("BH-7").equals(log)


def test_the_same_place_opened_twice(store, record, folder, log):
    other = coreshed.open(folder / "store", create=False)
    other.update_record(record, log.head(2), updated_by="b")
    assert len(store.get_latest_version(record)) == 2
    with pytest.raises(coreshed.NotFoundError):
        coreshed.open(folder / "nothing", create=False)


def test_a_lock_holds_commits_up(store, record, log, folder):
    place = folder / "store" / "records" / record
    hurried = coreshed.open(folder / "store", timeout=0.2)
    with coreshed.file_lock(place, timeout=1):
        with pytest.raises(coreshed.LockTimeoutError):
            hurried.update_record(record, log, updated_by="b")
        with pytest.raises(coreshed.FileLockTimeoutError), coreshed.file_lock(place, timeout=0.05):
            pass
    hurried.update_record(record, log, updated_by="b")
    with pytest.raises(coreshed.UnsupportedError), coreshed.file_lock("s3://bucket/x"):
        pass
    with pytest.raises(coreshed.NotFoundError), coreshed.file_lock(folder / "nowhere"):
        pass


def test_how_things_look(store, record):
    store.approve_record(record, approved_by="k.brandt", comment="<b>fine</b>\x1b[31m")
    assert repr(store.get_active_version(record)) == "<Version 1 of 'BH-7': approved, active; data 3 × 2>"
    shown = repr(store.history(record)).splitlines()
    assert shown[0].split() == ["#", "time", "(UTC)", "by", "event", "version", "about"]
    assert re.fullmatch(r"1  \d{4}-\d\d-\d\d \d\d:\d\d:\d\d  a\.meier   create   v1", shown[1])
    assert "\\x1b[31m" in shown[2]
    html = store.history(record)._repr_html_()
    assert "&lt;b&gt;fine" in html
    assert "\x1b" not in html
    assert "approved" in store.list_records()._repr_html_()
    assert "BH-7" in repr(store.list_records())
    assert repr(store.list_records("rejected")) == "[]"
    drift = coreshed.detect_schema_drift(pa.schema({"a": pa.int32()}), pa.schema({"a": pa.int64()}))
    assert "column_retyped" in drift._repr_html_()
    assert repr(store).startswith("<coreshed.Store at ")


def test_every_call_that_writes_says_who(store, log):
    """`created_by` and the like have no default, and nobody is nobody."""
    with pytest.raises(TypeError, match="created_by"):
        store.create_record("BH-7", log)
    with pytest.raises(coreshed.InvalidArgumentError, match="[Uu]ser|actor|who"):
        store.create_record("BH-7", log, created_by="")


def test_a_page_of_a_long_list_ends_with_the_rest(store):
    store.create_many([(f"BH-{n:03}", table(n=[n])) for n in range(70)], created_by="a.meier")
    assert repr(store.list_records()).splitlines()[-1] == "… and 10 more"
    assert all(a.record_id < b.record_id for a, b in itertools.pairwise(store.list_records()))
