"""The lock that commits of a local store take."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

from coreshed import arguments as check
from coreshed.errors import InvalidArgumentError, LockTimeoutError, NotFoundError, UnsupportedError

_PAUSE_S = 0.005


@contextmanager
def file_lock(path: str | os.PathLike[str], timeout: float = 30.0) -> Iterator[None]:
    """Hold the lock of a record's folder (`<store>/records/<record>`): commits to it wait meanwhile.

    For work beside Coreshed that must not meet a commit, such as a copy by other tools. Whoever holds it can read, and must
    not write to that record: the write would wait for its own caller.

    Args:
        path: The folder. Its lock is `flock(LOCK_EX)` on the folder itself (spec/commit.md, "Local disks").
        timeout: Seconds to wait for others.

    Raises:
        LockTimeoutError: Others held it all the time.
        NotFoundError: There is no such folder.
        UnsupportedError: A place on S3, where commits take no lock.

    Example:
        >>> import tempfile
        >>> with file_lock(tempfile.mkdtemp(), timeout=1):
        ...     print("nobody commits here")
        nobody commits here
    """
    place = check.path("path", path)
    if place.startswith("s3:"):
        raise UnsupportedError(f"{place}: commits on S3 take no lock; they compare and swap.")
    try:
        folder = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except FileNotFoundError:
        raise NotFoundError(f"There is no folder {place}.") from None
    except (NotADirectoryError, ValueError):
        raise InvalidArgumentError(f"{place} is no folder: the lock is taken on a record's folder.") from None
    try:
        _wait(folder, place, time.monotonic() + timeout)
        try:
            yield
        finally:
            fcntl.flock(folder, fcntl.LOCK_UN)  # a child that was forked meanwhile may hold it open
    finally:
        os.close(folder)


def _wait(folder: int, place: str, deadline: float) -> None:
    while True:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise LockTimeoutError(
                    f"Another process held the lock of {place} for all that time. Try again, or see who holds it: "
                    f"fuser {place}"
                ) from None
            time.sleep(_PAUSE_S)
