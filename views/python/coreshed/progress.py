"""Bars for calls that take long."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

from coreshed.errors import InvalidArgumentError

Callback = Callable[[str, float, str], object]
Progress = Callback | bool | None

_WIDTH = 30


@contextmanager
def shown(progress: Progress, to: TextIO | None = None) -> Iterator[Callback | None]:
    """The callback to hand over: the caller's own, or one that draws a bar on standard error and removes it at the end."""
    if progress is not True:
        if progress is not None and progress is not False and not callable(progress):
            raise InvalidArgumentError("progress is True, or a callback of (phase, fraction, message).")
        yield progress if callable(progress) else None
        return
    out = to or sys.stderr
    drawn = 0

    def put(text: str) -> None:
        """A bar that can't be drawn (no standard error, a terminal without these characters) ends no call."""
        try:
            out.write(text)
            out.flush()
        except (AttributeError, OSError, ValueError):
            pass

    def draw(phase: str, fraction: float, message: str) -> None:
        nonlocal drawn
        share = max(fraction, 0.0)
        bar = "█" * round(share * _WIDTH)
        text = f"{phase} {bar:░<{_WIDTH}} {share:4.0%} {message}" if fraction >= 0 else f"{phase} {message}"
        text = "".join(c if c.isprintable() else "?" for c in text)[:100]
        put("\r" + text.ljust(drawn))
        drawn = len(text)

    try:
        yield draw
    finally:
        if drawn:
            put("\r" + " " * drawn + "\r")
