"""Plain Parquet files, as people keep versions by hand: `versions/v7.parquet` and a metadata.json that names them."""

import hashlib
import json
import os
import time

import pyarrow.parquet as parquet

import data
from peers import protocol


class Plain(protocol.Peer):
    name = "plain"
    durable = "no"

    def __init__(self, folder, shared=False):
        self.versions_folder = folder / "versions"
        self.metadata_path = folder / "metadata.json"
        self.versions_folder.mkdir(parents=True, exist_ok=True)

    def metadata(self):
        return json.loads(self.metadata_path.read_bytes())

    def path(self, number):
        return self.versions_folder / f"v{number}.parquet"

    def sync(self, path):
        """Nothing here; plain_fsync does."""

    def create(self, table, **more):
        self.put(table, {"current_version": 0, "history": [], **more})

    def update(self, table):
        self.put(table, self.metadata())

    def put(self, table, metadata):
        number = metadata["current_version"] + 1
        parquet.write_table(table, self.path(number))
        self.sync(self.path(number))
        metadata["current_version"] = number
        metadata["history"].append({"event_type": "update", "version": number, "actor": "bench", "time": time.time()})
        temporary = self.metadata_path.with_name(f".metadata-{os.getpid()}.tmp")
        temporary.write_text(json.dumps(metadata))
        self.sync(temporary)
        os.replace(temporary, self.metadata_path)
        self.sync(self.versions_folder)
        self.sync(self.metadata_path.parent)

    def read_latest(self):
        return self.read_version(self.metadata()["current_version"])

    def read_version(self, number):
        return parquet.read_table(self.path(number))

    def versions(self):
        return [number for number in range(1, self.metadata()["current_version"] + 1) if self.path(number).exists()]


def record_id(number):
    return f"BH-{number:06}"


def many_records(system, options):
    base = data.load(options.data / "small.arrow")
    seconds = 0.0
    for number in range(options.records):
        table = data.small_version(base, number + 1)
        start = protocol.clock()
        content = hashlib.sha256()
        for column in table.columns:
            for buffer in column.chunk(0).buffers():
                content.update(buffer or b"")
        record = system(options.folder / record_id(number))
        record.create(table, project_id=f"P{number % 100:03}", content=content.hexdigest())
        seconds += protocol.clock() - start
    return {"create_s": seconds, "records": options.records}


def all_metadata(folder):
    for entry in os.scandir(folder):
        with open(os.path.join(entry.path, "metadata.json"), "rb") as file:
            yield entry.name, json.loads(file.read())


def listed(folder, project):
    return [(name, found["current_version"]) for name, found in all_metadata(folder) if found["project_id"] == project]


def found(folder, content):
    return [name for name, metadata in all_metadata(folder) if metadata["content"] == content]


def many_records_read(system, options):
    numbers = [options.records * turn // options.rounds for turn in range(options.rounds)]
    timings = {"list_s": [], "open_s": [], "find_s": []}
    for number in numbers:
        timings["open_s"].append(
            protocol.timed_read(lambda: system(options.folder / record_id(number)).read_latest(), number + 1)
        )
    for number in numbers[:3]:  # each reads every record's metadata, so three have to do
        seconds, names = protocol.timed(listed, options.folder, "P042")
        assert len(names) == sum(n % 100 == 42 for n in range(options.records))
        timings["list_s"].append(seconds)
        content = system(options.folder / record_id(number)).metadata()["content"]
        seconds, names = protocol.timed(found, options.folder, content)
        assert names == [record_id(number)]
        timings["find_s"].append(seconds)
    return timings


if __name__ == "__main__":
    protocol.run(Plain, {"many_records": many_records, "many_records_read": many_records_read})
