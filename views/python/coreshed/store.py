"""A store of versioned, reviewed tables, in a local folder or an S3 bucket."""

from __future__ import annotations

import os

from coreshed import arguments as check
from coreshed.arguments import given
from coreshed.care import Care
from coreshed.reading import Reading
from coreshed.reviewing import Reviewing
from coreshed.uploading import Uploading
from coreshed.writing import Writing

__all__ = ["Store", "open"]


def open(  # noqa: A001
    location: str | os.PathLike[str],
    create: bool = True,
    *,
    timeout: float | None = None,
    cache_bytes: int | None = None,
    memory_bytes: int | None = None,
    threads: int | None = None,
    endpoint: str | None = None,
    region: str | None = None,
    path_style: bool | None = None,
    ca_file: str | None = None,
) -> Store:
    """Open a store, or make one.

    Args:
        location: A folder, or "s3://bucket/prefix". Credentials for S3 are found as AWS's own tools find them.
        create: Make the store if there is none at the place.
        timeout: Seconds that a commit may wait for locks and try again after losing races (30).
        cache_bytes: Memory for decoded tables and metadata kept between reads (256 MiB); 0 keeps nothing.
        memory_bytes: Most bytes of rows that one streaming read or write holds (256 MiB).
        threads: For encoding, decoding and hashing; by default one for each core.
        endpoint, region, path_style, ca_file: How to reach S3, where the environment does not say.

    Raises:
        NotFoundError: No store is there (and `create` is off).
        UnsupportedError: A newer release made it; a network file system.

    Example:
        >>> import tempfile
        >>> store = open(tempfile.mkdtemp() + "/store")
        >>> store.list_records()
        []
    """
    options = given(
        create=create,
        timeout=timeout,
        cache_bytes=cache_bytes,
        memory_bytes=memory_bytes,
        threads=threads,
        endpoint=endpoint,
        region=region,
        path_style=path_style,
        ca_file=ca_file,
    )
    place = check.path("location", location)
    # Where this process stands may change, and another one may stand elsewhere.
    return Store(place if place.startswith("s3:") or not place else os.path.abspath(place), options)


class Store(Writing, Uploading, Reviewing, Reading, Care):
    """A store; `coreshed.open` makes one.

    Any number of threads may use one Store, and any number of Stores and processes one place. After a fork the child opens
    the place anew by itself. After any error but OutcomeUnknownError nothing has changed.

    Records are named by their id, as it is. A *ref* names a version, and perhaps a table: `BH-7`, `BH-7@v3`,
    `BH-7@approved`, `BH-7@2026-01-27T10:00:00Z`, `BH-7@as-tendered#lab`; in it '@', '#' and '%' of an id are written %40,
    %23, %25.
    """

    __slots__ = ()
