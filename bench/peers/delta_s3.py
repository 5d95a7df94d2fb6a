"""Delta Lake by delta-rs on S3, with its conditional PUT in the place of a lock service."""

import os

from peers import protocol
from peers.delta import Delta


class DeltaS3(Delta):
    durable = "server"

    def __init__(self, folder, shared=False):
        options = {
            "endpoint_url": os.environ["AWS_ENDPOINT_URL"],
            "allow_http": "true",
            "conditional_put": "etag",
        }
        self.open(f"{os.environ['BENCH_S3']}/{folder.name}", options)


if __name__ == "__main__":
    protocol.run(DeltaS3)
