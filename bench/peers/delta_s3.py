"""Delta Lake by delta-rs on S3, with its conditional PUT in the place of a lock service."""

import os

from deltalake import DeltaTable, write_deltalake
from deltalake.exceptions import DeltaError

from peers import protocol
from peers.delta import raise_conflict


class DeltaS3(protocol.Peer):
    name = "delta"
    durable = "server"
    packages = ("deltalake", "pyarrow")

    def __init__(self, folder, shared=False):
        self.path = f"{os.environ['BENCH_S3']}/{folder.name}"
        self.options = {
            "endpoint_url": os.environ["AWS_ENDPOINT_URL"],
            "allow_http": "true",
            "conditional_put": "etag",
        }
        is_there = DeltaTable.is_deltatable(self.path, storage_options=self.options)
        self.table = DeltaTable(self.path, storage_options=self.options) if is_there else None

    def create(self, table):
        write_deltalake(self.path, table, storage_options=self.options)
        self.table = DeltaTable(self.path, storage_options=self.options)

    def update(self, table):
        try:
            write_deltalake(self.table, table, mode="overwrite")
        except DeltaError as reason:
            raise_conflict(reason)

    def refresh(self):
        try:
            self.table.update_incremental()
        except DeltaError as reason:
            raise_conflict(reason)

    def read_latest(self):
        self.table.update_incremental()
        return self.table.to_pyarrow_table()

    def read_version(self, number):
        return DeltaTable(self.path, version=number - 1, storage_options=self.options).to_pyarrow_table()

    def versions(self):
        self.table.update_incremental()
        return range(1, self.table.version() + 2)


if __name__ == "__main__":
    protocol.run(DeltaS3)
