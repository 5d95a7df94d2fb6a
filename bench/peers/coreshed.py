"""Coreshed as its users call it: from Python, tables as Arrow. On S3 where BENCH_S3 names a bucket."""

import os
import threading

import coreshed

import data
from peers import protocol

RECORD = "BH-7"
BATCH = 1_000


def location(folder):
    bucket = os.environ.get("BENCH_S3")
    return f"{bucket}/{folder.name}" if bucket else folder


class Coreshed(protocol.Peer):
    name = "coreshed"
    durable = "yes"
    packages = ("coreshed", "pyarrow")

    def __init__(self, folder, shared=False):
        self.place = location(folder)
        self.store = coreshed.open(self.place, cache_bytes=0)  # what is read comes from the storage
        self.keeping = None

    def create(self, table):
        self.store.create_record(RECORD, table, created_by="bench")

    def update(self, table):
        try:
            self.store.update_record(RECORD, table, updated_by="bench")
        except coreshed.ConflictError as reason:
            raise protocol.Conflict(str(reason)) from reason

    def upsert(self, table, key):
        self.store.upsert_rows(RECORD, table, keys=[key], updated_by="bench")

    def read_latest(self):
        return self.store.get_latest_version(RECORD, as_="arrow")

    def read_version(self, number):
        return self.store.get_specific_version(RECORD, number, as_="arrow")

    def read_again(self, number):
        if self.keeping is None:
            self.keeping = coreshed.open(self.place)
            self.keeping.get_specific_version(RECORD, number, as_="arrow")
        return self.keeping.get_specific_version(RECORD, number, as_="arrow")

    def versions(self):
        return self.store.get_all_versions(RECORD)


def record_id(number):
    return f"BH-{number:06}"


def many_records(system, options):
    store = coreshed.open(location(options.folder))
    base = data.load(options.data / "small.arrow")
    seconds = 0.0
    for first in range(0, options.records, BATCH):
        items = [
            (record_id(n), data.small_version(base, n + 1), {"attributes": {"project_id": f"P{n % 100:03}"}})
            for n in range(first, min(options.records, first + BATCH))
        ]
        took, answers = protocol.timed(lambda: store.create_many(items, created_by="bench"))
        assert all(isinstance(answer, coreshed.Version) for answer in answers)
        seconds += took
    return {"create_s": seconds, "records": options.records}


def many_records_read(system, options):
    store = coreshed.open(location(options.folder), cache_bytes=0)
    numbers = [options.records * turn // options.rounds for turn in range(options.rounds)]
    timings = {"list_s": [], "open_s": [], "find_s": []}
    for turn, number in enumerate(numbers):
        timings["open_s"].append(
            protocol.timed_read(lambda: store.get_latest_version(record_id(number), as_="arrow"), number + 1)
        )
        if turn < 3:
            seconds, found = protocol.timed(lambda: store.list_records(attributes={"project_id": "P042"}))
            assert len(found) == sum(n % 100 == 42 for n in range(options.records))
            timings["list_s"].append(seconds)
        content = store.get_active_version(record_id(number)).duplicate_hash
        seconds, found = protocol.timed(store.find_datasets_by_content_hash, content)
        assert [match.record_id for match in found] == [record_id(number)]
        timings["find_s"].append(seconds)
    return timings


def many_writers(system, options):
    """Many workers at once, each with records of its own, on one open store."""
    store = coreshed.open(location(options.folder))
    base = data.load(options.data / "small.arrow")
    failures = []

    def work(worker):
        try:
            for n in range(worker * options.records, (worker + 1) * options.records):
                store.create_record(record_id(n), data.small_version(base, n + 1), created_by="bench")
        except coreshed.Error as reason:
            failures.append(reason)

    def all_at_once():
        threads = [threading.Thread(target=work, args=(worker,)) for worker in range(options.workers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    seconds, _ = protocol.timed(all_at_once)
    if failures:
        raise failures[0]
    listing, found = protocol.timed(store.list_records)
    return {"create_s": seconds, "list_s": listing, "records_there": len(found)}


if __name__ == "__main__":
    works = {work.__name__: work for work in (many_records, many_records_read, many_writers)}
    protocol.run(Coreshed, works)
