"""The works: what is run, how often and in which order. Each gives, for every system, an Entry to make figures of."""

import os
import re
import shutil
import statistics
import subprocess
from dataclasses import dataclass, field

import systems
from systems import CORESHED, CPP, Failed

SYNC_CALLS = ("fsync", "fdatasync", "syncfs", "sync")  # sync_file_range is only asked to begin writing
WRITERS = 8
LISTING_SYSTEMS = (CORESHED, "plain")  # the others have no catalog of 100,000 tables to ask


@dataclass(frozen=True)
class Sizes:
    big_rows: int = 5_000_000
    edits: int = 10
    versions: int = 100
    small_rounds: int = 3
    read_samples: int = 100
    cold_rounds: int = 7
    big_rounds: int = 3
    old_versions: int = 10_000
    old_seconds: float = 150.0
    updates: int = 200
    contention_seconds: float = 60.0
    early_records: int = 1_000
    records: int = 100_000
    record_reads: int = 30
    timeout: float = 900.0


QUICK = Sizes(
    big_rows=200_000, edits=3, versions=60, small_rounds=2, read_samples=20, cold_rounds=3, big_rounds=2,
    old_versions=200, old_seconds=10.0, updates=20, contention_seconds=15.0, early_records=500, records=5_000,
    timeout=180.0,
)  # fmt: skip


@dataclass
class Entry:
    """What one system did in one work: samples in seconds by key, everything else it said, or why there is nothing."""

    samples: dict = field(default_factory=dict)
    facts: dict = field(default_factory=dict)
    failed: str = ""

    def add(self, answer):
        for key, value in answer.items():
            if key.endswith("_s") and not key.endswith("unix_s"):
                self.samples.setdefault(key, []).extend(value if isinstance(value, list) else [value])
            else:
                self.facts[key] = value

    def median(self, key):
        values = self.samples.get(key)
        return statistics.median(values) if values and not self.failed else None

    def least(self, key):
        values = self.samples.get(key)
        return min(values) if values and not self.failed else None


class Bench:
    def __init__(self, workspace, all_systems, sizes, log):
        self.workspace, self.systems, self.sizes, self.log = workspace, all_systems, sizes, log
        self.place = "here"
        self.prepared = {}
        self.syncs = {}

    def fresh(self, system):
        return self.workspace.fresh(self.place, system.name)

    def command(self, system, work, folder, **options):
        return [*system.command, work, str(folder), "--data", str(self.workspace.data), *systems.options_of(options)]

    def call(self, system, work, folder, **options):
        os.sync()  # or one system's late writes would be another's noise
        command = self.command(system, work, folder, **options)
        return systems.call(command, self.workspace.environment(), self.sizes.timeout)

    def rounds(self, count, step, only=None):
        """Runs `step` for each system in turn, `count` times over. One that fails is left out of later rounds."""
        takes_part = [system for system in self.systems if system.name != CPP or CPP in (only or ())]
        entries = {system.name: Entry(failed=system.missing) for system in takes_part}
        for turn in range(count):
            first = turn % len(takes_part)  # being first in a round costs time: each takes its turn at that
            for system in takes_part[first:] + takes_part[:first]:
                entry = entries[system.name]
                if only and system.name not in only:
                    entry.failed = "not measured in this work"
                if not entry.failed:
                    self.log(f"  round {turn + 1} of {count}: {system.name}")
                    try:
                        entry.add(step(system))
                    except Failed as reason:
                        entry.failed = str(reason)
        return entries

    def record(self, system):
        """A record with some versions that several works read; none of them may write to it."""
        key = (self.place, system.name)
        if key not in self.prepared:
            self.prepared[key] = self.fresh(system)
            self.call(system, "prepare", self.prepared[key], versions=self.sizes.versions)
        return self.prepared[key]


def small_update(bench):
    return bench.rounds(
        bench.sizes.small_rounds,
        lambda system: bench.call(system, "small_update", bench.fresh(system), versions=bench.sizes.versions)
    )


def small_read(bench):
    return bench.rounds(
        bench.sizes.small_rounds,
        lambda system: bench.call(
            system, "small_read", bench.record(system), versions=bench.sizes.versions, rounds=bench.sizes.read_samples
        )
    )


def cold_read(bench):
    return bench.rounds(
        bench.sizes.cold_rounds,
        lambda system: bench.call(system, "cold_read", bench.record(system), versions=bench.sizes.versions)
    )


def python_cost(bench):
    """In memory, where no disk hides what Python adds to a call."""

    def step(system):
        folder = bench.workspace.fresh("memory", system.name)
        updated = bench.call(system, "small_update", folder, versions=bench.sizes.versions)
        read = bench.call(
            system, "small_read", folder, versions=bench.sizes.versions, rounds=bench.sizes.read_samples
        )
        return {**read, **updated}

    return bench.rounds(bench.sizes.small_rounds, step, only=(CORESHED, CPP))


def big_write(bench):
    def step(system):
        folder = bench.fresh(system)
        written = bench.call(system, "big_write", folder)
        return {**bench.call(system, "big_read", folder, rounds=3), **written}

    return bench.rounds(bench.sizes.big_rounds, step)


def big_update(bench):
    seconds = bench.sizes.timeout / 3
    return bench.rounds(1, lambda system: bench.call(system, "big_update", bench.fresh(system), seconds=seconds))


def partial_update(bench):
    seconds = bench.sizes.timeout / 3
    return bench.rounds(
        1, lambda system: bench.call(system, "partial_update", bench.fresh(system), seconds=seconds, rounds=3)
    )


def many_versions(bench):
    options = {"versions": bench.sizes.old_versions, "seconds": bench.sizes.old_seconds}
    return bench.rounds(1, lambda system: bench.call(system, "many_versions", bench.fresh(system), **options))


def contention(bench):
    return bench.rounds(1, lambda system: contend(bench, system))


def contend(bench, system):
    """What was acknowledged is looked for in the versions that are there afterwards."""
    folder, seconds = bench.fresh(system), bench.sizes.contention_seconds
    bench.call(system, "prepare", folder, versions=1, shared=True)
    commands = [
        bench.command(system, "contend", folder, worker=w, updates=bench.sizes.updates, seconds=seconds, shared=True)
        for w in range(1, WRITERS + 1)
    ]
    answers = systems.call_together(commands, bench.workspace.environment(), seconds * 2 + 60)
    done = [answer for answer in answers if isinstance(answer, dict)]
    if not done:
        raise answers[0]
    reasons = [answer["error"] if isinstance(answer, dict) else str(answer) for answer in answers if failed(answer)]
    for reason in sorted(set(reasons)):
        bench.log(f"  a writer of {system.name} failed: {reason[:200]}")
    acknowledged = {mark for answer in done for mark in answer["acknowledged"]}
    elapsed = max(answer["end_unix_s"] for answer in done) - min(answer["begin_unix_s"] for answer in done)
    there = bench.call(system, "contend_check", folder, shared=True)
    return {
        "durable": there.get("durable"),
        "packages": there.get("packages"),
        "acknowledged": len(acknowledged),
        "lost": len(acknowledged - set(there["marks"])),
        "unreadable": there["unreadable"],
        "conflicts": sum(answer["conflicts"] for answer in done),
        "updates_per_second": len(acknowledged) / elapsed,
        "writers_failed": len(reasons),
        "reasons": reasons,
    }


def failed(answer):
    return not isinstance(answer, dict) or "error" in answer


def many_records(bench):
    def step(system):
        early = many(bench, system, bench.sizes.early_records)
        late = many(bench, system, bench.sizes.records)
        return {**{f"early_{key}": value for key, value in early.items() if key.endswith("_s")}, **late}

    return bench.rounds(1, step, only=LISTING_SYSTEMS)


def many(bench, system, records):
    folder = bench.fresh(system)
    made = bench.call(system, "many_records", folder, records=records)
    read = bench.call(system, "many_records_read", folder, records=records, rounds=bench.sizes.record_reads)
    return {**made, **read}


WORKS = {
    work.__name__: work
    for work in (
        small_update, small_read, cold_read, python_cost, contention, many_versions, many_records, big_write, big_update,
        partial_update,
    )
}  # fmt: skip
ON_LOOP = ("small_update", "contention")  # where what a sync costs is most of it


def count_syncs(bench):
    """Sync calls of one commit: a run of six commits less a run of one, so that opening and closing don't count."""
    for system in bench.systems:
        if system.missing or system.name == CPP:
            continue
        if not shutil.which("strace"):
            bench.syncs[system.name] = "no strace"
            continue
        bench.log(f"  sync calls: {system.name}")
        try:
            folder = bench.fresh(system)
            bench.call(system, "prepare", folder, versions=10)
            one, six = (traced(bench, system, folder, commits) for commits in (1, 6))
            bench.syncs[system.name] = f"{(six - one) / 5:.3g}"
        except (Failed, OSError) as reason:
            bench.log(f"  {system.name}: {reason}")
            bench.syncs[system.name] = "?"


def traced(bench, system, folder, commits):
    counts = bench.workspace.folder / "tmp" / "strace.txt"
    trace = ["strace", "-f", "-c", "-e", "trace=" + ",".join(SYNC_CALLS), "-o", str(counts)]
    # Another worker each time, for marks of its own: no commit may equal a version that is there already.
    command = trace + bench.command(system, "commit", folder, commits=commits, worker=commits)
    systems.call(command, bench.workspace.environment(), bench.sizes.timeout)
    # A line is: % time, seconds, usecs/call, calls, errors (or nothing), name
    lines = re.findall(r"^\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)\s+(?:\d+\s+)?(\w+)$", counts.read_text(), re.M)
    return sum(int(calls) for calls, name in lines if name in SYNC_CALLS)
