"""Apache Iceberg by pyiceberg, with the SQLite catalog its documentation begins with."""

import sqlite3  # noqa: F401  (these three are loaded at the first read otherwise, and counted by cold_read)

import pyiceberg.io.pyarrow  # noqa: F401
import sqlalchemy.dialects.sqlite.pysqlite  # noqa: F401
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.exceptions import CommitFailedException, ValidationException
from pyiceberg.table.snapshots import Operation
from sqlalchemy.exc import OperationalError

from peers import protocol

TABLE = "bench.record"


class Iceberg(protocol.Peer):
    name = "iceberg"
    durable = "catalog"
    packages = ("pyiceberg", "pyarrow", "sqlalchemy")

    def __init__(self, folder, shared=False):
        folder.mkdir(parents=True, exist_ok=True)
        self.catalog = SqlCatalog("bench", uri=f"sqlite:///{folder}/catalog.db", warehouse=f"file://{folder}/warehouse")
        self.table = self.catalog.load_table(TABLE) if self.catalog.namespace_exists("bench") else None

    def create(self, table):
        self.catalog.create_namespace("bench")
        self.table = self.catalog.create_table(TABLE, schema=table.schema)
        self.table.append(table)

    def update(self, table):
        try:
            self.table.overwrite(table)
        except (CommitFailedException, ValidationException, OperationalError) as reason:
            # the first two: another commit was first; the third: SQLite's "database is locked"
            raise protocol.Conflict(str(reason)) from reason

    def refresh(self):
        self.table.refresh()

    def read_latest(self):
        return self.table.refresh().scan().to_arrow()

    def snapshots(self):
        """An overwrite is a snapshot that deletes and one that appends; the second is the version."""
        return [s.snapshot_id for s in self.table.snapshots() if s.summary.operation == Operation.APPEND]

    def read_version(self, number):
        return self.table.scan(snapshot_id=self.snapshots()[number - 1]).to_arrow()

    def versions(self):
        return range(1, len(self.snapshots()) + 1)

    def close(self):
        self.catalog.close()


if __name__ == "__main__":
    protocol.run(Iceberg)
