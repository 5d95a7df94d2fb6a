"""How lists and values look: as text in a terminal, as a table in a notebook."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Generic, TypeVar

Row = Sequence[object]
T = TypeVar("T")

_CELL_MAX = 60
_ROWS_MAX = 60


class Listing(list[T], Generic[T]):
    """A list that shows itself as a table, one row for each entry."""

    def _header(self) -> Sequence[str]:
        raise NotImplementedError

    def _row(self, entry: T) -> Row:
        raise NotImplementedError

    def __repr__(self) -> str:
        if not self:
            return "[]"
        return text_table(self._header(), map(self._row, self._shown())) + self._more()

    def _repr_html_(self) -> str:
        return html_table(self._header(), map(self._row, self._shown())) + html.escape(self._more())

    def __getitem__(self, place: Any) -> Any:
        found = super().__getitem__(place)
        return type(self)(found) if isinstance(place, slice) else found

    def _shown(self) -> Iterable[T]:
        return list.__getitem__(self, slice(_ROWS_MAX))

    def _more(self) -> str:
        left = len(self) - _ROWS_MAX
        return f"\n… and {left} more" if left > 0 else ""


def cell(value: object) -> str:
    """A value as it stands in a table: short, on one line, control characters made visible."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    text = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in str(value))
    return text if len(text) <= _CELL_MAX else text[: _CELL_MAX - 1] + "…"


def text_table(header: Sequence[str], rows: Iterable[Row]) -> str:
    lines = [list(header), *([cell(value) for value in row] for row in rows)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(header))]
    return "\n".join("  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip() for line in lines)


def html_table(header: Sequence[str], rows: Iterable[Row]) -> str:
    head = "".join(f"<th style='text-align:left'>{html.escape(name)}</th>" for name in header)
    body = "".join(
        "<tr>" + "".join(f"<td style='text-align:left'>{html.escape(cell(value))}</td>" for value in row) + "</tr>"
        for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
