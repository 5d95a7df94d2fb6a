"""DuckLake: its catalog in a DuckDB file, or in SQLite where several processes write, as its documentation advises.

DuckDB would fetch the two extensions from its own host; here they come as wheels and are loaded from their files.
"""

from pathlib import Path

import duckdb

from peers import protocol


def extension(name):
    site_packages = Path(duckdb.__file__).parent.parent
    files = sorted(site_packages.glob(f"duckdb_extension_{name}/extensions/*/{name}.duckdb_extension"))
    if not files:
        raise protocol.Unsupported(f"DuckDB's extension {name} is not installed")
    return files[0]


class DuckLake(protocol.Peer):
    name = "ducklake"
    durable = "catalog"
    packages = ("duckdb", "duckdb-extension-ducklake", "pyarrow")

    loaded = None

    @classmethod
    def load(cls):
        cls.loaded = duckdb.connect()
        cls.loaded.execute(f"LOAD '{extension('ducklake')}'")

    def __init__(self, folder, shared=False):
        folder.mkdir(parents=True, exist_ok=True)
        catalog = f"sqlite:{folder}/catalog.sqlite" if shared else f"{folder}/catalog.ducklake"
        if not self.loaded:
            self.load()
        self.connection, DuckLake.loaded = self.loaded, None
        if shared:
            self.connection.execute(f"LOAD '{extension('sqlite_scanner')}'")
        self.connection.execute(f"ATTACH 'ducklake:{catalog}' AS lake (DATA_PATH '{folder}/data')")
        self.connection.execute("USE lake")

    def transaction(self, handed_in, *statements):
        try:
            self.connection.register("handed_in", handed_in)  # asks the catalog too, and may find it locked
            self.connection.execute("BEGIN")
            for statement in statements:
                self.connection.execute(statement)
            self.connection.execute("COMMIT")
        except duckdb.Error as reason:
            try:
                self.connection.execute("ROLLBACK")
            except duckdb.Error:
                pass  # not begun yet, or rolled back by the failed COMMIT
            if any(word in str(reason).lower() for word in ("conflict", "locked", "busy")):
                raise protocol.Conflict(str(reason)) from reason
            raise

    def create(self, table):
        self.transaction(table, "CREATE TABLE record AS SELECT * FROM handed_in")

    def update(self, table):
        self.transaction(table, "DELETE FROM record", "INSERT INTO record SELECT * FROM handed_in")

    def upsert(self, table, key):
        self.transaction(
            table,
            f"MERGE INTO record USING handed_in ON record.{key} = handed_in.{key}"
            " WHEN MATCHED THEN UPDATE WHEN NOT MATCHED THEN INSERT",
        )

    def read_latest(self):
        return self.connection.execute("SELECT * FROM record").to_arrow_table()

    def read_version(self, number):
        """Snapshot 0 is the empty lake, and each commit since made one."""
        return self.connection.execute(f"SELECT * FROM record AT (VERSION => {number})").to_arrow_table()

    def versions(self):
        (last,) = self.connection.execute("SELECT max(snapshot_id) FROM lake.snapshots()").fetchone()
        return range(1, last + 1)

    def close(self):
        self.connection.close()


if __name__ == "__main__":
    protocol.run(DuckLake)
