"""What mypy --strict makes of a program that uses Coreshed; test_package.py asks it."""

from datetime import datetime

import coreshed


def readings(store: coreshed.Store, record_id: str) -> list[str]:
    version: coreshed.Version = store.create_record(record_id, {"depth_m": [1.0]}, created_by="a.meier")
    store.approve_record(record_id, approved_by="k.brandt", version=version.version, meaning="reviewed")
    try:
        store.update_record(record_id, None, updated_by="a.meier", drift_policy=coreshed.SchemaDriftPolicy.WARN)
        store.append_rows(record_id, None, updated_by="a.meier", schema="depths")
    except coreshed.SchemaDriftError as error:
        print(error.fields.get("record_id"), error.message)
    told: list[str] = []
    with coreshed.file_lock("records/BH-7", timeout=1.0):
        report = store.verify(deep=True, progress=lambda phase, fraction, message: told.append(phase))
    when: datetime = store.history(record_id)[0].time
    changes, token = store.changes(None)
    rows: int = sum(record.rows for record in store.list_records(coreshed.Status.APPROVED))
    return [fault.message for fault in report.faults] + [str(when), token, str(rows), *(c.record_id for c in changes)]


active: coreshed.Version | None = coreshed.open("store").get_active_version("BH-7")
numbers: list[int] = coreshed.open("store", timeout=5).get_all_versions("BH-7")
drift: coreshed.Drift = coreshed.detect_schema_drift({}, {}, renames={"a": "b"})
kinds: list[str] = [change.kind for change in drift.changes]
