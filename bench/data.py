"""The tables that every system is given, the same bytes on every run.

`python data.py FOLDER [--big-rows N] [--edits N]` writes them once as Arrow IPC files, so that Coreshed's C++ side
and the peers load the very same data. README.md beside this file describes the files for those who only read them.
"""

import argparse
import datetime
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa

SMALL_ROWS = 200
BIG_ROWS = 5_000_000
EDITS = 10
MARK = "revision"  # the column of the small table that tells one version from another
EPOCH_US = 1_735_689_600_000_000  # 2025-01-01T00:00:00Z


class Edit(NamedTuple):
    """A correction of the big table: `changed` replaces the rows from `offset` on, `appended` goes behind the last."""

    offset: int
    changed: pa.Table
    appended: pa.Table


def with_nulls(rng, values, share, type):
    mask = rng.random(len(values)) < share
    return pa.array(values, type=type, mask=mask)


def small_table() -> pa.Table:
    """A record as people keep them: 200 rows x 12 mixed columns, five of them with nulls."""
    rng = np.random.default_rng(11)
    rows = SMALL_ROWS
    depth = np.round(np.cumsum(rng.uniform(0.05, 0.6, rows)), 2)
    logged = EPOCH_US + np.cumsum(rng.integers(30_000_000, 900_000_000, rows))
    days = np.array([datetime.date(2025, 1, 1) + datetime.timedelta(int(d)) for d in rng.integers(0, 90, rows)])
    soils = np.array(["CLAY", "SILT", "SAND", "GRAVEL", "PEAT", "CHALK"])
    crews = np.array(["north", "south", "night shift"])
    return pa.table({
        MARK: pa.array(np.zeros(rows, np.int64)),
        "depth_m": pa.array(depth),
        "sample_no": pa.array(np.arange(1, rows + 1, dtype=np.int32)),
        "blow_count": with_nulls(rng, rng.integers(0, 60, rows), 0.1, pa.int64()),
        "soil": pa.array(soils[rng.integers(0, len(soils), rows)]),
        "crew": with_nulls(rng, crews[rng.integers(0, len(crews), rows)], 0.05, pa.string()),
        "sample_key": pa.array([f"BH07-{rng.integers(0, 2**40):010x}" for _ in range(rows)]),
        "remark": with_nulls(rng, np.array([f"checked by hand at {d:.2f} m" for d in depth]), 0.3, pa.string()),
        "water_content": with_nulls(rng, rng.normal(24, 6, rows), 0.1, pa.float64()),
        "logged_at": pa.array(logged, type=pa.timestamp("us")),
        "tested_on": with_nulls(rng, days, 0.2, pa.date32()),
        "disturbed": pa.array(rng.random(rows) < 0.25),
    })


def small_version(base: pa.Table, version: int) -> pa.Table:
    """Version `version` of the small table: 0 everywhere in `revision`, but the number in its first row.

    No two versions are equal, so no system can answer an update with what it stored before.
    """
    marks = np.zeros(base.num_rows, np.int64)
    marks[0] = version
    return base.set_column(0, MARK, pa.array(marks))


def mark_of(table: pa.Table) -> int:
    """The number that `small_version` was given."""
    return max(table.column(MARK).to_pylist())  # max and not the first: not every peer keeps the order of rows


def keys(rng, rows):
    """`SAMPLE25` and 12 random digits: 20 bytes a row, unique for all purposes, made without a Python loop."""
    digits = np.frombuffer(b"0123456789abcdef", np.uint8)
    letters = np.empty((rows, 20), np.uint8)
    letters[:, :8] = np.frombuffer(b"SAMPLE25", np.uint8)
    letters[:, 8:] = digits[rng.integers(0, 16, (rows, 12), dtype=np.uint8)]
    offsets = pa.py_buffer(np.arange(0, 20 * (rows + 1), 20, dtype=np.int32))
    return pa.StringArray.from_buffers(rows, offsets, pa.py_buffer(letters))


def choice(rng, values, rows):
    picks = pa.array(rng.integers(0, len(values), rows, dtype=np.int32))
    return pa.DictionaryArray.from_arrays(picks, pa.array(values)).dictionary_decode()


def measurements(seed, first_id, rows, z_start) -> pa.Table:
    rng = np.random.default_rng(seed)
    ids = np.arange(first_id, first_id + rows, dtype=np.int64)
    return pa.table({
        "id": pa.array(ids),
        "region": choice(rng, ["N", "NE", "E", "SE", "S", "SW", "W", "NW"], rows),
        "status": choice(rng, ["new", "open", "done", "void", "bad"], rows),
        "key": keys(rng, rows),
        "x": pa.array(rng.normal(0.0, 1.0, rows)),
        "y": pa.array(np.round(rng.uniform(0.0, 1000.0, rows), 2)),
        "z": pa.array(z_start + np.cumsum(rng.uniform(0.0, 0.01, rows))),
        "ts": pa.array(EPOCH_US + ids * 1_000_000, type=pa.timestamp("us")),
    })


def big_table(rows=BIG_ROWS) -> pa.Table:
    """8 columns, 77 bytes a row in memory: 385 MB at 5 million rows."""
    return measurements(23, 0, rows, 0.0)


def edit(big: pa.Table, i: int) -> Edit:
    """Edit `i` (from 1): 0.1 % of the rows of `big` in one block, and 0.1 % more behind what edit i-1 left."""
    rows = big.num_rows
    count = max(1, rows // 1000)
    rng = np.random.default_rng(1000 + i)
    offset = int(rng.integers(0, rows - count))
    old = big.slice(offset, count)
    fresh = measurements(2000 + i, 0, count, 0.0)
    changed = old
    for name in ("status", "x", "y"):
        changed = changed.set_column(old.schema.get_field_index(name), name, fresh.column(name))
    last_z = big.column("z")[rows - 1].as_py()
    appended = measurements(3000 + i, rows + (i - 1) * count, count, last_z + i)
    return Edit(offset, changed, appended)


def apply_edit(table: pa.Table, change: Edit) -> pa.Table:
    """The whole corrected table, in one piece, as a caller would hand it in."""
    end = change.offset + change.changed.num_rows
    pieces = [table.slice(0, change.offset), change.changed, table.slice(end), change.appended]
    return pa.concat_tables(pieces).combine_chunks()


def save(path, tables, metadata=None):
    """One record batch for each of `tables`."""
    schema = tables[0].schema.with_metadata(metadata)
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, schema) as writer:
        for table in tables:
            whole = table.replace_schema_metadata(metadata).combine_chunks()
            writer.write_table(whole, max_chunksize=max(1, whole.num_rows))


def load(path) -> pa.Table:
    """Read into memory, not mapped: page faults on first touch would be counted as the system's time."""
    with pa.OSFile(str(path), "rb") as source:
        return pa.ipc.open_file(source).read_all()


def load_edit(path) -> Edit:
    with pa.OSFile(str(path), "rb") as source:
        reader = pa.ipc.open_file(source)
        changed, appended = (pa.Table.from_batches([reader.get_batch(i)]) for i in (0, 1))
    bare = [table.replace_schema_metadata(None) for table in (changed, appended)]
    return Edit(int(reader.schema.metadata[b"offset"]), *bare)


def write_all(folder: Path, big_rows: int, edits: int):
    folder.mkdir(parents=True, exist_ok=True)
    save(folder / "small.arrow", [small_table()])
    if not big_rows:
        return
    big = big_table(big_rows)
    save(folder / "big.arrow", [big])
    for i in range(1, edits + 1):
        change = edit(big, i)
        save(folder / f"big_edit_{i:02}.arrow", [change.changed, change.appended], {"offset": str(change.offset)})


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--big-rows", type=int, default=BIG_ROWS, help="0: only the small table")
    arguments.add_argument("--edits", type=int, default=EDITS)
    options = arguments.parse_args()
    write_all(options.folder, options.big_rows, options.edits)


if __name__ == "__main__":
    sys.exit(main())
