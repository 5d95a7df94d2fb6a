"""An older store, imported by the tool and read by the reader of this folder; what spec/import.md says of its events is
worked out here once more."""

import json
import re

import pyarrow
import pyarrow.parquet
import pytest

from made_store import Maker
from read_store import Record, canonical, check_store, sha256

VERSIONS = 30


def older_store(folder):
    """A record of many versions: every third one is approved, every fifth rejected, and twice somebody went back."""
    versions = folder / "records" / "BH-7" / "versions"
    versions.mkdir(parents=True)
    history, clock = [], iter(range(10**6))

    def tell(event_type, version, user, **more):
        at = next(clock)
        timestamp = f"2024-03-01T{at // 3600:02}:{at // 60 % 60:02}:{at % 60:02}.000000Z"
        history.append({"event_type": event_type, "version": version, "user_id": user, "timestamp": timestamp, **more})

    for version in range(1, VERSIONS + 1):
        table = pyarrow.table({"n": pyarrow.array(range(version)), "soil": [f"clay {version % 4}"] * version})
        pyarrow.parquet.write_table(table, versions / f"v{version}.parquet")
        tell("update" if version > 1 else "create", version, "m.sato", comment=f"number {version}")
        if version % 3 == 0:
            tell("approve", version, "r.lind")
        elif version % 5 == 0:
            tell("reject", version, "r.lind", comment="not yet")
        if version in (7, 21):
            tell("rollback", version - 4, "r.lind")
    metadata = {"record_id": "BH-7", "table_name": "log", "current_version": VERSIONS, "history": history}
    (folder / "records" / "BH-7" / "metadata.json").write_text(json.dumps(metadata))
    return history


@pytest.fixture
def imported(tmp_path):
    history = older_store(tmp_path / "old")
    maker = Maker(tmp_path)
    maker.run("import", tmp_path / "old", "--by", "k.brandt")
    return maker, history


def test_the_reader_finds_no_fault(imported, tmp_path):
    maker, history = imported
    assert check_store(maker.store, deep=True) == 0
    record = Record(maker.store, "BH-7")
    record.check()
    assert record.seq == len(history) > 32  # sealed twice on the way
    assert "no faults" in maker.run("verify", "--deep")
    for version in (1, 17, VERSIONS):
        written = pyarrow.parquet.read_table(tmp_path / f"old/records/BH-7/versions/v{version}.parquet")
        maker.run("read", f"BH-7@v{version}", "-o", tmp_path / f"{version}.parquet")
        assert pyarrow.parquet.read_table(tmp_path / f"{version}.parquet").equals(written)


def test_every_event_is_what_the_page_says(imported):
    maker, history = imported
    events = json.loads(maker.run("log", "BH-7", "--json"))
    events = events["events"] if isinstance(events, dict) else events
    for position, (event, told) in enumerate(zip(events, history, strict=True), 1):
        facts = ["coreshed import 1", "BH-7", position, told["event_type"], told["version"], told["timestamp"]]
        assert event["event_id"] == sha256(canonical(facts))[:32]
        assert (event["event_type"], event["version"]) == (told["event_type"], told["version"])
        assert (event["time"], event["actor"]) == (told["timestamp"], told["user_id"])
        assert re.fullmatch(r"20\d\d-.*Z", event["details"]["imported_at"])
        assert "told_at" not in event["details"]
