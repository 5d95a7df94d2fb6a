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
        self.path = str(folder / "table")
        self.table = DeltaTable(self.path) if DeltaTable.is_deltatable(self.path) else None

    def create(self, table):
        write_deltalake(self.path, table)
        self.table = DeltaTable(self.path)

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
        return DeltaTable(self.path, version=number - 1).to_pyarrow_table()

    def versions(self):
        self.table.update_incremental()
        return range(1, self.table.version() + 2)


if __name__ == "__main__":
    protocol.run(Delta)
