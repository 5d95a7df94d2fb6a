"""DVC over Git: write the Parquet file, `dvc add` it, commit the .dvc file; by DVC's Python calls, not its slow CLI."""

import os
import subprocess

import dvc.api
import pyarrow.parquet as parquet
from dvc.lock import LockError
from dvc.repo import Repo
from scmrepo.exceptions import SCMError

from peers import protocol


class Dvc(protocol.Peer):
    name = "dvc"
    durable = "catalog"  # Git's index and branch, not the data
    packages = ("dvc", "pyarrow")

    def __init__(self, folder, shared=False):
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.file = folder / "record.parquet"
        self.commits = []
        self.repository = None

    def git(self, *arguments):
        return subprocess.run(["git", "-C", self.folder, *arguments], check=True, capture_output=True, text=True).stdout

    def create(self, table):
        self.git("init", "--quiet")
        self.git("config", "user.name", "bench")
        self.git("config", "user.email", "bench@example.org")
        self.repository = Repo.init(str(self.folder))
        self.update(table)

    def update(self, table):
        self.repository = self.repository or Repo(str(self.folder))
        parquet.write_table(table, self.file)
        try:
            self.repository.add(str(self.file))
            self.repository.scm.add([f"{self.file}.dvc", str(self.folder / ".gitignore")])
            self.repository.scm.commit("update")
        except (LockError, SCMError) as reason:
            raise protocol.Conflict(str(reason)) from reason

    def read_latest(self):
        """The file in the workspace is the latest version: that is how DVC is read."""
        return parquet.read_table(self.file)

    def read_version(self, number):
        if number > len(self.commits):
            self.commits = self.git("rev-list", "--reverse", "HEAD").split()
        commit = self.commits[number - 1]
        with dvc.api.open(self.file.name, repo=str(self.folder), rev=commit, mode="rb") as file:
            return parquet.read_table(file)

    def versions(self):
        self.commits = self.git("rev-list", "--reverse", "HEAD").split()
        return range(1, len(self.commits) + 1)


if __name__ == "__main__":
    os.environ.setdefault("DVC_NO_ANALYTICS", "1")
    protocol.run(Dvc)
