"""A place that is open: what all calls of a Store go through, also after a fork."""

from __future__ import annotations

import atexit
import os
import weakref
from typing import Any

from coreshed import _core

_all: weakref.WeakSet[Opened] = weakref.WeakSet()


def _leave_after_fork() -> None:
    """Threads and connections stay in the parent: what lies here of its stores is never touched again, nor freed."""
    _core.forget_calls()
    for store in _all:
        store._leave()


os.register_at_fork(after_in_child=_leave_after_fork)
atexit.register(_core.end_calls)


class Opened:
    """The library's store at one place."""

    __slots__ = ("__weakref__", "_handle", "_location", "_options")

    def __init__(self, location: str, options: dict[str, Any]) -> None:
        self._location = location
        self._options = options
        self._handle: _core.Store | None = _core.open(location, options)
        _all.add(self)

    def _leave(self) -> None:
        if self._handle is not None:
            _core.leave(self._handle)
        self._handle = None

    @property
    def _core(self) -> _core.Store:
        handle = self._handle
        if handle is None:
            handle = self._handle = _core.open(self._location, {**self._options, "create": False})
        return handle

    def __repr__(self) -> str:
        return f"<coreshed.Store at {self._location}>"

    def __reduce__(self) -> tuple[type[Opened], tuple[str, dict[str, Any]]]:
        return type(self), (self._location, {**self._options, "create": False})

    @property
    def location(self) -> str:
        """Where it is, as given."""
        return self._location

    @property
    def store_id(self) -> str:
        """32 hex digits; a copy has the same."""
        return self._core.store_id
