"""Plain Parquet files, with file, metadata and folders synced before a commit counts."""

import os

from peers import protocol
from peers.plain import Plain


class PlainFsync(Plain):
    name = "plain_fsync"
    durable = "yes"

    def sync(self, path):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


if __name__ == "__main__":
    protocol.run(PlainFsync)
