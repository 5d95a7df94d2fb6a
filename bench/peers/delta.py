"""Delta Lake by delta-rs: `write_deltalake(..., mode="overwrite")` on a table that is held open."""

import deltalake.fs  # noqa: F401  (loaded at the first read otherwise, and counted by cold_read)
from deltalake import DeltaTable, write_deltalake
from deltalake.exceptions import CommitFailedError, DeltaError

from peers import protocol


def raise_conflict(reason):
    """A listing that runs beside other writers may miss an entry of the log: that, too, is over at the next try."""
    if isinstance(reason, CommitFailedError) or "found gap" in str(reason):
        raise protocol.Conflict(str(reason)) from reason
    raise reason


class Delta(protocol.Peer):
    name = "delta"
    durable = "no"
    packages = ("deltalake", "pyarrow")

    def __init__(self, folder, shared=False):
        self.open(str(folder / "table"), None)

    def open(self, path, storage_options):
        self.path, self.options = path, storage_options
        self.table = self.load_table() if DeltaTable.is_deltatable(path, storage_options) else None

    def load_table(self, version=None):
        return DeltaTable(self.path, version=version, storage_options=self.options)

    def create(self, table):
        write_deltalake(self.path, table, storage_options=self.options)
        self.table = self.load_table()

    def update(self, table):
        try:
            write_deltalake(self.table, table, mode="overwrite")
        except DeltaError as reason:
            raise_conflict(reason)

    def upsert(self, table, key):
        merge = self.table.merge(table, f"target.{key} = source.{key}", source_alias="source", target_alias="target")
        merge.when_matched_update_all().when_not_matched_insert_all().execute()

    def refresh(self):
        try:
            self.table.update_incremental()
        except DeltaError as reason:
            raise_conflict(reason)

    def read_latest(self):
        self.table.update_incremental()
        return self.table.to_pyarrow_table()

    def read_version(self, number):
        return self.load_table(number - 1).to_pyarrow_table()

    def versions(self):
        self.table.update_incremental()
        return range(1, self.table.version() + 2)


if __name__ == "__main__":
    protocol.run(Delta)
