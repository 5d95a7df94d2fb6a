"""What every peer's process does: take a work's name and a folder, do the work, print one line of JSON.

The works, files and keys are those of ../README.md, of which `bench_coreshed` implements some from C++. A peer is
a subclass of `Peer` with the six calls that differ from system to system; all timing is here, so that it is the same
for all of them.
"""

import argparse
import importlib.metadata
import json
import os
import random
import sys
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.dataset  # noqa: F401  (loaded at the first read otherwise, and counted by cold_read)
import pyarrow.parquet  # noqa: F401

import data

clock = time.perf_counter
YOUNG_VERSIONS = 15  # many_versions calls a record young while it has 6 to 15 versions
SAMPLES = 10
PAIRS = 5


class Conflict(Exception):
    """Another writer was first; nothing was changed and the caller may try again."""


class Unsupported(Exception):
    """The system can't do this work; the text says why."""


class Peer:
    """One record (one table with a history) in a folder of its own. Versions are numbered from 1."""

    name = ""
    durable = "no"  # what of a commit is synced: "yes" (all), "catalog" (metadata only) or "no"
    packages = ("pyarrow",)

    @classmethod
    def load(cls):
        """Loads libraries that an import does not; before the clock runs."""

    def __init__(self, folder: Path, shared=False):
        """Opens what is in `folder`, or makes it. `shared`: several processes are going to write."""

    def create(self, table):
        raise NotImplementedError

    def update(self, table):
        """Puts `table` in the place of the latest version. Raises Conflict when another writer was first."""
        raise NotImplementedError

    def upsert(self, table, key):
        """Puts rows in the place of those with the same value in the column `key`, and the others behind them."""
        raise Unsupported("it has no partial writes")

    def read_latest(self):
        """The latest version by anyone, as a pyarrow table: the storage is asked, not this process's memory."""
        raise NotImplementedError

    def read_version(self, number):
        raise NotImplementedError

    def read_again(self, number):
        """Like `read_version`, of what was just read. A system that keeps it in memory would say so here."""
        return self.read_version(number)

    def versions(self):
        """The numbers of all versions there are."""
        raise NotImplementedError

    def refresh(self):
        """Looks at what other processes committed."""

    def close(self):
        pass


def timed(call, *arguments):
    start = clock()
    result = call(*arguments)
    return clock() - start, result


def timed_read(call, mark, *arguments):
    """Also checks what was read: a fast answer that is wrong must not become a figure."""
    seconds, table = timed(call, *arguments)
    if table.num_rows != data.SMALL_ROWS or data.mark_of(table) != mark:
        raise AssertionError(f"expected version {mark}, got version {data.mark_of(table)} of {table.num_rows} rows")
    return seconds


class Peak:
    """Memory of this process at its peak within the block, above what it was at its beginning; in bytes."""

    def __enter__(self):
        Path("/proc/self/clear_refs").write_text("5")  # forgets the peak so far
        self.before = self.value("VmRSS")
        return self

    def __exit__(self, *_):
        self.bytes = self.value("VmHWM") - self.before

    @staticmethod
    def value(name):
        status = Path("/proc/self/status").read_text()
        return next(int(line.split()[1]) << 10 for line in status.splitlines() if line.startswith(name))


def small(options):
    return data.load(options.data / "small.arrow")


def disk_bytes(folder):
    """What the files hold; a file under two names counts once."""
    entries = (os.lstat(os.path.join(root, name)) for root, _, names in os.walk(folder) for name in names)
    return sum({(entry.st_dev, entry.st_ino): entry.st_size for entry in entries}.values())


def small_update(system, options):
    tables = [data.small_version(small(options), v) for v in range(1, options.versions + 1)]
    peer = system(options.folder)
    create, _ = timed(peer.create, tables[0])
    updates = [timed(peer.update, table)[0] for table in tables[1:]]
    peer.close()
    return {"create_s": create, "update_s": updates}


def prepare(system, options):
    base = small(options)
    peer = system(options.folder, options.shared)
    peer.create(data.small_version(base, 1))
    for version in range(2, options.versions + 1):
        peer.update(data.small_version(base, version))
    peer.close()
    return {"record_versions": options.versions}


def small_read(system, options):
    peer = system(options.folder)
    timings = {"latest_s": [], "v50_s": [], "again_s": []}
    for _ in range(options.rounds):
        timings["latest_s"].append(timed_read(peer.read_latest, options.versions))
        timings["v50_s"].append(timed_read(peer.read_version, 50, 50))
        timings["again_s"].append(timed_read(peer.read_again, 50, 50))
    peer.close()
    return timings


def cold_read(system, options):
    system.load()
    seconds = timed_read(lambda: system(options.folder).read_latest(), options.versions)
    return {"open_read_s": seconds}


def commit(system, options):
    """For counting system calls: so many commits and nothing else."""
    base = small(options)
    peer = system(options.folder)
    tables = [data.small_version(base, options.worker * 1_000_000 + i) for i in range(1, options.commits + 1)]
    updates = [timed(peer.update, table)[0] for table in tables]
    peer.close()
    return {"update_s": updates}


def big_write(system, options):
    table = data.load(options.data / "big.arrow")
    peer = system(options.folder)
    with Peak() as peak:
        seconds, _ = timed(peer.create, table)
    peer.close()
    return {
        "write_s": seconds,
        "memory_bytes": table.nbytes,
        "disk_bytes": disk_bytes(options.folder),
        "write_peak_bytes": peak.bytes,
    }


def big_read(system, options):
    peer = system(options.folder)
    reads, peaks = [], []
    for _ in range(options.rounds):
        with Peak() as peak:
            seconds, table = timed(peer.read_latest)
        peaks.append(peak.bytes)
        rows, memory_bytes = table.num_rows, table.nbytes
        del table  # freed outside the clock, and before the next one needs room
        reads.append(seconds)
    peer.close()
    return {"read_s": reads, "rows": rows, "memory_bytes": memory_bytes, "read_peak_bytes": peaks[0]}


def big_update(system, options):
    table = data.load(options.data / "big.arrow")
    peer = system(options.folder)
    create, _ = timed(peer.create, table)
    first_bytes = disk_bytes(options.folder)
    updates, stop = [], clock() + options.seconds
    for path in sorted(options.data.glob("big_edit_*.arrow")):
        if clock() > stop:
            break
        table = data.apply_edit(table, data.load_edit(path))
        updates.append(timed(peer.update, table)[0])
    peer.close()
    return {
        "create_s": create,
        "update_s": updates,
        "first_bytes": first_bytes,
        "disk_bytes": disk_bytes(options.folder),
    }


def partial_update(system, options):
    table = data.load(options.data / "big.arrow")
    peer = system(options.folder)
    peer.create(table)
    rows = table.num_rows
    fresh, updates, stop = [timed(peer.read_latest)[0] for _ in range(options.rounds)], [], clock() + options.seconds
    for path in sorted(options.data.glob("big_edit_*.arrow")):
        if clock() > stop:
            break
        edit = data.load_edit(path)
        handed_in = pa.concat_tables([edit.changed, edit.appended]).combine_chunks()
        updates.append(timed(peer.upsert, handed_in, "id")[0])
        rows += edit.appended.num_rows
    reads = []
    for _ in range(options.rounds):
        seconds, table = timed(peer.read_latest)
        if table.num_rows != rows:
            raise AssertionError(f"expected {rows} rows, got {table.num_rows}")
        reads.append(seconds)
    peer.close()
    return {"update_s": updates, "fresh_read_s": fresh, "read_s": reads, "disk_bytes": disk_bytes(options.folder)}


def grow(peer, base, first, last, stop=float("inf")):
    """Commits versions first..last, or as many as there is time for; returns the last one and the seconds of each."""
    seconds = []
    for version in range(first, last + 1):
        if clock() > stop:
            return version - 1, seconds
        table = data.small_version(base, version)
        seconds.append(timed(peer.create if version == 1 else peer.update, table)[0])
    return last, seconds


def sample(peer, base, version, timings, age, commits):
    timings[f"{age}_commit_s"] += commits
    for _ in range(SAMPLES):
        timings[f"{age}_latest_s"].append(timed_read(peer.read_latest, version))
        timings[f"{age}_v5_s"].append(timed_read(peer.read_version, 5, 5))


def many_versions(system, options):
    """The old record and young ones are measured in turns at the end, so that both see the same noise."""
    base = small(options)
    old = system(options.folder / "old")
    reached, _ = grow(old, base, 1, options.versions, clock() + options.seconds)
    timings = {f"{age}_{what}_s": [] for age in ("young", "old") for what in ("commit", "latest", "v5")}
    for turn in range(PAIRS):
        young = system(options.folder / f"young{turn}")
        last, seconds = grow(young, base, 1, YOUNG_VERSIONS)
        sample(young, base, last, timings, "young", seconds[-SAMPLES:])
        young.close()
        reached, seconds = grow(old, base, reached + 1, reached + SAMPLES)
        sample(old, base, reached, timings, "old", seconds)
    old.close()
    return {**timings, "old_versions": reached}


def contend(system, options):
    base = small(options)
    peer = system(options.folder, shared=True)
    answer = {"acknowledged": [], "conflicts": 0}
    print("ready", flush=True)
    sys.stdin.readline()
    answer["begin_unix_s"] = time.time()
    try:
        compete(peer, base, options, clock() + options.seconds, answer)
    except Exception as reason:  # of any library: what was acknowledged before still has to be there
        answer["error"] = f"{type(reason).__name__}: {reason}"
    answer["end_unix_s"] = time.time()
    return answer


def compete(peer, base, options, stop, answer):
    for update in range(1, options.updates + 1):
        mark = options.worker * 1_000_000 + update
        table = data.small_version(base, mark)
        while clock() < stop:
            try:
                peer.refresh()
                peer.update(table)
                answer["acknowledged"].append(mark)
                break
            except Conflict:
                answer["conflicts"] += 1
                time.sleep(random.uniform(0, 0.002))  # so that two writers don't meet again in step


def contend_check(system, options):
    peer = system(options.folder, shared=True)
    marks, unreadable = [], 0
    for number in peer.versions():
        try:
            marks.append(data.mark_of(peer.read_version(number)))
        except Exception:  # of any library: two writers may have spoilt one file, and what was in it is lost
            unreadable += 1
    return {"marks": marks, "unreadable": unreadable}


WORKS = {
    work.__name__: work
    for work in (
        small_update, prepare, small_read, cold_read, commit, big_write, big_read, big_update, partial_update,
        many_versions, contend, contend_check,
    )
}  # fmt: skip


def parse(works):
    arguments = argparse.ArgumentParser(description="One work of the benchmarks; see bench/README.md.")
    arguments.add_argument("work", choices=works)
    arguments.add_argument("folder", type=lambda text: Path(text).resolve())
    arguments.add_argument("--data", type=Path, required=True)
    arguments.add_argument("--shared", action="store_true")
    for option, default in (
        ("rounds", 3), ("versions", 100), ("commits", 1), ("worker", 0), ("updates", 200), ("records", 1000),
        ("workers", 1),
    ):  # fmt: skip
        arguments.add_argument(f"--{option}", type=int, default=default)
    arguments.add_argument("--seconds", type=float, default=60.0)
    return arguments.parse_args()


def run(system, more_works=None):
    works = {**WORKS, **(more_works or {})}
    options = parse(works)
    options.folder.mkdir(parents=True, exist_ok=True)
    packages = {package: importlib.metadata.version(package) for package in system.packages}
    answer = {"system": system.name, "work": options.work, "durable": system.durable, "packages": packages}
    try:
        answer.update(works[options.work](system, options))
    except Unsupported as reason:
        answer["unsupported"] = str(reason)
    print(json.dumps(answer), flush=True)
    os._exit(0)  # not a return: threads that some libraries leave behind abort the process on the way out
