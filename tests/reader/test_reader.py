"""Stores that the library wrote, read by the script that was written from the pages alone; and the pages' examples."""

import json
import re
import subprocess
import sys

import read_store
from blake3_plain import blake3
from made_store import ROOT, VERSIONS
from read_store import Record, canonical, escape, sha256, unescape
from type_names import stored_columns


# ---------------------------------------------------------------- whole stores
def test_reads_a_whole_store(made):
    done = subprocess.run(
        [sys.executable, ROOT / "tests/reader/read_store.py", made.store, "--deep", "--seal", made.folder / "seal.txt"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"BH-7: live, version {VERSIONS + 2} of {VERSIONS + 2} active" in done.stdout
    assert "7 records" in done.stdout and done.stdout.endswith(", 0 faults\n")
    assert "no faults" in made.run("verify", "--deep", "--seal", made.folder / "seal.txt")


def test_the_store_has_what_it_is_to_show(made):
    record = Record(made.store, "BH-7")
    record.check()
    assert record.seq > 16 * 16 and {ref["level"] for ref in record.meta["pages"]} >= {0, 1}
    old = record.sealed[3][0]
    assert old["status"] == "rejected" and 3 not in [entry["version"] for entry in record.meta["versions"]]
    assert len(record.sealed) >= VERSIONS


def test_gives_the_rows_that_were_written(made):
    records = {}
    for (record_id, version), tables in made.given.items():
        record = records.setdefault(record_id, Record(made.store, record_id))
        if not record.seq:
            record.check()
        entry, schemas = record.entries[version]
        assert sorted(entry["tables"]) == sorted(tables)
        for name, table in tables.items():
            stored = entry["tables"][name]
            read = record.read_table(stored, stored_columns(schemas[stored["schema"]]), name)
            assert read.equals(table), f"{record_id} version {version}, {name}"


def test_parts_are_shared(made):
    record = Record(made.store, "large")
    record.check()
    first, second = (record.entries[n][0]["tables"]["data"] for n in (1, 2))
    assert {f["name"] for f in first["files"]} & {f["name"] for f in second["files"]}


# ---------------------------------------------------------------- the pages' own examples
FORMAT = (ROOT / "spec/format.md").read_text()


def test_escaping_as_in_the_page():
    rows = re.findall(
        r"^\| `(.+?)` \| `(.+?)` \|$", FORMAT[FORMAT.index("| id | segment |") : FORMAT.index("On S3 keys")], re.M
    )
    assert len(rows) > 10
    for name, segment in rows:
        assert escape(name) == segment and unescape(segment) == name
    for segment in ("a b", "%2", "%2e", "%zz", ".hidden", "a%41", "", "%FF"):
        assert unescape(segment) is None


def test_the_pages_example_holds():
    text = FORMAT[FORMAT.index("### An example") :]
    meta = json.loads(re.search(r"```json\n(.*?)```", text, re.S).group(1))
    record = Record.__new__(Record)
    record.id, record.meta, record.folder = meta["record_id"], meta, None
    record.seq, record.hash, record.time, record.events, record.sealed = (
        0,
        sha256("coreshed record " + meta["record_id"]),
        "",
        [],
        {},
    )
    record.check_metadata()
    for event in meta["history"]:
        record.take_event(event)
    assert record.hash == meta["head"]["hash"]
    record.entries = {entry["version"]: (entry, meta["schemas"]) for entry in meta["versions"]}
    record.replay()
    for entry in meta["versions"]:
        exact = []
        for name, table in sorted(entry["tables"].items()):
            columns = stored_columns(meta["schemas"][table["schema"]])
            assert sha256(canonical(sorted(columns))) == table["fingerprint"]
            exact.append([name, [list(column) for column in columns], table["rows"], table["exact_hash"]])
            assert read_store.duplicate_hash(table, columns, "") == entry["duplicate_hash"]
        assert sha256(canonical(["coreshed version 1", exact])) == entry["exact_hash"]


def test_schemas_that_differ_little_as_in_the_page():
    page = (ROOT / "spec/schema.md").read_text()
    text = page[page.index("### Schemas that differ little") :]
    stored = json.loads(re.search(r"^    (\{\"8.*?\}\})$", text, re.S | re.M).group(1))
    rows = {key: schema["metadata"] for key, schema in read_store.written_out(stored).items()}
    assert rows == {"a7b355f09f1421e3": [["rows", "3"]], "893ec53a05faa040": [["rows", "12"]]}
    assert sorted(rows) == sorted(sha256(canonical(schema))[:16] for schema in read_store.written_out(stored).values())


def test_settings_as_in_the_page(made):
    rows = re.findall(
        r"^\| `(\w+)` \| .* \| (.+?) \|$", FORMAT[FORMAT.index("## 12. Settings") : FORMAT.index("## 13.")], re.M
    )
    record = Record(made.store, "_store")
    record.check()
    entry, schemas = next(one for one in record.entries.values() if "settings" in one[0]["tables"])
    table = entry["tables"]["settings"]
    stored = record.read_table(table, stored_columns(schemas[table["schema"]]), "settings").to_pydict()
    assert stored["key"] == sorted(key for key, _ in rows)
    values = dict(zip(stored["key"], stored["value"]), review_meanings="")
    assert values == {key: value.strip("`").replace("empty", "") for key, value in rows}


def test_blake3():
    assert blake3(b"").hex() == "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262"
    assert blake3(b"abc").hex() == "6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85"
    counted = bytes(i % 251 for i in range(31744))
    assert blake3(counted[:1025]).hex() == "d00278ae47eb27b34faecf67b4fe263f82d5412916c1ffd97c8cb7fb814b8444"
    assert blake3(counted).hex() == "62b6960e1a44bcc1eb1a611a8d6235b6b4b78f32e7abc4fb4c6cdcce94895c47"
