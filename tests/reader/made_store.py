"""Stores made with the command line tool for the tests of this folder. CORESHED_CLI: the tool (else build/coreshed)."""

import os
import subprocess
from pathlib import Path

import pyarrow
import pyarrow.parquet

from read_store import check_store

ROOT = Path(__file__).resolve().parents[2]
CLI = Path(os.environ.get("CORESHED_CLI", ROOT / "build" / "coreshed"))
VERSIONS = 45
SEVERAL = "site/2 Süd"  # a record of several tables, with a name that has to be escaped


class Maker:
    """Runs the tool on one store, and keeps what it was given."""

    def __init__(self, folder):
        self.store, self.folder, self.given = folder / "store", folder, {}
        self.store.mkdir()
        self.run("init", self.store)

    def run(self, *words, code=0):
        done = run(self.store, *words)
        assert done.returncode == code, f"{words}: {done.stdout}{done.stderr}"
        return done.stdout

    def write(self, verb, record_id, *words, **tables):
        files = []
        for name, table in tables.items():
            path = self.folder / f"{len(self.given)}-{len(files)}.parquet"
            pyarrow.parquet.write_table(table, path)
            files.append(f"{name.replace('_', ' ')}={path}")
        version = max((n for id_, n in self.given if id_ == record_id), default=0) + 1
        self.given[record_id, version] = {name.replace("_", " "): table for name, table in tables.items()}
        self.run(verb, record_id, *files, "--by", "a.meier", *words)


def run(store, *words):
    environment = {**os.environ, "XDG_CACHE_HOME": str(store.parent / "cache")}
    return subprocess.run(
        [CLI, "--store", store, *map(str, words)], capture_output=True, text=True, env=environment, timeout=120
    )


def readings(salt, rows=20, flag=False):
    columns = dict(
        id=pyarrow.array(range(rows)),
        soil=[f"soil {(i + salt) % 7}" for i in range(rows)],
        depth=[None if i % 5 == 0 else i * 0.5 + salt for i in range(rows)],
    )
    if flag:
        columns["wet"] = [i % 2 == 0 for i in range(rows)]
    return pyarrow.table(columns)


def make_long_record(maker):
    """Over 256 events, so that there are pages of two levels; reviews, refusals, tags; a sealed version reviewed."""
    maker.write("create", "BH-7", "-m", "first readings", "--name", "Borehole 7", "-a", "site=HKZ1", data=readings(0))
    for n in range(2, VERSIONS + 1):
        words = ["-m", f"update {n}"] + (["--event-id", f"{n:032x}"] if n % 10 == 0 else [])
        maker.write("update", "BH-7", *words, data=readings(n % 9, 20 + n % 3, flag=n >= 40))
        if n % 4 == 0:
            verdict = (
                ["reject", "BH-7", "-m", "wrong datum"]
                if n % 8 == 0
                else ["approve", "BH-7", "--meaning", "for design"]
            )
            maker.run(*verdict, "--by", "k.brandt")
            maker.run("approve", "BH-7", "--by", "k.brandt", code=7)
        if n % 15 == 0:
            maker.run("tag", f"BH-7@v{n - 1}", f"design-{n}", "--by", "a.meier")
    for n in range(200):
        maker.run(
            "attributes", "BH-7", f"phase={n}", *(["site="] if n == 7 else []), "--by", "a.meier", "-m", "moved on"
        )
    maker.run("rollback", "BH-7", "v3", "--by", "k.brandt", "-m", "v45 was a mistake")
    maker.run("reject", "BH-7", "--by", "k.brandt", "-m", "old, and wrong too")
    maker.write("update", "BH-7", "--allow-breaking", data=readings(3))
    for n in range(20):
        maker.run("attributes", "BH-7", f"phase={n}", "--by", "a.meier")
    maker.run("approve", "BH-7", "--by", "k.brandt", "-m", "fits the logs")
    maker.write("update", "BH-7", data=readings(4, 7))
    maker.run("tag", "BH-7", "now", "--by", "a.meier")


def make_datasets(maker):
    """Uploaded files, kept; one that was split by a schema that the record is bound to from then on."""
    file, schema = maker.folder / "holes.csv", maker.folder / "holes.json"
    schema.write_text('{"tables": [{"columns": [{"name": "hole", "type": "string"}, {"name": "depth", "type": "float64", "min": 0}]}]}')
    maker.run("schema", "holes", "--file", schema, "--by", "k.brandt")
    for n, text in enumerate(("BH-7,1.5\nBH-8,3\n", "BH-7,1.5\nBH-8,-3\n", "BH-7,2\n")):
        file.write_text("hole,depth\n" + text)
        words = ["--schema", "holes", "--split"] if n == 1 else []
        maker.run("upload", file, "--overwrite", "--by", "a.meier", "-a", f"phase={n}", *words)


def make_store(folder):
    maker = Maker(folder)
    make_long_record(maker)
    maker.write("create", SEVERAL, lab=readings(1, 30), field_notes=readings(2, 10, flag=True))
    maker.write("update", SEVERAL, lab=readings(5, 31), field_notes=readings(2, 10, flag=True))
    maker.run("approve", SEVERAL, "--by", "k.brandt")
    maker.write("create", "large", data=readings(1, 60_000))
    maker.write("update", "large", data=pyarrow.concat_tables([readings(1, 60_000), readings(8, 500)]))
    maker.write("update", "large", data=pyarrow.concat_tables([readings(1, 60_000), readings(8, 500)]))  # equal
    maker.write("create", "pinned", data=readings(6))
    for n in range(16):  # its active version is sealed
        maker.run("attributes", "pinned", f"phase={n}", "--by", "a.meier")
    make_datasets(maker)
    maker.run("resolve", "nobody", "0" * 32, "0")  # makes a void record
    maker.run("settings", "review_meanings=for design|reviewed", "--by", "admin")
    maker.run("settings", "widening_is_additive=true", "--by", "admin")
    maker.run("approve", SEVERAL, "--by", "k.brandt", code=7)  # its last event is a refusal
    maker.run("seal", "-o", folder / "seal.txt")
    maker.run("tag", "BH-7@v2", "after-the-seal", "--by", "a.meier")
    maker.run("vacuum", "--grace", "0")
    return maker


def faults_of(store, seal=None):
    lines = []
    check_store(store, seal, lines.append)
    return [line for line in lines if line.startswith("fault: ")]
