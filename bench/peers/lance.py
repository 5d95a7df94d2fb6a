"""Lance: `write_dataset(..., mode="overwrite")` on a dataset that is held open."""

import lance

from peers import protocol


class Lance(protocol.Peer):
    name = "lance"
    durable = "no"
    packages = ("pylance", "pyarrow")

    def __init__(self, folder, shared=False):
        self.path = folder / "table.lance"
        self.dataset = lance.dataset(self.path) if self.path.exists() else None

    def create(self, table):
        self.dataset = lance.write_dataset(table, self.path)

    def update(self, table):
        try:
            self.dataset = lance.write_dataset(table, self.dataset, mode="overwrite")
        except OSError as reason:
            if "conflict" not in str(reason).lower():
                raise
            raise protocol.Conflict(str(reason)) from reason

    def upsert(self, table, key):
        merge = self.dataset.merge_insert(key).when_matched_update_all().when_not_matched_insert_all()
        merge.execute(table)

    def refresh(self):
        self.dataset.checkout_latest()

    def read_latest(self):
        self.dataset.checkout_latest()
        return self.dataset.to_table()

    def read_version(self, number):
        return self.dataset.checkout_version(number).to_table()

    def versions(self):
        return [version["version"] for version in self.dataset.versions()]


if __name__ == "__main__":
    protocol.run(Lance)
