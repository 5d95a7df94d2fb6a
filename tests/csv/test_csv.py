"""CSV files through the command line tool: the examples of spec/csv.md, and generated files, whose rows must come out as
they went in, but for what the page allows. CORESHED_CLI: the tool (else build/coreshed)."""

import csv
import io
import itertools
import json
import os
import re
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from csv_rules import Fault, read_cells, read_csv

ROOT = Path(__file__).resolve().parents[2]
CLI = Path(os.environ.get("CORESHED_CLI", ROOT / "build" / "coreshed"))
PAGE = (ROOT / "spec/csv.md").read_text()
EXAMPLES = int(os.environ.get("CORESHED_EXAMPLES", "60"))
GENERATED = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=EXAMPLES == 60,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


class Tool:
    def __init__(self, folder):
        assert CLI.exists(), f"{CLI} is not there: build it, or set CORESHED_CLI"
        self.store, self.numbers = folder, itertools.count(1)
        self.run("init", folder)

    def run(self, *words, data=None, code=0):
        environment = {**os.environ, "XDG_CACHE_HOME": str(self.store / "cache")}
        done = subprocess.run(
            [CLI, "--store", self.store, *words], input=data, capture_output=True, env=environment, timeout=120
        )
        assert code is None or done.returncode == code, done.stderr.decode()
        return done

    def create(self, data, *words, code=0):
        """The record's id, or None and what was said where it was refused."""
        record = f"R{next(self.numbers)}"
        done = self.run("create", record, "-", "-f", "csv", "--by", "a", "--allow-empty", *words, data=data, code=code)
        return (record, "") if done.returncode == 0 else (None, done.stderr.decode())

    def read(self, record):
        return self.run("read", record, "-f", "csv").stdout

    def types(self, record):
        described = json.loads(self.run("info", record, "--json").stdout)
        return {column["name"]: column["type"] for column in described["version"]["tables"][0]["columns"]}


@pytest.fixture(scope="module")
def tool(tmp_path_factory):
    return Tool(tmp_path_factory.mktemp("csv"))


# ---------------------------------------------------------------- the page's examples
def examples():
    rows = re.findall(r"^\| (.+) \| `(\S+)` \| (.+) \|$", PAGE[PAGE.index("| in the file |") :], re.M)
    values = re.compile(r"`([^`]+)`|\bempty\b")
    return [(values.findall(before), kind, values.findall(after)) for before, kind, after in rows]


@pytest.fixture(scope="module")
def page(tool, tmp_path_factory):
    """All examples as tables of one record: their types, and the folder they were exported to."""
    folder = tmp_path_factory.mktemp("page")
    for i, (before, _, _) in enumerate(examples()):
        (folder / f"{i}.csv").write_text("\n".join(["v", *before, ""]))
    tool.run("create", "PAGE", *(folder / f"{i}.csv" for i in range(len(examples()))), "--by", "a")
    (folder / "out").mkdir()
    tool.run("export", "PAGE", folder / "out", "-f", "csv")
    described = json.loads(tool.run("info", "PAGE", "--json").stdout)
    return {table["name"]: table["columns"][0]["type"] for table in described["version"]["tables"]}, folder / "out"


@pytest.mark.parametrize("number", range(len(examples())))
def test_example_of_the_page(page, number):
    types, folder = page
    before, kind, after = examples()[number]
    assert types[str(number)] == kind
    assert (folder / f"{number}.csv").read_text().split("\n") == ["v", *after, ""]
    assert read_csv("\n".join(["v", *before, ""]).encode())[0].type == kind


def test_all_types_have_examples():
    types = re.findall(r"^\| `(\S+)` \|", PAGE[PAGE.index("| type | values |") : PAGE.index("Examples of")], re.M)
    assert len(examples()) > 50 and set(types) == {kind for _, kind, _ in examples()}


# ---------------------------------------------------------------- generated files
PIECES = st.sampled_from(
    """1 -5 0 00 007 1.50 1.5 .5 -.5 -0 -0.0 +5 1e5 1E+5 1.0e5 0x10 inf NaN nan -Inf 12345678901234567890
    9223372036854775807 9223372036854775808 0.1234567890123456789 1e-320 1.5e-310 2e308 - . e 1. 2026-02-28 2026-02-30
    26-01-27 2026-01 10:30 10:30:00 10:30:00.5 24:00 2026-01-27T10:30 2026-01-27T10:30Z 2026-01-27T10:30:00.000001Z
    true FALSE yes NA NAN x é \\ \\N null 😀 0001-01-01 9999-12-31 0000-01-01""".split()
    + ["", " ", "  ", " NA", "NA ", " x", "x ", '"', "'", ",", ";", "|", "\t", "\n", "\r\n", "\r", "\u00a0", "\ufeff"]
    + ["2026-01-27 10:30:00", "1,000", "a,b", 'a"b', "#", "--"]
)
TEXTS = st.one_of(PIECES, st.lists(PIECES, max_size=3).map("".join))
NUMBERS = st.one_of(
    st.integers().map(str),
    st.floats().map(repr),
    st.decimals(allow_nan=False).map(str),
    st.dates().map(str),
    st.times().map(str),
    st.datetimes().map(str),
)


@st.composite
def columns(draw, rows):
    """Cells that are alike, so that a column has a type now and then."""
    few = draw(st.lists(st.one_of(PIECES, NUMBERS, TEXTS), min_size=1, max_size=4))
    kind = draw(st.sampled_from([st.sampled_from(few), NUMBERS, PIECES, TEXTS]))
    return draw(st.lists(st.one_of(st.sampled_from(few), kind), min_size=rows, max_size=rows))


NAMES = st.text(
    st.characters(exclude_categories=("Cs", "Cc")) | st.sampled_from(list(' ",;|')), max_size=5
).filter(lambda name: len(name.encode()) <= 1000)


@st.composite
def files(draw):
    """Bytes of a file, written in one of the many ways there are; sometimes with a fault."""
    delimiter = draw(st.sampled_from(",,,;\t|"))
    line_break = draw(st.sampled_from(["\n", "\n", "\r\n", "\r"]))
    always, never = draw(st.booleans()), draw(st.booleans())

    def field(text):
        must = any(c in text for c in delimiter + "\r\n") or text.lstrip(" ").startswith('"')
        if not must and (never or not (always or draw(st.booleans()))):
            return text
        before, after = (" " * draw(st.sampled_from([0, 0, 0, 0, 1, 2, 3, 5])) for _ in range(2))
        return before + '"' + text.replace('"', '""') + '"' + after

    names = draw(st.lists(NAMES, min_size=1, max_size=4))
    count = draw(st.integers(0, 8))
    cells = [draw(columns(count)) for _ in names]
    lines = [delimiter.join(map(field, names))]
    for row in zip(*cells):
        short = draw(st.integers(0, 20)) == 0
        lines.append(delimiter.join(map(field, row[:1] if short else row)))
    for oddity in draw(st.lists(st.sampled_from(["", "", " ", '"x', '"x"y', 'x"y', delimiter * 4]), max_size=1)):
        lines.insert(draw(st.integers(0, len(lines))), oddity)
    breaks = st.sampled_from(["\n", "\r\n"]) if line_break != "\r" and draw(st.booleans()) else st.just(line_break)
    text = "".join(line + draw(breaks) for line in lines)
    text = text if draw(st.booleans()) else text.rstrip("\r\n")
    if draw(st.integers(0, 20)) == 0:
        text = text.replace(line_break, draw(st.sampled_from(["\r", "\n"])), 1)
    return (draw(st.sampled_from(["", "", "\ufeff"])) + text).encode()


def is_no_name(names):
    return any(re.search("[\x00-\x1f\x7f-\x9f]", name) for name in names)


def texts(cells, kind):
    found = [None if cell.is_empty else cell.text for cell in cells]
    if kind == "float64":
        found = [text if text is None else repr(float(text)) for text in found]
    return found


@GENERATED
@given(files())
@example(b"a, b\n1, NA\n2, 3\n")
@example('"\ufeffa",b\n1,2\n'.encode())
@example(b'a\n" x"\n\n""\n')
@example(b"a,b\r1,2\r3,4\n")
@example(b"\n1\r\n")
@example(b'";"\n')
@example(b"a\n6.350396048214271e+16\n")
def test_any_file(tool, data):
    """Read as the rules say, or refused with the line that they say."""
    try:
        expected = read_csv(data)
    except Fault as fault:
        record, said = tool.create(data, code=9)
        assert record is None and (fault.line is None or f"line {fault.line}:" in said), (fault, said)
        return
    names = [column.name for column in expected]
    if is_no_name(names):
        assert tool.create(data, code=None)[0] is None
        return
    record, said = tool.create(data)
    assert tool.types(record) == {column.name: column.type for column in expected}
    out = tool.read(record)
    out_names, rows = read_cells(out)
    assert out_names == names
    for column, cells in zip(expected, zip(*rows) if rows else [()] * len(names)):
        assert texts(cells, column.type) == column.values, (column, out)
    again, said = tool.create(out)
    assert tool.read(again) == out or read_csv(data) != read_csv(out)


@GENERATED
@given(
    st.integers(1, 4).flatmap(lambda width: st.lists(st.lists(TEXTS, min_size=width, max_size=width), max_size=8)),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
    st.sampled_from(["\n", "\r\n"]),
)
def test_what_python_writes_python_reads_again(tool, rows, quoting, line_break):
    """Python's csv module on both sides; texts, so that nothing may change at all."""
    width = len(rows[0]) if rows else 1
    header = [f"c{i}" for i in range(width)]
    if quoting != csv.QUOTE_ALL:  # a carriage return stands there without quotes
        rows = [[text.replace("\r", "\\r") for text in row] for row in rows]
    written = io.StringIO()
    csv.writer(written, quoting=quoting, lineterminator=line_break).writerows([header, *rows])
    data = written.getvalue().encode()
    record, said = tool.create(data, *(word for name in header for word in ("--type", f"{name}=string")))
    assert record, said
    out = list(csv.reader(io.StringIO(tool.read(record).decode(), newline="")))
    as_python_reads = list(csv.reader(io.StringIO(written.getvalue(), newline="")))
    assert [row or [""] for row in out] == [row or [""] for row in as_python_reads]


@GENERATED
@given(st.binary(max_size=60))
def test_any_bytes(tool, data):
    record, said = tool.create(data, code=None)
    assert record or said.startswith("error (Validation): ") or "control characters" in said, said
