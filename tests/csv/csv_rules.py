"""The rules of spec/csv.md once more, written from that page alone: what a CSV file becomes.

`read_csv(bytes)` gives the columns, or raises Fault with the line that is at fault.
"""

import datetime
import re
from dataclasses import dataclass
from decimal import Decimal

BREAK = re.compile(r"\r\n|\n|\r")
WHOLE = re.compile(r"0|-?[1-9][0-9]*")
FRACTION = re.compile(r"-0|-?(0|[1-9][0-9]*)?\.[0-9]+([eE][+-]?[0-9]+)?|-?(0|[1-9][0-9]*)[eE][+-][0-9]+")
NO_NUMBER = ("NaN", "nan", "Inf", "inf", "-Inf", "-inf")
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
TIME = re.compile(r"([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.[0-9]{1,6})?)?")
MOMENT = re.compile(r"(.{10})([T ])(.+?)(Z?)")


class Fault(Exception):
    def __init__(self, line, what):
        super().__init__(f"line {line}: {what}")
        self.line = line


@dataclass(frozen=True)
class Cell:
    text: str
    quoted: bool = False

    @property
    def is_empty(self):
        return self.text == "" and not self.quoted

    @property
    def is_na(self):
        return self.text.strip(" ") == "NA" and not self.quoted


@dataclass
class Column:
    name: str
    type: str
    values: list  # texts, as CSV is written; None: null


# ---------------------------------------------------------------- bytes to text
def decode(data):
    """The text of a file ("Encodings"), without a mark."""
    try:
        for name, mark in utf_16(data):
            return data[mark:].decode(name)
        escaped = data.decode(errors="surrogateescape")  # a byte that is no UTF-8: U+DC80 and above
        if not any("\udc80" <= char <= "\udcff" for char in escaped):
            return escaped.removeprefix("\ufeff")
        if any(char > "\x7f" and not "\udc80" <= char <= "\udcff" for char in escaped):
            raise Fault(None, "both UTF-8 and not")
        if re.search(rb"[\x00-\x08\x0e-\x1f]", data):
            raise Fault(None, "a control character")
        return data.decode("cp1252")
    except UnicodeDecodeError as error:
        raise Fault(None, str(error))


def utf_16(data):
    """The name of the encoding and the length of the mark, if it is that."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return [("utf-16-le" if data[0] == 0xFF else "utf-16-be", 2)]
    head = data[: min(64, len(data)) // 2 * 2]
    if len(head) >= 4:
        if not any(head[1::2]) and all(head[::2]):
            return [("utf-16-le", 0)]
        if not any(head[::2]) and all(head[1::2]):
            return [("utf-16-be", 0)]
    return []


# ---------------------------------------------------------------- bytes to cells
def guess_delimiter(text):
    """Of , ; tab | that of which the first line with anything in it has most outside quotes."""
    counts, quoted = dict.fromkeys(",;\t|", 0), False
    for char in text.lstrip("\r\n"):
        quoted ^= char == '"'
        if not quoted and char in "\r\n":
            break
        if not quoted and char in counts:
            counts[char] += 1
    return max(counts, key=counts.get)


def records(text, delimiter):
    """(line, cells) of each record; a blank line has none."""
    at, line, ended_by = 0, 1, {}
    while at < len(text):
        begin, cells = line, []
        while True:
            blanks = re.compile(" *").match(text, at).end()
            if text[blanks : blanks + 1] == '"':
                end = re.compile(r'"((?:[^"]|"")*)"').match(text, blanks)
                if end is None:
                    raise Fault(line, "a quote is opened and never closed")
                line += len(BREAK.findall(end[1]))
                cells.append(Cell(end[1].replace('""', '"'), True))
                at = re.compile(" *").match(text, end.end()).end()
                if text[at : at + 1] not in ("", delimiter, "\r", "\n"):
                    raise Fault(line, "text after a closing quote")
            else:
                end = re.compile(f"[^{re.escape(delimiter)}\r\n]*").match(text, at)
                cells.append(Cell(end[0]))
                at = end.end()
            if text[at : at + 1] != delimiter:
                break
            at += 1
        yield begin, [] if cells == [Cell("")] else cells
        if ended := BREAK.match(text, at):
            ended_by.setdefault(ended[0] == "\r", line)
            if len(ended_by) == 2:
                raise Fault(ended_by[True], "ends with a carriage return alone, other lines do not")
            at, line = ended.end(), line + 1


def read_cells(data, tabs=False):
    """Names, and rows of as many cells."""
    text = decode(data)
    if "\0" in text:
        raise Fault(None, "a zero byte")
    delimiter = "\t" if tabs else guess_delimiter(text)
    names, rows = None, []
    for line, cells in records(text, delimiter):
        if names is None:
            names = name_columns(line, cells) if cells else None
            continue
        if len(cells) > len(names):
            raise Fault(line, f"{len(cells)} fields")
        if cells or len(names) == 1:
            rows.append(cells + [Cell("")] * (len(names) - len(cells)))
    if names is None:
        raise Fault(None, "empty")
    return names, rows


def name_columns(line, header):
    names = [cell.text if cell.quoted else cell.text.strip(" ") for cell in header]
    for name in names:
        if name and names.count(name) > 1:
            raise Fault(line, f"more than one column {name}")
    for i, name in enumerate(names):
        if not name:
            names[i] = f"column{i + 1}"
            while names[i] in names[:i] + names[i + 1 :]:
                names[i] += "_"
    return names


# ---------------------------------------------------------------- cells to values
def is_date(text):
    try:
        return bool(DATE.fullmatch(text)) and datetime.date.fromisoformat(text) is not None
    except ValueError:
        return False


def time_form(text):
    found = TIME.fullmatch(text)
    if not found or int(found[1]) > 23 or int(found[2]) > 59 or int(found[3] or 0) > 59:
        return None
    return "minutes" if found[3] is None else "seconds"


def holds(text):
    """Whether the nearest double is written with the same digits."""
    value = float(text)
    if value in (float("inf"), float("-inf")) or (value == 0) != (Decimal(text) == 0):
        return False
    return Decimal(repr(value)) == Decimal(text)


def forms(text):
    """All that a text, without blanks around it, can be read as."""
    if WHOLE.fullmatch(text):
        if not -(1 << 63) <= int(text) < 1 << 63:
            return set()
        return {"int64", "number"} | ({"float64"} if holds(text) else set())
    if text in NO_NUMBER:
        return {"float64"}
    if FRACTION.fullmatch(text):
        return {"float64", "number"} if holds(text) else set()
    if text.lower() in ("true", "false") and text.isascii():
        return {"bool"}
    if is_date(text):
        return {"date"}
    if time_form(text):
        return {"time(us) " + time_form(text)}
    found = MOMENT.fullmatch(text)
    if found and is_date(found[1]) and time_form(found[3]):
        kind = "timestamp(us,UTC)" if found[4] else "timestamp(us)"
        return {f"{kind} {found[2]} {time_form(found[3])}"}
    return set()


def column_type(cells):
    quotes_na = any(cell.quoted and cell.text.strip(" ") == "NA" for cell in cells)
    texts = [cell.text.strip(" ") for cell in cells]
    texts = [text for text in texts if text and (text != "NA" or quotes_na)]
    if not texts:
        return "string"
    common = set.intersection(*map(forms, texts)) - {"number"}
    if "float64" in common and not any("number" in forms(text) for text in texts):
        common.remove("float64")
    if "int64" in common:
        return "int64"
    return min(common).split(" ")[0] if common else "string"


def written(text, kind):
    """A value's text as CSV is written; of fractions, as Python writes them."""
    if kind == "float64":
        return repr(float(text))
    if kind == "bool":
        return text.lower()
    if kind.startswith("time"):
        text = text.replace("T", " ")
        ends_with_z = text.endswith("Z")
        text = text.removesuffix("Z")
        text += ":00" if re.search(r"(^| )[0-9]{2}:[0-9]{2}$", text) else ""
        text = text.rstrip("0").rstrip(".") if "." in text else text
        return text + ("Z" if ends_with_z else "")
    return text


def read_csv(data, tabs=False):
    """The file's columns."""
    names, rows = read_cells(data, tabs)
    columns = [list(column) for column in zip(*rows)] or [[] for _ in names]
    kinds = [column_type(cells) for cells in columns]
    texts = [c for kind, cells in zip(kinds, columns) if kind == "string" for c in cells if not c.is_empty]
    texts = [cell for cell in texts if cell.text != "NA" or cell.quoted]
    quotes_text = any(cell.text for cell in texts) and all(cell.quoted for cell in texts)
    result = []
    for name, kind, cells in zip(names, kinds, columns):
        only_na = not any(c.text for c in cells if c.text != "NA" or c.quoted)
        values = []
        for cell in cells:
            text = cell.text.strip(" ")
            if kind == "string":
                is_na = cell.text == "NA" and not cell.quoted and (quotes_text or only_na)
                values.append(None if cell.is_empty or is_na else cell.text)
            else:
                values.append(written(text, kind) if text and text != "NA" else None)
        result.append(Column(name, kind, values))
    return result
