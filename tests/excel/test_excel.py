"""Workbooks that other programs write, through the command line tool: what was written comes out, with types. CORESHED_CLI:
the tool (else build/coreshed)."""

import datetime as dt
import os
import random
import subprocess
from pathlib import Path

import openpyxl
import pyarrow as pa
import pytest
import xlsxwriter

ROOT = Path(__file__).resolve().parents[2]
CLI = Path(os.environ.get("CORESHED_CLI", ROOT / "build" / "coreshed"))
ROWS = 300
EPOCH = dt.datetime(1970, 1, 1)
# Columns: name, Arrow type, format of the cells, and a function that makes a value.
TEXTS = ["007", " x ", "two\nlines", "NA", "1e5", "æøå", "\U0001f600", "=no formula", "TRUE", "<&>\"'"]
COLUMNS = [
    ("whole", pa.int64(), None, lambda r: r.randint(-(10**15) + 1, 10**15 - 1)),
    ("fraction", pa.float64(), "0%", lambda r: float(f"{r.uniform(-1, 1) * 10 ** r.randint(-9, 9):.15g}")),
    ("text", pa.string(), None, lambda r: r.choice(TEXTS)),
    ("yes", pa.bool_(), None, lambda r: r.random() < 0.5),
    ("day", pa.date32(), "d mmm yyyy", lambda r: dt.date(1904, 1, 2) + dt.timedelta(days=r.randrange(90_000))),
    ("at", pa.timestamp("us"), "yyyy-mm-dd hh:mm:ss.000",
     lambda r: dt.datetime(1904, 1, 2) + dt.timedelta(milliseconds=r.randrange(200 * 365 * 86_400_000))),
    ("clock", pa.time64("us"), "hh:mm:ss",
     lambda r: (EPOCH + dt.timedelta(milliseconds=r.randrange(86_400_000))).time()),
    ("mixed", pa.string(), None, lambda r: r.choice([7, 2.5, "a", "7"])),
]  # fmt: skip


def make_rows(seed):
    r = random.Random(seed)
    return [[None if r.random() < 0.1 else make(r) for *_, make in COLUMNS] for _ in range(ROWS)]


def write_xlsxwriter(path, rows, **options):
    book = xlsxwriter.Workbook(path, {"strings_to_formulas": False, **options})
    sheet = book.add_worksheet("Data")
    formats = [book.add_format({"num_format": code} if code else {}) for _, _, code, _ in COLUMNS]
    sheet.write_row(0, 0, [name for name, *_ in COLUMNS])
    for number, row in enumerate(rows, 1):
        for place, value in enumerate(row):
            if isinstance(value, (dt.date, dt.time)):
                sheet.write_datetime(number, place, value, formats[place])
            elif isinstance(value, str):
                sheet.write_string(number, place, value)
            elif value is not None:
                sheet.write(number, place, value, formats[place])
    book.close()


def write_openpyxl(path, rows, **_):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append([name for name, *_ in COLUMNS])
    for number, row in enumerate(rows, 2):
        for place, value in enumerate(row, 1):
            cell = sheet.cell(number, place)
            cell.value = value
            if isinstance(value, str):
                cell.data_type = "s"
            if COLUMNS[place - 1][2]:
                cell.number_format = COLUMNS[place - 1][2]
    book.save(path)


def expected(column, value):
    if column == "mixed" and value is not None:
        return str(value)
    return value


def read(folder, path):
    store = folder / "store"
    for words in (["init", store], ["--store", store, "create", "R", path, "--by", "a"]):
        subprocess.run([CLI, *words], check=True, capture_output=True, timeout=120)
    done = subprocess.run([CLI, "--store", store, "read", "R", "-f", "arrow"], check=True, capture_output=True)
    return pa.ipc.open_stream(done.stdout).read_all()


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    "write,options",
    [
        (write_xlsxwriter, {}),
        (write_xlsxwriter, {"date_1904": True}),
        (write_xlsxwriter, {"constant_memory": True, "use_zip64": True}),
        (write_openpyxl, {}),
    ],
)
def test_what_was_written_comes_out(tmp_path, write, options, seed):
    rows = make_rows(seed)
    write(tmp_path / "book.xlsx", rows, **options)
    table = read(tmp_path, tmp_path / "book.xlsx")
    assert table.num_rows == ROWS
    for place, (name, kind, _, _) in enumerate(COLUMNS):
        assert table.schema.field(name).type == kind
        assert table.column(name).to_pylist() == [expected(name, row[place]) for row in rows], name
